"""The ini options of the pytest plugin: the functions that read their values, by the names in the plugin's tables.

pytest loads the plugin in every run; the plugin loads this module only if an ini option has a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinesis_fake.misuse import KinesisFakeError

if TYPE_CHECKING:
    from kinesis_fake.settings import Durations, Limits


def text(value: str) -> str:
    return value


def whole_number(value: str) -> int:
    return int(value)


def whole_number_or_all(value: str) -> int | None:
    return None if value.lower() == "all" else int(value)


def yes_or_no(value: str) -> bool:
    return {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}[
        value.lower()
    ]


def yes_no_or_manual(value: str) -> bool | str:
    return "manual" if value.lower() == "manual" else yes_or_no(value)


def pairs(lines: list[str]) -> dict[str, str]:
    pairs = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not (name and equals and value):
            raise ValueError(line)
        if name in pairs:
            raise KinesisFakeError(f"There are two lines for {name}; leave one of them out.")
        pairs[name] = value
    return pairs


def numbers(lines: list[str]) -> dict[str, int]:
    return {name: int(value) for name, value in pairs(lines).items()}


def streams(lines: list[str]) -> dict[str, int | dict[str, Any]]:
    # A stream with no number of shards is on-demand.
    return {name: {} if value == "on-demand" else int(value) for name, value in pairs(lines).items()}


def durations(lines: list[str]) -> Durations:
    from kinesis_fake.settings import Durations

    return Durations.instant() if lines == ["instant"] else Durations(**numbers(lines))


def limits(lines: list[str]) -> Limits:
    from kinesis_fake.settings import Limits

    given: dict[str, Any] = {
        name: yes_or_no(value) if name == "api_calls" else int(value) for name, value in pairs(lines).items()
    }
    return Limits(**given)


def outside_calls(value: str) -> str:
    return {"allow": "allow", "refuse": "refuse"}[value]


def name_ini_option(error: Exception, options: dict[str, Any], of_ini_file: dict[str, Any]) -> None:
    """Add to an error the ini option whose value it refuses, unless a marker of the test gives another value."""
    from kinesis_fake.toolkit.fake import KinesisFake

    for name, value in of_ini_file.items():
        if options[name] is not value:  # a marker gives another
            continue
        try:
            KinesisFake(**{name: value})
        except KinesisFakeError as alone:
            if isinstance(error, KinesisFakeError) and str(alone) == str(error):
                error.__notes__.append(f"The value is that of the ini option kinesis_{name}.")

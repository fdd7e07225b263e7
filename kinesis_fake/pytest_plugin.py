"""The pytest plugin: the fixtures ``kinesis`` and ``kinesis_client``, the marker and the ini options.

pytest imports this module in every run, so it imports nothing of the package until a fixture is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from types_boto3_kinesis.client import KinesisClient

    from kinesis_fake.settings import Durations, Limits
    from kinesis_fake.toolkit.fake import KinesisFake


def _text(value: str) -> str:
    return value


def _whole_number(value: str) -> int:
    return int(value)


def _yes_or_no(value: str) -> bool:
    return {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}[
        value.lower()
    ]


def _pairs(lines: list[str]) -> dict[str, str]:
    pairs = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not (name and equals and value):
            raise ValueError(line)
        pairs[name] = value
    return pairs


def _numbers(lines: list[str]) -> dict[str, int]:
    return {name: int(value) for name, value in _pairs(lines).items()}


def _streams(lines: list[str]) -> dict[str, int | dict[str, Any]]:
    # A stream with no number of shards is on-demand.
    return {name: {} if value == "on-demand" else int(value) for name, value in _pairs(lines).items()}


def _durations(lines: list[str]) -> Durations:
    from kinesis_fake.settings import Durations

    return Durations.instant() if lines == ["instant"] else Durations(**_numbers(lines))


def _limits(lines: list[str]) -> Limits:
    from kinesis_fake.settings import Limits

    given: dict[str, Any] = {
        name: _yes_or_no(value) if name == "api_calls" else int(value) for name, value in _pairs(lines).items()
    }
    return Limits(**given)


#: Each ini option: what reads it, how it is written, and its help.
_INI_OPTIONS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "kinesis_start": (_text, "ISO 8601 text", "Where the virtual clock of every kinesis fixture starts."),
    "kinesis_streams": (
        _streams,
        "lines of 'name = shards' or 'name = on-demand'",
        "Streams that every kinesis fixture has.",
    ),
    "kinesis_durations": (
        _durations,
        "lines of 'creating_ms = 5000', or the word instant",
        "How long transitions take in every kinesis fixture.",
    ),
    "kinesis_limits": (_limits, "lines of 'shards = 500'", "The limits of every kinesis fixture."),
    "kinesis_rate_limits": (_yes_or_no, "yes or no", "Whether AWS's rates are enforced (default: no)."),
    "kinesis_autojump": (
        _yes_or_no,
        "yes or no",
        "Whether polls of a resource in transition move the clock (default: yes).",
    ),
    "kinesis_virtual_sleep": (
        _yes_or_no,
        "yes or no",
        "Whether time.sleep and asyncio.sleep move the virtual clock (default: no).",
    ),
    "kinesis_clock": (_text, "virtual or process", "Which clock every kinesis fixture follows (default: virtual)."),
    "kinesis_account_id": (_text, "twelve digits", "The account of every kinesis fixture (default: 123456789012)."),
    "kinesis_accounts": (_pairs, "lines of 'access key = account or ARN'", "Whom access keys belong to."),
    "kinesis_region": (_text, "a region", "The default region of every kinesis fixture (default: us-east-1)."),
    "kinesis_seed": (_whole_number, "a whole number", "The seed of every kinesis fixture (default: 0)."),
}
#: The readers of options that are written one entry a line.
_LINES = (_pairs, _streams, _durations, _limits)
_DEFAULTS = pytest.StashKey[dict[str, Any]]()

#: The fixture that holds the fake of a test. It is not ``kinesis`` itself, because a project may have one of that name.
_FIXTURE = "_kinesis_fake"
_BEFORE_TEARDOWN = pytest.StashKey["list[KinesisFake]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, (read, form, text) in _INI_OPTIONS.items():
        kind: Literal["linelist", "string"] = "linelist" if read in _LINES else "string"
        parser.addini(name, f"{text} Written as {form}.", type=kind, default=None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "fake_kinesis(**options): run the test inside a Kinesis of its own; the options are those of "
        "kinesis_fake.fake_kinesis.",
    )
    config.stash[_DEFAULTS] = _read_ini_options(config)


def _read_ini_options(config: pytest.Config) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, (read, form, _) in _INI_OPTIONS.items():
        value = config.getini(name)
        if not value:
            continue
        try:
            options[name.removeprefix("kinesis_")] = read(value.strip() if isinstance(value, str) else value)
        except Exception as error:
            from kinesis_fake.misuse import KinesisFakeError

            # A name that is unknown, or a value that cannot be, though the form is right.
            why = f" {error}" if isinstance(error, (TypeError, KinesisFakeError)) else ""
            raise pytest.UsageError(f"The ini option {name} is written as {form}, not {value!r}.{why}") from error
    return options


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that is marked runs inside a fake, whether it names the fixture or not."""
    if (
        isinstance(item, pytest.Function)
        and item.get_closest_marker("fake_kinesis") is not None
        and _FIXTURE not in item.fixturenames
    ):
        # Before the other fixtures of this test, because they may call Kinesis, but after those that outlive it. In a
        # list of its own: the tests of one function share theirs, and perhaps only one of its parameters is marked.
        definitions = item._fixtureinfo.name2fixturedefs
        names = item.fixturenames.copy()
        outliving = [name for name in names if name in definitions and definitions[name][-1].scope != "function"]
        names.insert(max((names.index(name) + 1 for name in outliving), default=0), _FIXTURE)
        item.fixturenames = names


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A fault that the test injected and never met fails the test, unless it has failed for another reason."""
    result = yield
    for fake in _own_fakes_of(item):
        fake._service.faults.require_used()
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """What fails while the test is torn down is reported when its fakes have been left."""
    if (entering := sys.modules.get("kinesis_fake.activation.entering")) is not None:
        item.stash[_BEFORE_TEARDOWN] = entering.active_fakes()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing test shows the state of every fake that it was in, innermost first."""
    report = yield
    if (entering := sys.modules.get("kinesis_fake.activation.entering")) is None:
        return report
    active = entering.active_fakes()
    if call.excinfo is not None:
        # What failed, or was skipped, has its reason; that a fault was never used must not be put in front of it.
        for fake in active:
            fake._service.faults.excuse()
    if report.failed:
        left = [] if call.excinfo is None else entering.fakes_left_by(call.excinfo.value)
        active = list(dict.fromkeys([*item.stash.get(_BEFORE_TEARDOWN, ()), *active]))
        # A TestCase leaves its fake before its failure is reported, but still holds it.
        held = [fake for fake in _held_by(item) if fake not in active] if report.when == "call" else []
        for fake in dict.fromkeys([*left, *held, *reversed(active)]):
            report.sections.append(("kinesis", _summary_of(fake)))
    if call.when == "teardown" and _BEFORE_TEARDOWN in item.stash:
        del item.stash[_BEFORE_TEARDOWN]  # the item stays with pytest to the end of the run
    return report


def _summary_of(fake: KinesisFake) -> str:
    """What a fake looks like; that it cannot be told must not be put in front of what the test failed with."""
    try:
        return fake.summary()
    except Exception as error:
        return f"The state of the fake cannot be told: {error!r}"


def _own_fakes_of(item: pytest.Item) -> list[KinesisFake]:
    """The fakes that are a test's own: of its marker, of its fixture ``kinesis``, and of its decorated class."""
    arguments = getattr(item, "funcargs", {})
    in_class = getattr(getattr(item, "instance", None), "kinesis", None)
    return _fakes_among(arguments.get(_FIXTURE), arguments.get("kinesis"), in_class)


def _held_by(item: pytest.Item) -> list[KinesisFake]:
    """The fakes that are attributes of a test object: of its decorated class, or started in its set-up."""
    return _fakes_among(*getattr(getattr(item, "instance", None), "__dict__", {}).values())


def _fakes_among(*things: Any) -> list[KinesisFake]:
    module = sys.modules.get("kinesis_fake.toolkit.fake")
    return list(dict.fromkeys(thing for thing in things if module is not None and type(thing) is module.KinesisFake))


@pytest.fixture
def _kinesis_fake(request: pytest.FixtureRequest) -> Iterator[KinesisFake]:
    """The fake of a test that is marked, or uses ``kinesis`` or ``kinesis_client``."""
    from kinesis_fake.activation.decorator import fake_kinesis

    options = request.config.stash[_DEFAULTS].copy()
    for marker in reversed(list(request.node.iter_markers("fake_kinesis"))):
        if marker.args:
            raise pytest.UsageError(
                "The fake_kinesis marker takes keyword arguments only, such as start='2026-01-01T00:00Z'."
            )
        options.update(marker.kwargs)
    with fake_kinesis(**options) as fake:
        yield fake


@pytest.fixture
def kinesis(_kinesis_fake: KinesisFake) -> KinesisFake:
    """A Kinesis of this test's own: all Kinesis calls of the process are answered by it while the test runs."""
    return _kinesis_fake


@pytest.fixture
def kinesis_client(request: pytest.FixtureRequest, kinesis: object) -> KinesisClient:
    """A botocore client of the ``kinesis`` fixture."""
    from kinesis_fake.activation.decorator import DECORATED

    for decorated in (request.cls, request.function):
        if hasattr(decorated, DECORATED):
            raise pytest.UsageError(
                f"{getattr(decorated, DECORATED)} is decorated with fake_kinesis and asks for the fixture "
                "kinesis_client, which belongs to a fake of its own: use the marker instead of the decorator, or "
                "kinesis.client()."
            )
    if fakes := _fakes_among(kinesis):
        return fakes[0].client()
    # A project has put something else there, which is none of our business.
    fake: KinesisFake = request.getfixturevalue(_FIXTURE)
    return fake.client()

"""The page *Options* has every option with its type, its default, an example and its line of the ini file."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from kinesis_fake import Durations, KinesisFake, Limits, fake_kinesis

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs/options.md").read_text(encoding="utf-8")
PARAMETERS = inspect.signature(KinesisFake).parameters


class Option(NamedTuple):
    """What the page says of an option."""

    name: str
    kind: str
    default: str
    example: str
    ini_line: str


OPTIONS = {
    name: Option(name, *re.split(r"(?<!\\) \| ", row))
    for name, row in re.findall(
        r"^## (\w+)\n.*?^\|---\|---\|---\|---\|\n\| ([^\n]*) \|$", PAGE, re.MULTILINE | re.DOTALL
    )
}


def test_the_page_has_the_options_in_their_order() -> None:
    assert list(OPTIONS) == list(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_an_option_has_its_type_and_its_default(name: str) -> None:
    kind = str(PARAMETERS[name].annotation).replace("State", "str | os.PathLike[str] | Mapping[str, Any]")
    assert OPTIONS[name].kind == f"`{kind}`".replace('"', "'").replace("|", r"\|")
    (default,) = re.findall(r"^`(.*?)`(?:: .+)?$", OPTIONS[name].default)
    assert default.strip('"') == str(PARAMETERS[name].default)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_example_of_an_option_is_taken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/orders.json").write_text('{"format": "kinesis_fake scenario", "version": 1}')
    (example,) = re.findall(r"^`(.*)`$", OPTIONS[name].example)
    options = eval(f"dict({example})", {"Durations": Durations, "Limits": Limits})
    assert list(options) == [name]
    with fake_kinesis(**options) as kinesis:
        assert isinstance(kinesis, KinesisFake)


def test_the_ini_lines_of_all_options_are_taken(pytester: pytest.Pytester) -> None:
    lines = {name: option.ini_line.strip("`") for name, option in OPTIONS.items()}
    assert all(line.startswith(f"kinesis_{name} = ") for name, line in lines.items())
    pytester.makefile(".json", **{"tests/orders": '{"format": "kinesis_fake scenario", "version": 1}'})
    pytester.makepyfile("def test_a_fake_is_entered(kinesis):\n    assert kinesis.now")
    # Both of the others say when the fake begins.
    for others in ({"clock", "state", "compatible_with"}, {"start", "state"}, {"start", "clock"}):
        pytester.makeini("\n".join(["[pytest]", *(line for name, line in lines.items() if name not in others)]))
        pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)

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


def _whole_number_or_all(value: str) -> int | None:
    return None if value.lower() == "all" else int(value)


def _yes_or_no(value: str) -> bool:
    return {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}[
        value.lower()
    ]


def _yes_no_or_manual(value: str) -> bool | str:
    return "manual" if value.lower() == "manual" else _yes_or_no(value)


def _pairs(lines: list[str]) -> dict[str, str]:
    pairs = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not (name and equals and value):
            raise ValueError(line)
        if name in pairs:
            from kinesis_fake.misuse import KinesisFakeError

            raise KinesisFakeError(f"There are two lines for {name}; leave one of them out.")
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


def _outside_calls(value: str) -> str:
    return {"allow": "allow", "refuse": "refuse"}[value]


#: Each ini option of the fixtures: what reads it, how it is written, and its help.
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
        _yes_no_or_manual,
        "yes, no or manual",
        "Whether sleeps and timeouts take virtual time only (default: no).",
    ),
    "kinesis_clock": (
        _text,
        "virtual, system or shared",
        "The clock of every kinesis fixture (default: virtual).",
    ),
    "kinesis_account_id": (_text, "twelve digits", "The account of every kinesis fixture (default: 123456789012)."),
    "kinesis_accounts": (_pairs, "lines of 'access key = account or ARN'", "Which account each access key belongs to."),
    "kinesis_region": (_text, "a region", "The default region of every kinesis fixture (default: us-east-1)."),
    "kinesis_seed": (_whole_number, "a whole number", "The seed of every kinesis fixture (default: 0)."),
    "kinesis_remember_calls": (
        _whole_number_or_all,
        "a whole number, or the word all",
        "How many of its last calls every kinesis fixture remembers (default: 10000).",
    ),
    "kinesis_compatible_with": (_text, "moto", "The other fake that the tests of the suite were written for."),
    "kinesis_state": (_text, "the path of a file", "The scenario that every kinesis fixture begins with."),
}
#: The ini options that are about the whole suite: what reads each, how it is written, and its help.
_SUITE_OPTIONS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "kinesis_autouse": (_yes_or_no, "yes or no", "Whether every test runs inside a fake (default: no)."),
    "kinesis_outside_calls": (
        _outside_calls,
        "allow or refuse",
        "Whether Kinesis calls outside of any fake go to AWS, as they do without this package (default: allow).",
    ),
}
#: The readers of options whose entries are written one to a line.
_LINES = (_pairs, _streams, _durations, _limits)
_DEFAULTS = pytest.StashKey[dict[str, Any]]()
_AUTOUSE = pytest.StashKey[bool]()

#: The fixture that holds the fake of a test. It is not ``kinesis`` itself, because a project may have one of that name.
_FIXTURE = "_kinesis_fake"
_BEFORE_TEARDOWN = pytest.StashKey["list[KinesisFake]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, (read, form, text) in {**_INI_OPTIONS, **_SUITE_OPTIONS}.items():
        kind: Literal["linelist", "string"] = "linelist" if read in _LINES else "string"
        parser.addini(name, f"{text} Written as {form}.", type=kind, default=None)
    group = parser.getgroup("kinesis", "kinesis_fake")
    group.addoption(
        "--kinesis-diagrams",
        action="store_true",
        dest="kinesis_diagrams",
        help="Show with a failing test a diagram of each stream of its fakes.",
    )
    group.addoption(
        "--kinesis-plots",
        metavar="DIR",
        dest="kinesis_plots",
        help="Draw each stream of a failing test's fakes into a PNG file in this directory (needs matplotlib).",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "fake_kinesis(**options): run the test inside a Kinesis of its own; the options are those of "
        "kinesis_fake.fake_kinesis.",
    )
    config.stash[_DEFAULTS] = _read_ini_options(config, _INI_OPTIONS)
    suite = _read_ini_options(config, _SUITE_OPTIONS)
    config.stash[_AUTOUSE] = suite.get("autouse", False)
    if suite.get("outside_calls") == "refuse":
        _refuse_outside_calls()
    config.pluginmanager.register(_InterruptedRun(), "kinesis_fake_interrupted_run")


def _refuse_outside_calls() -> None:
    from kinesis_fake.botocore_hook import refuse_outside_calls

    refuse_outside_calls(
        "This Kinesis call was made outside of any fake, by a test that has none, or by a thread or an exit handler "
        "that outlives its test; nothing was sent to AWS, because the ini option kinesis_outside_calls says refuse. "
        "Let the test use the fixture kinesis, and let it stop what it has started."
    )


def _read_ini_options(config: pytest.Config, known: dict[str, tuple[Callable[[Any], Any], str, str]]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, (read, form, _) in known.items():
        value = config.getini(name)
        if not value:
            continue
        try:
            options[name.removeprefix("kinesis_")] = read(value.strip() if isinstance(value, str) else value)
        except Exception as error:
            from kinesis_fake.misuse import KinesisFakeError

            # The form is right, but a name is unknown or a value is impossible.
            why = f" {error}" if isinstance(error, (TypeError, KinesisFakeError)) else ""
            raise pytest.UsageError(f"The ini option {name} is written as {form}, not {value!r}.{why}") from error
    return options


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Run a marked test inside a fake, even if it names no fixture; with kinesis_autouse, run every test so."""
    if not isinstance(item, pytest.Function):
        return
    is_marked = item.get_closest_marker("fake_kinesis") is not None
    if is_marked and getattr(item.function, "is_hypothesis_test", False):
        raise pytest.UsageError(
            f"All examples of {item.originalname} would share the fake of the marker fake_kinesis. Write "
            "`with fake_kinesis() as kinesis:` inside the test, or @given above @fake_kinesis, so that each example "
            "has its own."
        )
    if (is_marked or item.config.stash[_AUTOUSE]) and _FIXTURE not in item.fixturenames:
        # The fake comes before the other fixtures of this test, because they may call Kinesis, but after fixtures that
        # outlive the test. The list is a copy: all parameters of a function share one, and not all may be marked.
        definitions = item._fixtureinfo.name2fixturedefs
        names = item.fixturenames.copy()
        outliving = [name for name in names if name in definitions and definitions[name][-1].scope != "function"]
        names.insert(max((names.index(name) + 1 for name in outliving), default=0), _FIXTURE)
        item.fixturenames = names


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test fail for a fault that struck no call, and for an error of the fake that its code has swallowed."""
    __tracebackhide__ = True
    result = yield
    if fakes := _own_fakes_of(item):
        from kinesis_fake.activation.complaints import complain

        for fake in fakes:
            complain(fake)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Remember the fakes of a test: a failure of its teardown is reported after they have been left."""
    if (entering := sys.modules.get("kinesis_fake.activation.entering")) is not None:
        item.stash[_BEFORE_TEARDOWN] = entering.active_fakes()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failing test the state of every fake that it was in, innermost first."""
    report = yield
    if (entering := sys.modules.get("kinesis_fake.activation.entering")) is None:
        return report
    active = entering.active_fakes()
    if call.excinfo is not None:
        # A test that failed or was skipped has a reason, and no complaint may hide it.
        for fake in active:
            entering.excuse(fake)
    if report.failed:
        from kinesis_fake.activation.left_fakes import fakes_left_by
        from kinesis_fake.activation.report_sections import sections_of

        error = None if call.excinfo is None else call.excinfo.value
        left = [] if error is None else fakes_left_by(error)
        active = list(dict.fromkeys([*item.stash.get(_BEFORE_TEARDOWN, ()), *active]))
        # A TestCase leaves its fake before its failure is reported, but still holds it.
        held = [fake for fake in _held_by(item) if fake not in active] if report.when == "call" else []
        unasked = None if _asks_for_its_fake(item) else getattr(item, "funcargs", {}).get(_FIXTURE)
        fakes = list(dict.fromkeys([*left, *held, *reversed(active)]))
        report.sections.extend(sections_of(fakes, unasked, error, item, report.when))
    if call.when == "teardown" and _BEFORE_TEARDOWN in item.stash:
        del item.stash[_BEFORE_TEARDOWN]  # pytest keeps the item to the end of the run
    return report


#: The plugin's fixtures that a test may ask for.
_PUBLIC_FIXTURES = frozenset({"kinesis", "kinesis_fake", "kinesis_client", "aio_kinesis_client"})


def _asks_for_its_fake(item: pytest.Item) -> bool:
    """Whether a test asks for the fixtures' fake by itself, not only through the project's ini option."""
    arguments = getattr(getattr(item, "_fixtureinfo", None), "argnames", ())
    return item.get_closest_marker("fake_kinesis") is not None or not _PUBLIC_FIXTURES.isdisjoint(arguments)


class _InterruptedRun:
    """Shows the state of a test's fakes also when Ctrl-C or pytest.exit() interrupts it."""

    def __init__(self) -> None:
        self._summaries: list[str] = []

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if (entering := sys.modules.get("kinesis_fake.activation.entering")) is not None:
            from kinesis_fake.activation.left_fakes import fakes_left_by
            from kinesis_fake.activation.report_sections import has_something_to_tell, summary_of

            fakes = dict.fromkeys([*fakes_left_by(excinfo.value), *reversed(entering.active_fakes())])
            self._summaries = [summary_of(fake) for fake in fakes if has_something_to_tell(fake)]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for summary in self._summaries:
            terminalreporter.section("kinesis")
            terminalreporter.line(summary)


def _own_fakes_of(item: pytest.Item) -> list[KinesisFake]:
    """A test's own fakes: that of its marker or its fixture ``kinesis``, and that of its decorated class."""
    arguments = getattr(item, "funcargs", {})
    in_class = getattr(getattr(item, "instance", None), "kinesis", None)
    return _fakes_among(arguments.get(_FIXTURE), arguments.get("kinesis"), in_class)


def _held_by(item: pytest.Item) -> list[KinesisFake]:
    """The fakes in attributes of a test object, which its decorated class or its set-up has entered."""
    return _fakes_among(*getattr(getattr(item, "instance", None), "__dict__", {}).values())


def _fakes_among(*things: Any) -> list[KinesisFake]:
    module = sys.modules.get("kinesis_fake.toolkit.fake")
    return list(dict.fromkeys(thing for thing in things if module is not None and type(thing) is module.KinesisFake))


@pytest.fixture
def _kinesis_fake(request: pytest.FixtureRequest) -> Iterator[KinesisFake]:
    """The fake of a test that is marked, or that uses one of the public fixtures."""
    from contextlib import ExitStack

    from kinesis_fake.activation.decorator import fake_kinesis

    of_ini_file = request.config.stash[_DEFAULTS]
    options = of_ini_file.copy()
    for marker in reversed(list(request.node.iter_markers("fake_kinesis"))):
        if marker.args:
            raise pytest.UsageError(
                "The fake_kinesis marker takes keyword arguments only, such as start='2026-01-01T00:00Z'."
            )
        options.update(marker.kwargs)
    with ExitStack() as stack:
        try:
            fake = stack.enter_context(fake_kinesis(**options))
        except Exception as error:
            held = {name: value for name, value in of_ini_file.items() if options[name] is value}
            _name_ini_option(error, held)
            raise
        yield fake


def _name_ini_option(error: Exception, of_ini_file: dict[str, Any]) -> None:
    """Say which option of the ini file a fake was refused for, if it is one of those that hold for the test."""
    from kinesis_fake.misuse import KinesisFakeError
    from kinesis_fake.toolkit.fake import KinesisFake

    for name, value in of_ini_file.items():
        try:
            KinesisFake(**{name: value})
        except KinesisFakeError as alone:
            if isinstance(error, KinesisFakeError) and str(alone) == str(error):
                error.__notes__.append(f"The value is that of the ini option kinesis_{name}.")


@pytest.fixture
def kinesis(_kinesis_fake: KinesisFake) -> KinesisFake:
    """A fake for this test alone: it answers all Kinesis calls of the process while the test runs."""
    return _kinesis_fake


@pytest.fixture
def kinesis_fake(_kinesis_fake: KinesisFake) -> KinesisFake:
    """The same as ``kinesis``, for projects that have a fixture ``kinesis`` of their own."""
    return _kinesis_fake


@pytest.fixture(scope="session")
def kinesis_fake_options(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The options of the project's ini file, for fixtures of your own: ``fake_kinesis(**kinesis_fake_options)``."""
    return pytestconfig.stash[_DEFAULTS].copy()


@pytest.fixture
def kinesis_client(request: pytest.FixtureRequest, kinesis: object) -> KinesisClient:
    """A botocore client of the ``kinesis`` fixture."""
    return _fake_for_client(request, kinesis, "kinesis_client", "kinesis.client()").client()


@pytest.fixture
def aio_kinesis_client(request: pytest.FixtureRequest, kinesis: object) -> Any:
    """An aiobotocore client of the ``kinesis`` fixture; it needs no ``async with``."""
    return _fake_for_client(request, kinesis, "aio_kinesis_client", "kinesis.aio_client()").aio_client()


def _fake_for_client(request: pytest.FixtureRequest, kinesis: object, fixture: str, instead: str) -> KinesisFake:
    from kinesis_fake.activation.decorator import DECORATED

    for decorated in (request.cls, request.function):
        if hasattr(decorated, DECORATED):
            raise pytest.UsageError(
                f"{getattr(decorated, DECORATED)} is decorated with fake_kinesis and asks for the fixture {fixture}, "
                f"which belongs to a fake of its own: use the marker instead of the decorator, or {instead}."
            )
    if fakes := _fakes_among(kinesis):
        return fakes[0]
    # The project has a fixture ``kinesis`` of its own, which gives another object.
    fake: KinesisFake = request.getfixturevalue(_FIXTURE)
    return fake

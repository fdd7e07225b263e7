"""The pytest plugin: the fixtures ``kinesis`` and ``kinesis_client``, the marker and the ini options.

pytest imports this module in every run, so it imports nothing of the package until a fixture is used.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from types_boto3_kinesis.client import KinesisClient

    from kinesis_fake.activation.decorator import FakeKinesis
    from kinesis_fake.toolkit.fake import KinesisFake


#: Each ini option of the fixtures: what of kinesis_fake.activation.ini_options reads it, how it is written, its help.
_INI_OPTIONS: dict[str, tuple[str, str, str]] = {
    "kinesis_start": ("text", "ISO 8601 text", "Where the virtual clock of every kinesis fixture starts."),
    "kinesis_streams": (
        "streams",
        "lines of 'name = shards' or 'name = on-demand'",
        "Streams that every kinesis fixture has.",
    ),
    "kinesis_durations": (
        "durations",
        "lines of 'creating_ms = 5000', or the word instant",
        "How long transitions take in every kinesis fixture.",
    ),
    "kinesis_limits": ("limits", "lines of 'shards = 500'", "The limits of every kinesis fixture."),
    "kinesis_rate_limits": ("yes_or_no", "yes or no", "Whether AWS's rates are enforced (default: no)."),
    "kinesis_autojump": (
        "yes_or_no",
        "yes or no",
        "Whether polls of a resource in transition move the clock (default: yes).",
    ),
    "kinesis_virtual_sleep": (
        "yes_no_or_manual",
        "yes, no or manual",
        "Whether sleeps and timeouts take virtual time only (default: no).",
    ),
    "kinesis_clock": (
        "text",
        "virtual, system or shared",
        "The clock of every kinesis fixture (default: virtual).",
    ),
    "kinesis_account_id": ("text", "twelve digits", "The account of every kinesis fixture (default: 123456789012)."),
    "kinesis_accounts": (
        "pairs",
        "lines of 'access key = account or ARN'",
        "Which account each access key belongs to.",
    ),
    "kinesis_region": ("text", "a region", "The default region of every kinesis fixture (default: us-east-1)."),
    "kinesis_seed": ("whole_number", "a whole number", "The seed of every kinesis fixture (default: 0)."),
    "kinesis_remember_calls": (
        "whole_number_or_all",
        "a whole number, or the word all",
        "How many of its last calls every kinesis fixture remembers (default: 10000).",
    ),
    "kinesis_compatible_with": ("text", "moto", "The other fake that the tests of the suite were written for."),
    "kinesis_state": ("text", "the path of a file", "The scenario that every kinesis fixture begins with."),
}
#: The ini options that are about the whole suite: what reads each, how it is written, and its help.
_SUITE_OPTIONS: dict[str, tuple[str, str, str]] = {
    "kinesis_autouse": ("yes_or_no", "yes or no", "Whether every test runs inside a fake (default: no)."),
    "kinesis_outside_calls": (
        "outside_calls",
        "allow or refuse",
        "Whether Kinesis calls outside of any fake go to AWS, as they do without this package (default: allow).",
    ),
}
#: The readers of options whose entries are written one to a line.
_LINES = ("pairs", "streams", "durations", "limits")
_DEFAULTS = pytest.StashKey[dict[str, Any]]()
_AUTOUSE = pytest.StashKey[bool]()

#: The fixture that gives a test its fake in any project: a project may have a fixture ``kinesis`` of its own.
_FIXTURE = "_kinesis_fake"
#: The fixtures that enter the fake of a test.
_ENTER_THE_FAKE = frozenset({_FIXTURE, "kinesis", "kinesis_fake"})
#: The fake of a test, from its entering to its leaving.
_FAKE = pytest.StashKey["KinesisFake"]()
#: The fakes that a test is in before its teardown, and the fake that it was given.
_BEFORE_TEARDOWN = pytest.StashKey["tuple[list[KinesisFake], KinesisFake | None]"]()
#: What a test has started while it ran, if it has not stopped it; and whether the test has failed.
_STARTED_BY_TEST = pytest.StashKey["tuple[frozenset[FakeKinesis], bool]"]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    # Here already: plugins that are registered later may have fixtures of the same names, which take the place of ours.
    pluginmanager.register(_Fixtures(), "kinesis_fake_fixtures")
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


def _read_ini_options(config: pytest.Config, known: dict[str, tuple[str, str, str]]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, (reader, form, _) in known.items():
        value = config.getini(name)
        if not value:
            continue
        from kinesis_fake.activation import ini_options
        from kinesis_fake.misuse import KinesisFakeError

        try:
            read = getattr(ini_options, reader)
            options[name.removeprefix("kinesis_")] = read(value.strip() if isinstance(value, str) else value)
        except Exception as error:
            # The form is right, but a name is unknown or a value is impossible.
            why = f" {error}" if isinstance(error, (TypeError, KinesisFakeError)) else ""
            raise pytest.UsageError(f"The ini option {name} is written as {form}, not {value!r}.{why}") from error
    return options


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test fail for a fault that struck no call, and for an error of the fake that its code has swallowed."""
    __tracebackhide__ = True
    before, has_failed = _started(), True
    try:
        result = yield
        if fakes := _own_fakes_of(item):
            from kinesis_fake.activation.complaints import complain

            for fake in fakes:
                complain(fake)
        has_failed = False
    finally:
        by_test = _started() - before
        if by_test and not _has_asked_for_a_wider_fixture(item):  # which may have started them for later tests, too
            item.stash[_STARTED_BY_TEST] = by_test, has_failed
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Remember the fakes of a test, because a failure of its teardown is reported after they have been left.

    What the test has started and not stopped is left now: it would answer the calls of the tests after this one.
    """
    __tracebackhide__ = True
    if (entering := sys.modules.get("kinesis_fake.activation.entering")) is not None:
        item.stash[_BEFORE_TEARDOWN] = entering.active_fakes(), _given_to(item)
    has_failed = True
    try:
        result = yield
        has_failed = False
    finally:
        if _STARTED_BY_TEST in item.stash:
            from kinesis_fake.activation import started_fakes

            by_test, test_has_failed = item.stash[_STARTED_BY_TEST]
            del item.stash[_STARTED_BY_TEST]
            started_fakes.leave(by_test, quietly=has_failed or test_has_failed)
    return result


def _has_asked_for_a_wider_fixture(item: pytest.Item) -> bool:
    """Whether a test has asked, while it ran, for a fixture that outlives it, by ``request.getfixturevalue()``."""
    used = getattr(getattr(item, "_request", None), "_fixture_defs", {})
    return any(used[name].scope != "function" for name in used.keys() - set(getattr(item, "fixturenames", ())))


def _started() -> frozenset[FakeKinesis]:
    """What has been started and not stopped."""
    decorator = sys.modules.get("kinesis_fake.activation.decorator")
    return frozenset() if decorator is None else frozenset(decorator.STARTED)


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
        from kinesis_fake.activation.report_sections import sections_of

        earlier, given = item.stash.get(_BEFORE_TEARDOWN, ((), _given_to(item)))
        report.sections.extend(sections_of(item, report.when, call.excinfo, [*earlier, *active], given))
    if call.when == "teardown" and _BEFORE_TEARDOWN in item.stash:
        del item.stash[_BEFORE_TEARDOWN]  # pytest keeps the item to the end of the run
    return report


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


def _given_to(item: pytest.Item) -> KinesisFake | None:
    """The fake that is given to a test by kinesis_autouse, its marker or its fixtures; the test may not know of it."""
    is_given = not _ENTER_THE_FAKE.isdisjoint(getattr(item, "fixturenames", ()))
    return item.stash.get(_FAKE, None) if is_given else None


def _own_fakes_of(item: pytest.Item) -> list[KinesisFake]:
    """A test's own fakes: that of its marker or its fixture ``kinesis``, and that of its decorated class."""
    arguments = getattr(item, "funcargs", {})
    in_class = getattr(getattr(item, "instance", None), "kinesis", None)
    return _fakes_among(item.stash.get(_FAKE, None), arguments.get("kinesis"), in_class)


def _fakes_among(*things: Any) -> list[KinesisFake]:
    module = sys.modules.get("kinesis_fake.toolkit.fake")
    return list(dict.fromkeys(thing for thing in things if module is not None and type(thing) is module.KinesisFake))


class _Fixtures:
    """The fixtures, and the test that each thread runs.

    They do not ask pytest for ``request``. pytest makes that anew, twice for each fixture that asks, and looks at
    signatures on the way: with the two fixtures of most tests, a fifth of their set-up.
    """

    def __init__(self) -> None:
        self._here = threading.local()
        #: For a thread that runs no test itself, and asks for a fixture in the name of the last one.
        self._last_item: Any = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Run a marked test inside a fake, even if it names no fixture; with kinesis_autouse, run every test so."""
        self._here.item = self._last_item = item
        if not isinstance(item, pytest.Function):
            return
        is_marked = item.get_closest_marker("fake_kinesis") is not None
        if is_marked and getattr(item.function, "is_hypothesis_test", False):
            raise pytest.UsageError(
                f"All examples of {item.originalname} would share the fake of the marker fake_kinesis. Write "
                "`with fake_kinesis() as kinesis:` inside the test, or @given above @fake_kinesis, so that each "
                "example has its own."
            )
        if is_marked or item.config.stash[_AUTOUSE]:
            _let_enter_a_fake(item)

    def _item_here(self) -> Any:
        return getattr(self._here, "item", self._last_item)

    def _fake_of_test(self) -> Iterator[KinesisFake]:
        """The fake of a test: the first of its fixtures that needs the fake enters it, and leaves it after the others.

        That is the body of several fixtures: each fixture that another one asks for costs a test a twentieth of a
        millisecond.
        """
        item = self._item_here()
        if _FAKE in item.stash:
            yield item.stash[_FAKE]
            return
        from kinesis_fake.activation.decorator import fake_kinesis

        options = _options_of(item)
        fake = None
        try:
            with fake_kinesis(**options) as fake:
                item.stash[_FAKE] = fake
                try:
                    yield fake
                finally:
                    del item.stash[_FAKE]
        except Exception as error:
            if fake is None:
                from kinesis_fake.activation.ini_options import name_ini_option

                name_ini_option(error, options, item.config.stash[_DEFAULTS])
            raise

    @pytest.fixture
    def _kinesis_fake(self) -> Iterator[KinesisFake]:
        """The fake of a test that is marked, or for whose clients ``kinesis`` gives another object."""
        yield from self._fake_of_test()

    @pytest.fixture
    def kinesis(self) -> Iterator[KinesisFake]:
        """A fake for this test alone: it answers all Kinesis calls of the process while the test runs."""
        yield from self._fake_of_test()

    @pytest.fixture
    def kinesis_fake(self) -> Iterator[KinesisFake]:
        """The same as ``kinesis``, for projects that have a fixture ``kinesis`` of their own."""
        yield from self._fake_of_test()

    @pytest.fixture
    def kinesis_client(self, kinesis: object) -> KinesisClient:
        """A botocore client of the ``kinesis`` fixture."""
        return self._fake_for_client(kinesis, "kinesis_client", "kinesis.client()").client()

    @pytest.fixture
    def aio_kinesis_client(self, kinesis: object) -> Any:
        """An aiobotocore client of the ``kinesis`` fixture; it needs no ``async with``."""
        return self._fake_for_client(kinesis, "aio_kinesis_client", "kinesis.aio_client()").aio_client()

    def _fake_for_client(self, kinesis: object, fixture: str, instead: str) -> KinesisFake:
        from kinesis_fake.activation.decorator import DECORATED

        item = self._item_here()
        for decorated in (type(getattr(item, "instance", None)), getattr(item, "function", None)):
            if hasattr(decorated, DECORATED):
                raise pytest.UsageError(
                    f"{getattr(decorated, DECORATED)} is decorated with fake_kinesis and asks for the fixture "
                    f"{fixture}, which belongs to a fake of its own: use the marker instead of the decorator, or "
                    f"{instead}."
                )
        from kinesis_fake.toolkit.fake import KinesisFake

        if type(kinesis) is KinesisFake:
            return kinesis
        # The project has a fixture ``kinesis`` of its own, which gives another object.
        fake: KinesisFake = item._request.getfixturevalue(_FIXTURE)
        return fake


@pytest.fixture(scope="session")
def kinesis_fake_options(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The options of the project's ini file, for fixtures of your own: ``fake_kinesis(**kinesis_fake_options)``."""
    return pytestconfig.stash[_DEFAULTS].copy()


def _let_enter_a_fake(item: pytest.Function) -> None:
    """Let a test use the fixture of the fake, unless it uses one already that enters the fake.

    The fake comes before the other fixtures of this test, because they may call Kinesis, but after fixtures that
    outlive the test.
    """
    definitions = item._fixtureinfo.name2fixturedefs
    for name in _ENTER_THE_FAKE & definitions.keys():
        if isinstance(getattr(definitions[name][-1].func, "__self__", None), _Fixtures):
            return
    names = item.fixturenames.copy()  # all parameters of a function share one list, and not all may be marked
    outliving = [name for name in names if name in definitions and definitions[name][-1].scope != "function"]
    names.insert(max((names.index(name) + 1 for name in outliving), default=0), _FIXTURE)
    item.fixturenames = names


def _options_of(item: pytest.Item) -> dict[str, Any]:
    """The options of a test's fake: those of the ini file, and of the markers of its module, its class and itself."""
    options = item.config.stash[_DEFAULTS].copy()
    for marker in reversed(list(item.iter_markers("fake_kinesis"))):
        if marker.args:
            raise pytest.UsageError(
                "The fake_kinesis marker takes keyword arguments only, such as start='2026-01-01T00:00Z'."
            )
        options.update(marker.kwargs)
    return options

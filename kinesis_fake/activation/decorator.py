"""The ways into a fake: ``fake_kinesis`` as a decorator, as a context manager, and by ``start()`` and ``stop()``.

Decorating must cost next to nothing: what a fake needs is loaded when the first fake is entered.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import BuiltinFunctionType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, overload

from kinesis_fake.activation.classes import is_test_case, surround_test_case, surround_test_class
from kinesis_fake.activation.functions import surround
from kinesis_fake.misuse import KinesisFakeError, Unassignable, shown

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from datetime import datetime

    from typing_extensions import Protocol, TypedDict, Unpack

    from kinesis_fake.activation.entering import Entered
    from kinesis_fake.settings import Durations, Limits
    from kinesis_fake.toolkit.fake import KinesisFake

    R_co = TypeVar("R_co", covariant=True)

    class Options(TypedDict, total=False):
        """The parameters of :class:`KinesisFake`, for type checkers."""

        start: datetime | str | None
        streams: Mapping[str, int | Literal["on-demand"] | Mapping[str, Any]] | None
        durations: Durations | Literal["instant"] | None
        limits: Limits | None
        rate_limits: bool
        autojump: bool | None
        virtual_sleep: bool | Literal["manual"] | None
        clock: Literal["virtual", "system", "shared"] | None
        account_id: str
        accounts: Mapping[str, str] | None
        region: str
        seed: int
        remember_calls: int | None
        state: str | os.PathLike[str] | Mapping[str, Any] | None
        compatible_with: Literal["moto"] | None

    class TakesTheFake(Protocol[R_co]):
        """A function whose one argument is the fake. The decorator passes it, so the caller passes none."""

        def __call__(self, kinesis: KinesisFake) -> R_co: ...


F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)
R = TypeVar("R")

#: The attribute of a decorated function or class that holds its own name.
DECORATED = "_kinesis_fake_decorated"

#: What has been started and not been stopped. A script or a notebook may drop the object that it called start() on.
STARTED: set[FakeKinesis] = set()


#: Stands for nothing to decorate, where None would be a mistake of the test.
_NOTHING: Final = object()
#: Of a class that Python code has made, and whose attributes can be set (CPython, Py_TPFLAGS_HEAPTYPE).
_HEAP_TYPE = 1 << 9


def _require_room_for_tests(decorated: type) -> None:
    """Refuse classes that no test runner collects: those of Python itself, and enumerations."""
    enum = sys.modules.get("enum")
    if not decorated.__flags__ & _HEAP_TYPE or (enum is not None and issubclass(decorated, enum.Enum)):
        raise KinesisFakeError(f"fake_kinesis decorates functions and classes of tests, not {shown(decorated)}.")


class FakeKinesis(Unassignable):
    """Options for fakes, and the ways to enter one; every entering makes a new fake."""

    _options: dict[str, Any]
    _entered: list[Entered]
    _started: Entered | None

    def __init__(self, options: dict[str, Any]) -> None:
        # All at once: an Unassignable checks each assignment.
        self.__dict__.update(_options=options, _entered=[], _started=None)

    def _instead_of_assigning(self, name: str) -> str:
        return "options are given when it is made, as in fake_kinesis(streams={'orders': 1})"

    # --- context managers -------------------------------------------------------------------------------------

    def __enter__(self) -> KinesisFake:
        from kinesis_fake.activation.entering import Entered

        entered = Entered(self._options)
        self._entered.append(entered)
        return entered.fake

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True  # for pytest
        if not self._entered:
            raise KinesisFakeError("This fake was not entered; leave it as often as you enter it.", see="left")
        entered = self._entered[-1]
        if len(self._entered) > 1:  # it may have been entered in several threads or tasks; each leaves what it entered
            entered = next((each for each in self._entered if each.is_innermost_here()), entered)
        self._entered.remove(entered)
        entered.leave(error)

    async def __aenter__(self) -> KinesisFake:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True  # for pytest
        self.__exit__(kind, error, traceback)

    # --- start and stop ---------------------------------------------------------------------------------------

    def start(self) -> KinesisFake:
        """Enter a fake, until :meth:`stop` or the end of the process: for set-up methods, scripts and notebooks."""
        if self._started is not None:
            raise KinesisFakeError(
                "This fake has been started already; stop() it before you start() it again.", see="left"
            )
        from kinesis_fake.activation.entering import Entered

        try:
            self._started = entered = Entered(self._options)
            STARTED.add(self)
            return entered.fake
        except BaseException:  # such as an interrupt at the last of these lines
            STARTED.discard(self)
            self._started = None
            raise

    def stop(self) -> None:
        """Leave what :meth:`start` has entered, as at the end of a block that did not fail."""
        __tracebackhide__ = True  # for pytest
        if self._started is None:
            raise KinesisFakeError("This fake was not started; stop() it once for each start().", see="left")
        try:
            self._started.leave(None)
        finally:
            self._started = None
            STARTED.discard(self)

    def _abandon(self, reason: BaseException) -> None:
        """Leave what :meth:`start` has entered, for a reason that goes before all that is to be said at its end."""
        started, self._started = self._started, None
        STARTED.discard(self)
        if started is not None:
            started.leave(reason)

    # --- decorator --------------------------------------------------------------------------------------------

    @overload
    def __call__(self, decorated: C) -> C: ...

    @overload
    def __call__(self, decorated: TakesTheFake[R]) -> Callable[[], R]: ...

    @overload
    def __call__(self, decorated: F) -> F: ...

    def __call__(self, decorated: Any = _NOTHING) -> Any:
        """Run every call of a function, or every test of a class, inside a fake of its own."""
        if decorated is _NOTHING:
            raise KinesisFakeError(
                "fake_kinesis(...) is entered, as in `with fake_kinesis() as kinesis:`, or decorates; it is not called."
            )
        if isinstance(decorated, type):
            _require_room_for_tests(decorated)
            if is_test_case(decorated):
                surround_test_case(decorated, self._new)
            else:
                surround_test_class(decorated, self._new, self)
            setattr(decorated, DECORATED, decorated.__name__)
            return decorated
        if isinstance(decorated, (staticmethod, classmethod)):
            return type(decorated)(self._decorate_function(decorated.__func__))
        if hasattr(decorated, "_fixture_function_marker") or hasattr(decorated, "_pytestfixturefunction"):
            raise KinesisFakeError("A fixture is decorated from the inside: write @pytest.fixture above @fake_kinesis.")
        if not callable(decorated) or isinstance(decorated, BuiltinFunctionType):
            raise KinesisFakeError(
                f"fake_kinesis decorates functions and classes, not {shown(decorated)}; options are keywords, as in "
                "fake_kinesis(streams={'orders': 1})."
            )
        return self._decorate_function(decorated)

    def _decorate_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        wrapper = surround(function, lambda args: self._new())
        setattr(wrapper, DECORATED, getattr(function, "__name__", repr(function)))
        return wrapper

    def _new(self) -> FakeKinesis:
        """The same options again, for a fake that one call or one test enters."""
        return FakeKinesis(self._options)


@overload
def fake_kinesis(decorated: C, /) -> C: ...


@overload
def fake_kinesis(decorated: TakesTheFake[R], /) -> Callable[[], R]: ...


@overload
def fake_kinesis(decorated: F, /) -> F: ...


@overload
def fake_kinesis(**options: Unpack[Options]) -> FakeKinesis: ...


def fake_kinesis(decorated: Any = _NOTHING, /, **options: Any) -> Any:
    """Answer the Kinesis calls of this process from memory, in virtual time.

    Use it as a decorator, with or without options (functions, methods, async functions, generator fixtures, test
    classes), or as a context manager, ``with`` or ``async with``, that gives a :class:`KinesisFake`; ``start()`` and
    ``stop()`` do the same in set-up methods. A decorated function that has a parameter ``kinesis`` is given the fake.
    The options are those of :class:`KinesisFake`.
    """
    _check_options(options)
    ways = FakeKinesis(options)
    return ways if decorated is _NOTHING else ways(decorated)


def _check_options(options: dict[str, Any]) -> None:
    if not options:
        return
    from kinesis_fake.activation.entering import known_options

    known = known_options()
    for name in options:
        if name not in known:
            raise KinesisFakeError(f"fake_kinesis has no option {name!r}; its options are: {', '.join(known)}.")

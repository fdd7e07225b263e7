"""The ways into a fake: ``fake_kinesis`` as decorator, context managers, and what is started and stopped.

Decorating must cost next to nothing: everything that is behind a fake is loaded when the first one is entered.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from kinesis_fake.misuse import KinesisFakeError

if TYPE_CHECKING:
    import unittest
    from collections.abc import Mapping
    from datetime import datetime

    from typing_extensions import TypedDict, Unpack

    from kinesis_fake.activation.entering import Stay
    from kinesis_fake.settings import Durations, Limits
    from kinesis_fake.toolkit.fake import KinesisFake

    class Options(TypedDict, total=False):
        """The parameters of :class:`KinesisFake`, for type checkers."""

        start: datetime | str | None
        streams: Mapping[str, int | Mapping[str, Any]] | None
        durations: Durations | None
        limits: Limits | None
        rate_limits: bool
        autojump: bool
        virtual_sleep: bool
        clock: Literal["virtual", "system"]
        account_id: str
        accounts: Mapping[str, str] | None
        region: str
        seed: int


F = TypeVar("F", bound=Callable[..., Any])

#: A decorated function that has a parameter of this name is given the fake.
_ARGUMENT = "kinesis"

#: What is decorated has an attribute of this name: its own name.
DECORATED = "_kinesis_fake_decorated"


class FakeKinesis:
    """Options for fakes, and the ways to enter one; every entering makes a new fake."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._stays: list[Stay] = []
        self._started: Stay | None = None

    # --- context managers -------------------------------------------------------------------------------------

    def __enter__(self) -> KinesisFake:
        from kinesis_fake.activation.entering import Stay

        stay = Stay(self._options)
        self._stays.append(stay)
        return stay.fake

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._stays:
            raise KinesisFakeError("This fake was not entered; leave it as often as you enter it.")
        # One object may have been entered in several threads or tasks; each leaves what it entered.
        stay = next((stay for stay in self._stays if stay.is_entered_here()), self._stays[-1])
        self._stays.remove(stay)
        stay.leave(error)

    async def __aenter__(self) -> KinesisFake:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    # --- start and stop ---------------------------------------------------------------------------------------

    def start(self) -> KinesisFake:
        """Enter a fake, until :meth:`stop`: for set-up methods."""
        if self._started is not None:
            raise KinesisFakeError("This fake has been started already; stop() it before you start() it again.")
        from kinesis_fake.activation.entering import Stay

        self._started = Stay(self._options)
        return self._started.fake

    def stop(self) -> None:
        """Leave what :meth:`start` has entered, as at the end of a block that did not fail."""
        if self._started is None:
            raise KinesisFakeError("This fake was not started; stop() it once for each start().")
        stay, self._started = self._started, None
        stay.leave(None)

    # --- decorator --------------------------------------------------------------------------------------------

    def __call__(self, decorated: F) -> F:
        """Run every call of a function, or every test of a class, inside a fake of its own."""
        if isinstance(decorated, type):
            if _is_test_case(decorated):
                _surround_test_case(decorated, self._options)
            else:
                _surround_test_class(decorated, self._options)
            setattr(decorated, DECORATED, decorated.__name__)
            return cast(F, decorated)
        if isinstance(decorated, (staticmethod, classmethod)):
            return cast(F, type(decorated)(self._decorate_function(decorated.__func__)))
        if hasattr(decorated, "_fixture_function_marker") or hasattr(decorated, "_pytestfixturefunction"):
            raise KinesisFakeError("A fixture is decorated from the inside: write @pytest.fixture above @fake_kinesis.")
        if not callable(decorated):
            raise KinesisFakeError(
                f"fake_kinesis decorates functions and classes, not {decorated!r}; options are keywords, as in "
                "fake_kinesis(streams={'orders': 1})."
            )
        return cast(F, self._decorate_function(decorated))

    def _decorate_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        wrapper = _surround(function, lambda args: FakeKinesis(self._options))
        setattr(wrapper, DECORATED, getattr(function, "__name__", repr(function)))
        return wrapper


# --- functions ----------------------------------------------------------------------------------------------------


def _surround(
    function: Callable[..., Any], inside: Callable[[tuple[Any, ...]], AbstractContextManager[KinesisFake]]
) -> Callable[..., Any]:
    """Run every call of a function inside what ``inside`` makes of its positional arguments."""
    signature = inspect.signature(function)
    names = list(signature.parameters)
    place = names.index(_ARGUMENT) if _ARGUMENT in names else None
    may_stand_there = place is not None and signature.parameters[_ARGUMENT].kind is not inspect.Parameter.KEYWORD_ONLY

    def call(fake: KinesisFake, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if place is None:
            return function(*args, **kwargs)
        if may_stand_there and len(args) >= place:
            return function(*args[:place], fake, *args[place:], **kwargs)
        return function(*args, **{**kwargs, _ARGUMENT: fake})

    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def in_async_generator(*args: Any, **kwargs: Any) -> Any:
            with inside(args) as fake:
                generator = call(fake, args, kwargs)
                try:
                    value = await generator.__anext__()
                    while True:
                        try:
                            sent = yield value
                        except GeneratorExit:
                            raise
                        except BaseException as error:
                            value = await generator.athrow(error)
                        else:
                            value = await generator.asend(sent)
                except StopAsyncIteration:
                    return
                finally:
                    await generator.aclose()

        wrapper: Callable[..., Any] = in_async_generator
    elif inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def in_generator(*args: Any, **kwargs: Any) -> Any:
            with inside(args) as fake:
                return (yield from call(fake, args, kwargs))

        wrapper = in_generator
    elif inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__):

        @functools.wraps(function)
        async def in_coroutine(*args: Any, **kwargs: Any) -> Any:
            with inside(args) as fake:
                return await call(fake, args, kwargs)

        wrapper = in_coroutine
    else:

        @functools.wraps(function)
        def in_function(*args: Any, **kwargs: Any) -> Any:
            with inside(args) as fake:
                returned = call(fake, args, kwargs)
                if inspect.iscoroutine(returned):
                    returned.close()
                    raise KinesisFakeError(
                        f"{getattr(function, '__name__', function)}() returned a coroutine, which would run after its "
                        "fake has been left. Put @fake_kinesis right above the async def."
                    )
                return returned

        wrapper = in_function
    if place is not None:
        # pytest must not look for a fixture of this name: the decorator fills it.
        kept = [parameter for name, parameter in signature.parameters.items() if name != _ARGUMENT]
        wrapper.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return wrapper


# --- classes ------------------------------------------------------------------------------------------------------

#: Attributes of a test object: that it is inside the fake of its class, and how its teardown_method leaves it.
_IS_INSIDE = "_kinesis_fake_is_inside"
_EXIT = "_kinesis_fake_exit"


@contextmanager
def _inside_for(test: Any, options: dict[str, Any]) -> Generator[KinesisFake]:
    """The fake of a test object, which is ``self.kinesis``: the one it is in already, or a new one."""
    if hasattr(test, _IS_INSIDE):
        yield test.kinesis
        return
    with FakeKinesis(options) as fake:
        test.kinesis = fake
        setattr(test, _IS_INSIDE, True)
        try:
            yield fake
        finally:
            delattr(test, _IS_INSIDE)


def _surround_test_case(test_case_class: type[unittest.TestCase], options: dict[str, Any]) -> None:
    """One fake for setUp, the test, tearDown and the cleanups of each test; ``self.kinesis`` is the fake."""

    def around(run: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(run)
        def run_inside(test_case: Any, *args: Any, **kwargs: Any) -> Any:
            if hasattr(test_case, _IS_INSIDE):  # a base class is decorated too: the options of the class itself hold
                return run(test_case, *args, **kwargs)
            with _inside_for(test_case, options) as fake:
                # IsolatedAsyncioTestCase runs everything in a context that it copied when the test was made.
                context = getattr(test_case, "_asyncioTestContext", None)
                if context is not None:
                    from kinesis_fake.activation.entering import extend_to

                    extend_to(context)
                result = args[0] if args else kwargs.get("result")
                problems = _problems(result)
                returned = run(test_case, *args, **kwargs)
                result = result if result is not None else returned
                if result is not None:
                    # A runner expects complaints in the result; an exception would end the whole run.
                    if _problems(result) == problems:
                        _complain_of_unused_faults(fake, test_case, result)
                    fake._service.faults.excuse()
                return returned

        return run_inside

    for name in ("run", "debug"):
        setattr(test_case_class, name, around(getattr(test_case_class, name)))


def _is_test_case(decorated: type) -> bool:
    # Where nobody has loaded unittest, nobody has a subclass of its classes.
    unittest = sys.modules.get("unittest")
    return unittest is not None and issubclass(decorated, unittest.TestCase)


def _problems(result: Any) -> int:
    """How many tests did not simply pass, so far; pytest remembers this in a way of its own."""
    kinds = ("failures", "errors", "skipped", "expectedFailures", "unexpectedSuccesses", "_excinfo")
    return sum(len(getattr(result, kind, None) or ()) for kind in kinds)


def _complain_of_unused_faults(fake: KinesisFake, test_case: Any, result: Any) -> None:
    try:
        fake._service.faults.require_used()
    except KinesisFakeError:
        result.addError(test_case, sys.exc_info())


def _surround_test_class(test_class: Any, options: dict[str, Any]) -> None:
    """One fake for setup_method, the fixtures, the test and teardown_method of each test; ``self.kinesis`` is the fake.

    A test that is called without pytest, and so without its setup_method, gets a fake for the call. What a subclass
    defines is surrounded too.
    """

    def inside(args: tuple[Any, ...]) -> AbstractContextManager[KinesisFake]:
        return _inside_for(args[0], options)

    def surround(cls: Any, names: Iterable[str]) -> None:
        for name in names:
            if name.startswith("Test") and isinstance(vars(cls).get(name), type):  # pytest collects it, too
                FakeKinesis(options)(vars(cls)[name])
            method = inspect.getattr_static(cls, name) if name.startswith("test") else None
            if inspect.isfunction(method):
                setattr(cls, name, _surround(method, inside))
            elif isinstance(method, (staticmethod, classmethod)):
                setattr(cls, name, FakeKinesis(options)(cast(Any, method)))
        cls.setup_method = _setup_inside(inspect.getattr_static(cls, "setup_method", None), options)
        cls.teardown_method = _teardown_inside(inspect.getattr_static(cls, "teardown_method", None))

    own_init_subclass = vars(test_class).get("__init_subclass__")

    def init_subclass(subclass: Any, /, **kwargs: Any) -> None:
        if own_init_subclass is not None:
            own_init_subclass.__get__(None, subclass)(**kwargs)
        else:
            super(test_class, subclass).__init_subclass__(**kwargs)
        surround(subclass, list(vars(subclass)))

    surround(test_class, dir(test_class))
    test_class.__init_subclass__ = classmethod(init_subclass)


def _setup_inside(setup: Any, options: dict[str, Any]) -> Callable[..., None]:
    def setup_method(self: Any, method: Any = None) -> None:
        if hasattr(self, _IS_INSIDE):  # called by the setup_method of a subclass
            _call_with_method(setup, self, method)
            return
        with ExitStack() as stack:
            stack.enter_context(_inside_for(self, options))
            _call_with_method(setup, self, method)
            setattr(self, _EXIT, stack.pop_all())

    return setup_method


def _teardown_inside(teardown: Any) -> Callable[..., None]:
    def teardown_method(self: Any, method: Any = None) -> None:
        with self.__dict__.pop(_EXIT, None) or nullcontext():
            _call_with_method(teardown, self, method)

    return teardown_method


def _call_with_method(function: Any, test: Any, method: Any) -> None:
    """Call a setup_method or teardown_method, which takes the test's function or does not, if there is one."""
    if function is not None:
        bound = function.__get__(test, type(test))
        bound(*(method,) * bool(inspect.signature(bound).parameters))


@overload
def fake_kinesis(decorated: F, /) -> F: ...


@overload
def fake_kinesis(**options: Unpack[Options]) -> FakeKinesis: ...


def fake_kinesis(decorated: Any = None, /, **options: Any) -> Any:
    """Answer the Kinesis calls of this process from memory, in virtual time.

    Use it as a decorator, with or without options (functions, methods, async functions, generator fixtures, test
    classes), or as a context manager, ``with`` or ``async with``, that gives a :class:`KinesisFake`; ``start()`` and
    ``stop()`` do the same in set-up methods. A decorated function that has a parameter ``kinesis`` is given the fake.
    The options are those of :class:`KinesisFake`.
    """
    _check_options(options)
    ways = FakeKinesis(options)
    return ways if decorated is None else ways(decorated)


def _check_options(options: dict[str, Any]) -> None:
    if not options:
        return
    from kinesis_fake.activation.entering import OPTIONS

    for name in options:
        if name not in OPTIONS:
            raise KinesisFakeError(f"fake_kinesis has no option {name!r}; its options are: {', '.join(OPTIONS)}.")

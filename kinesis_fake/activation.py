"""The ways into a fake: ``fake_kinesis`` as decorator, context manager and asynchronous context manager."""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, TypeVar, cast, overload

from kinesis_fake.active import Activation
from kinesis_fake.botocore_hook import DOORS, GUARD, Door
from kinesis_fake.errors import KinesisFakeError
from kinesis_fake.fake import KinesisFake

F = TypeVar("F", bound=Callable[..., Any])

#: A decorated function that has a parameter of this name is given the fake.
_ARGUMENT = "kinesis"


class FakeKinesis:
    """Options for fakes, and the four ways to enter one; every entering makes a new fake."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._stays: list[tuple[KinesisFake, Activation[Door]]] = []

    # --- context managers -------------------------------------------------------------------------------------

    def __enter__(self) -> KinesisFake:
        fake = KinesisFake(**self._options)
        GUARD.acquire()
        self._stays.append((fake, DOORS.enter(fake._door)))
        return fake

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._stays:
            raise KinesisFakeError("This fake was not entered; leave it as often as you enter it.")
        fake, activation = self._stays[-1]
        DOORS.leave(activation)
        self._stays.pop()
        fake._door.is_open = False
        GUARD.release()

    async def __aenter__(self) -> KinesisFake:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    # --- decorator --------------------------------------------------------------------------------------------

    def __call__(self, decorated: F) -> F:
        """Run every call of a function, or every test of a class, inside a fake of its own."""
        if isinstance(decorated, type):
            return cast(F, self._decorate_class(decorated))
        if isinstance(decorated, (staticmethod, classmethod)):
            return cast(F, type(decorated)(self._decorate_function(decorated.__func__)))
        if not callable(decorated):
            raise KinesisFakeError(f"fake_kinesis decorates functions and classes, not {decorated!r}.")
        return cast(F, self._decorate_function(decorated))

    def _decorate_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        options = self._options
        signature = inspect.signature(function)
        wants_fake = _ARGUMENT in signature.parameters

        def arguments(fake: KinesisFake, kwargs: dict[str, Any]) -> dict[str, Any]:
            return {**kwargs, _ARGUMENT: fake} if wants_fake else kwargs

        if inspect.isasyncgenfunction(function):

            @functools.wraps(function)
            async def in_async_generator(*args: Any, **kwargs: Any) -> Any:
                with FakeKinesis(options) as fake:
                    generator = function(*args, **arguments(fake, kwargs))
                    try:
                        async for value in generator:
                            yield value
                    finally:
                        await generator.aclose()

            wrapper: Callable[..., Any] = in_async_generator
        elif inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def in_generator(*args: Any, **kwargs: Any) -> Any:
                with FakeKinesis(options) as fake:
                    return (yield from function(*args, **arguments(fake, kwargs)))

            wrapper = in_generator
        elif inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def in_coroutine(*args: Any, **kwargs: Any) -> Any:
                with FakeKinesis(options) as fake:
                    return await function(*args, **arguments(fake, kwargs))

            wrapper = in_coroutine
        else:

            @functools.wraps(function)
            def in_function(*args: Any, **kwargs: Any) -> Any:
                with FakeKinesis(options) as fake:
                    return function(*args, **arguments(fake, kwargs))

            wrapper = in_function
        if wants_fake:
            # pytest must not look for a fixture of this name: the decorator fills it.
            kept = [parameter for name, parameter in signature.parameters.items() if name != _ARGUMENT]
            wrapper.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return wrapper

    def _decorate_class(self, decorated: type) -> type:
        if issubclass(decorated, unittest.TestCase):
            for name in ("run", "debug"):
                setattr(decorated, name, self._around_test_case(getattr(decorated, name)))
            return decorated
        if hasattr(decorated, "setup_method") or hasattr(decorated, "teardown_method"):
            return self._decorate_class_with_setup(decorated)
        for name, value in list(vars(decorated).items()):
            if name.startswith("test") and (
                inspect.isfunction(value) or isinstance(value, (staticmethod, classmethod))
            ):
                setattr(decorated, name, self(value))
        return decorated

    def _decorate_class_with_setup(self, decorated: type) -> type:
        """One fake for pytest's setup_method, the test and teardown_method; ``self.kinesis`` is the fake."""
        options = self._options
        setup = getattr(decorated, "setup_method", None)
        teardown = getattr(decorated, "teardown_method", None)

        def setup_method(self: Any, method: Any) -> None:
            with ExitStack() as stack:
                self.kinesis = stack.enter_context(FakeKinesis(options))
                if setup is not None:
                    setup(self, *(method,) * _takes_argument(setup))
                self._kinesis_stay = stack.pop_all()

        def teardown_method(self: Any, method: Any) -> None:
            with self._kinesis_stay:
                if teardown is not None:
                    teardown(self, *(method,) * _takes_argument(teardown))

        decorated.setup_method = setup_method  # type: ignore[attr-defined]
        decorated.teardown_method = teardown_method  # type: ignore[attr-defined]
        return decorated

    def _around_test_case(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """One fake for setUp, the test, tearDown and the cleanups; ``self.kinesis`` is the fake."""
        options = self._options

        @functools.wraps(run)
        def run_inside(test_case: Any, *args: Any, **kwargs: Any) -> Any:
            with FakeKinesis(options) as fake:
                test_case.kinesis = fake
                return run(test_case, *args, **kwargs)

        return run_inside


def _takes_argument(method: Callable[..., Any]) -> bool:
    """Whether a setup or teardown method wants the test's function, besides ``self``."""
    return len(inspect.signature(method).parameters) > 1


@overload
def fake_kinesis(decorated: F, /) -> F: ...


@overload
def fake_kinesis(**options: Any) -> FakeKinesis: ...


def fake_kinesis(decorated: Any = None, /, **options: Any) -> Any:
    """Answer the Kinesis calls of this process from memory, in virtual time.

    Use it as a decorator, with or without options (functions, methods, async functions, generator fixtures, test
    classes), or as a context manager, ``with`` or ``async with``, that gives a :class:`KinesisFake`. A decorated
    function that has a parameter ``kinesis`` is given the fake. The options are those of :class:`KinesisFake`.
    """
    _check_options(options)
    ways = FakeKinesis(options)
    return ways if decorated is None else ways(decorated)


def _check_options(options: dict[str, Any]) -> None:
    known = list(inspect.signature(KinesisFake).parameters)
    for name in options:
        if name not in known:
            raise KinesisFakeError(f"fake_kinesis has no option {name!r}; its options are: {', '.join(known)}.")

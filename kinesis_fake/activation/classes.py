"""Test classes, each test of which runs inside a fake of its own: those of pytest, and those of unittest."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

from kinesis_fake.activation.functions import require_no_hypothesis, surround
from kinesis_fake.misuse import KinesisFakeError

if TYPE_CHECKING:
    import unittest

    from kinesis_fake.toolkit.fake import KinesisFake

    #: Makes a new fake, to be entered.
    NewFake = Callable[[], AbstractContextManager[KinesisFake]]

#: Attributes of a test object: that it is inside the fake of its class, and how its teardown_method leaves it.
_IS_INSIDE = "_kinesis_fake_is_inside"
_EXIT = "_kinesis_fake_exit"


@contextmanager
def _inside_for(test: Any, new_fake: NewFake) -> Generator[KinesisFake]:
    """The fake of a test object, which is ``self.kinesis``: the one it is in already, or a new one."""
    if hasattr(test, _IS_INSIDE):
        yield test.kinesis
        return
    with new_fake() as fake:
        test.kinesis = fake
        setattr(test, _IS_INSIDE, True)
        try:
            yield fake
        finally:
            delattr(test, _IS_INSIDE)


# --- unittest -------------------------------------------------------------------------------------------------------


def is_test_case(decorated: type) -> bool:
    """Whether a class is a TestCase of unittest. If the process has not loaded unittest, no class is."""
    unittest = sys.modules.get("unittest")
    return unittest is not None and issubclass(decorated, unittest.TestCase)


def surround_test_case(test_case_class: type[unittest.TestCase], new_fake: NewFake) -> None:
    """One fake for setUp, the test, tearDown and the cleanups of each test; ``self.kinesis`` is the fake."""

    for name in dir(test_case_class):
        require_no_hypothesis(inspect.getattr_static(test_case_class, name), f"{test_case_class.__name__}.{name}")

    def around(run: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(run)
        def run_inside(test_case: Any, *args: Any, **kwargs: Any) -> Any:
            if hasattr(test_case, _IS_INSIDE):  # a base class is decorated too: the options of the class itself hold
                return run(test_case, *args, **kwargs)
            with _inside_for(test_case, new_fake) as fake:
                from kinesis_fake.activation.complaints import excuse
                from kinesis_fake.activation.entering import extend_to
                from kinesis_fake.activation.notes import notes_in_result

                # IsolatedAsyncioTestCase runs everything in a context that it copied when the test was made.
                context = getattr(test_case, "_asyncioTestContext", None)
                if context is not None:
                    extend_to(context)
                result = args[0] if args else kwargs.get("result")
                problems = _problems(result)
                with notes_in_result(result, fake):
                    returned = run(test_case, *args, **kwargs)
                result = result if result is not None else returned
                if result is not None:
                    # A runner expects complaints in the result; an exception would end the whole run.
                    if _problems(result) == problems:
                        _complain_in(result, test_case, fake)
                    excuse(fake)
                return returned

        return run_inside

    for name in ("run", "debug"):
        setattr(test_case_class, name, around(getattr(test_case_class, name)))


def _problems(result: Any) -> int:
    """How many tests have failed, been skipped and so on, so far. pytest's own object keeps them as ``_excinfo``."""
    kinds = ("failures", "errors", "skipped", "expectedFailures", "unexpectedSuccesses", "_excinfo")
    return sum(len(getattr(result, kind, None) or ()) for kind in kinds)


def _complain_in(result: Any, test_case: Any, fake: KinesisFake) -> None:
    from kinesis_fake.activation.complaints import complain

    try:
        complain(fake)
    except KinesisFakeError:
        result.addError(test_case, sys.exc_info())


# --- pytest ---------------------------------------------------------------------------------------------------------


def surround_test_class(test_class: Any, new_fake: NewFake, decorate: Callable[[Any], Any]) -> None:
    """One fake for setup_method, the fixtures, the test and teardown_method of each test; ``self.kinesis`` is the fake.

    A test that is called without pytest, and so without its setup_method, gets a fake for the call. What a subclass
    defines is surrounded too. ``decorate`` is the decorator itself, for what is not a method of an object.
    """

    def inside(args: tuple[Any, ...]) -> AbstractContextManager[KinesisFake]:
        return _inside_for(args[0], new_fake)

    def surround_methods(cls: Any, names: Iterable[str]) -> None:
        for name in names:
            if name.startswith("Test") and isinstance(vars(cls).get(name), type):  # pytest collects it, too
                decorate(vars(cls)[name])
            method = inspect.getattr_static(cls, name) if name.startswith("test") else None
            require_no_hypothesis(method, f"{cls.__name__}.{name}")
            if inspect.isfunction(method):
                setattr(cls, name, surround(method, inside))
            elif isinstance(method, (staticmethod, classmethod)):
                setattr(cls, name, decorate(method))
        cls.setup_method = _setup_inside(inspect.getattr_static(cls, "setup_method", None), new_fake)
        cls.teardown_method = _teardown_inside(inspect.getattr_static(cls, "teardown_method", None))

    own_init_subclass = vars(test_class).get("__init_subclass__")

    def init_subclass(subclass: Any, /, **kwargs: Any) -> None:
        if own_init_subclass is not None:
            own_init_subclass.__get__(None, subclass)(**kwargs)
        else:
            super(test_class, subclass).__init_subclass__(**kwargs)
        surround_methods(subclass, list(vars(subclass)))

    surround_methods(test_class, dir(test_class))
    test_class.__init_subclass__ = classmethod(init_subclass)


def _setup_inside(setup: Any, new_fake: NewFake) -> Callable[..., None]:
    def setup_method(self: Any, method: Any = None) -> None:
        if hasattr(self, _IS_INSIDE):  # called by the setup_method of a subclass
            _call_with_method(setup, self, method)
            return
        with ExitStack() as stack:
            stack.enter_context(_inside_for(self, new_fake))
            _call_with_method(setup, self, method)
            setattr(self, _EXIT, stack.pop_all())

    return setup_method


def _teardown_inside(teardown: Any) -> Callable[..., None]:
    def teardown_method(self: Any, method: Any = None) -> None:
        leaving = cast("AbstractContextManager[Any]", self.__dict__.pop(_EXIT, None) or nullcontext())
        with leaving:
            _call_with_method(teardown, self, method)

    return teardown_method


def _call_with_method(function: Any, test: Any, method: Any) -> None:
    """Call a setup_method or teardown_method, which takes the test's function or does not, if there is one."""
    if function is not None:
        bound = function.__get__(test, type(test))
        bound(*(method,) * bool(inspect.signature(bound).parameters))

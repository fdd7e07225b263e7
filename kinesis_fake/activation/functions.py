"""Functions of every kind, each call of which runs inside a fake: plain ones, generators, coroutines."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from kinesis_fake.misuse import KinesisFakeError

if TYPE_CHECKING:
    from kinesis_fake.toolkit.fake import KinesisFake

    #: Given the positional arguments of a call, makes the fake that the call runs inside.
    Inside = Callable[[tuple[Any, ...]], AbstractContextManager[KinesisFake]]

#: A decorated function that has a parameter of this name is given the fake.
ARGUMENT = "kinesis"


def require_no_hypothesis(function: object, name: str) -> None:
    """Refuse a test that Hypothesis calls once for each of its examples: all of them would share one fake."""
    if getattr(function, "is_hypothesis_test", False):
        raise KinesisFakeError(
            f"All examples of {name} would share one fake, because @given makes them inside it. Write @given above "
            "@fake_kinesis, or `with fake_kinesis() as kinesis:` inside the test, so that each example has its own."
        )


def surround(function: Callable[..., Any], inside: Inside) -> Callable[..., Any]:
    """Run every call of a function inside what ``inside`` makes of its positional arguments."""
    require_no_hypothesis(function, f"{getattr(function, '__name__', function)}()")
    signature = inspect.signature(function)
    call = _call_with_fake(function, signature)
    if inspect.isasyncgenfunction(function):
        wrapper = _surround_async_generator(function, call, inside)
    elif inspect.isgeneratorfunction(function):
        wrapper = _surround_generator(function, call, inside)
    elif inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__):
        wrapper = _surround_coroutine(function, call, inside)
    else:
        wrapper = _surround_function(function, call, inside)
    if ARGUMENT in signature.parameters:
        # pytest must not look for a fixture of this name: the decorator fills it.
        kept = [parameter for name, parameter in signature.parameters.items() if name != ARGUMENT]
        wrapper.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return wrapper


#: Calls a function with a fake, its positional arguments and its keyword arguments.
_Call = Callable[["KinesisFake", tuple[Any, ...], dict[str, Any]], Any]


def _call_with_fake(function: Callable[..., Any], signature: inspect.Signature) -> _Call:
    """A way to call a function. The fake goes to its parameter ``kinesis``, if it has one, by place or by name."""
    names = list(signature.parameters)
    place = names.index(ARGUMENT) if ARGUMENT in names else None
    may_stand_there = place is not None and signature.parameters[ARGUMENT].kind is not inspect.Parameter.KEYWORD_ONLY

    def call(fake: KinesisFake, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        __tracebackhide__ = True  # for pytest
        if place is None:
            return function(*args, **kwargs)
        if may_stand_there and len(args) >= place:
            return function(*args[:place], fake, *args[place:], **kwargs)
        return function(*args, **{**kwargs, ARGUMENT: fake})

    return call


def _surround_function(function: Callable[..., Any], call: _Call, inside: Inside) -> Callable[..., Any]:
    @functools.wraps(function)
    def in_function(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # for pytest
        with inside(args) as fake:
            returned = call(fake, args, kwargs)
            _require_no_later_code(function, returned)
            return returned

    return in_function


def _require_no_later_code(function: Callable[..., Any], returned: object) -> None:
    """Refuse what a function may have made inside its fake and what only runs outside: a coroutine or a generator."""
    if inspect.iscoroutine(returned):
        kind, place = "a coroutine", "the async def"
        returned.close()  # else Python warns that it was never awaited
    elif inspect.isgenerator(returned):
        kind, place = "a generator", "the def of the generator"
    elif inspect.isasyncgen(returned):
        kind, place = "an async generator", "the async def of the generator"
    else:
        return
    raise KinesisFakeError(
        f"{getattr(function, '__name__', function)}() returned {kind}, which would run after its fake has been left. "
        f"Put @fake_kinesis right above {place}.",
        see="left",
    )


def _surround_coroutine(function: Callable[..., Any], call: _Call, inside: Inside) -> Callable[..., Any]:
    @functools.wraps(function)
    async def in_coroutine(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # for pytest
        with inside(args) as fake:
            return await call(fake, args, kwargs)

    return in_coroutine


def _surround_generator(function: Callable[..., Any], call: _Call, inside: Inside) -> Callable[..., Any]:
    @functools.wraps(function)
    def in_generator(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # for pytest
        with inside(args) as fake:
            return (yield from call(fake, args, kwargs))

    return in_generator


def _surround_async_generator(function: Callable[..., Any], call: _Call, inside: Inside) -> Callable[..., Any]:
    @functools.wraps(function)
    async def in_async_generator(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # for pytest
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

    return in_async_generator

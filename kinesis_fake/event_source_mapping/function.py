"""The function of a mapping: a handler of the test, run as the Python runtime of Lambda runs one."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from decimal import Decimal
from threading import Thread
from typing import Any

from kinesis_fake.event_source_mapping.context import LambdaContext
from kinesis_fake.virtual_time.clock import VirtualClock

#: Given the event and the context.
Handler = Callable[[Any, Any], Any]


class TimedOut(Exception):
    """The handler took more virtual time than its function may take."""


class MarshalError(Exception):
    """What the handler returned cannot be written as JSON; the runtime calls it Runtime.MarshalError."""

    #: Whether the handler returned something to await, as each coroutine function does.
    is_of_awaitable = False


class PayloadTooLarge(Exception):
    """The event is larger than a synchronous invocation takes, so that the function was never run."""


@dataclass(frozen=True)
class InvocationOutcome:
    """What came of one invocation: what the function answered, as JSON gives it back, or its error."""

    response: Any = None
    error: BaseException | None = None


@dataclass(frozen=True)
class Function:
    """A Lambda function; ``timeout_ms`` is in virtual time."""

    handler: Handler
    function_name: str
    function_arn: str
    role_arn: str
    timeout_ms: int

    def invoke(self, event: dict[str, Any], request_id: str, clock: VirtualClock) -> InvocationOutcome:
        """Run the handler, and catch its errors as the runtime does, an exit of the process included."""
        deadline_at = clock.now + self.timeout_ms
        context = LambdaContext(self.function_name, self.function_arn, request_id, clock, deadline_at)
        try:
            result = _called(lambda: self.handler(event, context))
        except (Exception, SystemExit) as error:
            return InvocationOutcome(error=error)
        if clock.now > deadline_at:
            return InvocationOutcome(error=TimedOut(f"Task timed out after {self.timeout_ms / 1000:.2f} seconds"))
        is_awaitable = inspect.isawaitable(result)
        try:
            return InvocationOutcome(None if result is None else json.loads(json.dumps(result, default=_plain)))
        except (TypeError, ValueError) as error:
            problem = MarshalError(f"Unable to marshal response: {error}")
            problem.__cause__ = error
            problem.is_of_awaitable = is_awaitable
            return InvocationOutcome(error=problem)


def _plain(value: object) -> object:
    """Encode a value of a type that JSON does not have, as the runtime does."""
    if isinstance(value, Decimal):
        return float(value)
    if inspect.iscoroutine(value):
        value.close()  # else Python warns that it was never awaited
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _called(handler: Callable[[], Any]) -> Any:
    """Call a handler where no loop runs, as in Lambda: in a thread of its own if one runs in this thread."""
    if not _a_loop_runs_here():
        return handler()
    results: list[Any] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(handler())
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=copy_context().run, args=(run,), name="handler of an event source mapping")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def _a_loop_runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        if trio is None:
            return False
        try:
            trio.lowlevel.current_task()
        except RuntimeError:
            return False
    return True

"""Lets the SDK's own waiters for Kinesis move the virtual clock instead of sleeping."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from kinesis_fake.botocore_hook.names import is_kinesis
from kinesis_fake.misuse import KinesisFakeError, shown
from kinesis_fake.virtual_time.clock import LATEST_MS


class RunningWaiter:
    """A waiter whose ``wait()`` is running: it polls again ``delay_ms`` after the answer to its last poll."""

    __slots__ = ("delay_ms", "next_poll_at", "waiter")

    def __init__(self, waiter: Any, delay_ms: int) -> None:
        self.waiter: Any = waiter
        self.delay_ms: int = delay_ms
        self.next_poll_at: int | None = None


#: The waiter that polls in this thread or task.
RUNNING_WAITER: ContextVar[RunningWaiter | None] = ContextVar("kinesis_fake_running_waiter", default=None)


def is_to_wait_virtually(waiter: Any) -> bool:
    """Whether this waiter polls Kinesis and has not been wrapped yet."""
    running = RUNNING_WAITER.get()
    if running is not None and running.waiter is waiter:
        return False  # another patcher has wrapped an earlier fake's replacement, and this fake has wrapped that
    method = getattr(waiter._operation_method, "_client_method", None)
    client = getattr(method, "__self__", None)
    return client is not None and is_kinesis(client)


@contextmanager
def waiting_virtually(waiter: Any, kwargs: dict[str, Any]) -> Generator[dict[str, Any]]:
    """Let the waiter sleep for zero seconds; the door moves the clock before each poll but the first."""
    config = dict(kwargs.get("WaiterConfig") or {})
    delay = config.get("Delay", waiter.config.delay)
    if not isinstance(delay, (int, float)) or not 0 <= delay <= LATEST_MS / 1000:
        raise KinesisFakeError(
            f"The Delay of a waiter is a number of seconds, from zero to the end of virtual time, not {shown(delay)}."
        )
    config["Delay"] = 0
    token = RUNNING_WAITER.set(RunningWaiter(waiter, round(delay * 1000)))
    try:
        yield {**kwargs, "WaiterConfig": config}
    finally:
        RUNNING_WAITER.reset(token)

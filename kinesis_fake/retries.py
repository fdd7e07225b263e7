"""The SDK's own retries, in virtual time.

botocore asks the handlers of ``needs-retry`` after every attempt of a call, and sleeps as long as they say. A call that
the fake answers never gets that far, so the same is done here, with the client's own handlers: legacy, standard or
adaptive, and whatever a user has registered besides.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from types import NoneType
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError

from kinesis_fake.forking import outer
from kinesis_fake.service import Service
from kinesis_fake.waiting import wait_until

#: What botocore's parser would have made of an answer, and the HTTP response that it would have read.
Answer = tuple[Any, dict[str, Any]]
#: What the handlers of an event have returned, each with its handler.
Responses = Iterable[tuple[Any, Any]]


class Lost(NamedTuple):
    """An answer that never came: the exception of botocore, and the instant at which the client gives up."""

    error: BotoCoreError
    given_up_at: int


class Retrying:
    """One call that is answered after a wait, or not at the first attempt."""

    def __init__(
        self,
        service: Service,
        event: str,
        emitter: Any,
        operation_model: Any,
        request: dict[str, Any],
        attempt: Callable[[int], Answer | Lost],
        backoff: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.service = service
        self._event = event
        self._emitter = emitter
        self._operation_model = operation_model
        self._request = request
        self._attempt = attempt
        self._backoff = backoff

    def run(self, first: Answer | Lost | int) -> Answer:
        """The answer, from that to the first attempt on, or from the instant on at which that is due."""
        before = _retrying.get()
        _retrying.set(self)
        try:
            steps = self._steps(first)
            responses: Responses | None = None
            while True:
                try:
                    step = steps.send(responses)
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                if isinstance(step, int):
                    self.service.move_to(step)
                else:
                    with self._backoff():
                        responses = self._emitter.emit(self._event, **step)
        finally:
            _retrying.set(before)  # not by a token: a coroutine may be closed in another context than it ran in

    async def run_async(self, first: Answer | Lost | int) -> Answer:
        """The same for a client of asyncio, where other tasks go on while this one waits."""
        before = _retrying.get()
        _retrying.set(self)
        try:
            steps = self._steps(first)
            responses: Responses | None = None
            while True:
                try:
                    step = steps.send(responses)
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                if isinstance(step, int):
                    if step > self.service.clock.now:
                        await wait_until(self.service, step)
                else:
                    responses = await _InSteps(self._emitter.emit(self._event, **step), self._backoff)
        finally:
            _retrying.set(before)  # not by a token: a coroutine may be closed in another context than it ran in

    def _steps(self, first: Answer | Lost | int) -> Generator[int | dict[str, Any], Responses | None, Answer]:
        """The instants that must be waited for, and the questions to the client's retry policy."""
        attempts = 1
        if isinstance(first, int):
            yield first
            outcome = self._attempt(attempts)
        else:
            outcome = first
        while isinstance(outcome, Lost) or outcome[0].status_code >= 300:
            if isinstance(outcome, Lost):
                yield outcome.given_up_at
            asked_at = self.service.clock.now
            responses = (yield self._question(outcome, attempts)) or ()
            delay = next((response for _, response in responses if response is not None), None)
            if delay is None or delay is False:
                break
            yield asked_at + round(float(delay) * 1000)
            attempts += 1
            outcome = self._attempt(attempts)
        if isinstance(outcome, Lost):
            raise outcome.error
        outcome[1]["ResponseMetadata"]["RetryAttempts"] = attempts - 1
        return outcome

    def _question(self, outcome: Answer | Lost, attempts: int) -> dict[str, Any]:
        is_lost = isinstance(outcome, Lost)
        self._request["context"].setdefault("retries", {})["attempt"] = attempts
        return {
            "response": None if is_lost else outcome,
            "endpoint": None,
            "operation": self._operation_model,
            "attempts": attempts,
            "caught_exception": outcome.error if isinstance(outcome, Lost) else None,
            "request_dict": self._request,
        }


_retrying: ContextVar[Retrying | None] = ContextVar("kinesis_fake_retrying", default=None)


def guarded_needs_retry(original: Any) -> Any:
    """The standard mode sleeps by itself where its quota for retries is used up and the operation is a long poll."""

    def needs_retry(self: Any, **kwargs: Any) -> Any:
        if _sleeps_here(self):
            self._sleep = _Sleep(self._sleep, asynchronous=False)
        return original(self, **kwargs)

    return needs_retry


def guarded_needs_retry_async(original: Any) -> Any:
    """The same for clients of asyncio."""

    async def needs_retry(self: Any, **kwargs: Any) -> Any:
        if _sleeps_here(self):
            self._sleep = _Sleep(self._sleep, asynchronous=True)
        return await original(self, **kwargs)

    return needs_retry


def _sleeps_here(handler: Any) -> bool:
    """Whether a handler that is asked about a call of a fake could really sleep; older releases of botocore cannot."""
    return _retrying.get() is not None and not isinstance(getattr(handler, "_sleep", None), (_Sleep, NoneType))


class _Sleep:
    """How a retry handler sleeps: in virtual time while it is asked about a call that a fake answers."""

    def __init__(self, original: Callable[[float], Any], *, asynchronous: bool) -> None:
        self._original = original
        self._asynchronous = asynchronous

    def __call__(self, seconds: float) -> Any:
        retrying = _retrying.get()
        if retrying is None:
            return self._original(seconds)
        service = retrying.service
        instant = service.clock.now + round(seconds * 1000)
        return wait_until(service, instant) if self._asynchronous else service.move_to(instant)


_generator_lock = outer(threading.RLock())


@contextmanager
def drawing_from(generator: random.Random) -> Generator[None]:
    """botocore draws its backoff from the global generator; lend that one a state of ours."""
    with _generator_lock:
        state = random.getstate()
        random.seed(generator.getrandbits(64))
        try:
            yield
        finally:
            random.setstate(state)


class _InSteps:
    """Awaits something with each of its steps inside a context of its own, which other tasks never see."""

    def __init__(self, awaitable: Awaitable[Any], around: Callable[[], AbstractContextManager[None]]) -> None:
        self._awaitable = awaitable
        self._around = around

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._awaitable.__await__()
        resume: Callable[[], Any] = steps.__next__
        while True:
            with self._around():
                try:
                    future = resume()
                except StopIteration as stop:
                    return stop.value
            try:
                result = yield future
            except BaseException as error:
                resume = partial(steps.throw, error)
            else:
                resume = partial(steps.send, result)

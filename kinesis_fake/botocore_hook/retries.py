"""The SDK's own retries, in virtual time.

botocore asks the handlers of ``needs-retry`` after every attempt of a call, and sleeps as long as they say. A call that
the fake answers never gets that far, so this module asks them: the client's own (legacy, standard or adaptive), and
those that the code under test has registered. It moves the virtual clock instead of sleeping.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import count
from types import NoneType
from typing import Any

from kinesis_fake.botocore_hook.answers import Answer
from kinesis_fake.botocore_hook.client_calls import ClientCall
from kinesis_fake.botocore_hook.lower_events import HandlerCalls
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.process.fork_locks import outer
from kinesis_fake.virtual_time.timeline import Pause, Timeline
from kinesis_fake.virtual_time.waiting import step_aside, wait_until

#: What the handlers of an event have returned, each with its handler.
Responses = Iterable[tuple[Any, Any]]


class Lost(NamedTuple):
    """An answer that never came: the exception, and the instant at which the client gives up.

    The exception is one of botocore's, or one that a handler of the test raises to play a network that is down.
    """

    error: Exception
    given_up_at: int


#: The arguments that the handlers of ``needs-retry`` get.
Question = dict[str, Any]
#: How an attempt has ended.
Outcome = Answer | Lost
#: An attempt that takes time: it yields what it waits for, and returns its outcome.
Attempt = Generator[Pause | HandlerCalls, Any, Outcome]


def outcome_of(attempt: Attempt | Outcome) -> Attempt:
    """Wait for all that an attempt waits for, and return its outcome."""
    return (yield from attempt) if isinstance(attempt, Generator) else attempt


class OngoingCall:
    """A call that takes time: the client takes its steps one by one, and waits for each in a thread or a task.

    The first attempt begins at ``starts_at``, unless it has begun already: then it is given.
    """

    def __init__(
        self,
        timeline: Timeline,
        call: ClientCall,
        starts_at: int | None,
        first: Attempt | Outcome | None,
        attempt: Callable[[int], Attempt | Outcome],
        backoff: Callable[[], AbstractContextManager[None]],
        may_repeat_successes: bool,
    ) -> None:
        self.timeline = timeline
        self._client_call = call
        self._starts_at = starts_at
        self._first = first
        self._attempt = attempt
        self._backoff = backoff
        self._may_repeat_successes = may_repeat_successes

    def run(self) -> Answer:
        """Wait in this thread for the answer."""
        steps = self._steps()
        resume: Callable[[], Any] = partial(next, steps)
        with _calling(self):
            while True:
                try:
                    step = resume()
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                try:
                    heard = self._take(step)
                except BaseException as error:
                    resume = partial(steps.throw, error)
                else:
                    resume = partial(steps.send, heard)

    async def run_async(self) -> Answer:
        """Wait in this task for the answer. Other tasks go on meanwhile, as they do while a real call is made."""
        steps = self._steps()
        resume: Callable[[], Any] = partial(next, steps)
        with _calling(self):
            await step_aside()
            while True:
                try:
                    step = resume()
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                try:
                    heard = await self._take_async(step)
                except BaseException as error:
                    resume = partial(steps.throw, error)
                else:
                    resume = partial(steps.send, heard)

    def _take(self, step: Pause | Question | HandlerCalls) -> Any:
        if isinstance(step, HandlerCalls):
            return step.in_thread()
        if not isinstance(step, Pause):
            with self._backoff():
                return self._ask(step)
        if step.ends_on_activity:
            self.timeline.wait_in_thread(step)
        else:
            self.timeline.pause_in_thread(step)
        return None

    async def _take_async(self, step: Pause | Question | HandlerCalls) -> Any:
        if isinstance(step, HandlerCalls):
            return await step.in_task()
        if not isinstance(step, Pause):
            return await _InSteps(self._ask(step), self._backoff)
        timeline = self.timeline
        if step.ends_on_activity:
            with timeline.registered(step):
                await wait_until(timeline, step.until, step.is_over)
        elif step.until > timeline.clock.now:
            await wait_until(timeline, step.until)
        return None

    def _ask(self, question: Question) -> Any:
        return self._client_call.emitter.emit(f"needs-retry.kinesis.{self._client_call.model.name}", **question)

    def _steps(self) -> Generator[Pause | Question | HandlerCalls, Any, Answer]:
        """Make one attempt after the other, as long as a handler of ``needs-retry`` asks for one more."""
        if self._starts_at is not None:
            yield Pause(self.timeline, self._starts_at)
        outcome = yield from outcome_of(self._attempt(1) if self._first is None else self._first)
        for attempts in count(1):
            if not isinstance(outcome, Lost) and outcome[0].status_code < 300 and not self._may_repeat_successes:
                break
            if isinstance(outcome, Lost):
                yield Pause(self.timeline, outcome.given_up_at)
            asked_at = self.timeline.clock.now
            responses = (yield self._question(outcome, attempts)) or ()
            delay = next((response for _, response in responses if response is not None), None)
            if delay is None or delay is False:
                break
            yield Pause(self.timeline, asked_at + round(float(delay) * 1000))
            outcome = yield from outcome_of(self._attempt(attempts + 1))
        if isinstance(outcome, Lost):
            raise outcome.error
        outcome[1]["ResponseMetadata"]["RetryAttempts"] = attempts - 1
        return outcome

    def _question(self, outcome: Answer | Lost, attempts: int) -> Question:
        """The arguments with which botocore asks its retry policy."""
        self._client_call.request["context"].setdefault("retries", {})["attempt"] = attempts
        error = outcome.error if isinstance(outcome, Lost) else None
        return {
            "response": None if error is not None else outcome,
            "endpoint": None,
            "operation": self._client_call.model,
            "attempts": attempts,
            "caught_exception": error,
            "request_dict": self._client_call.request,
        }


_call: ContextVar[OngoingCall | None] = ContextVar("kinesis_fake_call", default=None)


@contextmanager
def _calling(call: OngoingCall) -> Generator[None]:
    before = _call.get()
    _call.set(call)
    try:
        yield
    finally:
        _call.set(before)  # not by a token: a coroutine may be closed in another context than it has run in


def guarded_needs_retry(original: Any) -> Any:
    """Make the standard mode's own sleep virtual: it sleeps in a long poll once its quota of retries is used up."""

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
    """Whether a handler of retries could really sleep in a call that a fake answers; older botocores have none such."""
    return _call.get() is not None and not isinstance(getattr(handler, "_sleep", None), (_Sleep, NoneType))


class _Sleep:
    """A retry handler's sleep: virtual while the handler is asked about a call that a fake answers, else real."""

    def __init__(self, original: Callable[[float], Any], *, asynchronous: bool) -> None:
        self._original = original
        self._asynchronous = asynchronous

    def __call__(self, seconds: float) -> Any:
        call = _call.get()
        if call is None:
            return self._original(seconds)
        timeline = call.timeline
        instant = timeline.clock.now + round(seconds * 1000)
        return wait_until(timeline, instant) if self._asynchronous else timeline.move_to(instant)


_generator_lock = outer(threading.RLock())


@contextmanager
def drawing_from(generator: random.Random) -> Generator[None]:
    """Give the global generator, from which botocore draws its backoff, a state that the fake's seed determines."""
    with _generator_lock:
        state = random.getstate()
        random.seed(generator.getrandbits(64))
        try:
            yield
        finally:
            random.setstate(state)


class _InSteps:
    """Awaits something, and puts a context around each of its steps that other tasks never see."""

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

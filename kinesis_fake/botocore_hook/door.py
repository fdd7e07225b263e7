"""The door into one fake: it answers clients' calls as AWS would, with the client's own retries."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache, partial
from types import GeneratorType
from typing import Any

from kinesis_fake.botocore_hook.answers import Answer, Headers, lost, refusal, success
from kinesis_fake.botocore_hook.client_calls import Caller, ClientCall
from kinesis_fake.botocore_hook.lower_events import LowerHandlers, listeners_of
from kinesis_fake.botocore_hook.retries import Attempt, Lost, OngoingCall, Outcome, drawing_from, outcome_of
from kinesis_fake.calls import CallLog
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.lost_answers import AnswerLost
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.service import Course, Service

#: How many of its own errors a fake remembers.
_MAX_OWN_ERRORS = 20


def _digits(generator: random.Random) -> str:
    return f"{generator.getrandbits(128):032x}"


@lru_cache
def _digits_of(seed: int) -> str:
    """The digits of request ids, kept: a new generator takes 3 % of the time in which a fake is entered and left."""
    return _digits(random.Random(seed))


class Door:
    """The way into one fake."""

    def __init__(
        self, service: Service, account_id: str, region_name: str, seed: int, remembered_calls: int | None
    ) -> None:
        self.service = service
        self.account_id = account_id
        self.region_name = region_name
        self.is_open = True
        self.sleeps_virtually = False
        #: Which account, user or role each access key belongs to, as the test has named them.
        self.callers: Mapping[str | None, Caller] = {}
        self.calls: CallLog = CallLog((account_id, region_name), remembered_calls, service.timeline.lock)
        #: The fake's own errors that calls have raised: a test fails if the code under test swallows them.
        self.own_errors: list[KinesisFakeError] = []
        #: How much had been done to the fake when it was entered.
        self.activity_at_entry = 0
        self._seed = seed
        self._random: random.Random | None = None
        self._headers = Headers(_digits_of(seed))

    def __deepcopy__(self, memo: dict[int, Any]) -> Door:
        """The same door: a copy of a client belongs to the same fake as the client."""
        return self

    def answer(self, model: Any, request: Any, context: Any, emitter: Any, signer: Any) -> Answer | Awaitable[Answer]:
        """Answer a call, with the SDK's own retries; an awaitable for a client that makes its calls in tasks."""
        self._require_open()
        try:
            call = ClientCall(model, request, context, emitter, signer)
        except KinesisFakeError as error:
            self.remember(error)
            raise
        if self.callers:
            call.caller = self.callers.get(call.access_key)
        is_asynchronous, lower, may_repeat_successes = listeners_of(emitter, call.compiled)
        attempt: Callable[[ClientCall, int], Attempt | Outcome] = (
            self._attempt if lower is None else partial(self._attempt_with_handlers, lower)
        )
        starts_at = call.waiter.next_poll_at if call.waiter is not None else None
        first: Any = None
        if starts_at is None and not is_asynchronous:
            first = attempt(call, 1)
            # Nearly every call ends here.
            if type(first) is tuple and first[0].status_code < 300 and not may_repeat_successes:
                return first
        ongoing = OngoingCall(
            self.service.timeline,
            call,
            starts_at,
            first,
            partial(attempt, call),
            self._drawing,
            may_repeat_successes,
        )
        return ongoing.run_async() if is_asynchronous else ongoing.run()

    def _drawing(self) -> AbstractContextManager[None]:
        """Let the SDK draw its backoff from the fake's seed, so that the same script always gives the same answers."""
        if self._random is None:
            self._random = random.Random(self._seed)
            _digits(self._random)  # skip the digits of request ids: _digits_of() has drawn them from the same seed
        return drawing_from(self._random)

    def remember(self, error: KinesisFakeError) -> None:
        """Note one of the fake's own errors that a call raises."""
        if len(self.own_errors) < _MAX_OWN_ERRORS:
            self.own_errors.append(error)

    def _attempt_with_handlers(self, lower: LowerHandlers, call: ClientCall, number: int) -> Attempt:
        """One attempt, seen by the code under test's handlers below before-call, one of which may answer it."""
        outcome: Any = yield from lower.before(call)
        if isinstance(outcome, Exception):
            outcome = Lost(outcome, self.service.timeline.clock.now)
        if outcome is None:
            outcome = yield from outcome_of(self._attempt(call, number))
        yield from lower.after(call, outcome.error if isinstance(outcome, Lost) else outcome)
        return outcome  # type: ignore[no-any-return]

    def _attempt(self, call: ClientCall, number: int) -> Attempt | Outcome:
        """One attempt of a call: its outcome, or, if it takes time, a generator that leads to its outcome."""
        service, caller, operation = self.service, call.caller, call.compiled.operation
        call.begin(number, service.timeline.clock.now)
        self._require_open()
        try:
            may_take_time = service.faults.injections or operation.takes_called_at
            result: Any = service.call(
                self.account_id if caller is None else caller.account_id,
                call.context.get("client_region") or self.region_name,
                operation,
                call.read_params(),
                call.compiled.validator,
                is_poll_of_waiter=call.waiter is not None,
                caller_arn=None if caller is None else caller.arn,
                read_timeout_ms=call.read_timeout_ms if may_take_time else None,
            )
        except BaseException as error:
            return self._unanswered(call, error)
        if isinstance(result, GeneratorType):
            return self._attempt_that_waits(call, result)
        return self._answered(call, result, call.called_at)

    def _attempt_that_waits(self, call: ClientCall, course: Course) -> Attempt:
        """The rest of an attempt that takes time."""
        try:
            result = yield from course
            self._require_open()
        except BaseException as error:
            return self._unanswered(call, error)
        return self._answered(call, result, self.service.timeline.clock.now)

    def _answered(self, call: ClientCall, result: Mapping[str, Any], answered_at: int) -> Answer:
        """The answer that the client gets for an operation's result."""
        self._log(call, "ok", result)
        headers = self._headers.next(answered_at)
        parsed = dict(result)
        if "EventStream" in parsed:
            from kinesis_fake.botocore_hook.event_streams import event_stream

            headers["content-type"] = "application/vnd.amazon.eventstream"
            parsed["EventStream"] = event_stream(
                self.service,
                parsed["EventStream"],
                call.model,
                lambda: not self.is_open,
                asynchronous=listeners_of(call.emitter, call.compiled).is_asynchronous,
            )
        if call.compiled.prune is not None:
            parsed = call.compiled.prune(parsed)
        return success(call.request["url"], headers, parsed)

    def _unanswered(self, call: ClientCall, error: BaseException) -> Outcome:
        """The answer for an error of AWS, or the loss of an answer that does not come; raises any other error."""
        clock, url = self.service.timeline.clock, call.request["url"]
        if isinstance(error, AwsError):
            self._log(call, error.code)
            return refusal(url, self._headers.next(clock.now), error, call.model)
        if not isinstance(error, AnswerLost):
            self._log(call, type(error).__name__)
            if isinstance(error, KinesisFakeError):
                self.remember(error)
            try:
                raise error
            finally:
                del error  # else the error, whose traceback holds this frame, and the frame would keep each other alive
        loss = lost(error.lost_answer, url)
        self._log(call, type(loss).__name__)
        timeout_ms = call.read_timeout_ms
        # A client notices a lost connection at once, and a missing answer when its read timeout ends.
        if error.lost_answer.kind == "read_timeout" and timeout_ms is not None:
            return Lost(loss, call.called_at + timeout_ms)
        return Lost(loss, clock.now)

    def _log(self, call: ClientCall, outcome: str, result: Mapping[str, Any] | None = None) -> None:
        """Log an attempt that has ended, and let the waiter that made it count from now to its next poll."""
        waiter, caller = call.waiter, call.caller
        self.calls.add(
            call.compiled.operation.name,
            call.params,
            outcome,
            call.called_at,
            call.attempt,
            self.account_id if caller is None else caller.account_id,
            call.context.get("client_region") or self.region_name,
            result,
            waiter is not None,
        )
        if waiter is not None:
            waiter.next_poll_at = self.service.timeline.clock.now + waiter.delay_ms

    def _require_open(self) -> None:
        if not self.is_open:
            raise KinesisFakeError(
                "This client belongs to a fake that has been left. Make the client, or call attach(), inside the fake "
                "that shall answer it.",
                see="left",
            )

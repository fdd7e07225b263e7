"""The door into one fake: it answers the calls of clients as AWS would have, with the client's own retries."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Mapping
from functools import partial
from types import GeneratorType
from typing import Any

from kinesis_fake.botocore_hook.answers import Answer, Headers, lost, refusal, success
from kinesis_fake.botocore_hook.client_calls import Caller, ClientCall
from kinesis_fake.botocore_hook.lower_events import LowerHandlers, lower_handlers_of
from kinesis_fake.botocore_hook.retries import Attempt, Lost, OngoingCall, drawing_from
from kinesis_fake.botocore_hook.sdk_waiters import RUNNING_WAITER
from kinesis_fake.calls import CallLog
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.lost_answers import AnswerLost
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.service import Service
from kinesis_fake.virtual_time.timeline import Pause

#: How many errors of its own a fake remembers.
_MAX_OWN_ERRORS = 20


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
        #: Who calls with which access key, where the test has told.
        self.callers: Mapping[str | None, Caller] = {}
        self.calls: CallLog = CallLog((account_id, region_name), remembered_calls, service.timeline.lock)
        #: The errors of the fake itself that calls have raised: the code under test must not swallow them.
        self.own_errors: list[KinesisFakeError] = []
        #: How much had been done to the fake when it was entered.
        self.activity_at_entry = 0
        # Request ids and the SDK's backoff are drawn from here, so that the same script gives the same bytes.
        self._random = random.Random(seed)
        self._headers = Headers(self._random)

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
        waiter = RUNNING_WAITER.get()
        starts_at = waiter.next_poll_at if waiter is not None else None
        is_asynchronous = call.is_asynchronous
        lower = lower_handlers_of(call)
        attempt = self._attempt if lower is None else partial(self._attempt_with_handlers, lower)
        first: Any = attempt(call, 1)
        if starts_at is None and lower is None and not is_asynchronous:
            try:
                first = _resumed(next(first), first)
            except StopIteration as stop:  # nearly every call ends here
                first = stop.value
                if not isinstance(first, Lost) and first[0].status_code < 300:
                    return first  # type: ignore[no-any-return]
        ongoing = OngoingCall(
            self.service.timeline,
            call,
            starts_at,
            first,
            partial(attempt, call),
            partial(drawing_from, self._random),
        )
        return ongoing.run_async() if is_asynchronous else ongoing.run()

    def remember(self, error: KinesisFakeError) -> None:
        """Note an error of the fake itself that a call raises."""
        if len(self.own_errors) < _MAX_OWN_ERRORS:
            self.own_errors.append(error)

    def _attempt_with_handlers(self, lower: LowerHandlers, call: ClientCall, number: int) -> Attempt:
        """One attempt, told to the handlers that the code under test has below before-call; one of them may answer."""
        outcome: Any = yield from lower.before(call)
        if isinstance(outcome, Exception):
            outcome = Lost(outcome, self.service.timeline.clock.now)
        if outcome is None:
            outcome = yield from self._attempt(call, number)
        yield from lower.after(call, outcome.error if isinstance(outcome, Lost) else outcome)
        return outcome  # type: ignore[no-any-return]

    def _attempt(self, call: ClientCall, number: int) -> Attempt:
        """One attempt of a call: what it waits for, and the answer or its loss."""
        clock = self.service.timeline.clock
        called_at = answered_at = clock.now
        waiter = RUNNING_WAITER.get()
        compiled, context, request = call.compiled, call.context, call.request
        account_id = self.account_id if call.caller is None else call.caller.account_id
        region_name = context.get("client_region") or self.region_name
        params: Mapping[str, Any] = {}
        outcome = "ok"
        result: Any = None
        self._require_open()
        try:
            params = call.params()
            may_take_time = self.service.faults.injections or compiled.operation.takes_called_at
            result = self.service.call(
                account_id,
                region_name,
                compiled.operation,
                params,
                compiled.validator,
                is_poll_of_waiter=waiter is not None,
                caller_arn=call.caller.arn if call.caller is not None else None,
                read_timeout_ms=call.read_timeout_ms if may_take_time else None,
            )
            if isinstance(result, GeneratorType):
                result = yield from result
                self._require_open()
                answered_at = self.service.timeline.clock.now
        except AwsError as error:
            outcome = error.code
            return refusal(request["url"], self._headers.next(self.service.timeline.clock.now), error, call.model)
        except AnswerLost as answer_lost:
            loss = lost(answer_lost.lost_answer, request["url"])
            outcome = type(loss).__name__
            timeout_ms = call.read_timeout_ms
            # Known at once if the connection is gone, else when the client gives up.
            if answer_lost.lost_answer.kind == "read_timeout" and timeout_ms is not None:
                return Lost(loss, called_at + timeout_ms)
            return Lost(loss, self.service.timeline.clock.now)
        except BaseException as error:
            outcome = type(error).__name__
            if isinstance(error, KinesisFakeError):
                self.remember(error)
            raise
        finally:
            self.calls.add(
                compiled.operation.name,
                params,
                outcome,
                called_at,
                number,
                account_id,
                region_name,
                result if outcome == "ok" else None,
                waiter is not None,
            )
            if waiter is not None:
                waiter.next_poll_at = self.service.timeline.clock.now + waiter.delay_ms
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
                asynchronous=call.is_asynchronous,
            )
        if compiled.prune is not None:
            parsed = compiled.prune(parsed)
        return success(request["url"], headers, parsed)

    def _require_open(self) -> None:
        if not self.is_open:
            raise KinesisFakeError(
                "This client belongs to a fake that has been left. Make the client, or call attach(), inside the fake "
                "that shall answer it.",
                see="left",
            )


def _resumed(pause: Pause, attempt: Attempt) -> Attempt:
    """An attempt that has begun to wait."""
    try:
        yield pause
    except BaseException as error:
        attempt.throw(error)
        raise
    return (yield from attempt)

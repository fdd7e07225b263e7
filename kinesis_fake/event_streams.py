"""The event stream that SubscribeToShard gives a client: an instance of the client library's own class.

Whoever asks for the next event waits for it, and waiting moves the virtual clock, but not past what others still have
to do: other tasks of the loop run first, and other threads get a moment of real time to put something in.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import botocore.eventstream
from botocore.exceptions import EventStreamError
from botocore.parsers import create_parser

from kinesis_fake.domain.subscription import Subscription
from kinesis_fake.errors import AwsError
from kinesis_fake.operations.subscriptions import event_description
from kinesis_fake.service import Service
from kinesis_fake.sleeping import sleepers_of

#: How long, in seconds of real time, a thread that waits for an event lets other threads go on before time moves.
_GRACE_S = 0.01
_EVENT = "SubscribeToShardEvent"


class _Message:
    """One event, with the headers that the library's class looks at; ``value`` is None for the normal end."""

    __slots__ = ("error", "headers", "value")

    def __init__(self, value: dict[str, Any] | None, error: AwsError | None = None) -> None:
        self.value = value
        self.error = error
        self.headers = {":message-type": "event", ":event-type": _EVENT}


class _Feed:
    """The events of one subscription, as the library's classes take them."""

    def __init__(self, service: Service, subscription: Subscription) -> None:
        self._service = service
        self._subscription = subscription
        self.is_over = False

    def poll(self) -> _Message | None:
        """What there is to say now; None if nothing is."""
        service, subscription = self._service, self._subscription
        with service.lock:
            now = service.now
            if subscription.is_over:
                self.is_over = True
                return None
            if not subscription.has_something_to_say(now):
                return None
            try:
                event = subscription.advance(now)
            except AwsError as error:
                self.is_over = True
                return _Message(None, error)
            if event is None:
                self.is_over = True
                return None
            return _Message({_EVENT: event_description(event, subscription)})

    def wakes_at(self) -> int:
        """When there will be something to say, if nobody does anything until then."""
        due_at = self._service.world.agenda.next_due_at()
        next_event_at = self._subscription.next_event_at()
        return next_event_at if due_at is None else min(next_event_at, due_at)

    def has_something_to_say(self) -> bool:
        return self._subscription.has_something_to_say(self._service.now)

    def wait(self) -> None:
        """Let other threads go on for a moment; if nothing comes of it, move the clock."""
        service = self._service
        with service.lock:
            if service.has_other_threads() and service.wait_for_change(_GRACE_S):
                return
            if not self.has_something_to_say():
                service.move_to(max(self.wakes_at(), service.now))

    async def wait_async(self) -> None:
        """Let other tasks go on; when none of them can, move the clock."""
        if "trio" in sys.modules and _runs_trio():
            await _let_trio_run()
            if not self.has_something_to_say():
                self._service.move_to(max(self.wakes_at(), self._service.now))
            return
        sleepers = sleepers_of(asyncio.get_running_loop())
        await sleepers.sleep(self._service, self.wakes_at(), self.has_something_to_say)

    def close(self) -> None:
        """The client hangs up."""
        with self._service.lock:
            self.is_over = True
            if not self._subscription.is_over:
                self._subscription.close()


def _parse(message: _Message, output_shape: Any, operation_name: str) -> Any:
    """An event as the library's parser makes it, or the exception that it raises for an error in the stream."""
    if message.error is None:
        return message.value
    headers = {":message-type": "exception", ":exception-type": message.error.code}
    payload = json.dumps({"message": message.error.message}).encode()
    message_class: Any = botocore.eventstream.EventStreamMessage
    wire = message_class(None, headers, payload, None).to_response_dict()
    parser = cast(Any, create_parser("json"))._event_stream_parser
    raise EventStreamError(parser.parse(wire, output_shape), operation_name)


class _FakeEventStream(cast(Any, botocore.eventstream.EventStream)):  # type: ignore[misc]
    """The stream of a synchronous client."""

    _raw_stream: _Feed
    _output_shape: Any
    _operation_name: str

    def _create_raw_event_generator(self) -> Iterator[_Message]:
        feed = self._raw_stream
        while not feed.is_over:
            message = feed.poll()
            if message is not None:
                yield message
            elif not feed.is_over:
                feed.wait()

    def _parse_event(self, event: _Message) -> Any:
        return _parse(event, self._output_shape, self._operation_name)


def _async_class() -> Any:
    from aiobotocore.eventstream import AioEventStream

    class FakeAioEventStream(AioEventStream):  # type: ignore[misc]
        """The stream of a client of aiobotocore."""

        async def _create_raw_event_generator(self) -> AsyncIterator[_Message]:
            feed: _Feed = self._raw_stream
            while not feed.is_over:
                message = feed.poll()
                if message is not None:
                    yield message
                elif not feed.is_over:
                    await feed.wait_async()

        async def _parse_event(self, event: _Message) -> Any:
            return _parse(event, self._output_shape, self._operation_name)

    return FakeAioEventStream


_classes: dict[bool, Any] = {False: _FakeEventStream}
_classes_lock = threading.Lock()


def event_stream(service: Service, subscription: Subscription, operation_model: Any, *, asynchronous: bool) -> Any:
    """The event stream of a successful SubscribeToShard for a client of botocore or aiobotocore."""
    with _classes_lock:
        if asynchronous and True not in _classes:
            _classes[True] = _async_class()
    shape = operation_model.output_shape.members["EventStream"]
    return _classes[asynchronous](_Feed(service, subscription), shape, None, operation_model.name)


def _runs_trio() -> bool:
    import trio

    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True


async def _let_trio_run() -> None:
    import trio.testing

    await trio.testing.wait_all_tasks_blocked()

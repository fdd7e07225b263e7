"""The event stream that SubscribeToShard gives a client: an instance of the client library's own class.

A client that asks for the next event waits for it, and waiting moves the virtual clock. Before the clock moves, other
tasks of the loop run as far as they can, and other threads get a moment of real time to put records.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import botocore.eventstream
from botocore.exceptions import EventStreamError
from botocore.parsers import create_parser

from kinesis_fake.domain.subscription import Subscription
from kinesis_fake.errors import AwsError
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.operations.subscriptions import event_description
from kinesis_fake.process.fork_locks import brief
from kinesis_fake.service import Service
from kinesis_fake.virtual_time.waiting import wait_until

_EVENT = "SubscribeToShardEvent"


class _Message:
    """One event, or one error, with the headers that the client library's class reads."""

    __slots__ = ("error", "headers", "value")

    def __init__(self, value: dict[str, Any] | None, error: AwsError | None = None) -> None:
        self.value = value
        self.error = error
        self.headers = {":message-type": "event", ":event-type": _EVENT}


class _Feed:
    """The events of one subscription, for the client library's classes to take."""

    def __init__(self, service: Service, subscription: Subscription, is_left: Callable[[], bool]) -> None:
        self._service = service
        self._subscription = subscription
        self._is_left = is_left
        self.has_ended = False

    def poll(self) -> _Message | None:
        """The event or error that is due now; None if none is, or if the subscription has ended."""
        timeline, subscription = self._service.timeline, self._subscription
        with timeline.lock:
            self._require_world()
            now = timeline.now
            if not subscription.has_something_to_say(now):
                return None
            timeline.notify()
            if subscription.is_over:
                self.has_ended = True
                return None
            try:
                event = subscription.advance(now)
            except AwsError as error:
                self.has_ended = True
                return _Message(None, error)
            if event is None:
                self.has_ended = True
                return None
            return _Message({_EVENT: event_description(event, subscription)})

    def ends_at(self) -> int:
        """When the next event is due, if nothing else happens until then."""
        return self._subscription.speaks_at(self._service.timeline.now)

    def is_over(self) -> bool:
        return not self._has_world() or self._subscription.has_something_to_say(self._service.timeline.now)

    def wait(self) -> None:
        """Let other threads go on for a moment; move the clock if they give this subscription nothing to say."""
        self._service.timeline.wait_in_thread(self)

    async def wait_async(self) -> None:
        """Let other tasks go on; move the clock when none of them can."""
        timeline = self._service.timeline
        with timeline.registered(self):
            await wait_until(timeline, self.ends_at(), self.is_over)

    def close(self) -> None:
        """End the subscription, as a client does that closes the stream."""
        with self._service.timeline.lock:
            self.has_ended = True
            self._subscription.close()
            self._service.timeline.notify()

    def _has_world(self) -> bool:
        """Whether this subscription's fake is still active, and no snapshot has replaced its world."""
        return not self._is_left() and self._subscription.consumer.stream.region.world is self._service.world

    def _require_world(self) -> None:
        if self._is_left():
            self.has_ended = True
            raise KinesisFakeError(
                "This event stream belongs to a fake that has been left. Read it inside the fake, and close it there.",
                see="left",
            )
        if not self._has_world():
            self.has_ended = True
            raise KinesisFakeError(
                "This event stream belongs to a state of the fake that restore() has replaced; subscribe again.",
                see="restored",
            )


def _parse(message: _Message, output_shape: Any, operation_name: str) -> Any:
    """The event as the client library's parser returns it; raises the library's exception for an error."""
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
        while not feed.has_ended:
            message = feed.poll()
            if message is not None:
                yield message
            elif not feed.has_ended:
                feed.wait()

    def _parse_event(self, event: _Message) -> Any:
        return _parse(event, self._output_shape, self._operation_name)


def _async_class() -> Any:
    from aiobotocore.eventstream import AioEventStream

    # Newer releases parse asynchronously.
    is_awaited = inspect.iscoroutinefunction(cast(Any, AioEventStream)._parse_event)

    class FakeAioEventStream(cast(Any, AioEventStream)):  # type: ignore[misc]
        """The stream of a client of aiobotocore."""

        _raw_stream: _Feed
        _output_shape: Any
        _operation_name: str

        async def _create_raw_event_generator(self) -> AsyncIterator[_Message]:
            feed = self._raw_stream
            while not feed.has_ended:
                message = feed.poll()
                if message is not None:
                    yield message
                elif not feed.has_ended:
                    await feed.wait_async()

        def _parse_event(self, event: _Message) -> Any:
            if is_awaited:
                return self._parse_event_async(event)
            return _parse(event, self._output_shape, self._operation_name)

        async def _parse_event_async(self, event: _Message) -> Any:
            return _parse(event, self._output_shape, self._operation_name)

    return FakeAioEventStream


_classes: dict[bool, Any] = {False: _FakeEventStream}
_classes_lock = brief(threading.Lock())


def event_stream(
    service: Service,
    subscription: Subscription,
    operation_model: Any,
    is_left: Callable[[], bool],
    *,
    asynchronous: bool,
) -> Any:
    """The event stream of a successful SubscribeToShard for a client of botocore or aiobotocore."""
    with _classes_lock:
        if asynchronous and True not in _classes:
            _classes[True] = _async_class()
    shape = operation_model.output_shape.members["EventStream"]
    return _classes[asynchronous](_Feed(service, subscription, is_left), shape, None, operation_model.name)

"""A pool of workers that reads a whole stream by enhanced fan-out, as AWS's own consumer library does.

A table of leases says who reads which shard, and how far it has been read. Every worker takes leases that nobody holds
and reads each shard in a task of its own: it subscribes at the checkpoint, hands the records of every event on, moves
the checkpoint to the event's continuation number, and subscribes again when the five minutes are over. A shard is taken
only when its parents have been read to their ends.

The same code runs on asyncio and on threads. What differs is in the two classes at the end: there, how something is
called, waited for and started.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import ClientError

#: The checkpoint of a shard that has been read to its end.
SHARD_END = "SHARD_END"
#: How many shards a worker reads at a time, so that there are some left for the others.
MOST_SHARDS = 4


@dataclass
class Lease:
    """The right to read a shard, and how far it has been read."""

    shard_id: str
    parents: frozenset[str]
    owner: str | None = None
    checkpoint: str | None = None


class LeaseTable:
    """All leases of a stream; every method is one transaction. AWS's library keeps its leases in DynamoDB.

    ``notify`` is called when there may be something to take.
    """

    def __init__(self, notify: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._notify = notify
        self._leases: dict[str, Lease] = {}
        self.finished: list[str] = []

    def add(self, shard_id: str, parents: list[str]) -> None:
        """Make the lease of a shard, if there is none yet: both parents of a merge tell of the same child."""
        with self._lock:
            self._leases.setdefault(shard_id, Lease(shard_id, frozenset(parents)))
        self._notify()

    def take(self, worker: str) -> Lease | None:
        """A lease that nobody holds, of a shard whose parents are done; none for a worker that has enough."""
        with self._lock:
            unfinished = [lease for lease in self._leases.values() if lease.checkpoint != SHARD_END]
            if sum(lease.owner == worker for lease in unfinished) < MOST_SHARDS:
                for lease in unfinished:
                    if lease.owner is None and lease.parents.issubset(self.finished):
                        lease.owner = worker
                        return lease
            return None

    def advance(self, lease: Lease, worker: str, checkpoint: str) -> bool:
        """Move the checkpoint, unless somebody else has got the lease in the meantime."""
        with self._lock:
            if lease.owner != worker:
                return False
            lease.checkpoint = checkpoint
            if checkpoint == SHARD_END:
                self.finished.append(lease.shard_id)
        self._notify()
        return True

    def give_back(self, worker: str) -> None:
        """A worker is gone: its shards are free for the others."""
        with self._lock:
            for lease in self._leases.values():
                if lease.owner == worker:
                    lease.owner = None
        self._notify()


class Runtime(Protocol):
    """How a pool calls, waits and starts what runs side by side."""

    async def call(self, operation: str, **parameters: Any) -> Any: ...

    def events(self, stream: Any) -> AsyncIterator[Any]: ...

    async def sleep(self, seconds: float) -> None: ...

    async def wait_for(self, predicate: Callable[[], Any]) -> Any:
        """What the predicate gives as soon as that is something; it is asked again after every :meth:`notify`."""

    def notify(self) -> None: ...

    def start(self, work: Coroutine[Any, Any, None]) -> Any: ...

    async def join(self, started: list[Any]) -> None: ...


@dataclass
class Worker:
    """One worker of a pool. ``process`` is given the records of each event, once."""

    name: str
    runtime: Runtime
    leases: LeaseTable
    stream_arn: str
    consumer_name: str
    process: Callable[[str, list[dict[str, Any]]], None]
    #: How often a subscription was begun.
    subscriptions: int = 0
    #: The errors that the worker has got over.
    errors: list[str] = field(default_factory=list)
    _is_stopped: bool = False

    def stop(self) -> None:
        """Read no further, and leave the shards to others."""
        self._is_stopped = True
        self.leases.give_back(self.name)  # and whoever waits for a lease is told

    async def run(self) -> None:
        """Take leases and read, until stopped."""
        readers = []
        while True:
            lease = await self.runtime.wait_for(lambda: self._is_stopped or self.leases.take(self.name))
            if self._is_stopped:
                break
            readers.append(self.runtime.start(self._read(lease)))
        await self.runtime.join(readers)

    async def _read(self, lease: Lease) -> None:
        """Read a shard, one subscription after the other, until its end or until the lease is gone."""
        while not self._is_stopped and lease.owner == self.name and lease.checkpoint != SHARD_END:
            try:
                await self._read_subscription(lease)
            except ClientError as error:
                # Another subscription is active, the consumer was deregistered, the service has failed: try again.
                self.errors.append(error.response["Error"]["Code"])
                await self.runtime.sleep(1)

    async def _read_subscription(self, lease: Lease) -> None:
        position = (
            {"Type": "TRIM_HORIZON"}
            if lease.checkpoint is None
            else {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": lease.checkpoint}
        )
        answer = await self.runtime.call(
            "subscribe_to_shard",
            ConsumerARN=await self._consumer_arn(),
            ShardId=lease.shard_id,
            StartingPosition=position,
        )
        self.subscriptions += 1
        with closing(answer["EventStream"]) as stream:
            async for event in self.runtime.events(stream):
                event = event["SubscribeToShardEvent"]
                checkpoint = event.get("ContinuationSequenceNumber", SHARD_END)
                for child in event.get("ChildShards", ()):
                    self.leases.add(child["ShardId"], child["ParentShards"])
                if self._is_stopped or not self.leases.advance(lease, self.name, checkpoint):
                    return
                self.process(lease.shard_id, event["Records"])

    async def _consumer_arn(self) -> str:
        """The ARN of the consumer, which is registered if need be and has another ARN each time."""
        while True:
            try:
                answer = await self.runtime.call(
                    "describe_stream_consumer", StreamARN=self.stream_arn, ConsumerName=self.consumer_name
                )
                description = answer["ConsumerDescription"]
                if description["ConsumerStatus"] == "ACTIVE":
                    return str(description["ConsumerARN"])
                await self.runtime.sleep(1)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                await self._register()

    async def _register(self) -> None:
        try:
            await self.runtime.call(
                "register_stream_consumer", StreamARN=self.stream_arn, ConsumerName=self.consumer_name
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUseException":  # another worker was quicker
                raise


class AsyncioRuntime:
    """Everything in tasks of one loop, with a client of aiobotocore."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._changed = asyncio.Event()

    async def call(self, operation: str, **parameters: Any) -> Any:
        return await getattr(self._client, operation)(**parameters)

    def events(self, stream: Any) -> AsyncIterator[Any]:
        return stream.__aiter__()  # type: ignore[no-any-return]

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait_for(self, predicate: Callable[[], Any]) -> Any:
        while not (found := predicate()):
            await self._changed.wait()
        return found

    def notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(work)

    async def join(self, started: list[asyncio.Task[None]]) -> None:
        await asyncio.gather(*started)


class ThreadRuntime:
    """Everything in threads, with a client of boto3. Its coroutines block, and so are run without a loop."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._threads = ThreadPoolExecutor(64)
        self._changed = threading.Condition()

    async def call(self, operation: str, **parameters: Any) -> Any:
        return getattr(self._client, operation)(**parameters)

    async def events(self, stream: Any) -> AsyncIterator[Any]:
        for event in stream:
            yield event

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def wait_for(self, predicate: Callable[[], Any]) -> Any:
        with self._changed:
            return self._changed.wait_for(predicate)

    def notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def start(self, work: Awaitable[None]) -> Future[None]:
        return self._threads.submit(run_blocking, work)

    async def join(self, started: list[Future[None]]) -> None:
        for each in started:
            each.result()


def run_blocking(work: Awaitable[Any]) -> Any:
    """Run a coroutine that never waits for a loop."""
    try:
        next(work.__await__())
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("this coroutine waits for a loop")

"""A pool of workers that reads a whole stream by enhanced fan-out, as AWS's own consumer library does.

A table of leases says which worker reads which shard, and how far it has come. Every worker takes free leases and reads
each shard in a task of its own: it subscribes at the checkpoint, processes the records of every event, moves the
checkpoint to the event's continuation number, and subscribes again when the five minutes are over. A worker takes a
shard only when its parents have been read to their ends. The last classes here are workers with one bug each.

The same code runs on asyncio and on threads. The two runtimes have what differs: how to call, wait and start a task.
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
#: How many shards a worker reads at a time, so that the others get some, too.
MAX_SHARDS = 4


@dataclass
class Lease:
    """The right to read a shard, and how far it has been read."""

    shard_id: str
    parents: frozenset[str]
    owner: str | None = None
    checkpoint: str | None = None
    #: How many events without a record behind them have come since the producer ended.
    quiet_events: int = 0


class LeaseTable:
    """All leases of a stream; every method is one transaction. AWS's library keeps its leases in DynamoDB.

    ``process`` gets the records of each event in the transaction that moves the checkpoint past them. So a worker that
    has lost its lease processes nothing, and no worker takes a child before its parent's last records are processed.
    ``notify`` is called after every change that other workers may wait for.
    """

    def __init__(self, notify: Callable[[], None], process: Callable[[str, list[dict[str, Any]]], None]) -> None:
        self._lock = threading.Lock()
        self._notify = notify
        self._process = process
        self._leases: dict[str, Lease] = {}
        self._is_complete = False

    def add(self, shard_id: str, parents: list[str]) -> None:
        """Make the lease of a shard, if there is none yet: both parents of a merge name the same child."""
        with self._lock:
            self._leases.setdefault(shard_id, Lease(shard_id, frozenset(parents)))
        self._notify()

    def take(self, worker: str) -> Lease | None:
        """A free lease of a shard whose parents are done; None for a worker that has enough leases."""
        with self._lock:
            unfinished = [lease for lease in self._leases.values() if lease.checkpoint != SHARD_END]
            if sum(lease.owner == worker for lease in unfinished) < MAX_SHARDS:
                for lease in unfinished:
                    if lease.owner is None and self.is_ready(lease):
                        lease.owner = worker
                        return lease
            return None

    def is_ready(self, lease: Lease) -> bool:
        """Whether a shard may be read, because its parents have been read to their ends, or have expired."""
        return all(self._leases[parent].checkpoint == SHARD_END for parent in lease.parents if parent in self._leases)

    def advance(self, lease: Lease, worker: str, checkpoint: str | None, event: dict[str, Any]) -> bool:
        """Process an event and move the checkpoint, unless another worker has taken the lease in the meantime."""
        with self._lock:
            if lease.owner != worker:
                return False
            self._process(lease.shard_id, event["Records"])
            lease.checkpoint = checkpoint
            if self._is_complete and event["MillisBehindLatest"] == 0:
                lease.quiet_events += 1
        self._notify()
        return True

    def give_back(self, worker: str) -> None:
        """Free the shards of a worker that is gone."""
        with self._lock:
            for lease in self._leases.values():
                if lease.owner == worker:
                    lease.owner = None
        self._notify()

    def complete(self) -> None:
        """Note that no more records will be put."""
        with self._lock:
            self._is_complete = True

    def is_drained(self) -> bool:
        """Whether all records have been read. One quiet event does not count: it may be older than the last record."""
        with self._lock:
            return all(lease.checkpoint == SHARD_END or lease.quiet_events > 1 for lease in self._leases.values())

    @property
    def checkpoints(self) -> dict[str, str | None]:
        """How far each shard has been read."""
        with self._lock:
            return {lease.shard_id: lease.checkpoint for lease in self._leases.values()}


class Runtime(Protocol):
    """How a pool makes calls, waits, and starts tasks that run side by side."""

    async def call(self, operation: str, **parameters: Any) -> Any: ...

    def events(self, stream: Any) -> AsyncIterator[Any]: ...

    async def sleep(self, seconds: float) -> None: ...

    async def wait_for(self, predicate: Callable[[], Any]) -> Any:
        """Wait until the predicate gives a true value, and return it; it is asked again after every :meth:`notify`."""

    def notify(self) -> None: ...

    def start(self, work: Coroutine[Any, Any, None]) -> Any: ...

    async def join(self, started: list[Any]) -> None: ...


@dataclass
class Worker:
    """One worker of a pool."""

    name: str
    runtime: Runtime
    leases: LeaseTable
    stream_arn: str
    consumer_name: str
    #: How many subscriptions were begun; and, below, how many were over after five minutes.
    begun: int = 0
    expired: int = 0
    #: The codes of the errors after which the worker has gone on.
    errors: list[str] = field(default_factory=list)
    _is_stopped: bool = False

    def stop(self) -> None:
        """Take no more shards, and leave the present ones to others; their tasks notice it at the next event."""
        self._is_stopped = True
        self.leases.give_back(self.name)

    async def run(self) -> None:
        """Take leases and read, until stopped."""
        answer = await self.runtime.call("list_shards", StreamARN=self.stream_arn)
        for shard in answer["Shards"]:
            parents = [shard.get("ParentShardId"), shard.get("AdjacentParentShardId")]
            self.leases.add(shard["ShardId"], [parent for parent in parents if parent is not None])
        readers = []
        while True:
            lease = await self.runtime.wait_for(lambda: self._is_stopped or self.leases.take(self.name))
            if self._is_stopped:
                break
            readers.append(self.runtime.start(self._read(lease)))
        self.leases.give_back(self.name)  # leases that were taken while the worker was being stopped
        await self.runtime.join(readers)

    async def _read(self, lease: Lease) -> None:
        """Read a shard, one subscription after the other, until its end or until the lease is gone."""
        while lease.owner == self.name and lease.checkpoint != SHARD_END:
            try:
                await self._read_subscription(lease)
            except ClientError as error:
                # Another subscription is active, the consumer was deregistered, the service has failed: try again.
                self.errors.append(error.response["Error"]["Code"])
                await self.runtime.sleep(1)

    async def _read_subscription(self, lease: Lease) -> None:
        answer = await self.runtime.call(
            "subscribe_to_shard",
            ConsumerARN=await self._consumer_arn(),
            ShardId=lease.shard_id,
            StartingPosition=self.position_of(lease),
        )
        self.begun += 1
        with closing(answer["EventStream"]) as stream:
            async for event in self.runtime.events(stream):
                event = event["SubscribeToShardEvent"]
                for child in event.get("ChildShards", ()):
                    self.leases.add(child["ShardId"], child["ParentShards"])
                if not self.leases.advance(lease, self.name, self.checkpoint_of(lease, event), event):
                    return
        self.expired += lease.checkpoint != SHARD_END

    def position_of(self, lease: Lease) -> dict[str, str]:
        """Where to go on with a shard."""
        if lease.checkpoint is None:
            return {"Type": "TRIM_HORIZON"}
        return {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": lease.checkpoint}

    def checkpoint_of(self, lease: Lease, event: dict[str, Any]) -> str | None:
        """How far the shard has been read with this event."""
        return str(event.get("ContinuationSequenceNumber", SHARD_END))

    async def _consumer_arn(self) -> str:
        """The consumer's ARN; registers the consumer if it is not there, which gives it another ARN each time."""
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

    def close(self) -> None:
        self._threads.shutdown()


def run_blocking(work: Awaitable[Any]) -> Any:
    """Run a coroutine that never waits for a loop."""
    try:
        next(work.__await__())
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("this coroutine waits for a loop")


# --- what workers get wrong -----------------------------------------------------------------------------------------


class ChildrenAtOnce(LeaseTable):
    """Reads every shard as soon as it is known."""

    def is_ready(self, lease: Lease) -> bool:
        return True


class FromTheLastRecord(Worker):
    """Goes on at the last record that it has read, not after it."""

    def position_of(self, lease: Lease) -> dict[str, str]:
        return {**super().position_of(lease), **({"Type": "AT_SEQUENCE_NUMBER"} if lease.checkpoint else {})}

    def checkpoint_of(self, lease: Lease, event: dict[str, Any]) -> str | None:
        if "ContinuationSequenceNumber" not in event:
            return SHARD_END
        return event["Records"][-1]["SequenceNumber"] if event["Records"] else lease.checkpoint


class FromNowOn(Worker):
    """Goes on with what is put after it has subscribed again."""

    def position_of(self, lease: Lease) -> dict[str, str]:
        return {"Type": "TRIM_HORIZON" if lease.checkpoint is None else "LATEST"}

"""Clients of aiobotocore, where it is installed: three calls against the floor of such a client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.benchmarks import work
from tests.benchmarks.floor import aio_floor_client
from tests.benchmarks.rounds import Arguments, Comparison, compare, no_collection

if TYPE_CHECKING:
    from kinesis_fake import KinesisFake


class AioTarget(NamedTuple):
    """One row: what is called how often in a turn, and how much it may take."""

    call: str
    what: str
    at_most_times_floor: float
    calls_per_turn: int


TARGETS = (
    AioTarget("put_record", "put_record, 100 B", 1.15, 100),
    AioTarget("put_records", "put_records, 500 × 1 KiB", 1.15, 5),
    AioTarget("get_records", "get_records, 1000 × 1 KiB", 1.15, 25),
)


class AioCalls:
    """Calls that one task awaits, one after the other, on a loop that runs nothing else."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        function: Callable[..., Any],
        arguments: Callable[[], Awaitable[Sequence[Arguments]]],
        between: Callable[[], object] = lambda: None,
    ) -> None:
        self._loop = loop
        self._function = function
        self._arguments = arguments
        self._between = between

    def turn(self, number: int) -> float:
        with no_collection():
            return self._loop.run_until_complete(self._turn())

    async def _turn(self) -> float:
        batch = await self._arguments()
        nanoseconds = []
        for arguments in batch:
            started_at = time.thread_time_ns()
            await self._function(**arguments)
            nanoseconds.append(time.thread_time_ns() - started_at)
            self._between()
        return median(nanoseconds[len(batch) // 5 :]) / 1e9


def measure(kinesis: KinesisFake, target: AioTarget, rounds: int) -> Comparison:
    """Us and the floor, both with clients of aiobotocore."""
    loop = asyncio.new_event_loop()
    try:
        floor = loop.run_until_complete(aio_floor_client())
        client = kinesis.aio_client()

        async def arguments() -> Arguments:
            if target.call == "get_records":
                answer = await client.get_shard_iterator(**work.get_shard_iterator())
                return {"ShardIterator": answer["ShardIterator"], "Limit": work.READ_RECORDS}
            return work.put_record() if target.call == "put_record" else work.put_records()

        async def batch() -> Sequence[Arguments]:
            return [await arguments() for _ in range(target.calls_per_turn)]

        ours = AioCalls(loop, getattr(client, target.call), batch, lambda: kinesis.advance(milliseconds=work.PAUSE_MS))
        return compare([ours, AioCalls(loop, getattr(floor, target.call), batch)], rounds)
    finally:
        loop.close()

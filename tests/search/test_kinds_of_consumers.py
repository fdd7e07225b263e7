"""Consumers of coroutines, of aiobotocore and of handlers, in a machine whose steps the test calls."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kinesis_fake.stateful import ConsumerMachine
from tests.search.right_programs import HandlerMachine, Poller, Process
from tests.support.accusations import reason_of


def test_a_consumer_may_be_made_and_run_by_coroutines() -> None:
    class AsyncPoller(Poller):
        closed = 0

        async def step(self) -> None:  # type: ignore[override]
            await asyncio.sleep(0.5)
            super().step()

        async def close(self) -> None:
            AsyncPoller.closed += 1

    class AsyncMachine(ConsumerMachine):
        async def make_consumer(self, *arguments: Any) -> Any:
            await asyncio.sleep(0)
            return AsyncPoller(*arguments)

    with AsyncMachine.play(shards=1) as play:
        play.put(["a", "b"])
        play.kill(1)
        play.step(2)
        play.split(0)
        assert sorted(entry.times for entry in play._ledger.entries) == [1, 1]
    assert AsyncPoller.closed == 2


@pytest.mark.asyncio_clients
def test_a_consumer_may_use_a_client_of_aiobotocore() -> None:
    session = pytest.importorskip("aiobotocore.session")

    class AioPoller:
        def __init__(self, client: Any, context: Any, stream_name: str, process: Process) -> None:
            self.client, self.context, self.stream_name, self.process = client, context, stream_name, process
            self.iterator: str | None = None

        async def step(self) -> None:
            if self.iterator is None:
                shard = {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
                answer = await self.client.get_shard_iterator(StreamName=self.stream_name, **shard)
                self.iterator = answer["ShardIterator"]
            answer = await self.client.get_records(ShardIterator=self.iterator)
            for record in answer["Records"]:
                self.process(record)
            self.iterator = answer["NextShardIterator"]

        async def close(self) -> None:
            await self.context.__aexit__(None, None, None)

    class AioMachine(ConsumerMachine):
        async def make_consumer(self, client: Any, stream_name: str, checkpoints: Any, process: Process) -> Any:
            context = session.get_session().create_client("kinesis", region_name="us-east-1")
            return AioPoller(await context.__aenter__(), context, stream_name, process)

    with AioMachine.play(shards=1) as play:
        play.put(["a"])
        play.step()
        assert [entry.times for entry in play._ledger.entries] == [1]


def test_a_handler_that_raises_of_its_own_accord_is_accused_with_what_it_raised() -> None:
    class BrokenMachine(ConsumerMachine):
        def make_handler(self, process: Process) -> Any:
            return lambda event, context: event["records"]

    assert reason_of(BrokenMachine, lambda play: play.put(["a"])) == "The handler raised KeyError('records')."


def test_what_lambda_discards_with_a_document_is_not_lost() -> None:
    class OneTryMachine(HandlerMachine):
        mapping = {"maximum_retry_attempts": 0}  # noqa: RUF012

    with OneTryMachine.play(shards=1) as play:
        play.put(["a", "b"])
        play.fail_processing(1)
        play.step(2)

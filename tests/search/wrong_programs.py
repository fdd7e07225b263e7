"""Consumers and producers with one bug each, every one of them a bug that real programs have had.

Each names the public source that shows it: the published code of a library, or the page of AWS's developer guide that
was written because people run into it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from kinesis_fake.stateful import ConsumerMachine
from tests.search.right_programs import (
    FanOutWorker,
    Poller,
    PollerMachine,
    Process,
    Producer,
    ProducerOfRecordsMachine,
)

# --- consumers ------------------------------------------------------------------------------------------------------


class LosesTheLastBatch(Poller):
    """Ends with a closed shard before it has looked at the records that came with its end.

    kinesis-python 0.2.1 on PyPI, ``ShardReader.loop``: ``if not resp['NextShardIterator']: return False`` stands before
    the records are handed on.
    """

    def read(self, shard_id: str) -> None:
        answer = self.get_records(shard_id)
        if "NextShardIterator" not in answer:
            self.end(shard_id)
            return
        for record in answer["Records"]:
            self.handle(shard_id, record)
        self.iterators[shard_id] = answer["NextShardIterator"]


class StartsChildrenAtLatest(Poller):
    """Reads a shard that it has no checkpoint of from LATEST, even a shard that a reshard has just made.

    kinesis-python 0.2.1 on PyPI, ``DynamoDB.get_iterator_args``: a shard without an entry is read from LATEST.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.first_shards = {shard["ShardId"] for shard in self.list_shards()} if not self.checkpoints else set()

    def new_iterator(self, shard_id: str) -> str:
        if shard_id in self.checkpoints or shard_id in self.first_shards:
            return super().new_iterator(shard_id)
        latest = {"StreamName": self.stream_name, "ShardId": shard_id, "ShardIteratorType": "LATEST"}
        return str(self.client.get_shard_iterator(**latest)["ShardIterator"])


class ReadsChildrenAtOnce(Poller):
    """Reads the children of a reshard beside their parents.

    kinesis-python 0.2.1 on PyPI, ``KinesisConsumer.setup_shards``: a reader is started for every shard that
    DescribeStream shows.
    """

    limit = 2

    def may_read(self, parents: set[str]) -> bool:
        return True


class DiesAtTheEndOfAShard(Poller):
    """Takes for granted that every answer has a NextShardIterator.

    kcpy 0.1.7 on PyPI, ``ShardConsumer.__iter__``: ``shard_iter = resp['NextShardIterator']``.
    """

    def read(self, shard_id: str) -> None:
        answer = self.get_records(shard_id)
        for record in answer["Records"]:
            self.handle(shard_id, record)
        self.iterators[shard_id] = answer["NextShardIterator"]


class ListsShardsOnce(Poller):
    """Reads the shards that there are when it starts, and never those of a later reshard.

    aws-kinesis-consumer 1.4.1 on PyPI, ``Stream.prepare``, and kcpy 0.1.7, ``StreamConsumer.__iter__``.
    """

    shards: list[dict[str, Any]] | None = None

    def list_shards(self) -> list[dict[str, Any]]:
        if self.shards is None:
            self.shards = super().list_shards()
        return self.shards


class KeepsAnExpiredIterator(Poller):
    """Catches whatever GetRecords raises, and tries again with the same iterator.

    aws-kinesis-consumer 1.4.1 on PyPI, ``Shard.print_records``: ``except Exception`` leaves ``next_shard_iterator`` as
    it was. After five minutes the iterator has expired, and every further call fails.
    """

    def get_records(self, shard_id: str) -> dict[str, Any]:
        if shard_id not in self.iterators:
            self.iterators[shard_id] = self.new_iterator(shard_id)
        with suppress(ClientError):
            return dict(self.client.get_records(ShardIterator=self.iterators[shard_id], Limit=self.limit))
        return {"Records": [], "NextShardIterator": self.iterators[shard_id]}


class MovesTheCheckpointFirst(Poller):
    """Moves the checkpoint over records that it has received and not yet processed.

    kcpy 0.1.7 on PyPI: ``ShardConsumer`` moves the checkpoint when the records are in a queue between two processes;
    what reads from the queue may die before it has seen them.
    """

    def read(self, shard_id: str) -> None:
        answer = self.get_records(shard_id)
        if answer["Records"]:
            self.checkpoints[shard_id] = answer["Records"][-1]["SequenceNumber"]
        for record in answer["Records"]:
            self.process(record)
        if "NextShardIterator" in answer:
            self.iterators[shard_id] = answer["NextShardIterator"]
        else:
            self.end(shard_id)


class SkipsWhatItCannotProcess(Poller):
    """Logs a record that could not be processed, and goes on with the next.

    AWS's developer guide, troubleshooting consumers, "Some Kinesis Data Streams records are skipped when using the
    Kinesis Client Library": an exception of the record processor is the most common cause.
    """

    def handle(self, shard_id: str, record: dict[str, Any]) -> None:
        with suppress(Exception):
            self.process(record)
        self.checkpoints[shard_id] = record["SequenceNumber"]


class TakesAnEmptyAnswerForTheEnd(Poller):
    """Believes that a shard has nothing more when an answer has no records.

    AWS's developer guide, troubleshooting consumers, "GetRecords returns empty records array even when there is data in
    the stream".
    """

    def read(self, shard_id: str) -> None:
        answer = self.get_records(shard_id)
        for record in answer["Records"]:
            self.handle(shard_id, record)
        if answer["Records"] and "NextShardIterator" in answer:
            self.iterators[shard_id] = answer["NextShardIterator"]
        elif "NextShardIterator" not in answer or answer["MillisBehindLatest"] > 0:
            self.end(shard_id)


class ReadsTheLastRecordAgain(Poller):
    """Goes on at the record that it has processed last, and claims that it processes each record once.

    AWS's developer guide, "Handling duplicate records", consumer retries: the last records before a restart come again.
    """

    def new_iterator(self, shard_id: str) -> str:
        if shard_id not in self.checkpoints:
            return super().new_iterator(shard_id)
        at = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": self.checkpoints[shard_id]}
        answer = self.client.get_shard_iterator(StreamName=self.stream_name, ShardId=shard_id, **at)
        return str(answer["ShardIterator"])


class SubscribesFromNowOn(FanOutWorker):
    """Subscribes again at LATEST, and misses what was put since its last subscription.

    The API reference, SubscribeToShard: a subscription lasts five minutes, and has to be renewed from the
    ContinuationSequenceNumber of the last event.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.subscribed: set[str] = set()

    def starting_position(self, shard_id: str) -> dict[str, str]:
        if shard_id in self.subscribed:
            return {"Type": "LATEST"}
        self.subscribed.add(shard_id)
        return super().starting_position(shard_id)


class ReportsNothingMachine(ConsumerMachine):
    """A Lambda handler that goes on after a record that it could not process, and answers that all is well.

    AWS Lambda's developer guide, Kinesis, "Configuring partial batch response": a function that catches its errors has
    to report the records, or Lambda takes the batch for done.
    """

    def make_handler(self, process: Process) -> Callable[[Any, Any], Any]:
        def handler(event: Any, context: Any) -> None:
            for record in event["Records"]:
                with suppress(Exception):
                    process(record)

        return handler


# --- producers ------------------------------------------------------------------------------------------------------


class IgnoresFailedRecords(Producer):
    """Does not look at FailedRecordCount.

    kinesis-python 0.2.1 on PyPI, ``AsyncProducer.flush_records``: the answer of PutRecords is thrown away.
    """

    def send(self, batch: list[dict[str, Any]]) -> None:
        self.client.put_records(StreamName=self.stream_name, Records=batch)
        del self.buffer[: len(batch)]


class FlushesOneBatch(Producer):
    """Puts at most 500 records when it is flushed and closed.

    kiner 0.8.0 on PyPI, ``KinesisProducer.close`` calls ``flush_queue`` once, which takes at most ``batch_size``
    records.
    """

    def flush(self) -> None:
        if self.buffer:
            self.send(self.next_batch())

    def close(self) -> None:
        self.flush()


class LogsAndForgets(Producer):
    """Logs an error of the client, and forgets what it wanted to put.

    kinesis-producer 0.2.1 on PyPI, ``Client.put_record``: ``except: log.exception('Failed to send records to
    Kinesis')``.
    """

    def send(self, batch: list[dict[str, Any]]) -> None:
        with suppress(Exception):
            super().send(batch)
            return
        del self.buffer[: len(batch)]


class PutsTheWholeBatchAgain(Producer):
    """Puts the whole batch again when some of its records have failed.

    AWS's developer guide, "Handling duplicate records", producer retries; and the API reference, PutRecords: only the
    failed records are to be put again.
    """

    def send(self, batch: list[dict[str, Any]]) -> None:
        answer = self.client.put_records(StreamName=self.stream_name, Records=batch)
        if answer["FailedRecordCount"] == 0:
            del self.buffer[: len(batch)]


class CountsNoBytes(Producer):
    """Makes batches of 500 records, however large they are.

    kiner 0.8.0 on PyPI, ``KinesisProducer.flush_queue``: ``batch_size`` is the only bound of a batch.
    """

    def next_batch(self) -> list[dict[str, Any]]:
        return self.buffer[: self.max_records]


WRONG_CONSUMERS: tuple[type[Poller], ...] = (
    LosesTheLastBatch,
    StartsChildrenAtLatest,
    ReadsChildrenAtOnce,
    DiesAtTheEndOfAShard,
    ListsShardsOnce,
    KeepsAnExpiredIterator,
    MovesTheCheckpointFirst,
    SkipsWhatItCannotProcess,
    TakesAnEmptyAnswerForTheEnd,
    ReadsTheLastRecordAgain,
)
WRONG_PRODUCERS: tuple[type[Producer], ...] = (
    IgnoresFailedRecords,
    FlushesOneBatch,
    LogsAndForgets,
    PutsTheWholeBatchAgain,
    CountsNoBytes,
)


class SubscribesFromNowOnMachine(ConsumerMachine):
    """The fan-out worker with a bug."""

    def make_consumer(self, client: Any, stream_name: str, checkpoints: dict[str, Any], process: Process) -> Any:
        return SubscribesFromNowOn(client, self.stream.stream_arn, checkpoints, process)


class PutsFailedRecordsLater(Producer):
    """Puts the failed records of a batch again after those that came with them, and claims that it keeps order.

    kiner 0.8.0 on PyPI, ``KinesisProducer.send_records``: the failed records of a batch are put again alone, when later
    ones of the same key are in the stream already.
    """


class PutsFailedRecordsLaterMachine(ProducerOfRecordsMachine):
    """The right producer for those who need no order."""

    ordered = True
    many = False
    large = False
    producer = PutsFailedRecordsLater


def _machine(program: type, kind: type, attribute: str) -> type:
    machine = type(f"{program.__name__}Machine", (kind,), {attribute: program, "__module__": __name__})
    machine.__qualname__ = machine.__name__
    globals()[machine.__name__] = machine
    return machine


MACHINES: tuple[Any, ...] = (
    *(_machine(program, PollerMachine, "poller") for program in WRONG_CONSUMERS),
    SubscribesFromNowOnMachine,
    ReportsNothingMachine,
    *(_machine(program, ProducerOfRecordsMachine, "producer") for program in WRONG_PRODUCERS),
    PutsFailedRecordsLaterMachine,
)

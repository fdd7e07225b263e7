"""Right consumers and producers, and the machines that search them for bugs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, ClassVar

import boto3

from kinesis_fake.stateful import ConsumerMachine, ProcessingFailed, ProducerMachine
from tests.support.guides_consumer import Consumer

SHARD_END = "SHARD_END"

Process = Callable[[Any], None]


class GuideWorkerMachine(ConsumerMachine):
    """The worker of AWS's developer guide, which the tests of conformance have, too."""

    def make_consumer(self, client: Any, stream_name: str, checkpoints: dict[str, Any], process: Process) -> Any:
        return GuideWorker(client, stream_name, lambda shard_id, record: process(record), checkpoints)


class GuideWorker(Consumer):
    """One read of every shard a step."""

    def step(self) -> None:
        self.poll()


class Poller:
    """A small right consumer; the wrong ones change one thing each.

    It lists the shards in every step, reads those whose parents are done, a few records at a time, and moves a shard's
    checkpoint after each record.
    """

    limit = 100

    def __init__(self, client: Any, stream_name: str, checkpoints: dict[str, Any], process: Process) -> None:
        self.client = client
        self.stream_name = stream_name
        self.checkpoints = checkpoints
        self.process = process
        self.iterators: dict[str, str] = {}

    def step(self) -> None:
        """Read every shard that may be read once."""
        shards = self.list_shards()
        known = {shard["ShardId"] for shard in shards}
        for shard in shards:
            parents = {shard[name] for name in ("ParentShardId", "AdjacentParentShardId") if shard.get(name) in known}
            if self.checkpoints.get(shard["ShardId"]) != SHARD_END and self.may_read(parents):
                self.read(shard["ShardId"])

    def list_shards(self) -> list[dict[str, Any]]:
        return list(self.client.list_shards(StreamName=self.stream_name)["Shards"])

    def may_read(self, parents: set[str]) -> bool:
        return all(self.checkpoints.get(parent) == SHARD_END for parent in parents)

    def read(self, shard_id: str) -> None:
        answer = self.get_records(shard_id)
        for record in answer["Records"]:
            self.handle(shard_id, record)
        if "NextShardIterator" in answer:
            self.iterators[shard_id] = answer["NextShardIterator"]
        else:
            self.end(shard_id)

    def handle(self, shard_id: str, record: dict[str, Any]) -> None:
        self.process(record)
        self.checkpoints[shard_id] = record["SequenceNumber"]

    def end(self, shard_id: str) -> None:
        self.iterators.pop(shard_id, None)
        self.checkpoints[shard_id] = SHARD_END

    def get_records(self, shard_id: str) -> dict[str, Any]:
        if shard_id not in self.iterators:
            self.iterators[shard_id] = self.new_iterator(shard_id)
        try:
            return dict(self.client.get_records(ShardIterator=self.iterators[shard_id], Limit=self.limit))
        except self.client.exceptions.ExpiredIteratorException:
            self.iterators[shard_id] = self.new_iterator(shard_id)
            return dict(self.client.get_records(ShardIterator=self.iterators[shard_id], Limit=self.limit))

    def new_iterator(self, shard_id: str) -> str:
        checkpoint = self.checkpoints.get(shard_id)
        if checkpoint is None:
            position = {"ShardIteratorType": "TRIM_HORIZON"}
        else:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": checkpoint}
        answer = self.client.get_shard_iterator(StreamName=self.stream_name, ShardId=shard_id, **position)
        return str(answer["ShardIterator"])


class PollerMachine(ConsumerMachine):
    """The poller processes each record once, because no step ends between a record and its checkpoint."""

    exactly_once = True
    poller: type[Poller] = Poller

    def make_consumer(self, client: Any, stream_name: str, checkpoints: dict[str, Any], process: Process) -> Any:
        return self.poller(client, stream_name, checkpoints, process)


class HandlerMachine(ConsumerMachine):
    """A Lambda handler that lets out what its processing raises; Lambda hands the batch over again."""

    def make_handler(self, process: Process) -> Callable[[Any, Any], Any]:
        def handler(event: Any, context: Any) -> None:
            for record in event["Records"]:
                process(record)

        return handler


class ReportingHandlerMachine(ConsumerMachine):
    """A Lambda handler that reports the first record which it could not process."""

    mapping: ClassVar[Mapping[str, Any]] = {"function_response_types": ["ReportBatchItemFailures"], "batch_size": 2}

    def make_handler(self, process: Process) -> Callable[[Any, Any], Any]:
        def handler(event: Any, context: Any) -> Any:
            for record in event["Records"]:
                try:
                    process(record)
                except ProcessingFailed:
                    return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
            return {"batchItemFailures": []}

        return handler


class FanOutWorker:
    """Reads by enhanced fan-out: in every step it subscribes to each shard until that has nothing more to say."""

    def __init__(self, client: Any, stream_arn: str, checkpoints: dict[str, Any], process: Process) -> None:
        self.client = client
        self.stream_arn = stream_arn
        self.checkpoints = checkpoints
        self.process = process

    def step(self) -> None:
        """Subscribe to every shard that may be read."""
        shards = self.client.list_shards(StreamARN=self.stream_arn)["Shards"]
        known = {shard["ShardId"] for shard in shards}
        consumer_arn = self.consumer_arn()
        for shard in shards:
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")} & known
            done = all(self.checkpoints.get(parent) == SHARD_END for parent in parents)
            if done and self.checkpoints.get(shard["ShardId"]) != SHARD_END:
                self.read(consumer_arn, shard["ShardId"])

    def consumer_arn(self) -> str:
        consumers = self.client.list_stream_consumers(StreamARN=self.stream_arn)["Consumers"]
        for consumer in consumers:
            if consumer["ConsumerStatus"] == "ACTIVE":
                return str(consumer["ConsumerARN"])
        if not consumers:
            self.client.register_stream_consumer(StreamARN=self.stream_arn, ConsumerName="worker")
        while True:
            (consumer,) = self.client.list_stream_consumers(StreamARN=self.stream_arn)["Consumers"]
            if consumer["ConsumerStatus"] == "ACTIVE":
                return str(consumer["ConsumerARN"])

    def starting_position(self, shard_id: str) -> dict[str, str]:
        checkpoint = self.checkpoints.get(shard_id)
        if checkpoint is None:
            return {"Type": "TRIM_HORIZON"}
        return {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": checkpoint}

    def read(self, consumer_arn: str, shard_id: str) -> None:
        try:
            answer = self.client.subscribe_to_shard(
                ConsumerARN=consumer_arn, ShardId=shard_id, StartingPosition=self.starting_position(shard_id)
            )
        except self.client.exceptions.ResourceInUseException:
            return  # the last subscription began less than five seconds ago
        with closing(answer["EventStream"]) as events:
            for event in events:
                event = event["SubscribeToShardEvent"]
                for record in event["Records"]:
                    self.process(record)
                self.checkpoints[shard_id] = event.get("ContinuationSequenceNumber", SHARD_END)
                if event["MillisBehindLatest"] == 0:
                    return


class FanOutWorkerMachine(ConsumerMachine):
    """The fan-out worker."""

    def make_consumer(self, client: Any, stream_name: str, checkpoints: dict[str, Any], process: Process) -> Any:
        return FanOutWorker(client, self.stream.stream_arn, checkpoints, process)


class Producer:
    """A small right producer; the wrong ones change one thing each.

    It buffers what it is given, and puts it in batches that PutRecords takes, each until all of it is in the stream.
    """

    max_records = 500
    max_bytes = 10 * 1024 * 1024

    def __init__(self, client: Any, stream_name: str, give_up: Callable[[Any], None]) -> None:
        self.client = client
        self.stream_name = stream_name
        self.give_up = give_up
        self.buffer: list[dict[str, Any]] = []

    def put(self, partition_key: str, data: bytes) -> None:
        self.buffer.append({"Data": data, "PartitionKey": partition_key})

    def flush(self) -> None:
        """Put everything; what could not be put is still there afterwards."""
        while self.buffer:
            batch = self.next_batch()
            self.send(batch)

    def next_batch(self) -> list[dict[str, Any]]:
        """The records at the front that PutRecords takes at once."""
        size = 0
        for number, record in enumerate(self.buffer[: self.max_records]):
            size += len(record["Data"]) + len(record["PartitionKey"].encode())
            if size > self.max_bytes:
                return self.buffer[:number]
        return self.buffer[: self.max_records]

    def send(self, batch: list[dict[str, Any]]) -> None:
        answer = self.client.put_records(StreamName=self.stream_name, Records=batch)
        failed = [record for record, entry in zip(batch, answer["Records"], strict=True) if "ErrorCode" in entry]
        self.buffer[: len(batch)] = failed


class ProducerOfRecordsMachine(ProducerMachine):
    """The producer in batches, which loses nothing, doubles nothing, and keeps no order."""

    exactly_once = True
    producer: type[Producer] = Producer

    def make_producer(self, client: Any, stream_name: str, give_up: Callable[[Any], None]) -> Any:
        return self.producer(client, stream_name, give_up)


class OrderlyProducer(Producer):
    """Keeps the order of each key: what follows a failed record of the same key waits for it, one record at a time."""

    def flush(self) -> None:
        while self.buffer:
            record = self.buffer[0]
            self.client.put_record(StreamName=self.stream_name, **record)
            del self.buffer[0]


class OrderlyProducerMachine(ProducerMachine):
    """The producer that keeps order; it may double a record whose answer is lost."""

    ordered = True
    many = False
    large = False

    def make_producer(self, client: Any, stream_name: str, give_up: Callable[[Any], None]) -> Any:
        return OrderlyProducer(boto3.client("kinesis", region_name="us-east-1"), stream_name, give_up)

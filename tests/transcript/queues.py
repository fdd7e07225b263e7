"""Queues: making and changing them, receiving, acknowledging and hiding records, and dead letters."""

from __future__ import annotations

from typing import Any

from kinesis_fake import Fault, Limits
from tests.transcript.writing import SHARD, Transcript, arn, at

FLOW = arn("flow")
DEAD_LETTERS = {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 2}}


def script(t: Transcript) -> None:
    with t.fake("the life of a queue", streams={"flow": {}, "free": {}, "orders": 1}):
        _life(t)
    with t.fake("bad input", streams={"flow": {}}):
        _bad_input(t)
    with t.fake("pages", streams={"flow": {}, "free": {}}):
        _pages(t)


def script_of_records(t: Transcript) -> None:
    with t.fake("receiving", streams={"flow": {}}, autojump=True):
        _receiving(t)
    with t.fake("starting positions", streams={"flow": {}}):
        _positions(t)
    for autojump in (False, True):
        with t.fake(f"dead letters, autojump {autojump}", streams={"flow": {}}, autojump=autojump):
            _dead_letters(t)
    with t.fake("in flight", streams={"flow": {}}, limits=Limits(queue_records_in_flight=2)):
        _in_flight(t)
    with t.fake("disturbed", streams={"flow": {}}):
        _disturbed(t)


def _create(t: Transcript, queue_name: str = "jobs", position: Any = None, **more: Any) -> Any:
    stream = {"StreamARN": FLOW} if position is None else {"StreamARN": FLOW, "StartingPosition": position}
    answer = t.call("CreateQueue", **{"QueueName": queue_name, "StreamConfigurationList": [stream], **more})
    return answer["QueueDescription"]["QueueARN"] if answer else None


def _life(t: Transcript) -> None:
    queue = _create(t)
    _create(t)
    _create(t, "other", QueueAttributes={"VisibilityTimeoutSeconds": 5, **DEAD_LETTERS}, Tags={"a": "b"})
    t.do("kinesis.pending()")
    t.call("DescribeQueue", QueueARN=queue)
    t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=1)
    t.call("UpdateQueue", QueueARN=queue, QueueAttributes=DEAD_LETTERS)
    t.do("kinesis.queue('jobs')")
    t.do("kinesis.queue('none')")
    t.do("kinesis.settle()")
    t.call("DescribeQueue", QueueARN=queue)
    t.call("UpdateQueue", QueueARN=queue, QueueAttributes=DEAD_LETTERS)
    t.call("UpdateQueue", QueueARN=queue, QueueAttributes={"VisibilityTimeoutSeconds": 7})
    t.call("DescribeQueue", QueueARN=queue)
    t.do("kinesis.settle()")
    t.call("UpdateQueue", QueueARN=queue, QueueAttributes={"DeadLetterConfiguration": {"TargetType": "NONE"}})
    t.do("kinesis.settle()")
    t.call("ListQueues")
    t.call("DescribeStreamSummary", StreamName="flow")
    t.call("ListStreamConsumers", StreamARN=FLOW)
    t.call("DeleteStream", StreamName="flow")
    t.call("DeleteStream", StreamName="flow", EnforceConsumerDeletion=True)
    t.call("UpdateStreamMode", StreamARN=FLOW, StreamModeDetails={"StreamMode": "PROVISIONED"})
    t.call("DeleteQueue", QueueARN=queue)
    t.call("DeleteQueue", QueueARN=queue)
    t.call("DescribeQueue", QueueARN=queue)
    t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=1)
    t.call("UpdateQueue", QueueARN=queue, QueueAttributes=DEAD_LETTERS)
    t.do("kinesis.queue(queue)", queue=queue)
    t.do("kinesis.settle()")
    t.call("DescribeQueue", QueueARN=queue)
    t.call("DeleteQueue", QueueARN=queue)
    again = _create(t)
    t.attempt("both ARNs are alike", lambda: queue == again)
    for number in range(5):
        _create(t, f"queue-{number}")


def _bad_input(t: Transcript) -> None:
    _create(t, "")
    _create(t, "a b")
    _create(t, "x" * 129)
    _create(t, StreamConfigurationList=[])
    _create(t, StreamConfigurationList=[{"StreamARN": FLOW}] * 2)
    _create(t, StreamConfigurationList=[{"StreamARN": arn("none")}])
    _create(t, StreamConfigurationList=[{"StreamARN": arn("flow", "222222222222")}])
    _create(t, StreamConfigurationList=[{}])
    t.do("kinesis.create_stream('orders', shards=1)")
    _create(t, StreamConfigurationList=[{"StreamARN": arn("orders")}])
    for position in (
        {"Type": "NOWHERE"},
        {"Type": "AT_TIMESTAMP"},
        {"Type": "LATEST", "Timestamp": at("2026-01-01T00:00:00")},
        {"Type": "AT_TIMESTAMP", "Timestamp": at("2026-01-01T00:00:01")},
    ):
        _create(t, position=position)
    attributes: dict[str, Any]
    for attributes in (
        {"VisibilityTimeoutSeconds": -1},
        {"VisibilityTimeoutSeconds": 43_201},
        {"DeadLetterConfiguration": {"TargetType": "BUILT_IN"}},
        {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 0}},
        {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1001}},
        {"DeadLetterConfiguration": {"TargetType": "ELSEWHERE"}},
        {"DeadLetterConfiguration": {}},
    ):
        _create(t, QueueAttributes=attributes)
    _create(t, Tags={"aws:a": "b"})
    t.call("CreateQueue", QueueName="jobs")
    queue = _create(t)
    t.do("kinesis.settle()")
    for operation, entry in (
        ("AcknowledgeQueueRecords", {}),
        ("UpdateQueueRecordsVisibility", {"VisibilityTimeoutSeconds": 5}),
        ("AcknowledgeDeadLetterQueueRecords", {}),
        ("UpdateDeadLetterQueueRecordsVisibility", {"VisibilityTimeoutSeconds": 5}),
        ("RestoreDeadLetterQueueRecords", {}),
    ):
        good = {"ReceiptHandle": "nonsense", **entry}
        t.call(operation, QueueARN=queue, Entries=[good])
        t.call(operation, QueueARN=queue, Entries=[])
        t.call(operation, QueueARN=queue, Entries=[good] * 11)
        t.call(operation, QueueARN=queue, Entries=[{**good, "ReceiptHandle": ""}])
        t.call(operation, QueueARN=queue)
        t.call(operation, QueueARN=FLOW.replace("stream/flow", "queue/none"), Entries=[good])
    t.call("UpdateQueueRecordsVisibility", QueueARN=queue, Entries=[{"ReceiptHandle": "x"}])
    visibility = {"ReceiptHandle": "x", "VisibilityTimeoutSeconds": 43_201}
    t.call("UpdateQueueRecordsVisibility", QueueARN=queue, Entries=[visibility])
    for operation in ("ReceiveQueueRecords", "ReceiveDeadLetterQueueRecords"):
        t.call(operation, QueueARN=queue, Limit=0)
        t.call(operation, QueueARN=queue, Limit=11)
        t.call(operation, QueueARN=queue, WaitTimeSeconds=0)
        t.call(operation, QueueARN=queue, WaitTimeSeconds=21)
        t.call(operation, QueueARN=queue, VisibilityTimeoutSeconds=43_201)
        t.call(operation, QueueARN="arn:aws:kinesis:us-east-1:1:queue/jobs")
        t.call(operation, QueueARN=FLOW)
    t.call("UpdateQueue", QueueARN=queue)
    t.call("UpdateQueue", QueueARN=queue, QueueAttributes={})
    t.call("DescribeQueue", QueueARN=FLOW.replace("stream/flow", "queue/none"))


def _pages(t: Transcript) -> None:
    for number in range(5):
        _create(t, f"queue-{number}")
    t.do("kinesis.settle()")
    token = t.call("ListQueues", MaxResults=2)["NextToken"]
    t.call("ListQueues", MaxResults=2, NextToken=token)
    t.call("ListQueues", NextToken=token, StreamFilter=[{"StreamARN": FLOW}])
    t.call("ListQueues", StreamFilter=[{"StreamARN": arn("free")}])
    t.call("ListQueues", StreamFilter=[{"StreamARN": arn("none")}])
    t.call("ListQueues", StreamFilter=[{"StreamARN": FLOW}, {"StreamARN": arn("free")}])
    t.call("ListQueues", MaxResults=0)
    t.call("ListQueues", NextToken="nonsense")
    t.do("kinesis.advance(minutes=5, milliseconds=1)")
    t.call("ListQueues", NextToken=token)
    t.call("ListQueues", by="READER")
    t.call("ListQueues", by={"region_name": "eu-west-1"})


def _put(t: Transcript, *texts: str) -> None:
    for text in texts:
        t.do(f"kinesis.stream('flow').put('{text}', 'a')")
        t.do("kinesis.advance(milliseconds=100)")


def _handles(answer: Any) -> list[str]:
    return [record["ReceiptHandle"] for record in answer["QueueRecords"]]


def _entries(*handles: str, **more: Any) -> list[dict[str, Any]]:
    return [{"ReceiptHandle": handle, **more} for handle in handles]


def _receiving(t: Transcript) -> None:
    queue = _create(t, QueueAttributes={"VisibilityTimeoutSeconds": 10})
    t.do("kinesis.settle()")
    t.call("ReceiveQueueRecords", QueueARN=queue)
    t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=20)
    _put(t, "1", "2", "3")
    first, second = _handles(t.call("ReceiveQueueRecords", QueueARN=queue, Limit=2))
    t.do("kinesis.queue('jobs')")
    (third,) = _handles(t.call("ReceiveQueueRecords", QueueARN=queue, VisibilityTimeoutSeconds=3))
    t.call("AcknowledgeQueueRecords", QueueARN=queue, Entries=_entries(first, "nonsense", first))
    t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=2)
    again = _handles(t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=2))[0]
    t.call("AcknowledgeQueueRecords", QueueARN=queue, Entries=_entries(third))
    hidden = _entries(second, again, VisibilityTimeoutSeconds=30)
    t.call("UpdateQueueRecordsVisibility", QueueARN=queue, Entries=hidden)
    t.do("kinesis.advance(seconds=29, milliseconds=999)")
    t.do("kinesis.queue('jobs')")
    t.do("kinesis.advance(milliseconds=1)")
    t.do("kinesis.queue('jobs')")
    t.call("UpdateQueueRecordsVisibility", QueueARN=queue, Entries=_entries(second, VisibilityTimeoutSeconds=1))
    t.call("AcknowledgeQueueRecords", QueueARN=queue, Entries=_entries(second))
    last = _handles(t.call("ReceiveQueueRecords", QueueARN=queue))[0]
    t.call("UpdateQueueRecordsVisibility", QueueARN=queue, Entries=_entries(last, VisibilityTimeoutSeconds=0))
    t.do("kinesis.queue('jobs').waiting")
    last = _handles(t.call("ReceiveQueueRecords", QueueARN=queue, VisibilityTimeoutSeconds=43_200))[0]
    t.do("kinesis.travel_to('2026-01-02T00:01:30Z')")
    t.do("kinesis.queue('jobs')")
    t.call("AcknowledgeQueueRecords", QueueARN=queue, Entries=_entries(last))
    _put(t, "4")
    other = _create(t, "other", {"Type": "TRIM_HORIZON"})
    t.do("kinesis.settle()")
    handle = _handles(t.call("ReceiveQueueRecords", QueueARN=other))[0]
    t.call("AcknowledgeQueueRecords", QueueARN=queue, Entries=_entries(handle))
    t.call("AcknowledgeDeadLetterQueueRecords", QueueARN=other, Entries=_entries(handle))


def _positions(t: Transcript) -> None:
    _put(t, "1", "2")
    t.do("kinesis.advance(seconds=1)")
    _put(t, "3")
    queues = [
        _create(t, f"queue-{number}", position)
        for number, position in enumerate(
            (
                {"Type": "TRIM_HORIZON"},
                {"Type": "LATEST"},
                {"Type": "AT_TIMESTAMP", "Timestamp": at("2026-01-01T00:00:01")},
            )
        )
    ]
    _put(t, "4")
    t.do("kinesis.settle()")
    _put(t, "5")
    t.do("kinesis.stream('flow').split('shardId-000000000000')")
    t.do("kinesis.stream('flow').put('6', 'a')")
    for number, queue in enumerate(queues):
        t.call("DescribeQueue", QueueARN=queue)
        t.do(f"kinesis.queue('queue-{number}')")
        t.call("ReceiveQueueRecords", QueueARN=queue)


def _dead_letters(t: Transcript) -> None:
    queue = _create(t, QueueAttributes={"VisibilityTimeoutSeconds": 5, **DEAD_LETTERS})
    t.do("kinesis.settle()")
    _put(t, "1", "2")
    for _ in range(3):
        t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=1)
        t.do("kinesis.advance(seconds=5)")
    t.do("kinesis.queue('jobs')")
    t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=1)
    received = t.call("ReceiveDeadLetterQueueRecords", QueueARN=queue, VisibilityTimeoutSeconds=10)
    first, second = _handles(received)
    t.call("ReceiveDeadLetterQueueRecords", QueueARN=queue, WaitTimeSeconds=3)
    t.call("AcknowledgeQueueRecords", QueueARN=queue, Entries=_entries(first))
    longer = _entries(first, VisibilityTimeoutSeconds=60)
    t.call("UpdateDeadLetterQueueRecordsVisibility", QueueARN=queue, Entries=longer)
    t.call("AcknowledgeDeadLetterQueueRecords", QueueARN=queue, Entries=_entries(first))
    t.call("RestoreDeadLetterQueueRecords", QueueARN=queue, Entries=_entries(second, first, "x"))
    t.do("kinesis.queue('jobs')")
    t.call("ReceiveQueueRecords", QueueARN=queue)
    t.call("RestoreDeadLetterQueueRecords", QueueARN=queue, Entries=_entries(second))
    t.call("UpdateQueue", QueueARN=queue, QueueAttributes={"DeadLetterConfiguration": {"TargetType": "NONE"}})
    t.do("kinesis.settle()")
    t.do("kinesis.queue('jobs')")
    t.do("kinesis.advance(days=1)")
    t.do("kinesis.queue('jobs')")


def _in_flight(t: Transcript) -> None:
    queue = _create(t)
    t.do("kinesis.settle()")
    _put(t, "1", "2", "3")
    first, _ = _handles(t.call("ReceiveQueueRecords", QueueARN=queue))
    t.call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=1)
    t.call("AcknowledgeQueueRecords", QueueARN=queue, Entries=_entries(first))
    t.call("ReceiveQueueRecords", QueueARN=queue)


def _disturbed(t: Transcript) -> None:
    queue = _create(t)
    t.do("kinesis.settle()")
    _put(t, "1")
    for fault in (
        Fault.throttle("ReceiveQueueRecords"),
        Fault.internal_error("ReceiveQueueRecords"),
        Fault.kms_error("ReceiveQueueRecords", code="KMSDisabledException"),
        Fault.latency("ReceiveQueueRecords", milliseconds=700),
        Fault.read_timeout("ReceiveQueueRecords"),
    ):
        t.inject(fault)
        t.call("ReceiveQueueRecords", QueueARN=queue, Limit=1, VisibilityTimeoutSeconds=0)
    t.call("StartStreamEncryption", StreamName="flow", EncryptionType="KMS", KeyId="alias/mine")
    t.do("kinesis.settle()")
    _put(t, "2")
    t.do("kinesis.key('alias/mine').deny()")
    t.call("ReceiveQueueRecords", QueueARN=queue)
    t.do("kinesis.key('alias/mine').enable()")
    t.call("ReceiveQueueRecords", QueueARN=queue)
    snapshot = t.do("kinesis.snapshot()")
    view = t.do("kinesis.queue('jobs')")
    _put(t, "3")
    t.do("kinesis.restore(snapshot)", snapshot=snapshot)
    t.do("view", view=view)
    t.call("GetShardIterator", StreamName="flow", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")

"""Each kind of fault, as a client sees it: code, whole message, status, exception, and the state afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from kinesis_fake import Fault, KinesisFake
from tests.support.model import needs
from tests.support.refusals import refused
from tests.support.state import state_of

ACCOUNT = "123456789012"
ARN = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/orders"
SHARD = "shardId-000000000000"
RECORD: dict[str, Any] = {"Data": b"1 teapot", "PartitionKey": "ada"}

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})


def put(client: Any) -> Any:
    return client.put_record(StreamName="orders", **RECORD)


def strike(kinesis: KinesisFake, client: Any, fault: Fault, code: str, message: str | None, status: int = 400) -> None:
    """Let a fault refuse a PutRecord, once, without leaving a trace."""
    kinesis.inject(fault)
    before = state_of(kinesis)
    with refused(client, code, message, status):
        put(client)
    assert state_of(kinesis) == before
    put(client)
    assert len(kinesis.stream("orders").records) == 1


# --- errors -------------------------------------------------------------------------------------------------------


def test_throttled_writes_have_the_text_of_the_shard(kinesis: KinesisFake, client: Any) -> None:
    message = f"Rate exceeded for shard {SHARD} in stream orders under account {ACCOUNT}."
    strike(kinesis, client, Fault.throttle("PutRecord"), "ProvisionedThroughputExceededException", message)
    kinesis.inject(Fault.throttle("PutRecords"))
    with refused(client, "ProvisionedThroughputExceededException", message):
        client.put_records(StreamName="orders", Records=[RECORD])


def test_a_throttled_write_tells_the_shard_of_the_record(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("payments", shards=4)
    key = kinesis.partition_key_for("payments", "shardId-000000000002")
    message = f"Rate exceeded for shard shardId-000000000002 in stream payments under account {ACCOUNT}."
    kinesis.inject(Fault.throttle(times=3))
    for parameters in ({"PartitionKey": key}, {"PartitionKey": "a", "ExplicitHashKey": str(2**127)}):
        with refused(client, "ProvisionedThroughputExceededException", message):
            client.put_record(StreamName="payments", Data=b"", **parameters)
    with refused(client, "ProvisionedThroughputExceededException", message):
        client.put_records(StreamName="payments", Records=[{"Data": b"", "PartitionKey": key}, RECORD])


def test_throttled_reads_have_the_newer_text(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    kinesis.inject(Fault.throttle("GetRecords"))
    with refused(
        client, "ProvisionedThroughputExceededException", f"Rate exceeded for Shard - {ACCOUNT}/orders/{SHARD}"
    ):
        client.get_records(ShardIterator=iterator)
    kinesis.inject(Fault.throttle("GetShardIterator"))
    with refused(
        client, "ProvisionedThroughputExceededException", f"Rate exceeded for Shard - {ACCOUNT}/orders/{SHARD}"
    ):
        client.get_shard_iterator(StreamName="orders", ShardId="5-0", ShardIteratorType="LATEST")


def test_throttled_control_operations_say_limit_exceeded(kinesis: KinesisFake, client: Any) -> None:
    message = f"Rate exceeded for stream orders under account {ACCOUNT}."
    kinesis.inject(Fault.throttle(times=4))
    with refused(client, "LimitExceededException", message):
        client.describe_stream(StreamName="orders")
    with refused(client, "LimitExceededException", message):
        client.describe_stream_summary(StreamARN=ARN)
    with refused(client, "LimitExceededException", message):
        client.add_tags_to_stream(StreamName="orders", Tags={"team": "sales"})
    with refused(client, "LimitExceededException", f"Rate exceeded for account {ACCOUNT}."):
        client.list_streams()


def test_a_throttled_subscription_says_limit_exceeded(kinesis: KinesisFake, client: Any) -> None:
    consumer_arn = client.register_stream_consumer(StreamARN=ARN, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    kinesis.settle()
    kinesis.inject(Fault.throttle("SubscribeToShard"))
    with refused(client, "LimitExceededException", f"Rate exceeded for stream orders under account {ACCOUNT}."):
        client.subscribe_to_shard(ConsumerARN=consumer_arn, ShardId=SHARD, StartingPosition={"Type": "LATEST"})


@needs("ReceiveQueueRecords")
def test_a_throttled_queue_has_an_error_of_its_own(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("clicks")
    stream_arn = kinesis.stream("clicks").stream_arn
    client.create_queue(QueueName="work", StreamConfigurationList=[{"StreamARN": stream_arn}])
    kinesis.settle()
    kinesis.inject(Fault.throttle("ReceiveQueueRecords", stream="clicks"))
    with refused(client, "ThrottlingException", "Rate exceeded"):
        client.receive_queue_records(QueueARN=kinesis.queue("work").queue_arn)


@pytest.mark.parametrize(
    ("fault", "code", "message", "status"),
    [
        (Fault.throttling_exception("PutRecord"), "ThrottlingException", "Rate exceeded", 400),
        (Fault.internal_error("PutRecord"), "InternalFailure", "", 500),
        (Fault.service_unavailable("PutRecord"), "ServiceUnavailable", "Service Unavailable", 503),
        (
            Fault.access_denied("PutRecord"),
            "AccessDeniedException",
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kinesis:PutRecord on resource: {ARN} "
            "because no identity-based policy allows the kinesis:PutRecord action",
            400,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_errors_of_the_service(
    kinesis: KinesisFake, client: Any, fault: Any, code: Any, message: Any, status: Any
) -> None:
    strike(kinesis, client, fault, code, message, status)


@pytest.mark.fake_kinesis(accounts={"none": "arn:aws:iam::111122223333:role/writer"}, streams={"orders": 1})
def test_access_is_denied_to_every_caller(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="mine", ShardCount=1)
    kinesis.inject(Fault.access_denied())
    with refused(
        client,
        "AccessDeniedException",
        "User: arn:aws:iam::111122223333:role/writer is not authorized to perform: kinesis:DescribeStreamSummary on "
        "resource: arn:aws:kinesis:us-east-1:111122223333:stream/mine because no identity-based policy allows the "
        "kinesis:DescribeStreamSummary action",
    ):
        client.describe_stream_summary(StreamName="mine")


def test_an_expired_iterator_is_good_again_for_the_next_call(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    kinesis.stream("orders").put("1 teapot")
    kinesis.inject(Fault.expired_iterator())
    with refused(
        client,
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Wed Dec 31 23:54:59 UTC 2025 while right now it is Thu Jan "
        "01 00:00:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.",
    ):
        client.get_records(ShardIterator=iterator)
    assert len(client.get_records(ShardIterator=iterator)["Records"]) == 1


KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/kinesis"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "KMSAccessDeniedException",
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:GenerateDataKey on resource: {KEY}",
        ),
        ("KMSDisabledException", f"{KEY} is disabled."),
        ("KMSInvalidStateException", f"{KEY} is pending deletion."),
        ("KMSNotFoundException", f"Alias {KEY} is not found."),
        ("KMSOptInRequired", "The AWS Access Key Id needs a subscription for the service"),
        (
            "KMSThrottlingException",
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        ),
    ],
)
def test_errors_of_kms(kinesis: KinesisFake, client: Any, code: Any, message: Any) -> None:
    strike(kinesis, client, Fault.kms_error("PutRecord", code=code), code, message)


def test_kms_errors_name_the_key_of_the_stream(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId=key)
    kinesis.settle()
    kinesis.inject(Fault.kms_error(code="KMSDisabledException"))
    client.list_shards(StreamName="orders")  # needs no key
    with refused(client, "KMSDisabledException", f"{key} is disabled."):
        client.get_records(ShardIterator=iterator)
    kinesis.inject(Fault.kms_error("GetRecords", code="KMSAccessDeniedException"))
    with refused(
        client,
        "KMSAccessDeniedException",
        f"User arn:aws:iam::{ACCOUNT}:root is not authorized to decrypt records in stream orders",
    ):
        client.get_records(ShardIterator=iterator)


# --- in the event stream ------------------------------------------------------------------------------------------


@pytest.fixture
def consumer_arn(kinesis: KinesisFake, client: Any) -> str:
    answer = client.register_stream_consumer(StreamARN=ARN, ConsumerName="billing")
    kinesis.settle()
    return str(answer["Consumer"]["ConsumerARN"])


def subscribe(client: Any, consumer_arn: str) -> Any:
    position = {"Type": "TRIM_HORIZON"}
    return client.subscribe_to_shard(ConsumerARN=consumer_arn, ShardId=SHARD, StartingPosition=position)["EventStream"]


def told_in(event_stream: Any) -> tuple[list[bytes], str]:
    """The records that come before an error of an event stream, and the error."""
    records: list[bytes] = []
    try:
        for event in event_stream:
            records += [record["Data"] for record in event["SubscribeToShardEvent"]["Records"]]
    except EventStreamError as error:
        return records, str(error)
    raise AssertionError("the event stream has come to its end")


def test_an_event_stream_breaks_off_after_its_first_event(kinesis: KinesisFake, client: Any, consumer_arn: Any) -> None:
    kinesis.stream("orders").put("1 teapot")
    kinesis.inject(Fault.broken_stream(consumer="billing"))
    assert told_in(subscribe(client, consumer_arn)) == (
        [b"1 teapot"],
        "An error occurred (InternalFailureException) when calling the SubscribeToShard operation: "
        "Internal Service Error",
    )
    kinesis.advance(seconds=5)
    first = next(iter(subscribe(client, consumer_arn)))
    assert [record["Data"] for record in first["SubscribeToShardEvent"]["Records"]] == [b"1 teapot"]


def test_a_kms_error_comes_inside_the_event_stream(kinesis: KinesisFake, client: Any, consumer_arn: Any) -> None:
    kinesis.stream("orders").put("1 teapot")
    kinesis.inject(Fault.kms_error("SubscribeToShard", code="KMSDisabledException"))
    assert told_in(subscribe(client, consumer_arn)) == (
        [],
        f"An error occurred (KMSDisabledException) when calling the SubscribeToShard operation: {KEY} is disabled.",
    )


def test_other_errors_refuse_the_subscription_itself(kinesis: KinesisFake, client: Any, consumer_arn: Any) -> None:
    kinesis.inject(Fault.broken_stream())
    kinesis.inject(Fault.internal_error("SubscribeToShard"))
    with refused(client, "InternalFailure", status=500):
        subscribe(client, consumer_arn)
    # The stream that has not come about could not break either.
    assert told_in(subscribe(client, consumer_arn))[1].startswith("An error occurred (InternalFailureException)")


# --- latency ------------------------------------------------------------------------------------------------------


def test_latency_moves_the_clock_before_the_call_is_carried_out(kinesis: KinesisFake, client: Any) -> None:
    before = kinesis.now
    kinesis.inject(Fault.latency("PutRecord", milliseconds=1500))
    put(client)
    (record,) = kinesis.stream("orders").records
    assert (kinesis.now - before).total_seconds() == 1.5
    assert record.approximate_arrival_timestamp == kinesis.now
    put(client)
    assert (kinesis.now - before).total_seconds() == 1.5


def test_latencies_add_up_and_the_error_comes_after_them(kinesis: KinesisFake, client: Any) -> None:
    before = kinesis.now
    kinesis.inject(Fault.latency(milliseconds=1000))
    kinesis.inject(Fault.internal_error())
    kinesis.inject(Fault.latency(milliseconds=250))
    with refused(client, "InternalFailure", status=500):
        put(client)
    assert (kinesis.now - before).total_seconds() == 1.25


def test_an_error_after_a_latency_tells_the_time_it_was_made_at(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    kinesis.inject(Fault.latency("GetRecords", milliseconds=30_000))
    kinesis.inject(Fault.expired_iterator())
    with refused(client, "ExpiredIteratorException") as caught:
        client.get_records(ShardIterator=iterator)
    assert "while right now it is Thu Jan 01 00:00:30 UTC 2026" in str(caught.value)


def test_every_answer_after_a_latency_has_the_date_it_was_made_at(
    kinesis: KinesisFake, client: Any, iterator: Any
) -> None:
    kinesis.inject(Fault.latency("GetRecords", milliseconds=30_000, times=2))
    answer = client.get_records(ShardIterator=iterator)
    kinesis.inject(Fault.expired_iterator())
    with refused(client, "ExpiredIteratorException") as caught:
        client.get_records(ShardIterator=iterator)
    assert [response["ResponseMetadata"]["HTTPHeaders"]["date"] for response in (answer, caught.value.response)] == [
        "Thu, 01 Jan 2026 00:00:30 GMT",
        "Thu, 01 Jan 2026 00:01:00 GMT",
    ]


def test_what_happens_during_the_latency_is_seen_by_the_call(kinesis: KinesisFake, client: Any, iterator: Any) -> None:
    kinesis.inject(Fault.latency("GetRecords", milliseconds=59_999, times=6))
    for _ in range(5):
        client.get_records(ShardIterator=iterator)
    with refused(client, "ExpiredIteratorException"):
        client.get_records(ShardIterator=iterator)

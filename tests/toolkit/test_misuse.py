"""Senseless arguments to a fake and its views: each raises the fake's own error, which says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2, "on-demand": {}})

S0, S1, S2 = (f"shardId-{index:012}" for index in range(3))
MIDDLE = 2**127


def orders(kinesis: KinesisFake) -> Any:
    return kinesis.stream("orders")


MISUSES: dict[str, tuple[Callable[[Any], object], str]] = {
    "an unknown stream": (
        lambda kinesis: kinesis.stream("order"),
        "There is no stream 'order' in us-east-1; do you mean 'orders'? The streams are: on-demand, orders. Make it "
        "with kinesis.create_stream(), with streams= of the fake, or through a client.",
    ),
    "an unknown stream like no other": (
        lambda kinesis: kinesis.stream("payments"),
        "There is no stream 'payments' in us-east-1; the streams are: on-demand, orders. Make it with "
        "kinesis.create_stream(), with streams= of the fake, or through a client.",
    ),
    "a stream by a list": (
        lambda kinesis: kinesis.stream(["orders"]),
        "There is no stream ['orders'] in us-east-1; the streams are: on-demand, orders. Make it with "
        "kinesis.create_stream(), with streams= of the fake, or through a client.",
    ),
    "a queue without a name": (
        lambda kinesis: kinesis.queue(None),
        "There is no queue None in us-east-1; the queues are: none. Make it with CreateQueue through a client.",
    ),
    "a channel without a name": (
        lambda kinesis: kinesis.channel(None),
        "There is no channel None in us-east-1; the channels are: none. Make it with CreateChannel through a client.",
    ),
    "a key without an id": (
        lambda kinesis: kinesis.key(None),
        "None is no KeyId; write a GUID, the ARN of a key or of an alias, or a name such as 'alias/aws/kinesis'.",
    ),
    "an unknown shard": (
        lambda kinesis: orders(kinesis).shard(S2),
        f"Stream orders has no shard {S2}; its shards are: {S0}, {S1}.",
    ),
    "a partition key for an unknown shard": (
        lambda kinesis: kinesis.partition_key_for("orders", S2),
        f"Stream orders has no shard {S2}; its shards are: {S0}, {S1}.",
    ),
    "no data": (lambda kinesis: orders(kinesis).put(None), "put() takes bytes or text, not None."),
    "a number as data": (lambda kinesis: orders(kinesis).put(5), "put() takes bytes or text, not 5."),
    "a dict as data": (lambda kinesis: orders(kinesis).put({1: 2}), "put() takes bytes or text, not {1: 2}."),
    "a number as partition key": (
        lambda kinesis: orders(kinesis).put(b"data", 5),
        "put() takes a partition key that is text, not 5.",
    ),
    "bytes as partition key": (
        lambda kinesis: orders(kinesis).put(b"data", b"key"),
        "put() takes a partition key that is text, not b'key'.",
    ),
    "an empty partition key": (
        lambda kinesis: orders(kinesis).put(b"data", ""),
        "put() was refused: 1 validation error detected: Value '' at 'partitionKey' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
    ),
    "a split outside the shard": (
        lambda kinesis: orders(kinesis).split(S0, MIDDLE),
        f"{S0} cannot be split at {MIDDLE}; choose a hash key above 1 and below {MIDDLE - 1}.",
    ),
    "a split at a text": (
        lambda kinesis: orders(kinesis).split(S0, "5"),
        f"{S0} cannot be split at '5'; choose a hash key above 1 and below {MIDDLE - 1}.",
    ),
    "a split between two hash keys": (
        lambda kinesis: orders(kinesis).split(S0, 2.5),
        f"{S0} cannot be split at 2.5; choose a hash key above 1 and below {MIDDLE - 1}.",
    ),
    "a merge with itself": (
        lambda kinesis: orders(kinesis).merge(S0, S0),
        f"{S0} and {S0} are no neighbours; merge two that are.",
    ),
    "a number of shards in words": (
        lambda kinesis: kinesis.stream("on-demand").scale_to("8"),
        "The number of shards of scale_to() must be a whole number from 1 to 2147483647, not '8'.",
    ),
    "half a shard": (
        lambda kinesis: kinesis.stream("on-demand").scale_to(4.5),
        "The number of shards of scale_to() must be a whole number from 1 to 2147483647, not 4.5.",
    ),
    "a number of shards that is true": (
        lambda kinesis: kinesis.stream("on-demand").scale_to(True),
        "The number of shards of scale_to() must be a whole number from 1 to 2147483647, not True.",
    ),
    "more shards than a stream can have": (
        lambda kinesis: kinesis.stream("on-demand").scale_to(10**30),
        f"The number of shards of scale_to() must be a whole number from 1 to 2147483647, not {10**30}.",
    ),
    "more shards than Python prints": (
        lambda kinesis: kinesis.stream("on-demand").scale_to(10**5000),
        "The number of shards of scale_to() must be a whole number from 1 to 2147483647, not <int>.",
    ),
    "a split at true": (
        lambda kinesis: orders(kinesis).split(S0, True),
        f"{S0} cannot be split at True; choose a hash key above 1 and below {MIDDLE - 1}.",
    ),
    "a shard by its number": (
        lambda kinesis: orders(kinesis).shard(0),
        f"Stream orders has no shard 0; its shards are: {S0}, {S1}.",
    ),
    "a shard by a list": (
        lambda kinesis: orders(kinesis).merge([S0], S1),
        f"Stream orders has no shard ['{S0}']; its shards are: {S0}, {S1}.",
    ),
    "text that cannot be sent": (
        lambda kinesis: orders(kinesis).put("\ud800"),
        "The data of put() must be text that UTF-8 can encode, not '\\ud800'.",
    ),
    "a partition key that cannot be sent": (
        lambda kinesis: orders(kinesis).put("1 teapot", "\ud800"),
        "The partition key of put() must be text that UTF-8 can encode, not '\\ud800'.",
    ),
    "an explicit hash key in words": (
        lambda kinesis: orders(kinesis).put("1 teapot", explicit_hash_key="0"),
        f"The explicit hash key of put() must be a whole number from 0 to {2**128 - 1}, not '0'.",
    ),
    "an explicit hash key beyond the last one": (
        lambda kinesis: orders(kinesis).put("1 teapot", explicit_hash_key=2**128),
        f"The explicit hash key of put() must be a whole number from 0 to {2**128 - 1}, not {2**128}.",
    ),
    "nothing to put": (lambda kinesis: orders(kinesis).put(), "put() takes data or json, one of them."),
    "two things to put": (
        lambda kinesis: orders(kinesis).put("1 teapot", json={"teapots": 1}),
        "put() takes data or json, one of them.",
    ),
    "a value that JSON has not": (
        lambda kinesis: orders(kinesis).put(json={1, 2}),
        "put() takes a value that JSON can write: Object of type set is not JSON serializable.",
    ),
    "a shard to put into that is not there": (
        lambda kinesis: orders(kinesis).put("1 teapot", shard=S2),
        f"Stream orders has no shard {S2}; its shards are: {S0}, {S1}.",
    ),
    "a shard and an explicit hash key": (
        lambda kinesis: orders(kinesis).put("1 teapot", explicit_hash_key=1, shard=S0),
        "put() takes a shard or an explicit hash key, not both.",
    ),
    "one text to put as many": (
        lambda kinesis: orders(kinesis).put_many("teapots"),
        "The records of put_many() must be several values, such as ['a', 'b'], not 'teapots'.",
    ),
    "a number to put as many": (
        lambda kinesis: orders(kinesis).put_many(5),
        "The records of put_many() must be several values, such as ['a', 'b'], not 5.",
    ),
    "a number among what is put": (
        lambda kinesis: orders(kinesis).put_many(["1 teapot", 2]),
        "Record 1 of put_many() takes bytes or text, not 2.",
    ),
    "an unknown argument among what is put": (
        lambda kinesis: orders(kinesis).put_many(["1 teapot", {"Data": b"2 cups"}]),
        "Record 1 of put_many() has an unknown argument 'Data'; it takes data, partition_key, explicit_hash_key, "
        "json, shard.",
    ),
    "records of a shard by its number": (
        lambda kinesis: orders(kinesis).records.of(shard=0),
        "shard must be text, such as 'shardId-000000000000', not 0.",
    ),
    "records of a key that is no text": (
        lambda kinesis: orders(kinesis).records.of(partition_key=b"ada"),
        "partition_key must be text, not b'ada'.",
    ),
    "records since no instant": (
        lambda kinesis: orders(kinesis).records.of(since=5),
        "An instant must be an aware datetime or an ISO 8601 text, not 5.",
    ),
    "a summary of no calls in words": (
        lambda kinesis: kinesis.summary(None),
        "last_calls must be a whole number from 0 on, not None.",
    ),
    "a summary of fewer than no calls": (
        lambda kinesis: kinesis.summary(-1),
        "last_calls must be a whole number from 0 on, not -1.",
    ),
    "a client of a number as region": (
        lambda kinesis: kinesis.client(region_name=1),
        "region_name of client() must be text, not 1.",
    ),
    "a client of a text as configuration": (
        lambda kinesis: kinesis.client(config="x"),
        "config of client() must be a botocore.config.Config(...), not 'x'.",
    ),
    "a client of keys that are bytes": (
        lambda kinesis: kinesis.client(aws_access_key_id=b"key", aws_secret_access_key="secret"),
        "aws_access_key_id of client() must be text, not b'key'.",
    ),
    "a client with TLS in words": (
        lambda kinesis: kinesis.client(use_ssl="yes"),
        "use_ssl of client() must be True or False, not 'yes'.",
    ),
    "a client that verifies a number": (
        lambda kinesis: kinesis.client(verify=5),
        "verify of client() must be True, False or a path, not 5.",
    ),
    "a client of something unknown": (
        lambda kinesis: kinesis.client(region="eu-west-1"),
        "client() takes the parameters of botocore's Session.create_client: got an unexpected keyword argument "
        "'region'.",
    ),
    "a key by a number": (
        lambda kinesis: kinesis.key(5),
        "5 is no KeyId; write a GUID, the ARN of a key or of an alias, or a name such as 'alias/aws/kinesis'.",
    ),
    "a stream without a name": (
        lambda kinesis: kinesis.create_stream(None, shards=1),
        "The name of a stream must be text, such as 'orders', not None.",
    ),
    "a stream of true shards": (
        lambda kinesis: kinesis.create_stream("new", shards=True),
        "The number of shards must be a whole number, not True.",
    ),
    "an advance by true": (
        lambda kinesis: kinesis.advance(hours=True),
        "advance() takes a timedelta, or a timedelta's keywords such as hours=25, not {'hours': True}.",
    ),
    "an advance by more than Python prints": (
        lambda kinesis: kinesis.advance(hours=10**5000),
        "advance() takes a timedelta, or a timedelta's keywords such as hours=25, not <dict>.",
    ),
    "a restore of nothing": (
        lambda kinesis: kinesis.restore(None),
        "restore() takes what snapshot() of the same fake returned.",
    ),
    "an injection of text": (
        lambda kinesis: kinesis.inject("throttle"),
        "inject() takes a Fault, such as Fault.throttle('PutRecords'), not 'throttle'.",
    ),
    "a stream that is there already": (
        lambda kinesis: kinesis.create_stream("orders"),
        "create_stream('orders') was refused: Stream orders under account 123456789012 already exists.",
    ),
    "a tag whose key is a number": (
        lambda kinesis: kinesis.create_stream("new", tags={1: "one"}),
        "create_stream('new') was refused: Invalid type for parameter Tags (key: 1), value: 1, type: <class 'int'>, "
        "valid types: <class 'str'>.",
    ),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_misuse_is_explained_and_changes_nothing(kinesis: KinesisFake, misuse: Any) -> None:
    attempt, message = MISUSES[misuse]
    before = state_of(kinesis)
    with pytest.raises(KinesisFakeError) as caught:
        attempt(kinesis)
    assert str(caught.value) == message
    assert state_of(kinesis) == before


def test_a_closed_shard_is_not_split_merged_or_aimed_at(kinesis: KinesisFake) -> None:
    orders(kinesis).split(S0)
    attempts: list[Callable[[], object]] = [lambda: orders(kinesis).split(S0), lambda: orders(kinesis).merge(S0, S1)]
    for attempt in attempts:
        with pytest.raises(KinesisFakeError) as caught:
            attempt()
        assert str(caught.value) == f"{S0} of stream orders is closed already; choose an open shard."
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.partition_key_for("orders", S0)
    assert str(caught.value) == f"{S0} of stream orders is closed; no partition key leads to it."


@pytest.mark.parametrize("is_made_anew", [False, True])
def test_a_view_of_a_stream_that_has_been_deleted_changes_no_other_of_its_name(
    kinesis: KinesisFake, kinesis_client: Any, is_made_anew: Any
) -> None:
    view = orders(kinesis)
    kinesis_client.delete_stream(StreamName="orders")
    kinesis.settle()
    if is_made_anew:
        kinesis.create_stream("orders", shards=2)
    before = state_of(kinesis)
    attempts: list[Callable[[], object]] = [
        lambda: view.put("ghost"),
        lambda: view.split(S0),
        lambda: view.merge(S0, S1),
    ]
    for attempt in attempts:
        with pytest.raises(KinesisFakeError) as caught:
            attempt()
        assert str(caught.value) == (
            "Stream orders has been deleted since this view was taken; ask for a view of one that exists."
        )
    assert state_of(kinesis) == before


@pytest.mark.parametrize("data", ["1 té", "1 té".encode(), bytearray("1 té".encode()), memoryview("1 té".encode())])
def test_text_and_all_kinds_of_bytes_can_be_put(kinesis: KinesisFake, data: Any) -> None:
    assert orders(kinesis).put(data).data == "1 té".encode()


SEED = "seed must be a whole number from -9223372036854775808 to 9223372036854775807, not "
STREAM = (
    "The stream 'orders' must be a number of shards, 'on-demand' or a dict, such as streams={'orders': 2} or "
    "streams={'orders': {'shard_count': 2}}, not "
)
WRONG_OPTIONS = [
    ("accounts", ["KEY"], "accounts must be a dict, such as accounts={'AKIA...': '111122223333'}, not ['KEY']."),
    ("accounts", {1: "111122223333"}, "Each key of accounts must be text, not 1."),
    ("account_id", 123456789012, "account_id must be twelve digits, such as '123456789012', not 123456789012."),
    ("region", 1, "region must be the name of a region, such as 'us-east-1', not 1."),
    ("autojump", "no", "autojump must be True or False, not 'no'."),
    ("rate_limits", None, "rate_limits must be True or False, not None."),
    ("seed", None, SEED + "None."),
    ("seed", True, SEED + "True."),
    ("seed", 2**63, SEED + f"{2**63}."),
    ("seed", 10**5000, SEED + "<int>."),
    ("durations", "slow", "durations must be a Durations(...) or 'instant', not 'slow'."),
    ("durations", 5, "durations must be a Durations(...), not 5."),
    ("limits", "few", "limits must be a Limits(...), not 'few'."),
    (
        "streams",
        ["orders"],
        "streams must be a dict, such as streams={'orders': 2} or streams={'orders': {'shard_count': 2}}, not "
        "['orders'].",
    ),
    ("streams", {1: 2}, "Each key of streams must be text, not 1."),
    ("streams", {"orders": True}, STREAM + "True."),
    ("streams", {"orders": "many"}, STREAM + "'many'."),
    ("streams", {"orders": {5: 1}}, "Each key of streams must be text, not 5."),
    (
        "streams",
        {"orders": {"shardcounts": 1}},
        "CreateStream has no parameter 'shardcounts'; write its parameters in snake case, such as shard_count.",
    ),
]


@pytest.mark.parametrize(
    ("option", "value", "message"), WRONG_OPTIONS, ids=[str(number) for number in range(len(WRONG_OPTIONS))]
)
def test_an_option_of_a_wrong_kind_is_refused(option: Any, value: Any, message: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught, fake_kinesis(**{option: value}):
        pass
    assert str(caught.value) == message
    with pytest.raises(KinesisFakeError) as caught:
        KinesisFake(**{option: value})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "put_record",
            "The fake itself has no put_record(): PutRecord is called on a client, as in "
            "kinesis.client().put_record(...) or boto3.client('kinesis').put_record(...), or "
            "kinesis.stream(...).put(...) in the test itself.",
        ),
        (
            "DescribeLimits",
            "The fake itself has no DescribeLimits(): DescribeLimits is called on a client, as in "
            "kinesis.client().describe_limits(...) or boto3.client('kinesis').describe_limits(...).",
        ),
        ("advanse", "'KinesisFake' object has no attribute 'advanse'; do you mean 'advance'?"),
        ("teapots", "'KinesisFake' object has no attribute 'teapots'"),
        ("__html__", "'KinesisFake' object has no attribute '__html__'"),
    ],
)
def test_an_operation_of_the_api_that_is_looked_for_on_the_fake_says_what_to_write(
    kinesis: KinesisFake, name: Any, message: Any
) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(kinesis, name)
    assert str(caught.value) == message
    assert not hasattr(kinesis, name)
    assert getattr(kinesis, name, None) is None

"""What a test asks of a fake and its views that makes no sense: an error of the fake's own that says what to do."""

from __future__ import annotations

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2, "on-demand": {}})

S0, S1, S2 = (f"shardId-{index:012}" for index in range(3))
MIDDLE = 2**127


def orders(kinesis):
    return kinesis.stream("orders")


MISUSES = {
    "an unknown stream": (
        lambda kinesis: kinesis.stream("order"),
        "There is no stream 'order' in us-east-1; do you mean 'orders'? The streams are: on-demand, orders. Make it "
        "with create_stream() or through a client.",
    ),
    "an unknown stream like no other": (
        lambda kinesis: kinesis.stream("payments"),
        "There is no stream 'payments' in us-east-1; the streams are: on-demand, orders. Make it with create_stream() "
        "or through a client.",
    ),
    "a stream by a list": (
        lambda kinesis: kinesis.stream(["orders"]),
        "There is no stream ['orders'] in us-east-1; the streams are: on-demand, orders. Make it with create_stream() "
        "or through a client.",
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
        "scale_to() takes a number of shards, one at least, not '8'.",
    ),
    "half a shard": (
        lambda kinesis: kinesis.stream("on-demand").scale_to(4.5),
        "scale_to() takes a number of shards, one at least, not 4.5.",
    ),
    "a stream that is there already": (
        lambda kinesis: kinesis.create_stream("orders"),
        "create_stream('orders') was refused: Stream orders under account 123456789012 already exists.",
    ),
    "a tag whose key is a number": (
        lambda kinesis: kinesis.create_stream("new", tags={1: "one"}),
        "create_stream('new') was refused: class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be "
        "converted to an String",
    ),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_misuse_is_explained_and_changes_nothing(kinesis, misuse):
    attempt, message = MISUSES[misuse]
    before = state_of(kinesis)
    with pytest.raises(KinesisFakeError) as caught:
        attempt(kinesis)
    assert str(caught.value) == message
    assert state_of(kinesis) == before


def test_a_closed_shard_is_not_split_merged_or_aimed_at(kinesis):
    orders(kinesis).split(S0)
    for attempt in (lambda: orders(kinesis).split(S0), lambda: orders(kinesis).merge(S0, S1)):
        with pytest.raises(KinesisFakeError) as caught:
            attempt()
        assert str(caught.value) == f"{S0} of stream orders is closed already; choose an open shard."
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.partition_key_for("orders", S0)
    assert str(caught.value) == f"{S0} of stream orders is closed; no partition key leads to it."


@pytest.mark.parametrize("is_made_anew", [False, True])
def test_a_view_of_a_stream_that_has_been_deleted_changes_no_other_of_its_name(kinesis, kinesis_client, is_made_anew):
    view = orders(kinesis)
    kinesis_client.delete_stream(StreamName="orders")
    kinesis.settle()
    if is_made_anew:
        kinesis.create_stream("orders", shards=2)
    before = state_of(kinesis)
    for attempt in (lambda: view.put("ghost"), lambda: view.split(S0), lambda: view.merge(S0, S1)):
        with pytest.raises(KinesisFakeError) as caught:
            attempt()
        assert str(caught.value) == (
            "Stream orders has been deleted since this view was taken; ask for a view of one that exists."
        )
    assert state_of(kinesis) == before


@pytest.mark.parametrize("data", ["1 té", "1 té".encode(), bytearray("1 té".encode()), memoryview("1 té".encode())])
def test_text_and_all_kinds_of_bytes_can_be_put(kinesis, data):
    assert orders(kinesis).put(data).data == "1 té".encode()


WRONG_OPTIONS = {
    "accounts": (["KEY"], "accounts must be a dict, such as accounts={'AKIA...': '111122223333'}, not ['KEY']."),
    "autojump": ("no", "autojump must be True or False, not 'no'."),
    "virtual_sleep": (0, "virtual_sleep must be True or False, not 0."),
    "rate_limits": (None, "rate_limits must be True or False, not None."),
    "seed": (None, "seed must be a whole number, not None."),
}


@pytest.mark.parametrize("option", WRONG_OPTIONS)
def test_an_option_of_a_wrong_kind_is_refused(option):
    value, message = WRONG_OPTIONS[option]
    with pytest.raises(KinesisFakeError) as caught, fake_kinesis(**{option: value}):
        pass
    assert str(caught.value) == message
    with pytest.raises(KinesisFakeError) as caught:
        KinesisFake(**{option: value})
    assert str(caught.value) == message

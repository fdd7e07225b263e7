"""Impossible streams, records and questions: refused in words, and without a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.misuse import hold_refusals
from tests.support.state import state_of

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2})

S0, S1, S2 = (f"shardId-{index:012}" for index in range(3))
SNAKE_CASE = "write its parameters in snake case, such as shard_count."
LENGTH = (
    "1 validation error detected: Value '' at 'partitionKey' failed to satisfy constraint: Member must have length "
    "greater than or equal to 1"
)


def create(**parameters: Any) -> Callable[[Any], object]:
    return lambda kinesis: kinesis.create_stream("new", **parameters)


def put_many(*records: Any, **arguments: Any) -> Callable[[Any], object]:
    return lambda kinesis: kinesis.stream("orders").put_many(records, **arguments)


def records_of(**choice: Any) -> Callable[[Any], object]:
    return lambda kinesis: kinesis.stream("orders").records.of(**choice)


ROWS: dict[str, tuple[Callable[[Any], object], str]] = {
    # --- streams ---
    "shards told twice": (
        create(shards=2, shard_count=5),
        "The stream 'new' is given shards=2 and shard_count=5, which mean the same; leave one of them out.",
    ),
    "a stream that is named twice": (
        create(stream_name="newer"),
        "create_stream() is given stream_name twice, once by its place and once by its name; leave one of them out.",
    ),
    "a parameter as the API writes it": (
        create(ShardCount=2),
        f"CreateStream has no parameter 'ShardCount'; {SNAKE_CASE}",
    ),
    "two spellings of a parameter": (
        create(shard_count=7, ShardCount=2),
        f"CreateStream has no parameter 'ShardCount'; {SNAKE_CASE}",
    ),
    "underscores elsewhere": (
        create(s_h_a_r_d_count=5),
        f"CreateStream has no parameter 's_h_a_r_d_count'; {SNAKE_CASE}",
    ),
    "no name at all": (lambda kinesis: kinesis.create_stream(shards=1), "create_stream() needs stream_name."),
    "tags that are a number": (
        create(tags=5),
        "create_stream('new') was refused: Invalid type for parameter Tags, value: 5, type: <class 'int'>, valid "
        "types: <class 'dict'>.",
    ),
    "a mode that is not in its dict": (
        create(stream_mode_details="ON_DEMAND"),
        "create_stream('new') was refused: Invalid type for parameter StreamModeDetails, value: ON_DEMAND, type: "
        "<class 'str'>, valid types: <class 'dict'>.",
    ),
    "a mode in snake case": (
        create(stream_mode_details={"stream_mode": "ON_DEMAND"}),
        "create_stream('new') was refused: Missing required parameter in StreamModeDetails: \"StreamMode\"; Unknown "
        'parameter in StreamModeDetails: "stream_mode", must be one of: StreamMode.',
    ),
    "more shards than the fake has room for, with tags": (
        create(shards=0, tags={"team": "sales"}),
        "create_stream('new') was refused: 1 validation error detected: Value '0' at 'shardCount' failed to satisfy "
        "constraint: Member must have value greater than or equal to 1",
    ),
    # --- records ---
    "a bad record among good ones": (
        put_many("a", {"data": "b", "partition_key": ""}),
        f"Record 1 of put_many() was refused: {LENGTH}",
    ),
    "a bad key after good records": (
        put_many("a", {"data": "b", "partition_key": 5}),
        "Record 1 of put_many() takes a partition key that is text, not 5.",
    ),
    "a bad hash key after good records": (
        put_many("a", "b", {"data": "b", "explicit_hash_key": -1}),
        f"The explicit hash key of Record 2 of put_many() must be a whole number from 0 to {2**128 - 1}, not -1.",
    ),
    "a shard that is not there after good records": (
        put_many("a", {"data": "b", "shard": S2}),
        f"Stream orders has no shard {S2}; its shards are: {S0}, {S1}.",
    ),
    "a shard and a hash key after good records": (
        put_many("a", {"data": "b", "shard": S0, "explicit_hash_key": 0}),
        "Record 1 of put_many() takes a shard or an explicit hash key, not both.",
    ),
    "a record that is too large among good ones": (
        put_many("a", bytes(1024 * 1024)),
        "Record 1 of put_many() was refused: Record size 1048580 bytes, partition key included, exceeds the limit of "
        "1048576 bytes.",
    ),
    # --- questions ---
    "records of a shard that is not there": (
        records_of(shard="nope"),
        f"These are not the records of a shard 'nope'; their shards are: {S0}, {S1}.",
    ),
    "records of a later shard": (
        records_of(shard=S2),
        f"These are not the records of a shard '{S2}'; their shards are: {S0}, {S1}.",
    ),
    "records of another shard than that which is asked": (
        lambda kinesis: kinesis.stream("orders").shard(S0).records.of(shard=S1),
        f"These are not the records of a shard '{S1}'; their shards are: {S0}.",
    ),
    "a span that ends before it begins": (
        records_of(since="2026-01-01T00:00:01Z", until="2026-01-01T00:00:00Z"),
        "since 2026-01-01T00:00:01+00:00 is after until 2026-01-01T00:00:00+00:00, and no record is in such a span; "
        "exchange them.",
    ),
}


def test_what_cannot_be_meant_is_refused_and_changes_nothing(kinesis: KinesisFake) -> None:
    hold_refusals(ROWS, kinesis, unchanged=kinesis)


@pytest.mark.parametrize("value", [float("nan"), [1.5, float("inf")], {"cups": float("-inf")}])
def test_a_number_that_json_has_not_is_not_put(kinesis: KinesisFake, value: Any) -> None:
    orders = kinesis.stream("orders")
    before = state_of(kinesis)
    said = "takes a value that JSON can write: Out of range float values are not JSON compliant"
    with pytest.raises(KinesisFakeError, match=rf"^put\(\) {said}"):
        orders.put(json=value)
    with pytest.raises(KinesisFakeError, match=rf"^Record 1 of put_many\(\) {said}"):
        orders.put_many(["a", {"json": value}])
    assert state_of(kinesis) == before


def test_records_can_be_asked_for_by_the_number_of_their_shard_and_for_one_instant(kinesis: KinesisFake) -> None:
    orders = kinesis.stream("orders")
    orders.put("a", shard=S1)
    assert [record.data for record in orders.records.of(shard="1", since=kinesis.now, until=kinesis.now)] == [b"a"]
    assert orders.records.of(shard=S0) == []


def test_a_parameter_may_be_written_in_botocores_snake_case(kinesis: KinesisFake, client: Any) -> None:
    if "MaxRecordSizeInKiB" not in client.meta.service_model.operation_model("CreateStream").input_shape.members:
        pytest.skip("this botocore does not know the member")
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.create_stream("new", max_record_size_in_kib=2048, max_record_size_in_ki_b=4096)
    assert str(caught.value) == (
        "CreateStream is given its parameter 'max_record_size_in_ki_b' twice; write it in one way."
    )
    kinesis.create_stream("one", max_record_size_in_kib=2048)
    kinesis.create_stream("two", max_record_size_in_ki_b=2048)
    for name in ("one", "two"):
        summary = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        assert summary["MaxRecordSizeInKiB"] == 2048


def test_a_stream_of_the_options_is_named_and_counted_once() -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(streams={"orders": {"shards": 2, "shard_count": 3}}).start()
    assert str(caught.value) == (
        "The stream 'orders' is given shards=2 and shard_count=3, which mean the same; leave one of them out."
    )
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(streams={"orders": {"stream_name": "payments"}}).start()
    assert str(caught.value) == "The stream 'orders' has its name already; leave stream_name out."


def test_a_disabled_key_lets_none_of_several_records_in(kinesis: KinesisFake, client: Any) -> None:
    client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId="alias/orders")
    kinesis.settle()
    kinesis.key("alias/orders").disable()
    before = state_of(kinesis)
    with pytest.raises(KinesisFakeError, match=r"^Record 0 of put_many\(\) was refused: .* is disabled"):
        kinesis.stream("orders").put_many(["a", "b"])
    assert state_of(kinesis) == before

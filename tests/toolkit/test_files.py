"""A scenario as a file: it comes back as it was, can be written by hand, and is refused in words where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.model import needs
from tests.support.state import state_of

S0, S1, S2, S3 = (f"shardId-{index:012}" for index in range(4))
MIDDLE = 2**127
HEAD = {"format": "kinesis_fake scenario", "version": 1, "now": "2026-01-01T00:00:00Z"}


def records_of(stream: Any) -> Any:
    return [(record.sequence_number, record) for record in stream.records]


def shards_of(stream: Any) -> Any:
    return [
        (
            repr(shard),
            shard.parent_shard_id,
            shard.adjacent_parent_shard_id,
            shard.starting_sequence_number,
            shard.ending_sequence_number,
        )
        for shard in stream.shards
    ]


def busy(kinesis: KinesisFake) -> Any:
    """A stream that has been through everything that a file can tell."""
    orders = kinesis.create_stream("orders", shards=2, tags={"team": "té"})
    orders.put_many([{"data": str(number), "shard": S0} for number in range(3)])
    kinesis.advance(hours=23)
    orders.put_many([{"json": {"n": 1}, "partition_key": "ada"}, b"\xff", "text", '{"n":1}', "[1, 2]", ""])
    kinesis.advance(seconds=1.5)
    orders.split(S0)
    orders.put("x", shard=S2)
    orders.merge(S2, S3)
    kinesis.client().register_stream_consumer(StreamARN=orders.stream_arn, ConsumerName="billing", Tags={"a": "b"})
    kinesis.client().increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    elsewhere = kinesis.client(region_name="eu-west-1")
    elsewhere.create_stream(StreamName="orders", ShardCount=1)
    kinesis.settle()
    elsewhere.put_record(StreamName="orders", Data=b"abroad", PartitionKey="ada")
    return orders


@needs("RegisterStreamConsumer", "Tags")
def test_a_scenario_comes_back_as_it_was(tmp_path: Any) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"clicks": "on-demand"}) as kinesis:
        orders = busy(kinesis)
        kinesis.advance(minutes=90)
        kinesis.dump(first)
        before = records_of(orders), shards_of(orders), orders.consumers, kinesis.now
        later = orders.put("later", shard=S1).sequence_number
    with fake_kinesis(state=first) as kinesis:
        orders = kinesis.stream("orders")
        assert (records_of(orders), shards_of(orders), orders.consumers, kinesis.now) == before
        kinesis.dump(second)
        assert orders.put("later", shard=S1).sequence_number == later
        tags = kinesis.client().list_tags_for_stream(StreamName="orders")["Tags"]
        assert tags == [{"Key": "team", "Value": "té"}]
        assert orders.retention_period_hours == 48
        assert kinesis.stream("clicks").status == "ACTIVE"
        abroad = kinesis.stream("arn:aws:kinesis:eu-west-1:123456789012:stream/orders")
        assert [record.data for record in abroad.records] == [b"abroad"]
    assert first.read_text() == second.read_text()


def test_a_consumer_goes_on_with_a_checkpoint_that_is_kept_beside_the_file(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        checkpoint = kinesis.stream("orders").put_many(["a", "b", "c"])[0].sequence_number
        kinesis.dump(path)
    with fake_kinesis(state=path) as kinesis:
        client = kinesis.client()
        iterator = client.get_shard_iterator(
            StreamName="orders",
            ShardId=S0,
            ShardIteratorType="AFTER_SEQUENCE_NUMBER",
            StartingSequenceNumber=checkpoint,
        )["ShardIterator"]
        assert [record["Data"] for record in client.get_records(ShardIterator=iterator)["Records"]] == [b"b", b"c"]


def test_what_retention_has_taken_is_left_out_and_counted(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        orders = kinesis.stream("orders")
        orders.put_many(["a", "b"])
        kinesis.advance(hours=24)
        kept = orders.put("c")
        kinesis.dump(path)
    with fake_kinesis(state=path) as kinesis:
        assert kinesis.stream("orders").records == [kept]
        assert "1 record, retention has taken 2" in kinesis.summary()


def test_data_is_written_in_the_most_readable_way_that_gives_it_back(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    data = [b'{"n": 1}', b'{"n":1}', b"1", b"text", b"\xff\x00", b"", '{"n": "té"}'.encode(), b'["t\\u00e9"]']
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        kinesis.stream("orders").put_many(data)
        kinesis.dump(path)
    (shard,) = json.loads(path.read_text())["streams"]["orders"]["shards"]
    shown = [
        {name: value for name, value in record.items() if name in ("text", "json", "base64")}
        for record in shard["records"]
    ]
    assert shown == [
        {"json": {"n": 1}},
        {"text": '{"n":1}'},
        {"text": "1"},
        {"text": "text"},
        {"base64": "/wA="},
        {"text": ""},
        {"text": '{"n": "té"}'},
        {"json": ["té"]},
    ]
    with fake_kinesis(state=path) as kinesis:
        assert [record.data for record in kinesis.stream("orders").records] == data


def test_a_file_is_short_when_it_is_written_by_hand(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    path.write_text(
        """
        {
          "format": "kinesis_fake scenario",
          "version": 1,
          "now": "2026-01-01T12:00:00Z",
          "streams": {
            "orders": {
              "shards": 2,
              "records": [
                {"json": {"order": 2}, "partition_key": "bob", "arrived_at": "2026-01-01T11:00:00Z"},
                {"text": "order 1", "partition_key": "ada", "arrived_at": "2026-01-01T10:00:00Z"},
                {"base64": "/w==", "explicit_hash_key": "0"}
              ],
              "consumers": ["billing"]
            },
            "clicks": {"stream_mode": "ON_DEMAND"},
            "payments": {}
          }
        }
        """
    )
    with fake_kinesis(state=str(path), streams={"more": 1}) as kinesis:
        assert kinesis.now == datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
        orders = kinesis.stream("orders")
        by_arrival = sorted(orders.records, key=lambda record: record.approximate_arrival_timestamp)
        assert [record.data for record in by_arrival] == [b"order 1", b'{"order": 2}', b"\xff"]
        assert by_arrival[2].partition_key == "test"
        assert by_arrival[2].approximate_arrival_timestamp == kinesis.now
        assert [consumer.status for consumer in orders.consumers] == ["ACTIVE"]
        assert [stream.stream_name for stream in kinesis.streams] == ["clicks", "more", "orders", "payments"]
        assert [len(stream.open_shards) for stream in kinesis.streams] == [4, 1, 2, 1]
        assert orders.put("next", "ada").shard_id == by_arrival[0].shard_id


def test_a_scenario_may_be_a_dict_and_leave_the_time_to_the_fake() -> None:
    document = {"format": "kinesis_fake scenario", "version": 1, "streams": {"orders": {"records": [{"text": "a"}]}}}
    with fake_kinesis(state=document, start="2026-05-05T00:00:00Z") as kinesis:
        (record,) = kinesis.stream("orders").records
        assert record.approximate_arrival_timestamp == datetime(2026, 5, 5, tzinfo=timezone.utc)


def shard(index: Any, start: Any = 0, end: Any = 2**128 - 1, **more: Any) -> Any:
    made = {"shard_id": f"shardId-{index:012}", "starting_hash_key": str(start), "ending_hash_key": str(end)}
    return {**made, "created_at": "2025-12-31T00:00:00Z", **more}


def orders(**more: Any) -> Any:
    return {**HEAD, "streams": {"orders": more}}


NO_SCENARIO = (
    'state is no scenario of kinesis_fake: it must be an object with "format": "kinesis_fake scenario" and '
    '"version": 1.'
)
WRONG = {
    "a list": ([], "state must be the path of a file or a dict, not []."),
    "a number": (5, "state must be the path of a file or a dict, not 5."),
    "an empty object": ({}, NO_SCENARIO),
    "another format": ({**HEAD, "format": "terraform"}, NO_SCENARIO),
    "another version": (
        {**HEAD, "version": 2},
        "state has version 2, and this kinesis_fake reads version 1. Write it anew with dump(), or use the release "
        "that has written it.",
    ),
    "a version that is true": (
        {**HEAD, "version": True},
        "state has version True, and this kinesis_fake reads version 1. Write it anew with dump(), or use the release "
        "that has written it.",
    ),
    "an unknown member": (
        {**HEAD, "queues": {}},
        "state has an unknown member 'queues'; there are format, version, now, streams.",
    ),
    "a time that is none": ({**HEAD, "now": "noon"}, "state: now: 'noon' is no instant; write it as in "),
    "streams as a list": ({**HEAD, "streams": []}, "state: streams must be a dict, such as "),
    "a stream as a word": ({**HEAD, "streams": {"orders": "two"}}, "state: orders must be an object, not 'two'."),
    "a stream of no shards": (
        {**HEAD, "streams": {"orders": 0}},
        "state: orders.shards must be a whole number from 1 on",
    ),
    "a stream that is true": ({**HEAD, "streams": {"orders": True}}, "state: orders must be an object, not True."),
    "a stream with a bad name": (
        {**HEAD, "streams": {"or ders": {}}},
        "state: or ders was refused: 1 validation error ",
    ),
    "an ARN of something else": (
        {**HEAD, "streams": {"arn:aws:s3:::lake": {}}},
        "state: arn:aws:s3:::lake is neither the name nor the ARN of a stream.",
    ),
    "a misspelt member": (orders(record=[]), "state: orders has an unknown member 'record'; there are created_at, "),
    "shards as text": (orders(shards="2"), "state: orders.shards must be a whole number from 1 on, not '2'."),
    "no shards": (orders(shards=[]), "state: orders.shards must have one shard at least."),
    "records as an object": (orders(records={}), "state: orders.records must be a list, not {}."),
    "a record as text": (orders(records=["a"]), "state: orders.records[0] must be an object, not 'a'."),
    "a record without data": (
        orders(records=[{"partition_key": "a"}]),
        "state: orders.records[0] must have one of text, json and base64.",
    ),
    "a record with two data": (
        orders(records=[{"text": "a"}, {"text": "a", "json": 1}]),
        "state: orders.records[1] must have one of text, json and base64.",
    ),
    "text that is none": (orders(records=[{"text": 1}]), "state: orders.records[0].text must be text, not 1."),
    "base64 that is none": (
        orders(records=[{"base64": "?"}]),
        "state: orders.records[0].base64 must be base64, not '?'.",
    ),
    "a record of tomorrow": (
        orders(records=[{"text": "a", "arrived_at": "2026-01-01T00:00:00.001Z"}]),
        "state: orders.records[0] arrives after the scenario's now.",
    ),
    "a stream of tomorrow": (
        orders(created_at="2026-01-02T00:00:00Z"),
        "state: orders.created_at is after the scenario's now.",
    ),
    "a hash key beyond the last": (
        orders(records=[{"text": "a", "explicit_hash_key": str(2**128)}]),
        f"state: orders.records[0].explicit_hash_key must be a whole number from 0 to {2**128 - 1}, not {2**128}.",
    ),
    "records beside shards": (
        orders(records=[{"text": "a"}], shards=[shard(0)]),
        "state: orders has shards with records of their own; move its records into them.",
    ),
    "a shard without an id": (
        orders(shards=[{"starting_hash_key": "0"}]),
        "state: orders.shards[0].shard_id must be text, such as 'shardId-000000000000', not None.",
    ),
    "shards out of order": (
        orders(shards=[shard(1), shard(0)]),
        "state: orders.shards[1] must come in the order of the ids of shards.",
    ),
    "a gap": (
        orders(shards=[shard(0, 0, MIDDLE - 2), shard(1, MIDDLE)]),
        f"The open shards of state: orders must cover each hash key once; {S1} begins at {MIDDLE} and must begin at "
        f"{MIDDLE - 1}.",
    ),
    "an overlap": (
        orders(shards=[shard(0, 0, MIDDLE), shard(1, MIDDLE)]),
        f"The open shards of state: orders must cover each hash key once; {S1} begins at {MIDDLE} and must begin at "
        f"{MIDDLE + 1}.",
    ),
    "an end too early": (
        orders(shards=[shard(0, 0, MIDDLE)]),
        f"The open shards of state: orders must cover each hash key once; they end at {MIDDLE}.",
    ),
    "a record in the wrong shard": (
        orders(shards=[shard(0, 0, 4, records=[{"text": "a", "explicit_hash_key": "5"}]), shard(1, 5)]),
        f"state: orders.shards[0].records[0] does not belong to {S0}: its hash key is 5.",
    ),
    "records out of order": (
        orders(shards=[shard(0, records=[{"text": "a"}, {"text": "b", "arrived_at": "2025-12-31T00:00:00Z"}])]),
        "state: orders.shards[0].records[1] must stand in the order of arrival.",
    ),
    "three parents": (
        orders(shards=[shard(0, parents=["a", "b", "c"])]),
        "state: orders.shards[0] has more than two parents.",
    ),
    "two consumers of a name": (
        orders(consumers=["a", "a"]),
        "state: orders.consumers[1]: stream orders has two consumers a.",
    ),
    "a mode that is none": (
        orders(stream_mode="on-demand"),
        "state: orders.stream_mode must be 'PROVISIONED' or 'ON_DEMAND', not 'on-demand'.",
    ),
    "tags that are numbers": (orders(tags={"a": 1}), "state: orders was refused: "),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_scenario_is_refused_with_the_place_and_the_reason(name: Any) -> None:
    state, message = WRONG[name]
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(state=state).__enter__()
    assert str(caught.value).startswith(message)
    assert str(caught.value) == message or not message.endswith(".")


def test_a_file_that_is_not_there_or_is_no_json_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "orders.json"
    for text, message in (
        (None, f"state: {path} cannot be read: "),
        ("{", f"{path} is no JSON: "),
        ("[]", f"{path} is no "),
    ):
        if text is not None:
            path.write_text(text)
        with pytest.raises(KinesisFakeError) as caught:
            fake_kinesis(state=path).__enter__()
        assert str(caught.value).startswith(message)


@pytest.mark.parametrize("options", [{"start": "2026-01-01T00:00:00Z"}, {"clock": "system"}])
def test_a_scenario_with_a_time_wants_no_other(options: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(state=HEAD, **options).__enter__()
    assert str(caught.value) == "state says when it is (now); leave start= and clock='system' out."


REFUSED: dict[str, tuple[Callable[[KinesisFake, Any], object], str]] = {
    "a stream in transition": (
        lambda kinesis, client: client.create_stream(StreamName="new", ShardCount=1),
        "dump() cannot write stream new or one of its consumers in transition; call settle() first.",
    ),
    "a consumer in transition": (
        lambda kinesis, client: client.register_stream_consumer(
            StreamARN=kinesis.stream("orders").stream_arn, ConsumerName="billing"
        ),
        "dump() cannot write stream orders or one of its consumers in transition; call settle() first.",
    ),
    "a key that cannot be used": (
        lambda kinesis, client: kinesis.key("alias/aws/kinesis").disable(),
        "dump() cannot write a KMS key that cannot be used; enable() it first.",
    ),
    "an encrypted stream": (
        lambda kinesis, client: (
            client.start_stream_encryption(StreamName="orders", EncryptionType="KMS", KeyId="alias/aws/kinesis"),
            kinesis.settle(),
        ),
        "dump() cannot write the encryption of stream orders; use a stream that has never been encrypted.",
    ),
    "metrics": (
        lambda kinesis, client: (
            client.enable_enhanced_monitoring(StreamName="orders", ShardLevelMetrics=["IncomingBytes"]),
            kinesis.settle(),
        ),
        "dump() cannot write the metrics and the warm throughput of stream orders; leave them as they are by default.",
    ),
}


@pytest.mark.fake_kinesis(autojump=False, streams={"orders": 1})
@pytest.mark.parametrize("name", REFUSED)
def test_what_a_file_has_no_words_for_is_refused_and_no_file_is_written(
    kinesis: KinesisFake, kinesis_client: Any, tmp_path: Any, name: Any
) -> None:
    change, message = REFUSED[name]
    change(kinesis, kinesis_client)
    before = state_of(kinesis)
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.dump(tmp_path / "orders.json")
    assert str(caught.value) == message
    assert state_of(kinesis) == before
    assert not list(tmp_path.iterdir())


@needs("CreateQueue")
@pytest.mark.fake_kinesis(streams={"orders": "on-demand"})
def test_queues_are_refused(kinesis: KinesisFake, kinesis_client: Any, tmp_path: Any) -> None:
    kinesis_client.create_queue(
        QueueName="jobs", StreamConfigurationList=[{"StreamARN": kinesis.stream("orders").stream_arn}]
    )
    kinesis.settle()
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.dump(tmp_path / "orders.json")
    assert str(caught.value) == "dump() cannot write the queues and channels of stream orders; delete them first."


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_dump_takes_a_path(kinesis: KinesisFake) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.dump(None)  # type: ignore[arg-type]
    assert str(caught.value) == "dump() takes the path of a file, not None."


# --- JSON lines ---------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_the_lines_of_a_file_are_put_as_they_stand(kinesis: KinesisFake, tmp_path: Any) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b'{"customer":"ada", "n": 1}\r\n\n{"customer": "bob"}\n"three"')
    orders = kinesis.stream("orders")
    assert [record.data for record in orders.put_lines(path)] == [
        b'{"customer":"ada", "n": 1}',
        b'{"customer": "bob"}',
        b'"three"',
    ]
    assert {record.partition_key for record in orders.records} == {"test"}


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_member_of_each_line_may_be_its_partition_key(kinesis: KinesisFake, tmp_path: Any) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_text('{"customer": "ada"}\n{"customer": "bob"}\n')
    records = kinesis.stream("orders").put_lines(path, partition_key_member="customer")
    assert [record.partition_key for record in records] == ["ada", "bob"]


@pytest.mark.fake_kinesis(streams={"orders": 1})
@pytest.mark.parametrize(
    ("lines", "member", "message"),
    [
        ('{"a": 1}\n{\n', None, "{path}:2 is no JSON: b'{{'."),
        ('{"a": 1}\n', "a", "{path}:1 has no text in the member 'a', which names the partition key."),
        ("5\n", "a", "{path}:1 has no text in the member 'a', which names the partition key."),
        ("5\n", 5, "partition_key_member must be text, not 5."),
        (None, None, "{path} cannot be read: No such file or directory."),
    ],
)
def test_lines_that_cannot_be_put_are_refused_and_none_is_put(
    kinesis: KinesisFake, tmp_path: Any, lines: Any, member: Any, message: Any
) -> None:
    path = tmp_path / "orders.jsonl"
    if lines is not None:
        path.write_text(lines)
    orders = kinesis.stream("orders")
    with pytest.raises(KinesisFakeError) as caught:
        orders.put_lines(path, partition_key_member=member)
    assert str(caught.value) == message.format(path=path)
    assert orders.records == []


def test_a_stream_may_be_written_as_the_option_streams_has_it() -> None:
    state = {**HEAD, "streams": {"orders": 2, "clicks": "on-demand", "taps": {"stream_mode": "ON_DEMAND"}}}
    with fake_kinesis(state=state) as kinesis:
        client = kinesis.client()
        for name, mode, shards in (("orders", "PROVISIONED", 2), ("clicks", "ON_DEMAND", 4), ("taps", "ON_DEMAND", 4)):
            summary = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
            assert (summary["StreamModeDetails"]["StreamMode"], summary["OpenShardCount"]) == (mode, shards)

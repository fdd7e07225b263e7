"""A scenario as a file is refused in words where it is wrong, and so is a state that a file cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.model import needs
from tests.support.rows import hold_for_each
from tests.support.scenario_files import HEAD, MIDDLE
from tests.support.state import state_of

S0, S1, S2, S3 = (f"shardId-{index:012}" for index in range(4))


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


def test_a_file_that_cannot_be_written_is_told_in_words(kinesis: KinesisFake, tmp_path: Any) -> None:
    missing = tmp_path / "missing" / "scenario.json"
    long = f"{tmp_path}/{'a' * 5000}"
    rows: dict[Any, str] = {
        "": "'' cannot be written: Is a directory.",
        tmp_path: f"{tmp_path} cannot be written: Is a directory.",
        missing: f"{missing} cannot be written: No such file or directory.",
        "a\0b": "a\0b cannot be written: embedded null byte.",
        f"{tmp_path}/\ud800": f"{tmp_path}/\\ud800 cannot be written: it is no name of a file.",
        long: f"{long} cannot be written: File name too long.",
    }

    def check(path: Any) -> None:
        with pytest.raises(KinesisFakeError) as caught:
            kinesis.dump(path)
        assert str(caught.value) == rows[path]

    hold_for_each(rows, check)
    assert list(tmp_path.iterdir()) == []

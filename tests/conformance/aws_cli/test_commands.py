"""The AWS CLI's own ``aws kinesis`` commands, run as they are, in this process."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.aws_cli import ACCOUNT, ARN, MIDDLE, START, STARTED_AT, Aws, Run

# The AWS CLI takes a second to import; what it puts and reads crosses the same door as any client's.
pytestmark = [pytest.mark.fake_kinesis(start=START), pytest.mark.thorough]


def status(aws: Aws) -> str:
    told: str = aws("describe-stream-summary", "--stream-name", "orders")["StreamDescriptionSummary"]["StreamStatus"]
    return told


def records_of(aws: Aws, shard_id: str, limit: int = 10_000) -> tuple[list[Any], Any]:
    """All records of a shard, and the last answer."""
    iterator = aws(
        *("get-shard-iterator", "--stream-name", "orders", "--shard-id", shard_id),
        *("--shard-iterator-type", "TRIM_HORIZON"),
    )["ShardIterator"]
    records = []
    while True:
        answer = aws("get-records", "--shard-iterator", iterator, "--limit", limit)
        records += answer["Records"]
        iterator = answer.get("NextShardIterator")
        if iterator is None or answer["MillisBehindLatest"] == 0:
            return records, answer


# --- streams ----------------------------------------------------------------------------------------------------------


def test_a_stream_is_created_waited_for_described_and_deleted(kinesis: KinesisFake, aws: Aws, run: Run) -> None:
    assert aws("create-stream", "--stream-name", "orders", "--shard-count", 2) is None
    assert kinesis.stream("orders").status == "CREATING"
    assert aws("wait", "stream-exists", "--stream-name", "orders") is None
    assert kinesis.stream("orders").status == "ACTIVE"

    description = {
        "StreamName": "orders",
        "StreamARN": ARN,
        "StreamStatus": "ACTIVE",
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": STARTED_AT,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
    }
    lower, upper = kinesis.stream("orders").shards
    shards = [
        {
            "ShardId": "shardId-000000000000",
            "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(MIDDLE - 1)},
            "SequenceNumberRange": {"StartingSequenceNumber": lower.starting_sequence_number},
        },
        {
            "ShardId": "shardId-000000000001",
            "HashKeyRange": {"StartingHashKey": str(MIDDLE), "EndingHashKey": str(2**128 - 1)},
            "SequenceNumberRange": {"StartingSequenceNumber": upper.starting_sequence_number},
        },
    ]
    # The command joins pages: what its paginator does not name is dropped, and what the answer lacks is null.
    assert aws("describe-stream", "--stream-name", "orders") == {
        "StreamDescription": {**description, "Shards": shards, "KeyId": None}
    }
    description["StreamModeDetails"] = {"StreamMode": "PROVISIONED"}
    page = aws("describe-stream", "--stream-name", "orders", "--no-paginate")["StreamDescription"]
    assert page == {**description, "Shards": shards, "HasMoreShards": False}
    assert aws("list-shards", "--stream-arn", ARN) == {"Shards": shards}
    summary = aws("describe-stream-summary", "--stream-name", "orders")["StreamDescriptionSummary"]
    known = {key: summary[key] for key in (*description, "OpenShardCount", "ConsumerCount")}
    assert known == {**description, "OpenShardCount": 2, "ConsumerCount": 0}

    assert aws("delete-stream", "--stream-name", "orders") is None
    assert kinesis.stream("orders").status == "DELETING"
    assert aws("wait", "stream-not-exists", "--stream-name", "orders") is None
    assert run("describe-stream", "--stream-name", "orders").err == (
        "\nAn error occurred (ResourceNotFoundException) when calling the DescribeStream operation: "
        f"Stream orders under account {ACCOUNT} not found.\n"
    )


@pytest.mark.fake_kinesis(streams={f"stream-{number:03d}": 1 for number in range(205)})
def test_lists_of_streams_are_paged_by_the_service_and_by_the_command(kinesis: KinesisFake, aws: Aws) -> None:
    names = [f"stream-{number:03d}" for number in range(205)]
    listed = aws("list-streams")
    assert listed["StreamNames"] == names
    assert [summary["StreamName"] for summary in listed["StreamSummaries"]] == names
    assert listed["StreamSummaries"][0]["StreamCreationTimestamp"] == STARTED_AT

    first = aws("list-streams", "--page-size", 7, "--max-items", 30, "--query", "[StreamNames, NextToken]")
    assert first[0] == names[:30]
    second = aws("list-streams", "--page-size", 7, "--max-items", 30, "--starting-token", first[1])
    assert second["StreamNames"] == names[30:60]

    page = aws("list-streams", "--no-paginate", "--limit", 3, "--exclusive-start-stream-name", "stream-101")
    assert page["StreamNames"] == names[102:105]
    assert page["HasMoreStreams"] is True


@pytest.mark.fake_kinesis(streams={"orders": 25})
def test_lists_of_shards_are_paged(aws: Aws) -> None:
    shard_ids = [f"shardId-{number:012d}" for number in range(25)]

    def ids(*arguments: object) -> Any:
        answer = aws(*arguments)
        answer = answer.get("StreamDescription", answer)
        return [shard["ShardId"] for shard in answer["Shards"]], answer.get("NextToken")

    by_name = ("--stream-name", "orders")
    assert ids("describe-stream", *by_name, "--page-size", 10) == (shard_ids, None)
    assert ids("list-shards", *by_name) == (shard_ids, None)
    assert ids("list-shards", *by_name, "--shard-filter", f"Type=AFTER_SHARD_ID,ShardId={shard_ids[21]}") == (
        shard_ids[22:],
        None,
    )
    first, token = ids("list-shards", *by_name, "--no-paginate", "--max-results", 20)
    assert (first, ids("list-shards", "--no-paginate", "--next-token", token)) == (
        shard_ids[:20],
        (shard_ids[20:], None),
    )
    # The paginator repeats the stream's name on every page.
    assert ids("list-shards", *by_name, "--page-size", 20) == (shard_ids, None)


# --- records ----------------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_records_come_out_as_they_were_put_in(kinesis: KinesisFake, aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"\x00\xff\n")
    entries = [{"Data": "größe", "PartitionKey": "c"}, {"Data": "4", "PartitionKey": "d", "ExplicitHashKey": "0"}]
    (tmp_path / "records.json").write_text(json.dumps(entries))
    by_name, by_arn = ("--stream-name", "orders"), ("--stream-arn", ARN)
    put = [
        aws("put-record", *by_name, "--data", "one", "--partition-key", "a", "--explicit-hash-key", MIDDLE),
        aws("put-record", *by_arn, "--data", f"fileb://{tmp_path}/data.bin", "--partition-key", "b"),
    ]
    kinesis.advance(milliseconds=1250)
    for records in (f"file://{tmp_path}/records.json", f"Data=5,PartitionKey=e,ExplicitHashKey={MIDDLE}"):
        answer = aws("put-records", *by_name, "--records", records)
        assert answer["FailedRecordCount"] == 0
        put += answer["Records"]
    assert (put[0]["ShardId"], put[3]["ShardId"], put[4]["ShardId"]) == (
        "shardId-000000000001",
        "shardId-000000000000",
        "shardId-000000000001",
    )

    found = {}
    for shard_id in ("shardId-000000000000", "shardId-000000000001"):
        for record in records_of(aws, shard_id, limit=2)[0]:
            found[shard_id, record.pop("SequenceNumber")] = record
    assert [found.pop((answer["ShardId"], answer["SequenceNumber"])) for answer in put] == [
        {
            "ApproximateArrivalTimestamp": STARTED_AT + seconds,
            "Data": b64encode(data).decode(),
            "PartitionKey": partition_key,
        }
        for data, partition_key, seconds in (
            (b"one", "a", 0),
            (b"\x00\xff\n", "b", 0),
            ("größe".encode(), "c", 1.25),
            (b"4", "d", 1.25),
            (b"5", "e", 1.25),
        )
    ]
    assert found == {}


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_reading_starts_where_the_iterator_says(kinesis: KinesisFake, aws: Aws) -> None:
    numbers = []
    for number in range(3):
        numbers.append(kinesis.stream("orders").put(str(number)).sequence_number)
        kinesis.advance(seconds=10)

    def data_from(*position: object) -> list[str]:
        iterator = aws(
            *("get-shard-iterator", "--stream-name", "orders", "--shard-id", "0", "--shard-iterator-type"),
            *position,
        )["ShardIterator"]
        data: list[str] = aws("get-records", "--shard-iterator", iterator, "--query", "Records[].Data")
        return data

    one, two = (b64encode(digit).decode() for digit in (b"1", b"2"))
    assert data_from("AT_SEQUENCE_NUMBER", "--starting-sequence-number", numbers[1]) == [one, two]
    assert data_from("AFTER_SEQUENCE_NUMBER", "--starting-sequence-number", numbers[1]) == [two]
    assert data_from("AT_TIMESTAMP", "--timestamp", "2026-01-01T00:00:10Z") == [one, two]
    assert data_from("AT_TIMESTAMP", "--timestamp", STARTED_AT + 11) == [two]
    assert data_from("LATEST") == []


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_other_forms_of_output_show_the_same(kinesis: KinesisFake, aws: Aws, run: Run) -> None:
    record = kinesis.stream("orders").put("hello", "a")
    iterator = aws(
        *("get-shard-iterator", "--stream-name", "orders", "--shard-id", "0"),
        *("--shard-iterator-type", "TRIM_HORIZON"),
    )["ShardIterator"]
    query = "Records[].[Data, PartitionKey, SequenceNumber, ApproximateArrivalTimestamp]"
    finished = run("get-records", "--shard-iterator", iterator, "--output", "text", "--query", query)
    assert finished.out.split() == ["aGVsbG8=", "a", record.sequence_number, "1767225600.0"]


# --- changes ----------------------------------------------------------------------------------------------------------


@pytest.mark.fake_kinesis(streams={"orders": 2})
def test_shards_are_split_merged_and_counted_anew(kinesis: KinesisFake, aws: Aws) -> None:
    before = aws(
        "put-record", "--stream-name", "orders", "--data", "before", "--partition-key", "a", "--explicit-hash-key", 0
    )
    aws(
        *("split-shard", "--stream-name", "orders", "--shard-to-split", "shardId-000000000000"),
        *("--new-starting-hash-key", MIDDLE // 2),
    )
    assert kinesis.stream("orders").status == "UPDATING"
    during = aws(
        "put-record", "--stream-name", "orders", "--data", "during", "--partition-key", "a", "--explicit-hash-key", 0
    )
    aws("wait", "stream-exists", "--stream-name", "orders")
    after = aws(
        "put-record", "--stream-name", "orders", "--data", "after", "--partition-key", "a", "--explicit-hash-key", 0
    )
    assert [answer["ShardId"][-1] for answer in (before, during, after)] == ["0", "0", "2"]

    records, last = records_of(aws, "0")
    assert [record["SequenceNumber"] for record in records] == [before["SequenceNumber"], during["SequenceNumber"]]
    assert "NextShardIterator" not in last
    parent = ["shardId-000000000000"]
    assert last["ChildShards"] == [
        {
            "ShardId": "shardId-000000000002",
            "ParentShards": parent,
            "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(MIDDLE // 2 - 1)},
        },
        {
            "ShardId": "shardId-000000000003",
            "ParentShards": parent,
            "HashKeyRange": {"StartingHashKey": str(MIDDLE // 2), "EndingHashKey": str(MIDDLE - 1)},
        },
    ]

    aws(
        *("merge-shards", "--stream-name", "orders", "--shard-to-merge", "shardId-000000000003"),
        *("--adjacent-shard-to-merge", "shardId-000000000001"),
    )
    assert status(aws) == "UPDATING"
    assert status(aws) == "ACTIVE"
    merged = aws("list-shards", "--stream-name", "orders")["Shards"][4]
    assert (merged["ParentShardId"], merged["AdjacentParentShardId"]) == (
        "shardId-000000000003",
        "shardId-000000000001",
    )

    answer = aws(
        *("update-shard-count", "--stream-name", "orders", "--target-shard-count", 4),
        *("--scaling-type", "UNIFORM_SCALING"),
    )
    assert answer == {"StreamName": "orders", "CurrentShardCount": 2, "TargetShardCount": 4, "StreamARN": ARN}
    aws("wait", "stream-exists", "--stream-name", "orders")
    open_shards = aws("list-shards", "--stream-name", "orders", "--shard-filter", "Type=AT_LATEST")["Shards"]
    starts = sorted(int(shard["HashKeyRange"]["StartingHashKey"]) for shard in open_shards)
    assert starts == [quarter * 2**126 for quarter in range(4)]


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_retention_is_made_longer_and_shorter(kinesis: KinesisFake, aws: Aws) -> None:
    aws("put-record", "--stream-name", "orders", "--data", "a", "--partition-key", "a")
    aws("increase-stream-retention-period", "--stream-name", "orders", "--retention-period-hours", 48)
    aws("wait", "stream-exists", "--stream-name", "orders")
    kinesis.advance(hours=47)
    aws("put-record", "--stream-name", "orders", "--data", "b", "--partition-key", "a")
    assert [record["Data"] for record in records_of(aws, "0")[0]] == ["YQ==", "Yg=="]

    aws("decrease-stream-retention-period", "--stream-name", "orders", "--retention-period-hours", 24)
    aws("wait", "stream-exists", "--stream-name", "orders")
    assert aws("describe-stream", "--stream-name", "orders")["StreamDescription"]["RetentionPeriodHours"] == 24
    assert [record["Data"] for record in records_of(aws, "0")[0]] == ["Yg=="]


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_tags_are_added_listed_and_removed(aws: Aws) -> None:
    aws("add-tags-to-stream", "--stream-name", "orders", "--tags", "team=blue,stage=test")
    aws("add-tags-to-stream", "--stream-name", "orders", "--tags", '{"empty": ""}')
    aws("remove-tags-from-stream", "--stream-name", "orders", "--tag-keys", "stage", "unknown")
    assert aws("list-tags-for-stream", "--stream-name", "orders") == {
        "Tags": [{"Key": "empty", "Value": ""}, {"Key": "team", "Value": "blue"}],
        "HasMoreTags": False,
    }

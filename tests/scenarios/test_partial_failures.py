"""PutRecords succeeds, HTTP status 200 and all, and some of its records were not written."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFake

pytestmark = pytest.mark.fake_kinesis(virtual_sleep=True, streams={"orders": 2})

RECORDS = [{"Data": b"%d" % number, "PartitionKey": f"key-{number}"} for number in range(50)]


def wrong_producer(client: Any) -> None:
    """Takes an answer without an exception for success."""
    client.put_records(StreamName="orders", Records=RECORDS)


def overzealous_producer(client: Any) -> None:
    """Sends everything again if anything has failed."""
    while client.put_records(StreamName="orders", Records=RECORDS)["FailedRecordCount"]:
        time.sleep(1)


def trimming_producer(client: Any) -> None:
    """Takes those that failed for the last ones."""
    records = RECORDS
    while records:
        failed = client.put_records(StreamName="orders", Records=records)["FailedRecordCount"]
        records = records[len(records) - failed :]
        if records:
            time.sleep(1)


def right_producer(client: Any) -> None:
    """Sends again what has failed, and nothing else."""
    records = RECORDS
    while records:
        answer = client.put_records(StreamName="orders", Records=records)
        pairs = zip(records, answer["Records"], strict=True)
        records = [record for record, entry in pairs if "ErrorCode" in entry]
        if records:
            time.sleep(1)


def scenario(kinesis: KinesisFake, client: Any, producer: Any) -> None:
    """The first call loses records 0, 7 and 20; of a second one the first record fails, too."""
    kinesis.inject(Fault.partial_failure(indexes=[0, 7, 20], times=2))
    producer(client)
    written = Counter(int(record.data) for record in kinesis.stream("orders").records)
    lost = [number for number in range(50) if not written[number]]
    repeated = [number for number in range(50) if written[number] > 1]
    assert (lost, repeated) == ([], []), f"lost: {lost}, repeated: {repeated}"


def failure_of(kinesis: KinesisFake, client: Any, producer: Any) -> Any:
    """The first line of what the scenario says about a wrong producer."""
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, client, producer)
    return str(caught.value).splitlines()[0]


def test_the_right_producer_writes_every_record_once(kinesis: KinesisFake, kinesis_client: Any) -> None:
    scenario(kinesis, kinesis_client, right_producer)
    assert [len(call.parameters["Records"]) for call in kinesis.calls] == [50, 3, 1]


def test_the_wrong_producer_loses_records(kinesis: KinesisFake, kinesis_client: Any) -> None:
    assert failure_of(kinesis, kinesis_client, wrong_producer) == "lost: [0, 7, 20], repeated: []"


def test_the_overzealous_producer_writes_records_again(kinesis: KinesisFake, kinesis_client: Any) -> None:
    others = [number for number in range(50) if number not in (0, 7, 20)]  # these were written by the third call only
    assert failure_of(kinesis, kinesis_client, overzealous_producer) == f"lost: [], repeated: {others}"
    assert len(kinesis.stream("orders").records) == 47 + 47 + 50


def test_the_trimming_producer_does_both(kinesis: KinesisFake, kinesis_client: Any) -> None:
    assert failure_of(kinesis, kinesis_client, trimming_producer) == "lost: [0, 7, 20], repeated: [48, 49]"
    assert [call.outcome for call in kinesis.calls] == ["ok"] * 3

"""A consumer asks for records from a point in time, and its machine's clock is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

SHARD = "shardId-000000000000"


def read_from(client: Any, **position: Any) -> Any:
    iterator = client.get_shard_iterator(StreamName="orders", ShardId=SHARD, **position)["ShardIterator"]
    return client.get_records(ShardIterator=iterator)["Records"]


class WrongConsumer:
    """Goes on from the time at which it stopped, by its own clock."""

    def __init__(self, client: Any, clock: Any) -> None:
        self._client = client
        self._clock = clock
        self._position = {"ShardIteratorType": "TRIM_HORIZON"}

    def run(self) -> Any:
        records = read_from(self._client, **self._position)
        self._position = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._clock()}
        return [record["Data"] for record in records]


class RightConsumer:
    """Goes on after the last record that it has seen; Kinesis has numbered it, no clock is asked."""

    def __init__(self, client: Any, clock: Any) -> None:
        self._client = client
        self._position = {"ShardIteratorType": "TRIM_HORIZON"}

    def run(self) -> Any:
        records = read_from(self._client, **self._position)
        if records:
            self._position = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": records[-1]["SequenceNumber"],
            }
        return [record["Data"] for record in records]


def scenario(kinesis: KinesisFake, client: Any, consumer_class: Any, skew: Any) -> None:
    consumer = consumer_class(client, lambda: kinesis.now + skew)
    got = []
    for number in range(6):
        kinesis.advance(seconds=20)
        kinesis.stream("orders").put(str(number))
        kinesis.advance(seconds=20)
        got += consumer.run()
    assert got == [b"%d" % number for number in range(6)], f"got: {b' '.join(got).decode()}"


SKEWS = {"in time": timedelta(0), "90 s fast": timedelta(seconds=90), "50 s slow": timedelta(seconds=-50)}


@pytest.mark.parametrize("skew", SKEWS.values(), ids=SKEWS)
def test_the_right_consumer_does_not_mind(kinesis: KinesisFake, kinesis_client: Any, skew: Any) -> None:
    scenario(kinesis, kinesis_client, RightConsumer, skew)


def test_the_wrong_consumer_passes_while_its_clock_is_right(kinesis: KinesisFake, kinesis_client: Any) -> None:
    scenario(kinesis, kinesis_client, WrongConsumer, SKEWS["in time"])


def test_a_clock_that_is_fast_by_more_than_a_pause_makes_the_wrong_consumer_die(
    kinesis: KinesisFake, kinesis_client: Any
) -> None:
    with refused(
        kinesis_client,
        "InvalidArgumentException",
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
        "timestampInMillis: 1767225730000, currentTimestampInMillis: 1767225680000",
    ):
        scenario(kinesis, kinesis_client, WrongConsumer, SKEWS["90 s fast"])
    # It ran first after 40 seconds, and took that for 130; it ran again after 80.


def test_a_clock_that_is_fast_by_less_makes_it_lose_records(kinesis: KinesisFake, kinesis_client: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, kinesis_client, WrongConsumer, timedelta(seconds=30))
    assert str(caught.value).splitlines()[0] == "got: 0"


def test_a_clock_that_is_slow_makes_it_read_records_twice(kinesis: KinesisFake, kinesis_client: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        scenario(kinesis, kinesis_client, WrongConsumer, SKEWS["50 s slow"])
    assert str(caught.value).splitlines()[0] == "got: 0 0 1 1 2 2 3 3 4 4 5"

"""Instants in answers: the very datetimes that botocore's parser makes of what AWS sends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import fake_kinesis
from kinesis_fake.virtual_time.clock import LATEST_MS
from kinesis_fake.virtual_time.timestamps import Timestamps

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="the local time zone cannot be changed")

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/London",
    "Asia/Kathmandu",  # 5 h 45 min
    "Australia/Lord_Howe",  # its summer time is half an hour
    "Africa/Monrovia",  # -0:44:30 until 1972
    "Pacific/Apia",  # left out a day
)
#: Clocks go back in New York, in London, on Lord Howe; parsers' seconds stop being exact; a day before the end.
ODD_DAYS = ("2026-11-01", "2026-10-25", "2026-04-05", "2106-02-07", "2242-03-16", "9999-12-29")


@pytest.fixture
def in_zone() -> Iterator[Callable[[str], None]]:
    with pytest.MonkeyPatch.context() as patch:

        def enter(zone: str) -> None:
            patch.setenv("TZ", zone)
            time.tzset()

        yield enter
    time.tzset()


def _facts(instant: datetime) -> tuple[Any, ...]:
    # Two datetimes in an hour that the clock shows twice are never equal unless they share one tzinfo.
    return instant.replace(tzinfo=None), instant.fold, instant.utcoffset(), instant.tzinfo


def _start_of(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=timezone.utc).timestamp()) * 1000


@pytest.mark.parametrize("zone", ZONES)
def test_a_timestamp_is_what_botocore_parses(zone: str, in_zone: Callable[[str], None]) -> None:
    in_zone(zone)
    near_odd_days = st.builds(
        lambda day, offset: _start_of(day) + offset, st.sampled_from(ODD_DAYS), st.integers(0, 86_399_999)
    )

    parse: Callable[[float], datetime] = parse_timestamp  # type: ignore[assignment]  # the stubs know of text only

    @given(st.lists(st.one_of(st.integers(0, LATEST_MS), near_odd_days), min_size=1, max_size=20))
    def test(instants: list[int]) -> None:
        timestamps = Timestamps()
        for milliseconds in (*instants, *instants):
            assert _facts(timestamps[milliseconds]) == _facts(parse(milliseconds / 1000))

    test()


def test_records_of_the_hour_that_the_clock_shows_twice_are_told_apart(in_zone: Callable[[str], None]) -> None:
    in_zone("America/New_York")
    with fake_kinesis(start="2026-11-01T05:30:00.123Z", streams={"s": 1}) as kinesis:
        client = kinesis.client()
        for _ in range(3):
            client.put_record(StreamName="s", Data=b"", PartitionKey="k")
            kinesis.advance(hours=1)
        iterator = client.get_shard_iterator(
            StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = client.get_records(ShardIterator=iterator)["Records"]
    arrivals = [record["ApproximateArrivalTimestamp"] for record in records]
    assert [(f"{arrival:%H:%M:%S.%f}", arrival.fold) for arrival in arrivals] == [
        ("01:30:00.123000", 0),
        ("01:30:00.123000", 1),
        ("02:30:00.123000", 0),
    ]
    assert [arrival.utcoffset() for arrival in arrivals] == [timedelta(hours=hours) for hours in (-4, -5, -5)]


def test_a_fake_finds_out_that_the_local_time_zone_has_changed(in_zone: Callable[[str], None]) -> None:
    hours = []
    for zone in ("UTC", "Asia/Kathmandu"):
        in_zone(zone)
        with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"s": 1}) as kinesis:
            summary = kinesis.client().describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
        hours.append(f"{summary['StreamCreationTimestamp']:%H:%M}")
    assert hours == ["00:00", "05:45"]

"""The virtual clock: where it starts, how a test moves it, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import freezegun
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.virtual_time.clock import VirtualClock

pytestmark = pytest.mark.interpreter

UTC = timezone.utc
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NEW_YEAR_MS = 1_767_225_600_000


# --- the start ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        NEW_YEAR,
        NEW_YEAR.astimezone(timezone(timedelta(hours=5, minutes=30))),
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00z",
        "2026-01-01T00:00Z",
        "2026-01-01 00:00:00+00:00",
        "2026-01-01T01:00:00+01:00",
        "2025-12-31T19:00:00.000-05:00",
    ],
)
def test_a_start_may_be_an_aware_datetime_or_a_text_in_any_zone(start: datetime | str) -> None:
    assert VirtualClock(start).now == NEW_YEAR_MS
    with fake_kinesis(start=start) as kinesis:
        assert kinesis.now == NEW_YEAR
        assert kinesis.now.tzinfo is UTC


def test_a_start_may_have_milliseconds_and_what_is_finer_is_cut_off() -> None:
    assert VirtualClock("2026-01-01T00:00:00.123Z").now == NEW_YEAR_MS + 123
    assert VirtualClock("2026-01-01T00:00:00.123999Z").now == NEW_YEAR_MS + 123


@pytest.mark.parametrize("start", ["1970-01-01T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_the_first_and_the_last_instant_can_be_a_start(start: str) -> None:
    with fake_kinesis(start=start, streams={"orders": 1}) as kinesis:
        assert kinesis.now == datetime.fromisoformat(start.replace("Z", "+00:00"))
        kinesis.stream("orders").put(b"x")


@pytest.mark.parametrize(
    "start", ["1969-12-31T23:59:59.999Z", "9999-12-31T00:00:00.001Z", datetime.min.replace(tzinfo=UTC)]
)
def test_an_instant_before_the_first_or_after_the_last_cannot(start: datetime | str) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        VirtualClock(start)
    assert str(caught.value) == "The virtual clock must start between the years 1970 and 9999."


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("yesterday", "'yesterday' is no instant; write it as in '2026-01-01T00:00:00Z' or pass an aware datetime."),
        ("", "'' is no instant; write it as in '2026-01-01T00:00:00Z' or pass an aware datetime."),
        (
            "2026-01-01",
            "'2026-01-01' has no time zone; write '2026-01-01T00:00:00Z', if you mean UTC.",
        ),
        (
            "2026-05-03 12:30:00.250",
            "'2026-05-03 12:30:00.250' has no time zone; write '2026-05-03T12:30:00.250000Z', if you mean UTC.",
        ),
        (
            NEW_YEAR.replace(tzinfo=None),
            "datetime.datetime(2026, 1, 1, 0, 0) has no time zone; pass an aware datetime, such as "
            "datetime(..., tzinfo=timezone.utc).",
        ),
        (1767225600, "An instant must be an aware datetime or an ISO 8601 text, not 1767225600."),
        (NEW_YEAR.date(), "An instant must be an aware datetime or an ISO 8601 text, not datetime.date(2026, 1, 1)."),
    ],
)
def test_what_is_no_instant_is_refused_wherever_one_is_wanted(kinesis: KinesisFake, start: Any, message: str) -> None:
    for use in (VirtualClock, lambda value: fake_kinesis(start=value).__enter__(), kinesis.travel_to):
        with pytest.raises(KinesisFakeError) as caught:
            use(start)
        assert str(caught.value) == message


def test_without_a_start_it_is_the_current_whole_second_of_the_process() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with fake_kinesis() as kinesis:
        now = kinesis.now
    assert before <= now <= datetime.now(UTC)
    assert now.microsecond == 0


def test_a_process_frozen_by_freezegun_is_where_it_starts() -> None:
    with freezegun.freeze_time("2026-01-01T00:00:00.999"), fake_kinesis() as kinesis:
        assert kinesis.now.timestamp() * 1000 == NEW_YEAR_MS


def test_a_process_moved_by_time_machine_is_where_it_starts() -> None:
    with time_machine.travel("2026-01-01T00:00:00.999Z", tick=False), fake_kinesis() as kinesis:
        assert kinesis.now.timestamp() * 1000 == NEW_YEAR_MS


# --- moving -------------------------------------------------------------------------------------------------------


@pytest.fixture
def kinesis() -> Any:
    with fake_kinesis(start=NEW_YEAR) as kinesis:
        yield kinesis


def test_it_stands_still_unless_it_is_moved(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis")
    kinesis.create_stream("orders", shards=1)
    client.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
    client.list_shards(StreamName="orders")
    client.describe_stream(StreamName="orders")
    assert kinesis.now == NEW_YEAR


@pytest.mark.parametrize(
    ("units", "moved"),
    [
        ({"hours": 25}, timedelta(hours=25)),
        ({"days": 1, "hours": 1}, timedelta(hours=25)),
        ({"weeks": 1}, timedelta(weeks=1)),
        ({"minutes": 0.5}, timedelta(seconds=30)),
        ({"seconds": 0.001}, timedelta(milliseconds=1)),
        ({"milliseconds": 1}, timedelta(milliseconds=1)),
        ({"microseconds": 1999}, timedelta(milliseconds=1)),
        ({"microseconds": 1}, timedelta(milliseconds=1)),
        ({"seconds": 0.0001}, timedelta(milliseconds=1)),
        ({"hours": 1, "minutes": -60}, timedelta()),
        ({"seconds": 0}, timedelta()),
    ],
)
def test_advance_takes_the_keywords_of_a_timedelta(
    kinesis: KinesisFake, units: dict[str, float], moved: timedelta
) -> None:
    kinesis.advance(**units)
    assert kinesis.now == NEW_YEAR + moved


def test_advance_takes_a_timedelta(kinesis: KinesisFake) -> None:
    kinesis.advance(timedelta(hours=25))
    assert kinesis.now == NEW_YEAR + timedelta(hours=25)


@pytest.mark.parametrize("instant", [NEW_YEAR, NEW_YEAR + timedelta(milliseconds=1), "2026-02-28T12:00:00+01:00"])
def test_travel_to_goes_to_an_instant(kinesis: KinesisFake, instant: datetime | str) -> None:
    kinesis.travel_to(instant)
    assert kinesis.now == (datetime.fromisoformat(instant) if isinstance(instant, str) else instant)


def test_the_last_instant_can_be_reached_and_not_passed(kinesis: KinesisFake) -> None:
    kinesis.travel_to("9999-12-31T00:00:00Z")
    ways: list[Callable[[], object]] = [
        lambda: kinesis.advance(milliseconds=1),
        lambda: kinesis.travel_to("9999-12-31T00:00:00.001Z"),
    ]
    for go_on in ways:
        with pytest.raises(KinesisFakeError) as caught:
            go_on()
        assert str(caught.value) == "Virtual time ends with the year 9999; travel to an earlier instant."
    assert kinesis.now == datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (NEW_YEAR - timedelta(milliseconds=1), "2025-12-31T23:59:59.999000+00:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
        ("1066-10-14T00:00:00Z", "1066-10-14T00:00:00+00:00"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "0001-01-01T00:00:00+00:00"),
    ],
)
def test_it_never_goes_back(kinesis: KinesisFake, instant: datetime | str, shown: str) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.travel_to(instant)
    assert str(caught.value) == (
        "Virtual time cannot go back: it is 2026-01-01T00:00:00+00:00 and the test asked for "
        f"{shown}. Start an earlier fake with start=..."
    )
    assert kinesis.now == NEW_YEAR


@pytest.mark.parametrize(
    "go_back",
    [
        lambda kinesis: kinesis.advance(hours=-1),
        lambda kinesis: kinesis.advance(microseconds=-1),
        lambda kinesis: kinesis.advance(timedelta(days=-1)),
        lambda kinesis: kinesis.advance(hours=1, minutes=-61),
    ],
)
def test_it_is_not_advanced_by_less_than_nothing(kinesis: KinesisFake, go_back: Callable[[KinesisFake], None]) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        go_back(kinesis)
    assert str(caught.value) == "Virtual time cannot go back; advance() takes a duration of zero or more."
    assert kinesis.now == NEW_YEAR


HOW = "advance() takes a timedelta, or a timedelta's keywords such as hours=25"


@pytest.mark.parametrize(
    ("args", "units", "message"),
    [
        ((), {}, f"{HOW}."),
        ((timedelta(1),), {"hours": 1}, f"{HOW}."),
        ((5,), {}, f"{HOW}, not 5."),
        (("1 h",), {}, f"{HOW}, not '1 h'."),
        ((), {"hours": "1"}, f"{HOW}, not {{'hours': '1'}}."),
        ((), {"years": 1}, f"{HOW}, not {{'years': 1}}."),
        ((), {"second": 5}, f"{HOW}, not {{'second': 5}}. Did you mean seconds?"),
        ((), {"hours": 1, "min": 5}, f"{HOW}, not {{'hours': 1, 'min': 5}}. Did you mean minutes?"),
        ((), {"ms": 5}, f"{HOW}, not {{'ms': 5}}. Did you mean milliseconds?"),
        ((), {"hours": float("nan")}, f"{HOW}, not {{'hours': nan}}."),
        ((), {"hours": float("inf")}, f"{HOW}, not {{'hours': inf}}."),
        ((), {"hours": None}, f"{HOW}, not {{'hours': None}}."),
        ((), {"days": 10**10}, f"{HOW}, not {{'days': 10000000000}}."),
        ((timedelta.max,), {}, "Virtual time ends with the year 9999; travel to an earlier instant."),
    ],
)
def test_what_is_no_duration_is_refused(
    kinesis: KinesisFake, args: tuple[Any, ...], units: dict[str, Any], message: str
) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.advance(*args, **units)
    assert str(caught.value) == message
    assert kinesis.now == NEW_YEAR


# --- the clock itself ---------------------------------------------------------------------------------------------


def test_a_clock_moves_to_an_instant_in_milliseconds() -> None:
    clock = VirtualClock(NEW_YEAR)
    clock.move_to(NEW_YEAR_MS)
    clock.move_to(NEW_YEAR_MS + 1)
    assert clock.now == NEW_YEAR_MS + 1
    with pytest.raises(KinesisFakeError, match=r"^Virtual time cannot go back: it is 2026-01-01T00:00:00\.001000"):
        clock.move_to(NEW_YEAR_MS)
    assert clock.now == NEW_YEAR_MS + 1


@given(steps=st.lists(st.integers(-(10**12), 10**12)))
def test_a_wait_never_moves_a_clock_back(steps: list[int]) -> None:
    clock = VirtualClock(NEW_YEAR)
    for step in steps:
        before = clock.now
        clock.move_on_to(NEW_YEAR_MS + step)
        assert clock.now == max(before, NEW_YEAR_MS + step)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_any_instant_is_found_again_to_the_millisecond(instant: datetime) -> None:
    try:
        clock = VirtualClock(instant)
    except KinesisFakeError:
        assert instant < datetime(1970, 1, 2, tzinfo=UTC) or instant > datetime(9999, 12, 29, tzinfo=UTC)
        return
    found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=clock.now)
    assert timedelta() <= instant - found < timedelta(milliseconds=1)

"""A strategy for jumps in time, on and beside every limit of Kinesis."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from kinesis_fake import settings
from kinesis_fake.misuse import timedelta_from_zero

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def _limits_in_ms() -> list[int]:
    durations = settings.Durations()
    transitions = [
        durations.creating_ms,
        durations.splitting_ms,
        durations.updating_shard_count_ms,
        durations.updating_retention_ms,
        durations.registering_consumer_ms,
    ]
    return [
        1_000,  # rates count seconds
        settings.TAKE_OVER_MS,
        settings.ITERATOR_LIFETIME_MS,  # and the life of a token, and of a subscription
        *transitions,
        settings.HOUR_MS,
        settings.DAY_MS,  # and the shortest retention
        2 * settings.DAY_MS,
        7 * settings.DAY_MS,
        365 * settings.DAY_MS,
    ]


#: Every duration at which Kinesis does something, in milliseconds, shortest first.
LIMITS_MS = tuple(sorted(set(_limits_in_ms())))


def time_jumps(max_jump: timedelta = timedelta(days=366)) -> SearchStrategy[timedelta]:
    """Durations for :meth:`KinesisFake.advance`: on and beside every limit, and some between, up to ``max_jump``."""
    most = timedelta_from_zero("max_jump", max_jump) // timedelta(milliseconds=1)
    beside = chain.from_iterable((limit - 1, limit, limit + 1) for limit in LIMITS_MS)
    on_limits = [ms for ms in beside if ms <= most]
    milliseconds = st.one_of(
        st.sampled_from([0, 1, *on_limits] if most else [0]),
        st.integers(0, min(most, 120_000)),
        st.integers(0, most),
    )
    return milliseconds.map(lambda ms: timedelta(milliseconds=ms))

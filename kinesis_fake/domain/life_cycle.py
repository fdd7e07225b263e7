"""What becomes of a stream later: entries for the agenda.

Each holds the very stream it was made for and is void unless that stream still waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kinesis_fake.domain.stream import ACTIVE, CREATING, DELETING, UPDATING, Merge, Split, Stream


@dataclass(frozen=True, eq=False)
class StreamBecomesActive:
    """The end of CREATING."""

    stream: Stream

    def is_pending(self) -> bool:
        return self.stream.transition is self

    def apply(self, now: int) -> None:
        self.stream.become_active(now)

    def describe(self) -> str:
        return f"stream {self.stream.stream_name} becomes ACTIVE"


@dataclass(frozen=True, eq=False)
class StreamVanishes:
    """The end of DELETING: the name is free again."""

    stream: Stream

    def is_pending(self) -> bool:
        return self.stream.transition is self

    def apply(self, now: int) -> None:
        self.stream.region.forget(self.stream)

    def describe(self) -> str:
        return f"stream {self.stream.stream_name} is gone"


@dataclass(frozen=True, eq=False)
class StreamChanges:
    """The end of UPDATING for a change that takes effect all at once.

    ``change`` is a method of the stream, with its arguments but the instant: a closure would keep the stream alive
    that a snapshot was taken of.
    """

    stream: Stream
    change: Callable[[int], object]
    what: str

    def is_pending(self) -> bool:
        return self.stream.transition is self

    def apply(self, now: int) -> None:
        self.change(now)
        self.stream.become_active(now)

    def describe(self) -> str:
        return f"stream {self.stream.stream_name} {self.what} and becomes ACTIVE"


@dataclass(frozen=True, eq=False)
class StreamReshards:
    """One step of a reshard; it schedules the next one, and the last one ends UPDATING."""

    stream: Stream
    steps: Sequence[Split | Merge]
    due_at: Sequence[int]

    def is_pending(self) -> bool:
        return self.stream.transition is self

    def apply(self, now: int) -> None:
        if self.steps:
            self.stream.reshard(self.steps[0], now)
        if len(self.steps) > 1:
            _begin(self.stream, StreamReshards(self.stream, self.steps[1:], self.due_at[1:]), self.due_at[1])
        else:
            self.stream.become_active(now)

    def describe(self) -> str:
        if not self.steps:
            return f"stream {self.stream.stream_name} becomes ACTIVE"
        last = " and becomes ACTIVE" if len(self.steps) == 1 else ""
        step = self.steps[0]
        if isinstance(step, Split):
            return f"stream {self.stream.stream_name} splits shard {step.shard_index}{last}"
        return (
            f"stream {self.stream.stream_name} merges shards {step.shard_index} and {step.adjacent_shard_index}{last}"
        )


Transition = StreamBecomesActive | StreamVanishes | StreamChanges | StreamReshards


def begin_creating(stream: Stream, now: int) -> None:
    """CREATING for as long as that takes."""
    stream.status = CREATING
    _schedule(stream, StreamBecomesActive(stream), now, stream.region.world.durations.creating_ms)


def begin_deleting(stream: Stream, now: int) -> None:
    """DELETING, whatever else was going on; a stream that is being deleted already goes on as it was."""
    if stream.status == DELETING:
        return
    stream.status = DELETING
    _schedule(stream, StreamVanishes(stream), now, stream.region.world.durations.deleting_ms)


def begin_change(stream: Stream, change: Callable[[int], object], what: str, now: int, duration_ms: int) -> None:
    """UPDATING, and then one change."""
    stream.status = UPDATING
    _schedule(stream, StreamChanges(stream, change, what), now, duration_ms)


def begin_reshard(stream: Stream, steps: Sequence[Split | Merge], now: int, duration_ms: int) -> None:
    """UPDATING, with the steps spread evenly over the duration, each on a whole second."""
    stream.status = UPDATING
    count = max(len(steps), 1)
    due_at = [_whole_second(now, duration_ms * (step + 1) // count) for step in range(count)]
    stream.transition_ends_at = due_at[-1]
    _begin(stream, StreamReshards(stream, steps, due_at), due_at[0])
    if duration_ms == 0:
        stream.region.world.run_due(now)


def _whole_second(now: int, duration_ms: int) -> int:
    """The instant after this duration, rounded up to a whole second unless nothing takes any time."""
    return now if duration_ms == 0 else -(-(now + duration_ms) // 1000) * 1000


def _schedule(stream: Stream, entry: Transition, now: int, duration_ms: int) -> None:
    stream.transition_ends_at = now + duration_ms
    _begin(stream, entry, now + duration_ms)
    if duration_ms == 0:
        stream.region.world.run_due(now)


def _begin(stream: Stream, entry: Transition, due_at: int) -> None:
    stream.transition = entry
    stream.region.world.agenda.schedule(due_at, entry)


__all__ = ["ACTIVE", "begin_change", "begin_creating", "begin_deleting", "begin_reshard"]

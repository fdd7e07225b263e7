"""Resharding: its steps, the plan of steps for a number of shards, and the entry that carries them out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kinesis_fake.domain.hash_key import even_ranges
from kinesis_fake.domain.life_cycle import UPDATING
from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.shard import Shard
    from kinesis_fake.domain.stream import Stream

#: Ends of shards that are nearer than this are the same but for rounding, which moves an end by a few hash keys.
ROUNDING = 1 << 64


class Split(NamedTuple):
    """A step of a reshard: split a shard in two."""

    shard_index: int
    new_starting_hash_key: int

    def __str__(self) -> str:
        return f"splits shard {self.shard_index}"


class Merge(NamedTuple):
    """A step of a reshard: merge two neighbouring shards, the lower one first."""

    shard_index: int
    adjacent_shard_index: int

    def __str__(self) -> str:
        return f"merges shards {self.shard_index} and {self.adjacent_shard_index}"


def plan_shard_count(
    open_shards: Sequence[Shard], next_shard_index: int, target_shard_count: int
) -> list[Split | Merge]:
    """The steps from today's open shards to ``target_shard_count`` even ones.

    From the lowest hash key up: split the shard that a target's end falls into, then merge the pieces within the
    target. For 4 to 3 this gives the shards 6, 9 and 10, as was observed. A target's end counts as a shard's end if
    they differ by rounding only. So twice as many shards need one split each, and half as many need one merge each.
    """
    # The lowest piece comes last, because a list is quick only at its end.
    pieces = [(shard.index, shard.ending_hash_key) for shard in reversed(open_shards)]
    steps: list[Split | Merge] = []
    shard_ends = [shard.ending_hash_key for shard in open_shards]
    for _, even_end in even_ranges(target_shard_count):
        near = slice(bisect_left(shard_ends, even_end - ROUNDING), bisect_right(shard_ends, even_end + ROUNDING))
        target_end = min(shard_ends[near], key=lambda end: abs(end - even_end), default=even_end)
        index, end = pieces.pop()
        while end < target_end:
            neighbour, neighbour_end = pieces.pop()
            if neighbour_end > target_end:
                steps.append(Split(neighbour, target_end + 1))
                pieces.append((next_shard_index + 1, neighbour_end))
                neighbour, neighbour_end = next_shard_index, target_end
                next_shard_index += 2
            steps.append(Merge(index, neighbour))
            index, end = next_shard_index, neighbour_end
            next_shard_index += 1
        if end > target_end:
            steps.append(Split(index, target_end + 1))
            pieces.append((next_shard_index + 1, end))
            next_shard_index += 2
    return steps


def begin_reshard(stream: Stream, steps: Sequence[Split | Merge], now: int, duration_ms: int) -> None:
    """Begin UPDATING, with the steps spread evenly over the duration, each on a whole second."""
    count = max(len(steps), 1)
    due_at = [_whole_second(now, duration_ms * (step + 1) // count) for step in range(count)]
    _StepIsDue(stream, steps, due_at, 0).schedule()
    if duration_ms == 0:
        stream.region.world.run_due(now)


def _whole_second(now: int, duration_ms: int) -> int:
    """The instant after this duration, rounded up to a whole second unless the duration is zero."""
    return now if duration_ms == 0 else -(-(now + duration_ms) // 1000) * 1000


class _StepIsDue:
    """One step of a reshard; it schedules the next step, and the last one ends UPDATING.

    A reshard that changes nothing has no steps, but lasts as long.
    """

    __slots__ = ("due_at", "number", "steps", "stream")

    def __init__(self, stream: Stream, steps: Sequence[Split | Merge], due_at: Sequence[int], number: int) -> None:
        self.stream = stream
        self.steps = steps
        self.due_at = due_at
        self.number = number

    def schedule(self) -> None:
        self.stream.expect(self, UPDATING, self.due_at[self.number], self.due_at[-1])

    def is_pending(self) -> bool:
        return self.stream.transition is self

    def apply(self, now: int) -> None:
        if self.steps:
            self.stream.reshard(self.steps[self.number], now)
        if self.number + 1 < len(self.steps):
            _StepIsDue(self.stream, self.steps, self.due_at, self.number + 1).schedule()
        else:
            self.stream.become_active(now)

    def describe(self) -> str:
        steps = [str(step) for step in self.steps[self.number : self.number + 1]]
        last = ["becomes ACTIVE"] if self.number + 1 >= len(self.steps) else []
        return f"{self.stream} {' and '.join([*steps, *last])}"

"""Strategies for reshards: splits, merges and changes of the shard count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from kinesis_fake.misuse import number, whole_number

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from kinesis_fake.toolkit.fake import KinesisFake
    from kinesis_fake.toolkit.views.shards import ShardView


@dataclass(frozen=True)
class Split:
    """Split the open shard at this place in the order of hash keys, at this part of its range.

    Places beyond the last shard start again with the first.
    """

    place: int
    part: float = 0.5

    def __post_init__(self) -> None:
        whole_number("Split.place", self.place, 0)
        number("Split.part", self.part, 0, 1)

    def carry_out(self, kinesis: KinesisFake, stream_name: str) -> None:
        """Split it at once; a shard that is too narrow is left alone."""
        stream = kinesis.stream(stream_name)
        shards = _in_order(stream.open_shards)
        shard = shards[self.place % len(shards)]
        size = shard.ending_hash_key - shard.starting_hash_key + 1
        if size > 3:
            # In whole thousandths, because a float has no room for 128 bits.
            cut = size * round(self.part * 1000) // 1000
            stream.split(shard.shard_id, shard.starting_hash_key + min(max(cut, 2), size - 2))


@dataclass(frozen=True)
class Merge:
    """Merge the open shard at this place in the order of hash keys with the one above it."""

    place: int

    def __post_init__(self) -> None:
        whole_number("Merge.place", self.place, 0)

    def carry_out(self, kinesis: KinesisFake, stream_name: str) -> None:
        """Merge them at once; a shard that is alone is left alone."""
        stream = kinesis.stream(stream_name)
        shards = _in_order(stream.open_shards)
        if len(shards) > 1:
            place = self.place % (len(shards) - 1)
            stream.merge(shards[place].shard_id, shards[place + 1].shard_id)


@dataclass(frozen=True)
class Scale:
    """UpdateShardCount to twice the open shards, to half of them (rounded up), or to a count between."""

    factor: float

    def __post_init__(self) -> None:
        number("Scale.factor", self.factor, 0.5, 2)

    def carry_out(self, kinesis: KinesisFake, stream_name: str) -> None:
        """Call UpdateShardCount and move the clock to its end."""
        open_shards = len(kinesis.stream(stream_name).open_shards)
        target = min(max(round(open_shards * self.factor), -(-open_shards // 2)), 2 * open_shards)
        if target != open_shards:
            kinesis.client().update_shard_count(
                StreamName=stream_name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
            )
            kinesis.settle()


def _in_order(shards: list[ShardView]) -> list[ShardView]:
    return sorted(shards, key=lambda shard: shard.starting_hash_key)


def reshard_plans(max_steps: int = 5) -> SearchStrategy[list[Split | Merge | Scale]]:
    """Lists of splits, merges and changes of the shard count; ``step.carry_out(kinesis, stream_name)`` does one."""
    whole_number("max_steps", max_steps, 0)
    places = st.integers(0, 7)
    splits = st.builds(Split, places, st.sampled_from([0.5, 0.25, 0.0, 1.0, 0.001, 0.999]))
    scales = st.builds(Scale, st.sampled_from([2.0, 0.5, 1.5, 0.75]))
    return st.lists(st.one_of(splits, st.builds(Merge, places), scales), max_size=max_steps)

"""What a test sees of a shard."""

from __future__ import annotations

from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.views.records import Records, Span
from kinesis_fake.toolkit.views.view import View

#: A search for a partition key gives up after so many keys.
_MAX_TRIES = 10_000_000
#: Of 131,072 partition keys one leads to a shard of so many hash keys; that many are tried in a moment.
_FEWEST_HASH_KEYS = 1 << 111


class ShardView(View[Shard]):
    """A shard of a stream, as :attr:`StreamView.shards` returns it."""

    def __init__(self, backstage: Backstage, stream: Stream, shard: Shard) -> None:
        self._backstage = backstage
        self._stream = stream
        self._held = shard

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<shard {self.shard_id} {state} [{self.starting_hash_key}, {self.ending_hash_key}]>"

    @property
    def _shard(self) -> Shard:
        return self._backstage.up_to_date(self._held)

    @property
    def shard_id(self) -> str:
        """Such as ``shardId-000000000000``."""
        return self._shard.shard_id

    @property
    def starting_hash_key(self) -> int:
        """The lowest hash key of the shard."""
        return self._shard.starting_hash_key

    @property
    def ending_hash_key(self) -> int:
        """The highest hash key of the shard."""
        return self._shard.ending_hash_key

    @property
    def is_open(self) -> bool:
        """Whether new records are put here; a closed shard can still be read."""
        return self._shard.is_open

    @property
    def parent_shard_id(self) -> str | None:
        """The shard that was split, or the first of two that were merged; None for a shard of the beginning."""
        return self._shard.parent_shard_id

    @property
    def adjacent_parent_shard_id(self) -> str | None:
        """The second of two shards that were merged; None for any other shard."""
        return self._shard.adjacent_parent_shard_id

    @property
    def starting_sequence_number(self) -> str:
        """The sequence number at which the shard begins."""
        return self._shard.starting_sequence_number

    @property
    def ending_sequence_number(self) -> str | None:
        """The sequence number at which the shard ends; None while it is open."""
        return self._shard.ending_sequence_number

    @property
    def partition_key(self) -> str | None:
        """A partition key whose records go to this shard, always the same one; None while no key leads to it.

        None leads to a closed shard, and next to none to one that covers very few hash keys.
        """
        shard = self._shard
        if not shard.is_open or shard.ending_hash_key - shard.starting_hash_key < _FEWEST_HASH_KEYS:
            return None
        return partition_key_into(shard)

    @property
    def records(self) -> Records:
        """The records that can be read now, in the order of their sequence numbers."""
        with self._backstage.lock:
            return Records([Span.readable(self._stream, self._shard, self._backstage.now)])


def partition_key_into(shard: Shard) -> str | None:
    """The first of the partition keys ``key-0``, ``key-1`` and so on whose hash key is one of the shard's."""
    wanted = range(shard.starting_hash_key, shard.ending_hash_key + 1)
    tries = 64 * (2**128 // (shard.ending_hash_key - shard.starting_hash_key + 1) + 1)
    keys = (f"key-{number}" for number in range(min(tries, _MAX_TRIES)))
    return next((key for key in keys if hash_key_of(key) in wanted), None)

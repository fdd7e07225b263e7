"""What a test sees of a shard."""

from __future__ import annotations

from kinesis_fake.domain.hash_key import HASH_KEY_SPACE, hash_key_of
from kinesis_fake.domain.life_cycle import DELETED
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.views.records import Records, Span
from kinesis_fake.toolkit.views.view import View

#: A shard of so many hash keys needs some 131,072 tries to find a partition key, which takes a tenth of a second.
#: Nothing finds one faster, because hash keys are MD5, so for shards of fewer hash keys none is searched.
_FEWEST_HASH_KEYS = 1 << 111


class ShardView(View[Shard]):
    """A shard of a stream, as :attr:`StreamView.shards` returns it."""

    _backstage: Backstage
    _stream: Stream

    def __init__(self, backstage: Backstage, stream: Stream, shard: Shard) -> None:
        # A stream has thousands of them, and each plain assignment is looked at.
        self.__dict__.update(_backstage=backstage, _stream=stream, _held=shard)

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
        """Whether new records are put here; a closed shard can still be read. No shard of a stream that is gone is."""
        return self._shard.is_open and self._stream.status != DELETED

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

        No key leads to a closed shard, and hardly any to a shard of very few hash keys. Put records into the latter
        with ``explicit_hash_key=shard.starting_hash_key``.
        """
        return partition_key_into(self._shard) if self.is_open else None

    @property
    def records(self) -> Records:
        """The records that can be read now, in the order of their sequence numbers."""
        with self._backstage.lock:
            shard = self._shard
            if self._stream.status == DELETED:
                return Records([])
            return Records([Span.readable(self._stream, shard, self._backstage.now)])


def partition_key_into(shard: Shard) -> str | None:
    """The first of the partition keys ``key-0``, ``key-1`` and so on whose hash key is one of the shard's.

    None for a shard of so few hash keys that the search would take long.
    """
    wanted = range(shard.starting_hash_key, shard.ending_hash_key + 1)
    # Not len(), which counts no further than 2**63.
    hash_keys = wanted.stop - wanted.start
    if hash_keys < _FEWEST_HASH_KEYS:
        return None
    # All of these tries fail once in 10**27 times.
    tries = range(64 * (HASH_KEY_SPACE // hash_keys + 1))
    return next((key for number in tries if hash_key_of(key := f"key-{number}") in wanted), None)

"""What a test sees of a shard."""

from __future__ import annotations

from itertools import count

from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.views.records import Records, Span

#: A search for a partition key gives up after so many keys.
_MOST_TRIES = 10_000_000


class ShardView:
    """A shard of a stream."""

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
        return self._shard.parent_shard_id

    @property
    def adjacent_parent_shard_id(self) -> str | None:
        return self._shard.adjacent_parent_shard_id

    @property
    def starting_sequence_number(self) -> str:
        return self._shard.starting_sequence_number

    @property
    def ending_sequence_number(self) -> str | None:
        """None while the shard is open."""
        return self._shard.ending_sequence_number

    @property
    def partition_key(self) -> str:
        """A partition key whose records go to this shard while it is open; always the same one."""
        shard = self._shard
        if not shard.is_open:
            raise KinesisFakeError(
                f"{shard.shard_id} of stream {self._stream.stream_name} is closed; no partition key leads to it."
            )
        wanted = range(shard.starting_hash_key, shard.ending_hash_key + 1)
        tries = 64 * (2**128 // (shard.ending_hash_key - shard.starting_hash_key + 1) + 1)
        for number in count():
            key = f"key-{number}"
            if hash_key_of(key) in wanted:
                return key
            if number >= min(tries, _MOST_TRIES):
                break
        raise KinesisFakeError(
            f"No partition key leads to {shard.shard_id}: it covers too few hash keys. Use an explicit hash key, such "
            f"as {shard.starting_hash_key}."
        )

    @property
    def records(self) -> Records:
        """The records that can be read now, in the order of their sequence numbers."""
        with self._backstage.lock:
            return Records([Span.readable(self._stream, self._shard, self._backstage.now)])

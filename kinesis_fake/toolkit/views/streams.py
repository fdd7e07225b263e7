"""What a test sees of the state of a fake, without going through a client.

Views read like the API, with Python values: hash keys are ``int``, data is ``bytes``, instants are aware datetimes
in UTC. They show the present: a view of a stream always tells the state of now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from kinesis_fake.calls import instant_text
from kinesis_fake.domain import encryption
from kinesis_fake.domain.queue import Queue
from kinesis_fake.domain.queue_records import ReceivedRecord, Unreceived
from kinesis_fake.domain.record import Record
from kinesis_fake.domain.reshard import Merge, Split, begin_reshard
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import ON_DEMAND, Stream
from kinesis_fake.domain.stream_changes import require_room_for_shard_count
from kinesis_fake.errors import AwsError
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.clock import datetime_of

if TYPE_CHECKING:
    from kinesis_fake.toolkit.fake import KinesisFake


@dataclass(frozen=True)
class RecordView:
    """A record in a shard. ``explicit_hash_key`` and ``encryption_type`` are None if there was none."""

    data: bytes
    partition_key: str | None
    explicit_hash_key: int | None
    sequence_number: str
    shard_id: str
    approximate_arrival_timestamp: datetime
    encryption_type: str | None
    _stream_arn: str = field(repr=False, compare=False)


class ShardView:
    """A shard of a stream."""

    def __init__(self, stream: StreamView, shard: Shard) -> None:
        self._stream = stream
        self._held = shard

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<shard {self.shard_id} {state} [{self.starting_hash_key}, {self.ending_hash_key}]>"

    @property
    def _shard(self) -> Shard:
        return self._stream._fake._up_to_date(self._held)

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
    def records(self) -> list[RecordView]:
        """The records that can still be read, in the order of their sequence numbers."""
        return self._stream._records_of(self._shard)


@dataclass(frozen=True)
class ConsumerView:
    """A registered consumer, as it was when it was looked at."""

    consumer_name: str
    consumer_arn: str
    #: CREATING, ACTIVE or DELETING.
    status: str
    creation_timestamp: datetime


class StreamView:
    """A stream of a fake, as :meth:`KinesisFake.stream` returns it."""

    def __init__(self, fake: KinesisFake, stream: Stream) -> None:
        self._fake = fake
        self._held = stream

    def __repr__(self) -> str:
        return f"<stream {self.stream_name} {self.status}, {len(self.open_shards)} open shards>"

    @property
    def _stream(self) -> Stream:
        return self._fake._up_to_date(self._held)

    @property
    def stream_name(self) -> str:
        return self._stream.stream_name

    @property
    def stream_arn(self) -> str:
        return self._stream.stream_arn

    @property
    def status(self) -> str:
        """CREATING, ACTIVE, UPDATING or DELETING."""
        return self._stream.status

    @property
    def retention_period_hours(self) -> int:
        return self._stream.retention_period_hours

    @property
    def shards(self) -> list[ShardView]:
        """All shards, open and closed, in the order of their ids; expired ones are not there."""
        with self._fake._lock:
            return [ShardView(self, shard) for shard in self._stream.shards(self._fake._now)]

    @property
    def open_shards(self) -> list[ShardView]:
        """The shards that take records, in the order of their ids."""
        return [shard for shard in self.shards if shard.is_open]

    def shard(self, shard_id: str) -> ShardView:
        """One shard by its id."""
        for shard in self.shards:
            if shard.shard_id == shard_id:
                return shard
        known = ", ".join(shard.shard_id for shard in self.shards) or "none"
        raise KinesisFakeError(f"Stream {self.stream_name} has no shard {shard_id}; its shards are: {known}.")

    @property
    def consumers(self) -> list[ConsumerView]:
        """The registered consumers, in the order of their names."""
        with self._fake._lock:
            return [
                ConsumerView(
                    consumer.consumer_name,
                    consumer.consumer_arn,
                    consumer.status,
                    datetime_of(consumer.creation_timestamp),
                )
                for _, consumer in sorted(self._stream.consumers.items())
            ]

    @property
    def records(self) -> list[RecordView]:
        """All records that can still be read, shard after shard in the order of their ids."""
        with self._fake._lock:
            return [record for shard in self.shards for record in shard.records]

    def put(
        self, data: bytes | str, partition_key: str | None = "test", explicit_hash_key: int | None = None
    ) -> RecordView:
        """Put one record, as PutRecord does; text is encoded as UTF-8.

        A stream whose record distribution strategy is AUTO takes None for the partition key.
        """
        if not isinstance(data, (str, bytes, bytearray, memoryview)):
            raise KinesisFakeError(f"put() takes bytes or text, not {data!r}.")
        if not isinstance(partition_key, (str, type(None))):
            raise KinesisFakeError(f"put() takes a partition key that is text, not {partition_key!r}.")
        params: dict[str, object] = {
            "StreamName": self.stream_name,
            "Data": data.encode() if isinstance(data, str) else bytes(data),
            "PartitionKey": partition_key,
        }
        if explicit_hash_key is not None:
            params["ExplicitHashKey"] = str(explicit_hash_key)
        with self._fake._lock:
            self._require_present()
            try:
                answer = self._fake._call(self._stream.region, "PutRecord", params)
            except AwsError as error:
                raise KinesisFakeError(f"put() was refused: {error.message}") from error
            shard = self.shard(answer["ShardId"])._shard
            return _record_view(shard.newest_record(), shard, self.stream_arn)

    def split(self, shard_id: str, new_starting_hash_key: int | None = None) -> tuple[ShardView, ShardView]:
        """Split a shard at once, in the middle or where asked; the clock does not move. Returns the children.

        For the split that takes its time, call SplitShard through a client.
        """
        with self._fake._lock:
            self._require_present()
            shard = self._open_shard(shard_id)
            if new_starting_hash_key is None:
                new_starting_hash_key = (shard.starting_hash_key + shard.ending_hash_key + 1) // 2
            if (
                not _is_whole(new_starting_hash_key)
                or not shard.starting_hash_key + 1 < new_starting_hash_key < shard.ending_hash_key
            ):
                raise KinesisFakeError(
                    f"{shard_id} cannot be split at {new_starting_hash_key!r}; choose a hash key above "
                    f"{shard.starting_hash_key + 1} and below {shard.ending_hash_key}."
                )
            stream = self._stream
            begin_reshard(stream, [Split(shard.index, new_starting_hash_key)], self._fake._now, 0)
            lower, upper = stream.children_of(shard)
            return ShardView(self, lower), ShardView(self, upper)

    def merge(self, shard_id: str, adjacent_shard_id: str) -> ShardView:
        """Merge two neighbours at once, in either order; the clock does not move. Returns the child."""
        with self._fake._lock:
            self._require_present()
            pair = [self._open_shard(shard_id), self._open_shard(adjacent_shard_id)]
            lower, upper = sorted(pair, key=lambda shard: shard.starting_hash_key)
            if lower.ending_hash_key + 1 != upper.starting_hash_key:
                raise KinesisFakeError(f"{shard_id} and {adjacent_shard_id} are no neighbours; merge two that are.")
            stream = self._stream
            begin_reshard(stream, [Merge(lower.index, upper.index)], self._fake._now, 0)
            (child,) = stream.children_of(lower)
            return ShardView(self, child)

    def scale_to(self, shard_count: int) -> list[ShardView]:
        """Scale an on-demand stream to a number of even shards at once; the clock does not move.

        AWS does it by itself, some time after the traffic has changed. Returns the open shards.
        """
        if not _is_whole(shard_count) or shard_count < 1:
            raise KinesisFakeError(f"scale_to() takes a number of shards, one at least, not {shard_count!r}.")
        with self._fake._lock:
            self._require_present()
            if self._stream.stream_mode != ON_DEMAND:
                raise KinesisFakeError(
                    f"Stream {self.stream_name} is provisioned, AWS does not scale it by itself; "
                    "call UpdateShardCount through a client, or split() and merge()."
                )
            self._require_active()
            stream = self._stream
            try:
                require_room_for_shard_count(stream, shard_count)
            except AwsError as error:
                raise KinesisFakeError(f"scale_to({shard_count}) was refused: {error.message}") from error
            begin_reshard(stream, stream.plan_shard_count(shard_count), self._fake._now, 0)
            return self.open_shards

    def _require_present(self) -> None:
        self._fake._require_present(self._held.region.world)
        if self._held is not self._stream.region.streams.get(self.stream_name):
            raise KinesisFakeError(
                f"Stream {self.stream_name} has been deleted since this view was taken; ask for a view of one that "
                "exists."
            )

    def _require_active(self) -> None:
        if self.status != "ACTIVE":
            raise KinesisFakeError(
                f"Stream {self.stream_name} is {self.status}; call settle() before you change its shards."
            )

    def _open_shard(self, shard_id: str) -> Shard:
        self._require_active()
        shard = self.shard(shard_id)._shard
        if not shard.is_open:
            raise KinesisFakeError(f"{shard_id} of stream {self.stream_name} is closed already; choose an open shard.")
        return shard

    def _records_of(self, shard: Shard) -> list[RecordView]:
        with self._fake._lock:
            records = shard.readable_records(self._fake._now, self._stream.retention_ms)
            return [_record_view(record, shard, self._stream.stream_arn) for record in records]


def _is_whole(value: object) -> bool:
    return isinstance(value, int)


def _record_view(record: Record, shard: Shard, stream_arn: str) -> RecordView:
    return RecordView(
        data=record.data,
        partition_key=record.partition_key,
        explicit_hash_key=record.explicit_hash_key,
        sequence_number=record.sequence_number,
        shard_id=shard.shard_id,
        approximate_arrival_timestamp=datetime_of(record.arrived_at),
        encryption_type=record.encryption_type,
        _stream_arn=stream_arn,
    )


class KeyView:
    """A KMS key, as :meth:`KinesisFake.key` returns it.

    Every key is ENABLED until a test says otherwise. From then on, whoever would have to encrypt or decrypt a record
    with it gets AWS's error. The GUID and the ARN of a key name the same key, as do an alias and its ARN, in all
    regions and accounts of the fake.
    """

    def __init__(self, fake: KinesisFake, key_id: str) -> None:
        name = encryption.key_name_of(str(key_id))
        if name is None:
            raise KinesisFakeError(
                f"{key_id!r} is no KeyId; write a GUID, the ARN of a key or of an alias, or a name such as "
                "'alias/aws/kinesis'."
            )
        self._fake = fake
        self._name = name
        self.key_id = key_id

    def __repr__(self) -> str:
        return f"<key {self.key_id} {self.state}>"

    @property
    def state(self) -> str:
        """ENABLED, DISABLED, DENIED, MISSING, PENDING_DELETION, OPT_IN_REQUIRED or THROTTLED."""
        return self._fake._world.key_states.get(self._name, encryption.ENABLED)

    def enable(self) -> None:
        """The key can be used again, whatever was wrong with it."""
        with self._fake._lock:
            self._fake._world.key_states.pop(self._name, None)

    def disable(self) -> None:
        """KMSDisabledException from now on."""
        self._put_into(encryption.DISABLED)

    def deny(self) -> None:
        """KMSAccessDeniedException from now on: the caller lacks the permission."""
        self._put_into(encryption.DENIED)

    def remove(self) -> None:
        """KMSNotFoundException from now on."""
        self._put_into(encryption.MISSING)

    def schedule_deletion(self) -> None:
        """KMSInvalidStateException from now on."""
        self._put_into(encryption.PENDING_DELETION)

    def require_opt_in(self) -> None:
        """KMSOptInRequired from now on."""
        self._put_into(encryption.OPT_IN_REQUIRED)

    def throttle(self) -> None:
        """KMSThrottlingException from now on; the SDK does not retry it."""
        self._put_into(encryption.THROTTLED)

    def _put_into(self, state: str) -> None:
        with self._fake._lock:
            self._fake._world.key_states[self._name] = state


@dataclass(frozen=True)
class QueueRecordView:
    """A record as a queue sees it, as it was when it was looked at.

    ``first_receive_timestamp`` is None if nobody has received it. ``visible_at`` is when its visibility timeout ends or
    has ended, and the arrival of a record that had none.
    """

    data: bytes
    partition_key: str | None
    sequence_number: str
    shard_id: str
    approximate_arrival_timestamp: datetime
    receive_count: int
    first_receive_timestamp: datetime | None
    visible_at: datetime


class QueueView:
    """A queue of a fake, as :meth:`KinesisFake.queue` returns it. To look at it changes nothing."""

    def __init__(self, fake: KinesisFake, queue: Queue) -> None:
        self._fake = fake
        self._held = queue

    def __repr__(self) -> str:
        return (
            f"<queue {self.queue_name} {self.status}, {len(self.waiting)} waiting, {len(self.in_flight)} in flight, "
            f"{len(self.dead_letters)} dead letters>"
        )

    @property
    def _queue(self) -> Queue:
        return self._fake._up_to_date(self._held)

    @property
    def queue_name(self) -> str:
        return self._queue.queue_name

    @property
    def queue_arn(self) -> str:
        return self._queue.queue_arn

    @property
    def stream_name(self) -> str:
        return self._queue.stream.stream_name

    @property
    def status(self) -> str:
        """CREATING, ACTIVE, UPDATING or DELETING."""
        return self._queue.status

    @property
    def waiting(self) -> list[QueueRecordView]:
        """The records that ReceiveQueueRecords can return now, those first that have been visible the longest."""
        with self._fake._lock:
            now = self._fake._now
            if self.status == "CREATING":
                return []
            visible = [one for one in self._received(now) if one.visible_at <= now and not one.is_dead_letter]
            both: list[Unreceived | ReceivedRecord] = [*self._queue.records.unreceived(now), *visible]
            both.sort(key=lambda one: one.visible_since)
            return [_queue_record_view(one) for one in both]

    @property
    def in_flight(self) -> list[QueueRecordView]:
        """The records that somebody has received and not acknowledged, those first that are visible again first."""
        with self._fake._lock:
            now = self._fake._now
            received = self._received(now)
            return [_queue_record_view(one) for one in received if one.visible_at > now and not one.is_dead_letter]

    @property
    def dead_letters(self) -> list[QueueRecordView]:
        """The records that have been given up, in flight or not, those first that have been visible the longest."""
        with self._fake._lock:
            return [_queue_record_view(one) for one in self._received(self._fake._now) if one.is_dead_letter]

    def _received(self, now: int) -> list[ReceivedRecord]:
        return self._queue.records.received(now)


def _queue_record_view(one: Unreceived | ReceivedRecord) -> QueueRecordView:
    record = one.record
    received = one if isinstance(one, ReceivedRecord) else None
    return QueueRecordView(
        data=record.data,
        partition_key=record.partition_key,
        sequence_number=record.sequence_number,
        shard_id=one.shard_id,
        approximate_arrival_timestamp=datetime_of(record.arrived_at),
        receive_count=received.receive_count if received is not None else 0,
        first_receive_timestamp=datetime_of(received.first_received_at) if received is not None else None,
        visible_at=datetime_of(received.visible_at if received is not None else record.arrived_at),
    )


@dataclass(frozen=True)
class PendingView:
    """Something that will happen: when, and what."""

    due_at: datetime
    what: str

    def __str__(self) -> str:
        return f"{instant_text(self.due_at)}  {self.what}"


class PendingViews(list[PendingView]):
    """What will happen, in order."""

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "nothing is pending"

"""What a test sees of a stream, and does to it without a client.

Views read like the API, with Python values: hash keys are ``int``, data is ``bytes``, instants are aware datetimes in
UTC. They show the present: a view of a stream tells the state that the stream has when the test looks. A stream that is
gone is DELETED, and has no shards, records and consumers.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kinesis_fake import kpl
from kinesis_fake.domain.hash_key import MAX_HASH_KEY
from kinesis_fake.domain.life_cycle import DELETED
from kinesis_fake.domain.reshard import Merge, Split, begin_reshard
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import ON_DEMAND, Stream
from kinesis_fake.domain.stream_changes import require_room_for_shard_count
from kinesis_fake.errors import AwsError
from kinesis_fake.misuse import KinesisFakeError, encodable, is_text, is_whole, shown, text, whole_number
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.json_lines import records_of_lines
from kinesis_fake.toolkit.views.consumers import ConsumerView, consumer_view
from kinesis_fake.toolkit.views.given_records import NOT_GIVEN, OF_PUT, OF_USER_RECORDS, arguments_of, bytes_of
from kinesis_fake.toolkit.views.records import MAX_LISTED, Records, RecordView, Span, record_view
from kinesis_fake.toolkit.views.shards import ShardView
from kinesis_fake.toolkit.views.view import View
from kinesis_fake.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kinesis_fake.toolkit.pictures.plot import Theme

#: The API's integers have 32 bits.
_HIGHEST_INTEGER = 2**31 - 1
#: The code with which a dry run ends that has found nothing wrong.
_ENDED_DRY_RUN = "DryRunOperationException"


class StreamView(View[Stream]):
    """A stream of a fake, as :meth:`KinesisFake.stream` returns it."""

    def __init__(self, backstage: Backstage, stream: Stream) -> None:
        self._backstage = backstage
        self._held = stream

    def __repr__(self) -> str:
        return f"<stream {self.stream_name} {self.status}, {counted(len(self.open_shards), 'open shard')}>"

    @property
    def _stream(self) -> Stream:
        return self._backstage.up_to_date(self._held)

    @property
    def stream_name(self) -> str:
        """The name of the stream."""
        return self._stream.stream_name

    @property
    def stream_arn(self) -> str:
        """The ARN of the stream."""
        return self._stream.stream_arn

    @property
    def status(self) -> str:
        """CREATING, ACTIVE, UPDATING or DELETING; DELETED once the stream is gone."""
        return self._stream.status

    @property
    def retention_period_hours(self) -> int:
        """How long a record can be read, in hours."""
        return self._stream.retention_period_hours

    @property
    def shards(self) -> list[ShardView]:
        """All shards, open and closed, in the order of their ids; expired ones are not there."""
        with self._backstage.lock:
            return [self._view_of(shard) for shard in self._shards()]

    @property
    def open_shards(self) -> list[ShardView]:
        """The shards that take records, in the order of their ids."""
        return [shard for shard in self.shards if shard.is_open]

    def shard(self, shard_id: str) -> ShardView:
        """One shard by its id."""
        with self._backstage.lock:
            if self.status == DELETED:
                self._require_present()
            shard = self._shard_of(shard_id)
            if shard is not None:
                return self._view_of(shard)
            known = [shard.shard_id for shard in self._stream.shards(self._backstage.now)]
        more = f" and {len(known) - MAX_LISTED} more" if len(known) > MAX_LISTED else ""
        raise KinesisFakeError(
            f"Stream {self.stream_name} has no shard {shard_id if is_text(shard_id) else shown(shard_id)}; "
            f"its shards are: {', '.join(known[:MAX_LISTED]) or 'none'}{more}.",
            see="not-there",
        )

    @property
    def consumers(self) -> list[ConsumerView]:
        """The registered consumers, in the order of their names."""
        with self._backstage.lock:
            return [consumer_view(consumer) for _, consumer in sorted(self._stream.consumers.items())]

    @property
    def records(self) -> Records:
        """All records that can be read now, shard after shard in the order of their ids."""
        with self._backstage.lock:
            return Records([Span.readable(self._held, shard, self._backstage.now) for shard in self._shards()])

    @property
    def user_records(self) -> list[RecordView]:
        """The records, with each aggregate of the Kinesis Producer Library taken apart into its user records."""
        return [user_record for record in self.records for user_record in record.user_records]

    # --- records ----------------------------------------------------------------------------------------------

    def put(
        self,
        data: bytes | str = NOT_GIVEN,  # type: ignore[assignment]
        partition_key: str | None = "test",
        explicit_hash_key: int | None = None,
        *,
        json: Any = NOT_GIVEN,
        shard: str | None = None,
    ) -> RecordView:
        """Put one record, as PutRecord does; text is encoded as UTF-8.

        Give the data, or with ``json`` a value that is written as JSON. ``shard`` puts the record into an open shard,
        by its id: its lowest hash key becomes the explicit hash key of the record. A stream whose record distribution
        strategy is AUTO takes None for the partition key.
        """
        given = bytes_of("put()", data, json)
        with self._backstage.lock:
            return self._written("put()", self._params_of("put()", given, partition_key, explicit_hash_key, shard))

    def _params_of(
        self, who: str, data: bytes, partition_key: Any, explicit_hash_key: Any = None, shard: Any = None
    ) -> dict[str, Any]:
        """The parameters with which PutRecord puts one record."""
        params: dict[str, Any] = {"StreamName": self.stream_name, "Data": data}
        if partition_key is not None:
            if not isinstance(partition_key, str):
                raise KinesisFakeError(f"{who} takes a partition key that is text, not {shown(partition_key)}.")
            params["PartitionKey"] = encodable(f"The partition key of {who}", partition_key)
        self._require_present()
        if shard is not None:
            explicit_hash_key = self._hash_key_of(who, shard, explicit_hash_key)
        if explicit_hash_key is not None:
            whole_number(f"The explicit hash key of {who}", explicit_hash_key, 0, MAX_HASH_KEY)
            params["ExplicitHashKey"] = str(explicit_hash_key)
        return params

    def _put_record(self, who: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self._backstage.carry_out(self._stream.region, "PutRecord", params)
        except AwsError as error:
            if error.code == _ENDED_DRY_RUN:  # the record would have been put
                return {}
            raise KinesisFakeError(f"{who} was refused: {error.message}") from error

    def _written(self, who: str, params: Mapping[str, Any]) -> RecordView:
        home = self._shard_of(self._put_record(who, params)["ShardId"])
        assert home is not None
        return record_view(home.newest_record(), self.stream_arn, home.shard_id)

    def _require_fit(self, who: str, params: Mapping[str, Any]) -> None:
        """Refuse a record that PutRecord would refuse."""
        self._put_record(who, {**params, "DryRun": True})

    def put_many(
        self, records: Iterable[bytes | str | Mapping[str, Any]], partition_key: str | None = "test"
    ) -> list[RecordView]:
        """Put several records, one after the other, as :meth:`put` does, or none if one of them is refused.

        Each is bytes, text, or a dict of :meth:`put`'s own arguments, such as ``{"json": {"order": 1},
        "partition_key": "ada"}``. ``partition_key`` is that of the records that have none of their own.
        """
        arguments = [{"partition_key": partition_key, **given} for given in arguments_of("put_many()", records, OF_PUT)]
        with self._backstage.lock:
            whole = [
                (who, self._params_of(who, **given))
                for who, given in ((f"Record {number} of put_many()", given) for number, given in enumerate(arguments))
            ]
            for who, params in whole:
                self._require_fit(who, params)
            return [self._written(who, params) for who, params in whole]

    def put_aggregated(
        self,
        records: Iterable[bytes | str | Mapping[str, Any]],
        partition_key: str = "test",
        *,
        shard: str | None = None,
    ) -> RecordView:
        """Put several user records as one record, as the Kinesis Producer Library does; returns that record.

        Each is bytes, text, or a dict of ``data`` or ``json`` with a ``partition_key`` and an ``explicit_hash_key``.
        The record has the partition key of the first one and goes where that one would go, or into an open ``shard``.
        """
        user_records = []
        for number, given in enumerate(arguments_of("put_aggregated()", records, OF_USER_RECORDS)):
            who = f"Record {number} of put_aggregated()"
            hash_key = given.get("explicit_hash_key")
            if hash_key is not None:
                whole_number(f"The explicit hash key of {who}", hash_key, 0, MAX_HASH_KEY)
            key = text(f"The partition key of {who}", given.get("partition_key", partition_key), longest=256)
            user_records.append(kpl.AggregatedRecord(given["data"], key, hash_key))
        if not user_records:
            raise KinesisFakeError("put_aggregated() takes one record at least.")
        first = user_records[0]
        return self.put(
            kpl.aggregate(user_records),
            first.partition_key,
            first.explicit_hash_key if shard is None else None,
            shard=shard,
        )

    def put_lines(
        self,
        path: str | os.PathLike[str],
        partition_key: str | None = "test",
        *,
        partition_key_member: str | None = None,
    ) -> list[RecordView]:
        """Put the lines of a file of JSON lines, each as one record, as they stand there.

        With ``partition_key_member`` the partition key of each record is what this member of its object says.
        """
        records = records_of_lines(path, partition_key_member)
        return self.put_many(records, partition_key)

    # --- shards -----------------------------------------------------------------------------------------------

    def split(self, shard_id: str, new_starting_hash_key: int | None = None) -> tuple[ShardView, ShardView]:
        """Split a shard at once, in the middle or where asked; the clock does not move. Returns the children.

        For the split that takes its time, call SplitShard through a client.
        """
        with self._backstage.lock:
            self._require_present()
            shard = self._open_shard(shard_id)
            lowest, highest = shard.starting_hash_key, shard.ending_hash_key
            if new_starting_hash_key is None:
                new_starting_hash_key = (lowest + highest + 1) // 2
            if not is_whole(new_starting_hash_key) or not lowest + 1 < new_starting_hash_key < highest:
                raise KinesisFakeError(
                    f"{shard_id} cannot be split at {shown(new_starting_hash_key)}; choose a hash key above "
                    f"{lowest + 1} and below {highest}."
                )
            stream = self._stream
            begin_reshard(stream, [Split(shard.index, new_starting_hash_key)], self._backstage.now, 0)
            lower, upper = stream.children_of(shard)
            return self._view_of(lower), self._view_of(upper)

    def merge(self, shard_id: str, adjacent_shard_id: str) -> ShardView:
        """Merge two neighbours at once, in either order; the clock does not move. Returns the child."""
        with self._backstage.lock:
            self._require_present()
            pair = [self._open_shard(shard_id), self._open_shard(adjacent_shard_id)]
            lower, upper = sorted(pair, key=lambda shard: shard.starting_hash_key)
            if lower.ending_hash_key + 1 != upper.starting_hash_key:
                raise KinesisFakeError(f"{shard_id} and {adjacent_shard_id} are no neighbours; merge two that are.")
            stream = self._stream
            begin_reshard(stream, [Merge(lower.index, upper.index)], self._backstage.now, 0)
            (child,) = stream.children_of(lower)
            return self._view_of(child)

    def scale_to(self, shard_count: int) -> list[ShardView]:
        """Scale an on-demand stream to a number of even shards at once; the clock does not move.

        AWS does it by itself, some time after the traffic has changed. Returns the open shards.
        """
        whole_number("The number of shards of scale_to()", shard_count, 1, _HIGHEST_INTEGER)
        with self._backstage.lock:
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
            begin_reshard(stream, stream.plan_shard_count(shard_count), self._backstage.now, 0)
            return self.open_shards

    # --- inside -----------------------------------------------------------------------------------------------

    # --- pictures ---------------------------------------------------------------------------------------------

    def plot(self, axes: Axes | None = None, *, theme: Theme = "light") -> Figure:
        """Draw the stream with matplotlib, the extra ``plot``: shards as bands over hash keys and virtual time.

        The picture shows records, what retention has taken, calls that failed, and how far consumers have read.
        ``axes`` are those to draw into, else the picture is a figure of its own:
        ``stream.plot().savefig("orders.png")``. ``theme`` is ``"light"`` or ``"dark"``. Calls that the fake no longer
        remembers are not there.
        """
        from kinesis_fake.toolkit.pictures.plot import plot
        from kinesis_fake.toolkit.pictures.scene import scene_of

        return plot(scene_of(self._backstage, self._stream), theme, axes)

    def diagram(self) -> str:
        """The picture of :meth:`plot` as text, a line for each shard."""
        from kinesis_fake.toolkit.pictures.diagram import diagram
        from kinesis_fake.toolkit.pictures.scene import scene_of

        return diagram(scene_of(self._backstage, self._stream))

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows, where matplotlib is installed."""
        from kinesis_fake.toolkit.pictures.notebook import png_of

        return png_of(self._backstage, self._stream)

    def _repr_html_(self) -> str | None:
        """What a notebook shows, where matplotlib is not installed."""
        from kinesis_fake.toolkit.pictures.notebook import html_of

        return html_of(self._backstage, self._stream)

    def _shards(self) -> list[Shard]:
        """The shards that have not expired; a stream that is gone has none."""
        stream = self._stream
        return [] if stream.status == DELETED else stream.shards(self._backstage.now)

    def _view_of(self, shard: Shard) -> ShardView:
        return ShardView(self._backstage, self._held, shard)

    def _shard_of(self, shard_id: str) -> Shard | None:
        """The shard with this id; refused if there is none or it has expired."""
        digits = shard_id.removeprefix("shardId-") if is_text(shard_id) else ""
        if len(digits) != 12 or not digits.isascii() or not digits.isdigit():
            return None
        shard = self._stream.find_shard(int(digits), self._backstage.now)
        return shard if shard is not None and shard.shard_id == shard_id else None

    def _hash_key_of(self, who: str, shard_id: str, explicit_hash_key: int | None) -> int:
        if explicit_hash_key is not None:
            raise KinesisFakeError(f"{who} takes a shard or an explicit hash key, not both.")
        if self._stream.is_auto_distributed:
            raise KinesisFakeError(
                f"Stream {self.stream_name} distributes its records itself; {who} cannot choose a shard."
            )
        shard = self.shard(shard_id)._held
        if not shard.is_open:
            raise self._closed(shard_id)
        return shard.starting_hash_key

    def _require_present(self) -> None:
        self._backstage.require_present(self._held.region.world)
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
        shard = self.shard(shard_id)._held
        if not shard.is_open:
            raise self._closed(shard_id)
        return shard

    def _closed(self, shard_id: str) -> KinesisFakeError:
        return KinesisFakeError(f"{shard_id} of stream {self.stream_name} is closed already; choose an open shard.")

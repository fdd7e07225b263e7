"""One fake world: what a test holds in its hand."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from kinesis_fake import botocore_hook
from kinesis_fake.botocore_hook import DEFAULT_REGION, Caller
from kinesis_fake.calls import CallLog, instant_text, place_suffix
from kinesis_fake.domain.hash_key import hash_key_of
from kinesis_fake.domain.rates import Rates
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sealed_token import TokenMint
from kinesis_fake.domain.world import World
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.fault import Fault
from kinesis_fake.faults.in_force import Injection
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.operations.registry import OPERATIONS, operations_of
from kinesis_fake.service import Service
from kinesis_fake.settings import Durations, Limits
from kinesis_fake.toolkit.finding import Sought, hint, no_stream, regions_in_order
from kinesis_fake.toolkit.views.channels import ChannelView
from kinesis_fake.toolkit.views.streams import KeyView, PendingView, PendingViews, QueueView, StreamView
from kinesis_fake.virtual_time.clock import SystemClock, VirtualClock, datetime_of, milliseconds_of
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS

if TYPE_CHECKING:
    # The stubs that boto3's users have; without them a client is Any.
    from types_boto3_kinesis.client import KinesisClient

    from kinesis_fake.event_source_mapping.delivery import Delivery
    from kinesis_fake.event_source_mapping.documents import Discarded
    from kinesis_fake.event_source_mapping.function import Handler
    from kinesis_fake.event_source_mapping.handmade import Records
    from kinesis_fake.event_source_mapping.mapping import EventSourceMapping

DEFAULT_ACCOUNT_ID = "123456789012"

T = TypeVar("T")


class Snapshot:
    """What :meth:`KinesisFake.snapshot` returns; it says nothing by itself."""

    def __init__(self, fake: KinesisFake, world: World, at: int) -> None:
        self._fake = fake
        self._world = world
        self._at = at

    def __repr__(self) -> str:
        return f"<snapshot of {datetime_of(self._at).isoformat()}>"


class KinesisFake:
    """A Kinesis of your own, with a clock that you turn. :func:`kinesis_fake.fake_kinesis` makes and enters one.

    ``start`` is where the virtual clock begins (an aware datetime or an ISO 8601 text; now, if None). ``streams``
    names streams that are there and ACTIVE from the beginning: a number of shards, or CreateStream's parameters in
    snake case. ``durations`` and ``limits`` are AWS's numbers, for a test that wants others; ``rate_limits`` enforces
    AWS's rates too, where ``limits`` gives no other. ``autojump`` lets an answer that shows a resource in transition
    move the clock to the end of that transition. With ``virtual_sleep``, ``time.sleep`` and ``asyncio.sleep`` move the
    virtual clock and return at once. With ``clock="system"`` the clock follows the system clock, for freezegun and
    time-machine. ``account_id`` and ``region`` hold for clients that have none of their own; ``accounts`` names the
    account of a client by its access key, or the ARN of a user or role of that account.
    """

    def __init__(
        self,
        *,
        start: datetime | str | None = None,
        streams: Mapping[str, int | Mapping[str, Any]] | None = None,
        durations: Durations | None = None,
        limits: Limits | None = None,
        rate_limits: bool = False,
        autojump: bool = True,
        virtual_sleep: bool = False,
        clock: Literal["virtual", "system"] = "virtual",
        account_id: str = DEFAULT_ACCOUNT_ID,
        accounts: Mapping[str, str] | None = None,
        region: str = DEFAULT_REGION,
        seed: int = 0,
    ) -> None:
        if not _is_text(account_id, r"\d{12}"):
            raise KinesisFakeError(f"account_id must be twelve digits, such as '123456789012', not {account_id!r}.")
        if not _is_text(region, "[a-z0-9-]+"):
            raise KinesisFakeError(f"region must be the name of a region, such as 'us-east-1', not {region!r}.")
        for option, value in (("rate_limits", rate_limits), ("autojump", autojump), ("virtual_sleep", virtual_sleep)):
            if not isinstance(value, bool):
                raise KinesisFakeError(f"{option} must be True or False, not {value!r}.")
        if not isinstance(seed, int):
            raise KinesisFakeError(f"seed must be a whole number, not {seed!r}.")
        if accounts is not None and not isinstance(accounts, Mapping):
            raise KinesisFakeError(
                f"accounts must be a dict, such as accounts={{'AKIA...': '111122223333'}}, not {accounts!r}."
            )
        TIMESTAMPS.clear()
        if clock not in ("virtual", "system"):
            raise KinesisFakeError(f"clock must be 'virtual' or 'system', not {clock!r}.")
        if clock == "system" and start is not None:
            raise KinesisFakeError("A clock that follows the system clock cannot have a start; leave start= out.")
        self._world = World(_of_type("durations", durations, Durations), _of_type("limits", limits, Limits), seed)
        if rate_limits:
            self._world.limits = self._world.limits.with_aws_rates()
        if self._world.limits.has_rates():
            self._world.rates = Rates(self._world.limits)
        self._service = Service(self._world, VirtualClock(start) if clock == "virtual" else SystemClock(), autojump)
        self._timeline = self._service.timeline
        self._lock = self._timeline.lock
        self._home = account_id, region
        #: The event source mappings, once there is one.
        self._delivery: Delivery | None = None
        self._door = botocore_hook.Door(self._service, account_id, region, seed)
        self._door.sleeps_virtually = virtual_sleep
        self._door.callers = {access_key: _caller(owner) for access_key, owner in (accounts or {}).items()}
        self._world.accounts = frozenset((account_id, *(caller.account_id for caller in self._door.callers.values())))
        for stream_name, parameters in _as_mapping("streams", streams).items():
            if isinstance(parameters, int):
                self.create_stream(stream_name, shards=parameters)
            else:
                self.create_stream(stream_name, **_as_mapping(f"the stream {stream_name!r}", parameters))
        # Last, because a fake that was refused must not keep a number.
        number = botocore_hook.ORDINALS_OF_THE_UNENTERED.take(self)
        self._seed = seed
        self._world.mint = TokenMint(seed, self._timeline.clock.now, -1 - number)

    def __repr__(self) -> str:
        return f"<KinesisFake at {self.now.isoformat()}, {len(self._region.streams)} streams>"

    # --- time -------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The virtual time, as an aware datetime in UTC."""
        return datetime_of(self._now)

    def advance(self, by: timedelta | None = None, /, **units: float) -> None:
        """Move the clock forward by a timedelta, or by its keywords: ``advance(hours=25)``."""
        if (by is None) == (not units):
            raise KinesisFakeError("advance() takes a timedelta, or a timedelta's keywords such as hours=25.")
        try:
            delta = timedelta(**units) if by is None else by
            milliseconds = delta // timedelta(milliseconds=1)
        except (TypeError, ValueError, OverflowError):
            raise KinesisFakeError(
                f"advance() takes a timedelta, or a timedelta's keywords such as hours=25, not {units or by!r}."
            ) from None
        if milliseconds < 0 or delta < timedelta(0):
            raise KinesisFakeError("Virtual time cannot go back; advance() takes a duration of zero or more.")
        if self._delivery is None:
            self._timeline.advance(milliseconds)
        else:
            self._delivery.travel_to(self._now + milliseconds)

    def travel_to(self, instant: datetime | str) -> None:
        """Move the clock to an instant that is not in the past: an aware datetime, or an ISO 8601 text."""
        (self._delivery or self._timeline).travel_to(milliseconds_of(instant))

    def settle(self) -> None:
        """Move the clock until nothing is in transition any more."""
        if self._delivery is not None:
            while (due_at := self._world.agenda.next_due_at()) is not None:
                self._delivery.travel_to(max(due_at, self._timeline.clock.now))
            self._delivery.travel_to(self._now)
            return
        with self._lock:
            while (due_at := self._world.agenda.next_due_at()) is not None:
                self._timeline.move_to(max(due_at, self._timeline.clock.now))

    def pending(self) -> PendingViews:
        """What will happen, and when, in order; printed, one to a line."""
        with self._lock:
            self._timeline.run_due()
            return PendingViews(
                PendingView(datetime_of(due_at), entry.describe()) for due_at, entry in self._world.agenda.pending()
            )

    # --- snapshots --------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The whole world and its clock as they are now, to come back to with :meth:`restore`."""
        with self._lock:
            return Snapshot(self, copy.deepcopy(self._world), self._now)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this fake, its time included, as often as you like.

        Views that were taken before still show the world that was left, and refuse to change it: ask for new ones.
        Faults and calls stay.
        """
        if getattr(snapshot, "_fake", None) is not self:
            raise KinesisFakeError("restore() takes what snapshot() of the same fake returned.")
        with self._lock:
            if self._delivery is not None:
                self._delivery.end()
            self._world = self._service.world = copy.deepcopy(snapshot._world)
            self._timeline.restore(snapshot._at, self._world.agenda)

    # --- failures and calls -----------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> Injection:
        """Let a fault strike the calls that it concerns; see :class:`Fault`.

        A fault that never struck makes the test fail when the fake is left. Used with ``with``, it is in force for
        the block only.
        """
        if not isinstance(fault, Fault):
            raise KinesisFakeError(f"inject() takes a Fault, such as Fault.throttle('PutRecords'), not {fault!r}.")
        fault = replace(fault, operations=operations_of(fault))
        with self._lock:
            return self._service.faults.inject(fault)

    @property
    def calls(self) -> CallLog:
        """Every attempt of every call, oldest first, with its operation, parameters, outcome and virtual time."""
        return self._door.calls

    def summary(self, last_calls: int = 10) -> str:
        """The streams of all regions and accounts, what is in transition and the last calls, as text for people.

        If the last call has not found a stream that is in another region or account, a hint says so.
        """
        with self._lock:
            lines = [f"virtual time: {instant_text(self.now)}"]
            lines += _section("streams", self._streams_told(), "none")
            lines += _section("in transition", self.pending(), "nothing")
            if self._delivery is not None:
                lines += _section("event source mappings", self._delivery.told(), "none")
            if self._service.faults.injections:
                lines += _section("faults", self._service.faults.injections)
            if last_calls > 0:
                lines += _section("last calls", self.calls[-last_calls:], "none")
            return "\n".join(lines + self._hints())

    def _streams_told(self) -> list[str]:
        told = []
        for region in regions_in_order(self._world, self._home):
            suffix = place_suffix((region.account_id, region.region_name), self._home)
            for _, stream in sorted(region.streams.items()):
                view = StreamView(self, stream)
                open_shards, records = len(view.open_shards), len(view.records)
                told.append(
                    f"{view.stream_name}{suffix}: {view.status}, {_counted(open_shards, 'open shard')} of "
                    f"{len(view.shards)}, {_counted(records, 'record')}"
                )
        return told

    def _hints(self) -> list[str]:
        """Where the stream is that the last call has not found."""
        entry = self.calls._last()
        if entry is None:
            return []
        _, parameters, outcome, _, _, account_id, region_name = entry
        name_or_arn = parameters.get("StreamARN", parameters.get("StreamName"))
        if outcome != "ResourceNotFoundException" or name_or_arn is None:
            return []
        # An ARN may say another region, but a client does not leave its own.
        sought = Sought.of(name_or_arn, account_id, region_name)._replace(region_name=region_name)
        told = hint(self._world, self._home, sought)
        return [f"hint: {told}"] if told is not None else []

    # --- streams ----------------------------------------------------------------------------------------------

    def create_stream(self, stream_name: str, shards: int | None = None, **parameters: Any) -> StreamView:
        """Make a stream that is ACTIVE when this returns; the clock does not move.

        ``parameters`` are CreateStream's in snake case. Without a number of shards the stream is on-demand.
        """
        if shards is not None:
            parameters["shard_count"] = shards
        params = {"StreamName": stream_name, **_members("CreateStream", parameters)}
        with self._lock:
            try:
                # Through the types of the wire, because a number of shards may be given as anything.
                params = botocore_hook.validator_for("CreateStream").deserialize(params)
                self._call(self._region, "CreateStream", params)
            except AwsError as error:
                raise KinesisFakeError(f"create_stream({stream_name!r}) was refused: {error.message}") from error
            stream = self._region.streams[stream_name]
            stream.become_active(self._timeline.clock.now)
            return StreamView(self, stream)

    def stream(self, name_or_arn: str) -> StreamView:
        """A view of a stream, in any state: by its name, or by its ARN, which finds those of other regions, too."""
        with self._lock:
            self._timeline.run_due()
            stream = Sought.of(name_or_arn, *self._home).find(self._world)
            if stream is None:
                raise no_stream(self._world, self._home, name_or_arn)
            return StreamView(self, stream)

    def queue(self, name_or_arn: str) -> QueueView:
        """A view of a queue, in any state: by its name, or by its ARN, which finds those of other regions, too."""
        if _is_text(name_or_arn, r"arn:\S*"):
            queues = [queue for region in self._world.regions.values() for queue in region.queues.values()]
            found = [queue for queue in queues if queue.queue_arn == name_or_arn]
        else:
            found = [queue for queue in self._region.queues.values() if queue.queue_name == name_or_arn]
        if not found:
            known = ", ".join(sorted(queue.queue_name for queue in self._region.queues.values())) or "none"
            raise KinesisFakeError(
                f"There is no queue {name_or_arn!r} in {self._region.region_name}; the queues are: {known}. "
                "Make it with CreateQueue through a client."
            )
        return QueueView(self, found[0])

    def channel(self, name_or_arn: str) -> ChannelView:
        """A view of a channel, in any state: by its name, or by its ARN, which finds those of other regions, too."""
        if _is_text(name_or_arn, r"arn:\S*"):
            channels = [channel for region in self._world.regions.values() for channel in region.channels.values()]
            found = [channel for channel in channels if channel.channel_arn == name_or_arn]
        else:
            found = [channel for channel in self._region.channels.values() if channel.channel_name == name_or_arn]
        if not found:
            known = ", ".join(sorted(channel.channel_name for channel in self._region.channels.values())) or "none"
            raise KinesisFakeError(
                f"There is no channel {name_or_arn!r} in {self._region.region_name}; the channels are: {known}. "
                "Make it with CreateChannel through a client."
            )
        return ChannelView(self, found[0])

    def key(self, key_id: str) -> KeyView:
        """A KMS key by any form of KeyId, to disable it, to deny its use and so on."""
        return KeyView(self, key_id)

    @property
    def streams(self) -> list[StreamView]:
        """Views of all streams of the fake's own account and region, in the order of their names.

        Those of others are found by :meth:`stream` with their ARN, and told of by :meth:`summary`.
        """
        return [StreamView(self, stream) for _, stream in sorted(self._region.streams.items())]

    def partition_key_for(self, stream_name: str, shard_id: str) -> str:
        """A partition key whose records go to this open shard; always the same one."""
        shard = self.stream(stream_name).shard(shard_id)
        if not shard.is_open:
            raise KinesisFakeError(f"{shard_id} of stream {stream_name} is closed; no partition key leads to it.")
        wanted = range(shard.starting_hash_key, shard.ending_hash_key + 1)
        tries = 64 * (2**128 // (shard.ending_hash_key - shard.starting_hash_key + 1) + 1)
        for number in count():
            key = f"key-{number}"
            if hash_key_of(key) in wanted:
                return key
            if number >= min(tries, 10_000_000):
                break
        raise KinesisFakeError(
            f"No partition key leads to {shard_id}: it covers too few hash keys. Use an explicit hash key, such as "
            f"{shard.starting_hash_key}."
        )

    # --- Lambda -----------------------------------------------------------------------------------------------

    def lambda_event(self, records: Records, *, role: str | None = None) -> dict[str, Any]:
        """The event with which Lambda hands over records of one shard, for the plain unit test of a handler.

        Takes a view of a shard or of a stream, a record of such a view or several. ``role`` is the ARN of the
        function's execution role.
        """
        from kinesis_fake.event_source_mapping import handmade

        return handmade.lambda_event(records, role)

    def lambda_events(
        self, records: Records, *, batch_size: int = 100, role: str | None = None
    ) -> list[dict[str, Any]]:
        """The events with which Lambda hands over records: shard after shard, in batches.

        Takes what :meth:`lambda_event` takes, of any number of shards.
        """
        from kinesis_fake.event_source_mapping import handmade

        return handmade.lambda_events(records, batch_size, role)

    def event_source_mapping(
        self,
        handler: Handler,
        name_or_arn: str,
        *,
        function_name: str | None = None,
        role: str | None = None,
        deliver_to: Callable[[Discarded], object] | None = None,
        raise_errors: bool | None = None,
        **parameters: Any,
    ) -> EventSourceMapping:
        """Let Lambda hand the records of a stream over to a handler, in batches, when the clock moves.

        The source is the name of a stream, or the ARN of a stream or of a registered consumer. ``parameters`` are those
        of CreateEventSourceMapping in snake case, and ``timeout_seconds`` of the function; ``starting_position`` is
        TRIM_HORIZON unless it is given. ``deliver_to`` is called with each batch that is discarded. An error of the
        handler makes Lambda try again; an AssertionError, or with ``raise_errors=True`` any error, comes out of the
        call that has moved the clock.
        """
        if self._delivery is None:
            from kinesis_fake.event_source_mapping.delivery import Delivery

            self._delivery = Delivery(self._service)
        return self._delivery.create(
            handler,
            name_or_arn,
            self._region,
            function_name=function_name,
            role=role,
            deliver_to=deliver_to,
            raise_errors=raise_errors,
            parameters=parameters,
        )

    # --- clients ----------------------------------------------------------------------------------------------

    def client(self, **parameters: Any) -> KinesisClient:
        """A botocore client whose calls this fake answers; ``parameters`` are those of ``Session.create_client``."""
        return cast("KinesisClient", botocore_hook.make_client(self._door, **parameters))

    def attach(self, client_or_session: T) -> T:
        """Let this fake answer a client, or the clients that a session makes from now on; returns it.

        A call normally belongs to the fake that was entered where the call is made. An attached client's calls
        always belong to this fake, and fail once it has been left.
        """
        botocore_hook.attach(client_or_session, self._door)
        return client_or_session

    # --- inside -----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """The fake has been entered, and is one of those whose end is certain: it takes a number among them."""
        botocore_hook.ORDINALS_OF_THE_UNENTERED.give_back(self)
        self._world.mint = TokenMint(self._seed, self._timeline.clock.now, botocore_hook.ORDINALS.take(self))

    def _close(self) -> None:
        """The fake has been left: clients that are bound to it fail from now on; views still show its last state."""
        self._door.is_open = False
        botocore_hook.ORDINALS.give_back(self)

    @property
    def _now(self) -> int:
        return self._timeline.now

    @property
    def _region(self) -> Region:
        return self._up_to_date(self._world.region(*self._home))

    def _require_present(self, world: World) -> None:
        """Refuse to change a world that has been left, where nobody would see the change."""
        if world is not self._world:
            raise KinesisFakeError(
                "This view is of a state of the fake that restore() has replaced; ask for a new one."
            )

    def _up_to_date(self, thing: T) -> T:
        """Something of this world, after everything has happened to it that is due."""
        self._timeline.run_due()
        return thing

    def _call(self, region: Region, operation_name: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        validator = botocore_hook.validator_for(operation_name)
        return self._service.call_for_test(region, OPERATIONS[operation_name], params, validator)


def _of_type(option: str, value: T | None, kind: type[T]) -> T:
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise KinesisFakeError(f"{option} must be a {kind.__name__}(...), not {value!r}.")
    return value


def _section(heading: str, items: Iterable[object], nothing: str = "") -> list[str]:
    lines = [f"  {item}" for item in items]
    return [f"{heading}:", *lines] if lines else [f"{heading}: {nothing}"]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _is_text(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


def _as_mapping(what: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise KinesisFakeError(
            f"{what} must be a dict, such as streams={{'orders': 2}} or streams={{'orders': {{'shard_count': 2}}}}, "
            f"not {value!r}."
        )
    return value


def _caller(owner: str) -> Caller:
    """Whom an access key belongs to: twelve digits, or the ARN of a principal."""
    match = re.fullmatch(r"(\d{12})|arn:aws[^:]*:(?:iam|sts)::(\d{12}):.+", str(owner), re.ASCII)
    if match is None:
        raise KinesisFakeError(
            "accounts gives each access key an account, such as '111122223333', or the ARN of a user or role, such as "
            f"'arn:aws:iam::111122223333:role/reader', not {owner!r}."
        )
    return Caller(match[1] or match[2], None if match[1] else owner)


def _members(operation_name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The API's members for keyword arguments in snake case."""
    members = {member.lower(): member for member in botocore_hook.input_members(operation_name)}
    named = {}
    for name, value in parameters.items():
        member = members.get(name.replace("_", "").lower())
        if member is None:
            raise KinesisFakeError(
                f"{operation_name} has no parameter {name!r}; write its parameters in snake case, such as shard_count."
            )
        named[member] = value
    return named

"""One fake world: what a test holds in its hand.

Every test enters a fake, and few tests use all of it. So a method loads itself what only it needs, such as a view.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from operator import is_
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from kinesis_fake import botocore_hook
from kinesis_fake.botocore_hook import DEFAULT_REGION
from kinesis_fake.calls import REMEMBERED_CALLS, CallLog
from kinesis_fake.domain.stream import Stream
from kinesis_fake.errors import AwsError
from kinesis_fake.misuse import (
    KinesisFakeError,
    Unassignable,
    duration_ms,
    shown,
    takes_in_words,
    text,
    whole_number,
    write_file,
)
from kinesis_fake.operations.registry import operations_of
from kinesis_fake.service import Service
from kinesis_fake.settings import Durations, Limits
from kinesis_fake.toolkit import options
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.virtual_time.clock import SystemClock, datetime_of, milliseconds_of
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS
from kinesis_fake.words import counted

if TYPE_CHECKING:
    # The stubs that boto3's users have; without them a client is Any.
    from types_boto3_kinesis.client import KinesisClient

    from kinesis_fake.event_source_mapping.documents import DiscardedBatch
    from kinesis_fake.event_source_mapping.function import Handler
    from kinesis_fake.event_source_mapping.handmade import Records
    from kinesis_fake.event_source_mapping.mapping import EventSourceMapping
    from kinesis_fake.event_source_mapping.pollers import Pollers
    from kinesis_fake.faults.fault import Fault
    from kinesis_fake.faults.injection import Injection
    from kinesis_fake.toolkit.files import State
    from kinesis_fake.toolkit.snapshot import Snapshot
    from kinesis_fake.toolkit.views.channels import ChannelView
    from kinesis_fake.toolkit.views.keys import KeyView
    from kinesis_fake.toolkit.views.pending import PendingViews
    from kinesis_fake.toolkit.views.queues import QueueView
    from kinesis_fake.toolkit.views.streams import StreamView
    from kinesis_fake.virtual_time.manual_timeline import ManualTimeline
    from kinesis_fake.virtual_time.moving import Move
    from kinesis_fake.virtual_time.timeline import Timeline

DEFAULT_ACCOUNT_ID = "123456789012"

T = TypeVar("T")


class KinesisFake(Unassignable):
    """A Kinesis of your own, with a clock that the test moves. :func:`fake_kinesis` makes and enters one.

    :param start: The instant at which the virtual clock begins: an aware datetime, or ISO 8601 text. Without it, the
        system clock's current second.
    :param streams: Streams that are ACTIVE from the beginning, by name: a number of shards, ``"on-demand"``, or
        CreateStream's parameters in snake case.
    :param durations: How long transitions take; with ``"instant"``, no time. Without it, as :class:`Durations` says,
        but no time with ``clock="system"`` or ``compatible_with="moto"``.
    :param limits: How much AWS allows, in the place of AWS's own numbers.
    :param rate_limits: Whether AWS's rates are enforced, too, where ``limits`` gives no other.
    :param autojump: Whether an answer that shows a resource in transition moves the clock to the end of that
        transition. Without it, yes, but no with ``clock="system"``.
    :param virtual_sleep: Whether sleeps and timeouts of the code under test take virtual time only. With ``"manual"``
        they last until the test moves the clock. Without it, no, but yes with ``clock="shared"``.
    :param clock: With ``"virtual"`` the clock moves with the test and with what waits in the fake. With ``"shared"``
        the clocks of the process show that time, too. With ``"system"`` it follows the system clock, for
        freezegun and time-machine, and transitions take no time unless ``durations`` says so. Without it,
        ``"virtual"``, and ``"system"`` with ``compatible_with="moto"`` unless there is a ``start`` or a ``state``.
    :param account_id: The account of clients whose access key ``accounts`` does not have.
    :param accounts: Access keys, each with its account, or with the ARN of a user or role of that account.
    :param region: The region of clients that have none, and of the views.
    :param seed: What request ids and tokens are made from: the same script gives the same bytes.
    :param remember_calls: How many of the last calls ``calls`` has; all of them with None.
    :param state: A file that :meth:`dump` has written, or that was written by hand, or a dict with the members of such
        a file: the fake begins with its streams and at its time.
    :param compatible_with: With ``"moto"``, tests that were written for moto go on as they are: transitions take no
        time, and the clock follows the system's. The report names each call that AWS would
        have answered otherwise.
    """

    _service: Service
    _timeline: Timeline
    _door: botocore_hook.Door
    _backstage: Backstage
    _seed: int

    @takes_in_words("KinesisFake")
    def __init__(
        self,
        *,
        start: datetime | str | None = None,
        streams: Mapping[str, int | Literal["on-demand"] | Mapping[str, Any]] | None = None,
        durations: Durations | Literal["instant"] | None = None,
        limits: Limits | None = None,
        rate_limits: bool = False,
        autojump: bool | None = None,
        virtual_sleep: bool | Literal["manual"] | None = None,
        clock: Literal["virtual", "system", "shared"] | None = None,
        account_id: str = DEFAULT_ACCOUNT_ID,
        accounts: Mapping[str, str] | None = None,
        region: str = DEFAULT_REGION,
        seed: int = 0,
        remember_calls: int | None = REMEMBERED_CALLS,
        state: State | None = None,
        compatible_with: Literal["moto"] | None = None,
    ) -> None:
        given = (
            start,
            streams,
            durations,
            limits,
            rate_limits,
            autojump,
            virtual_sleep,
            clock,
            account_id,
            accounts,
            region,
            seed,
            remember_calls,
            state,
            compatible_with,
        )
        # Most fakes have no options, and checking the defaults took a twentieth of the set-up of their tests.
        configured = _default_configuration() if all(map(is_, given, _DEFAULTS)) else options.checked(*given)
        TIMESTAMPS.clear()
        world = configured.new_world()
        timeline = configured.new_timeline(world.agenda)
        service = Service(world, timeline, configured.jumps)
        service.jumps_over_transitions = configured.jumps_over_transitions
        door = botocore_hook.Door(service, *configured.home, seed, remember_calls)
        door.calls.place_of = partial(_text_of_place, service)
        door.sleeps_virtually = configured.sleeps_virtually
        door.callers = configured.callers
        backstage = Backstage(service, configured.home)
        backstage.calls = door.calls
        backstage.compatible_with = compatible_with
        backstage.sleeps_virtually = configured.sleeps_virtually
        # All at once: an Unassignable checks each assignment, which takes as long as making one of these objects.
        self.__dict__.update(_service=service, _timeline=timeline, _door=door, _backstage=backstage, _seed=seed)
        if isinstance(timeline.clock, SystemClock):
            timeline.clock.may_go_back = self._is_untouched
        configured.put_scenario_into(backstage)
        for stream_name, parameters in configured.streams.items():
            self._create_stream(stream_name, parameters)
        # At last, because a fake whose options are refused must not keep a number.
        number = botocore_hook.ORDINALS_OF_THE_UNENTERED.take(self)
        world.mint.identify(seed, timeline.clock.now, -1 - number)

    def __repr__(self) -> str:
        return f"<KinesisFake at {self.now.isoformat()}, {counted(len(self._backstage.region.streams), 'stream')}>"

    if not TYPE_CHECKING:  # a type checker knows that there is no such attribute

        def __getattr__(self, name: str) -> Any:
            """Tell where the API is, because people look for it here."""
            from kinesis_fake.toolkit.guesses import no_attribute

            raise AttributeError(no_attribute(name, dir(type(self))))

        def __enter__(self) -> Any:
            raise KinesisFakeError("A KinesisFake is not entered itself; write `with fake_kinesis() as kinesis:`.")

        def __exit__(self, *_: object) -> None: ...

        async def __aenter__(self) -> Any:
            self.__enter__()

        async def __aexit__(self, *_: object) -> None: ...

    def _instead_of_assigning(self, name: str) -> str:
        from kinesis_fake.toolkit.guesses import instead_of_assigning

        return instead_of_assigning(name, type(self))

    # --- time -------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The virtual time, as an aware datetime in UTC."""
        return datetime_of(self._backstage.now)

    def advance(self, by: timedelta | None = None, /, **units: float) -> Any:
        """Move the clock forward by a timedelta, or by its keywords: ``advance(hours=25)``.

        With ``virtual_sleep="manual"`` this wakes the threads and tasks that are due. A task awaits what it returns.
        """
        milliseconds = duration_ms("advance()", by, units)
        if self._timeline.is_manual:
            return self._move_by_hand("advance()", self._backstage.now + milliseconds)
        self._mover.advance(milliseconds)
        return None

    def travel_to(self, instant: datetime | str) -> Any:
        """Move the clock to an instant that is not in the past: an aware datetime, or an ISO 8601 text."""
        at = milliseconds_of(instant)
        if self._timeline.is_manual and at >= self._backstage.now:
            return self._move_by_hand("travel_to()", at)
        self._mover.travel_to(at)
        return None

    def settle(self) -> Any:
        """Move the clock until nothing is in transition any more."""
        if self._timeline.is_manual:
            return self._move_by_hand("settle()", None)
        self._mover.settle()
        return None

    @property
    def _mover(self) -> Timeline | Pollers:
        """What moves the clock: the pollers of event source mappings, if there are any; they work on the way."""
        return self._backstage.pollers or self._timeline

    def _move_by_hand(self, method: str, instant: int | None) -> Move:
        """A move to an instant; without one, until nothing is in transition."""
        from kinesis_fake.virtual_time.moving import Move, once

        timeline = cast("ManualTimeline", self._timeline)
        return Move(timeline, method, timeline.agenda.next_due_at if instant is None else once(instant))

    def pending(self) -> PendingViews:
        """What will happen, and when, in order; printed, one to a line."""
        from kinesis_fake.toolkit.views.pending import pending_views

        return pending_views(self._backstage)

    # --- snapshots --------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The whole world and its clock as they are now, to come back to with :meth:`restore`."""
        from kinesis_fake.toolkit.snapshot import Snapshot

        with self._backstage.lock:
            return Snapshot(self._backstage, copy.deepcopy(self._backstage.world), self._backstage.now)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this fake, its time included, as often as you like.

        Views that were taken before still show the world that was left, and refuse to change it: ask for new ones.
        Faults and calls are kept.
        """
        from kinesis_fake.toolkit.snapshot import Snapshot

        if getattr(snapshot, "_backstage", None) is not self._backstage or type(snapshot) is not Snapshot:
            raise KinesisFakeError("restore() takes what snapshot() of the same fake returned.")
        with self._backstage.lock:
            if self._backstage.pollers is not None:
                self._backstage.pollers.end()
            world = self._service.world = copy.deepcopy(snapshot._world)
            self._timeline.restore(snapshot._at, world.agenda)

    # --- files ------------------------------------------------------------------------------------------------

    def dump(self, path: str | os.PathLike[str]) -> None:
        """Write the streams, their shards, records and consumers, and the time, into a file.

        ``fake_kinesis(state=path)`` begins there. The file is JSON, and can be written by hand. What it
        has no words for, such as queues, is refused.
        """
        if not isinstance(path, (str, os.PathLike)):
            raise KinesisFakeError(f"dump() takes the path of a file, not {shown(path)}.")
        from kinesis_fake.toolkit.files import document_of, text_of

        write_file(path, text_of(document_of(self._backstage)))

    # --- failures and calls -----------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> Injection:
        """Let a fault strike the calls that it concerns; see :class:`Fault`.

        A fault that never struck makes the test fail when the fake is left. Used with ``with``, it is in force for
        the block only.
        """
        from kinesis_fake.faults.fault import Fault

        if not isinstance(fault, Fault):
            raise KinesisFakeError(f"inject() takes a Fault, such as Fault.throttle('PutRecords'), not {shown(fault)}.")
        fault = fault.of_operations(operations_of(fault))
        with self._backstage.lock:
            return self._service.faults.inject(fault)

    @property
    def calls(self) -> CallLog:
        """Every attempt of every call, oldest first, with its operation, parameters, outcome and virtual time.

        The last 10,000 are remembered, or as many as ``remember_calls`` says.
        """
        return self._door.calls

    def summary(self, last_calls: int = 10, *, error: BaseException | None = None) -> str:
        """The streams of all regions and accounts, what is in transition and the last calls, as text for people.

        Hints follow if the calls tell why a test may have failed, or if ``error`` does, the exception that it has
        failed with.
        """
        from kinesis_fake.toolkit.report import report

        if error is not None and not isinstance(error, BaseException):
            raise KinesisFakeError(f"error is an exception, not {shown(error)}.")
        return report(self._backstage, self.calls, whole_number("last_calls", last_calls, 0), error)

    # --- streams ----------------------------------------------------------------------------------------------

    @takes_in_words("create_stream()")
    def create_stream(self, stream_name: str, shards: int | None = None, **parameters: Any) -> StreamView:
        """Make a stream that is ACTIVE when this returns; the clock does not move.

        ``parameters`` are CreateStream's in snake case. Without a number of shards the stream is on-demand.
        """
        return self._view_of(self._create_stream(stream_name, {"shards": shards, **parameters}))

    def _create_stream(self, stream_name: str, parameters: Mapping[str, Any]) -> Stream:
        text("The name of a stream", stream_name, such_as="orders")
        params = {"StreamName": stream_name, **options.members_of_stream(stream_name, parameters)}
        if (shard_count := params.get("ShardCount")) is not None:
            whole_number("The number of shards", shard_count)
        with self._backstage.lock:
            region = self._backstage.region
            try:
                # Through the types of the wire, because the parameters may be of any type.
                params = botocore_hook.validator_for("CreateStream").deserialize(params)
                self._backstage.carry_out(region, "CreateStream", params)
            except AwsError as error:
                raise KinesisFakeError(f"create_stream({stream_name!r}) was refused: {error.message}") from error
            stream = region.streams[stream_name]
            stream.become_active(self._timeline.clock.now)
        return stream

    def _view_of(self, stream: Stream) -> StreamView:
        from kinesis_fake.toolkit.views.streams import StreamView

        return StreamView(self._backstage, stream)

    def stream(self, name_or_arn: str) -> StreamView:
        """A view of a stream in any state, by name or ARN. An ARN finds streams of other regions and accounts."""
        from kinesis_fake.toolkit.finding import find_stream

        return self._view_of(find_stream(self._backstage, name_or_arn))

    def queue(self, name_or_arn: str) -> QueueView:
        """A view of a queue in any state, by name or ARN. An ARN finds queues of other regions and accounts."""
        from kinesis_fake.toolkit.finding import find_queue
        from kinesis_fake.toolkit.views.queues import QueueView

        return QueueView(self._backstage, find_queue(self._backstage, name_or_arn))

    def channel(self, name_or_arn: str) -> ChannelView:
        """A view of a channel in any state, by name or ARN. An ARN finds channels of other regions and accounts."""
        from kinesis_fake.toolkit.finding import find_channel
        from kinesis_fake.toolkit.views.channels import ChannelView

        return ChannelView(self._backstage, find_channel(self._backstage, name_or_arn))

    def key(self, key_id: str) -> KeyView:
        """A KMS key by any form of KeyId, to disable it, to deny its use and so on."""
        from kinesis_fake.toolkit.views.keys import KeyView

        return KeyView(self._backstage, key_id)

    @property
    def streams(self) -> list[StreamView]:
        """Views of all streams of the fake's own account and region, in the order of their names.

        :meth:`stream` finds those of others by their ARN, and :meth:`summary` tells of all.
        """
        return [self._view_of(stream) for _, stream in sorted(self._backstage.region.streams.items())]

    def partition_key_for(self, stream_name: str, shard_id: str) -> str:
        """A partition key whose records go to this open shard; always the same one.

        It is searched for, because a hash key of MD5 cannot be computed backwards. A shard of fewer than ``2**111``
        hash keys is refused: put records there with ``explicit_hash_key=shard.starting_hash_key``.
        """
        from kinesis_fake.toolkit.views.shards import partition_key_into

        shard = self.stream(stream_name).shard(shard_id)._shard
        if not shard.is_open:
            raise KinesisFakeError(f"{shard_id} of stream {stream_name} is closed; no partition key leads to it.")
        partition_key = partition_key_into(shard)
        if partition_key is None:
            raise KinesisFakeError(
                f"{shard_id} of stream {stream_name} covers so few hash keys that finding a partition key which leads "
                f"to it would take too long. Put records there with explicit_hash_key=shard.starting_hash_key, which "
                f"is {shard.starting_hash_key}."
            )
        return partition_key

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
        deliver_to: Callable[[DiscardedBatch], object] | None = None,
        raise_errors: bool | None = None,
        **parameters: Any,
    ) -> EventSourceMapping:
        """Let Lambda hand the records of a stream over to a handler, in batches, when the clock moves.

        The source is the name of a stream, or the ARN of a stream or of a registered consumer. ``parameters`` are those
        of CreateEventSourceMapping in snake case, and ``timeout_seconds`` of the function; ``starting_position`` is
        TRIM_HORIZON unless it is given. ``deliver_to`` is called with each batch that is discarded. An error of the
        handler makes Lambda try again. The call that has moved the clock raises an AssertionError of the handler, with
        ``raise_errors=True`` every error, and with ``raise_errors=False`` none.
        """
        from kinesis_fake.event_source_mapping.creation import create_mapping
        from kinesis_fake.event_source_mapping.pollers import Pollers

        backstage = self._backstage
        if backstage.pollers is None:
            backstage.pollers = Pollers(self._timeline)
        return create_mapping(
            backstage.pollers,
            self._service,
            backstage.region,
            handler,
            name_or_arn,
            function_name=function_name,
            role=role,
            deliver_to=deliver_to,
            raise_errors=raise_errors,
            parameters=parameters,
        )

    # --- clients ----------------------------------------------------------------------------------------------

    @takes_in_words("client()", botocore_hook.CREATE_CLIENT_PARAMETERS)
    def client(self, **parameters: Any) -> KinesisClient:
        """A botocore client whose calls this fake answers; ``parameters`` are those of ``Session.create_client``."""
        return cast("KinesisClient", botocore_hook.make_client(self._door, **parameters))

    @takes_in_words("aio_client()", botocore_hook.CREATE_CLIENT_PARAMETERS)
    def aio_client(self, **parameters: Any) -> Any:
        """A client of aiobotocore whose calls this fake answers; it need not be entered with ``async with``.

        ``parameters`` are those of ``AioSession.create_client``.
        """
        return botocore_hook.make_async_client(self._door, **parameters)

    def attach(self, client_or_session: T) -> T:
        """Let this fake answer a client, or the clients that a session makes from now on; returns it.

        A call normally belongs to the fake that was entered where the call is made. An attached client's calls
        always belong to this fake, and fail once it has been left.
        """
        botocore_hook.attach(client_or_session, self._door)
        return client_or_session

    # --- inside -----------------------------------------------------------------------------------------------

    def _is_untouched(self) -> bool:
        """Whether neither a client nor the test has done anything in the fake yet, and it has no streams."""
        has_streams = any(region.streams for region in self._service.world.regions.values())
        return self._timeline.activity == self._door.activity_at_entry and not has_streams

    def _open(self) -> None:
        """Take a number among the fakes that have been entered, all of which will be left."""
        botocore_hook.ORDINALS_OF_THE_UNENTERED.give_back(self)
        number = botocore_hook.ORDINALS.take(self)
        self._backstage.world.mint.identify(self._seed, self._timeline.clock.now, number)

    def _close(self) -> None:
        """End the fake: clients that are bound to it fail from now on, and views go on to show its last state."""
        self._door.is_open = False
        self._timeline.leave()
        botocore_hook.ORDINALS.give_back(self)


#: The options of a fake that is made without any.
_DEFAULTS: tuple[Any, ...] = tuple(cast(Any, KinesisFake.__init__).__wrapped__.__kwdefaults__.values())


@cache
def _default_configuration() -> options.Configuration:
    return options.checked(*_DEFAULTS)


def _text_of_place(service: Service, token: str) -> str | None:
    from kinesis_fake.toolkit.places import text_of_place

    return text_of_place(service, token)

"""What the table of operations is made of: calls in a world that every one of them finds alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.eventstream import EventStreamError
from botocore.exceptions import ClientError

from kinesis_fake import Fault, KinesisFake, errors
from kinesis_fake.faults.injection import Injection
from tests.support.state import state_of

MODEL = botocore.session.get_session().get_service_model("kinesis")

START = "2026-01-01T00:00:00Z"
A = "123456789012"
ROOT = f"arn:aws:iam::{A}:root"
STRANGER = "arn:aws:iam::222222222222:root"
KEY = "alias/mine"
KEY_ARN = f"arn:aws:kms:us-east-1:{A}:{KEY}"
ROLE = f"arn:aws:iam::{A}:role/delivery"
SHARD = "shardId-000000000000"


def arn(stream_name: str) -> str:
    return f"arn:aws:kinesis:us-east-1:{A}:stream/{stream_name}"


CALM, ORDERS, FLOW, SECRET = arn("calm"), arn("orders"), arn("flow"), arn("secret")
BILLING = f"{ORDERS}/consumer/billing:1767225600"

# --- a table's words ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class From:
    """What an earlier answer holds, by its path, such as ``page.NextToken``."""

    path: str


#: The ARNs that AWS makes up.
JOBS, VAULT, LAKE = From("jobs"), From("vault"), From("lake")
#: The action of the call itself, for texts that name it.
ACTION = object()
#: The operation itself, for texts that name it without the service.
OPERATION = object()


@dataclass(frozen=True)
class Call:
    """An earlier call; its answer is kept under a name."""

    operation: str
    params: Mapping[str, Any]
    name: str = "answer"


#: What else happens before the call itself.
Step = Callable[[KinesisFake], object]


@dataclass(frozen=True, eq=False)
class Scenario:
    """One call of an operation, and what must come of it.

    ``error`` is the refusal: a function of ``kinesis_fake.errors`` and its arguments. ``events`` says how many events
    are taken from an event stream, ``then`` what happens after them, and ``breaks_with`` which error ends the stream.
    """

    params: Mapping[str, Any]
    given: tuple[Call | Step, ...] = ()
    error: tuple[Any, ...] | None = None
    is_strangers: bool = False
    is_throttled: bool = False
    events: int = 0
    then: tuple[Call | Step, ...] = ()
    breaks_with: tuple[Any, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    operation: str = ""
    number: int = 0

    def __str__(self) -> str:
        outcome = self.error[0].__name__ if self.error else "ok"
        return f"{self.operation}-{self.number}-{outcome}"

    @property
    def code(self) -> str | None:
        """The code of the refusal."""
        return errors.CATALOGUE[self.error[0].__name__].code if self.error else None


@dataclass(frozen=True)
class Row:
    """One operation: its scenarios, and the declared errors that none of them can show, with the reason."""

    scenarios: Sequence[Scenario]
    never: Mapping[str, str]


def ok(params: Mapping[str, Any], *given: Call | Step, **more: Any) -> Scenario:
    """A call that succeeds."""
    return Scenario(params, given, **more)


def refused(error: Any, params: Mapping[str, Any], *given: Call | Step, **more: Any) -> Scenario:
    """A call that is refused with this error; one without arguments may be named alone."""
    return Scenario(params, given, error if isinstance(error, tuple) else (error,), **more)


def invalid(text: str, params: Mapping[str, Any], *given: Call | Step, **more: Any) -> Scenario:
    """A call that breaks one constraint."""
    return refused((errors.validation_failed, [text]), params, *given, **more)


def denied(resource_arn: Any, params: Mapping[str, Any], *given: Call | Step, by_policy: bool = False) -> Scenario:
    """A call of another account, which has no permission, or can have none at all."""
    error = errors.access_not_allowed if by_policy else errors.access_across_accounts_impossible
    return refused((error, STRANGER, ACTION, resource_arn), params, *given, is_strangers=True)


def throttled(params: Mapping[str, Any], stream_name: str | None = None) -> Scenario:
    """A call that comes too soon. AWS's own rates are tested elsewhere; here the failure is ordered."""
    error = (errors.stream_rate_exceeded, stream_name, A) if stream_name else (errors.account_rate_exceeded, A)
    return refused(error, params, is_throttled=True)


def broken(params: Mapping[str, Any], *given: Call | Step) -> Scenario:
    """AWS fails."""
    return refused(errors.internal_failure, params, *given, lambda kinesis: kinesis.inject(Fault.internal_error()))


def key_errors(params: Mapping[str, Any], *given: Call | Step, reads: bool = False) -> list[Scenario]:
    """What the state of the KMS key does to a call."""
    no_access = (
        (errors.key_access_denied_to_read, ROOT, "secret")
        if reads
        else (errors.key_access_denied_to_write, ROOT, KEY_ARN)
    )
    return [
        refused(no_access, params, *given, lambda kinesis: kinesis.key(KEY).deny()),
        refused((errors.key_disabled, KEY_ARN), params, *given, lambda kinesis: kinesis.key(KEY).disable()),
        refused((errors.key_not_found, KEY_ARN), params, *given, lambda kinesis: kinesis.key(KEY).remove()),
        refused(
            (errors.key_pending_deletion, KEY_ARN), params, *given, lambda kinesis: kinesis.key(KEY).schedule_deletion()
        ),
        refused((errors.key_needs_opt_in, KEY_ARN), params, *given, lambda kinesis: kinesis.key(KEY).require_opt_in()),
        refused((errors.key_throttled, KEY_ARN), params, *given, lambda kinesis: kinesis.key(KEY).throttle()),
    ]


def row(*scenarios: Scenario | list[Scenario], **never: str) -> Row:
    """The row of an operation; ``never`` says why each error is declared but never raised."""
    flat = [one for each in scenarios for one in (each if isinstance(each, list) else [each])]
    return Row(flat, never)


def table(rows: Mapping[str, Row]) -> dict[str, Row]:
    """Rows whose scenarios know where they stand."""
    return {
        name: replace(
            each,
            scenarios=[
                replace(scenario, operation=name, number=number)
                for number, scenario in enumerate(each.scenarios, start=1)
            ],
        )
        for name, each in rows.items()
    }


#: An on-demand stream without channels.
ON_DEMAND_ARN = arn("on-demand")


def channel(channel_name: str, stream_arn: str = ON_DEMAND_ARN, **more: Any) -> dict[str, Any]:
    """The parameters of a channel to a bucket."""
    storage = {"BucketARN": "arn:aws:s3:::lake", "ExpectedBucketOwner": A, "CompressionType": "NONE"}
    return {
        "ChannelName": channel_name,
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": [
            {"StreamARN": stream_arn, "RecordConfiguration": {"RecordFormatType": "JSON"}},
        ],
        "S3DestinationConfiguration": {"StorageConfiguration": storage},
        **more,
    }


# --- what the installed botocore lets us say ----------------------------------------------------------------------


def paths_of(shape: Any, params: Any, path: str = "") -> Iterator[str]:
    """The paths of all members that are given, such as ``Records.Data``; all those that there are for None."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if params is None or name in params:
                yield path + name
                yield from paths_of(member, None if params is None else params[name], f"{path}{name}.")
    elif shape.type_name == "list":
        for item in [None] if params is None else params if isinstance(params, list) else ():
            yield from paths_of(shape.member, item, path)


def is_known(operation: str, params: Mapping[str, Any]) -> bool:
    """Whether the installed botocore has the operation and all these members of its input."""
    if operation not in MODEL.operation_names:
        return False
    return _is_known(MODEL.operation_model(operation).input_shape, params)


def _is_known(shape: Any, value: Any) -> bool:
    if shape is None:
        return not value
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return all(name in shape.members and _is_known(shape.members[name], item) for name, item in value.items())
    if shape.type_name == "list" and isinstance(value, list):
        return all(_is_known(shape.member, item) for item in value)
    return True


def can_be_played(scenario: Scenario) -> bool:
    """Whether the installed botocore knows all that a scenario needs."""
    if "CreateQueue" not in MODEL.operation_names and any(name in repr(scenario) for name in ("'jobs'", "'vault'")):
        return False
    if "CreateChannel" not in MODEL.operation_names and "'lake'" in repr(scenario):
        return False
    steps = [*scenario.given, *scenario.then]
    calls = [(each.operation, each.params) for each in steps if isinstance(each, Call)]
    return all(is_known(operation, params) for operation, params in [*calls, (scenario.operation, scenario.params)])


# --- playing ------------------------------------------------------------------------------------------------------

PARTITIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}


@dataclass
class Outcome:
    """What came of a call: an answer, with the events of its stream in a list, or an error."""

    answer: Any = None
    error: ClientError | None = None
    stream_error: EventStreamError | None = None


class Account:
    """A fake with a stream in each state and something of everything, and clients of it.

    ``calm`` has nothing but its shards, ``orders`` records and a consumer, ``resharded`` a closed shard. The
    streams ``on-demand``, which has nothing, ``flow``, which has a queue and a channel, and ``secret``, encrypted, with
    a queue, are on demand. In another region than us-east-1, all ARNs of the table mean that region and its partition.
    """

    def __init__(self, region_name: str = "us-east-1", **options: Any) -> None:
        self._region_name = region_name
        streams = {
            "calm": 2,
            "orders": 2,
            "resharded": 1,
            "on-demand": {},
            "flow": {},
            "secret": {},
            "updating": 2,
            "deleting": 2,
        }
        defaults: dict[str, Any] = {
            "start": START,
            "autojump": False,
            "region": region_name,
            "accounts": {"OWNER": A, "STRANGER": "222222222222"},
            "streams": {**streams, "resharded": 1, "on-demand": {}, "flow": {}, "secret": {}},
        }
        self.kinesis = KinesisFake(**{**defaults, **options})
        self._clients: dict[tuple[Any, ...], Any] = {}
        self._injections: list[Any] = []
        #: The answers of earlier calls by the names that they were given, and the ARNs that were made up.
        self.made: dict[str, Any] = {}
        self._furnish()
        self._remember()

    def _remember(self) -> None:
        self._made_first = dict(self.made)
        self._snapshot = self.kinesis.snapshot()
        self._last_branch = self.kinesis._backstage.world.mint._branch._numbers._last
        self.set()
        #: The state after :meth:`set`, whenever that is.
        self.first_state = self.state()

    def client(self, access_key: str = "OWNER", *, parameter_validation: bool = False, **more: Any) -> Any:
        """A client that does not retry: a retry moves the clock."""
        key = (access_key, parameter_validation, *more.items())
        if key not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, parameter_validation=parameter_validation)
            self._clients[key] = self._new_client(
                aws_access_key_id=access_key, aws_secret_access_key="none", config=config, **more
            )
        return self._clients[key]

    def _new_client(self, **parameters: Any) -> Any:
        return self.kinesis.client(**parameters)

    def _events(self, client: Any, stream: Any) -> Iterator[Any]:
        return iter(stream)

    def set(self) -> Account:
        """As it was at first, whatever has been played on it."""
        # Each restored world makes tokens of its own; here they must be alike, or any difference would come from them.
        self.kinesis._backstage.world.mint._branch._numbers._last = self._last_branch
        self.kinesis.restore(self._snapshot)
        while self._injections:
            self._injections.pop().remove()
        self.made = dict(self._made_first)
        return self

    def explore(self) -> Account:
        """From now on some things have been asked for, so that there are iterators, tokens and receipt handles."""
        for stream_name in ("resharded", "secret", "orders"):
            position = {"StreamName": stream_name, "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
            self._do(Call("GetShardIterator", position, "first"))
            self._do(Call("GetRecords", {"ShardIterator": From("first.ShardIterator")}, "read"))
            self.made[f"first of {stream_name}"], self.made[f"read of {stream_name}"] = (
                self.made["first"],
                self.made["read"],
            )
        self._do(Call("ListShards", {"StreamName": "orders", "MaxResults": 1}, "shards"))
        self._do(Call("ListStreams", {"Limit": 2}, "streams"))
        if "ReceiveQueueRecords" in MODEL.operation_names:
            self._do(Call("ReceiveQueueRecords", {"QueueARN": JOBS, "Limit": 2}, "received"))
            self._do(Call("ListQueues", {"MaxResults": 1}, "queues"))
        self._remember()
        return self

    def state(self) -> Any:
        """The whole state, after the fake has done everything that is due.

        What counts calls and bytes per second is left out: AWS counts what it refuses, too.
        """
        world = self.kinesis._backstage.world
        for region in world.regions.values():
            for queue in region.queues.values():
                assert self.kinesis.queue(queue.queue_arn).in_flight is not None
        rates, world.rates = world.rates, None
        try:
            return state_of(self.kinesis)
        finally:
            world.rates = rates

    def _furnish(self) -> None:
        kinesis = self.kinesis
        self._do(Call("RegisterStreamConsumer", {"StreamARN": ORDERS, "ConsumerName": "billing"}))
        self._do(Call("StartStreamEncryption", {"StreamName": "secret", "EncryptionType": "KMS", "KeyId": KEY}))
        if "CreateChannel" in MODEL.operation_names:
            self._do(Call("CreateChannel", channel("lake", FLOW)))
            self.made["lake"] = self.made["answer"]["ChannelDescription"]["ChannelARN"]
        kinesis.settle()
        if "CreateQueue" in MODEL.operation_names:
            for queue_name, stream_arn in (("jobs", FLOW), ("vault", SECRET)):
                configuration = {"StreamARN": stream_arn, "StartingPosition": {"Type": "TRIM_HORIZON"}}
                self._do(Call("CreateQueue", {"QueueName": queue_name, "StreamConfigurationList": [configuration]}))
                self.made[queue_name] = self.made["answer"]["QueueDescription"]["QueueARN"]
        kinesis.settle()
        kinesis.travel_to("2026-01-01T00:01:00Z")
        for stream_name in ("orders", "resharded", "flow", "secret"):
            for number in range(4):
                kinesis.stream(stream_name).put(b"data-%d" % number, f"key-{number}")
            kinesis.advance(milliseconds=1234)
        kinesis.stream("resharded").split(SHARD)
        self._do(Call("CreateStream", {"StreamName": "creating", "ShardCount": 2}))
        self._do(Call("IncreaseStreamRetentionPeriod", {"StreamName": "updating", "RetentionPeriodHours": 48}))
        self._do(Call("DeleteStream", {"StreamName": "deleting"}))
        self.client("STRANGER").list_streams()  # that account has been here, so that a refusal leaves all as it was

    def resolve(self, value: Any, operation: str = "") -> Any:
        """A value of the table with what earlier answers hold put into it."""
        if isinstance(value, From):
            found: Any = self.made
            for step in value.path.split("."):
                found = found[int(step)] if step.isdigit() else found[step]
            return found
        if value is OPERATION:
            return operation
        if value is ACTION:
            return f"kinesis:{operation}"
        if isinstance(value, str):
            return self.here(value)
        if isinstance(value, Mapping):
            return {name: self.resolve(item, operation) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.resolve(item, operation) for item in value)
        return value

    def here(self, text: str) -> str:
        """A text with the region and the partition of this account."""
        partition = PARTITIONS[self._region_name]
        return text.replace("arn:aws:", f"arn:{partition}:").replace("us-east-1", self._region_name)

    def expected(self, error: tuple[Any, ...], operation: str) -> errors.AwsError:
        """The error that a scenario names."""
        constructor, *arguments = error
        made: errors.AwsError = constructor(*(self.resolve(each, operation) for each in arguments))
        return made

    def _do(self, *steps: Call | Step) -> None:
        for each in steps:
            if isinstance(each, Call):
                method = getattr(self.client(), xform_name(each.operation))
                self.made[each.name] = method(**self.resolve(each.params))
            elif isinstance(result := each(self.kinesis), Injection):
                self._injections.append(result)

    def prepare(self, scenario: Scenario) -> None:
        """Everything that comes before the call."""
        self._do(*scenario.given)
        if scenario.is_throttled:
            self._do(lambda kinesis: kinesis.inject(Fault.throttle(scenario.operation)))

    def call(self, scenario: Scenario, *, parameter_validation: bool = False) -> Outcome:
        """The call itself."""
        access_key = "STRANGER" if scenario.is_strangers else "OWNER"
        client = self.client(access_key, parameter_validation=parameter_validation)
        try:
            answer = getattr(client, xform_name(scenario.operation))(**self.resolve(scenario.params))
        except ClientError as error:
            return Outcome(error=error)
        played = Outcome(answer)
        if "EventStream" in answer:
            stream = answer["EventStream"]
            events: list[Any] = []
            answer["EventStream"] = events
            iterator = self._events(client, stream)
            try:
                while len(events) < scenario.events:
                    events.append(next(iterator))
                self._do(*scenario.then)
                if scenario.breaks_with is not None:
                    next(iterator)
            except EventStreamError as error:
                played.stream_error = error
        return played


@cache
def _stage(region_name: str, *options: tuple[str, Any]) -> Account:
    return Account(region_name, **dict(options))


def account_for(scenario: Scenario, region_name: str = "us-east-1") -> Account:
    """An account on which everything has happened that comes before the call."""
    account = _stage(region_name, *scenario.options.items()).set()
    account.prepare(scenario)
    return account

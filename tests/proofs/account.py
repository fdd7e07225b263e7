"""The account that the tables of operations use: every call finds it in the same state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.eventstream import EventStreamError
from botocore.exceptions import ClientError

from kinesis_fake import Fault, KinesisFake, errors
from kinesis_fake.faults.injection import Injection
from tests.proofs.scenario import (
    ACTION,
    FLOW,
    JOBS,
    KEY,
    MODEL,
    OPERATION,
    ORDERS,
    SECRET,
    SHARD,
    START,
    A,
    Call,
    From,
    Scenario,
    Step,
    channel,
)
from tests.support.state import state_of

PARTITIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}


@dataclass
class Outcome:
    """The outcome of a call: an answer, with the events of its stream in a list, or an error."""

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
        """Restore the account's first state."""
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

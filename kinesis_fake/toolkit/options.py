"""The options of a fake: the checks of what the test passes, and what that means."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kinesis_fake import botocore_hook
from kinesis_fake.botocore_hook import Caller
from kinesis_fake.domain.arn import is_account_id
from kinesis_fake.domain.world import World
from kinesis_fake.misuse import (
    KinesisFakeError,
    instance_of,
    mapping,
    one_of,
    shown,
    text,
    whole_number,
    yes_or_no,
)
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.registry import OPERATIONS
from kinesis_fake.settings import AWS_DURATIONS, AWS_LIMITS, Durations, Limits, has_rates, with_aws_rates
from kinesis_fake.virtual_time.agenda import Agenda
from kinesis_fake.virtual_time.clock import SharedClock, SystemClock, VirtualClock, datetime_of
from kinesis_fake.virtual_time.timeline import Timeline

if TYPE_CHECKING:
    from kinesis_fake.toolkit.backstage import Backstage
    from kinesis_fake.toolkit.files import State

#: A seed goes into the key that seals a fake's tokens, and starts its generator; sixty-four bits are enough.
LOWEST_SEED, HIGHEST_SEED = -(1 << 63), (1 << 63) - 1
#: As many calls as a list of Python can hold.
MAX_CALLS = sys.maxsize
#: The word that takes the place of a number of shards.
ON_DEMAND = "on-demand"
#: The word that ``virtual_sleep`` takes besides yes and no.
MANUAL = "manual"
#: The word that ``durations`` takes besides a Durations(...).
INSTANT = "instant"
_REGION_NAME = re.compile("[a-z]+(-[a-z]+)+-[0-9]+", re.ASCII)
_CALLER = r"(\d{12})|arn:aws[^:]*:(?:iam|sts)::(\d{12}):.+"


class Configuration(NamedTuple):
    """The options of a fake, checked: what it is and does."""

    #: The kind of its clock: virtual, system or shared.
    clock: str
    start: datetime | str | None
    durations: Durations
    limits: Limits
    #: Whether a long poll moves the clock, and whether an answer does that shows a resource in transition.
    jumps: bool
    jumps_over_transitions: bool
    sleeps_virtually: bool
    #: Whether threads and tasks sleep until the test moves the clock.
    is_manual: bool
    #: Its own account and region.
    home: tuple[str, str]
    callers: Mapping[str | None, Caller]
    #: The parameters of create_stream() for each stream that it has from the beginning.
    streams: Mapping[str, Mapping[str, Any]]
    seed: int
    #: The scenario that it begins with, and how messages name the file.
    scenario: Mapping[str, Any] | None
    name: str

    def new_world(self) -> World:
        """The world of the fake, without its streams."""
        world = World(self.durations, self.limits, self.seed)
        world.accounts = frozenset([self.home[0], *(caller.account_id for caller in self.callers.values())])
        if self.limits is not AWS_LIMITS and has_rates(self.limits):
            from kinesis_fake.domain.rates import Rates

            world.rates = Rates(self.limits)
        return world

    def new_timeline(self, agenda: Agenda) -> Timeline:
        """The timeline of the fake, with its clock."""
        clock = _clock_of(self.clock, self.start, self.sleeps_virtually)
        if not self.is_manual:
            return Timeline(clock, agenda)
        from kinesis_fake.virtual_time.manual_timeline import ManualTimeline

        return ManualTimeline(clock, agenda)

    def put_scenario_into(self, backstage: Backstage) -> None:
        """Put the scenario, if there is one, into the fake."""
        if self.scenario is not None:
            from kinesis_fake.toolkit.scenarios import put_into

            put_into(backstage, self.scenario, self.name)


def checked(
    start: Any,
    streams: Any,
    durations: Any,
    limits: Any,
    rate_limits: Any,
    autojump: Any,
    virtual_sleep: Any,
    clock: Any,
    account_id: Any,
    accounts: Any,
    region: Any,
    seed: Any,
    remember_calls: Any,
    state: Any,
    compatible_with: Any,
) -> Configuration:
    """Check the options of a fake, which may be anything, and say what they mean together."""
    callers = _callers_of(accounts)
    wanted = _streams_of(streams)
    home = _account_id_of(account_id), _region_name_of(region)
    if clock is not None:
        one_of("clock", clock, ("virtual", "system", "shared"))
    whole_number("seed", seed, LOWEST_SEED, HIGHEST_SEED)
    if remember_calls is not None:
        whole_number("remember_calls", remember_calls, 0, MAX_CALLS)
    jumps = autojump is None or yes_or_no("autojump", autojump)
    sleeps_virtually = _virtual_sleep_of(virtual_sleep, clock)
    clock, start, scenario, name = _beginning_of(start, clock, state, compatible_with)
    if durations is None and (clock == "system" or compatible_with is not None):
        durations = INSTANT
    durations, limits = _durations_of(durations), _limits_of(limits)
    if yes_or_no("rate_limits", rate_limits):
        limits = with_aws_rates(limits)
    return Configuration(
        clock=clock,
        start=start,
        durations=durations,
        limits=limits,
        jumps=jumps,
        # On a clock that follows the system clock, a transition that takes time would wait for that clock.
        jumps_over_transitions=jumps if clock != "system" else autojump is True,
        sleeps_virtually=sleeps_virtually,
        is_manual=virtual_sleep == MANUAL,
        home=home,
        callers=callers,
        streams=wanted,
        seed=seed,
        scenario=scenario,
        name=name,
    )


def _beginning_of(
    start: datetime | str | None, clock: str | None, state: State | None, compatible_with: str | None
) -> tuple[str, datetime | str | None, Mapping[str, Any] | None, str]:
    """The kind of the clock, where it starts, the scenario and its name.

    A scenario may say when it is, unless the clock follows the system clock.
    """
    if clock == "system" and start is not None:
        raise KinesisFakeError(
            "A clock that follows the system clock cannot have a start; leave start= out.", see="clock"
        )
    if compatible_with is not None:
        one_of("compatible_with", compatible_with, (None, "moto"))
        if clock is None and start is None and state is None:  # the test says nothing of time itself
            clock = "system"
    clock = clock or "virtual"
    if state is None:
        return clock, start, None, ""
    from kinesis_fake.toolkit.files import read_document
    from kinesis_fake.toolkit.scenarios import start_of

    document, name = read_document(state)
    at = start_of(document, name)
    if at is not None:
        if start is not None or clock == "system":
            raise KinesisFakeError(f"{name} says when it is (now); leave start= and clock='system' out.", see="clock")
        start = datetime_of(at)
    return clock, start, document, name


def _account_id_of(value: Any) -> str:
    """An account: twelve digits."""
    if not isinstance(value, str) or not is_account_id(value):
        raise KinesisFakeError(f"account_id must be twelve digits, such as '123456789012', not {shown(value)}.")
    return value


def _region_name_of(value: Any) -> str:
    """The name of a region, which need not exist."""
    if not isinstance(value, str) or _REGION_NAME.fullmatch(value) is None:
        raise KinesisFakeError(f"region must be the name of a region, such as 'us-east-1', not {shown(value)}.")
    return value


def _durations_of(value: Any) -> Durations:
    """The durations of transitions: AWS's unless the test gives others; with the word instant, none."""
    if isinstance(value, str):
        if value != INSTANT:
            raise KinesisFakeError(f"durations must be a Durations(...) or 'instant', not {shown(value)}.")
        return Durations.instant()
    return AWS_DURATIONS if value is None else instance_of("durations", value, Durations)


def _clock_of(kind: str, start: datetime | str | None, sleeps_virtually: bool) -> VirtualClock:
    if kind == "system":
        return SystemClock(keeps_distance=sleeps_virtually)
    return SharedClock(start) if kind == "shared" else VirtualClock(start)


def _virtual_sleep_of(value: Any, clock: str | None) -> bool:
    """Whether sleeps and timeouts are virtual. With a shared clock they must be."""
    if value is None:
        return clock == "shared"
    if isinstance(value, str):
        if value != MANUAL:
            raise KinesisFakeError(f"virtual_sleep must be True, False or 'manual', not {shown(value)}.")
        return True
    if not yes_or_no("virtual_sleep", value) and clock == "shared":
        raise KinesisFakeError(
            "clock='shared' needs virtual sleep: while time.monotonic() shows the virtual time, a loop that sleeps "
            "until a deadline would never end if its sleeps were real. Leave virtual_sleep= out.",
            see="clock",
        )
    return bool(value)


def _limits_of(value: Any) -> Limits:
    """The limits: AWS's unless the test gives others."""
    return AWS_LIMITS if value is None else instance_of("limits", value, Limits)


def _callers_of(accounts: Any) -> dict[str | None, Caller]:
    """The account, user or role that each access key belongs to."""
    if accounts is None:
        return {}
    given = mapping("accounts", accounts, such_as="accounts={'AKIA...': '111122223333'}")
    for access_key in given:
        text("Each key of accounts", access_key, such_as="AKIAIOSFODNN7EXAMPLE", pattern="[!-~]+")
    return {access_key: _caller(owner) for access_key, owner in given.items()}


def _caller(owner: Any) -> Caller:
    match = re.fullmatch(_CALLER, owner, re.ASCII) if isinstance(owner, str) else None
    if match is None:
        raise KinesisFakeError(
            "accounts gives each access key an account, such as '111122223333', or the ARN of a user or role, such as "
            f"'arn:aws:iam::111122223333:role/reader', not {shown(owner)}."
        )
    return Caller(match[1] or match[2], None if match[1] else owner)


def _streams_of(streams: Any) -> dict[str, dict[str, Any]]:
    """The parameters of create_stream() for each stream that a fake has from the beginning."""
    if streams is None:
        return {}
    form = "streams={'orders': 2} or streams={'orders': {'shard_count': 2}}"
    given = mapping("streams", streams, such_as=form)
    return {name: _parameters_of(name, value, form) for name, value in given.items()}


def _parameters_of(stream_name: str, value: Any, form: str) -> dict[str, Any]:
    if value == ON_DEMAND and isinstance(value, str):
        return {}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"shards": value}
    if not isinstance(value, Mapping):
        raise KinesisFakeError(
            f"The stream {stream_name!r} must be a number of shards, 'on-demand' or a dict, such as {form}, not "
            f"{shown(value)}."
        )
    return {text("Each key of streams", name): parameter for name, parameter in value.items()}


def members_of(operation_name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The API's members for keyword arguments in snake case."""
    argument_of = OPERATIONS[operation_name].argument_of
    members: dict[str | None, str] = {}
    for member in botocore_hook.input_shape_of(operation_name).members:
        # max_record_size_in_kib is also max_record_size_in_ki_b, because botocore makes that of MaxRecordSizeInKiB.
        members[argument_of(member)] = members[botocore_hook.snake_case(member)] = member
    named: dict[str, Any] = {}
    for name, value in parameters.items():
        member = members.get(name)
        if member is None:
            raise KinesisFakeError(
                f"{operation_name} has no parameter {name!r}; write its parameters in snake case, such as shard_count."
            )
        if member in named:
            raise KinesisFakeError(f"{operation_name} is given its parameter {name!r} twice; write it in one way.")
        named[member] = value
    return named


def members_of_stream(stream_name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The members of CreateStream for the arguments with which a test makes a stream; ``shards`` is the shard count."""
    given = {name: value for name, value in parameters.items() if name != "shards"}
    if "stream_name" in given:
        raise KinesisFakeError(f"The stream {shown(stream_name)} has its name already; leave stream_name out.")
    if (shards := parameters.get("shards")) is not None:
        if given.get("shard_count") is not None:
            raise KinesisFakeError(
                f"The stream {shown(stream_name)} is given shards={shown(shards)} and "
                f"shard_count={shown(given['shard_count'])}, which mean the same; leave one of them out."
            )
        given["shard_count"] = shards
    members = members_of("CreateStream", given)
    if members.keys() - {"ShardCount"}:
        wrong = botocore_hook.wrong_types(
            botocore_hook.input_shape_of("CreateStream"), {"StreamName": stream_name, **members}
        )
        if wrong is not None:
            raise KinesisFakeError(f"create_stream({stream_name!r}) was refused: {wrong}.")
    return members

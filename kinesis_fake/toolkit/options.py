"""What a fake can be told when it is made: the checks of its options, and what they mean."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kinesis_fake import botocore_hook
from kinesis_fake.botocore_hook import Caller
from kinesis_fake.domain.arn import is_account_id
from kinesis_fake.misuse import KinesisFakeError, instance_of, mapping, shown, text, yes_or_no
from kinesis_fake.settings import AWS_DURATIONS, AWS_LIMITS, Durations, Limits
from kinesis_fake.virtual_time.clock import SharedClock, SystemClock, VirtualClock

#: A seed takes part in the key of a fake's tokens and starts its generator; sixty-four bits are more than enough.
LOWEST_SEED, HIGHEST_SEED = -(1 << 63), (1 << 63) - 1
#: As many calls as a list of Python can hold.
MAX_CALLS = sys.maxsize
#: The word that takes the place of a number of shards.
ON_DEMAND = "on-demand"
#: The word that ``virtual_sleep`` takes besides yes and no.
MANUAL = "manual"
#: The word that ``durations`` takes besides a Durations(...).
INSTANT = "instant"
_CALLER = r"(\d{12})|arn:aws[^:]*:(?:iam|sts)::(\d{12}):.+"


def account_id_of(value: Any) -> str:
    """An account: twelve digits."""
    if not isinstance(value, str) or not is_account_id(value):
        raise KinesisFakeError(f"account_id must be twelve digits, such as '123456789012', not {shown(value)}.")
    return value


def region_name_of(value: Any) -> str:
    """The name of a region, which need not exist."""
    if not isinstance(value, str) or re.fullmatch("[a-z0-9-]+", value, re.ASCII) is None:
        raise KinesisFakeError(f"region must be the name of a region, such as 'us-east-1', not {shown(value)}.")
    return value


def durations_of(value: Any) -> Durations:
    """The durations of transitions: AWS's if nothing is said, and none with the word instant."""
    if isinstance(value, str):
        if value != INSTANT:
            raise KinesisFakeError(f"durations must be a Durations(...) or 'instant', not {shown(value)}.")
        return Durations.instant()
    return AWS_DURATIONS if value is None else instance_of("durations", value, Durations)


def clock_of(kind: str, start: datetime | str | None, sleeps_virtually: bool) -> VirtualClock:
    """The clock of a fake."""
    if kind == "system":
        return SystemClock(keeps_distance=sleeps_virtually)
    return SharedClock(start) if kind == "shared" else VirtualClock(start)


def virtual_sleep_of(value: Any, clock: str) -> bool:
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


def limits_of(value: Any) -> Limits:
    """The limits: AWS's if nothing is said."""
    return AWS_LIMITS if value is None else instance_of("limits", value, Limits)


def callers_of(accounts: Any) -> dict[str | None, Caller]:
    """Whom access keys belong to."""
    if accounts is None:
        return {}
    given = mapping("accounts", accounts, such_as="accounts={'AKIA...': '111122223333'}")
    return {access_key: _caller(owner) for access_key, owner in given.items()}


def _caller(owner: Any) -> Caller:
    match = re.fullmatch(_CALLER, owner, re.ASCII) if isinstance(owner, str) else None
    if match is None:
        raise KinesisFakeError(
            "accounts gives each access key an account, such as '111122223333', or the ARN of a user or role, such as "
            f"'arn:aws:iam::111122223333:role/reader', not {shown(owner)}."
        )
    return Caller(match[1] or match[2], None if match[1] else owner)


def streams_of(streams: Any) -> dict[str, dict[str, Any]]:
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

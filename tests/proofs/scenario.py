"""The parts of the tables of operations: calls, and the outcome that each must have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import botocore.session

from kinesis_fake import Fault, KinesisFake, errors

MODEL = botocore.session.get_session().get_service_model("kinesis")

START = "2026-01-01T00:00:00Z"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=timezone.utc)
LATER = MIDNIGHT + timedelta(hours=1)
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
    """A value of an earlier answer, by its path, such as ``page.NextToken``."""

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
    """The refusals of a call for each state of the KMS key."""
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


# --- rows of operations on one stream ------------------------------------------------------------------------------


def active(**params: object) -> list[Scenario]:
    """Success by the name and by the ARN."""
    return [ok({"StreamName": "calm", **params}), ok({"StreamARN": CALM, **params})]


def unusual(**params: object) -> list[Scenario]:
    """The refusals of any operation: an unknown stream, a name and an ARN that disagree, a rate, and other accounts."""
    return [
        refused((errors.stream_not_found, "nowhere", A), {"StreamName": "nowhere", **params}),
        refused(
            (errors.stream_name_and_arn_disagree, "calm", ORDERS),
            {"StreamName": "calm", "StreamARN": ORDERS, **params},
        ),
        throttled({"StreamName": "calm", **params}, "calm"),
        denied(CALM, {"StreamARN": CALM, **params}),
    ]


def by_arn(**params: object) -> list[Scenario]:
    """The same for operations that know streams by their ARNs alone."""
    return [
        ok({"StreamARN": CALM, **params}),
        refused((errors.stream_not_found, "nowhere", A), {"StreamARN": arn("nowhere"), **params}),
        throttled({"StreamARN": CALM, **params}, "calm"),
    ]


def busy(status: str, **params: object) -> Scenario:
    """A stream that is not ACTIVE."""
    address = {} if "StreamARN" in params else {"StreamName": status.lower()}
    return refused((errors.stream_not_active, status.lower(), A, status), {**address, **params})


def absent(status: str, **params: object) -> Scenario:
    """A stream that is not there yet, or no more, for what is possible in UPDATING."""
    return refused(
        (errors.stream_not_active_or_updating, status.lower(), A, status), {"StreamName": status.lower(), **params}
    )


def pages(operation: str, *given: Call) -> list[Scenario]:
    """Tokens and sizes of the pages of a list of queues or channels, and that it may be denied."""
    page = Call(operation, {"MaxResults": 1}, "page")
    following = {"NextToken": From("page.NextToken")}
    return [
        ok(following, *given, page),
        refused(
            errors.next_token_expired, following, *given, page, lambda kinesis: kinesis.advance(milliseconds=300_001)
        ),
        refused(errors.next_token_invalid, {"NextToken": "nonsense"}),
        invalid(
            "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
            {"MaxResults": 0},
        ),
        throttled({}),
        refused(
            (errors.access_denied, ROOT, f"kinesis:{operation}", "*"),
            {},
            lambda kinesis: kinesis.inject(Fault.access_denied()),
        ),
    ]


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

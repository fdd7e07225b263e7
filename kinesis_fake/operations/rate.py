"""How often an operation may be called, and AWS's error for a call that comes too often."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from kinesis_fake import errors
from kinesis_fake.domain.shard import shard_id_of
from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.errors import AwsError
    from kinesis_fake.faults.effects import AddressedCall


class Rate(NamedTuple):
    """The rate of one operation.

    ``scope`` says whose calls are counted together; None is an operation for which AWS documents no rate. A shard's
    rates depend on more than the number of calls, so these operations ask the shard's meters themselves.
    ``exceeded`` makes AWS's error, both for the rate and for faults.
    """

    scope: Literal["account", "stream", "shard"] | None
    calls_per_second: int | None
    exceeded: Callable[[AddressedCall], AwsError]


def per_account(calls_per_second: int) -> Rate:
    """A rate per account and region (API reference, each operation)."""
    return Rate("account", calls_per_second, _account_or_stream)


def per_stream(calls_per_second: int) -> Rate:
    """A rate per stream (API reference, each operation)."""
    return Rate("stream", calls_per_second, _account_or_stream)


def per_shard(exceeded: Callable[[AddressedCall], AwsError]) -> Rate:
    """The rates of a shard, which its meters know."""
    return Rate("shard", None, exceeded)


def writes(call: AddressedCall) -> AwsError:
    return errors.write_rate_exceeded(call.shard_id or shard_id_of(0), call.stream_name or "", call.account_id)


def reads(call: AddressedCall) -> AwsError:
    return errors.read_rate_exceeded(call.account_id, call.stream_name or "", call.shard_id or shard_id_of(0))


def iterators(call: AddressedCall) -> AwsError:
    return errors.iterator_rate_exceeded(call.account_id, call.stream_name or "", call.shard_id or shard_id_of(0))


def subscriptions(call: AddressedCall) -> AwsError:
    return errors.subscription_rate_exceeded(call.stream_name or "", call.account_id)


def _account_or_stream(call: AddressedCall) -> AwsError:
    if call.stream_name is None:
        return errors.account_rate_exceeded(call.account_id)
    return errors.stream_rate_exceeded(call.stream_name, call.account_id)


#: AWS documents no rate.
UNDOCUMENTED = Rate(None, None, _account_or_stream)
#: AWS documents no rate for the records of queues, but an error of their own (API reference, errors of the operations).
QUEUE_RECORDS = Rate(None, None, lambda call: errors.throttling_exception())

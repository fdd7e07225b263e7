"""How often an operation may be called, and what AWS says when that was too often."""

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

    ``scope`` is what the calls are counted by. What a shard takes and gives depends on more than the number of calls;
    the operation itself asks the meters of the shard. None is an operation for which no rate is documented.
    ``exceeded`` words AWS's error, for the rate itself and for faults.
    """

    scope: Literal["account", "stream", "shard"] | None
    calls_per_second: int | None
    exceeded: Callable[[AddressedCall], AwsError]


def per_account(calls_per_second: int) -> Rate:
    """So many calls per second, account and region (API reference, each operation)."""
    return Rate("account", calls_per_second, _account_or_stream)


def per_stream(calls_per_second: int) -> Rate:
    """So many calls per second and stream (API reference, each operation)."""
    return Rate("stream", calls_per_second, _account_or_stream)


def per_shard(exceeded: Callable[[AddressedCall], AwsError]) -> Rate:
    """What a shard takes and gives."""
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


#: AWS documents no number.
UNDOCUMENTED = Rate(None, None, _account_or_stream)
#: AWS documents no number for the records of queues, but another error than elsewhere (API reference, their errors).
QUEUE_RECORDS = Rate(None, None, lambda call: errors.throttling_exception())

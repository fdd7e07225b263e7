"""One call on its way through the service, and what it addresses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kinesis_fake.domain.arn import parse_arn
from kinesis_fake.domain.hash_key import MAX_HASH_KEY, hash_key_of
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sealed_token import InvalidTokenError
from kinesis_fake.domain.shard import canonical_shard_id, shard_id_of
from kinesis_fake.domain.stream import Stream
from kinesis_fake.operations.registry import Operation

if TYPE_CHECKING:
    from kinesis_fake.domain.world import World
    from kinesis_fake.faults.call_faults import CallFaults
    from kinesis_fake.faults.effects import AddressedCall

#: Members with the ARN of the resource that a call is about. If several are given, the first one here counts.
ARN_MEMBERS_IN_ORDER = ("ConsumerARN", "QueueARN", "ChannelARN", "ResourceARN", "StreamARN")
#: A call that gives none of these names nothing of another account, and needs no permission.
ARN_MEMBERS = frozenset(ARN_MEMBERS_IN_ORDER)


class Request:
    """One call: its operation, its valid parameters, its region, its caller and its instant.

    ``now`` is the instant at which it is carried out, in milliseconds since the epoch. From ``gives_up_at`` on the
    client does not wait for an answer any more. ``is_poll_of_waiter`` says that an SDK waiter makes the call; such a
    waiter moves the clock itself, from one poll to the next.
    """

    __slots__ = ("caller_arn", "faults", "gives_up_at", "is_poll_of_waiter", "now", "operation", "params", "region")

    def __init__(
        self,
        operation: Operation,
        params: Mapping[str, Any],
        region: Region,
        caller_arn: str,
        now: int,
        gives_up_at: float = math.inf,
        is_poll_of_waiter: bool = False,
    ) -> None:
        self.operation: Operation = operation
        self.params: Mapping[str, Any] = params
        self.region: Region = region
        self.caller_arn: str = caller_arn
        self.now: int = now
        self.gives_up_at: float = gives_up_at
        self.is_poll_of_waiter: bool = is_poll_of_waiter
        #: The faults that strike it, if any.
        self.faults: CallFaults | None = None


def parts_of_iterator(world: World, token: str) -> list[Any]:
    """The ``ShardIterator.parts`` that a token was sealed with; raises InvalidTokenError.

    Some clients send the iterator as JSON text within JSON; AWS accepts the quotes around it (recorded).
    """
    return world.mint.open("iterator", token[1:-1] if token[:1] == token[-1:] == '"' else token)


_SHARD_MEMBERS = ("ShardId", "ShardToSplit", "ShardToMerge", "AdjacentShardToMerge")
#: The key with which AWS encrypts a stream that names no other.
_AWS_KEY = "alias/aws/kinesis"


def addressed_call(request: Request) -> AddressedCall:
    """The stream, shards and consumer that a call addresses, as far as its parameters tell."""
    from kinesis_fake.domain.encryption import key_arn_of
    from kinesis_fake.faults.effects import AddressedCall

    region, params = request.region, request.params
    account_id, stream_name = region.account_id, params.get("StreamName")
    consumers = {params["ConsumerName"]} if "ConsumerName" in params else set()
    arns = [params[member] for member in ARN_MEMBERS_IN_ORDER if member in params]
    for text in arns:
        arn = parse_arn(text)
        if arn is None:
            continue
        account_id = arn.account_id
        kind, _, name = arn.resource.partition("/")
        if kind == "stream":
            stream_name, _, consumer = name.partition("/consumer/")
            if consumer:
                consumers |= {consumer.rpartition(":")[0], text}
        elif kind == "queue":
            home = arn.home(region.world)
            queue = home.queues.get(name) if home is not None else None
            stream_name = queue.stream.stream_name if queue is not None else stream_name
    shards = [canonical_shard_id(params[member]) for member in _SHARD_MEMBERS if member in params]
    if "ShardIterator" in params:
        try:
            account_id, _, stream_name, _, shard_index, *_ = parts_of_iterator(region.world, params["ShardIterator"])
            shards.append(shard_id_of(shard_index))
        except InvalidTokenError:
            pass  # the operation refuses it
    home = region.world.regions.get((account_id, region.region_name))
    stream = home.streams.get(stream_name) if home is not None and stream_name is not None else None
    streams = {stream_name, *(text for text in arns if ":stream/" in text)} if stream_name is not None else set()
    resource_arn = arns[0] if arns else "*"
    key_id = None
    if stream is not None and home is not None:
        shards += _shard_ids_of_records(stream, params.get("Records", (params,)))
        streams.add(stream.stream_arn)
        consumers |= {consumer.consumer_arn for name, consumer in stream.consumers.items() if name in consumers}
        resource_arn = arns[0] if arns else stream.stream_arn
        key_id = params.get("KeyId", stream.key_id)
    return AddressedCall(
        operation=request.operation,
        parameters=params,
        caller_arn=request.caller_arn,
        now=request.now,
        account_id=account_id,
        stream_name=stream_name,
        shard_id=shards[0] if shards else None,
        resource_arn=resource_arn,
        key_arn=key_arn_of(home if home is not None else region, key_id or _AWS_KEY),
        streams=frozenset(streams),
        shards=frozenset(shards),
        consumers=frozenset(consumers),
    )


def _shard_ids_of_records(stream: Stream, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The shards that records would go to. A stream that is CREATING has none, and an entry without data has none."""
    hash_keys: list[int | None] = []
    for record in records:
        if "Data" not in record or not stream.open_shards:
            continue
        if stream.is_auto_distributed:
            hash_keys.append(None)
        elif "ExplicitHashKey" in record:
            hash_keys.append(min(int(record["ExplicitHashKey"]), MAX_HASH_KEY))
        elif "PartitionKey" in record:
            hash_keys.append(hash_key_of(record["PartitionKey"]))
    return [shard.shard_id for shard in stream.shards_for(hash_keys)]

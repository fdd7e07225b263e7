"""What a call is about: the names that the filters of faults and the texts of throttling look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kinesis_fake.domain.hash_key import MAX_HASH_KEY, hash_key_of
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.shard import shard_id_of
from kinesis_fake.domain.token import InvalidTokenError
from kinesis_fake.faults import CallFacts

_ARN = re.compile(r"arn:[^:]*:kinesis:[^:]*:(\d{12}):stream/([^/]+)(?:/consumer/([^:]+):\d+)?", re.ASCII)


def facts_of(region: Region, params: Mapping[str, Any], now: int) -> CallFacts:
    """The stream, shard and consumer that a valid call addresses, as far as its parameters tell."""
    account_id = region.account_id
    stream_name = params.get("StreamName")
    consumers = {params["ConsumerName"]} if "ConsumerName" in params else set()
    arns = [params[member] for member in ("StreamARN", "ConsumerARN", "ResourceARN") if member in params]
    for arn in arns:
        match = _ARN.fullmatch(arn)
        if match is not None:
            account_id, stream_name = match[1], match[2]
            if match[3] is not None:
                consumers |= {match[3], arn}
    shards = {params[member] for member in ("ShardId", "ShardToSplit", "ShardToMerge") if member in params}
    if "ShardIterator" in params:
        try:
            iterator: list[Any] = region.world.mint.open("iterator", params["ShardIterator"])
            account_id, stream_name = iterator[0], iterator[2]
            shards.add(shard_id_of(iterator[4]))
        except InvalidTokenError:
            pass
    home = region.world.regions.get((account_id, region.region_name))
    stream = home.streams.get(stream_name) if home is not None and stream_name is not None else None
    if stream is not None and "PartitionKey" in params and stream.open_shards:
        explicit = params.get("ExplicitHashKey")
        hash_key = hash_key_of(params["PartitionKey"]) if explicit is None else min(int(explicit), MAX_HASH_KEY)
        shards.add(stream.locate(hash_key).shard_id)
    streams = {stream_name} if stream_name is not None else set()
    if stream is not None:
        streams.add(stream.stream_arn)
    return CallFacts(
        parameters=params,
        account_id=account_id,
        now=now,
        stream_name=stream_name,
        shard_id=min(shards, default=None),
        streams=frozenset(streams),
        shards=frozenset(shards),
        consumers=frozenset(consumers),
    )

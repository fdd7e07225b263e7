"""Finding the resource that a call names."""

from __future__ import annotations

import re
from typing import NamedTuple

from kinesis_fake import errors
from kinesis_fake.domain.region import Region, World, partition_of
from kinesis_fake.domain.stream import Stream

_ARN = re.compile(r"arn:([^:]*):kinesis:([^:]*):(\d{12}):(.*)", re.ASCII | re.DOTALL)
_SHARD_INDEX = re.compile(r"\d+", re.ASCII)
_MAX_SHARD_INDEX = (1 << 31) - 1


class Arn(NamedTuple):
    """The ARN of something in Kinesis, taken apart."""

    region_name: str
    account_id: str
    #: What stands after the account, such as ``stream/orders``.
    resource: str

    def home(self, world: World) -> Region | None:
        """Where the thing would be; None if the account has nothing in this region."""
        return world.regions.get((self.account_id, self.region_name))


def parse_arn(text: str) -> Arn | None:
    """None for what is no ARN of Kinesis, or has a partition that its region is not in."""
    match = _ARN.fullmatch(text)
    if match is None or match[1] != partition_of(match[2]):
        return None
    return Arn(match[2], match[3], match[4])


def parse_arn_of(region: Region, text: str) -> Arn | None:
    """The ARN of something that a call in this region can mean; AWS's error for another region or no account."""
    arn = parse_arn(text)
    if arn is not None:
        if arn.region_name != region.region_name:
            raise errors.arn_of_another_region(text)
        if not region.world.has_account(arn.account_id):
            raise errors.account_not_found()
    return arn


class StreamAddress(NamedTuple):
    """A stream as a call names it; there may be none behind it."""

    region: Region | None
    account_id: str
    stream_name: str

    def find(self) -> Stream | None:
        """The stream, if it exists."""
        return self.region.streams.get(self.stream_name) if self.region is not None else None

    def stream(self) -> Stream:
        """The stream; AWS's error if there is none."""
        stream = self.find()
        if stream is None:
            raise errors.stream_not_found(self.stream_name, self.account_id)
        return stream


def address_of(region: Region, stream_name: str | None, stream_arn: str | None) -> StreamAddress:
    """The stream that a name, an ARN or both mean."""
    if stream_arn is None:
        if stream_name is None:
            raise errors.stream_address_missing()
        return StreamAddress(region, region.account_id, stream_name)
    arn = parse_arn_of(region, stream_arn)
    if arn is None or not arn.resource.startswith("stream/"):  # the model's pattern is wider than any real ARN
        raise errors.stream_not_found(stream_arn.rpartition("/")[2], region.account_id)
    name = arn.resource.removeprefix("stream/")
    if stream_name is not None and stream_name != name:
        raise errors.stream_name_and_arn_disagree(stream_name, stream_arn)
    return StreamAddress(arn.home(region.world), arn.account_id, name)


def shard_index_of(shard_id: str, address: StreamAddress) -> int:
    """The index in a shard id, which AWS reads leniently: what stands before the first ``-`` does not matter."""
    _, hyphen, rest = shard_id.partition("-")
    digits = rest if hyphen else shard_id
    if _SHARD_INDEX.fullmatch(digits) is None or int(digits) > _MAX_SHARD_INDEX:
        raise errors.could_not_find_shard(shard_id, address.stream_name, address.account_id)
    return int(digits)

"""The ARNs of Kinesis, taken apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.world import World

_ARN = re.compile(r"arn:([^:]*):kinesis:([^:]*):(\d{12}):(.*)", re.ASCII | re.DOTALL)

_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


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


def partition_of(region_name: str) -> str:
    """The ARN partition of a region."""
    for prefix, partition in _PARTITIONS.items():
        if region_name.startswith(prefix):
            return partition
    return "aws"

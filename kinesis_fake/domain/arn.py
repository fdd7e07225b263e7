"""The ARNs of Kinesis, taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_fake.named_tuples import NamedTuple

if TYPE_CHECKING:
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.world import World

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
    #: The part after the account, such as ``stream/orders``.
    resource: str

    def home(self, world: World) -> Region | None:
        """The region where the ARN's resource would be; None if the account has nothing in this region."""
        return world.regions.get((self.account_id, self.region_name))


def parse_arn(text: str) -> Arn | None:
    """Take an ARN apart; None for a text that is no ARN of Kinesis, or whose region is not in its partition."""
    parts = text.split(":", 5)
    if len(parts) < 6:
        return None
    arn, partition, service, region_name, account_id, resource = parts
    if (arn, service) != ("arn", "kinesis") or partition != partition_of(region_name) or not is_account_id(account_id):
        return None
    return Arn(region_name, account_id, resource)


def is_account_id(text: str) -> bool:
    """Whether a text is an account: twelve digits."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def partition_of(region_name: str) -> str:
    """The ARN partition of a region."""
    for prefix, partition in _PARTITIONS.items():
        if region_name.startswith(prefix):
            return partition
    return "aws"

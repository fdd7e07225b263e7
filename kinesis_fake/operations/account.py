"""An account's quotas in a region, how much of them it uses, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinesis_fake.domain.commitment import ENABLED
from kinesis_fake.domain.region import Region
from kinesis_fake.operations.rate import per_account
from kinesis_fake.operations.registry import Result, operation
from kinesis_fake.settings import MINIMUM_COMMITMENT_MS
from kinesis_fake.virtual_time.timestamps import TIMESTAMPS


@operation(rate=per_account(1), across_accounts=None, kms=None, member_order=())
def describe_limits(region: Region, now: int) -> Result:
    """Show quotas and how much of them is used. AWS may show old limits for some minutes; the fake never does."""
    limits = region.world.limits
    return {
        "ShardLimit": region.shard_limit,
        "OpenShardCount": region.open_shards.total,
        "OnDemandStreamCount": region.on_demand_streams.total,
        "OnDemandStreamCountLimit": limits.on_demand_streams,
        "ChannelCount": len(region.channels),
        "ChannelCountLimit": limits.channels,
    }


@operation(rate=per_account(5), across_accounts=None, kms=None, member_order=())
def describe_account_settings(region: Region, now: int) -> Result:
    """Show the settings of the account in this region."""
    return _settings(region, now)


@operation(rate=per_account(5), across_accounts=None, kms=None, member_order=())
def update_account_settings(
    region: Region, now: int, *, minimum_throughput_billing_commitment: Mapping[str, str]
) -> Result:
    """Enable or disable the commitment at once; the answer has the new settings."""
    if minimum_throughput_billing_commitment["Status"] == ENABLED:
        region.commitment.enable(now)
    else:
        region.commitment.disable(now)
    return _settings(region, now)


def _settings(region: Region, now: int) -> Result:
    """The settings as answers show them: EarliestAllowedEndAt until a commitment ends, and EndedAt from then on."""
    commitment = region.commitment
    started_at, ends_at = commitment.started_at, commitment.ends_at
    shown: dict[str, Any] = {"Status": commitment.status(now)}
    if started_at is not None:
        shown["StartedAt"] = TIMESTAMPS[started_at]
        if ends_at is not None and now >= ends_at:
            shown["EndedAt"] = TIMESTAMPS[ends_at]
        else:
            shown["EarliestAllowedEndAt"] = TIMESTAMPS[started_at + MINIMUM_COMMITMENT_MS]
    return {"MinimumThroughputBillingCommitment": shown}

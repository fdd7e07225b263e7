"""The quotas of an account, how much of them it uses, and its minimum throughput billing commitment."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kinesis_fake import KinesisFake, Limits
from tests.support.model import needs

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00.250Z", autojump=False)

START = datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=timezone.utc)
DAY = timedelta(hours=24)

# --- DescribeLimits ---------------------------------------------------------------------------------------------------


def limits(client: Any) -> dict[str, int]:
    answer: dict[str, int] = client.describe_limits()
    del answer["ResponseMetadata"]
    return answer


@needs("CreateChannel")
def test_an_empty_account_has_used_nothing_of_its_limits(kinesis: KinesisFake, client: Any) -> None:
    assert limits(client) == {
        "ShardLimit": 20_000,
        "OpenShardCount": 0,
        "OnDemandStreamCount": 0,
        "OnDemandStreamCountLimit": 50,
        "ChannelCount": 0,
        "ChannelCountLimit": 100,
    }


@pytest.mark.fake_kinesis(limits=Limits(shards=7, on_demand_streams=3))
def test_the_limits_are_those_of_the_fake(kinesis: KinesisFake, client: Any) -> None:
    shown = limits(client)
    assert (shown["ShardLimit"], shown["OnDemandStreamCountLimit"]) == (7, 3)


def test_the_counts_follow_what_happens(kinesis: KinesisFake, client: Any) -> None:
    def counts() -> tuple[int, int]:
        shown = limits(client)
        return shown["OpenShardCount"], shown["OnDemandStreamCount"]

    client.create_stream(StreamName="provisioned", ShardCount=3)
    assert counts() == (3, 0)  # it is CREATING, and its shards are taken already
    client.create_stream(StreamName="on-demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert counts() == (3, 1)  # the shards of on-demand streams are not counted
    kinesis.settle()
    assert counts() == (3, 1)
    kinesis.stream("provisioned").split("shardId-000000000000")
    assert counts() == (4, 1)  # the closed parent does not count
    kinesis.stream("on-demand").scale_to(6)
    assert counts() == (4, 1)
    client.update_stream_mode(
        StreamARN=kinesis.stream("on-demand").stream_arn, StreamModeDetails={"StreamMode": "PROVISIONED"}
    )
    kinesis.settle()
    assert counts() == (10, 0)
    client.delete_stream(StreamName="on-demand")
    kinesis.settle()
    assert counts() == (4, 0)


@pytest.mark.fake_kinesis(limits=Limits(shards=4))
def test_on_demand_streams_take_nothing_of_the_quota_of_shards(kinesis: KinesisFake, client: Any) -> None:
    client.create_stream(StreamName="on-demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    client.create_stream(StreamName="provisioned", ShardCount=4)
    kinesis.settle()
    assert kinesis.stream("on-demand").status == kinesis.stream("provisioned").status == "ACTIVE"


def test_every_region_has_limits_and_counts_of_its_own(kinesis: KinesisFake, client: Any, foreign_client: Any) -> None:
    kinesis.create_stream("orders", shards=3)
    shown = limits(foreign_client)
    assert (shown["ShardLimit"], shown["OpenShardCount"]) == (1_000, 0)


# --- the commitment ---------------------------------------------------------------------------------------------------


def put(client: Any, status: str) -> dict[str, Any]:
    answer = client.update_account_settings(MinimumThroughputBillingCommitment={"Status": status})
    settings: dict[str, Any] = answer["MinimumThroughputBillingCommitment"]
    assert settings == described(client)  # it answers the settings as they are from now on
    return settings


def described(client: Any) -> dict[str, Any]:
    settings: dict[str, Any] = client.describe_account_settings()["MinimumThroughputBillingCommitment"]
    return settings


def enabled(started_at: datetime) -> dict[str, Any]:
    return {"Status": "ENABLED", "StartedAt": started_at, "EarliestAllowedEndAt": started_at + DAY}


def ending(started_at: datetime) -> dict[str, Any]:
    return {**enabled(started_at), "Status": "ENABLED_UNTIL_EARLIEST_ALLOWED_END"}


def disabled(started_at: datetime, ended_at: datetime) -> dict[str, Any]:
    return {"Status": "DISABLED", "StartedAt": started_at, "EndedAt": ended_at}


@needs("UpdateAccountSettings")
def test_an_account_has_no_commitment_until_it_makes_one(kinesis: KinesisFake, client: Any) -> None:
    assert described(client) == {"Status": "DISABLED"}
    assert put(client, "DISABLED") == {"Status": "DISABLED"}
    assert put(client, "ENABLED") == enabled(START)
    assert kinesis.pending() == []  # the operation is synchronous


@needs("UpdateAccountSettings")
def test_a_commitment_goes_on_until_it_is_disabled(kinesis: KinesisFake, client: Any) -> None:
    put(client, "ENABLED")
    kinesis.advance(days=400)
    assert described(client) == enabled(START)


@needs("UpdateAccountSettings")
def test_enabling_a_commitment_again_changes_nothing(kinesis: KinesisFake, client: Any) -> None:
    put(client, "ENABLED")
    kinesis.advance(hours=5)
    assert put(client, "ENABLED") == enabled(START)


@needs("UpdateAccountSettings")
def test_a_commitment_that_is_disabled_early_ends_exactly_after_24_hours(kinesis: KinesisFake, client: Any) -> None:
    put(client, "ENABLED")
    kinesis.advance(hours=1)
    assert put(client, "DISABLED") == ending(START)
    assert put(client, "DISABLED") == ending(START)
    kinesis.advance(hours=23, milliseconds=-1)
    assert described(client) == ending(START)
    kinesis.advance(milliseconds=1)
    assert described(client) == disabled(START, START + DAY)


@needs("UpdateAccountSettings")
def test_from_24_hours_on_a_commitment_ends_at_once(kinesis: KinesisFake, client: Any) -> None:
    put(client, "ENABLED")
    kinesis.advance(hours=24, milliseconds=-1)
    assert put(client, "DISABLED") == ending(START)
    put(client, "ENABLED")
    kinesis.advance(milliseconds=1)
    assert put(client, "DISABLED") == disabled(START, START + DAY)
    kinesis.advance(hours=1)
    assert put(client, "DISABLED") == disabled(START, START + DAY)


@needs("UpdateAccountSettings")
def test_enabling_cancels_an_end_that_has_not_come(kinesis: KinesisFake, client: Any) -> None:
    put(client, "ENABLED")
    put(client, "DISABLED")
    kinesis.advance(hours=24, milliseconds=-1)
    assert put(client, "ENABLED") == enabled(START)
    kinesis.advance(days=3)
    assert described(client) == enabled(START)
    assert put(client, "DISABLED") == disabled(START, START + timedelta(days=4, milliseconds=-1))


@needs("UpdateAccountSettings")
def test_a_commitment_after_the_last_one_ended_is_a_new_one(kinesis: KinesisFake, client: Any) -> None:
    put(client, "ENABLED")
    put(client, "DISABLED")
    kinesis.advance(hours=24)
    assert put(client, "ENABLED") == enabled(START + DAY)
    assert put(client, "DISABLED") == ending(START + DAY)


@needs("UpdateAccountSettings")
def test_a_commitment_holds_in_one_region(kinesis: KinesisFake, client: Any, foreign_client: Any) -> None:
    put(client, "ENABLED")
    assert described(foreign_client) == {"Status": "DISABLED"}


@needs("UpdateAccountSettings")
def test_the_end_of_a_commitment_cannot_be_asked_for_by_its_status(kinesis: KinesisFake, refusal: Any) -> None:
    commitment = {"Status": "ENABLED_UNTIL_EARLIEST_ALLOWED_END"}
    assert refusal("UpdateAccountSettings", MinimumThroughputBillingCommitment=commitment) == (
        "ValidationException",
        "1 validation error detected: Value 'ENABLED_UNTIL_EARLIEST_ALLOWED_END' at "
        "'minimumThroughputBillingCommitment.status' failed to satisfy constraint: Member must satisfy enum value set: "
        "[ENABLED, DISABLED]",
    )

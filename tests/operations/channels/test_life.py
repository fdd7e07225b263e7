"""Changing, failing and deleting channels."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from tests.support.channels import DURATIONS, MANY_CHANNELS, NOWHERE, A, create, describe, names, to_table

pytestmark = MANY_CHANNELS


# --- updating -----------------------------------------------------------------------------------------------------


def test_an_update_shows_the_new_settings_at_once_and_keeps_the_others(
    kinesis: KinesisFake, client: Any, lake: Any
) -> None:
    before = describe(client, lake)
    logs = {"Enabled": True, "LogGroupName": "/logs"}
    answer = client.update_channel(
        ChannelARN=lake,
        S3DestinationConfiguration={"DataFreshnessInSeconds": 600},
        LoggingConfiguration={"CloudWatchLogs": logs},
    )["ChannelDescription"]
    expected = {
        **before,
        "ChannelStatus": "UPDATING",
        "S3DestinationConfiguration": {**before["S3DestinationConfiguration"], "DataFreshnessInSeconds": 600},
        "LoggingConfiguration": {"CloudWatchLogs": {**logs, "LogStreamName": "DestinationDelivery"}},
    }
    assert answer == expected == describe(client, lake)
    kinesis.advance(milliseconds=DURATIONS.updating_channel_ms - 1)
    assert describe(client, lake) == expected
    kinesis.advance(milliseconds=1)
    assert describe(client, lake) == {**expected, "ChannelStatus": "ACTIVE"}

    client.update_channel(ChannelARN=lake, LoggingConfiguration={"CloudWatchLogs": {"Enabled": False}})
    kinesis.settle()
    after = describe(client, lake)
    assert after["LoggingConfiguration"]["CloudWatchLogs"] == {
        "Enabled": False,
        "LogGroupName": "/logs",
        "LogStreamName": "DestinationDelivery",
    }
    assert after["S3DestinationConfiguration"]["DataFreshnessInSeconds"] == 600


def test_a_channel_can_be_updated_once_it_is_active_again_and_delivers_by_its_newest_settings(
    kinesis: KinesisFake, client: Any, lake: Any
) -> None:
    for data_freshness_in_seconds in (600, 400):
        client.update_channel(
            ChannelARN=lake, S3DestinationConfiguration={"DataFreshnessInSeconds": data_freshness_in_seconds}
        )
        kinesis.settle()
        assert describe(client, lake)["ChannelStatus"] == "ACTIVE"
    kinesis.stream("orders").put('{"teapots": 1}')
    kinesis.advance(seconds=399)
    assert kinesis.channel(lake).delivered == []
    kinesis.advance(seconds=1)
    assert [each.records for each in kinesis.channel(lake).delivered] == [(b'{"teapots": 1}',)]


def test_a_channel_to_a_table_can_be_updated(kinesis: KinesisFake, client: Any) -> None:
    channel_arn = client.create_channel(**to_table())["ChannelDescription"]["ChannelARN"]
    kinesis.settle()
    client.update_channel(ChannelARN=channel_arn, S3TablesDestinationConfiguration={"DataFreshnessInSeconds": 700})
    kinesis.settle()
    assert describe(client, channel_arn)["S3TablesDestinationConfiguration"]["DataFreshnessInSeconds"] == 700


def test_an_update_is_about_the_destination_that_the_channel_has(
    kinesis: KinesisFake, client: Any, refusal: Any, lake: Any
) -> None:
    freshness = {"DataFreshnessInSeconds": 600}
    mismatch = "does not match the destination of the channel."
    assert refusal("UpdateChannel", ChannelARN=lake, S3TablesDestinationConfiguration=freshness) == (
        "ValidationException",
        f"S3TablesDestinationConfiguration {mismatch}",
    )
    table = client.create_channel(**to_table())["ChannelDescription"]["ChannelARN"]
    kinesis.settle()
    assert refusal("UpdateChannel", ChannelARN=table, S3DestinationConfiguration=freshness) == (
        "ValidationException",
        f"S3DestinationConfiguration {mismatch}",
    )


def test_an_update_changes_something(refusal: Any, lake: Any) -> None:
    assert refusal("UpdateChannel", ChannelARN=lake) == (
        "ValidationException",
        "Specify DataFreshnessInSeconds or LoggingConfiguration to update a channel.",
    )


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING", "FAILED"])
def test_only_an_active_channel_can_be_updated(kinesis: KinesisFake, client: Any, refusal: Any, state: Any) -> None:
    channel_arn = create(client)["ChannelARN"]
    update = {"ChannelARN": channel_arn, "S3DestinationConfiguration": {"DataFreshnessInSeconds": 600}}
    if state != "CREATING":
        kinesis.settle()
    if state == "UPDATING":
        client.update_channel(**update)
    elif state == "DELETING":
        client.delete_channel(ChannelARN=channel_arn)
    elif state == "FAILED":
        kinesis.channel("lake").fail("no such bucket")
    assert refusal("UpdateChannel", **update) == (
        "ResourceInUseException",
        f"Channel lake under account {A} not ACTIVE, instead in state {state}",
    )


def test_an_active_channel_can_be_changed_again_and_again(kinesis: KinesisFake, client: Any, lake: Any) -> None:
    for seconds in (600, 700):
        client.update_channel(ChannelARN=lake, S3DestinationConfiguration={"DataFreshnessInSeconds": seconds})
        assert describe(client, lake)["ChannelStatus"] == "UPDATING"
        kinesis.settle()
        description = describe(client, lake)
        assert description["ChannelStatus"] == "ACTIVE"
        assert description["S3DestinationConfiguration"]["DataFreshnessInSeconds"] == seconds


# --- deleting and failing -----------------------------------------------------------------------------------------


def channel_in(state: str, kinesis: KinesisFake, client: Any) -> str:
    """The ARN of a channel in this state."""
    channel_arn: str = create(client)["ChannelARN"]
    if state != "CREATING":
        kinesis.settle()
    if state == "UPDATING":
        client.update_channel(ChannelARN=channel_arn, S3DestinationConfiguration={"DataFreshnessInSeconds": 600})
    elif state == "FAILED":
        kinesis.channel("lake").fail("no such bucket")
    assert describe(client, channel_arn)["ChannelStatus"] == state
    return channel_arn


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "UPDATING", "FAILED"])
def test_a_channel_can_be_deleted_in_every_state(kinesis: KinesisFake, client: Any, refusal: Any, state: Any) -> None:
    channel_arn = channel_in(state, kinesis, client)
    client.delete_channel(ChannelARN=channel_arn)
    assert [pending.what for pending in kinesis.pending()] == ["channel lake of stream orders is gone"]
    kinesis.advance(milliseconds=DURATIONS.deleting_channel_ms - 1)
    description = describe(client, channel_arn)
    assert description["ChannelStatus"] == "DELETING"
    assert "ChannelStatusReason" not in description
    kinesis.advance(milliseconds=1)
    assert refusal("DescribeChannel", ChannelARN=channel_arn) == (
        "ResourceNotFoundException",
        f"Channel {channel_arn.rpartition('/')[2]} under account {A} not found.",
    )


def test_a_channel_that_is_deleted_twice_is_gone_as_soon_as_if_once(
    kinesis: KinesisFake, client: Any, lake: Any
) -> None:
    client.delete_channel(ChannelARN=lake)
    kinesis.advance(milliseconds=DURATIONS.deleting_channel_ms - 1)
    client.delete_channel(ChannelARN=lake)
    assert names(client) == ["lake"]
    kinesis.advance(milliseconds=1)
    assert names(client) == []


@pytest.mark.parametrize("state", ["CREATING", "ACTIVE", "UPDATING", "FAILED"])
def test_a_channel_fails_when_the_test_says_so_and_never_recovers(
    kinesis: KinesisFake, client: Any, state: Any
) -> None:
    channel_arn = channel_in(state, kinesis, client)
    before = kinesis.now
    kinesis.channel(channel_arn).fail("The role cannot be assumed.")
    assert kinesis.now == before
    assert kinesis.pending() == []
    description = describe(client, channel_arn)
    assert description["ChannelStatus"] == "FAILED"
    assert description["ChannelStatusReason"] == "The role cannot be assumed."
    assert description["S3DestinationConfiguration"]["DataFreshnessInSeconds"] == 300
    (summary,) = client.list_channels()["ChannelSummaries"]
    assert (summary["ChannelStatus"], summary["ChannelStatusReason"]) == ("FAILED", "The role cannot be assumed.")
    kinesis.advance(hours=1)
    assert kinesis.channel("lake").status == "FAILED"


def test_a_channel_that_is_deleted_cannot_fail(kinesis: KinesisFake, client: Any, lake: Any) -> None:
    client.delete_channel(ChannelARN=lake)
    with pytest.raises(KinesisFakeError, match=r"Channel lake is being deleted; it cannot fail any more\."):
        kinesis.channel(lake).fail("too late")
    channel = kinesis.channel(lake)
    kinesis.settle()
    assert channel.status == "DELETED"
    with pytest.raises(KinesisFakeError, match=r"Channel lake has been deleted; it cannot fail any more\."):
        channel.fail("too late")


def test_a_reason_has_1_to_2048_characters(kinesis: KinesisFake, lake: Any) -> None:
    reason: Any
    for reason, shown in (("", "''"), ("x" * 2049, f"'{'x' * 198}…"), (5, "5"), (["a"], "['a']"), (None, "None")):
        with pytest.raises(KinesisFakeError) as caught:
            kinesis.channel(lake).fail(reason)
        assert str(caught.value) == f"The reason of fail() must be text of 1 to 2048 characters, not {shown}."
    assert kinesis.channel(lake).status == "ACTIVE"
    kinesis.channel(lake).fail("x" * 2048)
    assert kinesis.channel(lake).status == "FAILED"


@pytest.mark.parametrize("operation", ["DescribeChannel", "UpdateChannel", "DeleteChannel"])
@pytest.mark.parametrize(
    ("channel_arn", "channel_id"),
    [
        (NOWHERE, "nowhere"),
        (f"arn:aws:kinesis:us-east-1:{A}:channel/no/where", "no/where"),
    ],
)
def test_a_channel_must_be_there(refusal: Any, operation: Any, channel_arn: Any, channel_id: Any) -> None:
    more = {"LoggingConfiguration": {"CloudWatchLogs": {"Enabled": True}}} if operation == "UpdateChannel" else {}
    assert refusal(operation, ChannelARN=channel_arn, **more) == (
        "ResourceNotFoundException",
        f"Channel {channel_id} under account {A} not found.",
    )


def test_a_channel_is_not_found_from_another_region(lake: Any, refusal: Any, foreign_client: Any) -> None:
    assert names(foreign_client) == []
    assert refusal("DescribeChannel", through=foreign_client, ChannelARN=lake) == (
        "InvalidArgumentException",
        f"The region specified in the ARN '{lake}' does not match the endpoint region",
    )


@pytest.mark.fake_kinesis(accounts={"AKIAPARTNER": "222222222222"})
def test_a_channel_is_not_for_another_account(kinesis: KinesisFake, lake: Any, refusal: Any) -> None:
    partner = kinesis.client(aws_access_key_id="AKIAPARTNER", aws_secret_access_key="any")
    assert names(partner) == []
    assert refusal("DescribeChannel", through=partner, ChannelARN=lake) == (
        "AccessDeniedException",
        "User: arn:aws:iam::222222222222:root is not authorized to perform: kinesis:DescribeChannel on resource: "
        f"{lake}",
    )

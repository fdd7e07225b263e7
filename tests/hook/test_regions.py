"""Which region and which account a client speaks to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis


def arn_of(client: Any) -> str:
    client.create_stream(StreamName="orders", ShardCount=1)
    arn: str = client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
    return arn


def test_without_a_region_it_is_us_east_1(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis")
    assert client.meta.region_name == "us-east-1"
    assert arn_of(client) == "arn:aws:kinesis:us-east-1:123456789012:stream/orders"


@pytest.mark.kinesis(region="eu-central-1", account_id="210987654321")
def test_the_region_and_the_account_of_a_fake_can_be_chosen(kinesis: KinesisFake) -> None:
    for client in (boto3.client("kinesis"), kinesis.client()):
        assert client.meta.region_name == "eu-central-1"
    assert arn_of(client) == "arn:aws:kinesis:eu-central-1:210987654321:stream/orders"
    assert kinesis.stream("orders").stream_arn == "arn:aws:kinesis:eu-central-1:210987654321:stream/orders"


@pytest.mark.kinesis(region="eu-central-1")
@pytest.mark.parametrize(
    "where",
    ["parameter", "position", "config", "session", "default config", "AWS_DEFAULT_REGION", "file"],
)
def test_a_region_that_is_given_holds_against_that_of_the_fake(
    kinesis: KinesisFake, where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    session = botocore.session.get_session()
    parameters: dict[str, Any] = {}
    if where == "parameter":
        parameters["region_name"] = "ap-south-1"
    elif where == "config":
        parameters["config"] = Config(region_name="ap-south-1")
    elif where == "session":
        session.set_config_variable("region", "ap-south-1")
    elif where == "default config":
        session.set_default_client_config(Config(region_name="ap-south-1"))
        parameters["config"] = Config(connect_timeout=1)
    elif where == "file":
        (tmp_path / "config").write_text("[default]\nregion = ap-south-1\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    elif where != "position":
        monkeypatch.setenv(where, "ap-south-1")
    positions = ("ap-south-1",) if where == "position" else ()
    client = session.create_client("kinesis", *positions, **parameters)
    assert arn_of(client) == "arn:aws:kinesis:ap-south-1:123456789012:stream/orders"


def test_each_region_has_streams_of_its_own(kinesis: KinesisFake) -> None:
    kinesis.create_stream("orders", shards=1)
    elsewhere = boto3.client("kinesis", region_name="eu-west-1")
    assert elsewhere.list_streams()["StreamNames"] == []
    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException):
        elsewhere.describe_stream_summary(StreamName="orders")
    elsewhere.create_stream(StreamName="orders", ShardCount=2)
    elsewhere.get_waiter("stream_exists").wait(StreamName="orders")
    assert len(elsewhere.list_shards(StreamName="orders")["Shards"]) == 2
    assert len(kinesis.stream("orders").shards) == 1


@pytest.mark.parametrize(
    ("region_name", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_the_partition_of_an_arn_is_that_of_its_region(kinesis: KinesisFake, region_name: str, partition: str) -> None:
    client = boto3.client("kinesis", region_name=region_name)
    assert arn_of(client) == f"arn:{partition}:kinesis:{region_name}:123456789012:stream/orders"
    client.get_waiter("stream_exists").wait(StreamName="orders")
    arn = f"arn:{partition}:kinesis:{region_name}:123456789012:stream/orders"
    assert len(client.list_shards(StreamARN=arn)["Shards"]) == 1


@pytest.mark.parametrize("region", ["", None, 5])
def test_a_fake_refuses_a_region_that_is_none(region: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(region=region).__enter__()
    assert str(caught.value) == f"region must be the name of a region, such as 'us-east-1', not {region!r}."


@pytest.mark.parametrize("account_id", ["", "12345678901", "1234567890123", "12345678901x", None, 123456789012])
def test_a_fake_refuses_an_account_that_is_none(account_id: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(account_id=account_id).__enter__()
    assert str(caught.value) == f"account_id must be twelve digits, such as '123456789012', not {account_id!r}."

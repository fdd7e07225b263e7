"""Which region and which account a client speaks to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.refusals import refused


def arn_of(client: Any) -> str:
    client.create_stream(StreamName="orders", ShardCount=1)
    arn: str = client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
    return arn


def test_without_a_region_it_is_us_east_1(kinesis: KinesisFake) -> None:
    client = boto3.client("kinesis")
    assert client.meta.region_name == "us-east-1"
    assert arn_of(client) == "arn:aws:kinesis:us-east-1:123456789012:stream/orders"


@pytest.mark.fake_kinesis(region="eu-central-1", account_id="210987654321")
def test_the_region_and_the_account_of_a_fake_can_be_chosen(kinesis: KinesisFake) -> None:
    for client in (boto3.client("kinesis"), kinesis.client()):
        assert client.meta.region_name == "eu-central-1"
    assert arn_of(client) == "arn:aws:kinesis:eu-central-1:210987654321:stream/orders"
    assert kinesis.stream("orders").stream_arn == "arn:aws:kinesis:eu-central-1:210987654321:stream/orders"


@pytest.mark.fake_kinesis(region="eu-central-1")
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
    with refused(elsewhere, "ResourceNotFoundException"):
        elsewhere.describe_stream_summary(StreamName="orders")
    elsewhere.create_stream(StreamName="orders", ShardCount=2)
    elsewhere.get_waiter("stream_exists").wait(StreamName="orders")
    assert len(elsewhere.list_shards(StreamName="orders")["Shards"]) == 2
    assert len(kinesis.stream("orders").shards) == 1


PARTNER = {"aws_access_key_id": "AKIAPARTNER", "aws_secret_access_key": "any"}
ACCOUNTS = {"AKIAPARTNER": "222222222222"}
FROM_THE_MACHINE = (
    "Clients of the code under test take the machine's region (AWS_DEFAULT_REGION) unless they are given one."
)


@pytest.mark.fake_kinesis(accounts=ACCOUNTS)
def test_a_view_of_a_stream_of_any_region_and_account_is_found_by_its_arn(kinesis: KinesisFake) -> None:
    arns = [
        arn_of(kinesis.client(**place))
        for place in ({}, {"region_name": "eu-west-1"}, PARTNER, {**PARTNER, "region_name": "cn-north-1"})
    ]
    assert arns == [
        "arn:aws:kinesis:us-east-1:123456789012:stream/orders",
        "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
        "arn:aws:kinesis:us-east-1:222222222222:stream/orders",
        "arn:aws-cn:kinesis:cn-north-1:222222222222:stream/orders",
    ]
    kinesis.settle()
    for arn in arns:
        orders = kinesis.stream(arn)
        assert orders.stream_arn == arn
        assert orders.put(arn).data == arn.encode()
        assert kinesis.partition_key_for(arn, "shardId-000000000000") == "key-0"
    assert [[record.data.decode() for record in kinesis.stream(arn).records] for arn in arns] == [[arn] for arn in arns]
    assert kinesis.stream("orders").stream_arn == arns[0]


def message_of(kinesis: KinesisFake, name_or_arn: str) -> str:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream(name_or_arn)
    return str(caught.value)


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_stream_that_the_machine_has_put_into_another_region_is_told_of(
    kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    boto3.session.Session().client("kinesis").create_stream(StreamName="theirs", ShardCount=1)
    assert message_of(kinesis, "theirs") == (
        "There is no stream 'theirs' of account 123456789012 in us-east-1; one of this name is in eu-west-1: use its "
        "ARN, or pass region= to the fake. " + FROM_THE_MACHINE
    )
    assert kinesis.stream("arn:aws:kinesis:eu-west-1:123456789012:stream/theirs").stream_name == "theirs"


@pytest.mark.fake_kinesis(accounts=ACCOUNTS)
def test_a_stream_of_another_account_is_told_of(kinesis: KinesisFake) -> None:
    kinesis.client(**PARTNER).create_stream(StreamName="theirs", ShardCount=1)
    told = "There is no stream 'theirs' of account 123456789012 in us-east-1; one of this name is "
    assert message_of(kinesis, "theirs") == told + "of account 222222222222 in us-east-1: use its ARN."
    for region_name in ("eu-west-1", "ap-south-1"):
        kinesis.client(**PARTNER, region_name=region_name).create_stream(StreamName="theirs", ShardCount=1)
    kinesis.client(region_name="eu-west-1").create_stream(StreamName="theirs", ShardCount=1)
    assert message_of(kinesis, "theirs") == (
        told + "in eu-west-1, of account 222222222222 in ap-south-1, of account 222222222222 in eu-west-1 and of "
        "account 222222222222 in us-east-1: use its ARN, or pass region= to the fake. " + FROM_THE_MACHINE
    )


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_an_arn_that_is_none_of_a_stream_of_the_fake_says_what_there_is(kinesis: KinesisFake) -> None:
    kinesis.client(region_name="eu-west-1").create_stream(StreamName="theirs", ShardCount=1)
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/theirs"
    assert message_of(kinesis, arn) == (
        f"There is no stream '{arn}' of account 123456789012 in us-east-1; one of this name is in eu-west-1: use its "
        "ARN."
    )
    arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/order"
    assert message_of(kinesis, arn) == (
        f"There is no stream '{arn}' in eu-west-1; the streams are: theirs. Make it with kinesis.create_stream(), "
        "with streams= of the fake, or through a client."
    )
    arn = "arn:aws:kinesis:ap-south-1:222222222222:stream/order"
    assert message_of(kinesis, arn) == (
        f"There is no stream '{arn}' in ap-south-1; the streams are: none. Make it with kinesis.create_stream(), "
        "with streams= of the fake, or through a client."
    )
    arn = "arn:aws-cn:kinesis:us-east-1:123456789012:stream/orders"
    assert message_of(kinesis, arn) == (
        f"There is no stream '{arn}' in us-east-1; the streams are: orders. Make it with kinesis.create_stream(), "
        "with streams= of the fake, or through a client."
    )
    assert message_of(kinesis, "arn:aws:kinesis:us-east-1:123456789012:stream/order").startswith(
        "There is no stream 'arn:aws:kinesis:us-east-1:123456789012:stream/order' in us-east-1; do you mean 'orders'?"
    )


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

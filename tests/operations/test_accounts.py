"""Several accounts and regions in one fake, told apart by access key and by client, and ARNs of every partition."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials, RefreshableCredentials

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.refusals import refused

A = "123456789012"
B = "222222222222"
C = "333333333333"
ACCOUNTS = {"KEY_OF_B": B, "KEY_OF_C": f"arn:aws:iam::{C}:role/etl"}
pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", accounts=ACCOUNTS)
RECORD: dict[str, Any] = {"Data": b"data", "PartitionKey": "key"}


@pytest.fixture(autouse=True)
def no_credentials_of_the_machine(monkeypatch: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def account_of(client: Any) -> Any:
    """The account that a client's calls belong to, as AWS's messages tell it."""
    with refused(client, "ResourceNotFoundException") as caught:
        client.describe_stream(StreamName="none")
    return (
        caught.value.response["Error"]["Message"].removeprefix("Stream none under account ").removesuffix(" not found.")
    )


def keys(access_key: Any) -> Any:
    return {"aws_access_key_id": access_key, "aws_secret_access_key": "secret"}


# --- whose call it is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("access_key", "account_id"), [("KEY_OF_B", B), ("KEY_OF_C", C), ("key_of_b", A), ("KEY_OF_B2", A)]
)
def test_the_access_key_tells_the_account(kinesis: KinesisFake, access_key: Any, account_id: Any) -> None:
    assert account_of(kinesis.client(**keys(access_key))) == account_id
    assert (
        account_of(boto3.session.Session(**keys(access_key)).client("kinesis", region_name="us-east-1")) == account_id
    )
    assert account_of(boto3.session.Session().client("kinesis", "us-east-1", **keys(access_key))) == account_id


def test_the_access_key_may_come_from_the_environment(kinesis: KinesisFake, monkeypatch: Any) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "KEY_OF_B")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert account_of(boto3.session.Session().client("kinesis")) == B


def test_a_session_token_changes_nothing(kinesis: KinesisFake) -> None:
    assert account_of(kinesis.client(**keys("KEY_OF_B"), aws_session_token="token")) == B


def test_a_client_without_credentials_is_of_the_default_account(kinesis: KinesisFake) -> None:
    assert account_of(kinesis.client()) == A
    assert account_of(boto3.session.Session().client("kinesis")) == A
    assert account_of(kinesis.client(config=Config(signature_version=UNSIGNED))) == A


@pytest.mark.fake_kinesis(account_id="444444444444")
def test_the_default_account_can_be_another(kinesis: KinesisFake) -> None:
    assert account_of(kinesis.client()) == "444444444444"
    assert account_of(kinesis.client(**keys("KEY_OF_B"))) == B


@pytest.mark.fake_kinesis(accounts=None)
def test_without_accounts_no_access_key_means_anything(kinesis: KinesisFake) -> None:
    assert account_of(kinesis.client(**keys("KEY_OF_B"))) == A


def _fetched() -> None:
    raise AssertionError("credentials were fetched")


def test_credentials_that_would_have_to_be_refreshed_are_not(kinesis: KinesisFake) -> None:
    session = botocore.session.Session()
    expired = datetime.now(timezone.utc) - timedelta(days=1)
    vars(session)["_credentials"] = RefreshableCredentials("KEY_OF_B", "secret", "token", expired, _fetched, "test")
    assert account_of(session.create_client("kinesis", "us-east-1")) == B


def test_credentials_that_were_never_fetched_are_of_the_default_account(kinesis: KinesisFake) -> None:
    session = botocore.session.Session()
    vars(session)["_credentials"] = DeferredRefreshableCredentials(_fetched, "test")
    assert account_of(session.create_client("kinesis", "us-east-1")) == A


@pytest.mark.skipif(
    "account_id_endpoint_mode" not in Config.OPTION_DEFAULTS, reason="the installed botocore has no such endpoints"
)
@pytest.mark.parametrize("mode", ["preferred", "required", "disabled"])
def test_no_endpoint_is_worth_fetching_credentials_for(kinesis: KinesisFake, mode: Any) -> None:
    session = botocore.session.Session()
    vars(session)["_credentials"] = DeferredRefreshableCredentials(_fetched, "test")
    config = Config(account_id_endpoint_mode=mode)
    assert account_of(session.create_client("kinesis", "us-east-1", config=config)) == A


def test_clients_made_before_the_fake_and_attached_ones_have_their_accounts_too() -> None:
    early = boto3.session.Session().client("kinesis", "us-east-1", **keys("KEY_OF_B"))
    attached = boto3.session.Session().client("kinesis", "us-east-1", **keys("KEY_OF_C"))
    with fake_kinesis(accounts=ACCOUNTS) as kinesis:
        kinesis.attach(attached)
        assert (account_of(early), account_of(attached)) == (B, C)


def test_the_account_is_that_of_the_fake_that_answers() -> None:
    client = boto3.session.Session().client("kinesis", "us-east-1", **keys("KEY_OF_B"))
    with fake_kinesis(accounts=ACCOUNTS):
        assert account_of(client) == B
        with fake_kinesis(accounts={"KEY_OF_B": "555555555555"}):
            assert account_of(client) == "555555555555"
        with fake_kinesis():
            assert account_of(client) == A
        assert account_of(client) == B


@pytest.mark.asyncio_clients
def test_an_asynchronous_client_has_its_account_too(kinesis: KinesisFake) -> None:
    aiobotocore_session = pytest.importorskip("aiobotocore.session")
    owner = kinesis.create_stream("orders", shards=1)

    async def put(access_key: Any) -> Any:
        session = aiobotocore_session.get_session()
        async with session.create_client("kinesis", region_name="us-east-1", **keys(access_key)) as client:
            with refused(client, "AccessDeniedException") as caught:
                await client.put_record(StreamARN=owner.stream_arn, **RECORD)
            return caught.value.response["Error"]["Message"].split(" is not ")[0]

    assert asyncio.run(put("KEY_OF_B")) == f"User: arn:aws:iam::{B}:root"
    assert asyncio.run(put("KEY_OF_C")) == f"User: arn:aws:iam::{C}:role/etl"


@pytest.mark.parametrize(
    "owner", ["", "1234", "1234567890123", "12345678901x", "arn:aws:iam::1234:root", "arn:aws:s3:::bucket", None, 1]
)
def test_what_is_no_account_is_refused(owner: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught, fake_kinesis(accounts={"KEY": owner}):
        pass
    assert str(caught.value) == (
        "accounts gives each access key an account, such as '111122223333', or the ARN of a user or role, such as "
        f"'arn:aws:iam::111122223333:role/reader', not {owner!r}."
    )


# --- accounts and regions share nothing -------------------------------------------------------------------------------


def test_each_account_has_its_own_streams_in_each_region(kinesis: KinesisFake) -> None:
    clients = {
        (account_id, region_name): kinesis.client(region_name=region_name, **keys(access_key))
        for access_key, account_id in (("any", A), ("KEY_OF_B", B))
        for region_name in ("us-east-1", "eu-west-1")
    }
    for number, client in enumerate(clients.values(), start=1):
        client.create_stream(StreamName="orders", ShardCount=number)
    kinesis.settle()
    for number, ((account_id, region_name), client) in enumerate(clients.items(), start=1):
        description = client.describe_stream(StreamName="orders")["StreamDescription"]
        assert description["StreamARN"] == f"arn:aws:kinesis:{region_name}:{account_id}:stream/orders"
        assert len(description["Shards"]) == number
    clients[B, "us-east-1"].delete_stream(StreamName="orders")
    kinesis.settle()
    assert [client.list_streams()["StreamNames"] for client in clients.values()] == [["orders"]] * 2 + [[], ["orders"]]


def test_a_name_never_means_the_stream_of_another_account(kinesis: KinesisFake) -> None:
    kinesis.create_stream("orders", shards=1)
    other = kinesis.client(**keys("KEY_OF_B"))
    with refused(other, "ResourceNotFoundException", f"Stream orders under account {B} not found."):
        other.put_record(StreamName="orders", **RECORD)


def test_a_token_is_good_in_its_account_only(kinesis: KinesisFake) -> None:
    ours, theirs = kinesis.client(), kinesis.client(**keys("KEY_OF_B"))
    for name in ("a", "b"):
        kinesis.create_stream(name, shards=1)
    token = ours.list_streams(Limit=1)["NextToken"]
    with refused(theirs, "InvalidArgumentException", "Invalid NextToken."):
        theirs.list_streams(NextToken=token)


def test_an_iterator_that_the_owner_gave_away_is_no_key_to_its_stream(kinesis: KinesisFake) -> None:
    stream = kinesis.create_stream("orders", shards=1)
    iterator = kinesis.client().get_shard_iterator(StreamName="orders", ShardId="0", ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    theirs = kinesis.client(**keys("KEY_OF_B"))
    with refused(
        theirs,
        "AccessDeniedException",
        f"User: arn:aws:iam::{B}:root is not authorized to perform: kinesis:GetRecords on resource: "
        f"{stream.stream_arn}",
    ):
        theirs.get_records(ShardIterator=iterator)


# --- partitions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region_name", "partition"),
    [
        ("us-east-1", "aws"),
        ("ap-southeast-7", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_arns_carry_the_partition_of_their_region(kinesis: KinesisFake, region_name: Any, partition: Any) -> None:
    ours = kinesis.client(region_name=region_name)
    ours.create_stream(StreamName="orders", ShardCount=1)
    kinesis.settle()
    arn = f"arn:{partition}:kinesis:{region_name}:{A}:stream/orders"
    assert ours.describe_stream(StreamARN=arn)["StreamDescription"]["StreamARN"] == arn
    consumer = ours.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]
    assert consumer["ConsumerARN"] == f"{arn}/consumer/billing:{int(kinesis.now.timestamp())}"
    assert ours.describe_stream_consumer(ConsumerARN=consumer["ConsumerARN"])["ConsumerDescription"]["StreamARN"] == arn
    theirs = kinesis.client(region_name=region_name, **keys("KEY_OF_B"))
    with refused(
        theirs,
        "AccessDeniedException",
        f"User: arn:{partition}:iam::{B}:root is not authorized to perform: kinesis:PutRecord on resource: {arn} "
        "because no resource-based policy allows the kinesis:PutRecord action",
    ):
        theirs.put_record(StreamARN=arn, **RECORD)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", "aws2", "aws-"])
def test_an_arn_of_another_partition_names_nothing(kinesis: KinesisFake, partition: Any) -> None:
    stream = kinesis.create_stream("orders", shards=1)
    plain_client = kinesis.client(endpoint_url="https://kinesis.us-east-1.amazonaws.com")  # sends any ARN
    with refused(plain_client, "ResourceNotFoundException", f"Stream orders under account {A} not found."):
        plain_client.put_record(StreamARN=stream.stream_arn.replace("arn:aws:", f"arn:{partition}:"), **RECORD)
    assert stream.records == []

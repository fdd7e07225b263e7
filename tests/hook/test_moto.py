"""moto in the same test, for other services: each answers only its own calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError

from kinesis_fake import KinesisFake, fake_kinesis

moto = pytest.importorskip("moto")

ORDERS: dict[str, list[Callable[[], Any]]] = {
    "moto outside": [moto.mock_aws, lambda: fake_kinesis(streams={"orders": 1})],
    "moto inside": [lambda: fake_kinesis(streams={"orders": 1}), moto.mock_aws],
}


@contextmanager
def both(order: str) -> Iterator[KinesisFake]:
    with ExitStack() as stack:
        entered = [stack.enter_context(way_in()) for way_in in ORDERS[order]]
        yield next(fake for fake in entered if isinstance(fake, KinesisFake))


def streams_of_moto() -> list[str]:
    from moto.kinesis.models import kinesis_backends

    return [
        stream_name
        for account in kinesis_backends.values()
        for backend in account.values()
        for stream_name in backend.streams
    ]


@pytest.mark.parametrize("order", ORDERS)
def test_other_services_are_answered_by_moto_and_kinesis_by_the_fake(order: str) -> None:
    with both(order) as kinesis:
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="orders")
        s3.get_waiter("bucket_exists").wait(Bucket="orders")
        queues = boto3.resource("sqs", region_name="us-east-1")
        queue = queues.create_queue(QueueName="orders")
        client = boto3.client("kinesis", region_name="us-east-1")
        client.create_stream(StreamName="invoices", ShardCount=1)
        client.get_waiter("stream_exists").wait(StreamName="invoices")
        client.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
        queue.send_message(MessageBody="y")

        assert client.list_streams()["StreamNames"] == ["invoices", "orders"]
        assert [record.data for record in kinesis.stream("orders").records] == [b"x"]
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["orders"]
        assert [message.body for message in queue.receive_messages()] == ["y"]
        assert {call.operation for call in kinesis.calls} == {
            "CreateStream",
            "DescribeStream",
            "PutRecord",
            "ListStreams",
        }
        assert streams_of_moto() == []


@pytest.mark.parametrize("order", ORDERS)
def test_a_client_made_before_both_is_answered_by_the_fake(order: str) -> None:
    client = boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")
    with both(order):
        client.create_stream(StreamName="invoices", ShardCount=1)
        assert client.list_streams()["StreamNames"] == ["invoices", "orders"]
        assert streams_of_moto() == []


def test_as_decorators_in_either_order() -> None:
    def work() -> tuple[list[str], list[Any]]:
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="orders")
        boto3.client("kinesis", region_name="us-east-1").create_stream(StreamName="invoices", ShardCount=1)
        streams: list[str] = boto3.client("kinesis", region_name="us-east-1").list_streams()["StreamNames"]
        buckets = boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"]
        return streams, [bucket["Name"] for bucket in buckets]

    expected = (["invoices"], ["orders"])
    assert moto.mock_aws(fake_kinesis(work))() == fake_kinesis(moto.mock_aws(work))() == expected


def test_when_the_fake_has_been_left_moto_answers_kinesis_as_it_did_before() -> None:
    with moto.mock_aws():
        client = boto3.client("kinesis", region_name="us-east-1")
        client.create_stream(StreamName="of-moto", ShardCount=1)
        with fake_kinesis():
            assert client.list_streams()["StreamNames"] == []
        assert client.list_streams()["StreamNames"] == ["of-moto"]


def test_a_waiter_of_another_service_does_not_move_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with both("moto inside") as kinesis:
        before = kinesis.now
        waiter = boto3.client("s3", region_name="us-east-1").get_waiter("bucket_exists")
        with pytest.raises(WaiterError):
            waiter.wait(Bucket="orders", WaiterConfig={"Delay": 3, "MaxAttempts": 3})
        assert slept == [3, 3]
        assert kinesis.now == before

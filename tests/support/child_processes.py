"""The functions that child processes run; in a module, because a spawned process imports them by name."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import boto3
import pytest

from tests.support.no_network import forbid_network

CREDENTIALS: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}


def outcome_of(call: Any) -> Any:
    """The result of a call, or the exception that it raises, in a form that can be sent to the parent."""
    try:
        return call()
    except Exception as error:
        return type(error).__name__, str(error)


def list_streams() -> Any:
    """Make a client without any settings, and call it."""
    forbid_network(pytest.MonkeyPatch())
    return outcome_of(lambda: boto3.client("kinesis").list_streams()["StreamNames"])


def list_streams_in_a_child() -> Any:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(list_streams).result(60)


#: A client that is made when the module is imported, as in many programs.
client = boto3.client("kinesis", **CREDENTIALS)


def list_streams_with_an_old_client() -> Any:
    forbid_network(pytest.MonkeyPatch())
    return outcome_of(lambda: client.list_streams()["StreamNames"])


def put(count: int) -> int:
    """Put records into the present stream; return how many it has then."""
    forbid_network(pytest.MonkeyPatch())
    for _ in range(count):
        client.put_record(StreamName="orders", Data=b"from the child", PartitionKey="ada")
    iterator = client.get_shard_iterator(StreamName="orders", ShardId="0", ShardIteratorType="TRIM_HORIZON")
    return len(client.get_records(ShardIterator=iterator["ShardIterator"])["Records"])


def with_a_fake_of_its_own() -> Any:
    forbid_network(pytest.MonkeyPatch())
    from kinesis_fake import fake_kinesis

    before = os.environ.get("AWS_ENDPOINT_URL_KINESIS")
    with fake_kinesis(streams={"payments": 1}):
        inside = boto3.client("kinesis")
        names = inside.list_streams()["StreamNames"]
        endpoint = inside.meta.endpoint_url
    after = os.environ.get("AWS_ENDPOINT_URL_KINESIS")
    return names, endpoint, before == after, outcome_of(lambda: inside.list_streams()["StreamNames"])


def read_events(consumer: str) -> int:
    """Wait for the events of a shard, in virtual time."""
    forbid_network(pytest.MonkeyPatch())
    answer = client.subscribe_to_shard(
        ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition={"Type": "TRIM_HORIZON"}
    )
    return sum(1 for _ in answer["EventStream"])

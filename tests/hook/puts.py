"""Records that tests of requests put, the clients that put them, and what has arrived."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from kinesis_fake import KinesisFake

KEYS: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}


@pytest.fixture(params=["boto3", "client()", "made before the fake"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    # The default session may have been made when a module of tests was imported, with handlers of other packages.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    early = boto3.client("kinesis", **KEYS)
    kinesis: KinesisFake = request.getfixturevalue("kinesis")
    kinesis.create_stream("orders", shards=1)
    return {"boto3": boto3.client("kinesis"), "client()": kinesis.client()}.get(request.param, early)


def put_both(client: Any) -> None:
    client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    client.put_records(StreamName="orders", Records=[{"Data": b"second", "PartitionKey": "k"}])


def data_of(kinesis: KinesisFake) -> list[bytes]:
    return [record.data for record in kinesis.stream("orders").records]

"""Clients whose every answer is held against the model, and the way to ask for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_fake import KinesisFake
from tests.support.answers import check_answers
from tests.support.state import state_of

_CREDENTIALS = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}


def _client(region_name: str = "us-east-1", **config: Any) -> Any:
    return check_answers(
        boto3.session.Session().client(
            "kinesis",
            region_name=region_name,
            config=Config(retries={"total_max_attempts": 1}, **config),
            **_CREDENTIALS,
        )
    )


@pytest.fixture(scope="session")
def _ordinary_client() -> Any:
    return _client()


@pytest.fixture(scope="session")
def _unchecked_client() -> Any:
    return _client(parameter_validation=False)


@pytest.fixture(scope="session")
def _foreign_client() -> Any:
    return _client("eu-central-1")


@pytest.fixture
def client(kinesis: KinesisFake, _ordinary_client: Any) -> Any:
    """A boto3 client that does not retry, so that a refusal is the answer to one call."""
    return _ordinary_client


@pytest.fixture
def unchecked_client(kinesis: KinesisFake, _unchecked_client: Any) -> Any:
    """A boto3 client that sends what botocore itself would refuse."""
    return _unchecked_client


@pytest.fixture
def foreign_client(kinesis: KinesisFake, _foreign_client: Any) -> Any:
    """A boto3 client of another region."""
    return _foreign_client


@pytest.fixture
def refusal(kinesis: KinesisFake, unchecked_client: Any) -> Callable[..., tuple[str, str]]:
    """Call an operation that must be refused; gives code and whole message, and holds that nothing changed."""

    def refusal(operation: str, *, through: Any = unchecked_client, **parameters: Any) -> tuple[str, str]:
        repr(kinesis)  # looks into the region of the fake, which is made when it is first asked for
        before = state_of(kinesis)
        with pytest.raises(ClientError) as caught:
            getattr(through, xform_name(operation))(**parameters)
        assert state_of(kinesis) == before
        error = caught.value.response["Error"]
        modelled = through.meta.service_model.operation_model(operation).error_shapes
        if error["Code"] in [shape.name for shape in modelled]:
            assert type(caught.value) is through.exceptions.from_code(error["Code"])
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == _status_of(error["Code"])
        return error["Code"], error["Message"]

    return refusal


def _status_of(code: str) -> int:
    return 500 if code == "InternalFailure" else 400


@pytest.fixture
def world(kinesis: KinesisFake, client: Any) -> KinesisFake:
    """A fake with a stream in each state, named after it; needs ``autojump=False`` to keep them there."""
    for stream_name in ("active", "updating", "deleting"):
        kinesis.create_stream(stream_name, shards=3)
        for number in range(12):
            kinesis.stream(stream_name).put(b"data", f"key-{number}")
    client.split_shard(StreamName="updating", ShardToSplit="shardId-000000000000", NewStartingHashKey="10")
    client.delete_stream(StreamName="deleting")
    client.create_stream(StreamName="creating", ShardCount=2)
    return kinesis

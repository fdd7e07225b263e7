"""A call that the fake does not model raises the fake's own error, which no ``except ClientError`` swallows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader

from kinesis_fake import KinesisFake, KinesisFakeError, NotModelledError, fake_kinesis


@pytest.fixture
def newer_session(tmp_path: Path) -> Any:
    """A session whose model of Kinesis has one operation more: botocore as it may be next year."""
    folder = tmp_path / "kinesis" / "2013-12-02"
    folder.mkdir(parents=True)
    loader = Loader()
    model = loader.load_service_model("kinesis", "service-2")
    model["operations"]["RewindStream"] = {
        "name": "RewindStream",
        "http": {"method": "POST", "requestUri": "/"},
        "input": {"shape": "DescribeStreamSummaryInput"},
        "output": {"shape": "DescribeStreamSummaryOutput"},
    }
    (folder / "service-2.json").write_text(json.dumps(model))
    for name in ("endpoint-rule-set-1", "paginators-1", "waiters-2"):
        (folder / f"{name}.json").write_text(json.dumps(loader.load_service_model("kinesis", name)))
    session = botocore.session.get_session()
    session.register_component("data_loader", Loader(extra_search_paths=[str(tmp_path)]))
    return session


def message(error: Any) -> str:
    return (
        f"kinesis_fake does not model the operation RewindStream of the installed botocore {botocore.__version__}; "
        "nothing was sent to AWS."
    )


def test_an_operation_that_is_not_modelled_raises_an_error_of_our_own(newer_session: Any, kinesis: KinesisFake) -> None:
    client = newer_session.create_client("kinesis")
    with pytest.raises(NotModelledError) as caught:
        client.rewind_stream(StreamName="orders")
    assert str(caught.value) == message(caught.value)
    assert isinstance(caught.value, KinesisFakeError)
    assert isinstance(caught.value, NotImplementedError)


def test_code_that_swallows_errors_of_aws_does_not_swallow_it(newer_session: Any, kinesis: KinesisFake) -> None:
    client = newer_session.create_client("kinesis")

    def code_under_test() -> None:
        try:
            client.rewind_stream(StreamName="orders")
        except (ClientError, BotoCoreError, client.exceptions.ClientError):
            pytest.fail("swallowed")

    with pytest.raises(NotModelledError):
        code_under_test()


def test_it_is_raised_for_a_client_made_before_the_fake_and_for_an_attached_one(newer_session: Any) -> None:
    keys: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
    client = newer_session.create_client("kinesis", **keys)
    with fake_kinesis() as kinesis:
        with pytest.raises(NotModelledError):
            client.rewind_stream(StreamName="orders")
        kinesis.attach(client)
        with pytest.raises(NotModelledError):
            client.rewind_stream(StreamName="orders")


def test_the_other_operations_of_a_newer_botocore_work(newer_session: Any, kinesis: KinesisFake) -> None:
    client = newer_session.create_client("kinesis")
    client.create_stream(StreamName="orders", ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    assert client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["OpenShardCount"] == 1


def test_an_error_of_ours_is_no_error_of_aws() -> None:
    assert not issubclass(KinesisFakeError, (ClientError, BotoCoreError, OSError, AssertionError))
    with fake_kinesis() as kinesis:
        pass
    with pytest.raises(KinesisFakeError):
        kinesis.attach(boto3.Session())

"""Clients that are made before the fake is imported, and programs that are imported inside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bare_machine import run_script

pytestmark = pytest.mark.interpreter


USE = """
def use(client):
    client.create_stream(StreamName="orders", ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    client.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
    iterator = client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="LATEST"
    )["ShardIterator"]
    assert client.get_records(ShardIterator=iterator)["Records"] == []
    assert [len(page["Shards"]) for page in client.get_paginator("list_shards").paginate(StreamName="orders")] == [1]
    try:
        client.delete_stream(StreamName="invoices")
    except client.exceptions.ResourceNotFoundException as error:
        assert "Stream invoices under account 123456789012 not found." in str(error)
    else:
        raise AssertionError
"""


@pytest.mark.thorough
@pytest.mark.botocore
def test_clients_made_before_the_import_work(tmp_path: Path) -> None:
    script = """
import boto3, botocore.session
from botocore.config import Config
keys = dict(region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")
early = [
    boto3.client("kinesis", **keys),
    botocore.session.get_session().create_client("kinesis", **keys),
    boto3.client("kinesis", endpoint_url="http://localhost:4566", **keys),
    boto3.client("kinesis", config=Config(use_fips_endpoint=True, use_dualstack_endpoint=True), **keys),
    boto3.client("kinesis", config=Config(retries={"mode": "adaptive"}), **keys),
]
assert boto3.DEFAULT_SESSION is not None
from kinesis_fake import fake_kinesis
for client in early:
    with fake_kinesis():
        use(client)
with fake_kinesis():
    use(boto3.client("kinesis"))  # of the default session, which was made before the import as well
with fake_kinesis() as kinesis:
    kinesis.attach(early[0])
    with fake_kinesis():
        use(early[0])
    assert len(kinesis.streams) == 1
for client in early:  # the network is what they call outside a fake
    from kinesis_fake import KinesisFakeError
    try:
        client.list_streams()
    except NetworkTouched:
        assert client is not early[0]
    except KinesisFakeError as error:
        assert client is early[0] and "a fake that has been left" in str(error)
print("done")
"""
    assert run_script(USE + script, tmp_path) == "done\n"


@pytest.mark.thorough
def test_the_import_alone_changes_nothing_for_a_client(tmp_path: Path) -> None:
    script = """
import boto3
import kinesis_fake.activation.decorator
client = boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")
try:
    client.list_streams()
except NetworkTouched as error:
    print(error.args[0])
"""
    assert "kinesis.us-east-1.amazonaws.com" in run_script(script, tmp_path)


@pytest.mark.thorough
def test_a_program_imported_inside_the_fake_works(tmp_path: Path) -> None:
    script = """
from kinesis_fake import fake_kinesis
with fake_kinesis():
    import boto3
    use(boto3.client("kinesis"))
print("done")
"""
    assert run_script(USE + script, tmp_path) == "done\n"


def test_clients_from_before_and_after_a_reload_of_botocore_reach_no_network(tmp_path: Path) -> None:
    script = """
import importlib, botocore.client, botocore.session, botocore.waiter
keys = dict(region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret")
session = botocore.session.get_session()  # made before the import of the fake: only what the fake replaces reaches it
clients = [session.create_client("kinesis", **keys)]
from kinesis_fake import fake_kinesis
with fake_kinesis():
    use(clients[0])
for _ in range(2):
    for module in (botocore.client, botocore.waiter):
        importlib.reload(module)
    clients.append(session.create_client("kinesis", **keys))
    for client in clients:
        with fake_kinesis():
            use(client)
    with fake_kinesis() as kinesis:
        use(kinesis.client())
with fake_kinesis(), fake_kinesis():
    use(clients[0])
with fake_kinesis():
    importlib.reload(botocore.client)
    clients.append(session.create_client("kinesis", **keys))
    use(clients[-1])
for client in clients:  # the network is what they call outside a fake
    try:
        client.list_streams()
    except NetworkTouched:
        continue
    raise AssertionError
print("done")
"""
    assert run_script(USE + script, tmp_path) == "done\n"


@pytest.mark.thorough
def test_the_aws_cli_imported_inside_the_fake_works(tmp_path: Path) -> None:
    pytest.importorskip("awscli.clidriver")
    script = """
from kinesis_fake import fake_kinesis

with fake_kinesis(streams={"orders": 1}):
    from awscli.clidriver import create_clidriver
    assert create_clidriver().main(["kinesis", "list-streams", "--query", "StreamNames", "--output", "text"]) == 0
"""
    assert run_script(script, tmp_path) == "orders\n"

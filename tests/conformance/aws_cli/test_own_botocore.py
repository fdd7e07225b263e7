"""Releases of the AWS CLI that bring a botocore of their own."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.support.aws_cli import START
from tests.support.bare_machine import run_script

pytest.importorskip("awscli.clidriver")
vendored = importlib.util.find_spec("awscli.botocore") is not None

pytestmark = pytest.mark.fake_kinesis(start=START)


@pytest.mark.thorough
@pytest.mark.skipif(not vendored, reason="this AWS CLI has no botocore of its own")
def test_a_cli_that_is_imported_first_is_answered_on_its_own_botocore(tmp_path: Path) -> None:
    """It puts its copy in the place of the installed one; the other tests here run on the installed one."""
    script = """
import awscli.clidriver, botocore
from kinesis_fake import fake_kinesis

with fake_kinesis() as kinesis:
    driver = awscli.clidriver.create_clidriver()
    put = ("kinesis put-record --data hello --partition-key a --stream-name").split()
    codes = [
        driver.main("kinesis create-stream --stream-name new --shard-count 1".split()),
        driver.main("kinesis wait stream-exists --stream-name new".split()),
        driver.main([*put, "new"]),
        driver.main([*put, "gone"]),
    ]
    (record,) = kinesis.stream("new").records
print(botocore.__path__[0], *codes, record.data.decode(), sep="|")
"""
    path, *printed = run_script(script, tmp_path).splitlines()[-1].split("|")
    assert Path(path).parts[-2:] == ("awscli", "botocore")
    assert printed == ["0", "0", "0", "255", "hello"]


@pytest.mark.thorough
@pytest.mark.skipif(not vendored, reason="this AWS CLI has no botocore of its own")
def test_a_session_of_the_clis_own_botocore_beside_the_installed_one_is_answered(tmp_path: Path) -> None:
    script = """
import botocore.session, awscli.botocore.session
from kinesis_fake import fake_kinesis

with fake_kinesis(streams={"orders": 1}) as kinesis:
    client = awscli.botocore.session.get_session().create_client("kinesis")
    client.get_waiter("stream_exists").wait(StreamName="orders")
    client.put_record(StreamName="orders", Data=b"hello", PartitionKey="a")
    try:
        client.delete_stream(StreamName="gone")
    except client.exceptions.ResourceNotFoundException:
        print("refused", kinesis.stream("orders").records[0].data.decode())
"""
    assert run_script(script, tmp_path) == "refused hello\n"

"""Asks kinesis_fake and other tools the same questions, and prints the answers as the table of the README.

    pip install . boto3 moto aiobotocore time-machine
    npm install kinesalite kinesis-local
    python docs/comparison.py --node-modules node_modules

Each question is a short program against a client. A tool passes if it does what AWS does. The servers run on the
loopback interface, for as long as the questions take; without ``--node-modules`` they are left out. Questions about
hours are asked of moto with the clock of the process moved, and are not asked of servers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import boto3

PARAMETERS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
FIRST_SHARD = "shardId-000000000000"
MIDDLE = str(2**127)


class Tool(NamedTuple):
    """A running tool: how to get a client, and how to let time pass until a stream is ACTIVE."""

    client: Callable[[], Any]
    endpoint: dict[str, str]
    #: Moves time forward by seconds; None where only real time passes.
    advance: Callable[[float], None] | None

    def active(self, stream_name: str) -> Any:
        """A client, once its stream is ACTIVE."""
        client = self.client()
        for _ in range(100):
            if client.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]["StreamStatus"] == (
                "ACTIVE"
            ):
                break
            time.sleep(0.1)
        return client

    def make(self, stream_name: str, shards: int = 1) -> Any:
        self.client().create_stream(StreamName=stream_name, ShardCount=shards)
        return self.active(stream_name)


def read(client: Any, stream_name: str, shard_id: str, **more: Any) -> dict[str, Any]:
    iterator = client.get_shard_iterator(StreamName=stream_name, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    return client.get_records(ShardIterator=iterator["ShardIterator"], **more)


def code_of(call: Callable[[], object]) -> str:
    """The code of the error that a call is refused with."""
    try:
        call()
    except Exception as error:
        return str(getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__))
    return "no error"


# --- the questions ------------------------------------------------------------------------------------------------


def a_new_stream_is_creating(tool: Tool) -> bool:
    """A new stream is CREATING, and a put to it is refused"""
    client = tool.client()
    client.create_stream(StreamName="creating", ShardCount=1)
    refused = code_of(lambda: client.put_record(StreamName="creating", PartitionKey="a", Data=b"x"))
    return refused == "ResourceNotFoundException"


def _split(tool: Tool, name: str) -> Any:
    client = tool.make(name)
    client.put_record(StreamName=name, PartitionKey="a", Data=b"before")
    client.split_shard(StreamName=name, ShardToSplit=FIRST_SHARD, NewStartingHashKey=MIDDLE)
    client = tool.active(name)
    client.put_record(StreamName=name, PartitionKey="a", Data=b"after")
    return client


def records_go_to_the_children(tool: Tool) -> bool:
    """After a split new records go to the children, and old ones remain in the parent"""
    client = _split(tool, "split")
    data = {
        shard["ShardId"]: [record["Data"] for record in read(client, "split", shard["ShardId"])["Records"]]
        for shard in client.list_shards(StreamName="split")["Shards"]
    }
    parent = data.pop(FIRST_SHARD)
    return parent == [b"before"] and sorted(data.values()) == [[], [b"after"]]


def a_closed_shard_ends(tool: Tool) -> bool:
    """A closed shard ends: no NextShardIterator, but ChildShards"""
    answer = read(_split(tool, "closed"), "closed", FIRST_SHARD)
    for _ in range(3):
        if answer.get("NextShardIterator"):
            answer = tool.client().get_records(ShardIterator=answer["NextShardIterator"])
    return not answer.get("NextShardIterator") and len(answer.get("ChildShards", ())) == 2


def a_merge_keeps_each_record_once(tool: Tool) -> bool:
    """A merge keeps each record once"""
    client = tool.make("merged", 2)
    for key in "abcdefgh":
        client.put_record(StreamName="merged", PartitionKey=key, Data=key.encode())
    first, second = (shard["ShardId"] for shard in client.list_shards(StreamName="merged")["Shards"])
    client.merge_shards(StreamName="merged", ShardToMerge=first, AdjacentShardToMerge=second)
    client = tool.active("merged")
    shards = client.list_shards(StreamName="merged")["Shards"]
    found = [record["Data"] for shard in shards for record in read(client, "merged", shard["ShardId"])["Records"]]
    return sorted(found) == sorted(key.encode() for key in "abcdefgh")


def an_iterator_expires(tool: Tool) -> bool | None:
    """A shard iterator expires after five minutes, and no test waits for it"""
    client = tool.make("iterators")
    iterator = client.get_shard_iterator(StreamName="iterators", ShardId=FIRST_SHARD, ShardIteratorType="LATEST")[
        "ShardIterator"
    ]
    if tool.advance is None:
        return None
    tool.advance(301)
    return code_of(lambda: client.get_records(ShardIterator=iterator)) == "ExpiredIteratorException"


def retention_takes_records(tool: Tool) -> bool | None:
    """A record is gone when its retention is over, and no test waits for it"""
    client = tool.make("retention")
    client.put_record(StreamName="retention", PartitionKey="a", Data=b"x")
    if tool.advance is None:
        return None
    tool.advance(24 * 3600 + 1)
    return read(client, "retention", FIRST_SHARD)["Records"] == []


def a_second_reshard_is_refused(tool: Tool) -> bool:
    """A reshard while the stream is UPDATING is refused"""
    client = tool.make("updating", 2)
    client.split_shard(StreamName="updating", ShardToSplit=FIRST_SHARD, NewStartingHashKey="100")
    second = code_of(
        lambda: client.split_shard(
            StreamName="updating", ShardToSplit="shardId-000000000001", NewStartingHashKey=str(2**127 + 100)
        )
    )
    return second == "ResourceInUseException"


def fan_out_pushes_records(tool: Tool) -> bool:
    """SubscribeToShard pushes records"""
    client = tool.make("fan-out")
    client.put_record(StreamName="fan-out", PartitionKey="a", Data=b"x")
    arn = client.describe_stream_summary(StreamName="fan-out")["StreamDescriptionSummary"]["StreamARN"]
    consumer = client.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    for _ in range(50):
        description = client.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]
        if description["ConsumerStatus"] == "ACTIVE":
            break
        time.sleep(0.1)
    answer = client.subscribe_to_shard(
        ConsumerARN=consumer, ShardId=FIRST_SHARD, StartingPosition={"Type": "TRIM_HORIZON"}
    )
    event = next(iter(answer["EventStream"]))
    answer["EventStream"].close()
    return [record["Data"] for record in event["SubscribeToShardEvent"]["Records"]] == [b"x"]


def asyncio_clients_work(tool: Tool) -> bool:
    """aiobotocore clients are answered"""
    from aiobotocore.session import get_session

    async def main() -> bool:
        async with get_session().create_client("kinesis", **PARAMETERS, **tool.endpoint) as client:
            await client.create_stream(StreamName="tasks", ShardCount=1)
            return "tasks" in (await client.list_streams())["StreamNames"]

    return asyncio.run(main())


def two_records_at_a_time_are_refused(tool: Tool) -> bool:
    """Records above a mebibyte per second and shard are throttled, if the test wants that"""
    client = tool.make("rates")
    records = [{"PartitionKey": "a", "Data": bytes(900_000)} for _ in range(5)]
    return bool(client.put_records(StreamName="rates", Records=records)["FailedRecordCount"] > 0)


QUESTIONS: tuple[Callable[[Tool], bool | None], ...] = (
    a_new_stream_is_creating,
    records_go_to_the_children,
    a_closed_shard_ends,
    a_merge_keeps_each_record_once,
    a_second_reshard_is_refused,
    an_iterator_expires,
    retention_takes_records,
    two_records_at_a_time_are_refused,
    fan_out_pushes_records,
    asyncio_clients_work,
)


# --- the tools ----------------------------------------------------------------------------------------------------


@contextmanager
def this_project() -> Iterator[Tool]:
    from kinesis_fake import fake_kinesis

    with fake_kinesis(rate_limits=True) as kinesis:
        yield Tool(lambda: boto3.client("kinesis", **PARAMETERS), {}, lambda seconds: kinesis.advance(seconds=seconds))


@contextmanager
def moto() -> Iterator[Tool]:
    import time_machine
    from moto import mock_aws

    with mock_aws(), time_machine.travel(time.time()) as traveller:
        yield Tool(lambda: boto3.client("kinesis", **PARAMETERS), {}, traveller.shift)


@contextmanager
def served(command: list[str], folder: Path, port: int, **environment: str) -> Iterator[Tool]:
    """A server on the loopback interface, stopped at the end."""
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        else:
            raise SystemExit(f"{' '.join(command)} does not listen at port {port}; nothing can be said of it.")
        endpoint = {"endpoint_url": f"http://127.0.0.1:{port}"}
        yield Tool(lambda: boto3.client("kinesis", **PARAMETERS, **endpoint), endpoint, None)
    finally:
        process.kill()
        process.wait()


def tools(node_modules: Path | None) -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {"kinesis_fake": this_project, f"moto {version('moto')}": moto}
    if node_modules is not None:
        for package, port, environment in (
            ("kinesalite", 4571, {}),
            ("kinesis-local", 4573, {"KINESIS_MOCK_PLAIN_PORT": "4573", "KINESIS_MOCK_TLS_PORT": "4574"}),
        ):
            manifest = node_modules / package / "package.json"
            number = manifest.read_text(encoding="utf-8").split('"version"')[1].split('"')[1]
            # kinesis-local is the package of kinesis-mock, which reads a file of its folder.
            program, name = ("main.js", "kinesis-mock") if package == "kinesis-local" else ("cli.js", package)
            command = ["node", program, *(["--port", str(port)] if package == "kinesalite" else [])]
            found[f"{name} {number}"] = partial(served, command, manifest.parent, port, **environment)
    return found


def asked(make: Callable[[], Any], question: Callable[[Tool], bool | None]) -> str:
    """What a tool does with one question, as a cell of the table."""
    with make() as tool:
        try:
            answer = question(tool)
        except Exception as error:
            print(f"{question.__name__}: {type(error).__name__}: {str(error)[:150]}", file=sys.stderr)
            return "no"
    return {True: "yes", False: "no", None: "in real time"}[answer]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--node-modules", type=Path)
    columns = tools(parser.parse_args().node_modules)
    print(f"<!-- python docs/comparison.py, {date.today().isoformat()} -->")
    print(f"| | {' | '.join(columns)} |")
    print(f"|---|{'---|' * len(columns)}")
    for question in QUESTIONS:
        cells = [asked(make, question) for make in columns.values()]
        print(f"| {question.__doc__} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

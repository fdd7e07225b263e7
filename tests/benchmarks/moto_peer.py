"""moto as a contender, in a process of its own: neither its patches nor ours get in the other's way.

The process reads a line "call number-of-calls" and answers with the seconds that one of them took on average.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks import work
from tests.benchmarks.rounds import Arguments, Calls

#: What a process writes first if something of it may not start.
READY = "ready\n"


class PeerProcess:
    """The process of a peer, seen from outside."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def contender(self, call: str, calls_per_turn: int) -> PeerCalls:
        return PeerCalls(self, call, calls_per_turn)

    def ask(self, line: str) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def is_ready(self) -> bool:
        """Wait until a process says that it is ready; return whether it did."""
        assert self._process.stdout is not None
        return self._process.stdout.readline() == READY

    def close(self) -> None:
        self._process.communicate()


class PeerCalls:
    """One kind of call that the process makes."""

    def __init__(self, process: PeerProcess, call: str, calls_per_turn: int) -> None:
        self._process = process
        self._line = f"{call} {calls_per_turn}"

    def turn(self, number: int) -> float:
        return self._process.ask(self._line)


def moto() -> PeerProcess:
    """The process of moto."""
    return PeerProcess(__name__)


def arguments_of(client: Any) -> dict[str, Callable[[], Arguments]]:
    """The functions that make the arguments of each call, for the client of a peer."""

    def get_records() -> Arguments:
        iterator = client.get_shard_iterator(**work.get_shard_iterator())["ShardIterator"]
        return {"ShardIterator": iterator, "Limit": work.READ_RECORDS}

    return {
        "put_record": work.put_record,
        "put_records": work.put_records,
        "get_records": get_records,
        "describe_stream_summary": work.describe_stream_summary,
    }


def _serve() -> None:
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.client(
            "kinesis", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
        client.create_stream(StreamName=work.STREAM_NAME, ShardCount=work.SHARDS)
        client.create_stream(StreamName=work.READ_STREAM_NAME, ShardCount=1)
        for _ in range(work.READ_RECORDS // work.PUT_RECORDS):
            client.put_records(**work.put_records(work.READ_STREAM_NAME))
        for _ in range(work.PUTS_BEFORE):
            client.put_records(**work.put_records())
        arguments = arguments_of(client)
        for line in sys.stdin:
            call, number = line.split()
            make = arguments[call]

            def batch(_: int, make: Callable[[], Arguments] = make, size: int = int(number)) -> Sequence[Arguments]:
                return [make() for _ in range(size)]

            print(Calls(getattr(client, call), batch).turn(0), flush=True)


if __name__ == "__main__":
    _serve()

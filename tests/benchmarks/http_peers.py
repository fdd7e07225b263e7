"""Servers of others as contenders, over HTTP and loopback: kinesis-local and kinesalite, which run on Node.js.

Each is started by a process of its own, which stops it at the end of its input, and makes the calls: it reads a line
"call number-of-calls" and answers with the seconds that one of them took on average. These are the seconds that
passed, because most of them are spent in the server. Their streams hold fewer records than ours and moto's, because
one of them needs seconds for a PutRecords.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks import work
from tests.benchmarks.moto_peer import READY, PeerProcess, arguments_of
from tests.benchmarks.rounds import Arguments, Calls

#: A variable of the environment that names the folder with the node_modules of the peers.
VARIABLE = "KINESIS_FAKE_BENCH_PEERS"
_LOOPBACK = Path(__file__).with_name("loopback.js")
#: How long a server may take to start, and how long it may go on when it is told to end.
_START_S = 60
_END_S = 10

#: Given a port and another one that is free, the command line and the environment of each server.
_COMMANDS: dict[str, Callable[[int, int], tuple[list[str], dict[str, str]]]] = {
    "kinesalite": lambda port, _: (["cli.js", "--port", str(port), "--createStreamMs", "0", "--shardLimit", "50"], {}),
    "kinesis-local": lambda port, other: (
        ["main.js"],
        {
            "KINESIS_MOCK_PLAIN_PORT": str(port),
            "KINESIS_MOCK_TLS_PORT": str(other),
            "LOG_LEVEL": "ERROR",
            "CREATE_STREAM_DURATION": "0ms",
        },
    ),
}


def available(folder: str | None) -> tuple[list[str], str]:
    """The peers that can be measured, and else why none can."""
    if not folder:
        return [], f"name the folder of their node_modules with --peers or {VARIABLE}"
    if shutil.which("node") is None:
        return [], "there is no node"
    found = [name for name in _COMMANDS if (Path(folder, "node_modules", name) / "package.json").is_file()]
    return found, f"{folder} has no node_modules with {' or '.join(_COMMANDS)}"


def peer(name: str, folder: str) -> PeerProcess:
    """A process that starts one of the servers and calls it."""
    return PeerProcess(__name__, name, str(Path(folder, "node_modules", name).resolve()))


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def _server(name: str, package: str) -> Generator[str]:
    """The endpoint of a server that runs as long as the block."""
    port, other = _free_ports(2)
    command, variables = _COMMANDS[name](port, other)
    process = subprocess.Popen(
        ["node", "--require", str(_LOOPBACK), *command],
        cwd=package,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    last = time.monotonic() + _START_S
    while time.monotonic() < last and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The server has not begun to listen within {_START_S} seconds.")


def _serve(name: str, package: str) -> None:
    import botocore.session
    from botocore.config import Config

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server ends with this process
    with _server(name, package) as endpoint:
        client: Any = botocore.session.Session().create_client(
            "kinesis",
            region_name="us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 3}),
        )
        for stream_name, shard_count in ((work.STREAM_NAME, work.SHARDS), (work.READ_STREAM_NAME, 1)):
            client.create_stream(StreamName=stream_name, ShardCount=shard_count)
            client.get_waiter("stream_exists").wait(
                StreamName=stream_name, WaiterConfig={"Delay": 1, "MaxAttempts": _START_S}
            )
        for _ in range(work.READ_RECORDS // work.PUT_RECORDS):
            client.put_records(**work.put_records(work.READ_STREAM_NAME))
        arguments = arguments_of(client)
        print(READY, end="", flush=True)
        for line in sys.stdin:
            call, number = line.split()
            make = arguments[call]

            def batch(_: int, make: Callable[[], Arguments] = make, size: int = int(number)) -> Sequence[Arguments]:
                return [make() for _ in range(size)]

            print(Calls(getattr(client, call), batch, clock=time.perf_counter_ns).turn(0), flush=True)


if __name__ == "__main__":
    _serve(*sys.argv[1:])

"""The four calls that tests make most, against the floor and against moto."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.benchmarks import work
from tests.benchmarks.moto_peer import arguments_of
from tests.benchmarks.rounds import Arguments, Calls, Comparison, compare

if TYPE_CHECKING:
    from kinesis_fake import KinesisFake
    from tests.benchmarks.moto_peer import PeerProcess


class Target(NamedTuple):
    """One row of the table: how much, and how often in a turn of us and the floor, and of moto."""

    what: str
    call: str
    at_most_times_floor: float
    at_least_times_faster: float
    calls_per_turn: int
    moto_calls_per_turn: int
    rounds: int
    quick_rounds: int


TARGETS = (
    Target("put_record, 100 B", "put_record", 0.90, 15, 100, 10, 120, 15),
    Target("put_records, 500 × 1 KiB", "put_records", 0.35, 25, 5, 1, 40, 12),
    Target("get_records, 1000 × 1 KiB", "get_records", 1.20, 250, 25, 1, 60, 10),
    Target("describe_stream_summary", "describe_stream_summary", 0.95, 12, 100, 10, 120, 15),
)


def measure(target: Target, floor: Any, lower: Any, kinesis: KinesisFake, moto: PeerProcess, rounds: int) -> Comparison:
    """Us, the floor, moto, and the floor without resolving endpoints."""
    client = kinesis.client()
    batch = _batches(target, client)
    return compare(
        [
            _ours(target, kinesis, client, batch),
            Calls(getattr(floor, target.call), batch),
            moto.contender(target.call, target.moto_calls_per_turn),
            Calls(getattr(lower, target.call), batch),
        ],
        rounds,
    )


def measure_peers(target: Target, kinesis: KinesisFake, peers: Sequence[PeerProcess], rounds: int) -> Comparison:
    """Us, and each of these peers."""
    client = kinesis.client()
    contenders = [peer.contender(target.call, target.moto_calls_per_turn) for peer in peers]
    return compare([_ours(target, kinesis, client, _batches(target, client)), *contenders], rounds)


def _batches(target: Target, client: Any) -> Callable[[int], Sequence[Arguments]]:
    make = arguments_of(client)[target.call]
    return lambda _: [make() for _ in range(target.calls_per_turn)]


def _ours(target: Target, kinesis: KinesisFake, client: Any, batch: Callable[[int], Sequence[Arguments]]) -> Calls:
    return Calls(getattr(client, target.call), batch, lambda: kinesis.advance(milliseconds=work.PAUSE_MS))


def fill(kinesis: KinesisFake) -> None:
    """The stream that is written to, and the shard that is read: each record in it has an arrival of its own."""
    client = kinesis.client()
    for _ in range(work.PUTS_BEFORE):
        client.put_records(**work.put_records())
    stream = kinesis.create_stream(work.READ_STREAM_NAME, shards=1)
    for record in work.put_records(stream.stream_name)["Records"] * (work.READ_RECORDS // work.PUT_RECORDS):
        client.put_record(StreamName=stream.stream_name, **record)
        kinesis.advance(milliseconds=work.PAUSE_MS)

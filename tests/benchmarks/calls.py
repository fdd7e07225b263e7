"""The four calls that tests make most, against the floor and against moto."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.benchmarks import work
from tests.benchmarks.rounds import Arguments, Calls, Comparison, compare

if TYPE_CHECKING:
    from kinesis_fake import KinesisFake
    from tests.benchmarks.moto_peer import Moto


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
    Target("put_record, 100 B", "put_record", 1.35, 5, 100, 10, 120, 15),
    Target("put_records, 500 × 1 KiB", "put_records", 1.30, 8, 5, 1, 40, 12),
    Target("get_records, 1000 × 1 KiB", "get_records", 1.60, 150, 25, 1, 60, 10),
    Target("describe_stream_summary", "describe_stream_summary", 1.40, 5, 100, 10, 120, 15),
)


def measure(target: Target, floor: Any, lower: Any, kinesis: KinesisFake, moto: Moto, rounds: int) -> Comparison:
    """Us, the floor, moto, and the floor without resolving endpoints."""
    client = kinesis.client()

    def iterator() -> str:
        answer: str = client.get_shard_iterator(**work.get_shard_iterator())["ShardIterator"]
        return answer

    # A new iterator for each call, as a consumer has.
    ours: dict[str, Callable[[], Arguments]] = {
        "put_record": work.put_record,
        "put_records": work.put_records,
        "get_records": lambda: {"ShardIterator": iterator(), "Limit": work.READ_RECORDS},
        "describe_stream_summary": work.describe_stream_summary,
    }

    def batch(_: int) -> Sequence[Arguments]:
        return [ours[target.call]() for _ in range(target.calls_per_turn)]

    return compare(
        [
            Calls(getattr(client, target.call), batch, lambda: kinesis.advance(milliseconds=work.PAUSE_MS)),
            Calls(getattr(floor, target.call), batch),
            moto.contender(target.call, target.moto_calls_per_turn),
            Calls(getattr(lower, target.call), batch),
        ],
        rounds,
    )


def fill(kinesis: KinesisFake) -> None:
    """The stream that is written to, and the shard that is read: each record in it has an arrival of its own."""
    client = kinesis.client()
    for _ in range(work.PUTS_BEFORE):
        client.put_records(**work.put_records())
    stream = kinesis.create_stream(work.READ_STREAM_NAME, shards=1)
    for record in work.put_records(stream.stream_name)["Records"] * (work.READ_RECORDS // work.PUT_RECORDS):
        client.put_record(StreamName=stream.stream_name, **record)
        kinesis.advance(milliseconds=work.PAUSE_MS)

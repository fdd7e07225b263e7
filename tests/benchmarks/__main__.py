"""Measure, and print a table.

    python -m tests.benchmarks [--quick] [--peers DIR] [names]

Microseconds differ from machine to machine and from minute to minute; ratios of things that were measured in turns
do not. So no time is pass or fail here; only what is twice as much as it may be, relative to something measured beside
it, fails the run.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import NamedTuple

from tests.benchmarks.floor import floor_client, lower_floor_client, require_untouched

#: A ratio this many times worse than its target means that a change has broken something.
SLACK = 2.0


class Row(NamedTuple):
    """A figure and what it may be at most. A ratio, and a figure that is counted, can fail the run."""

    what: str
    figure: float
    at_most: float | None
    text: str = "{:.2f}"
    can_fail: bool = True

    def verdict(self) -> str:
        if self.at_most is None:
            return ""
        return "ok" if self.figure <= self.at_most else "over"

    def is_broken(self) -> bool:
        return self.can_fail and self.at_most is not None and self.figure > SLACK * self.at_most


def calls(quick: bool, wanted: Callable[[str], bool]) -> list[Row]:
    """Print the table of calls; the rows are its ratios."""
    floor, lower = floor_client(), lower_floor_client()
    from kinesis_fake import fake_kinesis
    from tests.benchmarks import work
    from tests.benchmarks.calls import TARGETS, fill, measure
    from tests.benchmarks.moto_peer import moto

    targets = [target for target in TARGETS if wanted(target.call)]
    if not targets:
        return []
    rows = []
    heading = ("call", "ours", "floor", "ratio", "at most", "", "lower", "ratio", "moto", "times", "at least", "")
    line = "{:26} {:>10} {:>10} {:>6} {:>8} {:4} {:>10} {:>6} {:>12} {:>6} {:>9} {:4}"
    print(line.format(*heading).rstrip())
    peer_process = moto()
    try:
        with fake_kinesis(streams={work.STREAM_NAME: work.SHARDS}) as kinesis:
            require_untouched(floor)
            require_untouched(lower)
            fill(kinesis)
            for target in targets:
                found = measure(
                    target, floor, lower, kinesis, peer_process, target.quick_rounds if quick else target.rounds
                )
                row = Row(target.what, found.ratios[1], target.at_most_times_floor)
                # The peer is slower by so much: as a figure that must not be above a limit, the other way round.
                peer = Row(target.what + ", moto", found.ratios[2], 1 / target.at_least_times_faster)
                rows += [row, peer]
                ours_us, floor_us, moto_us, lower_us = (f"{seconds * 1e6:,.1f} µs" for seconds in found.seconds)
                times = f"{1 / peer.figure:.1f}"
                limit = f"{target.at_most_times_floor:.2f}"
                figures = (ours_us, floor_us, f"{row.figure:.2f}", limit, row.verdict())
                lowest = (lower_us, f"{found.ratios[3]:.2f}")
                theirs = (moto_us, times, target.at_least_times_faster, peer.verdict())
                print(line.format(target.what, *figures, *lowest, *theirs))
    finally:
        peer_process.close()
    print()
    return rows


def situations(quick: bool) -> list[Row]:
    """Print the calls in other situations, against both floors; the rows are the ratios to the first."""
    from tests.benchmarks.situations import SITUATIONS, measure

    rows = []
    line = "{:38} {:>12} {:>10} {:>6} {:>8} {:4} {:>12} {:>6}"
    print(line.format("situation", "ours", "floor", "ratio", "at most", "", "lower floor", "ratio"))
    for situation in SITUATIONS:
        found = measure(situation, 5 if quick else 40)
        row = Row(situation.what, found.ratios[1], situation.at_most_times_floor)
        rows.append(row)
        ours_us, floor_us, lower_us = (f"{seconds * 1e6:,.1f} µs" for seconds in found.seconds)
        figures = (ours_us, floor_us, f"{row.figure:.2f}", f"{row.at_most:.2f}", row.verdict())
        print(line.format(situation.what, *figures, lower_us, f"{found.ratios[2]:.2f}"))
    print()
    return rows


def aio(quick: bool) -> list[Row]:
    """Print the calls of clients of aiobotocore, where it is installed; the rows are their ratios."""
    if find_spec("aiobotocore") is None:
        print("aiobotocore is not installed: its clients are not measured.\n")
        return []
    from kinesis_fake import fake_kinesis
    from tests.benchmarks import work
    from tests.benchmarks.aio import TARGETS, measure
    from tests.benchmarks.calls import fill

    rows = []
    line = "{:36} {:>12} {:>10} {:>6} {:>8} {:4}"
    print(line.format(f"aiobotocore {version('aiobotocore')}", "ours", "floor", "ratio", "at most", "").rstrip())
    with fake_kinesis(streams={work.STREAM_NAME: work.SHARDS}) as kinesis:
        fill(kinesis)
        for target in TARGETS:
            found = measure(kinesis, target, 8 if quick else 40)
            row = Row(f"aiobotocore, {target.what}", found.ratios[1], target.at_most_times_floor)
            rows.append(row)
            ours_us, floor_us = (f"{seconds * 1e6:,.1f} µs" for seconds in found.seconds)
            print(line.format(target.what, ours_us, floor_us, f"{row.figure:.2f}", f"{row.at_most:.2f}", row.verdict()))
    print()
    return rows


def peers(quick: bool, folder: str | None) -> None:
    """Print how many times faster we are than servers of others, where those are."""
    from kinesis_fake import fake_kinesis
    from tests.benchmarks import http_peers, work
    from tests.benchmarks.calls import TARGETS, fill, measure_peers

    names, why = http_peers.available(folder)
    if not names:
        print(f"No peer is measured over loopback: {why}.\n")
        return
    processes = {name: http_peers.peer(name, str(folder)) for name in names}
    for name in [name for name, process in processes.items() if not process.is_ready()]:
        print(f"{name} does not start.")
        processes.pop(name).close()
    names = list(processes)
    line = "{:26} {:>12}" + " {:>14} {:>6}" * len(names)
    print(line.format("over loopback", "ours", *(each for name in names for each in (name, "times"))))
    try:
        with fake_kinesis(streams={work.STREAM_NAME: work.SHARDS}) as kinesis:
            fill(kinesis)
            for target in TARGETS:
                found = measure_peers(target, kinesis, list(processes.values()), 3 if quick else 10)
                ours_us, *theirs_us = (f"{seconds * 1e6:,.0f} µs" for seconds in found.seconds)
                times = (f"{1 / ratio:,.0f}" for ratio in found.ratios[1:])
                theirs = (each for pair in zip(theirs_us, times, strict=True) for each in pair)
                print(line.format(target.what, ours_us, *theirs))
    finally:
        for process in processes.values():
            process.close()
    print()


def growth(quick: bool) -> list[Row]:
    from kinesis_fake import fake_kinesis
    from tests.benchmarks.growth import FEW, measure_growth

    many = 50_000 if quick else 1_000_000
    with fake_kinesis() as kinesis:
        writing, reading = measure_growth(kinesis, many, 20 if quick else 60)
    what = f"{many:,} records in the shard, times {FEW:,}"
    return [Row(f"put_record at {what}", writing, 1.2), Row(f"get_records at {what}", reading, 1.2)]


def memory(quick: bool) -> list[Row]:
    from kinesis_fake import fake_kinesis
    from tests.benchmarks.growth import bytes_per_record

    rows = []
    for records, records_per_call in ((20_000, 500), (4_000, 10)) if quick else ((200_000, 500), (100_000, 10)):
        with fake_kinesis() as kinesis:
            figure = bytes_per_record(kinesis, records, records_per_call)
        what = f"bytes per record beyond data and key ({records:,} in calls of {records_per_call})"
        rows.append(Row(what, figure, 300, "{:.0f}"))
    return rows


def importing(quick: bool) -> list[Row]:
    from tests.benchmarks.startup import first_call, import_and_first_fake

    rounds = 4 if quick else 20
    imported, entered = import_and_first_fake(rounds)
    ours, alone = first_call(rounds)
    return [
        Row("import beyond botocore.session, ms", imported * 1e3, 10, "{:.1f}", can_fail=False),
        Row("entering the first fake of a process, ms", entered * 1e3, 25, "{:.1f}", can_fail=False),
        Row("the first client and put_record of a process, of botocore alone, ms", alone * 1e3, None, "{:.1f}"),
        Row("the same in the first fake, beyond that, ms", (ours - alone) * 1e3, None, "{:.1f}"),
    ]


def fixture(quick: bool) -> list[Row]:
    from tests.benchmarks.startup import fixture

    used, idle = fixture(100 if quick else 400)
    return [
        Row("kinesis_client, set-up and tear-down, ms", used * 1e3, 0.5, can_fail=False),
        Row("of that pytest's own, for two fixtures that do nothing, ms", idle * 1e3, None),
    ]


def mapping(quick: bool) -> list[Row]:
    from kinesis_fake import fake_kinesis
    from tests.benchmarks.mapping import seconds_for

    records = 20_000 if quick else 100_000
    with fake_kinesis() as kinesis:
        seconds = seconds_for(kinesis, records)
    return [Row(f"{records:,} records through a trivial Lambda handler, s", seconds, records / 20_000, can_fail=False)]


def pytest_start(quick: bool) -> list[Row]:
    from tests.benchmarks.startup import pytest_start

    seconds = pytest_start(12 if quick else 40)
    return [Row("a pytest run that needs none of it, ms later", seconds * 1e3, 15, "{:.1f}", can_fail=False)]


def sizes(quick: bool) -> list[Row]:
    """Ratios, which can fail the run, and times, which are at least so many times smaller on a machine at rest."""
    from tests.benchmarks import sizes

    few, many = (100, 1_000) if quick else (1_000, 10_000)
    times = f"where there are {many:,}, times {few:,}"
    rows = [Row(f"a stream made {times}", sizes.making_streams(few, many).ratio, 1.3)]
    rows += [Row(f"{what} {times}", growth.ratio, 1.3) for what, growth in sizes.of_shards(few, many).items()]
    rows.append(Row("get_records, a partly encrypted shard, times another", sizes.partly_encrypted(few // 100), 1.2))
    streams, shards, records, entries = (1_000, 1_200, 50_000, 5_000) if quick else (10_000, 12_000, 1_000_000, 100_000)
    at_most = {"snapshot()": 500.0, "restore()": 500.0, "summary()": 5.0}
    seconds = {
        f"fake_kinesis() with {streams:,} streams": (sizes.seconds_of_many_streams(streams), 1_000.0),
        f"summary() with {shards:,} shards": (sizes.summary_of_shards(shards), 5.0),
        **{
            f"{what} with {records:,} records": (figure, at_most.get(what, 1.0))
            for what, figure in sizes.of_records(records).items()
        },
        f"snapshot() with {entries:,} received records of a queue": (sizes.snapshot_of_received(entries), 500.0),
        f"pending()[0] with {entries:,} entries": (sizes.pending_of(entries), 100.0),
    }
    rows += [
        Row(f"{what}, ms", each * 1e3, most, "{:.2f}" if most < 100 else "{:.0f}", can_fail=False)
        for what, (each, most) in seconds.items()
    ]
    return rows


CALLS = ("put_record", "put_records", "get_records", "describe_stream_summary")
OTHERS: dict[str, Callable[[bool], list[Row]]] = {
    "growth": growth,
    "sizes": sizes,
    "memory": memory,
    "import": importing,
    "fixture": fixture,
    "mapping": mapping,
    "pytest": pytest_start,
}
NAMES = (*CALLS, "situations", "aiobotocore", "peers", *OTHERS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure speed, as ratios.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and fewer records")
    parser.add_argument("names", nargs="*", help=f"what to measure: {', '.join(NAMES)}")
    parser.add_argument(
        "--peers",
        metavar="DIR",
        default=os.environ.get("KINESIS_FAKE_BENCH_PEERS"),
        help="the folder with the node_modules of kinesis-local and kinesalite (default: $KINESIS_FAKE_BENCH_PEERS)",
    )
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")

    def wanted(name: str) -> bool:
        return not options.names or name in options.names

    started_at = time.perf_counter()
    installed = [name for name in ("botocore", "boto3", "moto") if find_spec(name) is not None]
    packages = ", ".join(f"{name} {version(name)}" for name in installed)
    print(f"Python {platform.python_version()}, {packages}, {os.cpu_count()} cores\n")
    rows = calls(options.quick, wanted)
    if wanted("situations"):
        rows += situations(options.quick)
    if wanted("aiobotocore"):
        rows += aio(options.quick)
    if wanted("peers"):
        peers(options.quick, options.peers)
    others = [row for name, measure in OTHERS.items() if wanted(name) for row in measure(options.quick)]
    if others:
        width = max(len(row.what) for row in others)
        print(f"{'':{width}} {'figure':>8} {'at most':>8}")
        for row in others:
            at_most = "" if row.at_most is None else f"{row.at_most:g}"
            print(f"{row.what:{width}} {row.text.format(row.figure):>8} {at_most:>8} {row.verdict()}".rstrip())
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"\n{time.perf_counter() - started_at:.0f} s{load}")
    broken = [row.what for row in (*rows, *others) if row.is_broken()]
    if broken:
        print(f"More than {SLACK:g} times what it may be: {'; '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

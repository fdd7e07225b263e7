"""Measure, and print a table.

    python -m tests.benchmarks [--quick] [names]

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
from typing import NamedTuple

from tests.benchmarks.floor import floor_client, lower_floor_client, require_untouched

#: A ratio this many times worse than its target means that a change has broken something.
SLACK = 2.0


class Row(NamedTuple):
    """A figure and what it may be at most. One that is a ratio, or is counted, can fail the run."""

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
    from tests.benchmarks.moto_peer import Moto

    targets = [target for target in TARGETS if wanted(target.call)]
    if not targets:
        return []
    rows = []
    heading = ("call", "ours", "floor", "ratio", "at most", "", "lower", "ratio", "moto", "times", "at least", "")
    line = "{:26} {:>10} {:>10} {:>6} {:>8} {:4} {:>10} {:>6} {:>12} {:>6} {:>9} {:4}"
    print(line.format(*heading).rstrip())
    moto = Moto()
    try:
        with fake_kinesis(streams={work.STREAM_NAME: work.SHARDS}) as kinesis:
            require_untouched(floor)
            require_untouched(lower)
            fill(kinesis)
            for target in targets:
                found = measure(target, floor, lower, kinesis, moto, target.quick_rounds if quick else target.rounds)
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
        moto.close()
    print()
    return rows


def situations(quick: bool) -> list[Row]:
    """Print the calls in other situations, against both floors; the rows are the ratios to the first."""
    from tests.benchmarks.situations import SITUATIONS, measure

    rows = []
    line = "{:36} {:>12} {:>10} {:>6} {:>8} {:4} {:>12} {:>6}"
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
    from tests.benchmarks.startup import import_and_first_fake

    imported, entered = import_and_first_fake(4 if quick else 20)
    return [
        Row("import beyond botocore.session, ms", imported * 1e3, 10, "{:.1f}", can_fail=False),
        Row("entering the first fake of a process, ms", entered * 1e3, None, "{:.1f}"),
    ]


def fixture(quick: bool) -> list[Row]:
    from tests.benchmarks.startup import fixture

    seconds = fixture(100 if quick else 400)
    return [Row("kinesis_client, set-up and tear-down, ms", seconds * 1e3, 2, can_fail=False)]


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
    from tests.benchmarks.sizes import making_streams, of_shards, pending_of, snapshot_of_records

    few, many = (100, 1_000) if quick else (1_000, 10_000)
    times = f"where there are {many:,}, times {few:,}"
    rows = [Row(f"a stream made {times}", making_streams(few, many).ratio, 1.3)]
    rows += [Row(f"{what} {times}", growth.ratio, 1.3) for what, growth in of_shards(few, many).items()]
    records, entries = (50_000, 5_000) if quick else (1_000_000, 100_000)
    snapshot_ms, pending_ms = snapshot_of_records(records) * 1e3, pending_of(entries) * 1e3
    return [
        *rows,
        Row(f"snapshot() with {records:,} records, ms", snapshot_ms, 500, "{:.1f}", can_fail=False),
        Row(f"pending() with {entries:,} entries, ms", pending_ms, 100, "{:.1f}", can_fail=False),
    ]


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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure speed, as ratios.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and fewer records")
    parser.add_argument("names", nargs="*", help=f"what to measure: {', '.join((*CALLS, 'situations', *OTHERS))}")
    options = parser.parse_args()
    unknown = set(options.names) - {*CALLS, "situations", *OTHERS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")

    def wanted(name: str) -> bool:
        return not options.names or name in options.names

    started_at = time.perf_counter()
    packages = ", ".join(f"{name} {version(name)}" for name in ("botocore", "boto3", "moto"))
    print(f"Python {platform.python_version()}, {packages}, {os.cpu_count()} cores\n")
    rows = calls(options.quick, wanted)
    if wanted("situations"):
        rows += situations(options.quick)
    others = [row for name, measure in OTHERS.items() if wanted(name) for row in measure(options.quick)]
    if others:
        width = max(len(row.what) for row in others)
        print(f"{'':{width}} {'figure':>8} {'at most':>8}")
        for row in others:
            at_most = "" if row.at_most is None else f"{row.at_most:g}"
            print(f"{row.what:{width}} {row.text.format(row.figure):>8} {at_most:>8} {row.verdict()}".rstrip())
    print(f"\n{time.perf_counter() - started_at:.0f} s")
    broken = [row.what for row in (*rows, *others) if row.is_broken()]
    if broken:
        print(f"More than {SLACK:g} times what it may be: {'; '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""What a fake tells a person: its streams, what is in transition, the last calls, and hints."""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_fake.calls import CallLog, instant_text, place_suffix
from kinesis_fake.domain.stream import Stream
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.finding import Sought, hint, regions_in_order
from kinesis_fake.toolkit.views.pending import pending_views
from kinesis_fake.virtual_time.clock import datetime_of


def report(backstage: Backstage, calls: CallLog, last_calls: int) -> str:
    """The state of a fake and its past, as text."""
    with backstage.lock:
        lines = [f"virtual time: {instant_text(datetime_of(backstage.now))}"]
        lines += _section("streams", _streams_told(backstage), "none")
        lines += _section("in transition", pending_views(backstage), "nothing")
        if backstage.delivery is not None:
            lines += _section("event source mappings", backstage.delivery.told(), "none")
        if injections := backstage.service.faults.injections:
            lines += _section("faults", injections)
        if last_calls > 0:
            lines += _section("last calls", calls[-last_calls:], "none")
        return "\n".join(lines + _hints(backstage, calls))


def _streams_told(backstage: Backstage) -> Iterable[str]:
    now = backstage.now
    for region in regions_in_order(backstage.world, backstage.home):
        suffix = place_suffix((region.account_id, region.region_name), backstage.home)
        for _, stream in sorted(region.streams.items()):
            yield _stream_told(stream, suffix, now)


def _stream_told(stream: Stream, suffix: str, now: int) -> str:
    shards = stream.shards(now)
    records = 0
    for shard in shards:
        _, start, end = shard.readable_span(now, stream.retention_ms)
        records += end - start
    return (
        f"{stream.stream_name}{suffix}: {stream.status}, {_counted(len(stream.open_shards), 'open shard')} of "
        f"{len(shards)}, {_counted(records, 'record')}"
    )


def _hints(backstage: Backstage, calls: CallLog) -> list[str]:
    """Where the stream is that the last call has not found."""
    entry = calls._last()
    if entry is None:
        return []
    _, parameters, outcome, _, _, account_id, region_name = entry
    name_or_arn = parameters.get("StreamARN", parameters.get("StreamName"))
    if outcome != "ResourceNotFoundException" or name_or_arn is None:
        return []
    # An ARN may say another region, but a client does not leave its own.
    sought = Sought.of(name_or_arn, account_id, region_name)._replace(region_name=region_name)
    told = hint(backstage.world, backstage.home, sought)
    return [f"hint: {told}"] if told is not None else []


def _section(heading: str, items: Iterable[object], nothing: str = "") -> list[str]:
    lines = [f"  {item}" for item in items]
    return [f"{heading}:", *lines] if lines else [f"{heading}: {nothing}"]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

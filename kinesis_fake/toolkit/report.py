"""What a fake tells a person: its streams and shards, consumers, queues and channels, the last calls, and hints.

It is made for every failing test, so nothing in it looks at single records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from kinesis_fake.calls import CallLog, instant_text, place_suffix, short_shard_id
from kinesis_fake.domain.hash_key import HASH_KEY_SPACE
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.deviations import deviations
from kinesis_fake.toolkit.finding import regions_in_order
from kinesis_fake.toolkit.hints import hints
from kinesis_fake.toolkit.views.pending import pending_views
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted

#: How many characters stand for all hash keys.
_BAR_WIDTH = 32
#: How many of each kind are listed; the others are counted.
_MAX_STREAMS = 20
_MAX_SHARDS = 12
_MAX_OTHERS = 10


def report(backstage: Backstage, calls: CallLog, last_calls: int, error: BaseException | None = None) -> str:
    """The state of a fake and its past, as text; ``error`` is what the test has failed with."""
    with backstage.lock:
        lines = [f"virtual time: {instant_text(datetime_of(backstage.now))}"]
        if backstage.compatible_with is not None:
            hidden = _first_lines(deviations(backstage, calls.remembered()), _MAX_OTHERS)
            lines += _section(f"hidden by compatible_with={backstage.compatible_with!r}", hidden, "nothing")
        lines += _section("streams", _lines_of_streams(backstage), "none")
        pending = pending_views(backstage)
        upcoming = [*pending[:_MAX_OTHERS], *_more(len(pending) - _MAX_OTHERS)]
        lines += _section("in transition", upcoming, "nothing")
        if backstage.pollers is not None:
            lines += _section("event source mappings", backstage.pollers.report_lines(), "none")
        if injections := backstage.service.faults.injections:
            lines += _section("faults", injections)
        if last_calls > 0:
            lines += _section("last calls", calls.last_calls(last_calls), "none")
        return "\n".join([*lines, *(f"hint: {hint}" for hint in hints(backstage, calls, error))])


def hash_key_bar(shard: Shard, width: int) -> str:
    """The hash keys of a shard among all there are: open with ``=``, closed with dots."""
    start, end = (key * width // HASH_KEY_SPACE for key in (shard.starting_hash_key, shard.ending_hash_key + 1))
    start = min(start, width - 2)
    inside = ("=" if shard.is_open else ".") * (end - start - 2)
    return f"{' ' * start}[{inside}]".ljust(width)


# --- streams ------------------------------------------------------------------------------------------------------


def _lines_of_streams(backstage: Backstage) -> Iterator[str]:
    now = backstage.now
    streams = [
        (stream, place_suffix((region.account_id, region.region_name), backstage.home))
        for region in regions_in_order(backstage.world, backstage.home)
        for _, stream in sorted(region.streams.items())
    ]
    for stream, suffix in streams[:_MAX_STREAMS]:
        shards = stream.shards(now)
        used = [shard for shard in shards if shard.end_position]
        records = sum(_readable(stream, shard, now) for shard in used)
        open_shards = counted(len(stream.open_shards), "open shard")
        yield (
            f"{stream.stream_name}{suffix}: {stream.status}, {open_shards} of {len(shards)}, "
            f"{counted(records, 'record')}"
        )
        if used or len(shards) > len(stream.open_shards):
            lines = [_line_of_shard(stream, shard, now) for shard in shards[:_MAX_SHARDS]]
            yield from _indented(lines + _more(len(shards) - _MAX_SHARDS))
        yield from _indented(_first_lines(_lines_of_readers(stream, now), _MAX_OTHERS))
    yield from _more(len(streams) - _MAX_STREAMS)


def _readable(stream: Stream, shard: Shard, now: int) -> int:
    return shard.end_position - shard.position_of_trim_horizon(now, stream.retention_ms)


def _line_of_shard(stream: Stream, shard: Shard, now: int) -> str:
    left = _readable(stream, shard, now)
    taken = shard.end_position - left
    state = f"{counted(left, 'record')}{f', retention has taken {taken}' if taken else ''}"
    if not shard.is_open:
        children = [short_shard_id(child.shard_id) for child in stream.children_of(shard)]
        noun = "child" if len(children) == 1 else "children"
        state += f", closed, {noun} {', '.join(children)}" if children else ", closed"
    return f"shard {short_shard_id(shard.shard_id):<3} {hash_key_bar(shard, _BAR_WIDTH)} {state}"


def _lines_of_readers(stream: Stream, now: int) -> Iterator[str]:
    """What reads a stream: registered consumers with their subscriptions, queues and channels."""
    for name, consumer in sorted(stream.consumers.items()):
        held = [index for index, each in sorted(consumer.subscriptions.items()) if each.is_in_force(now)]
        subscribed = f"subscribed to {'shard' if len(held) == 1 else 'shards'} {', '.join(map(str, held))}"
        yield f"consumer {name}: {consumer.status}, {subscribed if held else 'no subscription'}"
    for queue in sorted(stream.queues.values(), key=lambda queue: queue.queue_name):
        waiting, in_flight, dead_letters = (0, 0, 0) if queue.status == "CREATING" else queue.records.counts(now)
        yield (
            f"queue {queue.queue_name}: {queue.status}, {waiting} waiting, {in_flight} in flight, "
            f"{counted(dead_letters, 'dead letter')}"
        )
    for channel in sorted(stream.channels.values(), key=lambda channel: channel.channel_name):
        reason = f" ({channel.status_reason})" if channel.status_reason is not None else ""
        delivered = len(channel.batches(now))
        waiting = channel.deliveries.undelivered_count if channel.deliveries is not None else 0
        yield (
            f"channel {channel.channel_name}: {channel.status}{reason}, "
            f"{counted(delivered, 'delivery', 'deliveries')}, {counted(waiting, 'record')} not yet delivered"
        )


# --- lines --------------------------------------------------------------------------------------------------------


def _section(heading: str, items: Iterable[object], nothing: str = "") -> list[str]:
    lines = [f"  {item}" for item in items]
    return [f"{heading}:", *lines] if lines else [f"{heading}: {nothing}"]


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _first_lines(items: Iterable[object], most: int) -> Iterator[str]:
    """The first lines, and how many more there are."""
    iterator = iter(items)
    yield from map(str, islice(iterator, most))
    yield from _more(sum(1 for _ in iterator))


def _more(number: int) -> list[str]:
    return [f"and {number} more"] if number > 0 else []

"""Why a test may have failed, if the last calls and the state that they have found show a typical cause."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise

from kinesis_fake.calls import CallLog, LoggedCall, RecordsRead, short_shard_id
from kinesis_fake.domain.iterator import LATEST
from kinesis_fake.domain.shard import Shard
from kinesis_fake.domain.stream import Stream
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.finding import Sought, elsewhere
from kinesis_fake.toolkit.hints_of_errors import hints_of_error
from kinesis_fake.toolkit.places import Place, place_of
from kinesis_fake.words import counted

#: How many of the last calls are searched for a stream that was not found, and for what was read.
_CALLS_THAT_MISSED = 10
_CALLS_THAT_READ = 50
#: How many of the last calls are searched for retries, and how many retries make a hint.
_CALLS_THAT_RETRY = 50
_MIN_RETRIES = 2
#: Errors that the code under test itself retries after a pause, as it does with failed records of a PutRecords.
_WORTH_A_RETRY = ("ProvisionedThroughputExceededException", "LimitExceededException", "ThrottlingException")
_CREATING = "CREATING"
#: What AWS answers if a stream does not exist, or not yet.
_NOT_THERE = ("ResourceNotFoundException", "ResourceInUseException")


def hints(backstage: Backstage, calls: CallLog, error: BaseException | None) -> list[str]:
    """All hints, each once: first about the exception of the test, then about the calls, the newest call first."""
    entries = calls.remembered()
    found: dict[str, None] = dict.fromkeys(hints_of_error(backstage, entries, error))
    for entry in reversed(entries[-_CALLS_THAT_MISSED:]):
        if entry.outcome in _NOT_THERE:
            found.update(dict.fromkeys(_missed_stream(backstage, entry)))
    found.update(dict.fromkeys(_fruitless_reads(backstage, entries)))
    found.update(dict.fromkeys(_subscribed_too_late(backstage, entries)))
    found.update(dict.fromkeys(_retries_without_time(backstage, entries)))
    return list(found)


# --- a stream that was missed -------------------------------------------------------------------------------------


def _missed_stream(backstage: Backstage, entry: LoggedCall) -> Iterator[str]:
    name_or_arn = entry.parameters.get("StreamARN", entry.parameters.get("StreamName"))
    if name_or_arn is None:
        return
    sought = Sought.of(name_or_arn, entry.account_id, entry.region_name)
    stream = sought.find(backstage.world)
    if stream is not None:
        if stream.status == _CREATING and entry.operation != "CreateStream":
            yield (
                f"Stream {stream.stream_name} is still CREATING, so {entry.operation} was refused. Wait for it with "
                "the waiter stream_exists, or make it with kinesis.create_stream(), which returns when it is ACTIVE."
            )
        return
    if entry.outcome != "ResourceNotFoundException":
        return
    if any(sought.find(outer.world) is not None for outer in backstage.outer_ones()):
        yield (
            f"An outer fake has this stream, {sought.stream_name!r}, but the fake that was entered last answers the "
            "call: make the stream in that one, or let the test enter the outer fake alone."
        )
        return
    found_elsewhere = elsewhere(backstage.world, backstage.home, sought)
    if found_elsewhere is not None:
        yield found_elsewhere
    elif (close := _close_name(backstage, sought)) is not None:
        yield f"There is no stream {sought.stream_name!r}; do you mean {close!r}?"


def _close_name(backstage: Backstage, sought: Sought) -> str | None:
    """The name of a stream of the same account and region that differs in case or by a letter or two."""
    region = backstage.world.regions.get((sought.account_id, sought.region_name))
    by_lower_case = {name.lower(): name for name in sorted(region.streams)} if region is not None else {}
    close = get_close_matches(sought.stream_name.lower(), by_lower_case, 1, cutoff=0.8)
    return by_lower_case[close[0]] if close else None


# --- retries that take no time ------------------------------------------------------------------------------------


def _retries_without_time(backstage: Backstage, entries: list[LoggedCall]) -> Iterator[str]:
    """The operation that the code under test called again and again at one instant although it was throttled."""
    retries: dict[tuple[str, int], int] = {}
    for before, entry in pairwise(entries[-_CALLS_THAT_RETRY:]):
        call = entry.operation, entry.at
        if call == (before.operation, before.at) and entry.attempt == 1 and _is_throttled(before):
            retries[call] = retries.get(call, 0) + 1
    again = [(operation, number) for (operation, _), number in retries.items() if number >= _MIN_RETRIES]
    if again and not backstage.sleeps_virtually:
        operation, number = again[-1]
        yield (
            f"{operation} was throttled and called again {number} times at one virtual instant. If the code sleeps in "
            "between, virtual_sleep=True lets these sleeps move the clock and take no real time."
        )


def _is_throttled(entry: LoggedCall) -> bool:
    return entry.outcome in _WORTH_A_RETRY or (entry.operation == "PutRecords" and bool(entry.note))


# --- reads that found nothing -------------------------------------------------------------------------------------


def _fruitless_reads(backstage: Backstage, entries: list[LoggedCall]) -> Iterator[str]:
    """Which records of its stream the last GetRecords did not find, and why."""
    reads: list[tuple[LoggedCall, Place]] = []
    for entry in entries[-_CALLS_THAT_READ:]:
        if isinstance(entry.note, RecordsRead):
            place = place_of(backstage.service, entry.parameters.get("ShardIterator"))
            if place is not None:
                reads.append((entry, place))
    if not reads or not isinstance(note := reads[-1][0].note, RecordsRead):
        return
    if note.children is not None or note.number == 0:
        yield from _unread_descendants(backstage, reads)
    if note.number == 0 and (taken := _taken_latest_too_late(backstage, entries, reads)) is not None:
        yield taken


def _unread_descendants(backstage: Backstage, reads: list[tuple[LoggedCall, Place]]) -> Iterator[str]:
    """The descendants of the shard that was read last which have records, and were not read."""
    last = reads[-1][1]
    read_shards = {(place.stream.uid, place.shard.index) for _, place in reads}
    counts = {
        short_shard_id(shard.shard_id): _readable(backstage, last.stream, shard)
        for shard in _descendants(last)
        if (last.stream.uid, shard.index) not in read_shards
    }
    holders = [name for name, count in counts.items() if count]
    if holders:
        count, several = sum(counts.values()), len(holders) > 1
        yield (
            f"Shard {short_shard_id(last.shard.shard_id)} of stream {last.stream.stream_name} is closed, and "
            f"{counted(count, 'record')} went to its {'descendants' if several else 'descendant'} "
            f"{', '.join(holders)}, which {'have' if several else 'has'} not been read: go on with the ChildShards of "
            "the last answer, or with ListShards."
        )


def _descendants(place: Place) -> list[Shard]:
    found: dict[int, Shard] = {}
    waiting = place.stream.children_of(place.shard)
    while waiting:
        shard = waiting.pop(0)
        if shard.index not in found:
            found[shard.index] = shard
            waiting += place.stream.children_of(shard)
    return list(found.values())


def _taken_latest_too_late(
    backstage: Backstage, entries: list[LoggedCall], reads: list[tuple[LoggedCall, Place]]
) -> str | None:
    """A shard from which nothing was read with an iterator of the type LATEST, while it had records already."""
    last = reads[-1][1]
    same_shard = [(entry, place) for entry, place in reads if place.shard is last.shard]
    if any(isinstance(entry.note, RecordsRead) and entry.note.number for entry, _ in same_shard):
        return None
    latest = [entry for entry in entries if _asks_for_latest(backstage, entry, last)]
    first_position = same_shard[0][1].position
    oldest = last.shard.position_of_trim_horizon(backstage.now, last.stream.retention_ms)
    missed = first_position - oldest
    if not latest or missed <= 0:
        return None
    return (
        f"The iterator of shard {short_shard_id(last.shard.shard_id)} of stream {last.stream.stream_name} was taken "
        f"with LATEST when {counted(missed, 'record')} had been put already: take it "
        "before the put, or use TRIM_HORIZON."
    )


def _asks_for_latest(backstage: Backstage, entry: LoggedCall, place: Place) -> bool:
    parameters = entry.parameters
    if parameters.get("ShardIteratorType") != LATEST or parameters.get("ShardId") != place.shard.shard_id:
        return False
    name_or_arn = parameters.get("StreamARN", parameters.get("StreamName"))
    return Sought.of(name_or_arn, entry.account_id, entry.region_name).find(backstage.world) is place.stream


def _subscribed_too_late(backstage: Backstage, entries: list[LoggedCall]) -> Iterator[str]:
    """The shards of which a consumer has seen nothing: it subscribed with LATEST after the last record was put."""
    consumers = {
        consumer.consumer_arn: consumer
        for region in backstage.world.regions.values()
        for stream in region.streams.values()
        for consumer in stream.consumers.values()
        if consumer.began_at
    }
    for entry in reversed(entries[-_CALLS_THAT_READ:] if consumers else []):
        parameters = entry.parameters
        consumer = consumers.get(parameters.get("ConsumerARN", "")) if entry.operation == "SubscribeToShard" else None
        if consumer is None or entry.outcome != "ok" or parameters["StartingPosition"]["Type"] != LATEST:
            continue
        stream = consumer.stream
        for shard in stream.shards(backstage.now):
            missed = _readable(backstage, stream, shard)
            began_after_all = consumer.began_at.get(shard.index) == shard.end_position
            if not (shard.shard_id == parameters["ShardId"] and began_after_all and missed):
                continue
            yield (
                f"Consumer {consumer.consumer_name} subscribed to shard {short_shard_id(shard.shard_id)} of stream "
                f"{stream.stream_name} with LATEST when {counted(missed, 'record')} had been put "
                "already: subscribe before the put, or with TRIM_HORIZON."
            )


def _readable(backstage: Backstage, stream: Stream, shard: Shard) -> int:
    return shard.end_position - shard.position_of_trim_horizon(backstage.now, stream.retention_ms)

"""What ``compatible_with="moto"`` has hidden from a test: the calls that AWS would have answered otherwise.

Under that option transitions take no time. The log of calls tells which calls came while a transition would still have
been under way without the option.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kinesis_fake.calls import POLL_OF_WAITER, LoggedCall, RecordsRead
from kinesis_fake.domain.arn import parse_arn
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.registry import OPERATIONS
from kinesis_fake.settings import ITERATOR_LIFETIME_MS, Durations
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.finding import Sought
from kinesis_fake.toolkit.places import place_of

#: The report looks at so many of the last reads for the age of their iterators.
_MAX_READS = 50
_OK = "ok"
_NOT_FOUND = "ResourceNotFoundException"
_IN_USE = "ResourceInUseException"

#: Families of operations that moto does not have; their transitions are not looked at.
_NOT_IN_MOTO = ("channels", "queues")


class _Transition(NamedTuple):
    """A transition that has taken no time here; ``ends_at`` is when it would have ended."""

    operation: str
    family: str
    status: str
    ends_at: int


class _Difference(NamedTuple):
    """What a call was answered here, and what on AWS. ``is_end`` says that the client need not ask again."""

    here: str
    on_aws: str
    is_end: bool = False


#: A stream or a consumer: account, region, the name of the stream, that of the consumer.
_Key = tuple[str, str, str, str]


def deviations(backstage: Backstage, entries: list[LoggedCall]) -> list[str]:
    """Each difference to AWS that the calls of a test were answered with: a line, with how often that was."""
    lines = Counter(_differences(backstage, entries))
    return [line if number == 1 else f"{line} ({number} times)" for line, number in lines.items()]


def _differences(backstage: Backstage, entries: list[LoggedCall]) -> Iterator[str]:
    usual, own = Durations(), backstage.world.durations
    going_on: dict[_Key, _Transition] = {}
    for entry in entries:
        for key in _keys_of(backstage, entry, going_on):
            transition = going_on.get(key)
            if transition is None:
                continue
            if entry.at >= transition.ends_at or entry.note is POLL_OF_WAITER:
                del going_on[key]
            elif (answer := _answer_of(entry, transition)) is not None:
                *_, stream_name, consumer_name = key
                what = f"consumer {consumer_name}" if consumer_name else f"stream {stream_name}"
                soon = f"{entry.operation} right after {transition.operation} of {what}"
                yield f"{soon}: {answer.here} here; on AWS {answer.on_aws}"
                if answer.is_end:
                    del going_on[key]
        if entry.outcome == _OK and (begins := OPERATIONS[entry.operation].begins) is not None:
            status, duration = begins
            family = OPERATIONS.family_of[entry.operation]
            takes_no_time = getattr(own, duration) == 0 and family not in _NOT_IN_MOTO
            if takes_no_time and (changed := _own_key(entry)) is not None:
                going_on[changed] = _Transition(entry.operation, family, status, entry.at + getattr(usual, duration))
    yield from _young_iterators(backstage, entries)


# --- what a call is about -----------------------------------------------------------------------------------------

#: The members of a call that name a stream.
_ADDRESSES = ("StreamARN", "StreamName", "ResourceARN")


def _own_key(entry: LoggedCall) -> _Key | None:
    """The stream or the consumer that a call names."""
    parameters = entry.parameters
    consumer_name = str(parameters.get("ConsumerName", ""))
    name_or_arn = next((parameters[name] for name in _ADDRESSES if name in parameters), None)
    if (consumer_arn := parameters.get("ConsumerARN")) is not None:
        arn = parse_arn(str(consumer_arn))
        if arn is None:
            return None
        # stream/orders/consumer/billing:1767225600
        _, stream_name, _, consumer = arn.resource.split("/", 3)
        return arn.account_id, arn.region_name, stream_name, consumer.partition(":")[0]
    if name_or_arn is None:
        return None
    return *Sought.of(name_or_arn, entry.account_id, entry.region_name), consumer_name


def _keys_of(backstage: Backstage, entry: LoggedCall, going_on: dict[_Key, _Transition]) -> list[_Key]:
    """The resources in transition that a call concerns: it names them, reads them by its iterator, or lists them."""
    if not going_on:
        return []
    if entry.operation == "ListStreams":
        return [key for key in going_on if key[:2] == (entry.account_id, entry.region_name)]
    if entry.operation == "GetRecords":
        place = place_of(backstage.service, entry.parameters.get("ShardIterator"))
        if place is None:
            return []
        region = place.stream.region
        return [(region.account_id, region.region_name, place.stream.stream_name, "")]
    own = _own_key(entry)
    if own is None:
        return []
    if entry.operation == "ListStreamConsumers":
        return [key for key in going_on if key[:3] == own[:3]]
    return [own, (*own[:3], "")] if own[3] else [own]


# --- what AWS would have answered ---------------------------------------------------------------------------------


def _answer_of(entry: LoggedCall, transition: _Transition) -> _Difference | None:
    """How AWS would have answered a call during a transition; None if it would have answered the same."""
    if transition.family == "consumers":
        return _answer_on_consumer(entry, transition)
    if transition.status == "CREATING":
        return _answer_in_creating(entry)
    if transition.status == "UPDATING":
        return _answer_in_updating(entry, transition)
    return _answer_in_deleting(entry)


def _describes_stream(entry: LoggedCall) -> bool:
    """Whether the answer shows the status of the one stream that the call names."""
    known = OPERATIONS[entry.operation]
    return OPERATIONS.family_of[entry.operation] == "streams" and known.takes_stream and known.poll is not None


def _answer_in_creating(entry: LoggedCall) -> _Difference | None:
    if entry.outcome != _OK:
        return None
    if _describes_stream(entry):
        return _Difference("ACTIVE", "CREATING and without shards at first, which code must look at", is_end=True)
    if (needs := OPERATIONS[entry.operation].needs_stream) is not None:
        code = _NOT_FOUND if needs == "with shards" else _IN_USE
        return _Difference(_OK, f"{code} until the stream is ACTIVE")
    return None


def _answer_in_updating(entry: LoggedCall, transition: _Transition) -> _Difference | None:
    operation, is_reshard = entry.operation, transition.family == "shards"
    if entry.outcome != _OK:
        return None
    if _describes_stream(entry):
        return _Difference("ACTIVE and changed", "UPDATING at first, and as it was before", is_end=True)
    if OPERATIONS[operation].needs_stream == "ACTIVE":
        return _Difference(_OK, f"{_IN_USE} until the stream is ACTIVE again")
    if is_reshard and operation == "ListShards":
        return _Difference("the new shards", "they are not there before the reshard has ended")
    if is_reshard and OPERATIONS.family_of[operation] == "records":
        return _Difference("into the new shards", "into those of before until the reshard has ended")
    if is_reshard and isinstance(entry.note, RecordsRead) and entry.note.children is not None:
        return _Difference("the end of the shard", "it goes on until the reshard has ended")
    return None


def _answer_in_deleting(entry: LoggedCall) -> _Difference | None:
    if entry.outcome == _NOT_FOUND and _describes_stream(entry):
        return _Difference(_NOT_FOUND, "DELETING at first", is_end=True)
    if entry.operation == "ListStreams" and entry.outcome == _OK:
        return _Difference("without it", "it is listed until it is gone")
    if entry.operation == "CreateStream" and entry.outcome == _OK:
        return _Difference(_OK, f"{_IN_USE} until the stream of before is gone", is_end=True)
    return None


def _answer_on_consumer(entry: LoggedCall, transition: _Transition) -> _Difference | None:
    operation = entry.operation
    if transition.status == "CREATING":
        if entry.outcome != _OK:
            return None
        if OPERATIONS.family_of[operation] == "consumers" and OPERATIONS[operation].poll is not None:
            return _Difference("ACTIVE", "CREATING at first, which code must look at", is_end=True)
        if operation == "SubscribeToShard":
            return _Difference(_OK, f"{_IN_USE} until the consumer is ACTIVE")
        return None
    if operation == "DescribeStreamConsumer" and entry.outcome == _NOT_FOUND:
        return _Difference(_NOT_FOUND, "DELETING at first", is_end=True)
    if operation == "ListStreamConsumers" and entry.outcome == _OK:
        return _Difference("without it", "it is listed until it is gone")
    if operation == "RegisterStreamConsumer" and entry.outcome == _OK:
        return _Difference(_OK, f"{_IN_USE} until the consumer of before is gone", is_end=True)
    return None


def _young_iterators(backstage: Backstage, entries: list[LoggedCall]) -> Iterator[str]:
    """A line that says how young all iterators were, if the test has read records and none has expired."""
    reads = [entry for entry in entries if entry.operation == "GetRecords" and entry.outcome == _OK][-_MAX_READS:]
    places = [(entry, place_of(backstage.service, entry.parameters.get("ShardIterator"))) for entry in reads]
    ages = [entry.at - place.issued_at for entry, place in places if place is not None]
    if ages and max(ages) < ITERATOR_LIFETIME_MS:
        yield (
            f"GetRecords: no iterator was older than {-(-max(ages) // 1000)} s here; on AWS each expires after 5 "
            "minutes, which Fault.expired_iterator() tries"
        )

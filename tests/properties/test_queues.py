"""A queue, compared with a model that only knows which records were put, received, acknowledged and restored."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from kinesis_fake import KinesisFake
from tests.support.answers import check_answers
from tests.support.model import needs

TIMEOUT = 30
MAX_RECEIVE_COUNT = 2
RETENTION = 24 * 3600


@dataclass
class Record:
    """The model's knowledge of one record. Instants are in seconds since the beginning."""

    put_at: int
    receive_count: int = 0
    visible_at: int = 0
    is_dead: bool = False
    is_done: bool = False
    handle: str | None = None

    def settle(self, now: int) -> None:
        if not self.is_done and now >= self.visible_at and self.receive_count >= MAX_RECEIVE_COUNT:
            self.is_dead = True
        if now - self.put_at >= RETENTION:
            self.is_done = True


class AQueue(RuleBasedStateMachine):
    """Every rule is one call or one step of the clock; the records are told apart by their data."""

    handles = Bundle("handles")
    dead_handles = Bundle("dead_handles")

    def __init__(self) -> None:
        super().__init__()
        self.fake = KinesisFake(start="2026-01-01T00:00:00Z", autojump=False, streams={"orders": {}})
        self.client = check_answers(self.fake.client())
        stream_arn = self.fake.stream("orders").stream_arn
        attributes = {"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": MAX_RECEIVE_COUNT}}
        answer = self.client.create_queue(
            QueueName="billing", StreamConfigurationList=[{"StreamARN": stream_arn}], QueueAttributes=attributes
        )
        self.queue_arn = answer["QueueDescription"]["QueueARN"]
        self.fake.settle()
        self.now = 0
        self.numbers = count()
        self.records: dict[str, Record] = {}
        self.ids: dict[str, str] = {}

    # --- the world ------------------------------------------------------------------------------------------------

    @rule(howmany=st.sampled_from([1, 2, 12]))
    def put(self, howmany: Any) -> None:
        for _ in range(howmany):
            text = str(next(self.numbers))
            self.fake.stream("orders").put(text, text)
            self.records[text] = Record(self.now, visible_at=self.now)

    @rule(seconds=st.sampled_from([1, 29, 30, 30, 100, 12 * 3600]))
    def advance(self, seconds: Any) -> None:
        self.fake.advance(seconds=seconds)
        self.now += seconds

    @rule(data=st.data())
    def split(self, data: Any) -> None:
        stream = self.fake.stream("orders")
        if len(stream.open_shards) < 12:
            stream.split(data.draw(st.sampled_from([shard.shard_id for shard in stream.open_shards])))

    @rule(data=st.data())
    def merge(self, data: Any) -> None:
        shards = sorted(self.fake.stream("orders").open_shards, key=lambda shard: shard.starting_hash_key)
        if len(shards) > 1:
            lower = data.draw(st.integers(0, len(shards) - 2))
            self.fake.stream("orders").merge(shards[lower].shard_id, shards[lower + 1].shard_id)

    # --- receiving ------------------------------------------------------------------------------------------------

    @rule(target=handles, limit=st.sampled_from([1, 3, 10]), timeout=st.sampled_from([0, 0, None, 100]))
    def receive(self, limit: Any, timeout: Any) -> Any:
        return self._receive(self.client.receive_queue_records, limit, timeout, is_dead=False)

    @rule(target=dead_handles, limit=st.sampled_from([1, 3, 10]), timeout=st.sampled_from([0, 0, None, 100]))
    def receive_dead_letters(self, limit: Any, timeout: Any) -> Any:
        return self._receive(self.client.receive_dead_letter_queue_records, limit, timeout, is_dead=True)

    def _receive(self, operation: Any, limit: Any, timeout: Any, is_dead: Any) -> Any:
        self._settle()
        receivable = {
            text
            for text, record in self.records.items()
            if not record.is_done and record.is_dead == is_dead and record.visible_at <= self.now
        }
        more = {} if timeout is None else {"VisibilityTimeoutSeconds": timeout}
        received = operation(QueueARN=self.queue_arn, Limit=limit, **more)["QueueRecords"]
        texts = [entry["Data"].decode() for entry in received]
        assert len(set(texts)) == len(texts) == min(limit, len(receivable))  # at least once, in one hand at a time
        assert set(texts) <= receivable  # nothing that is acknowledged, in flight, or past its retention
        for entry, text in zip(received, texts, strict=True):
            record = self.records[text]
            record.receive_count += 1
            record.visible_at = self.now + (TIMEOUT if timeout is None else timeout)
            record.handle = entry["ReceiptHandle"]
            assert entry["ReceiveCount"] == record.receive_count
            assert self.ids.setdefault(text, entry["RecordId"]) == entry["RecordId"]
        return multiple(*((text, entry["ReceiptHandle"]) for entry, text in zip(received, texts, strict=True)))

    # --- what is done with it -------------------------------------------------------------------------------------

    @rule(held=consumes(handles))
    def acknowledge(self, held: Any) -> None:
        record = self._change("acknowledge_queue_records", held, is_dead=False)
        if record is not None:
            record.is_done = True

    @rule(held=consumes(dead_handles))
    def acknowledge_dead_letter(self, held: Any) -> None:
        record = self._change("acknowledge_dead_letter_queue_records", held, is_dead=True)
        if record is not None:
            record.is_done = True

    @rule(held=consumes(dead_handles))
    def restore(self, held: Any) -> None:
        record = self._change("restore_dead_letter_queue_records", held, is_dead=True)
        if record is not None:
            record.is_dead = False
            record.receive_count = 0
            record.visible_at = self.now

    @rule(held=handles, seconds=st.sampled_from([0, 1, 60]))
    def hide(self, held: Any, seconds: Any) -> None:
        self._hide("update_queue_records_visibility", held, seconds, is_dead=False)

    @rule(held=dead_handles, seconds=st.sampled_from([0, 1, 60]))
    def hide_dead_letter(self, held: Any, seconds: Any) -> None:
        self._hide("update_dead_letter_queue_records_visibility", held, seconds, is_dead=True)

    def _hide(self, operation: Any, held: Any, seconds: Any, is_dead: Any) -> None:
        record = self._change(operation, held, is_dead, VisibilityTimeoutSeconds=seconds)
        if record is not None:
            record.visible_at = self.now + seconds

    def _change(self, operation: Any, held: Any, is_dead: Any, **more: Any) -> Any:
        """Ask for a change, hold that it is done exactly if it may be, and give the record if it was."""
        self._settle()
        text, handle = held
        record = self.records[text]
        answer = getattr(self.client, operation)(QueueARN=self.queue_arn, Entries=[{"ReceiptHandle": handle, **more}])
        allowed = not record.is_done and record.is_dead == is_dead and record.handle == handle
        if more:
            allowed = allowed and record.visible_at > self.now
        assert [entry["ReceiptHandle"] for entry in answer["Successful"]] == ([handle] if allowed else [])
        assert [entry["ReceiptHandle"] for entry in answer["Failed"]] == ([] if allowed else [handle])
        return record if allowed else None

    def _settle(self) -> None:
        for record in self.records.values():
            record.settle(self.now)

    # --- what the view shows --------------------------------------------------------------------------------------

    @invariant()
    def the_view_shows_every_record_where_it_is(self) -> None:
        self._settle()
        view = self.fake.queue("billing")
        kept = {text: record for text, record in self.records.items() if not record.is_done}
        assert _texts(view.dead_letters) == sorted(text for text, record in kept.items() if record.is_dead)
        alive = {text: record for text, record in kept.items() if not record.is_dead}
        assert _texts(view.in_flight) == sorted(t for t, record in alive.items() if record.visible_at > self.now)
        assert _texts(view.waiting) == sorted(t for t, record in alive.items() if record.visible_at <= self.now)


def _texts(records: Any) -> Any:
    return sorted(record.data.decode() for record in records)


AQueue.TestCase.settings = settings(stateful_step_count=40)
TestAQueue = needs("CreateQueue")(AQueue.TestCase)

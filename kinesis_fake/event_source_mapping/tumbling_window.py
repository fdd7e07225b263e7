"""The tumbling window of a shard: the state that goes from one invocation to the next, and how a window ends."""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_fake.event_source_mapping.events import StreamRecord, Window
from kinesis_fake.event_source_mapping.responses import Failed, Verdict
from kinesis_fake.event_source_mapping.sub_stream import retry_delay_ms

#: A state that is larger as JSON ends its window early (LDG).
MAX_STATE_BYTES = 1024 * 1024
NO_STATE = "{}"


@dataclass
class FinalInvocation:
    """The last invocation of a window, which has no records; it is made until it succeeds (LDG)."""

    due_at: int
    attempts: int = 0
    request_id: str = ""
    failure: Failed | None = None
    blocked_since: int | None = None


class TumblingWindow:
    """The window that is open in one shard, if any.

    Windows begin at multiples of their length, and a record belongs to the window in which it arrived. A window opens
    with its first record; one without records has no invocation.
    """

    def __init__(self, length_ms: int) -> None:
        self._length_ms = length_ms
        self._start_at: int | None = None
        self._state = NO_STATE
        self._is_terminated_early = False
        self.final: FinalInvocation | None = None

    @property
    def ends_at(self) -> int | None:
        """The end of the open window."""
        return None if self._start_at is None else self._start_at + self._length_ms

    def start_of(self, record: StreamRecord) -> int:
        """The start of the window that a record belongs to."""
        return record.arrived_at // self._length_ms * self._length_ms

    def must_end_before(self, record: StreamRecord) -> bool:
        """Whether the next record, which is handed over next, belongs to another window than the open one."""
        return self._start_at is not None and self._start_at != self.start_of(record)

    def shown(self, record: StreamRecord) -> Window:
        """What the event of a batch that begins with this record says."""
        if self._start_at is None:
            self._start_at, self._state = self.start_of(record), NO_STATE
        return Window(self._start_at, self._start_at + self._length_ms, self._state)

    def shown_finally(self) -> Window:
        """What the event of the final invocation says."""
        assert self._start_at is not None
        return Window(self._start_at, self._start_at + self._length_ms, self._state, True, self._is_terminated_early)

    def keep(self, state: str | None, now: int) -> None:
        """Keep the state that the function has returned; a state that is too large ends the window."""
        if state is not None:
            self._state = state
            if len(state.encode()) > MAX_STATE_BYTES:
                self._is_terminated_early = True
                self.end(now)

    def end(self, now: int) -> None:
        """End the window: its final invocation is due."""
        if self.final is None and self._start_at is not None:
            self.final = FinalInvocation(now)

    def settle(self, verdict: Verdict, now: int) -> None:
        """Act on the final invocation: the next window begins without a state, or the invocation is made again."""
        assert self.final is not None
        if isinstance(verdict, Failed):
            self.final.failure = verdict
            self.final.blocked_since = now if self.final.blocked_since is None else self.final.blocked_since
            self.final.due_at = now + retry_delay_ms(self.final.attempts)
            return
        self.final = None
        self._start_at, self._state, self._is_terminated_early = None, NO_STATE, False

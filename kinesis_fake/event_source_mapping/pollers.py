"""The pollers of all event source mappings of one fake, which work when its clock moves."""

from __future__ import annotations

from kinesis_fake.event_source_mapping.poller import DELETED, Poller
from kinesis_fake.event_source_mapping.shard_reader import ShardReader
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.virtual_time.timeline import Timeline


class Pollers:
    """The pollers of one fake. What moves its clock moves it through here, so that they work on the way.

    They work one after the other, each step at the instant at which it is due. Of two steps that are due at one
    instant, the one of the older mapping comes first, and within a mapping the one of the older shard. Functions run
    outside the lock of the fake. When a function moves the clock, time passes, and no other function is invoked until
    it has returned.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._pollers: list[Poller] = []
        self._is_working = False
        #: How many mappings there have been.
        self.made: int = 0
        timeline.while_sleeping = self.travel_to

    # --- mappings ---------------------------------------------------------------------------------------------

    @property
    def active(self) -> list[Poller]:
        """Those whose mappings have not been deleted, in the order in which they were made."""
        return list(self._pollers)

    def add(self, poller: Poller) -> None:
        """Let the poller of a new mapping work."""
        self.made += 1
        self._pollers.append(poller)

    def delete(self, poller: Poller) -> None:
        """End one mapping."""
        poller.state = DELETED
        if poller in self._pollers:
            self._pollers.remove(poller)

    def end(self) -> None:
        """End all mappings: restore() replaces the state of the fake, and no mapping survives that."""
        for poller in self.active:
            self.delete(poller)

    def report_lines(self) -> list[str]:
        """What the report of the fake says about all mappings, in lines."""
        return [line for poller in self._pollers for line in poller.report_lines()]

    # --- time -------------------------------------------------------------------------------------------------

    def travel_to(self, instant: int) -> None:
        """Move the clock to an instant that must not be in the past, and let the mappings work on the way."""
        timeline = self._timeline
        with timeline.lock:
            if self._is_working or instant < timeline.now:
                timeline.travel_to(instant)
                return
            self._is_working = True
        try:
            while True:
                step = self._next_step()
                now = timeline.now
                due_at = None if step is None else max(step[0], now)
                if step is not None and due_at is not None and due_at <= min(now, instant):
                    step[1].step(step[2], now)
                elif now >= instant:
                    break
                else:
                    timeline.step_to(instant if due_at is None else min(instant, due_at))
        finally:
            self._is_working = False

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward, and let the mappings work on the way."""
        self.travel_to(self._timeline.now + milliseconds)

    def settle(self) -> None:
        """Move the clock until nothing is in transition any more, and let the mappings work on the way."""
        timeline = self._timeline
        while (due_at := timeline.agenda.next_due_at()) is not None:
            self.travel_to(max(due_at, timeline.clock.now))
        self.travel_to(timeline.now)

    def drain(self, poller: Poller, limit_ms: int) -> None:
        """Move the clock until one mapping has nothing left to do."""
        if self._is_working:
            raise KinesisFakeError("drain() was called by a handler; let the handler return first.", see="lambda")
        ends_at = self._timeline.now + limit_ms
        while (due_at := self._due_at(poller)) is not None:
            if due_at > ends_at:
                raise KinesisFakeError(
                    f"drain() has come to its limit, {limit_ms // 1000} seconds of virtual time, and the mapping is "
                    f"not done; its next step is due at {datetime_of(due_at).isoformat()}.\n"
                    + "\n".join(poller.report_lines()),
                    see="lambda",
                )
            self.travel_to(due_at)

    def _due_at(self, poller: Poller) -> int | None:
        with self._timeline.lock:
            now = self._timeline.now
            step = poller.next_step()
            return None if step is None else max(step[0], now)

    def _next_step(self) -> tuple[int, Poller, ShardReader] | None:
        """The next step in any mapping: the instant at which it is due, the poller, and the reader that makes it."""
        found: tuple[int, Poller, ShardReader] | None = None
        with self._timeline.lock:
            now = self._timeline.now
            for poller in self._pollers:
                step = poller.next_step()
                if step is not None and (found is None or max(step[0], now) < max(found[0], now)):
                    found = step[0], poller, step[1]
        return found

"""Entering and leaving a fake: what that does to the process, and how it is undone.

This module brings all of Kinesis with it. :mod:`kinesis_fake.activation.decorator` loads it when the first fake is
entered, so that a program which merely decorates its tests starts as fast as ever.
"""

from __future__ import annotations

import inspect
from contextvars import Context
from typing import Any

from kinesis_fake.activation.complaints import complain, excuse
from kinesis_fake.activation.left_fakes import fakes_left_by, remember
from kinesis_fake.activation.notes import attach_note
from kinesis_fake.botocore_hook import ACTIVE_FAKES, ANNOUNCEMENT, GUARD
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.active_fakes import Activation
from kinesis_fake.process.undoing import Shared, UndoStack
from kinesis_fake.toolkit.fake import KinesisFake
from kinesis_fake.virtual_time.clock import SharedClock, VirtualClock
from kinesis_fake.virtual_time.shared_time import SharedTime
from kinesis_fake.virtual_time.sleep import VirtualSleep, lead_running_loop
from kinesis_fake.virtual_time.timeline import Timeline

__all__ = [
    "OPTIONS",
    "Entered",
    "active_fakes",
    "complain",
    "excuse",
    "extend_to",
    "fakes_left_by",
]

#: What a fake can be told when it is made.
OPTIONS = tuple(inspect.signature(KinesisFake).parameters)


def _timeline_here() -> Timeline | None:
    """Whose clock a sleep that is called here moves; None for a real sleep."""
    try:
        door = ACTIVE_FAKES.current()
    except KinesisFakeError:  # several fakes are active, and this thread belongs to none
        return None
    if door is None or not door.sleeps_virtually:
        return None
    timeline = door.service.timeline
    return None if timeline.is_bystander() and ACTIVE_FAKES.entered_here() is None else timeline


def _shared_timeline_here() -> Timeline | None:
    """Whose time the monotonic clock shows that is looked at here; None for the machine's."""
    timeline = _timeline_here()
    return timeline if timeline is not None and isinstance(timeline.clock, SharedClock) else None


def _clocks_around(activation: Activation[Any, Any] | None) -> list[VirtualClock]:
    """The clocks of a fake and of those around it."""
    clocks = []
    while activation is not None:
        if (door := activation.door) is not None:
            clocks.append(door.service.timeline.clock)
        activation = activation.outer
    return clocks


#: The monotonic clock of the process, as long as a fake with ``clock="shared"`` is active.
MONOTONIC = Shared(SharedTime(_shared_timeline_here).replace)
#: The sleeps of the process, as long as a fake with ``virtual_sleep`` is active.
SLEEP = Shared(VirtualSleep(_timeline_here).replace)


def active_fakes() -> list[KinesisFake]:
    """The fakes that are active in this process, in the order in which they were entered."""
    return ACTIVE_FAKES.fakes()


class Entered:
    """A new fake from its entering to its leaving.

    Whatever breaks at any point of either undoes all that entering has done to the process.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._undo = undo = UndoStack()
        self.fake: KinesisFake
        try:
            self.fake = fake = KinesisFake(**options)
            GUARD.acquire(undo)
            ANNOUNCEMENT.acquire(undo)
            if fake._door.sleeps_virtually:
                SLEEP.acquire(undo)
                lead_running_loop(fake._door.service.timeline)
            outer = ACTIVE_FAKES.entered_here()
            clock, around = fake._door.service.timeline.clock, _clocks_around(outer)
            SharedClock.require_same_time(clock, around)
            if isinstance(clock, SharedClock):
                MONOTONIC.acquire(undo)
                undo.note(clock.stop_sharing)
                clock.share(around)
            undo.note(fake._close)
            fake._open()
            if outer is not None and (outer_fake := outer.fake) is not None:
                fake._backstage.stand_inside(outer_fake._backstage)
            self._activation = activation = Activation(fake._door, fake, outer)
            undo.note(lambda: ACTIVE_FAKES.leave(activation))
            ACTIVE_FAKES.enter(activation)
            fake._door.activity_at_entry = fake._service.timeline.activity
        except BaseException:
            undo.run()
            raise

    def is_innermost_here(self) -> bool:
        """Whether this thread or task is inside this very fake, and not further inside."""
        return ACTIVE_FAKES.entered_here() is self._activation

    def leave(self, failure: BaseException | None) -> None:
        """Leave the fake; what went wrong inside is never masked by what is wrong with leaving.

        What goes wrong remembers the fake, so that its state can be reported.
        """
        __tracebackhide__ = True  # for pytest
        has_others_inside = ACTIVE_FAKES.has_others_inside(self._activation)
        self._undo.run()
        if failure is not None:
            attach_note(failure, self.fake)
            excuse(self.fake)
            remember(failure, self.fake)
            return
        try:
            if has_others_inside:
                raise KinesisFakeError(
                    "This fake was left while another one was still active inside it; leave the inner fake first, "
                    "then the outer one.",
                    see="left",
                )
            complain(self.fake)
        except KinesisFakeError as complaint:
            attach_note(complaint, self.fake)
            remember(complaint, self.fake)
            raise
        finally:
            excuse(self.fake)  # and let go of the frames that the errors hold


def extend_to(context: Context) -> None:
    """Let what runs in another context be inside the fake that was entered here as well."""
    entered_here = ACTIVE_FAKES.entered_here()
    if entered_here is not None:
        context.run(ACTIVE_FAKES.join, entered_here)

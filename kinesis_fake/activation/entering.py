"""Entering and leaving a fake: what that does to the process, and how it is undone.

This module brings all of Kinesis with it. :mod:`kinesis_fake.activation.decorator` loads it when the first fake is
entered, so that a program which merely decorates its tests starts as fast as ever.
"""

from __future__ import annotations

import inspect
from contextvars import Context
from functools import cache
from typing import Any

from kinesis_fake.activation.complaints import complain, excuse
from kinesis_fake.botocore_hook import ACTIVE_FAKES, ANNOUNCEMENT, GUARD
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.active_fakes import Activation
from kinesis_fake.process.undoing import UndoStack
from kinesis_fake.toolkit.fake import KinesisFake
from kinesis_fake.virtual_time.clock import SharedClock, VirtualClock

__all__ = [
    "Entered",
    "active_fakes",
    "complain",
    "excuse",
    "extend_to",
    "known_options",
]


@cache
def known_options() -> tuple[str, ...]:
    """What a fake can be told when it is made."""
    return tuple(inspect.signature(KinesisFake).parameters)


def _clocks_around(activation: Activation[Any, Any] | None) -> list[VirtualClock]:
    """The clocks of a fake and of those around it."""
    clocks = []
    while activation is not None:
        if (door := activation.door) is not None:
            clocks.append(door.service.timeline.clock)
        activation = activation.outer
    return clocks


def active_fakes() -> list[KinesisFake]:
    """The fakes that are active in this process, in the order in which they were entered."""
    return ACTIVE_FAKES.fakes()


class Entered:
    """A new fake in the hands of its decorator or ``with`` block, which has entered it and will leave it.

    Whatever breaks at any point of either undoes all that entering has done to the process. So does the end of this
    object, if an interrupt comes before anything else holds it. Therefore no context refers to it: what threads and
    tasks know of the fake is an :class:`Activation`, which owns nothing.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._undo = undo = UndoStack()
        self.fake: KinesisFake
        try:
            GUARD.acquire(undo)  # first: it refuses a botocore that the fake cannot work with
            self.fake = fake = KinesisFake(**options)
            ANNOUNCEMENT.acquire(undo)
            if fake._door.sleeps_virtually:
                from kinesis_fake.activation.process_time import SLEEP
                from kinesis_fake.virtual_time.sleep import lead_running_loop

                SLEEP.acquire(undo)
                lead_running_loop(fake._door.service.timeline)
            outer = ACTIVE_FAKES.entered_here()
            clock, around = fake._door.service.timeline.clock, _clocks_around(outer)
            if around:
                SharedClock.require_same_time(clock, around)
            if isinstance(clock, SharedClock):
                from kinesis_fake.activation.process_time import MONOTONIC

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
        """Whether this fake is the innermost one of this thread or task."""
        return ACTIVE_FAKES.entered_here() is self._activation

    def leave(self, failure: BaseException | None) -> None:
        """Leave the fake. An error of leaving never masks the error with which the block has ended.

        Either of them remembers the fake, so that a report can show its state.
        """
        __tracebackhide__ = True  # for pytest
        has_others_inside = len(ACTIVE_FAKES) > 1 and ACTIVE_FAKES.has_others_inside(self._activation)
        self._undo.run()
        if failure is not None:
            self._tell_with(failure)
            excuse(self.fake)
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
            self._tell_with(complaint)
            raise
        finally:
            excuse(self.fake)  # and let go of the frames that the errors hold

    def _tell_with(self, error: BaseException) -> None:
        """Let whatever reports an error show the state of the fake that it has left."""
        from kinesis_fake.activation.left_fakes import remember
        from kinesis_fake.activation.notes import attach_note

        attach_note(error, self.fake)
        remember(error, self.fake)


def extend_to(context: Context) -> None:
    """Make another context belong to the fake that was entered here, too."""
    entered_here = ACTIVE_FAKES.entered_here()
    if entered_here is not None:
        context.run(ACTIVE_FAKES.join, entered_here)

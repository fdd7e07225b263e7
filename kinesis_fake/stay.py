"""A stay inside a fake: what entering and leaving one does to the process.

This module brings all of Kinesis with it. :mod:`kinesis_fake.activation` loads it when the first fake is entered, so
that a program which merely decorates its tests starts as fast as ever.
"""

from __future__ import annotations

import inspect
from contextvars import Context
from typing import Any

from kinesis_fake.botocore_hook import CHILDREN, DOORS, GUARD, begin_child
from kinesis_fake.errors import KinesisFakeError
from kinesis_fake.fake import KinesisFake
from kinesis_fake.sleeping import Mover, VirtualSleep

#: What a fake can be told when it is made.
OPTIONS = tuple(inspect.signature(KinesisFake).parameters)


def _mover_of_sleep() -> Mover | None:
    """Whose clock a sleep that is called here moves; None for a real sleep."""
    try:
        door = DOORS.current()
    except KinesisFakeError:  # several fakes are active, and this thread belongs to none
        return None
    return door.service if door is not None and door.sleeps_virtually else None


#: The sleeps of the process, as long as a fake with ``virtual_sleep`` is active.
SLEEP = VirtualSleep(_mover_of_sleep)


class Stay:
    """From entering a new fake to leaving it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.fake = KinesisFake(**options)
        GUARD.acquire()
        CHILDREN.acquire(begin_child)
        if self.fake._door.sleeps_virtually:
            SLEEP.acquire()
        self._activation = DOORS.enter(self.fake._door)
        self.fake._open()

    def is_entered_here(self) -> bool:
        """Whether this thread or task is inside this very stay, and not further inside."""
        return DOORS.entered_here() is self._activation

    def leave(self, *, has_failed: bool) -> None:
        """Leave the fake; what went wrong inside is never masked by what is wrong with leaving."""
        try:
            DOORS.leave(self._activation)
        except KinesisFakeError:
            if not has_failed:
                raise
        finally:
            self.fake._close()
            CHILDREN.release()
            GUARD.release()
            if self.fake._door.sleeps_virtually:
                SLEEP.release()
        if not has_failed:
            self.fake._service.faults.require_used()


def extend_to(context: Context) -> None:
    """Let what runs in another context be inside the fake that was entered here as well."""
    entered_here = DOORS.entered_here()
    if entered_here is not None:
        context.run(DOORS.join, entered_here)

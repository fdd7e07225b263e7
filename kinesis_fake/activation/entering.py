"""A stay inside a fake: what entering and leaving one does to the process.

This module brings all of Kinesis with it. :mod:`kinesis_fake.activation.decorator` loads it when the first fake is
entered, so that a program which merely decorates its tests starts as fast as ever.
"""

from __future__ import annotations

import inspect
from contextvars import Context
from typing import Any

from kinesis_fake.botocore_hook import CHILDREN, DOORS, GUARD, begin_child
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.toolkit.fake import KinesisFake
from kinesis_fake.virtual_time.sleep import VirtualSleep
from kinesis_fake.virtual_time.timeline import Timeline

#: What a fake can be told when it is made.
OPTIONS = tuple(inspect.signature(KinesisFake).parameters)


def _timeline_here() -> Timeline | None:
    """Whose clock a sleep that is called here moves; None for a real sleep."""
    try:
        door = DOORS.current()
    except KinesisFakeError:  # several fakes are active, and this thread belongs to none
        return None
    return door.service.timeline if door is not None and door.sleeps_virtually else None


#: The sleeps of the process, as long as a fake with ``virtual_sleep`` is active.
SLEEP = VirtualSleep(_timeline_here)


#: The fakes that are active in this process, in the order they were entered.
ACTIVE: list[KinesisFake] = []

#: The attribute of an exception that holds the last fakes that it has left, innermost first, and how many at most.
_LEFT = "_kinesis_fakes_left"
_MOST_LEFT = 8


class _Left(list[KinesisFake]):
    def __reduce__(self) -> tuple[type[list[object]], tuple[()]]:
        # An exception may be pickled, to be raised in another process; a fake cannot be.
        return list, ()


def _remember(error: BaseException, fake: KinesisFake) -> None:
    attributes = vars(error)  # not by setattr(), which an exception may forbid
    attributes[_LEFT] = _Left([*attributes.get(_LEFT, ()), fake][-_MOST_LEFT:])


def fakes_left_by(error: BaseException) -> list[KinesisFake]:
    """The fakes that an exception has left, and what has led to it, innermost first."""
    found: dict[int, BaseException] = {}
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in found:
            continue
        found[id(cause)] = cause
        waiting.append(cause.__cause__ if cause.__suppress_context__ else cause.__context__)
        members = getattr(cause, "exceptions", ())  # of a group of exceptions
        waiting.extend(members if isinstance(members, tuple) else ())
    return [fake for cause in reversed(found.values()) for fake in vars(cause).get(_LEFT, ())]


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
        ACTIVE.append(self.fake)

    def is_entered_here(self) -> bool:
        """Whether this thread or task is inside this very stay, and not further inside."""
        return DOORS.entered_here() is self._activation

    def leave(self, failure: BaseException | None) -> None:
        """Leave the fake; what went wrong inside is never masked by what is wrong with leaving.

        What goes wrong remembers the fake, so that its state can be reported.
        """
        try:
            self._end()
            if failure is None:
                self.fake._service.faults.require_used()
        except KinesisFakeError as complaint:
            if failure is None:
                _remember(complaint, self.fake)
                raise
        if failure is not None:
            _remember(failure, self.fake)

    def _end(self) -> None:
        try:
            DOORS.leave(self._activation)
        finally:
            ACTIVE.remove(self.fake)
            self.fake._close()
            CHILDREN.release()
            GUARD.release()
            if self.fake._door.sleeps_virtually:
                SLEEP.release()


def extend_to(context: Context) -> None:
    """Let what runs in another context be inside the fake that was entered here as well."""
    entered_here = DOORS.entered_here()
    if entered_here is not None:
        context.run(DOORS.join, entered_here)

"""What fakes do to the time of the process: its sleeps, and the clocks that show the virtual time.

Only a fake whose options change that time loads this module, and asyncio with it.
"""

from __future__ import annotations

from kinesis_fake.botocore_hook import ACTIVE_FAKES
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.undoing import Shared
from kinesis_fake.virtual_time.clock import SharedClock
from kinesis_fake.virtual_time.shared_time import SharedTime
from kinesis_fake.virtual_time.sleep import VirtualSleep
from kinesis_fake.virtual_time.timeline import Timeline


def _timeline_here() -> Timeline | None:
    """The timeline whose clock a sleep in this thread or task moves; None if such a sleep is real."""
    try:
        door = ACTIVE_FAKES.current()
    except KinesisFakeError:  # several fakes are active, and this thread belongs to none
        return None
    if door is None or not door.sleeps_virtually:
        return None
    timeline = door.service.timeline
    return None if timeline.threads.is_bystander() and ACTIVE_FAKES.entered_here() is None else timeline


def _shared_timeline_here() -> Timeline | None:
    """The timeline whose time ``time.monotonic`` shows in this thread or task; None if it shows the machine's."""
    timeline = _timeline_here()
    return timeline if timeline is not None and isinstance(timeline.clock, SharedClock) else None


#: The monotonic clock of the process, as long as a fake with ``clock="shared"`` is active.
MONOTONIC = Shared(SharedTime(_shared_timeline_here).replace)
#: The sleeps of the process, as long as a fake with ``virtual_sleep`` is active.
SLEEP = Shared(VirtualSleep(_timeline_here).replace)

"""What stands behind the views of a fake: its lock, its time, its world, and the calls that the test itself makes.

Views are given the backstage and nothing else, so that they need not know the fake that hands them out.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from kinesis_fake import botocore_hook
from kinesis_fake.calls import CallLog
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.world import World
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.operations.registry import OPERATIONS
from kinesis_fake.service import Service

if TYPE_CHECKING:
    from kinesis_fake.event_source_mapping.pollers import Pollers

T = TypeVar("T")


class Backstage:
    """The state of one fake, for the objects that show it to a test. ``home`` is the fake's own account and region."""

    def __init__(self, service: Service, home: tuple[str, str]) -> None:
        self.service = service
        self.home = home
        #: The log of the calls of clients. The fake sets it when it makes the door, which writes the log.
        self.calls: CallLog
        #: The library whose tests pass here as they are. That hides some bugs, and the report says which.
        self.compatible_with: str | None = None
        #: Whether sleeps of the code under test move the clock.
        self.sleeps_virtually: bool = False
        #: The fake that this one was entered in, if any. A fake that has been left does not keep it alive.
        self._outer: weakref.ref[Backstage] | None = None
        #: The event source mappings, once there is one.
        self.pollers: Pollers | None = None

    def stand_inside(self, outer: Backstage) -> None:
        """Remember the fake that this one was entered in, whose streams it hides."""
        self._outer = weakref.ref(outer)

    def outer_ones(self) -> Iterator[Backstage]:
        """The fakes around this one, from the inside to the outside."""
        outer = self._outer() if self._outer is not None else None
        if outer is not None:
            yield outer
            yield from outer.outer_ones()

    @property
    def lock(self) -> threading.RLock:
        """Held while several things are looked at, or changed, as one."""
        return self.service.timeline.lock

    @property
    def now(self) -> int:
        """The virtual time in milliseconds since the epoch, with everything done that is due."""
        return self.service.timeline.now

    @property
    def world(self) -> World:
        """Everything that the fake holds now; :meth:`KinesisFake.restore` puts another world into its place."""
        return self.service.world

    @property
    def region(self) -> Region:
        """What the fake's own account has in the fake's own region."""
        return self.up_to_date(self.world.region(*self.home))

    def up_to_date(self, thing: T) -> T:
        """The same thing, after everything that is due has happened."""
        self.service.timeline.run_due()
        return thing

    def require_present(self, world: World) -> None:
        """Refuse to change a world that restore() has replaced: nothing would come of the change."""
        if world is not self.world:
            raise KinesisFakeError(
                "This view is of a state of the fake that restore() has replaced; ask for a new one.", see="restored"
            )

    def carry_out(self, region: Region, operation_name: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run an operation for the test itself: no fault strikes it, no rate throttles it, no call is recorded.

        Raises :class:`~kinesis_fake.errors.AwsError`.
        """
        validator = botocore_hook.validator_for(operation_name)
        return self.service.call_for_test(region, OPERATIONS[operation_name], params, validator)

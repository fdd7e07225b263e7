"""A state of a fake to come back to."""

from __future__ import annotations

from kinesis_fake.domain.world import World
from kinesis_fake.misuse import Unassignable
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.virtual_time.clock import datetime_of


class Snapshot(Unassignable):
    """What :meth:`KinesisFake.snapshot` returns; it says nothing by itself."""

    def __init__(self, backstage: Backstage, world: World, at: int) -> None:
        self._backstage = backstage
        self._world = world
        self._at = at

    def __repr__(self) -> str:
        return f"<snapshot of {datetime_of(self._at).isoformat()}>"

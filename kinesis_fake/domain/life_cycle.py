"""The one life cycle of streams, consumers, queues and channels: each is made, may change, and is deleted.

Each step takes time. Until it is over, the resource expects an entry of the agenda: a :class:`Transition`.

An interrupt (KeyboardInterrupt, or the signal of a time limit) may come while an entry is applied. The entry is then
applied again before anything looks at the resource. So applying an entry again must complete what the interrupt has cut
short, and the entry's last act is that the resource no longer expects it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from kinesis_fake.virtual_time.agenda import Entry

if TYPE_CHECKING:
    from kinesis_fake.domain.policy import Policy
    from kinesis_fake.domain.region import Region

CREATING: Final = "CREATING"
ACTIVE: Final = "ACTIVE"
UPDATING: Final = "UPDATING"
DELETING: Final = "DELETING"
#: Of a resource that is gone. AWS does not say so: it no longer finds the resource.
DELETED: Final = "DELETED"


class Resource:
    """A stream, a consumer, a queue or a channel.

    ``transition`` is the entry of the agenda that the resource expects, if any. ``transition_ends_at`` is the instant
    at which the last step of its transition is due. Instants are in milliseconds since the epoch.
    """

    def __init__(self, region: Region, resource_arn: str, tags: dict[str, str], now: int) -> None:
        self.region = region
        self.resource_arn = resource_arn
        self.status: str = CREATING
        self.tags = tags
        self.created_at: int = now
        self.policy: Policy | None = None
        self.transition: Entry | None = None
        self.transition_ends_at: int | None = None

    @property
    def creation_timestamp(self) -> int:
        """When the resource was made, rounded down to a whole second, as AWS shows it."""
        return self.created_at // 1000 * 1000

    # --- what each kind of resource defines -------------------------------------------------------------------

    def __str__(self) -> str:
        """The resource in a few words, such as ``queue jobs of stream orders``."""
        raise NotImplementedError

    def require_changeable(self) -> None:
        """Raise AWS's error if the resource's state does not allow a change of tags or policy."""
        raise NotImplementedError

    def start(self, now: int) -> None:
        """Set the resource up when it becomes ACTIVE for the first time."""

    def join_region(self) -> None:
        """Let calls find the resource from now on, in CREATING."""
        raise NotImplementedError

    def leave_region(self, now: int) -> None:
        """Let calls no longer find the resource: its name is free again."""
        raise NotImplementedError

    def tell_quotas(self) -> None:
        """Tell the region how much of its quotas this resource uses; called whenever that may have changed."""

    # --- transitions ------------------------------------------------------------------------------------------

    def begin_creating(self, now: int, duration_ms: int) -> None:
        """Join the region, and be CREATING for this duration."""
        self.join_region()
        self.begin(CREATING, self.become_active, "becomes ACTIVE", now, duration_ms)

    def begin_updating(self, change: Callable[[int], object], what: str, now: int, duration_ms: int) -> None:
        """Be UPDATING for this duration, and then change. ``pending()`` shows ``what``, the outcome in words.

        ``change`` takes the instant of the change. It is a method of the resource, perhaps with arguments. A closure
        would not do: in the copy that a snapshot takes, it would still change the original.
        """
        self.begin(UPDATING, partial(self._end_updating, change), what, now, duration_ms)

    def begin_deleting(self, now: int, duration_ms: int) -> None:
        """Be DELETING for this duration, in place of any other transition but an earlier DELETING, which goes on."""
        if self.status != DELETING:
            self.begin(DELETING, self.vanish, "is gone", now, duration_ms)

    def begin(self, status: str, end: Callable[[int], object], what: str, now: int, duration_ms: int) -> None:
        """Begin a transition that calls ``end`` after this duration; it replaces a transition under way."""
        self.expect(Transition(self, end, what), status, now + duration_ms, now + duration_ms)
        if duration_ms == 0:
            self.region.world.run_due(now)

    def expect(self, entry: Entry, status: str, due_at: int, ends_at: int) -> None:
        """Put an entry on the agenda and expect it. An entry that the resource has expected so far has no effect."""
        self.region.world.agenda.schedule(due_at, entry)
        self.status, self.transition, self.transition_ends_at = status, entry, ends_at
        self.tell_quotas()

    def become_active(self, now: int) -> None:
        """End CREATING or UPDATING."""
        if self.status == CREATING:
            self.start(now)
        self.status = ACTIVE
        self.tell_quotas()
        self.transition = self.transition_ends_at = None

    def leave_transition(self, status: str) -> None:
        """Take this status at once, and expect no entry of the agenda any more."""
        self.status = status
        self.transition = self.transition_ends_at = None

    def vanish(self, now: int) -> None:
        """End DELETING."""
        self.leave_region(now)
        self.tell_quotas()
        self.status = DELETED
        self.transition = self.transition_ends_at = None

    def _end_updating(self, change: Callable[[int], object], now: int) -> None:
        change(now)
        self.become_active(now)


def first_end_of(resources: Iterable[Resource]) -> int | None:
    """When the first transition of these resources ends; None if none of them is in transition."""
    ends = (resource.transition_ends_at for resource in resources)
    return min((ends_at for ends_at in ends if ends_at is not None), default=None)


class Transition:
    """The end of a transition. It has no effect once its resource expects another entry, or none."""

    __slots__ = ("end", "resource", "what")

    def __init__(self, resource: Resource, end: Callable[[int], object], what: str) -> None:
        self.resource: Resource = resource
        self.end: Callable[[int], object] = end
        self.what: str = what

    def is_pending(self) -> bool:
        return self.resource.transition is self

    def apply(self, now: int) -> None:
        self.end(now)

    def describe(self) -> str:
        return f"{self.resource} {self.what}"

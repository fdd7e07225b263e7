"""The one life cycle of streams, consumers, queues and channels: each is made, may change, and is deleted.

Each step takes time. Until it is over, the resource expects an entry of the agenda: a :class:`Transition`.

An interrupt may come while an entry is applied: KeyboardInterrupt, or the signal of a time limit. The entry then is
applied once more before anything looks at the resource. So what an entry does must come to the same when a part of it
has been done before, and its last deed is that the resource no longer expects it.
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
        """When the resource was made, as AWS shows it: in whole seconds."""
        return self.created_at // 1000 * 1000

    # --- what each kind of resource says ----------------------------------------------------------------------

    def __str__(self) -> str:
        """The resource in a few words, such as ``queue jobs of stream orders``."""
        raise NotImplementedError

    def require_changeable(self) -> None:
        """Raise AWS's error if the tags and the policy cannot be changed in the state the resource is in."""
        raise NotImplementedError

    def start(self, now: int) -> None:
        """What the resource begins with when it becomes ACTIVE for the first time."""

    def join_region(self) -> None:
        """Be found from now on, in CREATING."""
        raise NotImplementedError

    def leave_region(self, now: int) -> None:
        """Be found no longer: the name is free again."""
        raise NotImplementedError

    def tell_quotas(self) -> None:
        """Tell the region what this resource counts for; called whenever that may have changed."""

    # --- transitions ------------------------------------------------------------------------------------------

    def begin_creating(self, now: int, duration_ms: int) -> None:
        """Be there from now on, in CREATING for as long as that takes."""
        self.join_region()
        self.begin(CREATING, self.become_active, "becomes ACTIVE", now, duration_ms)

    def begin_updating(self, change: Callable[[int], object], what: str, now: int, duration_ms: int) -> None:
        """Be UPDATING, and then change. ``what`` says what comes of it: ``pending()`` shows that.

        ``change`` takes the instant of the change. It is a method of the resource, perhaps with arguments: a closure
        would go on to change the resource that a snapshot was taken of, and not its copy.
        """
        self.begin(UPDATING, partial(self._end_updating, change), what, now, duration_ms)

    def begin_deleting(self, now: int, duration_ms: int) -> None:
        """Be DELETING, whatever else was going on; a resource that is being deleted already goes on as it was."""
        if self.status != DELETING:
            self.begin(DELETING, self.vanish, "is gone", now, duration_ms)

    def begin(self, status: str, end: Callable[[int], object], what: str, now: int, duration_ms: int) -> None:
        """Be in a transition that ends after this duration by calling ``end``; it takes the place of another one."""
        self.expect(Transition(self, end, what), status, now + duration_ms, now + duration_ms)
        if duration_ms == 0:
            self.region.world.run_due(now)

    def expect(self, entry: Entry, status: str, due_at: int, ends_at: int) -> None:
        """Put an entry on the agenda and expect it. The entry that the resource has expected comes to nothing."""
        self.region.world.agenda.schedule(due_at, entry)
        self.status, self.transition, self.transition_ends_at = status, entry, ends_at
        self.tell_quotas()

    def become_active(self, now: int) -> None:
        """The end of CREATING or UPDATING."""
        if self.status == CREATING:
            self.start(now)
        self.status = ACTIVE
        self.tell_quotas()
        self.transition = self.transition_ends_at = None

    def leave_transition(self, status: str) -> None:
        """Take a status at once, and expect no entry of the agenda any more."""
        self.status = status
        self.transition = self.transition_ends_at = None

    def vanish(self, now: int) -> None:
        """The end of DELETING."""
        self.leave_region(now)
        self.tell_quotas()
        self.transition = self.transition_ends_at = None

    def _end_updating(self, change: Callable[[int], object], now: int) -> None:
        change(now)
        self.become_active(now)


def first_end_of(resources: Iterable[Resource]) -> int | None:
    """When the first of these resources will have ended its transition; None if none of them is in transition."""
    ends = (resource.transition_ends_at for resource in resources)
    return min((ends_at for ends_at in ends if ends_at is not None), default=None)


class Transition:
    """The end of a transition. It means nothing any more once its resource expects another entry, or none."""

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

"""What a test sees of the future: what is due, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kinesis_fake.calls import instant_text
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.virtual_time.clock import datetime_of


@dataclass(frozen=True)
class PendingView:
    """Something that will happen, as :meth:`KinesisFake.pending` returns it; printed, one line."""

    #: When it will happen, in virtual time.
    due_at: datetime
    #: What will happen, in words.
    what: str

    def __str__(self) -> str:
        return f"{instant_text(self.due_at)}  {self.what}"


class PendingViews(list[PendingView]):
    """A list of what will happen, in order; printed, one entry to a line."""

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "nothing is pending"


def pending_views(backstage: Backstage) -> PendingViews:
    """What is due in a fake after now."""
    with backstage.lock:
        world = backstage.up_to_date(backstage.world)
        return PendingViews(
            PendingView(datetime_of(due_at), entry.describe()) for due_at, entry in world.agenda.pending()
        )

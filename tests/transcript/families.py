"""The families of operations, each with the script that plays it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import botocore
import botocore.session

from tests.transcript import (
    channels,
    consumers,
    encryption,
    faults,
    iterators,
    limits,
    policies,
    queues,
    rates,
    records,
    resources,
    retries,
    settings,
    shards,
    streams,
    subscriptions,
    tags,
    timing,
    views,
)
from tests.transcript.writing import Transcript

#: What the transcripts that depend on more than operations were written with.
NEWEST = (1, 44)
_QUEUES = ("CreateQueue", "ReceiveDeadLetterQueueRecords")
_CHANNELS = ("CreateChannel",)
_EXPECTED = Path(__file__).with_name("expected")


@dataclass(frozen=True)
class Family:
    """A script, and what it needs beyond the oldest supported botocore: operations, or the ways of a newer release."""

    name: str
    script: Callable[[Transcript], None]
    needs: tuple[str, ...] = ()
    since: tuple[int, ...] = ()

    @property
    def expected(self) -> Path:
        """The file that holds the transcript as it was last accepted."""
        return _EXPECTED / f"{self.name}.txt"

    def why_not(self) -> str:
        """Why the installed botocore cannot play the script; empty if it can."""
        version = botocore.__version__
        if tuple(int(part) for part in version.split(".")[:2]) < self.since:
            return f"botocore {version} is older than {'.'.join(map(str, self.since))}"
        known = botocore.session.Session().get_service_model("kinesis").operation_names
        missing = sorted(set(self.needs) - set(known))
        return f"botocore {version} has no {', '.join(missing)}" if missing else ""

    def play(self) -> Transcript:
        """The transcript as it is now."""
        transcript = Transcript(shows_all=bool(self.needs or self.since))
        self.script(transcript)
        return transcript


FAMILIES = {
    family.name: family
    for family in (
        Family("streams", streams.script),
        Family("shards", shards.script),
        Family("records", records.script),
        Family("iterators", iterators.script),
        Family("consumers", consumers.script),
        Family("subscriptions", subscriptions.script),
        Family("tags", tags.script),
        Family("policies", policies.script),
        Family("encryption", encryption.script),
        Family("limits", limits.script),
        Family("rates", rates.script),
        Family("retries", retries.script),
        # How long these two modes wait, and for what, has changed with the releases of botocore.
        Family("retries_of_newer_modes", retries.script_of_newer_modes, since=NEWEST),
        Family("faults", faults.script),
        Family("timing", timing.script),
        Family("views", views.script),
        Family("settings", settings.script, ("UpdateAccountSettings", "UpdateMaxRecordSize", *_QUEUES)),
        Family("resources", resources.script, ("TagResource", *_CHANNELS, *_QUEUES)),
        Family("queues", queues.script, _QUEUES),
        Family("records_of_queues", queues.script_of_records, _QUEUES),
        Family("channels", channels.script, _CHANNELS),
    )
}

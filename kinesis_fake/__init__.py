"""kinesis_fake: Amazon Kinesis Data Streams inside your test's process, in virtual time.

Each name is loaded when it is first used, so that the pytest plugin costs nothing in a run that does not use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_fake.activation.decorator import fake_kinesis
    from kinesis_fake.call import Call
    from kinesis_fake.calls import CallLog
    from kinesis_fake.event_source_mapping.documents import DiscardedBatch
    from kinesis_fake.event_source_mapping.history import BlockedShard, Invocation, LostRecords
    from kinesis_fake.event_source_mapping.mapping import EventSourceMapping
    from kinesis_fake.faults.fault import Fault
    from kinesis_fake.faults.injection import Injection
    from kinesis_fake.misuse import KinesisFakeError, NotModelledError
    from kinesis_fake.settings import Durations, Limits
    from kinesis_fake.toolkit.fake import KinesisFake
    from kinesis_fake.toolkit.snapshot import Snapshot
    from kinesis_fake.toolkit.views.channels import ChannelView, DeliveredObject
    from kinesis_fake.toolkit.views.consumers import ConsumerView
    from kinesis_fake.toolkit.views.keys import KeyView
    from kinesis_fake.toolkit.views.pending import PendingView, PendingViews
    from kinesis_fake.toolkit.views.queues import QueueRecordView, QueueView
    from kinesis_fake.toolkit.views.records import Records, RecordView
    from kinesis_fake.toolkit.views.shards import ShardView
    from kinesis_fake.toolkit.views.streams import StreamView

__version__ = "0.1.0"

__all__ = [
    "BlockedShard",
    "Call",
    "CallLog",
    "ChannelView",
    "ConsumerView",
    "DeliveredObject",
    "DiscardedBatch",
    "Durations",
    "EventSourceMapping",
    "Fault",
    "Injection",
    "Invocation",
    "KeyView",
    "KinesisFake",
    "KinesisFakeError",
    "Limits",
    "LostRecords",
    "NotModelledError",
    "PendingView",
    "PendingViews",
    "QueueRecordView",
    "QueueView",
    "RecordView",
    "Records",
    "ShardView",
    "Snapshot",
    "StreamView",
    "fake_kinesis",
]

_HOMES = {
    "BlockedShard": "event_source_mapping.history",
    "Call": "call",
    "CallLog": "calls",
    "ChannelView": "toolkit.views.channels",
    "ConsumerView": "toolkit.views.consumers",
    "DeliveredObject": "toolkit.views.channels",
    "DiscardedBatch": "event_source_mapping.documents",
    "Durations": "settings",
    "EventSourceMapping": "event_source_mapping.mapping",
    "Fault": "faults.fault",
    "Injection": "faults.injection",
    "Invocation": "event_source_mapping.history",
    "KeyView": "toolkit.views.keys",
    "KinesisFake": "toolkit.fake",
    "KinesisFakeError": "misuse",
    "Limits": "settings",
    "LostRecords": "event_source_mapping.history",
    "NotModelledError": "misuse",
    "PendingView": "toolkit.views.pending",
    "PendingViews": "toolkit.views.pending",
    "QueueRecordView": "toolkit.views.queues",
    "QueueView": "toolkit.views.queues",
    "RecordView": "toolkit.views.records",
    "Records": "toolkit.views.records",
    "ShardView": "toolkit.views.shards",
    "Snapshot": "toolkit.snapshot",
    "StreamView": "toolkit.views.streams",
    "fake_kinesis": "activation.decorator",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""The operations of the API, by family. Importing this package fills the table of operations."""

from kinesis_fake.operations import (
    account,
    channels,
    consumers,
    encryption,
    modes,
    monitoring,
    policies,
    queue_records,
    queues,
    records,
    retention,
    shards,
    streams,
    subscriptions,
    tags,
)

__all__ = [
    "account",
    "channels",
    "consumers",
    "encryption",
    "modes",
    "monitoring",
    "policies",
    "queue_records",
    "queues",
    "records",
    "retention",
    "shards",
    "streams",
    "subscriptions",
    "tags",
]

"""The operations of the API, by family. Importing this package fills the table of operations."""

from kinesis_fake.operations import (
    account,
    capacity,
    channels,
    consumers,
    encryption,
    iterators,
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
    "capacity",
    "channels",
    "consumers",
    "encryption",
    "iterators",
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

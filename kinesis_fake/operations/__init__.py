"""The operations of the API, by family. Importing this package fills the table of operations."""

from kinesis_fake.operations import records, retention, shards, streams, tags

__all__ = ["records", "retention", "shards", "streams", "tags"]

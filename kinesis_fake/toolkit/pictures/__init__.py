"""Pictures of a stream: its shards over hash keys and virtual time, and what happened to them."""

"""Lambda's event source mapping: a consumer of a stream in virtual time, which hands batches to a function."""

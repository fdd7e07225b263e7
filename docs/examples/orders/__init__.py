"""The orders of a shop, through a Kinesis stream."""

STREAM_NAME = "orders"

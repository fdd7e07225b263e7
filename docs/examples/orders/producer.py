"""Puts orders into the stream."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3

from orders import STREAM_NAME

#: The most records of one PutRecords.
BATCH = 500
ATTEMPTS = 5


class OrdersNotPut(Exception):
    """Some orders could not be put, however often it was tried."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(orders)} orders could not be put")
        self.orders = orders


class Producer:
    """Puts orders in batches; a customer's orders have one partition key."""

    def __init__(self, client: Any = None) -> None:
        self.client = client or boto3.client("kinesis")

    def put(self, orders: list[dict[str, Any]]) -> None:
        """Put all orders, those again that fail, and raise if that does not help."""
        for start in range(0, len(orders), BATCH):
            self._put_batch(orders[start : start + BATCH])

    def _put_batch(self, orders: list[dict[str, Any]]) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(2**attempt / 10)
            records = [{"Data": json.dumps(order).encode(), "PartitionKey": order["customer"]} for order in orders]
            answer = self.client.put_records(StreamName=STREAM_NAME, Records=records)
            orders = [order for order, entry in zip(orders, answer["Records"], strict=True) if "ErrorCode" in entry]
            if not orders:
                return
        raise OrdersNotPut(orders)

"""A Lambda function on the stream: it books orders, and reports the first that it cannot book."""

from __future__ import annotations

import base64
import json
from typing import Any

#: What has been booked: the total of each customer.
totals: dict[str, int] = {}


def book(order: dict[str, Any]) -> None:
    """Add an order to the total of its customer."""
    if order["amount"] <= 0:
        raise ValueError(f"An order over {order['amount']} cannot be booked.")
    totals[order["customer"]] = totals.get(order["customer"], 0) + order["amount"]


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Book the orders of a batch; Lambda hands over again what comes from the reported one on."""
    for record in event["Records"]:
        try:
            book(json.loads(base64.b64decode(record["kinesis"]["data"])))
        except ValueError:
            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
    return {"batchItemFailures": []}

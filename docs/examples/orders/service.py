"""A web service that takes orders and puts them into the stream."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from orders import STREAM_NAME

app = FastAPI()


class Order(BaseModel):
    """What a customer sends."""

    customer: str
    amount: int


@app.post("/orders", status_code=202)
def take_order(order: Order) -> dict[str, Any]:
    """Put an order into the stream; the answer says where it went."""
    try:
        answer = boto3.client("kinesis").put_record(
            StreamName=STREAM_NAME,
            Data=order.model_dump_json().encode(),
            PartitionKey=order.customer,
        )
    except (BotoCoreError, ClientError) as error:
        raise HTTPException(503, "Please try again later.") from error
    return {"shard": answer["ShardId"], "number": answer["SequenceNumber"]}

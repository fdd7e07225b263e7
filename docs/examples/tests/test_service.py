"""The web service puts what it takes, and says when it cannot."""

from fastapi.testclient import TestClient
from orders.service import app

from kinesis_fake import Fault

web = TestClient(app)
ORDER = {"customer": "ada", "amount": 5}


def test_an_order_is_put(kinesis):
    answer = web.post("/orders", json=ORDER)
    assert answer.status_code == 202
    (record,) = kinesis.stream("orders").records
    assert record.json() == ORDER
    assert answer.json() == {"shard": record.shard_id, "number": record.sequence_number}


def test_an_order_that_cannot_be_put_is_not_lost_silently(kinesis):
    kinesis.inject(Fault.throttle("PutRecord", times=None))
    answer = web.post("/orders", json=ORDER)
    assert (answer.status_code, answer.json()) == (503, {"detail": "Please try again later."})
    assert len(kinesis.stream("orders").records) == 0


def test_a_wrong_order_does_not_reach_the_stream(kinesis):
    assert web.post("/orders", json={"customer": "ada"}).status_code == 422
    assert len(kinesis.calls) == 0

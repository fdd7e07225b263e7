"""The Lambda handler books every order once, and reports what it cannot book."""

import pytest
from orders import handler


@pytest.fixture(autouse=True)
def totals():
    handler.totals.clear()
    return handler.totals


def put(kinesis, *amounts):
    for amount in amounts:
        kinesis.stream("orders").put(json={"customer": "ada", "amount": amount}, partition_key="ada")


@pytest.fixture
def mapping(kinesis):
    return kinesis.event_source_mapping(
        handler.handle,
        "orders",
        batch_size=3,
        maximum_retry_attempts=2,
        function_response_types=["ReportBatchItemFailures"],
    )


def test_orders_are_booked(kinesis, mapping, totals):
    put(kinesis, 10, 20, 30, 40)
    mapping.drain()
    assert totals == {"ada": 100}


def test_an_order_that_cannot_be_booked_takes_the_rest_of_its_batch_along(kinesis, mapping, totals):
    put(kinesis, 10, -1, 30, 40)
    mapping.drain()
    assert totals == {"ada": 50}
    (discarded,) = mapping.discarded
    assert discarded.document["KinesisBatchInfo"]["batchSize"] == 2

"""`Fault.error`: any error of the service, or of AWS's front door, by its code."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_fake import Fault, KinesisFake, KinesisFakeError
from tests.support.clients import new_client
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

PUT = {"StreamName": "orders", "Data": b"1 teapot", "PartitionKey": "ada"}

FRONT_DOOR = {
    "ExpiredTokenException": "The security token included in the request is expired",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
    "MissingAuthenticationTokenException": "Missing Authentication Token",
    "InvalidSignatureException": "The request signature we calculated does not match the signature you provided. Check "
    "your AWS Secret Access Key and signing method. Consult the service documentation for details.",
}


@pytest.mark.parametrize("code", FRONT_DOOR)
def test_an_error_of_the_front_door_brings_its_own_words(kinesis: KinesisFake, client: Any, code: Any) -> None:
    kinesis.inject(Fault.error("PutRecord", code=code))
    with refused(client, code, FRONT_DOOR[code]):
        client.put_record(**PUT)
    client.put_record(**PUT)


@pytest.mark.parametrize(
    ("code", "status", "expected_status"),
    [
        ("ResourceInUseException", None, 400),
        ("SomethingNewException", None, 400),
        ("OptInRequired", 403, 403),
        ("InternalFailure", None, 500),
        ("InternalFailureException", None, 500),
        ("ServiceUnavailable", None, 503),
        ("ServiceUnavailable", 502, 502),
    ],
)
def test_any_code_comes_with_the_status_and_the_message_that_are_ordered(
    kinesis: KinesisFake, client: Any, code: Any, status: Any, expected_status: Any
) -> None:
    kinesis.inject(Fault.error("ListShards", code=code, status=status, message="Not today."))
    with refused(client, code, "Not today.", status=expected_status):
        client.list_shards(StreamName="orders")


def test_an_error_without_a_message_has_none(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.error("ListStreams", code="SomethingNewException"))
    with refused(client, "SomethingNewException", ""):
        client.list_streams()


def test_a_modelled_error_is_the_modelled_exception(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.error("GetRecords", "PutRecord", code="ProvisionedThroughputExceededException", message="!"))
    with refused(client, "ProvisionedThroughputExceededException"):
        client.put_record(**PUT)


def test_the_sdk_retries_what_it_would_retry(kinesis: KinesisFake) -> None:
    client = new_client(retries={"mode": "standard", "total_max_attempts": 3})
    kinesis.inject(Fault.error("PutRecord", code="SomethingNewException", status=503, times=2))
    assert client.put_record(**PUT)["ResponseMetadata"]["RetryAttempts"] == 2
    kinesis.inject(Fault.error("PutRecord", code="ExpiredTokenException", times=2))
    for _ in range(2):
        with refused(client, "ExpiredTokenException", FRONT_DOOR["ExpiredTokenException"]) as caught:
            client.put_record(**PUT)
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_without_operations_every_operation_is_meant(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.error(code="ExpiredTokenException", times=None))
    for call in (client.list_streams, lambda: client.describe_stream(StreamName="orders")):
        with refused(client, "ExpiredTokenException"):
            call()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"code": ""}, "code must be text, such as 'ExpiredTokenException', not ''."),
        ({"code": 400}, "code must be text, such as 'ExpiredTokenException', not 400."),
        ({"code": "A B"}, "code must be text, such as 'ExpiredTokenException', not 'A B'."),
        ({"code": "X", "status": 200}, "status must be a whole number from 400 to 599, not 200."),
        ({"code": "X", "status": 600}, "status must be a whole number from 400 to 599, not 600."),
        ({"code": "X", "status": True}, "status must be a whole number from 400 to 599, not True."),
        ({"code": "X", "message": b"no"}, "message must be text, not b'no'."),
        ({"code": "X", "message": "\ud800"}, "message must be text that UTF-8 can encode, not '\\ud800'."),
    ],
)
def test_what_cannot_be_an_error_is_refused(arguments: Any, message: Any) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        Fault.error("PutRecord", **arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(("status", "is_fine"), [(399, False), (400, True), (599, True), (600, False)])
def test_the_status_is_one_of_an_error(status: Any, is_fine: Any) -> None:
    if is_fine:
        Fault.error("PutRecord", code="X", status=status)
    else:
        with pytest.raises(KinesisFakeError):
            Fault.error("PutRecord", code="X", status=status)


# --- skip -------------------------------------------------------------------------------------------------------------


def outcomes(client: Any, calls: Any) -> Any:
    told = []
    for _ in range(calls):
        try:
            client.put_record(**PUT)
            told.append("ok")
        except ClientError as error:
            told.append(error.response["Error"]["Code"])
    return told


def test_the_third_call_fails(kinesis: KinesisFake, client: Any) -> None:
    fault = kinesis.inject(Fault.throttling_exception("PutRecord", skip=2))
    assert outcomes(client, 5) == ["ok", "ok", "ThrottlingException", "ok", "ok"]
    assert fault.strikes == 1


def test_after_those_that_are_skipped_it_strikes_as_often_as_it_says(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.throttling_exception("PutRecord", skip=1, times=2))
    assert outcomes(client, 4) == ["ok", "ThrottlingException", "ThrottlingException", "ok"]


def test_only_calls_that_the_fault_concerns_are_skipped(kinesis: KinesisFake, client: Any) -> None:
    kinesis.create_stream("payments", shards=1)
    kinesis.inject(Fault.throttling_exception("PutRecord", stream="orders", skip=1))
    client.put_record(**{**PUT, "StreamName": "payments"})
    client.list_streams()
    assert outcomes(client, 3) == ["ok", "ThrottlingException", "ok"]


def test_skip_zero_skips_nothing(kinesis: KinesisFake, client: Any) -> None:
    kinesis.inject(Fault.throttling_exception("PutRecord", skip=0))
    assert outcomes(client, 2) == ["ThrottlingException", "ok"]


def test_each_attempt_of_the_sdk_is_a_call(kinesis: KinesisFake) -> None:
    client = new_client(retries={"mode": "standard", "total_max_attempts": 3})
    kinesis.inject(Fault.internal_error("PutRecord", skip=1, times=2))
    assert client.put_record(**PUT)["ResponseMetadata"]["RetryAttempts"] == 0
    assert client.put_record(**PUT)["ResponseMetadata"]["RetryAttempts"] == 2


@pytest.mark.parametrize("skip", [-1, 1.0, True, None, "2"])
def test_skip_is_a_number_of_calls(skip: Any) -> None:
    with pytest.raises(KinesisFakeError, match=r"^skip must be a whole number from 0 on, not "):
        Fault.throttle("PutRecord", skip=skip)


def test_a_fault_that_has_skipped_all_calls_is_complained_of(kinesis: KinesisFake, client: Any) -> None:
    fault = kinesis.inject(Fault.throttle("PutRecord", skip=3))
    assert outcomes(client, 3) == ["ok"] * 3
    with pytest.raises(KinesisFakeError) as caught:
        fault.require_used()
    assert str(caught.value) == (
        "The fault was never used: Fault.throttle('PutRecord', skip=3). It skipped all of the 3 calls that it "
        "concerned; skip fewer, or remove it."
    )
    fault.remove()


# --- an endpoint that cannot be reached -------------------------------------------------------------------------------


def test_an_endpoint_cannot_be_reached_by_any_call(kinesis: KinesisFake, client: Any) -> None:
    from botocore.exceptions import EndpointConnectionError

    kinesis.inject(Fault.connection_error(times=None))
    for call in (client.list_streams, lambda: client.put_record(**PUT)):
        with pytest.raises(EndpointConnectionError):
            call()
    assert kinesis.stream("orders").records == []

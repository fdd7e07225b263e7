"""A failing test that expected another fake's behaviour gets a hint beside its failure."""

from __future__ import annotations

import subprocess
import sys
import unittest
from types import SimpleNamespace
from typing import Any

import pytest

from kinesis_fake import Durations, Fault, KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})


def hints_after(kinesis: KinesisFake, error: BaseException | None) -> list[str]:
    lines = kinesis.summary(error=error).splitlines()
    return [line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")]


def put(client: Any) -> str:
    return str(client.put_record(StreamName="orders", Data=b"", PartitionKey="a")["SequenceNumber"])


# --- sequence numbers ---------------------------------------------------------------------------------------------

NUMBERS = (
    "The sequence number {!r} is one of another fake: on AWS they have 56 digits. Compare with the answer of "
    "put_record, or with kinesis.stream(...).records[0].sequence_number."
)


@pytest.mark.parametrize("expected", ["1", "10"])
def test_an_asserted_sequence_number_of_another_fake_is_told(client: Any, kinesis: KinesisFake, expected: str) -> None:
    number = put(client)
    with pytest.raises(AssertionError) as caught:
        assert number == expected
    assert hints_after(kinesis, caught.value) == [NUMBERS.format(expected)]
    with pytest.raises(AssertionError) as caught:
        assert expected == number
    assert hints_after(kinesis, caught.value) == [NUMBERS.format(expected)]
    with pytest.raises(AssertionError) as caught:
        unittest.TestCase().assertEqual(number, expected)  # noqa: PT009
    assert hints_after(kinesis, caught.value) == [NUMBERS.format(expected)]
    with pytest.raises(AssertionError) as caught:
        assert {"SequenceNumber": number} == {"SequenceNumber": expected}
    assert hints_after(kinesis, caught.value) == [NUMBERS.format(expected)]


def test_two_sequence_numbers_of_the_fake_are_not_told_of(client: Any, kinesis: KinesisFake) -> None:
    first, second = put(client), put(client)
    with pytest.raises(AssertionError) as caught:
        assert first == second
    assert hints_after(kinesis, caught.value) == []
    with pytest.raises(AssertionError) as caught:
        assert len(first) == 3
    assert hints_after(kinesis, caught.value) == []
    assert hints_after(kinesis, None) == []


# --- waiters ------------------------------------------------------------------------------------------------------


def give_up(kinesis: KinesisFake, waiter: str, stream_name: str) -> BaseException:
    client: Any = kinesis.client()
    with pytest.raises(Exception, match=r"Max attempts exceeded") as caught:
        client.get_waiter(waiter).wait(StreamName=stream_name, WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    return caught.value


def test_a_waiter_with_the_patience_of_another_fake_is_told(client: Any, kinesis: KinesisFake) -> None:
    client.create_stream(StreamName="new", ShardCount=1)
    assert hints_after(kinesis, give_up(kinesis, "stream_exists", "new")) == [
        "The waiter StreamExists gave up before the stream was ACTIVE, which takes 20 s of virtual time: leave its "
        "WaiterConfig out, which costs no real time, or pass durations='instant' to the fake."
    ]
    client.delete_stream(StreamName="orders")
    (hint,) = hints_after(kinesis, give_up(kinesis, "stream_not_exists", "orders"))
    assert hint.startswith("The waiter StreamNotExists gave up before the stream was gone, which takes 20 s ")


def test_a_waiter_that_no_duration_has_kept_waiting_is_not_told_of() -> None:
    with fake_kinesis(durations=Durations.instant(), streams={"orders": 1}) as kinesis:
        assert hints_after(kinesis, give_up(kinesis, "stream_not_exists", "orders")) == []


# --- endpoints ----------------------------------------------------------------------------------------------------


def test_a_test_that_expects_an_unreachable_endpoint_is_told_how_to_order_one(
    client: Any, kinesis: KinesisFake
) -> None:
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

    def told(name: str) -> str:
        return (
            f"The test expects {name}, but while a fake is active it answers a client of any endpoint. Order the "
            "failure: kinesis.inject(Fault.connection_error(times=None))."
        )

    with pytest.raises(pytest.fail.Exception) as caught, pytest.raises(EndpointConnectionError):
        put(kinesis.client(endpoint_url="http://localhost:1"))
    assert hints_after(kinesis, caught.value) == [told("EndpointConnectionError")]
    with pytest.raises(pytest.fail.Exception) as caught, pytest.raises((ValueError, ConnectTimeoutError)):
        put(client)
    assert hints_after(kinesis, caught.value) == [told("ConnectTimeoutError")]
    with pytest.raises(AssertionError) as in_unittest:
        unittest.TestCase().assertRaises(EndpointConnectionError, put, client)  # noqa: PT027
    assert hints_after(kinesis, in_unittest.value) == [told("EndpointConnectionError")]
    with pytest.raises(pytest.fail.Exception) as caught, pytest.raises(ZeroDivisionError):
        put(client)
    assert hints_after(kinesis, caught.value) == []
    kinesis.inject(Fault.connection_error(times=None))
    with pytest.raises(EndpointConnectionError):
        put(client)


CHILD = (
    "A child process has no fake of its own. Enter fake_kinesis() in the child; or, if it mocks Kinesis by itself, "
    "start it without the variable AWS_ENDPOINT_URL_KINESIS of its environment."
)


def test_a_child_process_that_mocks_for_itself_is_told(kinesis: KinesisFake) -> None:
    program = "import os, sys; sys.exit('Could not connect to ' + os.environ['AWS_ENDPOINT_URL_KINESIS'])"
    for text in (False, True):
        with pytest.raises(subprocess.CalledProcessError) as caught:
            subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=text)
        assert hints_after(kinesis, caught.value) == [CHILD]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    with pytest.raises(AssertionError) as in_text:
        assert done.returncode == 0, done.stderr
    assert hints_after(kinesis, in_text.value) == [CHILD]


# --- moto's own state ---------------------------------------------------------------------------------------------

NOTHING: dict[str, Any] = {}
kinesis_backends: dict[str, Any] = {"us-east-1": SimpleNamespace(streams={})}
BACKENDS = (
    "moto's kinesis_backends know nothing of the calls that the fake has answered: kinesis.streams, "
    "kinesis.stream(...).shards and .records show its state."
)


def test_a_test_that_looks_into_the_backends_of_moto_is_told(client: Any, kinesis: KinesisFake) -> None:
    put(client)
    with pytest.raises(KeyError) as caught:
        _ = kinesis_backends["us-east-1"].streams["orders"]
    assert hints_after(kinesis, caught.value) == [BACKENDS]
    with pytest.raises(KeyError) as caught:
        _ = NOTHING["orders"]
    assert hints_after(kinesis, caught.value) == [BACKENDS]  # the same test has looked there before


def test_another_test_is_not_told_of_the_backends_of_moto(client: Any, kinesis: KinesisFake) -> None:
    put(client)
    with pytest.raises(KeyError) as caught:
        _ = NOTHING["orders"]
    assert hints_after(kinesis, caught.value) == []


# --- closed shards ------------------------------------------------------------------------------------------------


def test_a_reader_that_does_not_expect_the_end_of_a_shard_is_told(client: Any, kinesis: KinesisFake) -> None:
    kinesis.stream("orders").split("shardId-000000000000")
    iterator = {"StreamName": "orders", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    answer = client.get_records(ShardIterator=client.get_shard_iterator(**iterator)["ShardIterator"])
    with pytest.raises(KeyError) as caught:
        _ = answer["NextShardIterator"]
    assert hints_after(kinesis, caught.value) == [
        "The last answer of a closed shard has no NextShardIterator, on AWS as here: stop there, and go on with its "
        "ChildShards."
    ]


# --- retries that sleep for real ----------------------------------------------------------------------------------


def throttled_puts(client: Any, times: int) -> None:
    for _ in range(times):
        with refused(client, "ProvisionedThroughputExceededException"):
            put(client)


def test_retries_at_one_instant_are_told(client: Any, kinesis: KinesisFake) -> None:
    kinesis.inject(Fault.throttle("PutRecord", times=3))
    throttled_puts(client, 2)
    assert hints_after(kinesis, None) == []
    throttled_puts(client, 1)
    assert hints_after(kinesis, None) == [
        "PutRecord was throttled and called again 2 times at one virtual instant. If the code sleeps in between, "
        "virtual_sleep=True lets these sleeps move the clock and take no real time."
    ]


def test_retries_of_failed_records_at_one_instant_are_told(client: Any, kinesis: KinesisFake) -> None:
    kinesis.inject(Fault.partial_failure(fraction=1.0, times=3))
    for _ in range(4):
        client.put_records(StreamName="orders", Records=[{"Data": b"", "PartitionKey": "a"}])
    assert hints_after(kinesis, None)[0].startswith("PutRecords was throttled and called again 3 times at one ")


def test_retries_of_the_sdk_and_those_that_take_time_are_not_told_of(client: Any, retrying_client: Any) -> None:
    with fake_kinesis(streams={"orders": 1}, virtual_sleep=True) as asleep:
        asleep.inject(Fault.throttle("PutRecord", times=4))
        throttled_puts(asleep.client(config=client.meta.config), 4)
        assert hints_after(asleep, None) == []
    with fake_kinesis(streams={"orders": 1}) as moving:
        moving.inject(Fault.throttle("PutRecord", times=4))
        for _ in range(4):
            throttled_puts(moving.client(config=client.meta.config), 1)
            moving.advance(seconds=1)
        assert hints_after(moving, None) == []
    with fake_kinesis(streams={"orders": 1}) as retried:
        retried.inject(Fault.throttle("PutRecord", times=4))
        put(retried.client(config=retrying_client.meta.config))
        assert hints_after(retried, None) == []


# --- where it is told ---------------------------------------------------------------------------------------------


def test_the_report_of_a_failing_test_and_the_note_of_an_exception_have_the_hint(
    pytester: Any, monkeypatch: Any
) -> None:
    pytester.makepyfile(
        "import pytest\n"
        "@pytest.mark.fake_kinesis(streams={'orders': 1})\n"
        "def test_it(kinesis_client):\n"
        "    answer = kinesis_client.put_record(StreamName='orders', Data=b'', PartitionKey='a')\n"
        "    assert answer['SequenceNumber'] == '1'\n"
    )
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-o", "asyncio_default_fixture_loop_scope=function")
    result.stdout.fnmatch_lines(["hint: The sequence number '1' is one of another fake: *"])
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    with pytest.raises(AssertionError) as caught, fake_kinesis(streams={"orders": 1}) as kinesis:
        raise AssertionError(f"{put(kinesis.client())} != 1")
    assert "hint: The sequence number '1' is one of another fake: " in vars(caught.value)["__notes__"][0]


def test_an_exception_without_a_text_or_in_a_circle_does_not_spoil_the_report(
    client: Any, kinesis: KinesisFake
) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise ZeroDivisionError

        def __eq__(self, other: object) -> bool:
            raise ZeroDivisionError

        __hash__ = None  # type: ignore[assignment]

    first, second = Odd(), AssertionError(f"'{put(client)}' != '1'")
    first.__cause__, second.__cause__ = second, first
    assert hints_after(kinesis, first) == [NUMBERS.format("1")]
    assert hints_after(kinesis, second) == [NUMBERS.format("1")]


def test_what_is_no_exception_is_refused(kinesis: KinesisFake) -> None:
    not_an_error: Any = "1 != 2"
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.summary(error=not_an_error)
    assert str(caught.value) == "error is an exception, not '1 != 2'."

"""The fake, its options and the ways into it, used as no test can mean it: refused in words, without a trace."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.misuse import hold_refusals
from tests.support.rows import hold_for_each

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

#: The way in without its types, which would refuse most of what follows.
fake: Any = fake_kinesis
NOT_ENTERED = "A KinesisFake is not entered itself; write `with fake_kinesis() as kinesis:`."
PARAMETERS_OF_A_CLIENT = (
    "region_name, api_version, use_ssl, verify, endpoint_url, aws_access_key_id, aws_secret_access_key, "
    "aws_session_token, config"
)


class Colour(enum.Enum):
    RED = 1


def decorates(what: object) -> str:
    return f"fake_kinesis decorates functions and classes of tests, not {what!r}."


def decorates_no_value(what: object) -> str:
    return (
        f"fake_kinesis decorates functions and classes, not {what!r}; options are keywords, as in "
        "fake_kinesis(streams={'orders': 1})."
    )


def enter(held: Any) -> None:
    with held:
        pass


def enter_asynchronously(held: Any) -> None:
    async def entered() -> None:
        async with held:
            pass

    asyncio.run(entered())


def started(**options: Any) -> Callable[[Any], object]:
    return lambda _: fake_kinesis(**options).start()


def region_refused(region: str) -> tuple[Callable[[Any], object], str]:
    return started(region=region), f"region must be the name of a region, such as 'us-east-1', not {region!r}."


def instant_refused(text: str) -> tuple[Callable[[Any], object], str]:
    return (
        lambda kinesis: kinesis.travel_to(text),
        f"{text!r} is no instant; write it as in '2026-01-01T00:00:00Z' or pass an aware datetime.",
    )


def event_of(kinesis: Any, **changes: Any) -> object:
    record = kinesis.stream("orders").records[0]
    return kinesis.lambda_event(dataclasses.replace(record, **changes))


ROWS: dict[str, tuple[Callable[[Any], object], str]] = {
    # --- the ways in ---
    "a class of Python": (lambda _: fake(int), decorates(int)),
    "an enumeration": (lambda _: fake(Colour), decorates(Colour)),
    "a function of Python": (lambda _: fake(min), decorates_no_value(min)),
    "None": (lambda _: fake(None), decorates_no_value(None)),
    "a call of nothing": (
        lambda _: fake()(),
        "fake_kinesis(...) is entered, as in `with fake_kinesis() as kinesis:`, or decorates; it is not called.",
    ),
    "a fake that is entered itself": (lambda kinesis: enter(kinesis), NOT_ENTERED),
    "a fake that is entered itself by a task": (lambda kinesis: enter_asynchronously(kinesis), NOT_ENTERED),
    # --- options ---
    "a region of a dash": region_refused("-"),
    "a region without its number": region_refused("eu-west"),
    "a region in capitals": region_refused("US-EAST-1"),
    "an access key with a space": (
        started(accounts={"a b": "111122223333"}),
        "Each key of accounts must be text, such as 'AKIAIOSFODNN7EXAMPLE', not 'a b'.",
    ),
    # --- clients ---
    "a client of a service": (
        lambda kinesis: kinesis.client("kinesis"),
        "client() takes no argument without a name, so 'kinesis' needs one; the names are "
        + PARAMETERS_OF_A_CLIENT
        + ".",
    ),
    "a client of a numbered region": (
        lambda kinesis: kinesis.client(region_name=5),
        "region_name of client() must be text, not 5.",
    ),
    "a client of aiobotocore of a numbered region": (
        lambda kinesis: kinesis.aio_client(region_name=5),
        "region_name of aio_client() must be text, not 5.",
    ),
    "the class of sessions": (
        lambda kinesis: kinesis.attach(botocore.session.Session),
        "attach() takes a client or a session, not the class Session; make one of it.",
    ),
    # --- time ---
    "a basic date": instant_refused("20260101T000001Z"),
    "a date of a week": instant_refused("2026-W01-4T00:00:00Z"),
    "a part of a second of one digit": instant_refused("2026-01-01T00:00:00.5Z"),
    # --- questions ---
    "calls from a text on": (
        lambda kinesis: kinesis.calls.index("ListStreams", "x"),
        "start of index() must be a whole number, not 'x'.",
    ),
    "calls to a text": (
        lambda kinesis: kinesis.calls.index("ListStreams", 0, "x"),
        "stop of index() must be a whole number, not 'x'.",
    ),
    # --- Lambda ---
    "an event of a record that no shard has": (
        lambda kinesis: event_of(kinesis, sequence_number="abc"),
        "The sequence number of a record of lambda_event() must be text, not 'abc'.",
    ),
    "a pattern that is nested too deeply": (
        lambda kinesis: kinesis.event_source_mapping(
            lambda event, context: None, "orders", filter_criteria={"Filters": [{"Pattern": "[" * 3000}]}
        ),
        "event_source_mapping() was refused: InvalidParameterValueException: Invalid filter pattern definition. "
        f"('{'[' * 198}… is no JSON)",
    ),
    "a float of retries": (
        lambda kinesis: kinesis.event_source_mapping(
            lambda event, context: None, "orders", maximum_retry_attempts=-1.0
        ),
        "event_source_mapping() was refused: maximum_retry_attempts must be a whole number from 0 to 10000 or -1, not "
        "-1.0.",
    ),
}


def test_what_cannot_be_meant_is_refused_and_changes_nothing(kinesis: KinesisFake) -> None:
    kinesis.stream("orders").put("1 teapot")
    hold_refusals(ROWS, kinesis, unchanged=kinesis)


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1", "cn-northwest-1"])
def test_regions_of_all_partitions_are_taken(region: str) -> None:
    with fake_kinesis(region=region) as inner:
        assert inner.create_stream("orders", shards=1).stream_arn.split(":")[3] == region


def test_instants_are_written_as_every_python_reads_them() -> None:
    def check(text: str) -> None:
        with fake_kinesis(start=text) as inner:
            assert inner.now.isoformat() == "2026-01-02T00:00:00+00:00"

    hold_for_each(
        [
            "2026-01-02T00:00:00.000Z",
            "2026-01-02T00:00:00.000000+00:00",
            "2026-01-02 00:00Z",
            "2026-01-02T02:00+02:00",
            "2026-01-02t00:00:00z",
        ],
        check,
    )


def test_a_fake_that_was_made_by_hand_is_not_entered() -> None:
    with pytest.raises(KinesisFakeError) as caught, KinesisFake():  # type: ignore[attr-defined]
        pass
    assert str(caught.value) == NOT_ENTERED

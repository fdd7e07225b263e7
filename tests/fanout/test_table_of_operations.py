"""The table of operations, and all paginators and waiters, through aiobotocore: they answer as through botocore.

``tests/proofs`` compares botocore's answers with AWS's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError, WaiterError

from kinesis_fake import KinesisFake, fake_kinesis
from tests.proofs.account import Account, Outcome
from tests.proofs.scenario import MODEL, Scenario, can_be_played, channel
from tests.proofs.table import TABLE
from tests.support.libraries import AioBotocore

pytest.importorskip("aiobotocore")

pytestmark = pytest.mark.asyncio_clients

SCENARIOS = [scenario for row in TABLE.values() for scenario in row.scenarios if can_be_played(scenario)]
#: Iterators, tokens, receipt handles and the ids of channels, some of them cut short.
OF_ITS_OWN = (
    r"AAAAAAAAAA[\w+/]+=*|(?:(?<=channel/)|(?<=queue/))[0-9a-f-]+|"
    r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)

_clients: list[AioBotocore] = []


@pytest.fixture(scope="module", autouse=True)
def close_clients() -> Iterator[None]:
    yield
    accounts.cache_clear()
    while _clients:
        _clients.pop().close()


def new_client(kinesis: KinesisFake, **parameters: Any) -> AioBotocore:
    client = AioBotocore(**parameters)
    kinesis.attach(client.client)
    _clients.append(client)
    return client


# --- operations -----------------------------------------------------------------------------------------------------


class AioStage(Account):
    """A account on which everything is done through aiobotocore."""

    def _new_client(self, **parameters: Any) -> Any:
        return new_client(self.kinesis, **parameters)

    def _events(self, client: Any, stream: Any) -> Iterator[Any]:
        return client.iterate(stream)  # type: ignore[no-any-return]


@cache
def accounts(*options: tuple[str, Any]) -> tuple[Account, Account]:
    """A account for each library. All that is ever done is done on both, so that even request ids agree."""
    return Account(**dict(options)), AioStage(**dict(options))


def played(account: Account, scenario: Scenario) -> tuple[Outcome, list[str]]:
    """The outcome of a call and the visible state after it, without tokens and ids, which differ from fake to fake."""
    account.set().prepare(scenario)
    outcome = account.call(scenario)
    errors = [
        (type(error).__name__, str(error), error.response)
        for error in (outcome.error, outcome.stream_error)
        if error is not None
    ]
    seen = (outcome.answer, *errors, account.kinesis.calls[-1])
    return outcome, [re.sub(OF_ITS_OWN, "…", repr(each)) for each in seen]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_call_is_answered_or_refused_as_with_botocore(scenario: Scenario) -> None:
    ours, theirs = accounts(*scenario.options.items())
    _, expected = played(ours, scenario)
    outcome, seen = played(theirs, scenario)
    assert seen == expected
    assert (outcome.error is None) == (scenario.error is None)
    if outcome.error is not None:
        caller = theirs.client("STRANGER" if scenario.is_strangers else "OWNER")
        assert type(outcome.error) is caller.exceptions.from_code(scenario.code)


def test_every_operation_succeeds_and_fails() -> None:
    for outcome in (True, False):
        shown = {scenario.operation for scenario in SCENARIOS if (scenario.error is None) is outcome}
        assert shown == set(MODEL.operation_names)


# --- paginators -----------------------------------------------------------------------------------------------------

PAGINATORS: dict[str, Any] = vars(botocore.session.get_session().get_paginator_model("kinesis"))["_paginator_config"]
#: What each paginator is asked.
PAGINATED: dict[str, dict[str, Any]] = {
    "DescribeStream": {"StreamName": "orders"},
    "ListStreams": {},
    "ListShards": {"StreamName": "orders"},
    "ListStreamConsumers": {"StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/orders"},
    "ListChannels": {},
    "ListQueues": {},
}


def furnish(kinesis: KinesisFake) -> None:
    """Three of everything, and a stream of five shards."""
    client: Any = kinesis.client()
    arn = kinesis.stream("orders").stream_arn
    for name in ("audit", "billing", "search"):
        client.register_stream_consumer(StreamARN=arn, ConsumerName=name)
        clicks = kinesis.create_stream(f"{name}-clicks").stream_arn
        if "ListChannels" in PAGINATORS:
            client.create_channel(**channel(name, clicks))
        if "ListQueues" in PAGINATORS:
            client.create_queue(QueueName=name, StreamConfigurationList=[{"StreamARN": clicks}])
    kinesis.settle()


def walk(pages: Iterator[dict[str, Any]]) -> tuple[list[dict[str, Any]], str | None]:
    """The pages without what is made anew each time, and what ended them."""
    turned: list[dict[str, Any]] = []
    said = None
    try:
        turned.extend(pages)
    except ClientError as error:
        said = str(error)
    made_anew = ("ResponseMetadata", "NextToken")
    return [{name: page[name] for name in page if name not in made_anew} for page in turned], said


@pytest.mark.parametrize("operation", PAGINATORS)
@pytest.mark.parametrize("config", [{}, {"PageSize": 2}], ids=["default", "two-to-a-page"])
@pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 5})
def test_a_paginator_turns_the_pages_that_that_of_botocore_turns(
    kinesis: KinesisFake, operation: str, config: dict[str, int]
) -> None:
    furnish(kinesis)
    parameters = {**PAGINATED[operation], "PaginationConfig": config}
    client = new_client(kinesis)
    pages = client.iterate(client.client.get_paginator(xform_name(operation)).paginate(**parameters))
    theirs: Any = kinesis.client()
    expected = walk(theirs.get_paginator(xform_name(operation)).paginate(**parameters))
    assert walk(pages) == expected
    turned, error = expected
    assert error is None
    assert len(turned) > 1 or not config


# --- waiters --------------------------------------------------------------------------------------------------------

WAITERS = botocore.session.get_session().get_waiter_model("kinesis").waiter_names


def create_stream(kinesis: KinesisFake) -> dict[str, Any]:
    kinesis.client().create_stream(StreamName="payments", ShardCount=1)
    return {"StreamName": "payments"}


def name_no_stream(kinesis: KinesisFake) -> dict[str, Any]:
    return {"StreamName": "payments"}


def delete_stream(kinesis: KinesisFake) -> dict[str, Any]:
    kinesis.client().delete_stream(StreamName="orders")
    return {"StreamName": "orders"}


def leave_stream(kinesis: KinesisFake) -> dict[str, Any]:
    return {"StreamName": "orders"}


def create_channel(kinesis: KinesisFake) -> dict[str, Any]:
    answer = kinesis.client().create_channel(**channel("lake", kinesis.create_stream("clicks").stream_arn))
    return {"ChannelARN": answer["ChannelDescription"]["ChannelARN"]}


def spoil_channel(kinesis: KinesisFake) -> dict[str, Any]:
    parameters = create_channel(kinesis)
    kinesis.channel("lake").fail("no reason")
    return parameters


#: For each waiter: what makes a wait succeed, what makes it fail, and the message of that failure.
WAITED: dict[str, tuple[Callable[[KinesisFake], dict[str, Any]], Callable[[KinesisFake], dict[str, Any]], str]] = {
    "StreamExists": (create_stream, name_no_stream, "An error occurred (ResourceNotFoundException)"),
    "StreamNotExists": (delete_stream, leave_stream, "Max attempts exceeded"),
    "ChannelActive": (create_channel, spoil_channel, "Waiter encountered a terminal failure state"),
}


def wait(prepare: Callable[[KinesisFake], dict[str, Any]], name: str, *, with_aiobotocore: bool) -> list[Any]:
    """How a waiter ends, at which instant, and the calls until then."""
    with fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1}) as kinesis:
        parameters = prepare(kinesis)
        said = None
        try:
            if with_aiobotocore:
                client = new_client(kinesis)
                client.loop.run_until_complete(client.client.get_waiter(xform_name(name)).wait(**parameters))
            else:
                theirs: Any = kinesis.client()
                theirs.get_waiter(xform_name(name)).wait(**parameters)
        except WaiterError as error:
            said = str(error)
        return [said, kinesis.now, list(kinesis.calls)]


@pytest.mark.parametrize("name", WAITERS)
def test_a_waiter_waits_as_long_and_as_often_as_that_of_botocore(name: str) -> None:
    to_succeed, to_fail, reason = WAITED[name]
    successes = [wait(to_succeed, name, with_aiobotocore=flag) for flag in (False, True)]
    assert successes[0] == successes[1]
    assert successes[0][0] is None
    assert len(successes[0][2]) > 2
    failures = [wait(to_fail, name, with_aiobotocore=flag) for flag in (False, True)]
    assert failures[0] == failures[1]
    assert reason in failures[0][0]

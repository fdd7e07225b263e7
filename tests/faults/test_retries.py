"""The client's own retries after faults: how many, how long, and what the answer says of them."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from kinesis_fake import Fault, KinesisFake
from tests.support.clients import new_client
from tests.support.model import needs
from tests.support.refusals import refused

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})

MODES = ("legacy", "standard", "adaptive")
RETRIED = {
    "throttle": Fault.throttle("PutRecord"),
    "throttling_exception": Fault.throttling_exception("PutRecord"),
    "internal_error": Fault.internal_error("PutRecord"),
    "service_unavailable": Fault.service_unavailable("PutRecord"),
    "connection_error": Fault.connection_error("PutRecord"),
    "connection_closed": Fault.connection_error("PutRecord", applied=True),
    "read_timeout": Fault.read_timeout("PutRecord"),
}
NOT_RETRIED = {
    "access_denied": (
        Fault.access_denied("PutRecord"),
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:root is not authorized to perform: kinesis:PutRecord on resource: "
        "arn:aws:kinesis:us-east-1:123456789012:stream/orders because no identity-based policy allows the "
        "kinesis:PutRecord action",
    ),
    "KMSDisabledException": (
        Fault.kms_error("PutRecord", code="KMSDisabledException"),
        "KMSDisabledException",
        "arn:aws:kms:us-east-1:123456789012:alias/aws/kinesis is disabled.",
    ),
    "KMSThrottlingException": (
        Fault.kms_error("PutRecord", code="KMSThrottlingException"),
        "KMSThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    ),
}


@pytest.fixture(scope="module")
def clients() -> Any:
    return {mode: new_client(retries={"mode": mode}) for mode in MODES}


def put(client: Any) -> Any:
    return client.put_record(StreamName="orders", PartitionKey="ada", Data=b"1 teapot")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", RETRIED)
def test_what_passes_is_tried_again_until_it_succeeds(kinesis: KinesisFake, clients: Any, mode: Any, kind: Any) -> None:
    injection = kinesis.inject(RETRIED[kind])
    answer = put(clients[mode])
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert injection.strikes == 1
    assert [(call.attempt, call.outcome == "ok") for call in kinesis.calls] == [(1, False), (2, True)]
    assert kinesis.calls[1].at > kinesis.calls[0].at


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", NOT_RETRIED)
def test_what_does_not_pass_is_told_at_once(kinesis: KinesisFake, clients: Any, mode: Any, kind: Any) -> None:
    before = kinesis.now
    fault, code, message = NOT_RETRIED[kind]
    kinesis.inject(fault)
    with refused(clients[mode], code, message) as caught:
        put(clients[mode])
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert "reached max retries" not in str(caught.value)
    assert (len(kinesis.calls), kinesis.now) == (1, before)


@pytest.mark.parametrize(
    ("retries", "attempts"),
    [
        ({"mode": "legacy"}, 5),
        ({"mode": "standard"}, 3),
        ({"mode": "adaptive"}, 3),
        ({"mode": "legacy", "max_attempts": 1}, 2),
        ({"mode": "standard", "total_max_attempts": 5}, 5),
    ],
    ids=str,
)
def test_a_client_gives_up_after_as_many_attempts_as_its_policy_allows(
    kinesis: KinesisFake, retries: Any, attempts: Any
) -> None:
    client = new_client(retries=retries)
    kinesis.inject(Fault.throttle("PutRecord", times=None))
    with refused(client, "ProvisionedThroughputExceededException") as caught:
        put(client)
    assert str(caught.value) == (
        "An error occurred (ProvisionedThroughputExceededException) when calling the PutRecord operation (reached max "
        f"retries: {attempts - 1}): Rate exceeded for shard shardId-000000000000 in stream orders under account "
        "123456789012."
    )
    assert [call.attempt for call in kinesis.calls] == list(range(1, attempts + 1))
    assert all(earlier.at < later.at for earlier, later in pairwise(kinesis.calls))
    assert kinesis.now == kinesis.calls[-1].at
    assert kinesis.stream("orders").records == []


@pytest.mark.parametrize("mode", MODES)
def test_a_client_that_never_hears_anything_raises_its_own_exception(
    kinesis: KinesisFake, clients: Any, mode: Any
) -> None:
    kinesis.inject(Fault.connection_error(times=None))
    with pytest.raises(EndpointConnectionError):
        put(clients[mode])
    assert len(kinesis.calls) == {"legacy": 5}.get(mode, 3)


def test_each_retry_may_meet_another_fault(kinesis: KinesisFake, clients: Any) -> None:
    kinesis.inject(Fault.throttle("PutRecord"))
    kinesis.inject(Fault.connection_error("PutRecord"))
    kinesis.inject(Fault.internal_error("PutRecord"))
    kinesis.inject(Fault.latency("PutRecord", milliseconds=7, times=4))
    assert put(clients["legacy"])["ResponseMetadata"]["RetryAttempts"] == 3
    assert [call.outcome for call in kinesis.calls] == [
        "ProvisionedThroughputExceededException",
        "EndpointConnectionError",
        "InternalFailure",
        "ok",
    ]


def test_a_handler_of_the_users_own_decides_before_the_policy(kinesis: KinesisFake) -> None:
    client = new_client(retries={"mode": "standard", "total_max_attempts": 1})
    client.meta.events.register_first(
        "needs-retry.kinesis.PutRecord", lambda attempts, **_: 12.5 if attempts < 3 else None
    )
    before = kinesis.now
    kinesis.inject(Fault.access_denied("PutRecord", times=2))
    assert put(client)["ResponseMetadata"]["RetryAttempts"] == 2
    assert (kinesis.now - before).total_seconds() == 25


def repeats_failed_records(parsed: Any, attempts: int) -> float | None:
    """A retry policy that many producers want: PutRecords again, half a second later, while any record fails."""
    return 0.5 if parsed is not None and parsed.get("FailedRecordCount") and attempts < 4 else None


RECORDS = {
    "StreamName": "orders",
    "Records": [{"Data": b"1", "PartitionKey": "a"}, {"Data": b"2", "PartitionKey": "b"}],
}


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_handler_may_repeat_a_call_that_has_succeeded(kinesis: KinesisFake, mode: Any) -> None:
    client = new_client(retries={"mode": mode})
    client.meta.events.register(
        "needs-retry.kinesis.PutRecords",
        lambda response, attempts, **_: repeats_failed_records(response and response[1], attempts),
    )
    before = kinesis.now
    kinesis.inject(Fault.partial_failure(indexes=[0], times=2))
    answer = client.put_records(**RECORDS)
    assert (answer["FailedRecordCount"], answer["ResponseMetadata"]["RetryAttempts"]) == (0, 2)
    assert (kinesis.now - before).total_seconds() == 1
    assert kinesis.calls.count("PutRecords") == 3
    assert [record.data for record in kinesis.stream("orders").records] == [b"2", b"2", b"1", b"2"]
    assert client.put_records(**RECORDS)["ResponseMetadata"]["RetryAttempts"] == 0


@needs("ReceiveQueueRecords")
def test_a_long_poll_whose_client_has_no_retries_left_waits_in_virtual_time(kinesis: KinesisFake) -> None:
    client = new_client(retries={"mode": "standard"})
    kinesis.create_stream("clicks")
    stream_arn = kinesis.stream("clicks").stream_arn
    client.create_queue(QueueName="work", StreamConfigurationList=[{"StreamARN": stream_arn}])
    kinesis.settle()
    kinesis.inject(Fault.throttle("ReceiveQueueRecords", times=None))
    retries = []
    waits = []
    for _ in range(52):  # a quota of 500, and 5 for each retry of a throttled call
        with refused(client, "ThrottlingException") as caught:
            client.receive_queue_records(QueueARN=kinesis.queue("work").queue_arn)
        retries.append(caught.value.response["ResponseMetadata"]["RetryAttempts"])
        waits.append(kinesis.now - kinesis.calls[-1].at)
    assert retries == [2] * 50 + [0] * 2
    assert {wait.total_seconds() for wait in waits[:50]} == {0}
    assert all(wait.total_seconds() > 0 for wait in waits[50:])


# --- aiobotocore --------------------------------------------------------------------------------------------------


class Timeline:
    """Tasks side by side, some of which sleep, and what happened when, in milliseconds."""

    def __init__(self, kinesis: KinesisFake) -> None:
        self._kinesis = kinesis
        self._start = kinesis.now
        self.happened: list[Any] = []

    def tell(self, what: Any) -> None:
        self.happened.append((what, round((self._kinesis.now - self._start).total_seconds() * 1000)))

    def run(self, task: Any, *sleeps: Any) -> Any:
        """Run ``task``, given a client, beside tasks that sleep for so many seconds."""
        session = pytest.importorskip("aiobotocore.session")

        async def sleep(seconds: Any) -> None:
            await asyncio.sleep(seconds)
            self.tell(seconds)

        async def main() -> None:
            async with session.get_session().create_client("kinesis") as client:
                await asyncio.gather(task(client), *map(sleep, sleeps))
                self.tell("done")

        asyncio.run(main())
        return self.happened


@pytest.mark.asyncio_clients
@pytest.mark.fake_kinesis(virtual_sleep=True)
def test_while_one_task_backs_off_the_others_go_on(kinesis: KinesisFake) -> None:
    async def task(client: Any) -> None:
        await client.put_record(StreamName="orders", PartitionKey="ada", Data=b"1 teapot")

    kinesis.inject(Fault.throttle("PutRecord"))
    *sleeps, (done, at) = Timeline(kinesis).run(task, 0.002, 0.001)
    assert sleeps == [(0.001, 1), (0.002, 2)]
    assert (done, [call.attempt for call in kinesis.calls]) == ("done", [1, 2])
    assert at > 2


@pytest.mark.asyncio_clients
@pytest.mark.fake_kinesis(virtual_sleep=True)
def test_while_one_task_waits_for_an_answer_that_never_comes_the_others_go_on(kinesis: KinesisFake) -> None:
    async def task(client: Any) -> None:
        await client.put_record(StreamName="orders", PartitionKey="ada", Data=b"1 teapot")

    kinesis.inject(Fault.read_timeout("PutRecord"))
    asleep, (done, at) = Timeline(kinesis).run(task, 30)
    assert asleep == (30, 30_000)
    assert done == "done"
    assert 60_000 <= at < 62_000
    assert len(kinesis.stream("orders").records) == 2


@pytest.mark.asyncio_clients
@pytest.mark.fake_kinesis(virtual_sleep=True)
def test_while_a_waiter_waits_the_others_go_on(kinesis: KinesisFake) -> None:
    timeline = Timeline(kinesis)

    async def task(client: Any) -> None:
        await client.create_stream(StreamName="payments", ShardCount=1)
        await client.get_waiter("stream_exists").wait(StreamName="payments")
        timeline.tell("active")

    assert timeline.run(task, 25, 15, 5) == [
        (5, 5_000),
        (15, 15_000),
        ("active", 20_000),
        (25, 25_000),
        ("done", 25_000),
    ]


@pytest.mark.asyncio_clients
def test_a_handler_of_aiobotocore_may_repeat_a_call_that_has_succeeded(kinesis: KinesisFake) -> None:
    pytest.importorskip("aiobotocore.session")

    async def main() -> None:
        client = kinesis.aio_client()

        async def handler(response: Any, attempts: int, **_: Any) -> float | None:
            return repeats_failed_records(response and response[1], attempts)

        client.meta.events.register("needs-retry.kinesis.PutRecords", handler)
        kinesis.inject(Fault.partial_failure(indexes=[0], times=2))
        answer = await client.put_records(**RECORDS)
        assert (answer["FailedRecordCount"], answer["ResponseMetadata"]["RetryAttempts"]) == (0, 2)

    asyncio.run(main())


@pytest.mark.asyncio_clients
@needs("ReceiveQueueRecords")
@pytest.mark.parametrize("mode", MODES)
def test_a_long_poll_of_aiobotocore_without_retries_left_waits_in_virtual_time(kinesis: KinesisFake, mode: Any) -> None:
    session = pytest.importorskip("aiobotocore.session")
    from aiobotocore.config import AioConfig

    async def main() -> None:
        config = AioConfig(retries={"mode": mode})
        async with session.get_session().create_client("kinesis", config=config) as client:
            stream_arn = kinesis.create_stream("clicks").stream_arn
            await client.create_queue(QueueName="work", StreamConfigurationList=[{"StreamARN": stream_arn}])
            kinesis.settle()
            kinesis.inject(Fault.throttle("ReceiveQueueRecords", times=None))
            for _ in range(52):
                with refused(client, "ThrottlingException"):
                    await client.receive_queue_records(QueueARN=kinesis.queue("work").queue_arn)

    asyncio.run(main())

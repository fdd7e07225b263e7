"""Two fakes never share state: not while one is inside the other, not side by side, not one after the other."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from kinesis_fake import Durations, KinesisFake, fake_kinesis
from tests.support.refusals import refused

pytestmark = pytest.mark.interpreter

START = "2026-01-01T00:00:00Z"
SHARD_ID = "shardId-000000000000"


def iterator_of(client: Any) -> str:
    iterator: str = client.get_shard_iterator(StreamName="orders", ShardId=SHARD_ID, ShardIteratorType="LATEST")[
        "ShardIterator"
    ]
    return iterator


def next_token_of(client: Any) -> str:
    token: str = client.list_shards(StreamName="orders", MaxResults=1)["NextToken"]
    return token


def refusal_of(client: Any, call: str, **parameters: Any) -> dict[str, str]:
    with refused(client, "InvalidArgumentException") as caught:
        getattr(client, call)(**parameters)
    error: dict[str, str] = caught.value.response["Error"]
    return error


INVALID_ITERATOR = {"Code": "InvalidArgumentException", "Message": "Invalid ShardIterator."}
INVALID_TOKEN = {"Code": "InvalidArgumentException", "Message": "Invalid NextToken."}


def test_tokens_of_one_fake_are_refused_by_the_other() -> None:
    alike = fake_kinesis(start=START, streams={"orders": 2})
    with alike as outer, alike as inner:
        first, second = outer.client(), inner.client()
        for here, there in ((first, second), (second, first)):
            # Both have made as many tokens.
            assert refusal_of(there, "get_records", ShardIterator=iterator_of(here)) == INVALID_ITERATOR
            iterator_of(there)
            assert refusal_of(there, "list_shards", NextToken=next_token_of(here)) == INVALID_TOKEN
            next_token_of(there)
            here.get_records(ShardIterator=iterator_of(here))


def test_tokens_of_fakes_in_threads_are_refused_by_each_other() -> None:
    alike = fake_kinesis(start=START, streams={"orders": 2})
    with ThreadPoolExecutor(1) as executor, alike as here:
        there: KinesisFake = executor.submit(alike.__enter__).result()
        iterators = [iterator_of(fake.client()) for fake in (here, there)]
        assert refusal_of(here.client(), "get_records", ShardIterator=iterators[1]) == INVALID_ITERATOR
        assert refusal_of(there.client(), "get_records", ShardIterator=iterators[0]) == INVALID_ITERATOR
        executor.submit(alike.__exit__, None, None, None).result()


def test_tokens_of_fakes_that_were_never_entered_are_refused_by_each_other() -> None:
    here, there = (KinesisFake(start=START, streams={"orders": 2}) for _ in range(2))
    iterators = [iterator_of(fake.client()) for fake in (here, there)]
    assert refusal_of(here.client(), "get_records", ShardIterator=iterators[1]) == INVALID_ITERATOR
    assert refusal_of(there.client(), "get_records", ShardIterator=iterators[0]) == INVALID_ITERATOR


def test_a_token_of_an_earlier_fake_is_refused_by_a_fake_that_starts_at_another_instant() -> None:
    with fake_kinesis(start=START, streams={"orders": 2}) as earlier:
        iterator = iterator_of(earlier.client())
    with fake_kinesis(start="2026-01-01T00:00:01Z", streams={"orders": 2}) as later:
        iterator_of(later.client())
        assert refusal_of(later.client(), "get_records", ShardIterator=iterator) == INVALID_ITERATOR


def test_a_token_that_a_fake_has_not_made_yet_is_refused() -> None:
    alike = fake_kinesis(start=START, streams={"orders": 2})
    with alike as earlier:
        iterator = iterator_of(earlier.client())
    with alike as later:
        assert refusal_of(later.client(), "get_records", ShardIterator=iterator) == INVALID_ITERATOR


def test_clocks_faults_and_calls_are_apart() -> None:
    with fake_kinesis(start=START, streams={"orders": 1}) as outer, fake_kinesis(start=START) as inner:
        inner.advance(hours=1)
        inner.create_stream("orders", shards=1)
        inner.client().put_record(StreamName="orders", Data=b"x", PartitionKey="k")
        assert outer.now.isoformat() == "2026-01-01T00:00:00+00:00"
        assert outer.stream("orders").records == []
        assert (len(outer.calls), len(inner.calls)) == (0, 1)


def test_a_client_that_has_spent_its_retries_in_one_fake_has_them_again_in_the_next() -> None:
    # Standard retries draw on a quota of 500 tokens that belongs to the client, five for each throttled attempt.
    way_in = fake_kinesis(durations=Durations(creating_ms=10**9))

    def spent(kinesis: KinesisFake) -> list[int]:
        client = kinesis.client()
        for number in range(5):
            client.create_stream(StreamName=f"stream-{number}", ShardCount=1)
        return [retries_of_a_sixth_stream(client) for _ in range(60)]

    with way_in as kinesis:
        first = spent(kinesis)
    with way_in as kinesis:
        assert spent(kinesis) == first
    assert first[0] > 0


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_a_client_has_each_of_the_handlers_of_its_retries_once(mode: Any) -> None:
    config = Config(retries={"mode": mode})
    with fake_kinesis() as kinesis:
        ours = kinesis.client(config=config)
        kinesis.create_stream("orders")  # whose parameters are looked up in the model of a client
        again = kinesis.client(config=config)
    keys: Any = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    theirs = boto3.client("kinesis", "us-east-1", config=config, **keys)
    expected = [handlers_of(theirs, event) for event in RETRY_EVENTS]
    assert sum(map(len, expected)) > 0
    assert [handlers_of(ours, event) for event in RETRY_EVENTS] == expected
    assert [handlers_of(again, event) for event in RETRY_EVENTS] == expected


#: The events at which botocore counts retries and gives tokens of their quota back.
RETRY_EVENTS = ("needs-retry.kinesis.PutRecord", "after-call.kinesis.PutRecord")


def handlers_of(client: Any, event: str) -> list[str]:
    """The types whose handlers a client calls at an event, in order."""
    found = client.meta.events._emitter._handlers.prefix_search(event)
    return [type(getattr(handler, "__self__", handler)).__name__ for handler in found]


def retries_of_a_sixth_stream(client: Any) -> int:
    with refused(client, "LimitExceededException") as caught:
        client.create_stream(StreamName="one-too-many", ShardCount=1)
    retries: int = caught.value.response["ResponseMetadata"]["RetryAttempts"]
    return retries


# --- the same again -----------------------------------------------------------------------------------------------


def play(kinesis: KinesisFake) -> str:
    """A script that meets everything a fake makes up: tokens, sequence numbers, request ids, backoff."""
    client = boto3.client("kinesis")
    answers: list[Any] = [client.create_stream(StreamName=f"stream-{number}", ShardCount=2) for number in range(5)]
    with refused(client, "LimitExceededException") as caught:
        client.create_stream(StreamName="one-too-many", ShardCount=1)
    answers.append(caught.value.response)
    client.get_waiter("stream_exists").wait(StreamName="stream-0")
    answers.extend(client.put_record(StreamName="stream-0", Data=b"x", PartitionKey=str(key)) for key in range(10))
    answers.append(client.list_shards(StreamName="stream-0", MaxResults=1))
    iterator = client.get_shard_iterator(StreamName="stream-0", ShardId=SHARD_ID, ShardIteratorType="TRIM_HORIZON")
    answers.append(client.get_records(ShardIterator=iterator["ShardIterator"]))
    answers.append(kinesis.now)
    return json.dumps(answers, default=str)


def test_the_same_script_from_the_same_start_gives_the_same_bytes() -> None:
    way_in = fake_kinesis(start=START)
    with way_in as kinesis:
        first = play(kinesis)
    with way_in as kinesis:
        second = play(kinesis)
    assert first == second


def test_it_does_so_whatever_was_active_in_between() -> None:
    way_in = fake_kinesis(start=START)
    with way_in as kinesis:
        first = play(kinesis)
    with way_in as other, way_in as kinesis:
        assert play(kinesis) != first  # beside another fake its tokens must differ
    refused_fake = fake_kinesis(start=START, streams={"orders": 0})
    for _ in range(3):
        with pytest.raises(Exception, match="orders"):
            refused_fake.__enter__()
    with way_in as kinesis:
        assert play(kinesis) == first
    assert other.streams == []


def test_another_seed_gives_other_bytes() -> None:
    with fake_kinesis(start=START) as kinesis:
        first = play(kinesis)
    with fake_kinesis(start=START, seed=1) as kinesis:
        assert play(kinesis) != first

"""The claims that a machine checks of a producer, step by step: what counts as its fault, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFakeError
from kinesis_fake.stateful import ProducerMachine
from kinesis_fake.stateful.world import Event
from tests.search.right_programs import Producer
from tests.support.accusations import Steps, reason_of


class GivingUp(Producer):
    """Forgets what could not be put, and tells of it or not."""

    tells = True

    def send(self, batch: list[dict[str, Any]]) -> None:
        answer = self.client.put_records(StreamName=self.stream_name, Records=batch)
        for record, entry in zip(batch, answer["Records"], strict=True):
            if "ErrorCode" in entry and self.tells:
                self.give_up(record["Data"])
        del self.buffer[: len(batch)]


@pytest.mark.parametrize("tells", [True, False])
def test_a_producer_may_give_up_a_record_if_it_tells_of_it(tells: bool) -> None:
    class GivingUpMachine(ProducerMachine):
        def make_producer(self, *arguments: Any) -> Any:
            producer = GivingUp(*arguments)
            producer.tells = tells
            return producer

    steps: Steps = (
        lambda play: play.inject(Fault.partial_failure(indexes=[1])),
        lambda play: play.put(["a", "b", "a"]),
        lambda play: play.flush(),
    )
    if tells:
        with GivingUpMachine.play(shards=1) as play:
            for step in steps:
                step(play)
    else:
        assert reason_of(GivingUpMachine, *steps) == (
            "The producer lost 2 of 3 records that it had taken, without a call of give_up()."
        )


def test_a_record_that_a_producer_refuses_with_an_error_of_aws_has_not_been_taken() -> None:
    class Direct:
        def __init__(self, client: Any, stream_name: str, give_up: Any) -> None:
            self.client, self.stream_name = client, stream_name

        async def put(self, partition_key: str, data: bytes) -> None:
            self.client.put_record(StreamName=self.stream_name, Data=data, PartitionKey=partition_key)

        async def flush(self) -> None:
            pass

    class DirectMachine(ProducerMachine):
        ordered = True

        def make_producer(self, *arguments: Any) -> Any:
            return Direct(*arguments)

    with DirectMachine.play(shards=1, encrypted=True) as play:
        play.put(["a"])
        play.take_key_away()
        play.put(["a"])
        play.give_key_back()
        play.put(["a"])
        assert play._taken == {1: "a", 3: "a"}


def test_answers_are_lost_only_to_producers_that_do_not_claim_exactly_once() -> None:
    steps: Steps = (
        lambda play: play.inject(Fault.read_timeout("PutRecords")),
        lambda play: play.put(["a"]),
        lambda play: play.flush(),
    )
    assert reason_of(DoublingMachine, *steps) == "The producer put 1 more than once."
    with AtLeastOnceMachine.play(shards=1) as play:
        for step in steps:
            step(play)
    for machine, expected in ((DoublingMachine, 0), (AtLeastOnceMachine, 1)):
        with machine.play(shards=1) as play:
            play.go_on(keys=[], event=Event("lose_answer", Fault.read_timeout("PutRecords")), flush=False)
            assert len(play._injections) == expected


class AtLeastOnceMachine(ProducerMachine):
    def make_producer(self, *arguments: Any) -> Any:
        return Producer(*arguments)


class DoublingMachine(AtLeastOnceMachine):
    exactly_once = True


def test_a_machine_without_a_producer_says_what_it_needs() -> None:
    class EmptyMachine(ProducerMachine):
        pass

    with pytest.raises(KinesisFakeError) as caught:
        EmptyMachine.play(shards=1).__enter__()
    assert str(caught.value) == "EmptyMachine needs a method make_producer()."

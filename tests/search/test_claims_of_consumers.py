"""The claims that a machine checks of a consumer, step by step: what counts as its fault, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import Fault, KinesisFakeError
from kinesis_fake.stateful import Accusation, ConsumerMachine
from tests.search.right_programs import Poller, PollerMachine, Process
from tests.support.accusations import Steps, reason_of

ADVICE = "It has to go on by itself; or, if a supervisor starts it anew, the machine says must_survive = ()."


class Idle:
    """A consumer that does nothing."""

    def step(self) -> None:
        pass


class IdleMachine(ConsumerMachine):
    def make_consumer(self, client: Any, stream_name: str, checkpoints: dict[str, Any], process: Process) -> Any:
        return Idle()


# --- losing ---------------------------------------------------------------------------------------------------------


def test_a_record_that_is_never_processed_is_lost() -> None:
    assert reason_of(IdleMachine, lambda play: play.put(["a", "b"])) == (
        "The consumer never processed record 1 (key 'a'); it was never given or has dropped: 1, 2."
    )


def test_what_retention_takes_before_the_consumer_had_time_is_not_its_fault() -> None:
    with IdleMachine.play(shards=1) as play:
        play.put(["a"])
        play.let_retention_pass()


def test_what_a_shorter_retention_takes_before_the_consumer_had_time_is_not_its_fault() -> None:
    with IdleMachine.play(shards=1) as play:
        play.change_retention(48)
        play.put(["a"])
        play.advance(25 * 3600.0)
        play.change_retention(24)


def test_a_consumer_that_was_given_time_is_accused_before_retention_takes_anything() -> None:
    assert reason_of(IdleMachine, lambda play: play.put(["a"]), lambda play: play.rest()) == (
        "The consumer never processed record 1 (key 'a'); it was never given or has dropped: 1."
    )


@pytest.mark.parametrize("is_accused", [False, True])
def test_a_record_with_less_than_an_hour_left_need_not_be_read(is_accused: bool) -> None:
    hours = 22.9 if is_accused else 23.0

    def play_it() -> None:
        with IdleMachine.play(shards=1) as play:
            play.put(["a"])
            play.advance(hours * 3600)

    if is_accused:
        with pytest.raises(Accusation):
            play_it()
    else:
        play_it()


def test_a_right_consumer_does_not_lose_what_comes_after_retention_has_taken_much() -> None:
    with PollerMachine.play(shards=2, encrypted=True) as play:
        play.put(["a", "b"])
        play.split(0)
        play.let_retention_pass()
        play.put(["a"])
        play.step()
        play.merge(0, False)
        play.take_key_away()
        play.step()
        play.restart()
        play.give_key_back()


# --- doubling, order, rest ------------------------------------------------------------------------------------------


class Rereading(Poller):
    """Reads everything in every step."""

    def step(self) -> None:
        self.checkpoints.clear()
        self.iterators.clear()
        super().step()


class RereadingMachine(PollerMachine):
    exactly_once = False
    poller = Rereading


def test_a_consumer_that_processes_the_same_again_and_again_does_not_come_to_rest() -> None:
    assert reason_of(RereadingMachine, lambda play: play.put(["a"])) == (
        "The consumer does not come to rest: after 71 steps in which nothing was put it still processes records."
    )


def test_who_claims_exactly_once_is_accused_of_the_second_time() -> None:
    class ExactMachine(RereadingMachine):
        exactly_once = True

    assert reason_of(ExactMachine, lambda play: play.put(["a"])) == (
        "The consumer processed record 1 (key 'a') 2 times."
    )


class Backwards(Poller):
    """Processes a batch from its end."""

    def read(self, shard_id: str) -> None:
        for record in reversed(self.get_records(shard_id)["Records"]):
            self.process(record)
            self.checkpoints[shard_id] = max(self.checkpoints.get(shard_id, ""), record["SequenceNumber"])
        self.iterators.clear()


class BackwardsMachine(PollerMachine):
    exactly_once = False
    poller = Backwards


def test_order_is_held_for_each_key() -> None:
    assert reason_of(BackwardsMachine, lambda play: play.put(["a", "b", "a"])) == (
        "The consumer processed record 3 (key 'a') before 1 of the same key."
    )
    with BackwardsMachine.play(shards=1) as play:
        play.put(["a", "b"])


def test_who_claims_no_order_is_not_held_to_one() -> None:
    class UnorderedMachine(BackwardsMachine):
        ordered = False

    with UnorderedMachine.play(shards=1) as play:
        play.put(["a", "b", "a"])


def test_a_record_that_was_never_put_is_noticed_even_if_the_consumer_swallows_everything() -> None:
    class Inventing(Poller):
        def step(self) -> None:
            try:
                self.process(b"invented")
            except Exception:
                raise AssertionError("process() must not raise here") from None

    class InventingMachine(PollerMachine):
        poller = Inventing

    assert reason_of(InventingMachine) == "The consumer processed b'invented', which was never put."


# --- surviving ------------------------------------------------------------------------------------------------------


class GivesUp(Poller):
    """Lets an expired iterator out."""

    def get_records(self, shard_id: str) -> dict[str, Any]:
        if shard_id not in self.iterators:
            self.iterators[shard_id] = self.new_iterator(shard_id)
        return dict(self.client.get_records(ShardIterator=self.iterators[shard_id]))


class GivesUpMachine(PollerMachine):
    poller = GivesUp


def test_an_expired_iterator_must_not_come_out() -> None:
    steps: Steps = (lambda play: play.step(), lambda play: play.advance(299.0))
    reason = f"The consumer did not survive ExpiredIteratorException. {ADVICE}"
    assert reason_of(GivesUpMachine, *steps, lambda play: play.advance(0.001), lambda play: play.step()) == reason
    with GivesUpMachine.play(shards=1) as play:
        for step in steps:
            step(play)
        play.step()


def test_what_must_be_survived_can_be_said() -> None:
    class HardMachine(PollerMachine):
        must_survive = ("ProvisionedThroughputExceededException",)

    throttle = Fault.throttle("GetRecords", times=6)
    steps: Steps = (lambda play: play.inject(throttle), lambda play: play.step())
    assert reason_of(HardMachine, *steps) == (
        f"The consumer did not survive ProvisionedThroughputExceededException. {ADVICE}"
    )
    with PollerMachine.play(shards=1) as play:
        for step in steps:
            step(play)


def test_a_consumer_that_begins_at_latest_need_not_know_what_was_before() -> None:
    class Latest(Poller):
        def new_iterator(self, shard_id: str) -> str:
            if shard_id in self.checkpoints:
                return super().new_iterator(shard_id)
            latest = {"StreamName": self.stream_name, "ShardId": shard_id, "ShardIteratorType": "LATEST"}
            return str(self.client.get_shard_iterator(**latest)["ShardIterator"])

    class LatestMachine(PollerMachine):
        poller = Latest
        starts_at_latest = True

    with LatestMachine.play(shards=1) as play:
        play.put(["a"])
        play.step()
        play.put(["a"])
    steps: Steps = (lambda play: play.step(), lambda play: play.put(["a"]), lambda play: play.advance(301.0))
    restarted = (*steps, lambda play: play.restart(), lambda play: play.step())
    assert reason_of(LatestMachine, *restarted).startswith("The consumer never processed record 1")


def test_a_machine_without_a_consumer_says_what_it_needs() -> None:
    class EmptyMachine(ConsumerMachine):
        pass

    with pytest.raises(KinesisFakeError) as caught:
        EmptyMachine().start(1)
    assert str(caught.value) == "EmptyMachine needs a method make_consumer() or make_handler()."


def test_a_consumer_without_a_step_is_no_fault_of_the_consumer() -> None:
    class NoStepMachine(ConsumerMachine):
        def make_consumer(self, *arguments: Any) -> Any:
            return 5

    with pytest.raises(KinesisFakeError) as caught, NoStepMachine.play(shards=1) as play:
        play.step()
    assert str(caught.value) == "make_consumer() of NoStepMachine returned 5, which has no method step()."


@pytest.mark.thorough
def test_a_failure_shows_the_program_and_nothing_of_the_machine(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import settings
        from kinesis_fake.stateful import ConsumerMachine

        class Consumer:
            def step(self):
                raise KeyError("NextShardIterator")

        class OrdersMachine(ConsumerMachine):
            def make_consumer(self, *arguments):
                return Consumer()

        TestOrders = OrdersMachine.TestCase
        TestOrders.settings = settings(TestOrders.settings, database=None, derandomize=True)
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-o", "asyncio_default_fixture_loop_scope=function")
    result.stdout.fnmatch_lines(['>*raise KeyError("NextShardIterator")', "E *This test shows it:*"])
    assert [line for line in result.outlines if "kinesis_fake/" in line] == []
    result.stdout.no_fnmatch_line("*Explanation*")


def test_the_script_tells_the_day_where_another_one_has_begun() -> None:
    def loses_a_record() -> None:
        with IdleMachine.play(shards=1) as play:
            play.advance(3600.0)
            play.let_retention_pass()
            play.advance(1.0)
            play.put(["a"])

    with pytest.raises(Accusation) as caught:
        loses_a_record()
    lines = [line.strip() for line in caught.value.script.splitlines()]
    told = [
        lines[lines.index(f"play.{step}") + 1] for step in ("advance(3600.0)", "let_retention_pass()", "advance(1.0)")
    ]
    assert told == ["# 01:00:00.000", "# 2026-01-02T01:00:01.000Z", "# 01:00:02.000"]

"""Limits are a value: quotas always hold, rates hold if they are given, and a test can set every number."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, Limits, fake_kinesis
from kinesis_fake.settings import Durations, has_rates, with_aws_rates, write_burst_bytes
from tests.support.clients import client_without_retries
from tests.support.refusals import refused

QUOTAS = [field.name for field in fields(Limits) if "_per_second" not in field.name and field.name != "api_calls"]
RATES = [field.name for field in fields(Limits) if field.name.endswith("_per_second")]


def test_no_rate_is_enforced_by_default() -> None:
    limits = Limits()
    assert not has_rates(limits)
    assert {getattr(limits, name) for name in RATES} == {None}


def test_rate_limits_fills_in_the_numbers_of_aws() -> None:
    limits = with_aws_rates(Limits(shards=3, shard_read_calls_per_second=7))
    assert {name: getattr(limits, name) for name in RATES} == {
        "shard_write_bytes_per_second": 1024 * 1024,
        "shard_write_records_per_second": 1000,
        "shard_read_bytes_per_second": 2 * 1024 * 1024,
        "shard_read_calls_per_second": 7,
        "shard_iterators_per_second": 5,
        "consumer_read_bytes_per_second": 2 * 1024 * 1024,
    }
    assert (limits.shards, limits.api_calls, write_burst_bytes(limits)) == (3, True, 10 * 1024 * 1024)


def limits_of(name: str, value: Any) -> Limits:
    return Limits(**{name: value})


@pytest.mark.parametrize("name", RATES)
def test_one_rate_is_enough_for_rates_to_be_enforced(name: Any) -> None:
    assert has_rates(limits_of(name, 1))


@pytest.mark.parametrize("value", [0, -1, 1.5, "5", True])
def test_a_rate_is_a_whole_number_above_zero(value: Any) -> None:
    for name in RATES:
        with pytest.raises(KinesisFakeError, match=rf"^Limits\.{name} must be "):
            limits_of(name, value)


@pytest.mark.parametrize("value", [-1, 1.5, "5", True])
def test_a_quota_is_a_whole_number_from_zero_on(value: Any) -> None:
    told = {}
    for name in QUOTAS:
        with pytest.raises(KinesisFakeError) as caught:
            limits_of(name, value)
        told[name] = str(caught.value)
    assert told == {name: f"Limits.{name} must be a whole number from 0 on, not {value!r}." for name in QUOTAS}


def test_api_calls_is_a_switch() -> None:
    with pytest.raises(KinesisFakeError) as caught:
        Limits(api_calls=5)  # type: ignore[arg-type]
    assert str(caught.value) == "Limits.api_calls must be True or False, not 5."


def test_limits_must_be_limits() -> None:
    with pytest.raises(KinesisFakeError, match=r"^limits must be a Limits\(\.\.\.\), not "):
        fake_kinesis(limits={"shards": 3}).__enter__()  # type: ignore[call-overload]


# --- quotas -------------------------------------------------------------------------------------------------------


def call(name: Any, **parameters: Any) -> Any:
    return lambda kinesis, client: getattr(client, name)(**parameters)


def create(number: Any, **parameters: Any) -> Any:
    parameters = parameters or {"ShardCount": 1}
    return lambda kinesis, client: client.create_stream(StreamName=f"stream-{number}", **parameters)


def register(kinesis: KinesisFake, client: Any) -> None:
    name = f"consumer-{len(kinesis.stream('s').consumers)}"
    client.register_stream_consumer(StreamARN=kinesis.stream("s").stream_arn, ConsumerName=name)


def encrypt(kinesis: KinesisFake, client: Any) -> None:
    client.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    kinesis.settle()


def decrypt(kinesis: KinesisFake, client: Any) -> None:
    client.stop_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    kinesis.settle()


def reshard(kinesis: KinesisFake, client: Any) -> None:
    target = 3 - len(kinesis.stream("s").open_shards)
    client.update_shard_count(StreamName="s", TargetShardCount=target, ScalingType="UNIFORM_SCALING")
    kinesis.settle()


def switch_mode(kinesis: KinesisFake, client: Any) -> None:
    summary = client.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    mode = "PROVISIONED" if summary["StreamModeDetails"]["StreamMode"] == "ON_DEMAND" else "ON_DEMAND"
    client.update_stream_mode(StreamARN=kinesis.stream("s").stream_arn, StreamModeDetails={"StreamMode": mode})
    kinesis.settle()


def lengthen(hours: Any) -> Any:
    def step(kinesis: KinesisFake, client: Any) -> None:
        client.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=hours)
        kinesis.settle()

    return step


def tag(number: Any) -> Any:
    return call("add_tags_to_stream", StreamName="s", Tags={f"tag-{number}": ""})


#: For each quota a number, steps that are within it, one that is beyond it, and the code of the refusal.
CASES = {
    "shards": (3, [create(1, ShardCount=1), create(2)], create(3), "LimitExceededException"),
    "streams_creating_or_deleting": (2, [create(1), create(2)], create(3), "LimitExceededException"),
    "on_demand_streams": (1, [create(1, Tags={"a": "b"})], create(2, Tags={"a": "b"}), "LimitExceededException"),
    "shards_per_stream": (
        2,
        [reshard],
        call("update_shard_count", StreamName="s", TargetShardCount=3, ScalingType="UNIFORM_SCALING"),
        "LimitExceededException",
    ),
    "update_shard_count_per_day": (3, [reshard] * 3, reshard, "LimitExceededException"),
    "start_stream_encryption_per_day": (2, [encrypt] * 2, encrypt, "LimitExceededException"),
    "stop_stream_encryption_per_day": (1, [encrypt, decrypt, encrypt], decrypt, "LimitExceededException"),
    "update_stream_mode_per_day": (3, [switch_mode] * 3, switch_mode, "LimitExceededException"),
    "consumers_per_stream": (2, [register] * 2, register, "LimitExceededException"),
    "consumers_creating": (1, [register], register, "LimitExceededException"),
    "tags": (2, [tag(1), tag(2)], tag(3), "InvalidArgumentException"),
    "retention_period_hours": (48, [lengthen(48)], lengthen(49), "InvalidArgumentException"),
}
#: Those that tests of their operations look at.
ELSEWHERE = {
    "shard_write_burst_bytes",
    "warm_throughput_mibps",
    "consumers_per_advantage_stream",
    "channels",
    "channels_per_destination",
    "queues_creating_or_deleting",
    "queue_records_in_flight",
}


def test_every_quota_is_looked_at() -> None:
    assert set(CASES) == set(QUOTAS) - ELSEWHERE


@pytest.mark.parametrize("name", CASES)
def test_a_quota_holds_without_rate_limits_and_can_be_any_number(name: Any) -> None:
    number, within, beyond, code = CASES[name]
    with fake_kinesis(limits=limits_of(name, number), autojump=False, streams={"s": 1}) as kinesis:
        client = kinesis.client()
        for step in within:
            step(kinesis, client)
        with refused(client, code):
            beyond(kinesis, client)
    with fake_kinesis(limits=limits_of(name, number + 1), autojump=False, streams={"s": 1}) as kinesis:
        for step in [*within, beyond]:
            step(kinesis, kinesis.client())


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("update_shard_count_per_day", reshard),
        ("start_stream_encryption_per_day", encrypt),
        ("update_stream_mode_per_day", switch_mode),
    ],
)
def test_what_is_counted_by_day_is_free_again_after_24_hours(name: Any, step: Any) -> None:
    with fake_kinesis(limits=limits_of(name, 1), durations=Durations.instant(), streams={"s": 1}) as kinesis:
        client = client_without_retries()
        step(kinesis, client)
        kinesis.advance(hours=23, minutes=59, seconds=59, milliseconds=999)
        with refused(client, "LimitExceededException"):
            step(kinesis, client)
        kinesis.advance(milliseconds=1)
        step(kinesis, client)


# --- ini options --------------------------------------------------------------------------------------------------


def test_limits_can_be_given_in_the_ini_file(pytester: Any) -> None:
    pytester.makeini(
        """
        [pytest]
        asyncio_default_fixture_loop_scope = function
        kinesis_limits =
            shards = 3
            shard_write_records_per_second = 2
            api_calls = yes
        """
    )
    pytester.makepyfile(
        """
        def test_it(kinesis):
            limits = kinesis._backstage.world.limits
            assert (limits.shards, limits.shard_write_records_per_second, limits.api_calls) == (3, 2, True)
        """
    )
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=1)


def test_limits_that_are_wrong_in_the_ini_file_are_refused(pytester: Any) -> None:
    pytester.makeini("[pytest]\nkinesis_limits =\n    shards = many\n")
    result = pytester.runpytest_inprocess()
    result.stderr.fnmatch_lines(["ERROR: The ini option kinesis_limits is written as lines of 'shards = 500'*"])


def test_quotas_concern_the_streams_that_the_test_makes_and_rates_do_not() -> None:
    too_many = (
        "create_stream('more') was refused: This request would exceed the shard limit for the account 123456789012 in "
        "us-east-1. Current shard count for the account: 30. Limit: 35. Number of additional shards that would have "
        "resulted from this request: 6. "
    )
    with fake_kinesis(limits=Limits(shards=35), rate_limits=True) as kinesis:
        for number in range(30):  # AWS allows five calls of CreateStream in a second
            kinesis.create_stream(f"s{number}", shards=1)
        with pytest.raises(KinesisFakeError) as caught:
            kinesis.create_stream("more", shards=6)
        assert str(caught.value).startswith(too_many)
        for number in range(5):  # the test has used up nothing of that rate
            client_without_retries().create_stream(StreamName=f"t{number}", ShardCount=1)


def test_the_option_streams_needs_room_in_the_quota_of_shards() -> None:
    with pytest.raises(KinesisFakeError, match=r"^create_stream\('orders'\) was refused: .* exceed the shard limit "):
        fake_kinesis(limits=Limits(shards=1), streams={"orders": 2}).__enter__()


def test_a_split_of_a_view_may_go_beyond_the_quota_which_an_on_demand_stream_does_not_meet() -> None:
    with fake_kinesis(limits=Limits(shards=1), streams={"orders": 1, "clicks": "on-demand"}) as kinesis:
        kinesis.stream("orders").split("shardId-000000000000")
        client = client_without_retries()
        assert client.describe_limits()["OpenShardCount"] == 2
        with refused(
            client,
            "LimitExceededException",
            "Target shard count or number of open shards cannot be greater than 1. Current open shard count: 2, Target "
            "shard count: 3",
        ):
            client.update_shard_count(StreamName="orders", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
        assert len(kinesis.stream("clicks").scale_to(8)) == 8

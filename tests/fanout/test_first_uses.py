"""Several threads use a region or an account for the first time at once, switched as often as possible."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from types import FrameType
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from kinesis_fake.domain.world import World

ROUNDS = 8
REGIONS = ("eu-west-1", "eu-central-1", "ap-south-1", "sa-east-1")
QUEUE = "arn:aws:kinesis:eu-west-1:123456789012:queue/0"


WORLD = inspect.getsourcefile(World)


def let_others_go_on(frame: FrameType, event: str, _: Any) -> Any:
    """Switch to another thread before every line that looks for a region or makes one."""
    if frame.f_code.co_filename != WORLD:
        return None
    time.sleep(0)
    return let_others_go_on


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """The results of tasks that begin together, each in a thread."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        barrier.wait()
        before = sys.gettrace()
        sys.settrace(let_others_go_on)
        try:
            return task()
        finally:
            sys.settrace(before)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(tasks)) as pool:
            return [future.result() for future in [pool.submit(run, task) for task in tasks]]
    finally:
        sys.setswitchinterval(interval)


def creating(kinesis: KinesisFake, region_name: str, access_key: str, number: int) -> Callable[[], Any]:
    client = kinesis.client(region_name=region_name, aws_access_key_id=access_key, aws_secret_access_key="s")
    return lambda: client.create_stream(StreamName=f"stream-{number}", ShardCount=1)


@pytest.mark.thorough
def test_no_stream_is_lost_that_was_accepted_in_a_new_region() -> None:
    with fake_kinesis() as kinesis:
        for number in range(ROUNDS):
            region_name = f"eu-west-{number}"
            at_once(*(creating(kinesis, region_name, "AKIA1", number) for number in range(4)))
            assert len(kinesis.client(region_name=region_name).list_streams()["StreamNames"]) == 4


@pytest.mark.thorough
def test_no_stream_is_lost_that_was_accepted_in_a_new_account() -> None:
    accounts = {f"AKIA{number}": f"{number:012d}" for number in range(ROUNDS)}
    with fake_kinesis(accounts=accounts) as kinesis:
        for access_key in accounts:
            at_once(*(creating(kinesis, "us-east-1", access_key, number) for number in range(4)))
            client = kinesis.client(aws_access_key_id=access_key, aws_secret_access_key="s")
            assert len(client.list_streams()["StreamNames"]) == 4


@pytest.mark.thorough
def test_what_looks_at_all_regions_does_not_mind_new_ones() -> None:
    def looks(kinesis: KinesisFake) -> None:
        for _ in range(5):
            kinesis.restore(kinesis.snapshot())
            kinesis.summary()
            for look in (kinesis.queue, kinesis.channel):
                with pytest.raises(KinesisFakeError, match=r"^There is no "):
                    look(QUEUE)

    for _ in range(3 * ROUNDS):
        with fake_kinesis() as kinesis:
            clients = [kinesis.client(region_name=region_name) for region_name in REGIONS]
            at_once(partial(looks, kinesis), *(client.list_streams for client in clients))

"""Refuse first, change last: whatever raises leaves the whole world as it was.

The calls are drawn from the model and from what is known of the world: its names, its ARNs, the tokens, iterators,
receipt handles and sequence numbers of earlier answers. They follow each other, so that the states are many.
What counts calls per second is no part of the comparison (AWS counts what it refuses, too), nor is what a fault has
struck; the client does not retry, and ``autojump`` is off, because waiting takes time even if it is in vain.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_fake import KinesisFakeError
from tests.proofs.inputs import Inputs, Knowledge
from tests.proofs.scenario import KEY, MODEL, Stage

CALLERS = ["OWNER"] * 6 + ["STRANGER"]
#: What happens between calls, besides nothing.
LEAPS_MS = [1, 999, 5_000, 30_000, 60_000, 300_001, 25 * 3_600_000]
KEY_STATES = ["enable", "disable", "deny", "throttle"]


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


def happen(data: Any, stage: Stage) -> bool:
    """Now and then time passes, or somebody does something to the key of the encrypted stream."""
    choice = data.draw(st.integers(0, 19))
    if choice < 2:
        stage.kinesis.advance(milliseconds=data.draw(st.sampled_from(LEAPS_MS)))
    elif choice < 3:
        getattr(stage.kinesis.key(KEY), data.draw(st.sampled_from(KEY_STATES)))()
    return choice < 3


def play(data: Any, stage: Stage, calls: int) -> Counter[str]:
    """Make some calls; the outcomes are counted."""
    knowledge = Knowledge(stage.set().made)
    before = stage.state()
    outcomes: Counter[str] = Counter()
    for _ in range(calls):
        if happen(data, stage):
            before = stage.state()
        operation = data.draw(st.sampled_from(MODEL.operation_names))
        model = MODEL.operation_model(operation)
        params = Inputs(data.draw, knowledge.values).of(model.input_shape)
        client = stage.client(data.draw(st.sampled_from(CALLERS)))
        try:
            answer = getattr(client, xform_name(operation))(**params)
        except (ClientError, BotoCoreError, KinesisFakeError) as error:
            assert stage.state() == before, (operation, params, error)
            outcomes[f"{operation} refused"] += 1
        else:
            knowledge.learn(operation, answer)
            before = stage.state()
            outcomes[f"{operation} ok"] += 1
    return outcomes


@settings(max_examples=settings.default.max_examples // 2)
@given(data=st.data())
def test_whatever_raises_leaves_the_world_as_it_was(stage, data):
    play(data, stage, 16)

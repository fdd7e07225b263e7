"""Refuse first, change last: a call that raises leaves the whole world as it was.

The calls are drawn from the model and from what is known of the world: its names, its ARNs, the tokens, iterators,
receipt handles and sequence numbers of earlier answers. They follow each other, so that the states are many.
What counts calls per second is no part of the comparison (AWS counts what it refuses, too), nor is what a fault has
struck; the client does not retry, and ``autojump`` is off, because a wait takes time even if it finds nothing.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import KinesisFakeError
from tests.proofs.account import Account
from tests.proofs.inputs import Inputs, Knowledge
from tests.proofs.scenario import KEY, MODEL
from tests.proofs.table import good_params
from tests.support.searches import examples

CALLERS = ["OWNER"] * 6 + ["STRANGER"]
#: What happens between calls, besides nothing.
LEAPS_MS = [1, 999, 5_000, 30_000, 60_000, 300_001, 25 * 3_600_000]
KEY_STATES = ["enable", "disable", "deny", "throttle"]


@pytest.fixture(scope="module")
def account() -> Account:
    return Account().explore()


def happen(chance: Random, account: Account) -> bool:
    """Now and then let time pass, or change the state of the encrypted stream's key."""
    choice = chance.randrange(20)
    if choice < 2:
        account.kinesis.advance(milliseconds=chance.choice(LEAPS_MS))
    elif choice < 3:
        getattr(account.kinesis.key(KEY), chance.choice(KEY_STATES))()
    return choice < 3


def play(chance: Random, account: Account, calls: int) -> Counter[str]:
    """Make some calls; the outcomes are counted."""
    knowledge = Knowledge(account.set().made)
    before = account.first_state
    outcomes: Counter[str] = Counter()
    for _ in range(calls):
        if happen(chance, account):
            before = account.state()
        operation = chance.choice(MODEL.operation_names)
        model = MODEL.operation_model(operation)
        inputs = Inputs(chance, knowledge.values)
        params = inputs.of(model.input_shape)
        if params and model.input_shape is not None and chance.random() < 0.5:
            params = inputs.spoil(model.input_shape, chance.choice(good_params(account, operation)))
        client = account.client(chance.choice(CALLERS))
        raised: Exception | None = None
        try:
            knowledge.learn(getattr(client, xform_name(operation))(**params))
        except (ClientError, BotoCoreError, KinesisFakeError) as error:
            raised = error
        after = account.state()
        assert raised is None or after == before, (operation, params, raised)
        outcomes[f"{operation} {'ok' if raised is None else 'refused'}"] += 1
        before = after
    return outcomes


@examples(33)
@given(chance=st.randoms(use_true_random=True), calls=st.integers(1, 20))
def test_whatever_raises_leaves_the_world_as_it_was(account: Any, chance: Any, calls: Any) -> None:
    play(chance, account, calls)

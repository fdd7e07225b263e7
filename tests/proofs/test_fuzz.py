"""The door under fire: whatever a client is given, it raises what a client of AWS raises, or our own error.

Inputs are drawn from the botocore model: values of the right types but of any kind, many of them known to the world at
hand, and often no more than one in a call that would succeed, so that the search gets past the first check; with and
without botocore's own validation, and without it some of wrong types, too.

What botocore itself raises before a request is made is its own affair: the same call is then made through a client
without any fake, which must fail in the same way. It is its serializer's business that a number has too many digits, a
timestamp no time zone can show, or a blob is a file (for JSON it cannot be); and, without validation, any wrong type.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import islice
from random import Random
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.eventstream import EventStreamError
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import KinesisFakeError
from tests.proofs.account import Account
from tests.proofs.inputs import Inputs, Knowledge
from tests.proofs.scenario import MODEL
from tests.proofs.table import good_params
from tests.proofs.test_operations import LEFT_OUT
from tests.support.answers import faults


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(autojump=True).explore()


#: With an endpoint given, botocore lets more ARNs pass than it has endpoints for.
ENDPOINT = "https://kinesis.example"


@cache
def client_without_a_fake(parameter_validation: bool) -> Any:
    """A client whose every request is answered with nothing, as soon as botocore has made it."""
    client = botocore.session.Session().create_client(
        "kinesis",
        region_name="us-east-1",
        endpoint_url=ENDPOINT,
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(parameter_validation=parameter_validation),
    )
    empty: Any = AWSResponse("", 200, HTTPHeaders(), None), {}
    client.meta.events.register_first("before-call.kinesis", lambda **_: empty)
    return client


def rewound(value: Any) -> Any:
    """The same parameters, with files at their beginning: botocore reads them, and does not go back."""
    if hasattr(value, "seek"):
        value.seek(0)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        rewound(item)
    return value


def outcome_of(client: Any, operation: str, params: dict[str, Any]) -> Any:
    """The answer, or what was raised."""
    try:
        return getattr(client, xform_name(operation))(**rewound(params))
    except Exception as error:
        return error


def faults_of(model: Any, answer: dict[str, Any]) -> set[str]:
    """The parts of an answer, or of the first events of its stream, that the model does not allow."""
    members = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    if "EventStream" not in members:
        return set(faults(model.output_shape, members, model.name) if model.output_shape else members)
    shape = model.output_shape.members["EventStream"]
    try:
        events = list(islice(members["EventStream"], 2))
    except EventStreamError:  # such as one about the key of an encrypted stream
        return set()
    return {fault for event in events for fault in faults(shape, event, f"{model.name}.EventStream")}


def fire(draw: Any, chance: Random, account: Account, calls: int, *, parameter_validation: bool) -> Counter[str]:
    """Make some calls; the kinds of outcomes are counted."""
    knowledge = Knowledge(account.set().made)
    client = account.client(parameter_validation=parameter_validation, endpoint_url=ENDPOINT)
    outcomes: Counter[str] = Counter()
    for _ in range(calls):
        operation = chance.choice(MODEL.operation_names)
        model = MODEL.operation_model(operation)
        shape = model.input_shape
        spoils = shape is not None and shape.members and chance.random() < 0.7
        wildness = 90 if spoils else chance.choice([3, 10, 40])
        inputs = Inputs(chance, knowledge.values, draw=draw, wildness=wildness, wrong=not parameter_validation)
        if shape is not None and spoils:
            params = inputs.spoil(shape, chance.choice(good_params(account, operation)))
        else:
            params = inputs.of(shape)
        outcome = outcome_of(client, operation, params)
        if isinstance(outcome, dict):
            assert faults_of(model, outcome) <= LEFT_OUT
            knowledge.learn(outcome)
        elif not isinstance(outcome, (ClientError, ParamValidationError, KinesisFakeError)):
            alone = outcome_of(client_without_a_fake(parameter_validation), operation, params)
            if (type(alone), str(alone)) != (type(outcome), str(outcome)):
                raise AssertionError(f"{operation}(**{params})") from outcome
        outcomes[type(outcome).__name__] += 1
    return outcomes


@pytest.mark.parametrize("parameter_validation", [True, False])
@given(data=st.data(), chance=st.randoms(use_true_random=True), calls=st.integers(1, 8))
@pytest.mark.thorough_but(first=1)
def test_no_input_makes_a_client_raise_anything_else(
    account: Any, parameter_validation: Any, data: Any, chance: Any, calls: Any
) -> None:
    fire(data.draw, chance, account, calls, parameter_validation=parameter_validation)

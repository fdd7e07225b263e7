"""Putting, showing and deleting the policy of a resource."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.model import needs
from tests.support.policies import BILLING, ORDERS, OTHER, OWNER, READER, RECORD, ROLE, not_allowed, policy, statement

pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    autojump=False,
    streams={"orders": 2, "other": 1},
    accounts={"READER": READER, "ROLE": ROLE},
)


@pytest.mark.parametrize("resource_arn", [ORDERS, BILLING])
class TestOneResource:
    def test_a_resource_without_a_policy_shows_an_empty_one(self, client: Any, billing: Any, resource_arn: Any) -> None:
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == "{}"

    def test_a_policy_is_shown_as_it_was_put(self, client: Any, billing: Any, resource_arn: Any) -> None:
        text = "  " + policy(statement()).replace(" ", "\n")
        client.put_resource_policy(ResourceARN=resource_arn, Policy=text)
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == text

    def test_a_policy_takes_the_place_of_the_one_before(self, client: Any, billing: Any, resource_arn: Any) -> None:
        client.put_resource_policy(ResourceARN=resource_arn, Policy=policy(statement()))
        second = policy(statement(Effect="Deny"))
        client.put_resource_policy(ResourceARN=resource_arn, Policy=second)
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == second

    def test_a_policy_can_be_deleted_once(self, client: Any, refusal: Any, billing: Any, resource_arn: Any) -> None:
        client.put_resource_policy(ResourceARN=resource_arn, Policy=policy(statement()))
        client.delete_resource_policy(ResourceARN=resource_arn)
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == "{}"
        assert refusal("DeleteResourcePolicy", ResourceARN=resource_arn) == (
            "ResourceNotFoundException",
            f"No resource policy found for resource ARN {resource_arn}.",
        )


def test_the_policies_of_two_resources_are_two(client: Any, billing: Any) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement()))
    assert client.get_resource_policy(ResourceARN=BILLING)["Policy"] == "{}"
    assert client.get_resource_policy(ResourceARN=OTHER)["Policy"] == "{}"


_POLICY_OPERATIONS = [
    ("PutResourcePolicy", {"Policy": policy(statement())}),
    ("GetResourcePolicy", {}),
    ("DeleteResourcePolicy", {}),
]


@pytest.mark.parametrize(("operation", "parameters"), _POLICY_OPERATIONS)
@pytest.mark.parametrize(
    ("resource_arn", "message"),
    [
        (f"{ORDERS}2", f"Stream orders2 under account {OWNER} not found."),
        (
            BILLING,
            f"Consumer billing with creation timestamp {BILLING.rpartition(':')[2]} under stream: orders, "
            f"account {OWNER} not found.",
        ),
        (f"{ORDERS}/", f"Resource {ORDERS}/ not found."),
        (f"{ORDERS}/consumer/billing", f"Resource {ORDERS}/consumer/billing not found."),
        pytest.param(
            ORDERS.replace("stream", "channel"),
            f"Resource {ORDERS.replace('stream', 'channel')} not found.",
            marks=needs("CreateChannel"),
        ),
        (ORDERS.replace("arn:aws:", "arn:aws-cn:"), f"Resource {ORDERS.replace('arn:aws:', 'arn:aws-cn:')} not found."),
    ],
)
def test_there_must_be_a_resource_that_can_have_a_policy(
    kinesis: KinesisFake, refusal: Any, operation: Any, parameters: Any, resource_arn: Any, message: Any
) -> None:
    plain_client = kinesis.client(endpoint_url="https://kinesis.us-east-1.amazonaws.com")  # sends any ARN
    assert refusal(operation, through=plain_client, ResourceARN=resource_arn, **parameters) == (
        "ResourceNotFoundException",
        message,
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is not valid JSON"),
        ("{", "it is not valid JSON"),
        ("[" * 100_000, "it is not valid JSON"),
        ("[]", "it is not a JSON object"),
        ('"*"', "it is not a JSON object"),
        ("{}", "it has no Statement"),
        (policy(), "it has no Statement"),
        (json.dumps({"Statement": "Allow"}), "it has no Statement"),
        (policy("Allow"), "a Statement is not a JSON object"),
        (policy(statement(), None), "a Statement is not a JSON object"),
        (policy(statement(Effect="allow")), "the Effect of a Statement must be Allow or Deny"),
        (policy(statement(Effect=None)), "the Effect of a Statement must be Allow or Deny"),
        (policy(statement(Effect=["Allow"])), "the Effect of a Statement must be Allow or Deny"),
        (policy(statement(Principal=None)), "a Statement must have either Principal or NotPrincipal"),
        (policy(statement(NotPrincipal="*")), "a Statement must have either Principal or NotPrincipal"),
        (policy(statement(Action=None)), "a Statement must have either Action or NotAction"),
        (policy(statement(NotAction="*")), "a Statement must have either Action or NotAction"),
        (policy(statement(Resource=None)), "a Statement must have either Resource or NotResource"),
        (policy(statement(NotResource="*")), "a Statement must have either Resource or NotResource"),
        (policy(statement(Action=1)), "Action must be a string or a list of strings"),
        (policy(statement(Action=[])), "Action must be a string or a list of strings"),
        (policy(statement(Resource=["*", 1])), "Resource must be a string or a list of strings"),
        (
            policy(statement(Principal=READER)),
            'Principal must be "*" or a JSON object such as {"AWS": "111122223333"}',
        ),
        (policy(statement(Principal={})), 'Principal must be "*" or a JSON object such as {"AWS": "111122223333"}'),
        (policy(statement(Principal={"AWS": 1})), "Principal.AWS must be a string or a list of strings"),
        (policy(statement(Principal={"Aws": READER})), "there are no principals of the kind Aws"),
        (
            policy(statement(Principal={"AWS": "arn:aws:iam::222222222222:role/*"})),
            "the principal arn:aws:iam::222222222222:role/* must not contain a wildcard",
        ),
        (policy(statement(Condition="x")), "Condition must be a JSON object of JSON objects"),
        (policy(statement(Condition={"Bool": "x"})), "Condition must be a JSON object of JSON objects"),
    ],
    ids=lambda value: value[:60],
)
def test_what_is_no_policy_is_refused(refusal: Any, text: Any, why: Any) -> None:
    assert refusal("PutResourcePolicy", ResourceARN=ORDERS, Policy=text) == (
        "InvalidArgumentException",
        f"The resource policy is invalid: {why}.",
    )


def test_a_single_statement_needs_no_list(client: Any, reader: Any) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=json.dumps({"Statement": statement()}))
    reader.put_record(StreamARN=ORDERS, **RECORD)


@pytest.mark.parametrize("state", ["CREATING", "DELETING"])
def test_a_consumer_that_is_not_active_takes_no_policy(client: Any, refusal: Any, state: Any) -> None:
    client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")
    if state == "DELETING":
        client.deregister_stream_consumer(ConsumerARN=BILLING)
    assert refusal("PutResourcePolicy", ResourceARN=BILLING, Policy=policy(statement())) == (
        "ResourceInUseException",
        f"Consumer billing with creation timestamp 1767225600 under stream orders and account {OWNER} is not in ACTIVE "
        "status.",
    )
    assert client.get_resource_policy(ResourceARN=BILLING)["Policy"] == "{}"


@pytest.mark.parametrize("state", ["creating", "active", "updating", "deleting"])
def test_a_stream_takes_a_policy_once_it_is_made_and_until_it_is_deleted(
    world: Any, client: Any, refusal: Any, state: Any
) -> None:
    put = {"ResourceARN": world.stream(state).stream_arn, "Policy": policy(statement())}
    if state in ("active", "updating"):
        client.put_resource_policy(**put)
        assert client.get_resource_policy(ResourceARN=put["ResourceARN"])["Policy"] == put["Policy"]
    else:
        assert refusal("PutResourcePolicy", **put) == (
            "ResourceInUseException",
            f"Stream {state} under account {OWNER} not ACTIVE or UPDATING, instead in state {state.upper()}",
        )


def test_a_stream_made_anew_has_no_policy(kinesis: KinesisFake, client: Any, refusal: Any, reader: Any) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement()))
    client.delete_stream(StreamName="orders")
    kinesis.settle()
    kinesis.create_stream("orders", shards=1)
    assert client.get_resource_policy(ResourceARN=ORDERS)["Policy"] == "{}"
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")

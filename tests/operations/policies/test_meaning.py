"""Which callers may do what under a policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.policies import (
    ORDERS,
    OTHER,
    OWNER,
    READER,
    RECORD,
    ROLE,
    THREE_ACCOUNTS,
    explicitly_denied,
    not_allowed,
    other_account,
    policy,
    statement,
)
from tests.support.rows import hold_for_each

pytestmark = THREE_ACCOUNTS


@pytest.fixture
def role(kinesis: KinesisFake) -> Any:
    """A client that is a role of a third account."""
    return other_account(kinesis, "ROLE")


def test_without_a_policy_another_account_may_nothing(refusal: Any, reader: Any) -> None:
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, StreamName="orders", **RECORD) == not_allowed(
        "PutRecord"
    )


def test_what_does_not_exist_in_another_account_is_denied_too(refusal: Any, reader: Any) -> None:
    none = f"{ORDERS}2"
    assert refusal("PutRecord", through=reader, StreamARN=none, **RECORD) == not_allowed("PutRecord", none)
    stranger = ORDERS.replace(OWNER, "444444444444")
    assert refusal("PutRecord", through=reader, StreamARN=stranger, **RECORD) == (
        "UnrecognizedClientException",
        "No account found for the given parameters",
    )


def test_another_region_has_nothing_that_could_be_denied(refusal: Any, reader: Any) -> None:
    elsewhere = ORDERS.replace("us-east-1", "eu-west-1")
    assert refusal("DescribeStream", through=reader, StreamARN=elsewhere) == (
        "InvalidArgumentException",
        f"The region specified in the ARN '{elsewhere}' does not match the endpoint region",
    )


def test_the_owner_needs_no_policy_and_none_is_in_its_way(client: Any) -> None:
    client.put_record(StreamARN=ORDERS, **RECORD)
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(Effect="Deny")))
    client.put_record(StreamARN=ORDERS, **RECORD)


_ALLOWED = [
    statement(),
    statement(Principal={"AWS": "*"}),
    statement(Principal={"AWS": READER}),
    statement(Principal={"AWS": f"arn:aws:iam::{READER}:root"}),
    statement(Principal={"AWS": ["444444444444", READER]}),
    statement(Principal={"Service": "lambda.amazonaws.com", "AWS": READER}),
    statement(Principal=None, NotPrincipal={"AWS": "444444444444"}),
    statement(Principal=None, NotPrincipal={"Service": "lambda.amazonaws.com"}),
    statement(Action="kinesis:PutRecord"),
    statement(Action="KINESIS:putrecord"),
    statement(Action=["kinesis:GetRecords", "kinesis:PutRecord"]),
    statement(Action="*"),
    statement(Action="kinesis:Put*"),
    statement(Action="kinesis:P?tR*d"),
    statement(Action="kin*"),
    statement(Action=None, NotAction="kinesis:GetRecords"),
    statement(Action=None, NotAction=["kinesis:PutRecords", "s3:*"]),
    statement(Resource=ORDERS),
    statement(Resource=[OTHER, ORDERS]),
    statement(Resource="arn:aws:kinesis:*:*:stream/ord*"),
    statement(Resource=f"arn:aws:kinesis:us-east-1:{OWNER}:stream/order?"),
    statement(Resource=None, NotResource=OTHER),
    statement(Condition={}),
]
_NOT_ALLOWED = [
    statement(Principal={"AWS": "444444444444"}),
    statement(Principal={"AWS": f"arn:aws:iam::{OWNER}:root"}),
    statement(Principal={"AWS": f"arn:aws:iam::{READER}:user/alice"}),
    statement(Principal={"AWS": f"arn:aws-cn:iam::{READER}:root"}),
    statement(Principal={"Service": "lambda.amazonaws.com"}),
    statement(Principal={"Service": "*"}),
    statement(Principal=None, NotPrincipal={"AWS": READER}),
    statement(Principal=None, NotPrincipal={"AWS": ["444444444444", f"arn:aws:iam::{READER}:root"]}),
    statement(Principal=None, NotPrincipal="*"),
    statement(Action="kinesis:PutRecords"),
    statement(Action="kinesis:PutRecor"),
    statement(Action="kinesis:PutRecord?"),
    statement(Action="PutRecord"),
    statement(Action="s3:*"),
    statement(Action="kinesis:[P]utRecord"),
    statement(Action=None, NotAction="kinesis:Put*"),
    statement(Action=None, NotAction=["s3:*", "kinesis:PutRecord"]),
    statement(Resource=OTHER),
    statement(Resource="arn:aws:kinesis:*:*:stream/Orders"),
    statement(Resource=f"{ORDERS}/*"),
    statement(Resource="stream/orders"),
    statement(Resource=None, NotResource=f"{ORDERS[:-1]}?"),
]


def test_a_statement_that_fits_allows(client: Any, reader: Any) -> None:
    def hold_that_it_allows(fitting: dict[str, Any]) -> None:
        client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(fitting))
        assert reader.put_record(StreamARN=ORDERS, **RECORD)["ShardId"]

    hold_for_each(_ALLOWED, hold_that_it_allows)


@pytest.mark.parametrize("order", [1, -1])
def test_a_deny_that_fits_wins_wherever_it_stands(client: Any, refusal: Any, reader: Any, order: int) -> None:
    def hold_that_it_denies(fitting: dict[str, Any]) -> None:
        statements = [statement(), {**fitting, "Effect": "Deny"}][::order]
        client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(*statements))
        assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == explicitly_denied("PutRecord")

    hold_for_each(_ALLOWED, hold_that_it_denies)


def test_a_statement_that_does_not_fit_allows_nothing(client: Any, refusal: Any, reader: Any) -> None:
    def hold_that_it_allows_nothing(useless: dict[str, Any]) -> None:
        client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(useless))
        assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")

    hold_for_each(_NOT_ALLOWED, hold_that_it_allows_nothing)


@pytest.mark.parametrize("useless", _NOT_ALLOWED, ids=json.dumps)
def test_a_deny_that_does_not_fit_denies_nothing(client: Any, reader: Any, useless: Any) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy({**useless, "Effect": "Deny"}, statement()))
    assert reader.put_record(StreamARN=ORDERS, **RECORD)["ShardId"]


def test_it_is_enough_that_one_statement_allows(client: Any, reader: Any) -> None:
    statements = [statement(Action="kinesis:GetRecords"), statement(Action="kinesis:PutRecord")]
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(*statements))
    reader.put_record(StreamARN=ORDERS, **RECORD)


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        (ROLE, True),
        ("333333333333", True),
        ("arn:aws:iam::333333333333:root", True),
        ("arn:aws:iam::333333333333:role/other", False),
        ("arn:aws:iam::333333333333:role/etl2", False),
    ],
)
def test_a_role_is_allowed_by_its_own_name_and_by_that_of_its_account(
    client: Any, refusal: Any, role: Any, principal: Any, allowed: Any
) -> None:
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(Principal={"AWS": principal})))
    if allowed:
        role.put_record(StreamARN=ORDERS, **RECORD)
    else:
        assert refusal("PutRecord", through=role, StreamARN=ORDERS, **RECORD) == not_allowed(
            "PutRecord", caller_arn=ROLE
        )


@pytest.mark.fake_kinesis(accounts={"SESSION": "arn:aws:sts::333333333333:assumed-role/etl/nightly"})
@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ("arn:aws:sts::333333333333:assumed-role/etl/nightly", True),
        (ROLE, True),
        ("333333333333", True),
        ("arn:aws:iam::333333333333:role/etl2", False),
        ("arn:aws:iam::333333333333:role/nightly", False),
        ("arn:aws:sts::333333333333:assumed-role/etl/hourly", False),
    ],
)
def test_a_session_of_a_role_is_allowed_by_what_allows_the_role(
    kinesis: KinesisFake, client: Any, refusal: Any, principal: Any, allowed: Any
) -> None:
    session = other_account(kinesis, "SESSION")
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(Principal={"AWS": principal})))
    if allowed:
        session.put_record(StreamARN=ORDERS, **RECORD)
    else:
        assert refusal("PutRecord", through=session, StreamARN=ORDERS, **RECORD) == not_allowed(
            "PutRecord", caller_arn="arn:aws:sts::333333333333:assumed-role/etl/nightly"
        )


@pytest.mark.fake_kinesis(accounts={"SESSION": "arn:aws:sts::333333333333:assumed-role/etl/nightly"})
def test_a_deny_of_a_role_denies_its_sessions(kinesis: KinesisFake, client: Any, refusal: Any) -> None:
    session = other_account(kinesis, "SESSION")
    but_one = statement(Effect="Deny", Principal={"AWS": ROLE})
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(), but_one))
    assert refusal("PutRecord", through=session, StreamARN=ORDERS, **RECORD) == explicitly_denied(
        "PutRecord", caller_arn="arn:aws:sts::333333333333:assumed-role/etl/nightly"
    )


def test_all_of_an_account_but_one_role(client: Any, refusal: Any, role: Any) -> None:
    but_one = statement(Effect="Deny", Principal={"AWS": ROLE})
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(), but_one))
    assert refusal("PutRecord", through=role, StreamARN=ORDERS, **RECORD) == explicitly_denied(
        "PutRecord", caller_arn=ROLE
    )

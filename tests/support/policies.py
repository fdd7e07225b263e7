"""What tests of resource policies send and expect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.answers import check_answers

OWNER = "123456789012"
READER = "222222222222"
ROLE = "arn:aws:iam::333333333333:role/etl"
ORDERS = f"arn:aws:kinesis:us-east-1:{OWNER}:stream/orders"
OTHER = f"arn:aws:kinesis:us-east-1:{OWNER}:stream/other"
BILLING = f"{ORDERS}/consumer/billing:1767225600"
RECORD: dict[str, Any] = {"Data": b"data", "PartitionKey": "key"}
#: The owner of two streams, and two callers of other accounts.
THREE_ACCOUNTS = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    autojump=False,
    streams={"orders": 2, "other": 1},
    accounts={"READER": READER, "ROLE": ROLE},
)


def statement(**elements: Any) -> Any:
    """A statement that allows everything to all accounts, changed by these elements. None leaves an element out."""
    whole = {"Effect": "Allow", "Principal": "*", "Action": "kinesis:*", "Resource": "*", **elements}
    return {name: value for name, value in whole.items() if value is not None}


def policy(*statements: Any) -> Any:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def other_account(kinesis: KinesisFake, access_key: Any) -> Any:
    client = check_answers(kinesis.client(aws_access_key_id=access_key, aws_secret_access_key="secret"))
    client.list_streams()  # the account has been there, so that a refusal leaves everything as it was
    return client


def not_allowed(action: Any, resource_arn: Any = ORDERS, caller_arn: Any = f"arn:aws:iam::{READER}:root") -> Any:
    return (
        "AccessDeniedException",
        f"User: {caller_arn} is not authorized to perform: kinesis:{action} on resource: {resource_arn} because no "
        f"resource-based policy allows the kinesis:{action} action",
    )


def explicitly_denied(action: Any, resource_arn: Any = ORDERS, caller_arn: Any = f"arn:aws:iam::{READER}:root") -> Any:
    return (
        "AccessDeniedException",
        f"User: {caller_arn} is not authorized to perform: kinesis:{action} on resource: {resource_arn} with an "
        "explicit deny in a resource-based policy",
    )

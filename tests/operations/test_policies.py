"""Resource policies: putting, showing and deleting them, and what they mean for calls of other accounts."""

from __future__ import annotations

import json
import re

import pytest
from botocore.config import Config

from kinesis_fake import KinesisFakeError
from tests.support.answers import check_answers
from tests.support.model import needs

OWNER = "123456789012"
READER = "222222222222"
ROLE = "arn:aws:iam::333333333333:role/etl"
pytestmark = pytest.mark.fake_kinesis(
    start="2026-01-01T00:00:00Z",
    autojump=False,
    streams={"orders": 2, "other": 1},
    accounts={"READER": READER, "ROLE": ROLE},
)
ORDERS = f"arn:aws:kinesis:us-east-1:{OWNER}:stream/orders"
OTHER = f"arn:aws:kinesis:us-east-1:{OWNER}:stream/other"
BILLING = f"{ORDERS}/consumer/billing:1767225600"
RECORD = {"Data": b"data", "PartitionKey": "key"}


def statement(**elements):
    """An Allow of everything to everybody, with elements replaced, and those that are None left out."""
    whole = {"Effect": "Allow", "Principal": "*", "Action": "kinesis:*", "Resource": "*", **elements}
    return {name: value for name, value in whole.items() if value is not None}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _other_account(kinesis, access_key):
    client = check_answers(kinesis.client(aws_access_key_id=access_key, aws_secret_access_key="secret"))
    client.list_streams()  # the account has been there, so that a refusal leaves everything as it was
    return client


@pytest.fixture
def reader(kinesis):
    """A client of another account."""
    return _other_account(kinesis, "READER")


@pytest.fixture
def role(kinesis):
    """A client that is a role of a third account."""
    return _other_account(kinesis, "ROLE")


@pytest.fixture
def billing(kinesis, client):
    """The ARN of an ACTIVE consumer of the stream orders."""
    arn = client.register_stream_consumer(StreamARN=ORDERS, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    assert arn == BILLING
    kinesis.settle()
    return arn


def not_allowed(action, resource_arn=ORDERS, caller_arn=f"arn:aws:iam::{READER}:root"):
    return (
        "AccessDeniedException",
        f"User: {caller_arn} is not authorized to perform: kinesis:{action} on resource: {resource_arn} because no "
        f"resource-based policy allows the kinesis:{action} action",
    )


def explicitly_denied(action, resource_arn=ORDERS, caller_arn=f"arn:aws:iam::{READER}:root"):
    return (
        "AccessDeniedException",
        f"User: {caller_arn} is not authorized to perform: kinesis:{action} on resource: {resource_arn} with an "
        "explicit deny in a resource-based policy",
    )


def impossible(action, resource_arn=ORDERS):
    return (
        "AccessDeniedException",
        f"User: arn:aws:iam::{READER}:root is not authorized to perform: kinesis:{action} on resource: {resource_arn}",
    )


# --- putting, showing, deleting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("resource_arn", [ORDERS, BILLING])
class TestOneResource:
    def test_a_resource_without_a_policy_shows_an_empty_one(self, client, billing, resource_arn):
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == "{}"

    def test_a_policy_is_shown_as_it_was_put(self, client, billing, resource_arn):
        text = "  " + policy(statement()).replace(" ", "\n")
        client.put_resource_policy(ResourceARN=resource_arn, Policy=text)
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == text

    def test_a_policy_takes_the_place_of_the_one_before(self, client, billing, resource_arn):
        client.put_resource_policy(ResourceARN=resource_arn, Policy=policy(statement()))
        second = policy(statement(Effect="Deny"))
        client.put_resource_policy(ResourceARN=resource_arn, Policy=second)
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == second

    def test_a_policy_can_be_deleted_once(self, client, refusal, billing, resource_arn):
        client.put_resource_policy(ResourceARN=resource_arn, Policy=policy(statement()))
        client.delete_resource_policy(ResourceARN=resource_arn)
        assert client.get_resource_policy(ResourceARN=resource_arn)["Policy"] == "{}"
        assert refusal("DeleteResourcePolicy", ResourceARN=resource_arn) == (
            "ResourceNotFoundException",
            f"No resource policy found for resource ARN {resource_arn}.",
        )


def test_the_policies_of_two_resources_are_two(client, billing):
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
    kinesis, refusal, operation, parameters, resource_arn, message
):
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
def test_what_is_no_policy_is_refused(refusal, text, why):
    assert refusal("PutResourcePolicy", ResourceARN=ORDERS, Policy=text) == (
        "InvalidArgumentException",
        f"The resource policy is invalid: {why}.",
    )


def test_a_single_statement_needs_no_list(client, reader):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=json.dumps({"Statement": statement()}))
    reader.put_record(StreamARN=ORDERS, **RECORD)


@pytest.mark.parametrize("state", ["CREATING", "DELETING"])
def test_a_consumer_that_is_not_active_takes_no_policy(client, refusal, state):
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
def test_a_stream_takes_a_policy_once_it_is_made_and_until_it_is_deleted(world, client, refusal, state):
    put = {"ResourceARN": world.stream(state).stream_arn, "Policy": policy(statement())}
    if state in ("active", "updating"):
        client.put_resource_policy(**put)
        assert client.get_resource_policy(ResourceARN=put["ResourceARN"])["Policy"] == put["Policy"]
    else:
        assert refusal("PutResourcePolicy", **put) == (
            "ResourceInUseException",
            f"Stream {state} under account {OWNER} not ACTIVE or UPDATING, instead in state {state.upper()}",
        )


def test_a_stream_made_anew_has_no_policy(kinesis, client, refusal, reader):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement()))
    client.delete_stream(StreamName="orders")
    kinesis.settle()
    kinesis.create_stream("orders", shards=1)
    assert client.get_resource_policy(ResourceARN=ORDERS)["Policy"] == "{}"
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")


# --- what a policy means ------------------------------------------------------------------------------------------


def test_without_a_policy_another_account_may_nothing(refusal, reader):
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, StreamName="orders", **RECORD) == not_allowed(
        "PutRecord"
    )


def test_what_does_not_exist_in_another_account_is_denied_too(refusal, reader):
    none = f"{ORDERS}2"
    assert refusal("PutRecord", through=reader, StreamARN=none, **RECORD) == not_allowed("PutRecord", none)
    stranger = ORDERS.replace(OWNER, "444444444444")
    assert refusal("PutRecord", through=reader, StreamARN=stranger, **RECORD) == (
        "UnrecognizedClientException",
        "No account found for the given parameters",
    )


def test_another_region_has_nothing_that_could_be_denied(refusal, reader):
    elsewhere = ORDERS.replace("us-east-1", "eu-west-1")
    assert refusal("DescribeStream", through=reader, StreamARN=elsewhere) == (
        "InvalidArgumentException",
        f"The region specified in the ARN '{elsewhere}' does not match the endpoint region",
    )


def test_the_owner_needs_no_policy_and_none_is_in_its_way(client):
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


@pytest.mark.parametrize("allowing", _ALLOWED, ids=json.dumps)
def test_a_statement_that_fits_allows(client, reader, allowing):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(allowing))
    assert reader.put_record(StreamARN=ORDERS, **RECORD)["ShardId"]


@pytest.mark.parametrize("fitting", _ALLOWED, ids=json.dumps)
@pytest.mark.parametrize("order", [1, -1])
def test_a_deny_that_fits_wins_wherever_it_stands(client, refusal, reader, fitting, order):
    statements = [statement(), {**fitting, "Effect": "Deny"}][::order]
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(*statements))
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == explicitly_denied("PutRecord")


@pytest.mark.parametrize("useless", _NOT_ALLOWED, ids=json.dumps)
def test_a_statement_that_does_not_fit_allows_nothing(client, refusal, reader, useless):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(useless))
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")


@pytest.mark.parametrize("useless", _NOT_ALLOWED, ids=json.dumps)
def test_a_deny_that_does_not_fit_denies_nothing(client, reader, useless):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy({**useless, "Effect": "Deny"}, statement()))
    assert reader.put_record(StreamARN=ORDERS, **RECORD)["ShardId"]


def test_it_is_enough_that_one_statement_allows(client, reader):
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
def test_a_role_is_allowed_by_its_own_name_and_by_that_of_its_account(client, refusal, role, principal, allowed):
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
def test_a_session_of_a_role_is_allowed_by_what_allows_the_role(kinesis, client, refusal, principal, allowed):
    session = _other_account(kinesis, "SESSION")
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(Principal={"AWS": principal})))
    if allowed:
        session.put_record(StreamARN=ORDERS, **RECORD)
    else:
        assert refusal("PutRecord", through=session, StreamARN=ORDERS, **RECORD) == not_allowed(
            "PutRecord", caller_arn="arn:aws:sts::333333333333:assumed-role/etl/nightly"
        )


@pytest.mark.fake_kinesis(accounts={"SESSION": "arn:aws:sts::333333333333:assumed-role/etl/nightly"})
def test_a_deny_of_a_role_denies_its_sessions(kinesis, client, refusal):
    session = _other_account(kinesis, "SESSION")
    but_one = statement(Effect="Deny", Principal={"AWS": ROLE})
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(), but_one))
    assert refusal("PutRecord", through=session, StreamARN=ORDERS, **RECORD) == explicitly_denied(
        "PutRecord", caller_arn="arn:aws:sts::333333333333:assumed-role/etl/nightly"
    )


def test_all_of_an_account_but_one_role(client, refusal, role):
    but_one = statement(Effect="Deny", Principal={"AWS": ROLE})
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(), but_one))
    assert refusal("PutRecord", through=role, StreamARN=ORDERS, **RECORD) == explicitly_denied(
        "PutRecord", caller_arn=ROLE
    )


# --- what is not modelled ------------------------------------------------------------------------------------------

_CONDITION = {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "Bool": {"aws:SecureTransport": "true"}}


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([statement(Condition=_CONDITION)], id="an allow"),
        pytest.param([statement(), statement(Effect="Deny", Condition=_CONDITION)], id="a deny"),
    ],
)
def test_a_condition_that_decides_raises_an_error_of_our_own(kinesis, client, reader, statements):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(*statements))
    with pytest.raises(
        KinesisFakeError,
        match=re.escape(
            f"Whether arn:aws:iam::{READER}:root may call kinesis:PutRecord on {ORDERS} hangs on a Condition of the "
            "resource policy (aws:SecureTransport, aws:SourceVpc), and conditions are not modelled."
        ),
    ):
        reader.put_record(StreamARN=ORDERS, **RECORD)
    assert kinesis.stream("orders").records == []


def test_a_condition_that_decides_nothing_is_no_obstacle(client, refusal, reader):
    conditional = statement(Condition=_CONDITION)
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(conditional, statement()))
    reader.put_record(StreamARN=ORDERS, **RECORD)
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy({**conditional, "Action": "kinesis:GetRecords"}))
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == not_allowed("PutRecord")
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(conditional, statement(Effect="Deny")))
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, **RECORD) == explicitly_denied("PutRecord")


def test_a_policy_variable_raises_an_error_of_our_own(client, reader):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement(Resource="arn:*/${aws:username}")))
    with pytest.raises(KinesisFakeError, match=re.escape("The policy variables of 'arn:*/${aws:username}' are not")):
        reader.put_record(StreamARN=ORDERS, **RECORD)


# --- which operations a policy can allow -----------------------------------------------------------------------------


@pytest.fixture
def open_to_all(client, billing):
    """The stream orders and its consumer billing are open to everybody."""
    for resource_arn in (ORDERS, BILLING):
        client.put_resource_policy(ResourceARN=resource_arn, Policy=policy(statement()))


def test_another_account_reads_and_writes_by_arn(kinesis, client, refusal, reader, open_to_all):
    reader.put_records(StreamARN=ORDERS, Records=[RECORD])
    (record,) = kinesis.stream("orders").records
    assert reader.describe_stream(StreamARN=ORDERS)["StreamDescription"]["StreamARN"] == ORDERS
    summary = reader.describe_stream_summary(StreamARN=ORDERS)["StreamDescriptionSummary"]
    assert (summary["StreamARN"], summary["ConsumerCount"]) == (ORDERS, 1)
    assert len(reader.list_shards(StreamARN=ORDERS)["Shards"]) == 2
    iterator = reader.get_shard_iterator(StreamARN=ORDERS, ShardId=record.shard_id, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    answer = reader.get_records(StreamARN=ORDERS, ShardIterator=iterator)
    assert [found["SequenceNumber"] for found in answer["Records"]] == [record.sequence_number]
    # The next iterator is one of the other account's stream as well.
    assert reader.get_records(StreamARN=ORDERS, ShardIterator=answer["NextShardIterator"])["Records"] == []
    for address in ({}, {"StreamARN": ORDERS}):
        assert len(client.get_records(ShardIterator=iterator, **address)["Records"]) == 1


def test_an_iterator_of_another_account_needs_the_arn_of_its_stream(refusal, reader, open_to_all):
    iterator = reader.get_shard_iterator(StreamARN=ORDERS, ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    assert refusal("GetRecords", through=reader, ShardIterator=iterator) == impossible("GetRecords")


def test_an_iterator_is_worth_nothing_once_the_policy_is_gone(client, refusal, reader, open_to_all):
    iterator = reader.get_shard_iterator(StreamARN=ORDERS, ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    client.delete_resource_policy(ResourceARN=ORDERS)
    assert refusal("GetRecords", through=reader, StreamARN=ORDERS, ShardIterator=iterator) == not_allowed("GetRecords")


def test_an_iterator_does_not_open_a_stream_that_the_policy_closes(client, refusal, reader, open_to_all):
    iterator = client.get_shard_iterator(StreamARN=OTHER, ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    assert refusal("GetRecords", through=reader, StreamARN=OTHER, ShardIterator=iterator) == not_allowed(
        "GetRecords", OTHER
    )
    assert refusal("GetRecords", through=reader, StreamARN=ORDERS, ShardIterator=iterator) == (
        "InvalidArgumentException",
        f"The ShardIterator was not issued for stream {ORDERS}.",
    )


def test_a_token_of_another_accounts_stream_is_good_while_the_policy_allows(client, refusal, reader, open_to_all):
    token = reader.list_shards(StreamARN=ORDERS, MaxResults=1)["NextToken"]
    assert len(reader.list_shards(NextToken=token)["Shards"]) == 1
    client.delete_resource_policy(ResourceARN=ORDERS)
    assert refusal("ListShards", through=reader, NextToken=token) == not_allowed("ListShards")


def test_a_consumer_has_a_policy_of_its_own(client, refusal, reader, billing):
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement()))
    describe = {"ConsumerARN": BILLING}
    assert refusal("DescribeStreamConsumer", through=reader, **describe) == not_allowed(
        "DescribeStreamConsumer", BILLING
    )
    client.delete_resource_policy(ResourceARN=ORDERS)
    client.put_resource_policy(ResourceARN=BILLING, Policy=policy(statement(Resource=BILLING)))
    for address in (describe, {**describe, "StreamARN": ORDERS, "ConsumerName": "billing"}):
        answer = reader.describe_stream_consumer(**address)
        assert answer["ConsumerDescription"]["ConsumerName"] == "billing"


def test_another_account_describes_a_consumer_by_its_arn_only(refusal, reader, open_to_all):
    assert refusal("DescribeStreamConsumer", through=reader, StreamARN=ORDERS, ConsumerName="billing") == impossible(
        "DescribeStreamConsumer"
    )


_NEVER = {
    "AddTagsToStream": {"StreamARN": ORDERS, "Tags": {"a": "b"}},
    "DecreaseStreamRetentionPeriod": {"StreamARN": ORDERS, "RetentionPeriodHours": 24},
    "DeleteResourcePolicy": {"ResourceARN": ORDERS},
    "DeleteStream": {"StreamARN": ORDERS},
    "DeregisterStreamConsumer": {"ConsumerARN": BILLING},
    "DisableEnhancedMonitoring": {"StreamARN": ORDERS, "ShardLevelMetrics": ["ALL"]},
    "EnableEnhancedMonitoring": {"StreamARN": ORDERS, "ShardLevelMetrics": ["ALL"]},
    "GetResourcePolicy": {"ResourceARN": BILLING},
    "IncreaseStreamRetentionPeriod": {"StreamARN": ORDERS, "RetentionPeriodHours": 25},
    "ListStreamConsumers": {"StreamARN": ORDERS},
    "ListTagsForResource": {"ResourceARN": ORDERS},
    "ListTagsForStream": {"StreamARN": ORDERS},
    "MergeShards": {"StreamARN": ORDERS, "ShardToMerge": "0", "AdjacentShardToMerge": "1"},
    "PutResourcePolicy": {"ResourceARN": ORDERS, "Policy": policy(statement())},
    "RegisterStreamConsumer": {"StreamARN": ORDERS, "ConsumerName": "mine"},
    "RemoveTagsFromStream": {"StreamARN": ORDERS, "TagKeys": ["a"]},
    "SplitShard": {"StreamARN": ORDERS, "ShardToSplit": "0", "NewStartingHashKey": "1000"},
    "StartStreamEncryption": {"StreamARN": ORDERS, "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
    "StopStreamEncryption": {"StreamARN": ORDERS, "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
    "TagResource": {"ResourceARN": BILLING, "Tags": {"a": "b"}},
    "UntagResource": {"ResourceARN": ORDERS, "TagKeys": ["a"]},
    "UpdateMaxRecordSize": {"StreamARN": ORDERS, "MaxRecordSizeInKiB": 2048},
    "UpdateShardCount": {"StreamARN": ORDERS, "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"},
    "UpdateStreamMode": {"StreamARN": ORDERS, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
    "UpdateStreamRecordDistributionStrategy": {"StreamARN": ORDERS, "RecordDistributionStrategy": "AUTO"},
    "UpdateStreamWarmThroughput": {"StreamARN": ORDERS, "WarmThroughputMiBps": 10},
}


@pytest.mark.parametrize(
    "operation", [pytest.param(name, marks=needs(name, *parameters)) for name, parameters in _NEVER.items()]
)
def test_no_policy_lets_another_account_control_a_resource(client, refusal, reader, open_to_all, operation):
    resource_arn = next(value for value in _NEVER[operation].values() if str(value).startswith("arn:"))
    assert refusal(operation, through=reader, **_NEVER[operation]) == impossible(operation, resource_arn)


def test_every_operation_that_takes_an_arn_of_a_stream_or_a_consumer_is_tried_here(client):
    model = client.meta.service_model
    taking = {
        name
        for name in model.operation_names
        if {"StreamARN", "ConsumerARN", "ResourceARN"} & set(model.operation_model(name).input_shape.members)
    }
    assert taking - set(_NEVER) == {
        "DescribeStream",
        "DescribeStreamConsumer",
        "DescribeStreamSummary",
        "GetRecords",
        "GetShardIterator",
        "ListShards",
        "PutRecord",
        "PutRecords",
        "SubscribeToShard",
    }


@needs("PutRecord", "DryRun")
def test_permissions_are_looked_at_before_a_dry_run(client, refusal, reader):
    assert refusal("PutRecord", through=reader, StreamARN=ORDERS, DryRun=True, **RECORD) == not_allowed("PutRecord")
    client.put_resource_policy(ResourceARN=ORDERS, Policy=policy(statement()))
    code, _ = refusal("PutRecord", through=reader, StreamARN=ORDERS, DryRun=True, **RECORD)
    assert code == "DryRunOperationException"


def test_what_is_wrong_with_the_request_is_said_before_who_may_make_it(refusal, kinesis):
    unchecked = kinesis.client(
        aws_access_key_id="READER", aws_secret_access_key="secret", config=Config(parameter_validation=False)
    )
    unchecked.list_streams()
    code, _ = refusal("PutRecord", through=unchecked, StreamARN=ORDERS, Data=b"", PartitionKey="")
    assert code == "ValidationException"


def test_a_policy_of_another_account_is_put_where_its_owner_puts_it(kinesis, client, reader):
    """The owner may as well be one of the other accounts."""
    reader.create_stream(StreamName="theirs", ShardCount=1)
    kinesis.settle()
    theirs = f"arn:aws:kinesis:us-east-1:{READER}:stream/theirs"
    allow_us = statement(Principal={"AWS": OWNER}, Action="kinesis:PutRecord", Resource=theirs)
    reader.put_resource_policy(ResourceARN=theirs, Policy=policy(allow_us))
    client.put_record(StreamARN=theirs, **RECORD)
    with pytest.raises(client.exceptions.AccessDeniedException) as caught:
        client.describe_stream(StreamARN=theirs)
    assert (
        caught.value.response["Error"]["Message"]
        == (not_allowed("DescribeStream", theirs, f"arn:aws:iam::{OWNER}:root")[1])
    )

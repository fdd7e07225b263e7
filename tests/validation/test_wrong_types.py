"""SerializationException: section 3 of the error catalogue."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import pytest
from botocore.model import ServiceModel
from hypothesis import example, given
from hypothesis import strategies as st

from kinesis_fake.botocore_hook.validation import compile_operation
from kinesis_fake.errors import AwsError

LIST_START = "Start of list found where not expected"
STRUCTURE_START = "Start of structure or map found where not expected."
JAVA_STRING = "class java.lang.String can not be converted to "
JAVA_BOOLEAN = "class java.lang.Boolean can not be converted to "
JAVA_NUMBER = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to "

# The first table of section 3.
TEXTS: dict[str, list[tuple[Any, str]]] = {
    "String": [
        (True, JAVA_BOOLEAN + "an String"),
        (False, JAVA_BOOLEAN + "an String"),
        (23, JAVA_NUMBER + "an String"),
        (-2147483648, JAVA_NUMBER + "an String"),
        (2147483648, JAVA_NUMBER + "an String"),
        (34.56, JAVA_NUMBER + "an String"),
        ([], LIST_START),
        ({}, STRUCTURE_START),
    ],
    "Integer": [
        ("23", JAVA_STRING + "an Integer"),
        (True, JAVA_BOOLEAN + "an Integer"),
        (False, JAVA_BOOLEAN + "an Integer"),
        ([], LIST_START),
        ({}, STRUCTURE_START),
    ],
    "Long": [
        ("23", JAVA_STRING + "an Long"),
        (True, JAVA_BOOLEAN + "an Long"),
        ([], LIST_START),
        ({}, STRUCTURE_START),
    ],
    "Boolean": [
        ("23", "'23' can not be converted to an Boolean"),
        ("maybe", "'MAYBE' can not be converted to an Boolean"),
        (23, JAVA_NUMBER + "an Boolean"),
        (0, JAVA_NUMBER + "an Boolean"),
        ([], LIST_START),
        ({}, STRUCTURE_START),
    ],
    "Blob": [
        (True, JAVA_BOOLEAN + "a Blob"),
        (23, JAVA_NUMBER + "a Blob"),
        (34.56, JAVA_NUMBER + "a Blob"),
        (
            "23456",
            "'23456' can not be converted to a Blob: "
            "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
        ),
        ("=+/=", "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"),
        ("AA=A", "'AA=A' can not be converted to a Blob: Invalid Base64 character: '='"),
        ("AAA!", "'AAA!' can not be converted to a Blob: Invalid Base64 character: '!'"),
        ("!AAAAAAA", "'!AAAAAAA' can not be converted to a Blob: Invalid Base64 character: '!'"),
        ("AAAA\nAAA", "'AAAA\nAAA' can not be converted to a Blob: Invalid Base64 character: '\n'"),
        ("AA-_", "'AA-_' can not be converted to a Blob: Invalid Base64 character: '-'"),
        ("ÄAAA", "'ÄAAA' can not be converted to a Blob: Invalid Base64 character: 'Ä'"),
        ("+/+=", "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"),
        ("AB==", "'AB==' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"),
        ("====", "'====' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"),
        ([], LIST_START),
        ({}, STRUCTURE_START),
    ],
    "Timestamp": [
        ("2026-01-01", JAVA_STRING + "milliseconds since epoch"),
        (True, JAVA_BOOLEAN + "milliseconds since epoch"),
        ([], LIST_START),
        ({}, STRUCTURE_START),
    ],
    "List": [
        ("23", "Expected list or null"),
        (True, "Expected list or null"),
        (23, "Expected list or null"),
        ({}, STRUCTURE_START),
    ],
    "Map": [
        ("23", "Expected map or null"),
        (True, "Expected map or null"),
        (23, "Expected map or null"),
        ([], LIST_START),
    ],
    "Structure": [
        ("23", "Expected null"),
        (True, "Expected null"),
        (23, "Expected null"),
        ([], LIST_START),
    ],
}

# The second table of section 3; then a Boolean and nested structures, which the recorded suite does not have.
MEMBERS: dict[str, dict[str, str]] = {
    "AddTagsToStream": {"Tags": "Map", "Tags.a": "String", "StreamName": "String"},
    "CreateStream": {
        "StreamName": "String",
        "ShardCount": "Integer",
        "StreamModeDetails": "Structure",
        "StreamModeDetails.StreamMode": "String",
    },
    "DecreaseStreamRetentionPeriod": {"StreamName": "String", "RetentionPeriodHours": "Integer"},
    "DeleteStream": {"StreamName": "String", "EnforceConsumerDeletion": "Boolean"},
    "DescribeStream": {"StreamName": "String", "Limit": "Integer", "ExclusiveStartShardId": "String"},
    "DescribeStreamSummary": {"StreamName": "String"},
    "GetRecords": {"Limit": "Integer", "ShardIterator": "String"},
    "GetShardIterator": {
        "ShardId": "String",
        "ShardIteratorType": "String",
        "StartingSequenceNumber": "String",
        "StreamName": "String",
        "Timestamp": "Timestamp",
    },
    "IncreaseStreamRetentionPeriod": {"StreamName": "String", "RetentionPeriodHours": "Integer"},
    "ListShards": {
        "StreamName": "String",
        "MaxResults": "Integer",
        "ExclusiveStartShardId": "String",
        "NextToken": "String",
        "StreamCreationTimestamp": "Timestamp",
        "ShardFilter": "Structure",
        "ShardFilter.Timestamp": "Timestamp",
    },
    "ListStreams": {"Limit": "Integer", "ExclusiveStartStreamName": "String"},
    "ListTagsForStream": {"Limit": "Integer", "ExclusiveStartTagKey": "String", "StreamName": "String"},
    "MergeShards": {"AdjacentShardToMerge": "String", "ShardToMerge": "String", "StreamName": "String"},
    "PutRecord": {
        "Data": "Blob",
        "ExplicitHashKey": "String",
        "PartitionKey": "String",
        "SequenceNumberForOrdering": "String",
        "StreamName": "String",
    },
    "PutRecords": {
        "Records": "List",
        "Records.0": "Structure",
        "Records.0.Data": "Blob",
        "Records.0.ExplicitHashKey": "String",
        "Records.0.PartitionKey": "String",
        "StreamName": "String",
    },
    "RemoveTagsFromStream": {"TagKeys": "List", "TagKeys.0": "String", "StreamName": "String"},
    "SplitShard": {"NewStartingHashKey": "String", "ShardToSplit": "String", "StreamName": "String"},
}


def document_with(path: str, value: Any) -> Any:
    for step in reversed(path.split(".")):
        value = [value] if step == "0" else {step: value}
    return value


@pytest.mark.parametrize("operation", MEMBERS)
def test_members_of_the_wrong_json_type_are_refused_in_the_recorded_words(verdict: Any, operation: str) -> None:
    expected, told = {}, {}
    for path, type_name in MEMBERS[operation].items():
        for value, text in TEXTS[type_name]:
            expected[f"{path}: {value!r}"] = ("SerializationException", text)
            told[f"{path}: {value!r}"] = verdict(operation, document_with(path, value))
    assert told == expected


def test_the_answer_to_a_wrong_type_carries_its_text_in_a_capital_message(validator: Any) -> None:
    with pytest.raises(AwsError) as caught:
        validator("ListStreams").deserialize({"Limit": "1"})
    assert caught.value.body() == {"__type": "SerializationException", "Message": JAVA_STRING + "an Integer"}


@pytest.mark.parametrize("document", [None, True, 1, 1.5, "{}", [], [{}], float("nan")], ids=repr)
@pytest.mark.parametrize("operation", ["PutRecord", "DescribeLimits"])
def test_a_body_that_is_no_object_is_refused_without_a_text(verdict: Any, operation: Any, document: Any) -> None:
    assert verdict(operation, document) == ("SerializationException", None)


def test_of_several_wrong_members_the_first_in_the_document_is_reported(verdict: Any) -> None:
    number, boolean = JAVA_NUMBER + "an String", JAVA_BOOLEAN + "an Integer"
    assert verdict("ListStreams", {"ExclusiveStartStreamName": 1, "Limit": True}) == ("SerializationException", number)
    assert verdict("ListStreams", {"Limit": True, "ExclusiveStartStreamName": 1}) == ("SerializationException", boolean)
    records = [{"Data": ""}, {"Data": 1, "PartitionKey": True}, {"Data": True}]
    assert verdict("PutRecords", {"Records": records, "StreamName": 1}) == (
        "SerializationException",
        JAVA_NUMBER + "a Blob",
    )


def test_a_wrong_type_is_reported_before_any_broken_constraint(verdict: Any) -> None:
    assert verdict("ListStreams", {"Limit": 0, "ExclusiveStartStreamName": 1}) == (
        "SerializationException",
        JAVA_NUMBER + "an String",
    )


# --- what is converted ---------------------------------------------------------------------------------------------


def test_nulls_and_unknown_members_are_dropped_at_every_depth(validator: Any) -> None:
    document: dict[str, Any] = {
        "StreamName": None,
        "Unknown": {"Data": 1},
        "Records": [None, {"Data": "", "ExplicitHashKey": None, "Unknown": []}, None, {}],
    }
    before = repr(document)
    assert validator("PutRecords").deserialize(document) == {"Records": [{"Data": b""}, {}]}
    assert repr(document) == before
    tags = {"Tags": {"kept": "", "dropped": None}}
    assert validator("AddTagsToStream").deserialize(tags) == {"Tags": {"kept": ""}}
    assert validator("RemoveTagsFromStream").deserialize({"TagKeys": [None, "a"]}) == {"TagKeys": ["a"]}
    assert validator("ListShards").deserialize({"ShardFilter": {"Type": None, "Shard": "a"}}) == {"ShardFilter": {}}


@pytest.mark.parametrize("operation", ["DescribeLimits", "ListStreams"])
def test_a_call_without_known_members_has_no_parameters(validator: Any, operation: Any) -> None:
    assert validator(operation).deserialize({"Whatever": 1}) == {}


@pytest.mark.parametrize(
    ("number", "integer"),
    [
        (0, 0),
        (7.0, 7),
        (34.56, 34),
        (-0.5, -1),
        (-34.56, -35),
        (2147483647, 2147483647),
        (2147483648, 2147483647),
        (100000000000, 2147483647),
        (-2147483648, -2147483648),
        (-2147483649, -2147483648),
        (2147483647.5, 2147483647),
        (10**400, 2147483647),
        (-(10**400), -2147483648),
        (1e308, 2147483647),
        (float("inf"), 2147483647),
        (float("-inf"), -2147483648),
    ],
)
def test_an_integer_is_floored_and_kept_within_32_bits(validator: Any, number: Any, integer: Any) -> None:
    converted = validator("ListStreams").deserialize({"Limit": number})["Limit"]
    assert (converted, type(converted)) == (integer, int)


@pytest.mark.parametrize(
    ("seconds", "milliseconds"),
    [
        (0, 0),
        (1.5, 1500),
        (1, 1000),
        (1.0, 1000),
        (-1.5, -1500),
        (1700000000.123, 1700000000123),
        (1700000000.999, 1700000000999),
        (0.0004, 0),
        (0.0006, 1),
        (10**400, 2**63 - 1),
        (-(10**400), -(2**63)),
        (1e308, 2**63 - 1),
        (float("inf"), 2**63 - 1),
        (float("-inf"), -(2**63)),
    ],
)
def test_a_timestamp_becomes_whole_milliseconds(validator: Any, seconds: Any, milliseconds: Any) -> None:
    converted = validator("GetShardIterator").deserialize({"Timestamp": seconds})["Timestamp"]
    assert (converted, type(converted)) == (milliseconds, int)


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_every_millisecond_of_this_century_survives_the_way_through_seconds(validator: Any, milliseconds: Any) -> None:
    assert validator("GetShardIterator").deserialize({"Timestamp": milliseconds / 1000}) == {"Timestamp": milliseconds}


@pytest.mark.parametrize(
    ("operation", "member"),
    [("ListStreams", "Limit"), ("GetShardIterator", "Timestamp"), ("DeleteStream", "EnforceConsumerDeletion")],
)
def test_not_a_number_is_no_json_and_refused_without_a_text(verdict: Any, operation: Any, member: Any) -> None:
    assert verdict(operation, {member: float("nan")}) == ("SerializationException", None)


@pytest.mark.parametrize(
    ("value", "boolean"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("True", True),
        ("1", True),
        ("yes", True),
        ("false", False),
        ("0", False),
        ("NO", False),
        (1.5, True),
        (-1.5, True),
        (0.5, False),
        (float("inf"), True),
    ],
)
def test_what_reads_as_a_boolean_becomes_one(validator: Any, value: Any, boolean: Any) -> None:
    converted = validator("DeleteStream").deserialize({"EnforceConsumerDeletion": value})["EnforceConsumerDeletion"]
    assert converted is boolean


@given(st.binary(max_size=64))
@example(b"")
def test_every_blob_arrives_as_the_bytes_that_were_encoded(validator: Any, data: Any) -> None:
    document = {"Data": base64.b64encode(data).decode()}
    assert validator("PutRecord").deserialize(document) == {"Data": data}


def canonical_base64(text: str) -> bytes | None:
    """What Python's strict decoder accepts, if encoding it gives the same text again."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


@given(st.text("AB/+=! -_\n\x00é", max_size=12))
@example("A===")
@example("AAAA====")
@example("AA==AAAA")
@example("AA==AA==")
@example("!!!!AAAA")
def test_a_text_is_a_blob_only_when_it_is_the_one_spelling_of_it(validator: Any, verdict: Any, text: Any) -> None:
    expected = canonical_base64(text)
    if expected is None:
        code, message = verdict("PutRecord", {"Data": text})
        assert code == "SerializationException"
        assert message.startswith(f"'{text}' can not be converted to a Blob: ")
    else:
        assert validator("PutRecord").deserialize({"Data": text}) == {"Data": expected}


# --- types that no request of today has ----------------------------------------------------------------------------


def operation_taking(shape: dict[str, Any], **others: dict[str, Any]) -> Any:
    shapes = {"Input": {"type": "structure", "members": {"Member": {"shape": "Tested"}}}, "Tested": shape, **others}
    operations = {"Test": {"name": "Test", "input": {"shape": "Input"}}}
    return ServiceModel({"metadata": {}, "operations": operations, "shapes": shapes}).operation_model("Test")


@pytest.mark.parametrize(("value", "text"), TEXTS["Long"], ids=repr)
def test_a_long_of_the_wrong_type_is_refused(value: Any, text: Any) -> None:
    with pytest.raises(AwsError) as caught:
        compile_operation(operation_taking({"type": "long"})).deserialize({"Member": value})
    assert (caught.value.code, caught.value.message) == ("SerializationException", text)


@pytest.mark.parametrize(
    ("number", "long"),
    [
        (2**31, 2**31),
        (2**63 - 1, 2**63 - 1),
        (2**63, 2**63 - 1),
        (-(2**63) - 1, -(2**63)),
        (1.9, 1),
        (1e300, 2**63 - 1),
    ],
)
def test_a_long_is_floored_and_kept_within_64_bits(number: Any, long: Any) -> None:
    converted = compile_operation(operation_taking({"type": "long"})).deserialize({"Member": number})["Member"]
    assert (converted, type(converted)) == (long, int)

"""Required members, records, streams, and models of older and newer releases."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore.model import ServiceModel

from kinesis_fake.botocore_hook.validation import MEMBER_ORDER, OVERRIDES, compile_operation
from kinesis_fake.errors import AwsError
from kinesis_fake.misuse import NotModelledError
from kinesis_fake.operations.registry import OPERATIONS
from tests.support.constraints import ACCEPTED, NAMED, STREAM_ARN, camel, replaced

# --- required members and records ---------------------------------------------------------------------------------


def test_every_operation_of_the_installed_model_compiles_and_accepts_the_least_it_needs(
    model: Any, verdict: Any
) -> None:
    assert set(model.operation_names) <= ACCEPTED.keys()
    refusals = {name: verdict(name, ACCEPTED[name]) for name in model.operation_names}
    assert refusals == dict.fromkeys(model.operation_names)


def test_each_required_member_is_missed_when_it_is_absent_or_null(model: Any, verdict: Any) -> None:
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        # Older models require a partition key; the service of today decides by the stream.
        for member in set(shape.required_members if shape else ()) - {"PartitionKey"}:
            null = f"Value null at '{camel(member)}' failed to satisfy constraint: Member must not be null"
            expected = ("ValidationException", f"1 validation error detected: {null}")
            absent = {key: value for key, value in ACCEPTED[name].items() if key != member}
            assert verdict(name, absent) == expected
            assert verdict(name, {**absent, member: None}) == expected


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("PutRecords", "Records.0.Data"),
        ("SubscribeToShard", "StartingPosition.Type"),
        ("UpdateStreamMode", "StreamModeDetails.StreamMode"),
        ("CreateQueue", "StreamConfigurationList.0.StreamARN"),
        ("CreateChannel", "StreamConfigurationList.0.RecordConfiguration.RecordFormatType"),
        ("AcknowledgeQueueRecords", "Entries.0.ReceiptHandle"),
    ],
)
def test_a_required_member_of_a_nested_structure_is_missed_by_its_path(
    verdict: Any, shapes_at: Any, operation: Any, path: Any
) -> None:
    if not shapes_at(operation, path):
        pytest.skip("this botocore does not know the member")
    assert verdict(operation, replaced(ACCEPTED[operation], path, None)) == (
        "ValidationException",
        f"1 validation error detected: Value null at '{camel(path)}' failed to satisfy constraint: "
        "Member must not be null",
    )


@pytest.mark.parametrize("operation", ["PutRecord", "PutRecords"])
def test_data_may_be_as_long_as_the_model_says_and_not_a_byte_longer(
    validator: Any, shapes_at: Any, operation: Any
) -> None:
    longest = shapes_at("PutRecord", "Data")[-1].metadata["max"]
    path = "data" if operation == "PutRecord" else "records.1.member.data"

    def parameters(length: int) -> dict[str, Any]:
        record = {"Data": bytes(length), "PartitionKey": "k"}
        return {**NAMED, **record} if operation == "PutRecord" else {**NAMED, "Records": [record]}

    validator(operation).check(parameters(0))
    validator(operation).check(parameters(longest))
    with pytest.raises(AwsError) as caught:
        validator(operation).check(parameters(longest + 1))
    assert caught.value.message == (
        f"1 validation error detected: Value at '{path}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {longest}"
    )


@pytest.mark.parametrize("count", [1, 500])
def test_one_to_five_hundred_records_are_accepted(verdict: Any, count: Any) -> None:
    assert verdict("PutRecords", {**NAMED, "Records": [{"Data": "", "PartitionKey": "k"}] * count}) is None


def test_a_bad_record_is_named_by_its_place_in_the_list(verdict: Any) -> None:
    records = [{"Data": "", "PartitionKey": "k"}] * 499 + [{"Data": "", "PartitionKey": ""}]
    assert verdict("PutRecords", {**NAMED, "Records": records}) == (
        "ValidationException",
        "1 validation error detected: Value '' at 'records.500.member.partitionKey' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
    )


def test_records_print_with_a_hash_of_their_content(verdict: Any) -> None:
    def printed(record: dict[str, Any]) -> str:
        _, text = verdict("PutRecords", {**NAMED, "Records": [record] * 501})
        hash_code: str = text.split("PutRecordsRequestEntry@", 1)[1][:8]
        assert text.count(f"PutRecordsRequestEntry@{hash_code}") == 501
        return hash_code

    data = base64.b64encode(b"one").decode()
    assert printed({"Data": data, "PartitionKey": "k"}) == printed({"PartitionKey": "k", "Data": data, "Other": 1})
    assert printed({"Data": data, "PartitionKey": "k"}) != printed({"Data": data, "PartitionKey": "K"})
    assert printed({"Data": data, "PartitionKey": "k"}) != printed({"Data": "", "PartitionKey": "k"})
    assert len(printed({"Data": "", "PartitionKey": "\ud800"})) == 8


def test_a_member_given_as_none_prints_like_an_absent_member(validator: Any) -> None:
    messages = []
    for record in ({"Data": b"", "PartitionKey": "k"}, {"Data": b"", "PartitionKey": "k", "ExplicitHashKey": None}):
        with pytest.raises(AwsError) as caught:
            validator("PutRecords").check({**NAMED, "Records": [record] * 501})
        messages.append(caught.value.message)
    assert messages[0] == messages[1]


# --- which stream -------------------------------------------------------------------------------------------------


BY_NAME_OR_ARN = sorted(operation for operation, document in ACCEPTED.items() if "StreamName" in document)


@pytest.mark.parametrize("operation", [name for name in BY_NAME_OR_ARN if name != "CreateStream"])
def test_no_constraint_asks_for_the_name_of_a_stream(verdict: Any, shapes_at: Any, operation: Any) -> None:
    if not shapes_at(operation, "StreamARN"):
        pytest.skip("this botocore does not know the member")
    rest = {key: value for key, value in ACCEPTED[operation].items() if key != "StreamName"}
    assert verdict(operation, {**rest, "StreamARN": STREAM_ARN}) is None
    assert verdict(operation, {**rest, "StreamName": "orders", "StreamARN": STREAM_ARN}) is None
    # A call without both is refused later, by an InvalidArgumentException.
    assert verdict(operation, rest) is None


def test_a_bad_arn_alone_is_reported_as_such_and_no_name_is_missed(verdict: Any) -> None:
    code, text = verdict("DescribeStream", {"StreamARN": "orders"})
    assert code == "ValidationException"
    assert text.startswith("1 validation error detected: Value 'orders' at 'streamARN' failed to satisfy constraint: ")


@pytest.mark.parametrize(
    "operation", ["ListShards", "DescribeStreamConsumer", "DeregisterStreamConsumer", "GetRecords", "ListStreams"]
)
def test_operations_with_another_way_of_addressing_need_no_stream(verdict: Any, operation: Any) -> None:
    assert verdict(operation, {"ShardIterator": "AAAA"}) is None


def test_members_without_a_recorded_place_follow_in_the_order_of_the_model(verdict: Any) -> None:
    document = {"KeyId": "", "StreamARN": "", "EncryptionType": ""}
    _, text = verdict("StartStreamEncryption", document)
    order = [part.split("'")[1] for part in text.split(" at ")[1:]]
    assert order == ["encryptionType", "keyId", "streamARN", "streamARN"]
    _, text = verdict("GetShardIterator", {"StreamARN": "", "ShardId": "", "ShardIteratorType": "LATEST"})
    assert [part.split("'")[1] for part in text.split(" at ")[1:]] == ["shardId", "shardId", "streamARN", "streamARN"]


def test_the_tables_speak_of_operations_members_and_shapes_that_exist(model: Any) -> None:
    shapes = {name: model.shape_for(name) for name in model.shape_names}
    for name, members in MEMBER_ORDER.items():
        assert set(members) <= shapes[name].members.keys()
    for name in set(model.operation_names) & OPERATIONS.keys():
        shape = model.operation_model(name).input_shape
        assert set(OPERATIONS[name].member_order) <= (shape.members.keys() if shape is not None else set())
    assert OVERRIDES.keys() <= shapes.keys()
    assert all(override.source for override in OVERRIDES.values())


# --- parameters straight from a call ------------------------------------------------------------------------------


def test_parameters_of_a_call_are_checked_as_they_are(validator: Any) -> None:
    put_record, put_records = validator("PutRecord"), validator("PutRecords")
    put_record.check({"StreamName": "orders", "Data": b"\x00\xff", "PartitionKey": "k"})
    put_record.check({"StreamARN": STREAM_ARN, "StreamName": None, "Data": b"", "PartitionKey": "k"})
    put_records.check({"StreamName": "orders", "Records": [{"Data": b"", "PartitionKey": "k", "ExplicitHashKey": "0"}]})
    parameters = {"StreamName": "orders", "Data": b"", "PartitionKey": ""}
    with pytest.raises(AwsError, match="Value '' at 'partitionKey'"):
        put_record.check(parameters)
    assert parameters == {"StreamName": "orders", "Data": b"", "PartitionKey": ""}


def test_characters_are_counted_not_their_bytes(verdict: Any) -> None:
    assert verdict("PutRecord", {**ACCEPTED["PutRecord"], "PartitionKey": "😀" * 256}) is None
    assert verdict("PutRecord", {**ACCEPTED["PutRecord"], "PartitionKey": "😀" * 257}) is not None


# --- models of another day ----------------------------------------------------------------------------------------


def operation_taking(member: dict[str, Any], **others: dict[str, Any]) -> Any:
    shapes = {"Input": {"type": "structure", "members": {"Member": {"shape": "Tested"}}}, "Tested": member, **others}
    operations = {"Test": {"name": "Test", "input": {"shape": "Input"}}, "Void": {"name": "Void"}}
    return ServiceModel({"metadata": {}, "operations": operations, "shapes": shapes}).operation_model("Test")


def message_of(operation: Any, value: Any) -> str | None:
    validator = compile_operation(operation)
    try:
        validator.check(validator.deserialize({"Member": value}))
    except AwsError as error:
        return error.message
    return None


def test_items_of_a_list_are_reported_with_all_their_constraints_in_brackets() -> None:
    items = {"type": "string", "min": 2, "max": 3, "pattern": "[a-z]+"}
    operation = operation_taking({"type": "list", "member": {"shape": "Item"}}, Item=items)
    assert message_of(operation, ["ab", "abc"]) is None
    assert message_of(operation, []) is None
    for bad in ("a", "abcd", "A1"):
        assert message_of(operation, ["ab", bad]) == (
            f"1 validation error detected: Value '[ab, {bad}]' at 'member' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must have length less than or equal to 3, "
            "Member must have length greater than or equal to 2, "
            "Member must satisfy regular expression pattern: [a-z]+]"
        )


def test_structures_in_lists_of_lists_are_reported_by_their_path() -> None:
    operation = operation_taking(
        {"type": "list", "member": {"shape": "Inner"}},
        Inner={"type": "list", "member": {"shape": "Entry"}, "max": 1},
        Entry={"type": "structure", "members": {"Count": {"shape": "Count"}}, "required": ["Count"]},
        Count={"type": "long", "max": 5},
    )
    assert message_of(operation, [[{"Count": 5}], []]) is None
    assert message_of(operation, [[], [{"Count": 6}]]) == (
        "1 validation error detected: Value '6' at 'member.2.member.1.member.count' failed to satisfy constraint: "
        "Member must have value less than or equal to 5"
    )
    assert message_of(operation, [[{}]]) == (
        "1 validation error detected: Value null at 'member.1.member.1.member.count' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_a_new_iterator_type_is_accepted_and_listed_after_the_recorded_ones() -> None:
    recorded = ["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"]
    shapes = {
        "Input": {"type": "structure", "members": {"Type": {"shape": "ShardIteratorType"}}},
        "ShardIteratorType": {"type": "string", "enum": ["AT_END", *sorted(recorded)]},
    }
    operations = {"Test": {"name": "Test", "input": {"shape": "Input"}}}
    model = ServiceModel({"metadata": {}, "operations": operations, "shapes": shapes})
    validator = compile_operation(model.operation_model("Test"))
    validator.check({"Type": "AT_END"})
    with pytest.raises(AwsError) as caught:
        validator.check({"Type": "x"})
    assert str(caught.value.message).endswith(f"[{', '.join([*recorded, 'AT_END'])}]")


def test_a_partition_key_may_be_absent_even_where_an_older_model_requires_it() -> None:
    shapes = {
        "Input": {"type": "structure", "members": {"Key": {"shape": "PartitionKey"}}, "required": ["Key"]},
        "PartitionKey": {"type": "string", "min": 1, "max": 256},
    }
    operations = {"Test": {"name": "Test", "input": {"shape": "Input"}}}
    model = ServiceModel({"metadata": {}, "operations": operations, "shapes": shapes})
    validator = compile_operation(model.operation_model("Test"))
    validator.check({})
    with pytest.raises(AwsError, match="length greater than or equal to 1"):
        validator.check({"Key": ""})


@pytest.mark.parametrize(
    "shapes",
    [
        {"member": {"type": "double"}},
        {
            "member": {"type": "map", "key": {"shape": "Key"}, "value": {"shape": "Value"}},
            "Key": {"type": "string"},
            "Value": {"type": "structure", "members": {}},
        },
    ],
    ids=["double", "map of structures"],
)
def test_what_a_newer_model_brings_is_refused_with_an_error_of_our_own(shapes: Any) -> None:
    operation = operation_taking(**shapes)
    with pytest.raises(NotModelledError):
        compile_operation(operation)


def test_an_operation_without_input_takes_any_object() -> None:
    void = operation_taking({"type": "string"}).service_model.operation_model("Void")
    validator = compile_operation(void)
    assert validator.deserialize({"a": 1}) == {}
    validator.check({})

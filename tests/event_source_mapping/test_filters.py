"""Filter criteria: which records are handed over, and which patterns are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError
from kinesis_fake.event_source_mapping.patterns import InvalidPattern, compile_pattern
from tests.support.handlers import Handler, put
from tests.support.rows import hold_for_each


def criteria(*patterns: Any) -> dict[str, Any]:
    return {"Filters": [{"Pattern": each if isinstance(each, str) else json.dumps(each)} for each in patterns]}


def matched(kinesis: KinesisFake, *patterns: Any) -> list[str]:
    """The keys of the records that a mapping with these patterns hands over."""
    handler = Handler()
    kinesis.event_source_mapping(handler, "orders", filter_criteria=criteria(*patterns)).drain()
    return [key for keys in handler.calls for key in keys]


@pytest.fixture
def records(kinesis: KinesisFake) -> None:
    """Records named after what is in them."""
    stream = kinesis.stream("orders")
    stream.put(json.dumps({"kind": "order", "amount": 5}), "order 5")
    stream.put(json.dumps({"kind": "order", "amount": 50}), "order 50")
    stream.put(json.dumps({"kind": "refund", "amount": 5}), "refund 5")
    stream.put("plain text", "text")
    stream.put(b"\xff\xfe", "no UTF-8")
    stream.put('"order"', "a JSON text")


pytestmark_records = pytest.mark.usefixtures("records")


@pytestmark_records
def test_rules_of_one_pattern_must_all_hold_and_one_of_several_patterns(kinesis: KinesisFake) -> None:
    assert matched(kinesis, {"data": {"kind": ["order"], "amount": [5]}}) == ["order 5"]
    assert matched(kinesis, {"data": {"amount": [50]}}, {"data": {"kind": ["refund"]}}) == ["order 50", "refund 5"]


@pytestmark_records
def test_data_that_is_no_json_matches_no_rule_for_data(kinesis: KinesisFake) -> None:
    assert matched(kinesis, {"data": {"kind": [{"exists": False}]}}) == ["a JSON text"]
    assert matched(kinesis, {"data": ["order"]}) == ["a JSON text"]


@pytestmark_records
def test_without_a_rule_for_data_the_rest_of_the_record_decides(kinesis: KinesisFake) -> None:
    assert matched(kinesis, {"partitionKey": ["text", "order 5"]}) == ["order 5", "text"]
    assert matched(kinesis, {"partitionKey": [{"prefix": "order"}], "data": {"amount": [50]}}) == ["order 50"]


@pytestmark_records
def test_an_empty_list_of_filters_lets_everything_through(kinesis: KinesisFake) -> None:
    assert len(matched(kinesis)) == 6


@pytestmark_records
def test_no_event_is_sent_for_a_batch_of_which_nothing_is_left(kinesis: KinesisFake) -> None:
    handler = Handler()
    mapping = kinesis.event_source_mapping(handler, "orders", filter_criteria=criteria({"data": {"kind": ["none"]}}))
    mapping.drain()
    assert handler.calls == []
    assert mapping.iterator_age_ms == 0


@pytestmark_records
def test_two_mappings_share_the_records_of_a_stream_by_their_filters(kinesis: KinesisFake) -> None:
    orders, refunds = Handler(), Handler()
    first = kinesis.event_source_mapping(orders, "orders", filter_criteria=criteria({"data": {"kind": ["order"]}}))
    kinesis.event_source_mapping(refunds, "orders", filter_criteria=criteria({"data": {"kind": ["refund"]}}))
    first.drain()
    assert (orders.calls, refunds.calls) == ([["order 5", "order 50"]], [["refund 5"]])


def test_filters_come_before_batches_and_data_does_not_change(kinesis: KinesisFake) -> None:
    stream = kinesis.stream("orders")
    for number in range(9):
        stream.put(f'{{ "keep":{json.dumps(number % 3 == 0)} }}', str(number))
    events: list[Any] = []
    kinesis.event_source_mapping(
        lambda event, context: events.append(event),
        "orders",
        batch_size=2,
        filter_criteria=criteria({"data": {"keep": [True]}}),
    ).drain()
    assert [len(event["Records"]) for event in events] == [2, 1]
    assert events[0]["Records"][0] == kinesis.lambda_event(stream.records[0], role=ROLE)["Records"][0]


ROLE = "arn:aws:iam::123456789012:role/lambda-role"


# --- patterns that are refused --------------------------------------------------------------------------------------

INVALID = "InvalidParameterValueException: Invalid filter pattern definition. "


#: A pattern, and why it is refused; None where no reason was recorded.
REFUSED: list[tuple[Any, str | None]] = [
    ("null", "a pattern is an object with members, not None"),
    ('"text"', "a pattern is an object with members, not 'text'"),
    ("no JSON", "'no JSON' is no JSON"),
    ({}, "a pattern is an object with members, not {}"),
    ({"eventSource": "aws:sqs"}, "the rules of 'eventSource' must be a list, not 'aws:sqs'"),
    ({"eventSource": []}, "the rules of 'eventSource' must not be empty"),
    ({"data": "plain text"}, "the rules of 'data' must be a list, not 'plain text'"),
    ({"data": {}}, "a pattern is an object with members, not {}"),
    ({"data": {"a": [[1]]}}, "a rule is a value or an operator, not a list"),
    ({"data": {"a": [{}]}}, "a rule has one operator, not []"),
    ({"data": {"a": [{"prefix": "a", "suffix": "b"}]}}, "a rule has one operator, not ['prefix', 'suffix']"),
    ({"data": {"a": [{"NUMERIC": ["=", 1]}]}}, "Unrecognized match type NUMERIC"),
    ({"data": {"a": [{"EXISTS": True}]}}, "Unrecognized match type EXISTS"),
    ({"data": {"a": [{"exists": "yes"}]}}, "exists takes true or false, not 'yes'"),
    ({"data": {"a": [{"prefix": 1}]}}, "prefix takes text, not 1"),
    ({"data": {"a": [{"suffix": {"prefix": "x"}}]}}, "suffix takes text, not {'prefix': 'x'}"),
    ({"data": {"a": [{"equals-ignore-case": None}]}}, "equals-ignore-case takes text, not None"),
    ({"data": {"a": [{"numeric": []}]}}, "numeric takes one comparison or two, not []"),
    ({"data": {"a": [{"numeric": ["!", 1]}]}}, "numeric takes comparisons such as ['>', 0, '<=', 5], not ['!', 1]"),
    ({"data": {"a": [{"numeric": ["<", "1"]}]}}, None),
    ({"data": {"a": [{"numeric": ["<", 1, ">", 0]}]}}, None),
    ({"data": {"a": [{"wildcard": "a**b"}]}}, "wildcard takes no two asterisks side by side"),
    ({"data": {"a": [{"wildcard": "a\\b"}]}}, "wildcard takes a backslash only before an asterisk or a backslash"),
    ({"data": {"a": [{"cidr": "10.0.0.0/99"}]}}, None),
    ({"data": {"a": [{"anything-but": []}]}}, "anything-but takes text and numbers, not []"),
    ({"data": {"a": [{"anything-but": [None]}]}}, "anything-but takes text and numbers, not [None]"),
    ({"data": {"a": [{"anything-but": {"exists": True}}]}}, None),
    ({"data": {"a": [{"anything-but": {"prefix": []}}]}}, "prefix in anything-but takes text"),
    ({"$or": []}, "$or takes a list of patterns, not []"),
    ({"$or": {"data": [1]}}, "$or takes a list of patterns, not {'data': [1]}"),
    ({"data": [1], "data.a": [1]}, "'data' has both rules and members"),
]


def test_a_pattern_that_is_none_is_refused_in_the_words_of_lambda(kinesis: KinesisFake) -> None:
    def hold_that_it_is_refused(row: tuple[Any, str | None]) -> None:
        pattern, why = row
        with pytest.raises(KinesisFakeError) as caught:
            kinesis.event_source_mapping(Handler(), "orders", filter_criteria=criteria(pattern))
        told = str(caught.value).removeprefix("event_source_mapping() was refused: ")
        assert told.startswith(f"{INVALID}(")
        if why is not None:
            assert told == f"{INVALID}({why})"

    hold_for_each(REFUSED, hold_that_it_is_refused)


def test_a_pattern_has_at_most_4096_characters(kinesis: KinesisFake) -> None:
    pattern = json.dumps({"data": {"a": [""]}})
    fits = pattern.replace('""', '"' + "x" * (4096 - len(pattern)) + '"')
    kinesis.event_source_mapping(Handler(), "orders", filter_criteria=criteria(fits))
    with pytest.raises(KinesisFakeError, match=r"\(a pattern has 4096 characters at most, not 4097\)"):
        kinesis.event_source_mapping(Handler(), "orders", filter_criteria=criteria(fits + " "))


def test_there_are_five_filters_at_most(kinesis: KinesisFake) -> None:
    pattern = {"data": {"a": [1]}}
    kinesis.event_source_mapping(Handler(), "orders", filter_criteria=criteria(*[pattern] * 5))
    with pytest.raises(KinesisFakeError, match=r"has at most 5 filters, the default quota, not 6\."):
        kinesis.event_source_mapping(Handler(), "orders", filter_criteria=criteria(*[pattern] * 6))


@pytest.mark.parametrize("wrong", [[], {"filters": []}, {"Filters": [{}]}, {"Filters": ["{}"]}], ids=str)
def test_criteria_are_written_as_in_the_api(kinesis: KinesisFake, wrong: Any) -> None:
    with pytest.raises(KinesisFakeError, match="filter_criteria is written as in the API"):
        kinesis.event_source_mapping(Handler(), "orders", filter_criteria=wrong)


# --- the language ---------------------------------------------------------------------------------------------------

#: The rules for the member "a", an event, and whether it matches; what was recorded is marked so.
CASES: list[tuple[list[Any], Any, bool]] = [
    (["x"], {"a": "x"}, True),
    (["x"], {"a": "X"}, False),
    (["x"], {"A": "x"}, False),
    (["x"], {}, False),
    (["x", "y"], {"a": "y"}, True),
    ([""], {"a": ""}, True),
    ([None], {"a": None}, True),
    ([None], {"a": "null"}, False),
    ([None], {}, False),
    ([True], {"a": True}, True),
    ([True], {"a": 1}, False),
    ([1], {"a": True}, False),
    ([300], {"a": 300.0}, True),  # recorded
    ([300], {"a": "300"}, False),
    (["300"], {"a": 300}, False),
    # lists
    (["x"], {"a": ["y", "x"]}, True),
    (["x"], {"a": [["x"]]}, True),
    ([None], {"a": []}, False),  # recorded
    ([None], {"a": [None]}, True),  # recorded
    ([{"exists": True}], {"a": []}, False),  # recorded
    ([{"exists": False}], {"a": []}, True),
    # exists
    ([{"exists": True}], {"a": 0}, True),
    ([{"exists": True}], {"a": None}, True),
    ([{"exists": True}], {"a": {"b": 1}}, False),  # recorded: leaves only
    ([{"exists": True}], {}, False),
    ([{"exists": False}], {}, True),
    ([{"exists": False}], {"a": 0}, False),
    # text
    ([{"prefix": "or"}], {"a": "order"}, True),
    ([{"prefix": "or"}], {"a": "Order"}, False),
    ([{"prefix": ""}], {"a": "order"}, True),  # recorded
    ([{"prefix": "or"}], {"a": 1}, False),
    ([{"prefix": {"equals-ignore-case": "OR"}}], {"a": "order"}, True),  # recorded
    ([{"suffix": "er"}], {"a": "order"}, True),
    ([{"suffix": ""}], {"a": ""}, True),  # recorded
    ([{"suffix": {"equals-ignore-case": "ER"}}], {"a": "ordEr"}, True),
    ([{"equals-ignore-case": "ORDER"}], {"a": "order"}, True),
    ([{"equals-ignore-case": "ORDER"}], {"a": "orders"}, False),
    ([{"wildcard": "a*c"}], {"a": "abbc"}, True),
    ([{"wildcard": "a*c"}], {"a": "ac"}, True),
    ([{"wildcard": "a*c"}], {"a": "acd"}, False),
    ([{"wildcard": "*.txt"}], {"a": "axtxt"}, False),
    ([{"wildcard": "a\\*c"}], {"a": "a*c"}, True),
    ([{"wildcard": "a\\*c"}], {"a": "abc"}, False),
    ([{"wildcard": "a\\\\*"}], {"a": "a\\b"}, True),
    ([{"wildcard": ""}], {"a": ""}, False),  # recorded
    # numbers
    ([{"numeric": ["=", 5]}], {"a": 5.0}, True),
    ([{"numeric": [">", 5]}], {"a": 5}, False),
    ([{"numeric": [">=", 5]}], {"a": 5}, True),
    ([{"numeric": ["<", 5]}], {"a": 4.9}, True),
    ([{"numeric": [">", 0, "<=", 5]}], {"a": 5}, True),
    ([{"numeric": [">", 0, "<", 5]}], {"a": 5}, False),
    ([{"numeric": ["<", 500]}], {"a": "300"}, False),  # recorded
    ([{"numeric": ["<", 500]}], {"a": None}, False),  # recorded
    ([{"numeric": ["<", 500]}], {"a": True}, False),
    # anything-but
    ([{"anything-but": "x"}], {"a": "y"}, True),
    ([{"anything-but": "x"}], {"a": "x"}, False),
    ([{"anything-but": ["x", 1]}], {"a": 1}, False),
    ([{"anything-but": "x"}], {"a": None}, True),  # recorded
    ([{"anything-but": "x"}], {"a": 1}, True),  # recorded
    ([{"anything-but": "x"}], {}, False),  # recorded
    ([{"anything-but": {"prefix": "or"}}], {"a": "order"}, False),
    ([{"anything-but": {"suffix": ["x", "er"]}}], {"a": "order"}, False),
    ([{"anything-but": {"wildcard": "o*"}}], {"a": "refund"}, True),
    ([{"anything-but": {"equals-ignore-case": "ORDER"}}], {"a": "order"}, False),
    # addresses
    ([{"cidr": "10.0.0.0/24"}], {"a": "10.0.0.7"}, True),
    ([{"cidr": "10.0.0.0/24"}], {"a": "10.0.1.7"}, False),
    ([{"cidr": "10.0.0.0/24"}], {"a": "no address"}, False),
    ([{"cidr": "10.0.0.0/24"}], {"a": 10}, False),
    # several operators are alternatives
    ([{"prefix": "x"}, {"numeric": [">", 9]}, "y"], {"a": 10}, True),
    ([{"prefix": "x"}, {"numeric": [">", 9]}, "y"], {"a": "y"}, True),
    ([{"prefix": "x"}, {"numeric": [">", 9]}, "y"], {"a": "z"}, False),
    (["x"], "no object", False),
    (["x"], None, False),
]


def test_rules_are_satisfied_as_eventbridge_does_it() -> None:
    assert [case for case in CASES if compile_pattern({"a": case[0]})(case[1]) is not case[2]] == []


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ({"a": {"b": ["x"]}}, {"a": {"b": "x"}}, True),
        ({"a": {"b": ["x"]}}, {"a": "x"}, False),
        ({"a": {"b": ["x"]}}, {"a": '{"b": "x"}'}, False),  # recorded: a text is not parsed
        ({"a": {"b": [{"exists": False}]}}, {}, True),  # recorded: also if the parent is missing
        ({"a": {"b": [{"exists": True}]}}, {"a": [{"c": 1}, {"b": 1}]}, True),  # recorded: objects in a list
        ({"a": {"b": ["x"], "c": ["y"]}}, {"a": [{"b": "x", "c": "n"}, {"b": "n", "c": "y"}]}, False),
        ({"a.b": ["x"]}, {"a": {"b": "x"}}, True),  # recorded: a dot and nesting are the same, both ways
        ({"a": {"b": ["x"]}}, {"a.b": "x"}, True),
        ({"a.b": ["x"], "a": {"c": ["y"]}}, {"a": {"b": "x", "c": "n"}}, False),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "y", "b": "x"}, False),
        ({"c": ["z"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, False),
        ({"a": {"$or": [{"b": ["x"]}, {"c": [{"numeric": [">", 1]}]}]}}, {"a": {"c": 2}}, True),
    ],
    ids=str,
)
def test_members_are_found_as_eventbridge_does_it(pattern: Any, event: Any, expected: bool) -> None:
    assert compile_pattern(pattern)(event) is expected


def test_rules_and_members_of_one_name_are_refused_in_either_order() -> None:
    for pattern in ({"a": ["x"], "a.b": ["y"]}, {"a.b": ["y"], "a": ["x"]}):
        with pytest.raises(InvalidPattern):
            compile_pattern(pattern)


def test_a_filter_that_looks_at_a_bad_record_does_not_stop_the_shard(kinesis: KinesisFake) -> None:
    kinesis.stream("orders").put("[" * 100_000, "deep")
    put(kinesis, "text")
    kinesis.stream("orders").put('{"a": NaN}', "not a number")
    kinesis.stream("orders").put('{"a": 1}', "fine")
    assert matched(kinesis, {"data": {"a": [1]}}) == ["fine"]

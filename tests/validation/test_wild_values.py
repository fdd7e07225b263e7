"""Any value gets an answer or an error of AWS, never a ``TypeError`` or ``ValueError`` of Python."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.botocore_hook.validation import Constraints, compile_operation
from kinesis_fake.errors import AwsError
from tests.support.searches import examples

MODEL = botocore.session.get_session().get_service_model("kinesis")

TEXTS = st.one_of(
    st.text(st.characters(), max_size=8),  # lone surrogates too: JSON can spell them
    st.sampled_from(["", "a" * 129, "0", "AAAA", "LATEST", "arn:aws:kinesis:us-east-1:123456789012:stream/a"]),
)
NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([10**4000, -(10**4000), 2**31, -(2**31) - 1, 2**63, 1e308, 9.3e15, 0, 1]),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def almost(shape: Any) -> st.SearchStrategy[Any]:
    """Mostly of the declared types, so that the search reaches what lies deep."""
    if shape.type_name == "structure":
        optional = {name: almost(member) for name, member in shape.members.items()}
        return st.one_of(st.fixed_dictionaries({}, optional=optional), st.dictionaries(TEXTS, ANYTHING, max_size=2))
    if shape.type_name == "list":
        return st.one_of(st.lists(almost(shape.member), max_size=3), ANYTHING)
    if shape.type_name == "map":
        return st.one_of(st.dictionaries(TEXTS, almost(shape.value), max_size=3), ANYTHING)
    typical = NUMBERS if shape.type_name in ("integer", "long", "timestamp") else TEXTS
    return st.one_of(typical, typical, ANYTHING)


@cache
def documents_for(operation: str) -> st.SearchStrategy[Any]:
    shape = MODEL.operation_model(operation).input_shape
    return ANYTHING if shape is None else st.one_of(almost(shape), ANYTHING)


@pytest.mark.parametrize("operation", MODEL.operation_names)
@examples(33)
@given(data=st.data())
@pytest.mark.thorough_but(first=12)
@pytest.mark.botocore
def test_any_json_document_is_accepted_or_refused_with_an_aws_error(verdict: Any, operation: Any, data: Any) -> None:
    document = data.draw(documents_for(operation))
    answer = verdict(operation, document)
    if answer is None:
        return
    code, message = answer
    if code == "ValidationException":
        count = int(message.split(" ", 1)[0])
        assert 1 <= count <= 10
        assert message.count(" failed to satisfy constraint: ") >= count
    else:
        assert code == "SerializationException"


@pytest.mark.parametrize("operation", MODEL.operation_names)
@examples(10)
@given(data=st.data())
@pytest.mark.thorough_but(first=12)
@pytest.mark.botocore
def test_a_call_that_gives_only_null_is_answered_like_a_call_that_gives_nothing(
    verdict: Any, operation: Any, data: Any
) -> None:
    shape = MODEL.operation_model(operation).input_shape
    names = sorted(shape.members) if shape else []
    given_names = data.draw(st.lists(st.sampled_from(names))) if names else []
    assert verdict(operation, dict.fromkeys(given_names)) == verdict(operation, {})


BOUNDS = st.one_of(st.none(), st.integers(-1, 5))


@given(
    enum=st.lists(st.sampled_from(["a", "b", "aa"]), max_size=2).map(tuple),
    pattern=st.sampled_from([None, "a+", r"\d*", r"\S+", "^(a|b)$"]),
    minimum=BOUNDS,
    maximum=BOUNDS,
    value=st.text("ab1 \n٣", max_size=7),
)
def test_the_quick_answer_is_no_exactly_when_a_constraint_is_listed_as_broken(
    enum: Any, pattern: Any, minimum: Any, maximum: Any, value: Any
) -> None:
    # An enum carries no other constraint in any model.
    constraints = Constraints(enum, None, None, None, "length") if enum else None
    constraints = constraints or Constraints((), pattern, minimum, maximum, "length")
    quick = constraints.test()
    assert (quick is None or bool(quick.passes(value))) is (list(constraints.broken_by(value)) == [])


@given(minimum=BOUNDS, maximum=BOUNDS, value=st.integers(-(2**63), 2**63 - 1))
def test_the_quick_answer_about_numbers_agrees_with_the_list_too(minimum: Any, maximum: Any, value: Any) -> None:
    constraints = Constraints((), None, minimum, maximum, "value")
    quick = constraints.test()
    assert (quick is None or bool(quick.passes(value))) is (list(constraints.broken_by(value)) == [])


def test_the_enums_of_the_model_carry_no_other_constraint() -> None:
    for name in MODEL.shape_names:
        metadata = MODEL.shape_for(name).metadata
        assert "enum" not in metadata or not {"pattern", "min", "max"} & metadata.keys()


def test_compiling_twice_gives_the_same_answers() -> None:
    operation = MODEL.operation_model("PutRecords")
    document = {"Records": [{"PartitionKey": ""}] * 501, "StreamName": "?"}
    messages = []
    for validator in (compile_operation(operation), compile_operation(operation)):
        with pytest.raises(AwsError) as caught:
            validator.check(validator.deserialize(document))
        messages.append(caught.value.message)
    assert messages[0] == messages[1]

"""botocore checks the parameters of a call before it sends them; the fake skips the check of valid parameters.

botocore still refuses all others, in its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.validate
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

from kinesis_fake import KinesisFake, fake_kinesis
from tests.hook.puts import KEYS, client, data_of, put_both
from tests.support.rows import hold_for_each

__all__ = ["client"]

#: Values of every type, at the least length or value that a member may have, and below.
VALUES: tuple[Any, ...] = ("", "x", b"", b"x", 0, 1, -1, True, None, 1.5, [], ["x"], [{}], {}, {"x": "x"})
RECORDS: tuple[Any, ...] = (
    [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"", "PartitionKey": ""}],
    [{"Data": "x", "PartitionKey": "k"}, {"Data": b"x", "PartitionKey": "k"}],
    [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x"}],
    [{"Data": b"x", "PartitionKey": "k"}, {"PartitionKey": "k"}],
    [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x", "PartitionKey": None}],
    [{"Data": b"x", "PartitionKey": "k", "Bogus": 1}],
    [{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": ""}],
    [{"Data": b"x", "PartitionKey": "", "ExplicitHashKey": "5"}],
    [{"Data": b"x", "ExplicitHashKey": "5"}],
    ({"Data": b"x", "PartitionKey": ""},),
    [b"x"],
)


class Ok:
    """An answer that comes from no network."""

    status_code = 200


def least_of(shape: Any) -> Any:
    """A value of a shape, as short or small as it may be and with nothing that is optional."""
    least = max(shape.metadata.get("min", 0), 1)
    values: dict[str, Callable[[], Any]] = {
        "structure": lambda: {name: least_of(shape.members[name]) for name in shape.required_members},
        "list": lambda: [least_of(shape.member)] * least,
        "map": lambda: {"x": "x"},
        "string": lambda: "x" * least,
        "blob": lambda: b"x",
        "boolean": lambda: True,
        "timestamp": lambda: 0,
        "integer": lambda: least,
        "long": lambda: least,
    }
    return values[shape.type_name]()


def calls_of(shape: Any) -> Iterator[dict[str, Any]]:
    """Parameters of an operation: right ones, and all that differ from them by one member."""
    right = least_of(shape)
    yield right
    yield {**right, "Bogus": "x"}
    for name in shape.members:
        yield {member: value for member, value in right.items() if member != name}
        yield from ({**right, name: value} for value in VALUES)
        if name == "Records":
            yield from ({**right, name: records} for records in RECORDS)


def complaint_of(client: Any, operation: str, parameters: dict[str, Any]) -> str | None:
    """botocore's complaint about a call before it sends it; None if there is none. A ClientError would be Kinesis's."""
    try:
        client._make_api_call(operation, parameters)
    except ClientError:
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def test_botocore_complains_of_what_it_always_complains_of() -> None:
    client: Any = boto3.session.Session().client("kinesis", **KEYS)
    client.meta.events.register_first("before-call.kinesis", lambda **_: (Ok, {}), "no network")
    model = client.meta.service_model
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    rows = [(name, parameters) for name, shape in shapes.items() if shape for parameters in calls_of(shape)]
    complaints = [complaint_of(client, *row) for row in rows]
    assert 0 < complaints.count(None) < len(rows)
    client.meta.events.unregister("before-call.kinesis", unique_id="no network")
    with fake_kinesis(streams={"orders": 1}):

        def check(row: tuple[tuple[str, dict[str, Any]], str | None]) -> None:
            assert complaint_of(client, *row[0]) == row[1]

        hold_for_each(zip(rows, complaints, strict=True), check)


@pytest.mark.parametrize("is_first", [True, False], ids=["before the fake", "inside of it"])
def test_another_patcher_of_that_check_is_shown_all_parameters(monkeypatch: pytest.MonkeyPatch, is_first: bool) -> None:
    seen: list[Any] = []

    def patch() -> None:
        original = vars(ParamValidator)["validate"]

        def validate(self: Any, params: Any, shape: Any) -> Any:
            seen.append(list(params))
            return original(self, params, shape)

        monkeypatch.setattr(botocore.validate.ParamValidator, "validate", validate)

    if is_first:
        patch()
    with fake_kinesis(streams={"orders": 1}) as kinesis:
        if not is_first:
            patch()
        put_both(kinesis.client())
        assert seen == [["StreamName", "Data", "PartitionKey"], ["StreamName", "Records"]]
        assert data_of(kinesis) == [b"first", b"second"]
        monkeypatch.undo()


def test_a_handler_that_breaks_parameters_is_told(kinesis: KinesisFake, client: Any) -> None:
    def break_them(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "PartitionKey": ""}

    client.meta.events.register("provide-client-params.kinesis.PutRecord", break_them)
    with pytest.raises(ParamValidationError, match=r"Invalid length for parameter PartitionKey, value: 0"):
        client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    assert data_of(kinesis) == []

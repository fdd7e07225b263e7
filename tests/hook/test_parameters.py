"""The body that botocore makes of a call's parameters is what counts.

If the body would give back the parameters unchanged, the fake takes those, and no body is made.
These tests compare both ways.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake import KinesisFake, fake_kinesis
from tests.hook.puts import KEYS, client, data_of, put_both
from tests.support.searches import examples

__all__ = ["client"]

START = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def lenient_client() -> Any:
    """A client that sends what botocore itself would refuse."""
    return boto3.session.Session().client("kinesis", config=Config(parameter_validation=False), **KEYS)


def outcome(fake: KinesisFake, client: Any, operation: str, parameters: dict[str, Any]) -> Any:
    """Everything that can be seen of a call: its answer or its error, the records, and what was logged."""
    try:
        answer = getattr(client, operation)(**parameters)
    except ClientError as error:
        answer = error.response
    return answer, fake.stream("orders").records, fake.calls[-1].outcome


def both_ways(client: Any, operation: str, parameters: Callable[[], dict[str, Any]]) -> tuple[Any, Any]:
    """The outcome with the parameters taken as they are, and with the body decoded."""

    def replace(params: dict[str, Any], **_: Any) -> None:
        params["body"] = bytes(bytearray(params["body"]))  # another one, which the fake decodes

    event = f"before-call.kinesis.{''.join(word.capitalize() for word in operation.split('_'))}"
    with fake_kinesis(start=START, streams={"orders": 3}) as fake:
        as_they_are = outcome(fake, client, operation, parameters())
    client.meta.events.register_first(event, replace, "replace")
    try:
        with fake_kinesis(start=START, streams={"orders": 3}) as fake:
            decoded = outcome(fake, client, operation, parameters())
    finally:
        client.meta.events.unregister(event, unique_id="replace")
    return as_they_are, decoded


DATA: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"some data",
    "no bytes": lambda: b"",
    "all bytes": lambda: bytes(range(256)),
    "bytes of a subclass": lambda: type("Bytes", (bytes,), {})(b"some data"),
    "a bytearray": lambda: bytearray(b"some data"),
    "text": lambda: "some data äöü €",
    "no text": lambda: "",
}


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_data_may_be_given_in_any_form_that_botocore_takes(data: Callable[[], Any]) -> None:
    client = boto3.client("kinesis", **KEYS)
    for operation, parameters in (
        ("put_record", lambda: {"StreamName": "orders", "Data": data(), "PartitionKey": "k"}),
        ("put_records", lambda: {"StreamName": "orders", "Records": [{"Data": data(), "PartitionKey": "k"}] * 2}),
    ):
        as_they_are, decoded = both_ways(client, operation, parameters)
        assert as_they_are == decoded
        content = data()
        records = as_they_are[1]
        assert records[0].data == (content.encode() if isinstance(content, str) else bytes(content))
        assert type(records[0].data) is bytes


@pytest.mark.parametrize(
    ("data", "error"), [(memoryview(b"some data"), ParamValidationError), (io.BytesIO(b"some data"), TypeError)]
)
def test_what_botocore_refuses_is_refused_as_always(kinesis: KinesisFake, data: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"Invalid type for parameter Data|a bytes-like object is required"):
        kinesis.client().put_record(StreamName="orders", Data=data, PartitionKey="k")
    assert len(kinesis.calls) == 0


ODD_RECORDS: list[dict[str, Any]] = [
    {"StreamName": "orders", "Data": b"x", "PartitionKey": None},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": 5},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": True},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": ["k"]},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": ""},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "k" * 257},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "\ud800"},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "\ud83d\ude00"},
    {"StreamName": "orders", "Data": "text", "PartitionKey": "\U0001f600"},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "€" * 256},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "k", "ExplicitHashKey": 5},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "5"},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "05"},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "k", "ExplicitHashKey": None},
    {"StreamName": "orders", "PartitionKey": "k"},
    {"StreamName": "orders", "Data": b"x"},
    {"StreamName": 5, "Data": b"x", "PartitionKey": "k"},
    {"StreamName": None, "Data": b"x", "PartitionKey": "k"},
    {"Data": b"x", "PartitionKey": "k"},
    {"StreamName": "orders", "Data": b"x", "PartitionKey": "k", "SequenceNumberForOrdering": 7},
    {"StreamName": "orders", "Data": b"x" * (1024 * 1024 + 1), "PartitionKey": "k"},
    {"StreamName": type("Text", (str,), {})("orders"), "Data": b"x", "PartitionKey": "k"},
]


@pytest.mark.parametrize("parameters", ODD_RECORDS, ids=range(len(ODD_RECORDS)))
def test_an_odd_record_has_the_same_outcome_either_way(lenient_client: Any, parameters: dict[str, Any]) -> None:
    as_they_are, decoded = both_ways(lenient_client, "put_record", lambda: dict(parameters))
    assert as_they_are == decoded


ODD_BATCHES: list[dict[str, Any]] = [
    {"StreamName": "orders"},
    {"StreamName": "orders", "Records": []},
    {"StreamName": "orders", "Records": ({"Data": b"x", "PartitionKey": "k"},)},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x"}]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k"}, {"PartitionKey": "k"}]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x", "PartitionKey": 5}]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k"}, {}]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k"}, {"Data": "text", "PartitionKey": "k"}]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": key} for key in ("\U0001f600", "\ud800", "k")]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "\ud83d\ude00"}]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x", "PartitionKey": ""}]},
    {
        "StreamName": "orders",
        "Records": [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x", "PartitionKey": "k" * 257}],
    },
    {"StreamName": "orders", "Records": [{"Data": b"x", "ExplicitHashKey": "5"}]},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "5"}] * 2},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k"}] * 501},
    {"StreamName": "orders", "Records": [{"Data": b"x" * 10**6, "PartitionKey": "k"}] * 11},
    {"StreamName": "orders", "Records": [{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "9" * 39}]},
    {"StreamName": 5, "Records": [{"Data": b"x", "PartitionKey": "k"}]},
    {"Records": [{"Data": b"x", "PartitionKey": "k"}]},
]


@pytest.mark.parametrize("parameters", ODD_BATCHES, ids=range(len(ODD_BATCHES)))
def test_an_odd_batch_has_the_same_outcome_either_way(lenient_client: Any, parameters: dict[str, Any]) -> None:
    as_they_are, decoded = both_ways(lenient_client, "put_records", lambda: dict(parameters))
    assert as_they_are == decoded


ODD_CALLS: list[tuple[str, dict[str, Any]]] = [
    *(("describe_stream", {"StreamName": "orders", "Limit": limit}) for limit in (1, 0, -1, True, 1.0, "1", None)),
    *(("list_shards", {"StreamName": "orders", "MaxResults": number}) for number in (2, 2**31 - 1, 2**31, -(2**40))),
    *(("describe_stream_summary", {"StreamName": name}) for name in ("orders", "", 5, None, "\ud800", ["orders"])),
    ("create_stream", {"StreamName": "new", "ShardCount": 1, "Tags": {"team": "sales"}}),
    ("delete_stream", {"StreamName": "orders", "EnforceConsumerDeletion": True}),
    ("delete_stream", {"StreamName": "orders", "EnforceConsumerDeletion": "true"}),
    (
        "get_shard_iterator",
        {"StreamName": "orders", "ShardId": "shardId-000000000001", "ShardIteratorType": "TRIM_HORIZON"},
    ),
]


@pytest.mark.parametrize(("operation", "parameters"), ODD_CALLS, ids=range(len(ODD_CALLS)))
def test_any_call_has_the_same_outcome_either_way(
    lenient_client: Any, operation: str, parameters: dict[str, Any]
) -> None:
    as_they_are, decoded = both_ways(lenient_client, operation, lambda: dict(parameters))
    assert as_they_are == decoded


ENTRY = st.fixed_dictionaries(
    {"Data": st.binary(max_size=40), "PartitionKey": st.text(max_size=10)},
    optional={"ExplicitHashKey": st.one_of(st.from_regex(r"\A[0-9]{1,40}\Z"), st.none())},
)


@examples(60)
@given(entries=st.lists(ENTRY, min_size=1, max_size=5))
def test_any_batch_has_the_same_outcome_either_way(lenient_client: Any, entries: list[dict[str, Any]]) -> None:
    as_they_are, decoded = both_ways(
        lenient_client, "put_records", lambda: {"StreamName": "orders", "Records": [dict(entry) for entry in entries]}
    )
    assert as_they_are == decoded


def test_what_is_changed_after_the_call_does_not_change_the_record(kinesis: KinesisFake) -> None:
    kinesis.create_stream("orders", shards=1)
    client = boto3.client("kinesis")
    data: Any = bytearray(b"before")  # botocore takes it, the stubs do not
    entries: list[Any] = [{"Data": b"before", "PartitionKey": "before"}]
    client.put_record(StreamName="orders", Data=data, PartitionKey="before")
    client.put_records(StreamName="orders", Records=entries)
    data[:] = b"after"
    entries[0].update(Data=b"after", PartitionKey="after")
    assert {(record.data, record.partition_key) for record in kinesis.stream("orders").records} == {
        (b"before", "before")
    }


# --- a user's own handlers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("new", [bytes.upper, lambda data: data.decode().upper(), lambda data: bytearray(data.upper())])
@pytest.mark.parametrize("event", ["before-parameter-build.kinesis", "provide-client-params.kinesis"])
def test_a_handler_may_change_the_data(
    kinesis: KinesisFake, client: Any, event: str, new: Callable[[bytes], Any]
) -> None:
    def change(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        for entry in params.get("Records", [params]):
            entry["Data"] = new(entry["Data"])
        return params

    client.meta.events.register(event, change)
    put_both(client)
    assert data_of(kinesis) == [b"FIRST", b"SECOND"]


def test_a_handler_may_put_other_parameters_in_their_place(kinesis: KinesisFake, client: Any) -> None:
    client.meta.events.register(
        "provide-client-params.kinesis.PutRecord", lambda params, **_: {**params, "Data": b"another"}
    )
    client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    assert data_of(kinesis) == [b"another"]


@pytest.mark.parametrize("event", ["before-call.kinesis", "before-call.kinesis.PutRecord", "before-call.*.*"])
def test_a_handler_may_change_the_body(kinesis: KinesisFake, client: Any, event: str) -> None:
    def change(params: dict[str, Any], **_: Any) -> None:
        document = json.loads(params["body"])
        document["Data"] = "YW5vdGhlcg=="
        params["body"] = json.dumps(document).encode()

    client.meta.events.register(event, change)
    client.put_record(StreamName="orders", Data=b"first", PartitionKey="k")
    assert data_of(kinesis) == [b"another"]


def test_handlers_of_a_call_run_as_they_do_before_a_real_one(kinesis: KinesisFake, client: Any) -> None:
    seen: list[str] = []
    events = [
        f"{event}.kinesis{operation}"
        for event in ("provide-client-params", "before-parameter-build", "before-call", "after-call")
        for operation in (".ListStreams", "")
    ]
    for event in events:
        client.meta.events.register(event, lambda event_name, seen=seen, event=event, **_: seen.append(event))
    client.list_streams()
    assert seen == events


def test_a_handler_that_answers_a_call_itself_is_believed(kinesis: KinesisFake, client: Any) -> None:
    class Response:
        status_code = 200

    client.meta.events.register(
        "before-call.kinesis.ListStreams", lambda **_: (Response, {"StreamNames": ["of the handler"]})
    )
    assert client.list_streams()["StreamNames"] == ["of the handler"]


def test_the_answer_may_be_changed_by_a_handler(kinesis: KinesisFake, client: Any) -> None:
    client.meta.events.register("after-call.kinesis.ListStreams", lambda parsed, **_: parsed["StreamNames"].clear())
    assert client.list_streams()["StreamNames"] == []
    assert [stream.stream_name for stream in kinesis.streams] == ["orders"]


def test_a_stubber_answers_before_the_fake(kinesis: KinesisFake, client: Any) -> None:
    with Stubber(client) as stubber:
        stubber.add_response("list_streams", {"StreamNames": ["of the stub"], "HasMoreStreams": False}, {})
        assert client.list_streams()["StreamNames"] == ["of the stub"]
        stubber.assert_no_pending_responses()
    assert client.list_streams()["StreamNames"] == ["orders"]

"""Records from a file of JSON lines."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_fake import KinesisFake, KinesisFakeError, fake_kinesis
from tests.support.scenario_files import HEAD


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_the_lines_of_a_file_are_put_as_they_stand(kinesis: KinesisFake, tmp_path: Any) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b'{"customer":"ada", "n": 1}\r\n\n{"customer": "bob"}\n"three"')
    orders = kinesis.stream("orders")
    assert [record.data for record in orders.put_lines(path)] == [
        b'{"customer":"ada", "n": 1}',
        b'{"customer": "bob"}',
        b'"three"',
    ]
    assert {record.partition_key for record in orders.records} == {"test"}


@pytest.mark.fake_kinesis(streams={"orders": 1})
def test_a_member_of_each_line_may_be_its_partition_key(kinesis: KinesisFake, tmp_path: Any) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_text('{"customer": "ada"}\n{"customer": "bob"}\n')
    records = kinesis.stream("orders").put_lines(path, partition_key_member="customer")
    assert [record.partition_key for record in records] == ["ada", "bob"]


@pytest.mark.fake_kinesis(streams={"orders": 1})
@pytest.mark.parametrize(
    ("lines", "member", "message"),
    [
        ('{"a": 1}\n{\n', None, "{path}:2 is no JSON: b'{{'."),
        ('{"a": 1}\n', "a", "{path}:1 has no text in the member 'a', which names the partition key."),
        ("5\n", "a", "{path}:1 has no text in the member 'a', which names the partition key."),
        ("5\n", 5, "partition_key_member must be text, not 5."),
        (None, None, "{path} cannot be read: No such file or directory."),
    ],
)
def test_lines_that_cannot_be_put_are_refused_and_none_is_put(
    kinesis: KinesisFake, tmp_path: Any, lines: Any, member: Any, message: Any
) -> None:
    path = tmp_path / "orders.jsonl"
    if lines is not None:
        path.write_text(lines)
    orders = kinesis.stream("orders")
    with pytest.raises(KinesisFakeError) as caught:
        orders.put_lines(path, partition_key_member=member)
    assert str(caught.value) == message.format(path=path)
    assert orders.records == []


def test_a_stream_may_be_written_as_the_option_streams_has_it() -> None:
    state = {**HEAD, "streams": {"orders": 2, "clicks": "on-demand", "taps": {"stream_mode": "ON_DEMAND"}}}
    with fake_kinesis(state=state) as kinesis:
        client = kinesis.client()
        for name, mode, shards in (("orders", "PROVISIONED", 2), ("clicks", "ON_DEMAND", 4), ("taps", "ON_DEMAND", 4)):
            summary = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
            assert (summary["StreamModeDetails"]["StreamMode"], summary["OpenShardCount"]) == (mode, shards)

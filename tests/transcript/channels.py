"""Channels: making and changing them, and what they deliver to buckets and tables."""

from __future__ import annotations

import zlib
from typing import Any

from kinesis_fake import Fault, Limits
from tests.transcript.writing import OWNER, Transcript, arn, at

FLOW = arn("flow")
#: AWS allows one channel to a bucket and one to a table for each stream.
MANY = Limits(channels_per_destination=9)
ROLE = f"arn:aws:iam::{OWNER}:role/delivery"
BUCKET = {"BucketARN": "arn:aws:s3:::lake", "ExpectedBucketOwner": OWNER}
DEAD_LETTERS = {"BucketARN": "arn:aws:s3:::broken", "ExpectedBucketOwner": OWNER, "ErrorOutputPrefix": "bad/"}
TABLE = {
    "TableBucketARN": f"arn:aws:s3tables:us-east-1:{OWNER}:bucket/tables",
    "Namespace": "sales",
    "TableName": "orders",
    "CompressionType": "ZSTD",
}
SCHEMA = {"RecordFormatType": "GSR_JSON", "GSRSchemaARN": f"arn:aws:glue:us-east-1:{OWNER}:schema/registry/orders"}


def lake(channel_name: str, stream_arn: str = FLOW, record_format: str = "JSON", **more: Any) -> dict[str, Any]:
    """The parameters of a channel to a bucket."""
    records = {"RecordFormatType": record_format}
    return {
        "ChannelName": channel_name,
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": [{"StreamARN": stream_arn, "RecordConfiguration": records}],
        "S3DestinationConfiguration": _to_bucket(),
        **more,
    }


def _to_bucket(freshness: int | None = None, dead_letters: Any = None, **storage: Any) -> dict[str, Any]:
    destination: dict[str, Any] = {"StorageConfiguration": {**BUCKET, "CompressionType": "NONE", **storage}}
    if freshness is not None:
        destination["DataFreshnessInSeconds"] = freshness
    if dead_letters is not None:
        destination["DeadLetterQueueS3Configuration"] = dead_letters
    return destination


def _tables(channel_name: str, freshness: int = 600, records: Any = SCHEMA, **table: Any) -> dict[str, Any]:
    """The parameters of a channel to a table."""
    destination = {
        "DataFreshnessInSeconds": freshness,
        "DeadLetterQueueS3Configuration": DEAD_LETTERS,
        "S3TablesConfigurationList": [{**TABLE, **table}],
    }
    return {
        "ChannelName": channel_name,
        "ServiceExecutionRoleARN": ROLE,
        "StreamConfigurationList": [{"StreamARN": FLOW, "RecordConfiguration": records}],
        "S3TablesDestinationConfiguration": destination,
    }


def script(t: Transcript) -> None:
    with t.fake("the life of a channel", streams={"flow": {}, "free": {}, "orders": 1}, limits=MANY):
        _life(t)
    with t.fake("bad input", streams={"flow": {}, "orders": 1}, limits=Limits(channels=2, channels_per_destination=2)):
        _bad_input(t)
    with t.fake("pages", streams={"flow": {}, "free": {}}, limits=MANY):
        _pages(t)
    with t.fake("delivery to buckets", streams={"flow": {}}, limits=MANY):
        _buckets(t)
    with t.fake("delivery to tables", streams={"flow": {}}):
        _to_tables(t)


def _create(t: Transcript, params: dict[str, Any]) -> Any:
    answer = t.call("CreateChannel", **params)
    return answer["ChannelDescription"]["ChannelARN"] if answer else None


def _life(t: Transcript) -> None:
    channel = _create(t, lake("lake"))
    _create(t, lake("lake"))
    _create(t, _tables("tables", PartitionSpec={"PartitionFields": [{"Transform": "TIME_HOUR", "SourceName": "at"}]}))
    logs = {"CloudWatchLogs": {"Enabled": True, "LogGroupName": "/logs", "LogStreamName": "lake"}}
    encryption = {"EncryptionType": "KMS", "KeyId": "alias/mine"}
    full = lake("full", LoggingConfiguration=logs, EncryptionConfiguration=encryption, Tags={"a": "b"})
    full["S3DestinationConfiguration"] = _to_bucket(
        600, DEAD_LETTERS, OutputKeyTemplate="y=!{yyyy}/", StorageClass="GLACIER_IR"
    )
    _create(t, full)
    t.do("kinesis.pending()")
    t.call("DescribeChannel", ChannelARN=channel)
    t.call("UpdateChannel", ChannelARN=channel, S3DestinationConfiguration={"DataFreshnessInSeconds": 305})
    t.do("kinesis.channel('lake')")
    t.do("kinesis.channel('none')")
    t.do("kinesis.settle()")
    t.call("DescribeChannel", ChannelARN=channel)
    for destination in ("S3DestinationConfiguration", "S3TablesDestinationConfiguration"):
        for seconds in (0, 305):
            t.call("UpdateChannel", ChannelARN=channel, **{destination: {"DataFreshnessInSeconds": seconds}})
    t.call("UpdateChannel", ChannelARN=channel)
    t.call("DescribeChannel", ChannelARN=channel)
    t.do("kinesis.settle()")
    t.call("UpdateChannel", ChannelARN=channel, LoggingConfiguration={"CloudWatchLogs": {"Enabled": True}})
    t.do("kinesis.settle()")
    t.call("DescribeChannel", ChannelARN=channel)
    t.call("ListChannels")
    t.call("DescribeLimits")
    t.call("DeleteStream", StreamName="flow")
    t.call("UpdateStreamMode", StreamARN=FLOW, StreamModeDetails={"StreamMode": "PROVISIONED"})
    t.do("kinesis.channel('tables').fail('The table is gone.')")
    t.do("kinesis.channel('tables').fail('')")
    t.do("kinesis.channel('tables')")
    t.call("ListChannels")
    t.call("DeleteChannel", ChannelARN=channel)
    t.call("DeleteChannel", ChannelARN=channel)
    t.call("DescribeChannel", ChannelARN=channel)
    t.call("UpdateChannel", ChannelARN=channel, S3DestinationConfiguration={"DataFreshnessInSeconds": 305})
    t.do("kinesis.channel('lake').fail('too late')")
    t.do("kinesis.settle()")
    t.call("DescribeChannel", ChannelARN=channel)
    t.do("kinesis.channel(channel)", channel=channel)
    t.call("DeleteChannel", by="READER", ChannelARN=t.kinesis.channel("full").channel_arn)


def _bad_input(t: Transcript) -> None:
    stream = {"StreamARN": FLOW, "RecordConfiguration": {"RecordFormatType": "JSON"}}
    for params in (
        lake(""),
        lake("a b"),
        lake("x" * 129),
        lake("new", arn("none")),
        lake("new", arn("orders")),
        lake("new", arn("flow", "222222222222")),
        lake("new", record_format="XML"),
        lake("new", record_format="GSR_JSON"),
        lake("new", StreamConfigurationList=[]),
        lake("new", StreamConfigurationList=[stream, stream]),
        lake("new", StreamConfigurationList=[{"StreamARN": FLOW}]),
        lake("new", S3DestinationConfiguration=_to_bucket(0)),
        lake("new", S3DestinationConfiguration={}),
        lake("new", S3DestinationConfiguration=_to_bucket(CompressionType="GZIP", OutputKeyTemplate="!{mm}")),
        lake("new", S3DestinationConfiguration=_to_bucket(BucketARN="nonsense")),
        lake("new", S3DestinationConfiguration=_to_bucket(CompressionType="ZIP")),
        lake("new", S3DestinationConfiguration=_to_bucket(ExpectedBucketOwner="me")),
        lake("new", ServiceExecutionRoleARN="nobody"),
        lake("new", Tags={"aws:a": "b"}),
        lake("new", EncryptionConfiguration={"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}),
        lake("new", EncryptionConfiguration={"EncryptionType": "KMS", "KeyId": "no key at all"}),
        lake("new", LoggingConfiguration={}),
        {**lake("new"), **_tables("new")},
        {name: value for name, value in lake("new").items() if name != "S3DestinationConfiguration"},
        _tables("new", records={"RecordFormatType": "STRING"}),
        _tables("new", records={"RecordFormatType": "JSON"}),
        _tables("new", freshness=-1),
        _tables("new", CompressionType="GZIP"),
    ):
        _create(t, params)
    t.call("CreateChannel")
    t.do("kinesis.key('alias/mine').disable()")
    _create(t, lake("new", EncryptionConfiguration={"EncryptionType": "KMS", "KeyId": "alias/mine"}))
    for number in range(3):
        _create(t, lake(f"channel-{number}"))
    none = FLOW.replace("stream/flow", "channel/none")
    for operation in ("DescribeChannel", "DeleteChannel", "UpdateChannel"):
        more = {"S3DestinationConfiguration": {"DataFreshnessInSeconds": 305}} if operation == "UpdateChannel" else {}
        for channel in (none, FLOW, "arn:aws:kinesis:us-east-1:1:channel/lake", ""):
            t.call(operation, ChannelARN=channel, **more)
        t.call(operation, **more)
        t.inject(Fault.throttle(operation))
        t.call(operation, ChannelARN=none, **more)


def _pages(t: Transcript) -> None:
    for number in range(3):
        _create(t, lake(f"channel-{number}", arn("free") if number == 1 else FLOW))
    t.do("kinesis.settle()")
    token = t.call("ListChannels", MaxResults=1)["NextToken"]
    t.call("ListChannels", NextToken=token)
    t.call("ListChannels", StreamFilter=[{"StreamARN": FLOW}])
    late = [{"StreamARN": FLOW, "StreamCreationTimestamp": at("2026-01-02T00:00:00")}]
    t.call("ListChannels", StreamFilter=late)
    t.call("ListChannels", MaxResults=0)
    t.call("ListChannels", NextToken="nonsense")
    t.call("ListQueues", NextToken=token)
    t.do("kinesis.advance(minutes=5, milliseconds=1)")
    t.call("ListChannels", NextToken=token)


def _put(t: Transcript, *data: bytes) -> None:
    for each in data:
        t.do(f"kinesis.stream('flow').put({each!r}, 'a')")
        t.do("kinesis.advance(milliseconds=500)")


def _buckets(t: Transcript) -> None:
    for record_format in ("JSON", "STRING", "BYTE_ARRAY"):
        params = lake(record_format, record_format=record_format)
        params["S3DestinationConfiguration"] = _to_bucket(
            310, None if record_format == "STRING" else DEAD_LETTERS, OutputKeyTemplate="!{dd}/!{channel-name}/!{HH}"
        )
        _create(t, params)
    channel = _create(t, lake("slow", S3DestinationConfiguration=_to_bucket(900)))
    _put(t, b'{"too": "early"}')
    t.do("kinesis.settle()")
    _put(t, b'{"a": 1}', b"[1, 2]", b"no JSON", b"NaN", b"\xff\xfe", b"")
    t.do("kinesis.channel('JSON').delivered")
    t.do("kinesis.travel_to('2026-01-01T00:05:29.999Z')")
    t.do("kinesis.channel('JSON')")
    t.do("kinesis.advance(milliseconds=1)")
    for record_format in ("JSON", "STRING", "BYTE_ARRAY", "slow"):
        t.do(f"kinesis.channel('{record_format}')")
    _put(t, b'{"b": 2}')
    t.call("UpdateChannel", ChannelARN=channel, S3DestinationConfiguration={"DataFreshnessInSeconds": 300})
    t.do("kinesis.settle()")
    t.do("kinesis.channel('slow')")
    t.do("kinesis.channel('STRING').fail('The bucket is gone.')")
    t.do("kinesis.advance(seconds=330)")
    for name in ("JSON", "STRING", "slow"):
        t.do(f"kinesis.channel('{name}')")
    t.do("kinesis.stream('flow').split('shardId-000000000000')")
    _put(t, b'{"c": 3}')
    snapshot = t.do("kinesis.snapshot()")
    view = t.do("kinesis.channel('JSON')")
    t.do("kinesis.advance(seconds=330)")
    t.do("view.delivered", view=view)
    t.do("kinesis.restore(snapshot)", snapshot=snapshot)
    t.do("kinesis.channel('JSON').delivered")
    t.do("view.fail('too late')", view=view)
    t.call("DeleteChannel", ChannelARN=channel)
    t.do("kinesis.channel('slow')")


def _to_tables(t: Transcript) -> None:
    _create(t, _tables("tables", 305))
    t.do("kinesis.settle()")
    header = b"\x03\x00" + b"s" * 16
    packed = b"\x03\x05" + b"s" * 16 + zlib.compress(b'{"b": 2}', 0)
    _put(t, header + b'{"a": 1}', packed, header + b"[1]", b"short", header + b"no JSON", b"\x03\x05" + b"s" * 17)
    t.do("kinesis.advance(seconds=305)")
    t.do("kinesis.channel('tables')")

"""Inputs of operations, drawn by Hypothesis from the botocore model: valid ones, slightly wrong ones, and worse."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
#: Values that mean something in the world at hand, by the name of a member.
Known = Mapping[str, list[Any]]

_ZONES = [None, timezone.utc, timezone(timedelta(hours=14)), timezone(-timedelta(hours=23, minutes=59, seconds=59))]

_WILD_TEXTS = st.one_of(
    st.text(max_size=6),  # any character but surrogates
    st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2),
    st.sampled_from(
        [
            "",
            "\0",
            " ",
            "\n",
            '"',
            "\\",
            "{}",
            "${jndi}",
            "٣",  # a digit, but not one of ASCII
            "é" * 128,
            "\N{PILE OF POO}" * 257,
            "a" * 129,
            "a" * 2049,
            "a" * 100_000,
            "0",
            "-0",
            "00",
            "9" * 39,
            "9" * 200,
            "9" * 5000,
            "1e3",
            "shardId-000000000000",
            "shardId-٣",
            "shardId-999999999999",
            "-1",
            "arn",
            "arn:",
            "arn:aws:kinesis:::",
            "arn:aws:kinesis::123456789012:stream/orders",
            "arn:aws:kinesis:us-east-1::stream/orders",
            "arn:aws:kinesis:us-east-1:123456789012:stream/",
            "arn:aws:kinesis:us-east-1:123456789012:stream/orders/consumer/",
            "arn:aws:kinesis:us-east-1:123456789012:stream/orders/consumer/billing:",
            "arn:aws:kinesis:us-east-1:123456789012:stream/orders/consumer/billing:" + "9" * 40,
            "arn:aws:kinesis:us-east-1:12345678901٣:stream/orders",
            "arn:aws:kinesis:us-east-1:123456789012:stream/orders\n",
            "arn:aws:kinesis:us-east-1:999999999999:stream/orders",
            "arn:aws-cn:kinesis:us-east-1:123456789012:stream/orders",
            "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
            "arn:aws:kinesis:us-east-1:123456789012:queue/",
            "arn:aws:kinesis:us-east-1:123456789012:channel/x",
            "alias/",
            "alias/aws/kinesis",
            '{"Statement": []}',
            '{"Statement": {"Effect": "Allow"}}',
            "[" * 100_000,
            "null",
            "AAAAAAAAAAE=",
        ]
    ),
)
_WILD_NUMBERS = st.one_of(
    st.integers(),
    st.sampled_from([0, -1, True, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**5000]),
)
_WILD_TIMES = st.one_of(
    st.datetimes(timezones=st.sampled_from(_ZONES)),
    st.sampled_from(
        [
            datetime.min,  # noqa: DTZ901
            datetime.max,  # noqa: DTZ901
            datetime.min.replace(tzinfo=timezone.utc),
            datetime.max.replace(tzinfo=timezone.utc),
            datetime.min.replace(tzinfo=_ZONES[2]),
            datetime.max.replace(tzinfo=_ZONES[3]),
            datetime(1970, 1, 1),  # noqa: DTZ001
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc),
            0,
            -1,
            1e-9,
            1e10,
            2**31,
            2**63,
            10**30,
            1e308,
            float("nan"),
            float("inf"),
            -float("inf"),
            "2026-01-01",
            "2026-01-01T00:00:00Z",
            "1767225600",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59.999999-14:00",
            "",
            "now",
        ]
    ),
)


def _blobs() -> st.SearchStrategy[Any]:
    data = st.one_of(st.binary(max_size=5), st.sampled_from([b"", bytes(1024 * 1024), bytes(1024 * 1024 + 1)]))
    return st.one_of(
        data,
        data.map(bytearray),
        data.map(io.BytesIO),
        _WILD_TEXTS,
        st.text(max_size=4).map(io.StringIO),
    )


_WILD: dict[str, st.SearchStrategy[Any]] = {
    "string": _WILD_TEXTS,
    "integer": _WILD_NUMBERS,
    "long": _WILD_NUMBERS,
    "boolean": st.booleans(),
    "blob": _blobs(),
    "timestamp": _WILD_TIMES,
}
_WRONG = [None, 0, 1.5, float("nan"), True, "", "x", b"x", [], [None], {}, {"": None}, (1,), {1: 2}]

_CHARACTERS = "abcXYZ019_.-"


def _fitting(shape: Shape, chance: Random) -> Any:
    """A scalar that the model allows, or the one next to the last that it allows."""
    if shape.type_name == "boolean":
        return chance.random() < 0.5
    if shape.type_name in ("integer", "long"):
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 10_000)
        inside = [number for number in (least, least + 1, 1, 2, 3, 20, 2048, most) if least <= number <= most]
        return chance.choice([*inside, *inside, least - 1, most + 1])
    if shape.type_name == "timestamp":
        midnight = datetime(2026, 1, 1, tzinfo=timezone.utc)
        return chance.choice([midnight + timedelta(seconds=each) for each in (-90_000, 0, 1, 20, 60, 90_000)])
    if shape.type_name == "blob":
        return chance.choice([b"data", b"", b"data", bytes(1024 * 1024 - 3), bytes(1024 * 1024 + 1)])
    enum = getattr(shape, "enum", None)
    if enum:
        return chance.choice([*enum, *enum, *enum, "OTHER"])
    return "".join(chance.choices(_CHARACTERS, k=chance.randint(1, 3)))


class Inputs:
    """Draws the input of one call.

    What is chosen is left to ``chance``, which is even where Hypothesis is not, and quick; wild values are drawn by
    Hypothesis, which can make them simpler. ``wildness`` is the share of values, in percent, that take no notice of
    the model but in their type; with ``wrong`` some take not even that.
    """

    def __init__(
        self, chance: Random, known: Known, *, draw: Draw | None = None, wildness: int = 0, wrong: bool = False
    ) -> None:
        self._chance = chance
        self._known = known
        self._draw = draw
        self._wildness = wildness
        self._wrong = wrong

    def of(self, shape: StructureShape | None) -> dict[str, Any]:
        """All parameters of a call."""
        return {} if shape is None else self._structure(shape)

    def spoil(self, shape: StructureShape, params: dict[str, Any]) -> dict[str, Any]:
        """Parameters with one member, at any depth, replaced or added."""
        spoilt = dict(params)
        name = self._chance.choice([*shape.members, *params])
        member: Any = shape.members[name]
        value = params.get(name)
        if member.type_name == "structure" and isinstance(value, dict) and value:
            spoilt[name] = self.spoil(member, value)
        elif member.type_name == "list" and member.member.type_name == "structure" and value:
            spoilt[name] = [self.spoil(member.member, value[0]), *value[1:]]
        else:
            spoilt[name] = self._value(member, name)
        return spoilt

    def _percent(self) -> int:
        return self._chance.randrange(100)

    def _structure(self, shape: StructureShape) -> dict[str, Any]:
        likely = {*shape.required_members, "PartitionKey"}
        if {"StreamName", "StreamARN"} <= shape.members.keys():
            likely.add(self._chance.choice(["StreamName", "StreamARN"]))
        chosen = {}
        for name, member in shape.members.items():
            unlikely = name in ("StreamName", "StreamARN", "ConsumerARN", "DryRun", "NextToken", "ExplicitHashKey")
            if self._percent() < (97 if name in likely else 5 if unlikely else 25):
                chosen[name] = self._value(member, name)
        return chosen

    def _value(self, shape: Any, name: str) -> Any:
        percent = self._percent()
        if self._wrong and percent < 5:
            return self._chance.choice(_WRONG)
        if shape.type_name == "structure":
            return self._structure(shape)
        if shape.type_name == "list":
            return self._list(shape, name, percent)
        if shape.type_name == "map":
            keys = [self._value(shape.key, name) for _ in range(self._chance.randint(0, 3))]
            if percent < self._wildness // 4:
                keys = [f"key-{number}" for number in range(self._chance.choice([50, 51, 200, 201]))]
            return {key: self._value(shape.value, name) for key in keys if _is_hashable(key)}
        if percent < self._wildness and self._draw is not None:
            return self._draw(_WILD[shape.type_name])
        if name in self._known and percent < 95:
            return self._chance.choice(self._known[name])
        return _fitting(shape, self._chance)

    def _list(self, shape: ListShape, name: str, percent: int) -> list[Any]:
        length = self._chance.choice([1, 1, 1, 1, 1, 2, 3, 0])
        items = [self._value(shape.member, name) for _ in range(length)]
        if percent < self._wildness // 4 and items:
            most = min(shape.metadata.get("max", 10), 600)
            item = {**items[0], "Data": b"x"} if isinstance(items[0], dict) and "Data" in items[0] else items[0]
            items = [item] * self._chance.choice([most, most + 1])
        return items


def _is_hashable(key: Any) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


# --- what is known of a world -------------------------------------------------------------------------------------

_STREAMS = ["calm", "orders", "resharded", "on-demand", "flow", "secret"]
_STREAM_ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/"
_POLICY = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kinesis:*", "Resource": "*"%s}}'
#: Members of requests that take what members of answers, by another name, have given.
_ALSO = {
    "NextShardIterator": ["ShardIterator"],
    "SequenceNumber": ["StartingSequenceNumber", "SequenceNumberForOrdering"],
    "StartingSequenceNumber": ["SequenceNumber"],
    "QueueARN": ["ResourceARN"],
    "ChannelARN": ["ResourceARN"],
    "ConsumerARN": ["ResourceARN"],
    "ShardId": ["ShardToSplit", "ShardToMerge", "AdjacentShardToMerge", "ExclusiveStartShardId"],
}
_REMEMBERED = {*_ALSO, "NextToken", "ShardIterator", "ReceiptHandle"}


class Knowledge:
    """Values for members by their names: what is there from the beginning, and what answers have brought.

    ``made`` holds the answers and the ARNs of a account.
    """

    def __init__(self, made: Mapping[str, Any]) -> None:
        names = [*_STREAMS, *_STREAMS, *_STREAMS, "creating", "updating", "deleting", "new", "nowhere"]
        shards = [f"shardId-{index:012d}" for index in (0, 0, 1, 1, 2, 3, 9)]
        arns = [_STREAM_ARN + name for name in names]
        billing = f"{_STREAM_ARN}orders/consumer/billing:1767225600"
        queues = [made[name] for name in ("jobs", "vault") if name in made] or [_STREAM_ARN.replace("stream", "queue")]
        channels = [made["lake"]] if "lake" in made else [_STREAM_ARN.replace("stream", "channel")]
        self.values: dict[str, list[Any]] = {
            "StreamName": names,
            "StreamARN": arns,
            "ExclusiveStartStreamName": names,
            "ResourceARN": [*arns, billing, *queues, *channels],
            "ConsumerARN": [billing, billing.replace("billing", "nobody")],
            "ConsumerName": ["billing", "audit", "new"],
            "QueueARN": queues,
            "QueueName": ["jobs", "new", "other"],
            "ChannelARN": channels,
            "ChannelName": ["lake", "new", "other"],
            "KeyId": ["alias/mine", "alias/mine", "alias/aws/kinesis", "mine"],
            "PartitionKey": ["key", "key-1", "ü"],
            "ShardLevelMetrics": ["ALL", "IncomingBytes", "OTHER"],
            "EncryptionType": ["KMS", "KMS", "KMS", "NONE"],
            "ExplicitHashKey": ["0", str(2**127), str(2**128 - 1), str(2**128)],
            "NewStartingHashKey": ["2", "1000", str(2**127 + 1000), str(2**128)],
            "RetentionPeriodHours": [24, 25, 48, 8760, 8761],
            "TargetShardCount": [1, 2, 3, 4, 100],
            "ShardCount": [1, 3, 100_000],
            "Policy": [_POLICY % "", _POLICY % ', "Condition": {"Bool": {"aws:SecureTransport": "true"}}', "{}", "no"],
            "Tags": ["team", "team", "team", "aws:team", "100%", "?"],
            "TagKeys": ["team", "team", "100%", "?"],
            "ReceiptHandle": ["nonsense"],
            "NextToken": ["nonsense"],
            "ShardIterator": ["nonsense"],
            "StartingSequenceNumber": ["0", "1", "9" * 56],
            "SequenceNumberForOrdering": ["0", "1", "9" * 56],
            "SequenceNumber": ["0", "1", "9" * 56],
            "ServiceExecutionRoleARN": ["arn:aws:iam::123456789012:role/delivery"],
            "BucketARN": ["arn:aws:s3:::lake"],
            "ExpectedBucketOwner": ["123456789012"],
            "TableBucketARN": ["arn:aws:s3tables:us-east-1:123456789012:bucket/tables"],
            "GSRSchemaARN": ["arn:aws:glue:us-east-1:123456789012:schema/registry/orders"],
            "MaxReceiveCount": [1, 2],
            "VisibilityTimeoutSeconds": [0, 1, 30, 43_200, 43_201],
        }
        for name in ("ShardId", *_ALSO["ShardId"]):
            self.values[name] = list(shards)
        for answer in made.values():
            if isinstance(answer, Mapping):
                self.learn(answer)

    def learn(self, answer: Mapping[str, Any]) -> None:
        """Remember what an answer holds that other calls may use."""
        for name, value in answer.items():
            if name in _REMEMBERED and isinstance(value, str):
                for member in {name, *_ALSO.get(name, ())} & self.values.keys():
                    # The newest is the likeliest to be of use.
                    self.values[member].extend([value] * (1 + min(len(self.values[member]), 40) // 4))
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    self.learn(item)

"""What people look for on a fake and find elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from inspect import signature

from kinesis_fake.operations.registry import OPERATIONS

#: What a test writes on the fake in the place of an operation of the API.
_OWN_WAYS = {
    "PutRecord": "kinesis.stream(...).put(...)",
    "PutRecords": "kinesis.stream(...).put_many(...)",
    "GetRecords": "kinesis.stream(...).records",
    "ListStreams": "kinesis.streams",
    "ListShards": "kinesis.stream(...).shards",
    "DescribeStream": "kinesis.stream(...)",
    "DescribeStreamSummary": "kinesis.stream(...)",
    "SplitShard": "kinesis.stream(...).split(...)",
    "MergeShards": "kinesis.stream(...).merge(...)",
}


def no_attribute(name: str, known: Iterable[str]) -> str:
    """What to say about an attribute that a fake does not have."""
    by_method = {operation.replace("_", "").lower(): operation for operation in OPERATIONS}
    operation = by_method.get(name.replace("_", "").lower()) if not name.startswith("_") else None
    if operation is None:
        close = get_close_matches(name, [each for each in known if not each.startswith("_")], 1)
        return f"'KinesisFake' object has no attribute {name!r}{f'; do you mean {close[0]!r}?' if close else ''}"
    method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
    own = f", or {_OWN_WAYS[operation]} in the test itself" if operation in _OWN_WAYS else ""
    return (
        f"The fake itself has no {name}(): {operation} is called on a client, as in kinesis.client().{method}(...) or "
        f"boto3.client('kinesis').{method}(...){own}."
    )


def instead_of_assigning(name: str, fake: type) -> str:
    """What to do where a test assigns an attribute of the fake."""
    options = tuple(signature(fake).parameters)
    if name in options:
        return f"it is an option, which the fake is given when it is made, as in fake_kinesis({name}=...)"
    return f"the fake is changed with its methods, and with options when it is made, which are {', '.join(options)}"

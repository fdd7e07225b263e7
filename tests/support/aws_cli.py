"""The result of a command of the AWS CLI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

START = "2026-01-01T00:00:00Z"
STARTED_AT = 1767225600.0
ACCOUNT = "123456789012"
ARN = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/orders"
MIDDLE = 2**127


class Finished(NamedTuple):
    """The result of a command."""

    exit_code: int
    out: str
    err: str


Run = Callable[..., Finished]
Aws = Callable[..., Any]

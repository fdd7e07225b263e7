"""What a client gets as an answer: an HTTP response, and the values that botocore's parser would read from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import create_parser

from kinesis_fake.errors import AwsError
from kinesis_fake.faults.lost_answers import LostAnswer
from kinesis_fake.virtual_time.clock import datetime_of

Answer = tuple["HttpResponse", dict[str, Any]]


class HttpResponse:
    """The part of an HTTP response that botocore and its event handlers look at."""

    __slots__ = ("content", "headers", "raw", "status_code", "url")

    def __init__(self, url: str, status_code: int, headers: dict[str, str], content: bytes = b"") -> None:
        self.url: str = url
        self.status_code: int = status_code
        self.headers: dict[str, str] = headers
        self.content: bytes = content
        self.raw: None = None

    @property
    def text(self) -> str:
        return self.content.decode()


class Headers:
    """The headers of one fake's answers. Their request ids are the same whenever the same script runs.

    ``digits`` are 32 hexadecimal digits, which tell this fake from others.
    """

    def __init__(self, digits: str) -> None:
        # All ids begin like this; the number of the answer, twelve digits, follows.
        self._request_id = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-"
        self._id_2 = (digits * 3)[:-12]  # AWS's is 72 bytes in base64, whose digits include the hexadecimal ones
        self._answers = 0
        self._date = (-1, "")

    def next(self, now: int) -> dict[str, str]:
        """The headers of the next answer."""
        self._answers += 1
        number = f"{self._answers:012x}"
        second = now // 1000
        if self._date[0] != second:
            self._date = second, f"{datetime_of(second * 1000):%a, %d %b %Y %H:%M:%S GMT}"
        return {
            "x-amzn-requestid": self._request_id + number,
            "x-amz-id-2": self._id_2 + number,
            "date": self._date[1],
            "content-type": "application/x-amz-json-1.1",
        }


def success(url: str, headers: dict[str, str], parsed: dict[str, Any]) -> Answer:
    """An answer made of Python values: no body is encoded, and none is parsed."""
    if not parsed:  # the length of other answers is unknown, because they are never encoded
        headers["content-length"] = "0"
    parsed["ResponseMetadata"] = {
        "RequestId": headers["x-amzn-requestid"],
        "HTTPStatusCode": 200,
        "HTTPHeaders": headers,
        "RetryAttempts": 0,
    }
    return HttpResponse(url, 200, headers), parsed


def refusal(url: str, headers: dict[str, str], error: AwsError, operation_model: Any) -> Answer:
    """An error of AWS, parsed by botocore's own parser, modelled members included."""
    body = json.dumps(error.body()).encode()
    headers["content-length"] = str(len(body))
    parsed = parsed_response(error.http_status, headers, body, operation_model)
    return HttpResponse(url, error.http_status, headers, body), parsed


def parsed_response(status_code: int, headers: dict[str, str], body: bytes, operation_model: Any) -> dict[str, Any]:
    """What botocore's parser makes of a response, with the modelled members of an error."""
    response = {"status_code": status_code, "headers": headers, "body": body}
    parser = create_parser("json")
    parsed: dict[str, Any] = parser.parse(response, operation_model.output_shape)
    if status_code >= 300:
        shape = operation_model.service_model.shape_for_error_code(parsed["Error"]["Code"])
        if shape is not None:
            parsed.update(parser.parse(response, shape))
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return parsed


def lost(lost_answer: LostAnswer, url: str) -> BotoCoreError:
    """The exception that botocore raises when an answer does not come."""
    if lost_answer.kind == "read_timeout":
        return ReadTimeoutError(endpoint_url=url)
    if lost_answer.applied:
        return ConnectionClosedError(endpoint_url=url)
    return EndpointConnectionError(endpoint_url=url, error="injected by kinesis_fake")


# --- clients of an older model --------------------------------------------------------------------------------------

#: Structures whose members are the same in every supported release: of these an answer may hold thousands.
_UNCHANGED = frozenset({"PutRecordsResultEntry", "Record"})


def pruner(shape: Any) -> Callable[[Any], Any] | None:
    """A function that removes from a value the members that this shape does not have; None if it has no members."""
    if shape is None or shape.name in _UNCHANGED:
        return None
    if shape.type_name == "list" and (prune_item := pruner(shape.member)) is not None:
        return lambda values: list(map(prune_item, values))
    if shape.type_name != "structure":
        return None
    names = shape.members.keys()
    nested = [(name, prune) for name in names if (prune := pruner(shape.members[name])) is not None]

    def prune_structure(structure: Any) -> Any:
        if type(structure) is not dict:  # an event stream: the client's own class parses its events
            return structure
        if not structure.keys() <= names:
            structure = {name: value for name, value in structure.items() if name in names}
        for name, prune in nested:
            if name in structure:
                structure = {**structure, name: prune(structure[name])}
        return structure

    return prune_structure

"""Writing down what a fake does: each step with its input, the whole outcome and the virtual time after it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kinesis_fake import Fault, KinesisFake, KinesisFakeError, PendingViews, Records, fake_kinesis

START = "2026-01-01T00:00:00Z"
OWNER, READER = "123456789012", "222222222222"
ROLE = "arn:aws:iam::333333333333:role/etl"
#: Who calls, by the access key of the client.
ACCOUNTS = {"READER": READER, "ROLE": ROLE}
SHARD = "shardId-000000000000"

_WIDTH = 118
_LONGEST_LIST = 24
_LONGEST_BYTES = 64
_LONGEST_WORD = 130
#: What newer releases of botocore see in the answers to operations that the oldest supported one has, too.
_YOUNGER_MEMBERS = {
    "ChannelCount",
    "ChannelCountLimit",
    "MaxRecordSizeInKiB",
    "QueueCount",
    "RecordDistributionStrategy",
    "WarmThroughput",
}
#: Properties that tell in another form what others tell; no script here puts an aggregate.
_REPETITIONS = {"user_records"}
#: Exceptions that the oldest supported one does not know by their class.
_YOUNGER_EXCEPTIONS = {"ThrottlingException"}


def arn(stream_name: str, account_id: str = OWNER, region_name: str = "us-east-1") -> str:
    """The ARN of a stream."""
    return f"arn:aws:kinesis:{region_name}:{account_id}:stream/{stream_name}"


def at(text: str) -> datetime:
    """An instant, from ISO 8601 without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


class Transcript:
    """The text of one family of operations, which grows with every step.

    ``shows_all`` says whether it keeps the members and the exceptions that the oldest supported botocore does not have.
    """

    def __init__(self, *, shows_all: bool = False) -> None:
        self._shows_all = shows_all
        self._lines: list[str] = []
        self._kinesis: KinesisFake | None = None
        self._clients: dict[str, Any] = {}
        self.steps = 0

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    # --- fakes and clients ------------------------------------------------------------------------------------

    @contextmanager
    def fake(self, title: str, **options: Any) -> Generator[KinesisFake]:
        """A fake of its own for the steps of the block."""
        self._lines += ["", f"=== {title}", ""] if self._lines else [f"=== {title}", ""]
        before = self._kinesis, self._clients
        with fake_kinesis(**{"start": START, "autojump": False, "accounts": ACCOUNTS, **options}) as kinesis:
            self._kinesis, self._clients = kinesis, {}
            yield kinesis
            self.checkpoint()
        self._kinesis, self._clients = before

    @property
    def kinesis(self) -> KinesisFake:
        """The fake of the running block."""
        assert self._kinesis is not None
        return self._kinesis

    def client(self, by: str = "OWNER", *, mode: str = "standard", attempts: int = 1, **more: Any) -> Any:
        """A client that does not validate its parameters and does not retry, unless something else is said.

        The same words mean the same client.
        """
        key = repr((by, mode, attempts, sorted(more.items())))
        if key not in self._clients:
            retries = {"mode": mode, "total_max_attempts": attempts}
            region_name = more.pop("region_name", None)
            settings: dict[str, Any] = {"parameter_validation": False, "retries": retries, **more}
            self._clients[key] = self.kinesis.client(
                region_name=region_name,
                aws_access_key_id=by,
                aws_secret_access_key="none",
                config=Config(**settings),
            )
        return self._clients[key]

    # --- steps of clients -------------------------------------------------------------------------------------

    def call(self, operation: str, /, *, by: str | Mapping[str, Any] = "OWNER", **params: Any) -> Any:
        """One call; returns its answer, or nothing if it fails. ``by`` is an access key or what a client is made of."""
        client = self.client(by) if isinstance(by, str) else self.client(**by)
        told = "" if by == "OWNER" else f" by {by if isinstance(by, str) else text_of(dict(by))}"
        method = getattr(client, xform_name(operation))
        return self._step(f"{operation}{told} {text_of(params)}", lambda: method(**params))

    def wait(self, waiter_name: str, /, **params: Any) -> None:
        """One SDK waiter."""
        waiter = self.client().get_waiter(waiter_name)
        self._step(f"waiter {waiter_name} {text_of(params)}", lambda: waiter.wait(**params))

    def pages(self, operation: str, /, **params: Any) -> None:
        """All pages of a paginator."""
        paginator = self.client().get_paginator(xform_name(operation))
        self._step(f"all pages of {operation} {text_of(params)}", lambda: list(paginator.paginate(**params)))

    def iterator(self, stream_name: str, iterator_type: str = "TRIM_HORIZON", shard: str = SHARD, **more: Any) -> str:
        """An iterator, whose making is a step of its own; an empty text if it was refused."""
        params = {"StreamName": stream_name, "ShardId": shard, "ShardIteratorType": iterator_type, **more}
        answer = self.call("GetShardIterator", **params)
        return str(answer["ShardIterator"]) if answer else ""

    def read(self, iterator: str, **more: Any) -> Any:
        """GetRecords, told without the iterator, which an earlier step has shown."""
        method = self.client().get_records
        return self._step(f"GetRecords {text_of(more)}", lambda: method(ShardIterator=iterator, **more))

    def events(self, answer: Any, most: int) -> None:
        """Take some events from the event stream of an answer, each a step; nothing if there is no answer."""
        if not answer:
            return
        events: Iterator[Any] = iter(answer["EventStream"])
        for _ in range(most):
            if self._step("next event", lambda: next(events, None)) is None:
                break

    # --- steps of the test itself -----------------------------------------------------------------------------

    def do(self, source: str, /, **names: Any) -> Any:
        """Evaluate an expression, as doctest does, so that the transcript shows what was asked.

        It sees the fake as ``kinesis``, and the names that are given.
        """
        scope = {"kinesis": self.kinesis, **names}
        return self._step(f"> {source}", lambda: eval(source, scope))

    def inject(self, fault: Fault) -> Any:
        """Put a fault in force."""
        return self._step(f"inject {fault!r}", lambda: self.kinesis.inject(fault))

    def attempt(self, title: str, action: Callable[[], Any]) -> Any:
        """Something that is no expression."""
        return self._step(f"> {title}", action)

    def checkpoint(self) -> None:
        """Write down the fake's own report: pending entries, its summary and the calls."""
        kinesis = self.kinesis
        for title, value in (
            ("pending()", kinesis.pending()),
            ("summary()", kinesis.summary(last_calls=5)),
            ("calls", kinesis.calls),
        ):
            self._lines += [f"--- {title}", *(f"    {line}" for line in str(value).splitlines())]
        self._lines.append("")

    # --- writing ----------------------------------------------------------------------------------------------

    def _step(self, title: str, action: Callable[[], Any]) -> Any:
        self.steps += 1
        self._lines += title.splitlines()
        value = None
        try:
            value = action()
        except (ClientError, BotoCoreError, KinesisFakeError) as error:
            name = type(error).__name__
            is_told = self._shows_all or name not in _YOUNGER_EXCEPTIONS
            self._lines += _outcome_of(error, name if is_told else "ClientError")
        else:
            self._lines += self._told(value)
        self._lines += [f"  @ {instant(self.kinesis.now)}", ""]
        return value

    def _told(self, value: Any) -> list[str]:
        if isinstance(value, Mapping) and "ResponseMetadata" in value:
            metadata = value["ResponseMetadata"]
            members = {name: item for name, item in value.items() if name not in ("ResponseMetadata", "EventStream")}
            return [*_indented(_status_of(metadata) + " " + text_of(self._pruned(members)), "  = ")]
        if isinstance(value, list) and value and isinstance(value[0], Mapping):  # pages
            return [line for page in value for line in self._told(page)]
        is_page = isinstance(value, str) and "\n" in value
        return _indented(value if is_page else text_of(value), "  = ")

    def _pruned(self, value: Any) -> Any:
        if self._shows_all:
            return value
        if isinstance(value, Mapping):
            return {name: self._pruned(item) for name, item in value.items() if name not in _YOUNGER_MEMBERS}
        return value


def _status_of(metadata: Mapping[str, Any]) -> str:
    retries = metadata["RetryAttempts"]
    return str(metadata["HTTPStatusCode"]) + (f" after {retries} retries" if retries else "")


def _outcome_of(error: Exception, class_name: str) -> list[str]:
    """The class, the status and the text of an error, and what its answer holds that the text does not tell."""
    text = str(error)
    response = getattr(error, "response", None) or {}
    status = f" {_status_of(response['ResponseMetadata'])}" if "ResponseMetadata" in response else ""
    rest = {name: item for name, item in response.items() if name not in ("Error", "ResponseMetadata")}
    told = response.get("Error", {})
    if not text.startswith(f"An error occurred ({told.get('Code')}) ") or not text.endswith(f": {told.get('Message')}"):
        rest["Error"] = told
    elif set(told) != {"Code", "Message"}:
        rest["Error"] = {name: item for name, item in told.items() if name not in ("Code", "Message")}
    if rest.get("message") == told.get("Message"):
        rest.pop("message", None)
    lines = _indented(f"{class_name}{status}: {text}", "  ! ")
    return lines + (_indented(text_of(rest), "  ! ") if response and rest else [])


def _indented(text: str, mark: str) -> list[str]:
    return [f"{mark}{line}" for line in text.splitlines()] or [mark.rstrip()]


# --- values as text -----------------------------------------------------------------------------------------------


def instant(moment: datetime) -> str:
    """An instant in UTC, whatever zone it has."""
    utc = moment.astimezone(timezone.utc)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}Z"


def text_of(value: Any, indent: int = 0) -> str:
    """A value in an order of its own, on one line if it fits; what is long is told by its size and a digest."""
    return _wrapped(value, indent, is_nested=False)


def _wrapped(value: Any, indent: int, *, is_nested: bool) -> str:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, bytes):
        return repr(value) if len(value) <= _LONGEST_BYTES else f"<{len(value)} bytes, {_digest(value)}>"
    if isinstance(value, str) and len(value) > _LONGEST_WORD and " " not in value:  # such as a token
        return f"{value[:24]!r}... <{len(value)} characters, {_digest(value.encode())}>"
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, Mapping):
        items = [(f"{name}: ", value[name]) for name in sorted(value)]
        return _listed("{", items, "}", indent)
    if isinstance(value, (list, tuple, Records, PendingViews)):
        if len(value) > _LONGEST_LIST:
            whole = "\n".join(_wrapped(item, 0, is_nested=True) for item in value)
            return f"<{len(value)} items, {_digest(whole.encode())}>"
        return _listed("[", [("", item) for item in value], "]", indent)
    if dataclasses.is_dataclass(value) and not isinstance(value, type) and not hasattr(value, "strikes"):
        fields = [field.name for field in dataclasses.fields(value) if not field.name.startswith("_")]
        return _listed("{", [(f"{name}: ", getattr(value, name)) for name in fields], "}", indent)
    if hasattr(value, "strikes"):
        return f"<injection of {value.fault!r}, {value.strikes} strikes>"
    names = _public_properties(value)
    if is_nested or not names:
        return repr(value)
    return _listed(f"{value!r} {{", [(f"{name}: ", getattr(value, name)) for name in names], "}", indent)


def _listed(opening: str, items: list[tuple[str, Any]], closing: str, indent: int) -> str:
    texts = [label + _wrapped(item, indent + 2, is_nested=True) for label, item in items]
    short = f"{opening}{', '.join(texts)}{closing}"
    if "\n" not in short and len(short) + indent <= _WIDTH:
        return short
    space = " " * (indent + 2)
    return "\n".join([opening, *(f"{space}{text}," for text in texts), " " * indent + closing])


def _public_properties(value: Any) -> list[str]:
    kind = type(value)
    names = [name for name in sorted(dir(kind)) if name[0] != "_" and isinstance(getattr(kind, name), property)]
    return [name for name in names if name not in _REPETITIONS]


def _digest(data: bytes) -> str:
    return f"sha256 {hashlib.sha256(data).hexdigest()[:16]}"

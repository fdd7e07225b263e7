"""The door into one fake: it answers the calls of clients as AWS would have, with the client's own retries."""

from __future__ import annotations

import inspect
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import GeneratorType
from typing import Any, NamedTuple

import botocore
from botocore.exceptions import BotoCoreError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import create_parser

import kinesis_fake.operations  # noqa: F401  (fills the table of operations)
from kinesis_fake.botocore_hook.event_streams import event_stream
from kinesis_fake.botocore_hook.retries import Attempt, Lost, OngoingCall, drawing_from
from kinesis_fake.botocore_hook.sdk_waiters import RUNNING_WAITER
from kinesis_fake.botocore_hook.validation import OperationValidator, compile_operation
from kinesis_fake.calls import CallLog
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.fault import LostAnswer
from kinesis_fake.faults.in_force import AnswerLost
from kinesis_fake.misuse import KinesisFakeError, NotModelledError
from kinesis_fake.operations.registry import OPERATIONS, WRITTEN_FOR, Operation
from kinesis_fake.service import Service
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.virtual_time.timeline import Pause

#: The key under which a call's own parameters travel in its request context.
PARAMS = "kinesis_fake.params"
#: The key under which the :class:`Caller` travels there, if the fake tells accounts apart.
_CALLER = "kinesis_fake.caller"
#: The key under which the body that was made of them travels there.
BODY = "kinesis_fake.body"
#: The operations whose body is costly to decode again; the bytes are taken from the call's own parameters.
DIRECT = ("PutRecord", "PutRecords")

Answer = tuple["HttpResponse", dict[str, Any]]


class HttpResponse:
    """The part of an HTTP response that botocore and its event handlers look at."""

    __slots__ = ("content", "headers", "raw", "status_code", "url")

    def __init__(self, url: str, status_code: int, headers: dict[str, str], content: bytes = b"") -> None:
        self.url = url
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.raw = None

    @property
    def text(self) -> str:
        return self.content.decode()


class _Compiled:
    """What is worked out once per operation of a client's model."""

    __slots__ = ("is_direct", "large", "operation", "prune", "validator")

    def __init__(self, operation_model: Any) -> None:
        operation = OPERATIONS.get(operation_model.name)
        if operation is None:
            raise NotModelledError(
                f"kinesis_fake does not model the operation {operation_model.name} of the installed botocore "
                f"{botocore.__version__}. See docs/fidelity.md; nothing was sent to AWS."
            )
        self.operation: Operation = operation
        self.validator: OperationValidator = compile_operation(operation_model)
        self.is_direct = operation.name in DIRECT
        members = operation_model.input_shape.members if operation_model.input_shape is not None else {}
        #: The members of the input that are blobs or lists.
        self.large = tuple(name for name, shape in members.items() if shape.type_name in ("blob", "list"))
        version = tuple(int(part) for part in botocore.__version__.split(".")[:3] if part.isdigit())
        foreign = not type(operation_model).__module__.startswith("botocore.")
        #: What leaves out of an answer what a client of this model does not see; None if it sees everything.
        self.prune = _pruner(operation_model.output_shape) if foreign or version < WRITTEN_FOR else None


class Caller(NamedTuple):
    """Whom an access key belongs to: an account, or a user or role of it that policies can name by its ARN."""

    account_id: str
    arn: str | None


class Door:
    """The way into one fake."""

    def __init__(self, service: Service, account_id: str, region_name: str, seed: int) -> None:
        self.service = service
        self.account_id = account_id
        self.region_name = region_name
        self.is_open = True
        self.sleeps_virtually = False
        #: Who calls with which access key, where the test has told.
        self.callers: Mapping[str | None, Caller] = {}
        self.calls = CallLog(account_id, region_name)
        # Request ids and the SDK's backoff are drawn from here, so that the same script gives the same bytes.
        self._random = random.Random(seed)
        # What the ids of all answers begin with; the number of the answer, twelve digits, follows.
        digits = f"{self._random.getrandbits(128):032x}"
        self._request_id = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-"
        self._id_2 = (digits * 3)[:-12]  # 72 bytes in base64, of which hexadecimal digits are a part
        self._answers = 0
        self._date = (-1, "")

    def answer(
        self, operation_model: Any, request: dict[str, Any], context: dict[str, Any], emitter: Any, signer: Any
    ) -> Answer | Awaitable[Answer]:
        """Answer a call, with the SDK's own retries; an awaitable for a client that makes its calls in tasks."""
        if self.callers:
            context[_CALLER] = self.callers.get(_access_key_of(signer))
        compiled = compiled_for(operation_model)
        waiter = RUNNING_WAITER.get()
        starts_at = waiter.next_poll_at if waiter is not None else None
        is_asynchronous = _is_asynchronous(emitter)
        first: Any = self._attempt(compiled, operation_model, request, context, emitter, 1)
        if starts_at is None and not is_asynchronous:
            try:
                first = _resumed(next(first), first)
            except StopIteration as stop:  # nearly every call ends here
                first = stop.value
                if not isinstance(first, Lost) and first[0].status_code < 300:
                    return first  # type: ignore[no-any-return]
        call = OngoingCall(
            self.service,
            emitter,
            operation_model,
            request,
            starts_at,
            first,
            partial(self._attempt, compiled, operation_model, request, context, emitter),
            partial(drawing_from, self._random),
        )
        return call.run_async() if is_asynchronous else call.run()

    # --- one attempt ------------------------------------------------------------------------------------------

    def _attempt(
        self,
        compiled: _Compiled,
        operation_model: Any,
        request: dict[str, Any],
        context: dict[str, Any],
        emitter: Any,
        attempt: int,
    ) -> Attempt:
        self._require_open()
        called_at = answered_at = self.service.timeline.clock.now
        waiter = RUNNING_WAITER.get()
        params: Mapping[str, Any] = {}
        may_take_time = self.service.faults.injections or compiled.operation.takes_called_at
        timeout_ms = _read_timeout_ms(context) if may_take_time else None
        outcome = "ok"
        try:
            direct = _direct_params(context, request) if compiled.is_direct else None
            params = compiled.validator.deserialize(_document_of(request)) if direct is None else direct
            caller = context.get(_CALLER)
            region = self.service.world.region(
                self.account_id if caller is None else caller.account_id,
                context.get("client_region") or self.region_name,
            )
            result: Any = self.service.call(
                region,
                compiled.operation,
                params,
                compiled.validator,
                waiting=waiter is not None,
                caller_arn=caller.arn if caller is not None else None,
                read_timeout_ms=timeout_ms,
            )
            if isinstance(result, GeneratorType):
                result = yield from result
                self._require_open()
                answered_at = self.service.timeline.clock.now
        except AwsError as error:
            outcome = error.code
            return self._refusal(error, operation_model, request)
        except AnswerLost as lost:
            answer = self._lost(lost.lost_answer, request, called_at, timeout_ms)
            outcome = type(answer.error).__name__
            return answer
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self.calls.add(
                compiled.operation.name,
                params,
                compiled.large,
                outcome,
                called_at,
                attempt,
                (context.get(_CALLER) or self).account_id,
                context.get("client_region") or self.region_name,
            )
            if waiter is not None:
                waiter.next_poll_at = self.service.timeline.clock.now + waiter.delay_ms
        headers = self._headers(answered_at)
        parsed = dict(result)
        if "EventStream" in parsed:
            headers["content-type"] = "application/vnd.amazon.eventstream"
            parsed["EventStream"] = event_stream(
                self.service,
                parsed["EventStream"],
                operation_model,
                lambda: not self.is_open,
                asynchronous=_is_asynchronous(emitter),
            )
        if compiled.prune is not None:
            parsed = compiled.prune(parsed)
        parsed["ResponseMetadata"] = {
            "RequestId": headers["x-amzn-requestid"],
            "HTTPStatusCode": 200,
            "HTTPHeaders": headers,
            "RetryAttempts": 0,
        }
        return HttpResponse(request["url"], 200, headers), parsed

    def _refusal(self, error: AwsError, operation_model: Any, request: Mapping[str, Any]) -> Answer:
        """An error as botocore's own parser reads it off the wire, modelled members included."""
        headers = self._headers(self.service.timeline.clock.now)
        body = json.dumps(error.body()).encode()
        headers["content-length"] = str(len(body))
        response = {"status_code": error.http_status, "headers": headers, "body": body}
        parser = create_parser("json")
        parsed: dict[str, Any] = parser.parse(response, operation_model.output_shape)
        shape = operation_model.service_model.shape_for_error_code(error.code)
        if shape is not None:
            parsed.update(parser.parse(response, shape))
        parsed["ResponseMetadata"]["RetryAttempts"] = 0
        return HttpResponse(request["url"], error.http_status, headers, body), parsed

    def _headers(self, now: int) -> dict[str, str]:
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

    def _require_open(self) -> None:
        if not self.is_open:
            raise KinesisFakeError(
                "This client belongs to a fake that has been left. Make the client, or call attach(), inside the fake "
                "that shall answer it."
            )

    # --- the SDK's retries ------------------------------------------------------------------------------------

    def _lost(self, loss: LostAnswer, request: Mapping[str, Any], called_at: int, timeout_ms: int | None) -> Lost:
        """An answer that does not come: known at once if the connection is gone, else when the client gives up."""
        error = _lost(loss, request["url"])
        waits_for_it = loss.kind == "read_timeout" and timeout_ms is not None
        return Lost(error, called_at + timeout_ms if waits_for_it else self.service.timeline.clock.now)  # type: ignore[operator]


#: Whether clients with an emitter of this type make their calls in tasks.
_ASYNCHRONOUS: dict[type, bool] = {}


def _is_asynchronous(emitter: Any) -> bool:
    """Whether the client is one of aiobotocore, whose emitter (wrapped in an EventAliaser) has coroutines."""
    emitter = getattr(emitter, "_emitter", emitter)
    found = _ASYNCHRONOUS.get(type(emitter))
    if found is None:
        found = _ASYNCHRONOUS[type(emitter)] = inspect.iscoroutinefunction(emitter._emit)
    return found


def _resumed(pause: Pause, attempt: Attempt) -> Attempt:
    """An attempt that has begun to wait."""
    try:
        yield pause
    except BaseException as error:
        attempt.throw(error)
        raise
    return (yield from attempt)


def _read_timeout_ms(context: Mapping[str, Any]) -> int | None:
    """How long the client waits for an answer; None for ever."""
    seconds = context.get("read_timeout") or getattr(context.get("client_config"), "read_timeout", None)
    return round(seconds * 1000) if isinstance(seconds, (int, float)) else None


def _lost(lost_answer: LostAnswer, url: str) -> BotoCoreError:
    """What botocore raises when an answer does not come."""
    if lost_answer.kind == "read_timeout":
        return ReadTimeoutError(endpoint_url=url)
    if lost_answer.applied:
        return ConnectionClosedError(endpoint_url=url)
    return EndpointConnectionError(endpoint_url=url, error="injected by kinesis_fake")


# --- parameters -------------------------------------------------------------------------------------------------


def _access_key_of(signer: Any) -> str | None:
    """The access key that a client has at hand; one that would first have to be fetched is none.

    Credentials that are refreshed hold theirs in ``_access_key``; asking for ``access_key`` would refresh them.
    """
    held = getattr(getattr(signer, "_credentials", None), "__dict__", {})
    access_key = held.get("_access_key", held.get("access_key"))
    return access_key if isinstance(access_key, str) else None


def _document_of(request: Mapping[str, Any]) -> object:
    """What the client would have sent."""
    body = request["body"]
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _direct_params(context: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The call's own parameters, if they are exactly what the body would give back; else None."""
    params = context.get(PARAMS)
    if type(params) is not dict or context.get(BODY) is not request["body"]:
        return None
    records = params.get("Records")
    if records is None:
        return params if _is_direct(params, "Data", bytes) else None
    for entry in records if type(records) is list else (None,):
        if type(entry) is not dict:
            return None
        is_plain = len(entry) == 2 and type(entry.get("Data")) is bytes and type(entry.get("PartitionKey")) is str
        if not is_plain and not _is_direct(entry, "Data", bytes):
            return None
    return params if _is_direct(params, "Records", list) else None


def _is_direct(structure: dict[str, Any], member: str, kind: type) -> bool:
    """Whether this member is of this type and all others are text, of which JSON changes nothing."""
    types = list(map(type, structure.values()))
    return type(structure.get(member)) is kind and types.count(str) == len(types) - 1


#: Structures of which an answer may hold thousands, and which are the same in every release that is supported.
_UNCHANGED = frozenset({"PutRecordsResultEntry", "Record"})


def _pruner(shape: Any) -> Callable[[Any], Any] | None:
    """What leaves out of a value what its shape does not have; None for a shape of which nothing can be left out."""
    if shape is None or shape.name in _UNCHANGED:
        return None
    if shape.type_name == "list" and (prune_item := _pruner(shape.member)) is not None:
        return lambda values: list(map(prune_item, values))
    if shape.type_name != "structure":
        return None
    names = shape.members.keys()
    nested = [(name, prune) for name in names if (prune := _pruner(shape.members[name])) is not None]

    def prune_structure(structure: Any) -> Any:
        if type(structure) is not dict:  # an event stream, which sees to itself
            return structure
        if not structure.keys() <= names:
            structure = {name: value for name, value in structure.items() if name in names}
        for name, prune in nested:
            if name in structure:
                structure = {**structure, name: prune(structure[name])}
        return structure

    return prune_structure


def compiled_for(operation_model: Any) -> _Compiled:
    """Kept on the model, so that it lives as long; a dictionary of weak references takes a call more to ask."""
    compiled: _Compiled | None = operation_model.__dict__.get("_kinesis_fake")
    if compiled is None:
        compiled = operation_model._kinesis_fake = _Compiled(operation_model)
    return compiled

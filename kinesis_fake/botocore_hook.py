"""The door: how a botocore, boto3 or aiobotocore client reaches a fake. Only it and ``validation`` know botocore.

A handler of the event ``before-call`` answers the call after botocore has validated and serialised it, before
credentials, signing and HTTP. It reaches the clients of sessions that are made after this module was imported; for all
others, and for what else could leave the process, the :class:`_Guard` holds while any fake is active.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import os
import random
import sys
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import botocore
import botocore.handlers
import botocore.session
from botocore.parsers import create_parser

import kinesis_fake.operations  # noqa: F401  (fills the table of operations)
from kinesis_fake.active import ActiveFakes
from kinesis_fake.clock import datetime_of
from kinesis_fake.domain.region import Region
from kinesis_fake.errors import AwsError, KinesisFakeError, NotModelledError
from kinesis_fake.operations.registry import OPERATIONS, Operation
from kinesis_fake.service import Service
from kinesis_fake.validation import OperationValidator, compile_operation

_SERVICE_ID = "kinesis"
DEFAULT_REGION = "us-east-1"
#: The key under which a call's own parameters travel in its request context.
_PARAMS = "kinesis_fake.params"
#: The operations whose body is costly to decode again; the bytes are taken from the call's own parameters.
_DIRECT = frozenset({"PutRecord", "PutRecords"})
#: The release whose members our answers have; clients of an older one do not see what it did not know.
_ANSWERS_WRITTEN_FOR = (1, 44, 5)
#: What a client without credentials gets, so that none are looked for on the network.
_NO_CREDENTIALS = {"aws_access_key_id": "kinesis-fake", "aws_secret_access_key": "kinesis-fake"}

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


class _Waiting:
    """Somebody is inside an SDK waiter: each poll but the first comes ``delay_ms`` after the one before."""

    __slots__ = ("delay_ms", "has_polled")

    def __init__(self, delay_ms: int) -> None:
        self.delay_ms = delay_ms
        self.has_polled = False


_waiting: ContextVar[_Waiting | None] = ContextVar("kinesis_fake_waiting", default=None)


class _Compiled:
    """What is worked out once per operation of a client's model."""

    __slots__ = ("is_direct", "needs_pruning", "operation", "output_shape", "validator")

    def __init__(self, operation_model: Any) -> None:
        operation = OPERATIONS.get(operation_model.name)
        if operation is None:
            raise NotModelledError(
                f"kinesis_fake does not model the operation {operation_model.name} of the installed botocore "
                f"{botocore.__version__}. See docs/fidelity.md; nothing was sent to AWS."
            )
        self.operation: Operation = operation
        self.validator: OperationValidator = compile_operation(operation_model)
        self.is_direct = operation.name in _DIRECT
        self.output_shape = operation_model.output_shape
        version = tuple(int(part) for part in botocore.__version__.split(".")[:3] if part.isdigit())
        foreign = not type(operation_model).__module__.startswith("botocore.")
        self.needs_pruning = self.output_shape is not None and (foreign or version < _ANSWERS_WRITTEN_FOR)


class Door:
    """The way into one fake."""

    def __init__(self, service: Service, account_id: str, region_name: str, seed: int) -> None:
        self.service = service
        self.account_id = account_id
        self.region_name = region_name
        self.is_open = True
        # Request ids and the SDK's backoff are drawn from here, so that the same script gives the same bytes.
        self._random = random.Random(seed)
        self._date = (-1, "")

    def answer(
        self, operation_model: Any, request: dict[str, Any], context: dict[str, Any], emitter: Any
    ) -> Answer | Awaitable[Answer]:
        """Answer a call, with the SDK's own retries; an awaitable only for a client that retries asynchronously."""
        if not self.is_open:
            raise KinesisFakeError(
                "This client belongs to a fake that has been left. Make the client, or call attach(), inside the fake "
                "that shall answer it."
            )
        compiled = _compiled_for(operation_model)
        waiting = _waiting.get()
        if waiting is not None:
            if waiting.has_polled:
                self.service.move_to(self.service.clock.now + waiting.delay_ms)
            waiting.has_polled = True
        answer = self._attempt(compiled, operation_model, request, context)
        if answer[0].status_code < 300:
            return answer
        return self._drive(self._retries(answer, compiled, operation_model, request, context), operation_model, emitter)

    # --- one attempt ------------------------------------------------------------------------------------------

    def _attempt(
        self, compiled: _Compiled, operation_model: Any, request: dict[str, Any], context: dict[str, Any]
    ) -> Answer:
        headers = self._headers()
        try:
            params = _direct_params(context) if compiled.is_direct else None
            if params is None:
                params = compiled.validator.deserialize(_document_of(request))
            region = self._region(context)
            result = self.service.call(
                region, compiled.operation, params, compiled.validator, waiting=_waiting.get() is not None
            )
        except AwsError as error:
            return self._refusal(error, operation_model, request, headers)
        parsed = dict(result)
        if compiled.needs_pruning:
            parsed = _prune(parsed, compiled.output_shape)
        parsed["ResponseMetadata"] = {
            "RequestId": headers["x-amzn-requestid"],
            "HTTPStatusCode": 200,
            "HTTPHeaders": headers,
            "RetryAttempts": 0,
        }
        return HttpResponse(request["url"], 200, headers), parsed

    def _region(self, context: Mapping[str, Any]) -> Region:
        return self.service.world.region(self.account_id, context.get("client_region") or self.region_name)

    def _refusal(
        self, error: AwsError, operation_model: Any, request: Mapping[str, Any], headers: dict[str, str]
    ) -> Answer:
        """An error as botocore's own parser reads it off the wire, modelled members included."""
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

    def _headers(self) -> dict[str, str]:
        bits = f"{self._random.getrandbits(128):032x}"
        second = self.service.clock.now // 1000
        if self._date[0] != second:
            self._date = second, f"{datetime_of(second * 1000):%a, %d %b %Y %H:%M:%S GMT}"
        return {
            "x-amzn-requestid": f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}",
            "x-amz-id-2": b64encode((bits * 3)[:72].encode()).decode(),
            "date": self._date[1],
            "content-type": "application/x-amz-json-1.1",
        }

    # --- the SDK's retries ------------------------------------------------------------------------------------

    def _retries(
        self,
        answer: Answer,
        compiled: _Compiled,
        operation_model: Any,
        request: dict[str, Any],
        context: dict[str, Any],
    ) -> Generator[dict[str, Any], Iterable[tuple[Any, Any]], Answer]:
        """Ask the client's retry policy after every refusal, and wait in virtual time as long as it says."""
        attempts = 1
        while answer[0].status_code >= 300:
            retries = context.setdefault("retries", {})
            retries["attempt"] = attempts
            responses = yield {
                "response": answer,
                "endpoint": None,
                "operation": operation_model,
                "attempts": attempts,
                "caught_exception": None,
                "request_dict": request,
            }
            delay = next((response for _, response in responses if response is not None), None)
            if delay is None or delay is False:
                break
            self.service.move_to(self.service.clock.now + round(float(delay) * 1000))
            attempts += 1
            answer = self._attempt(compiled, operation_model, request, context)
        answer[1]["ResponseMetadata"]["RetryAttempts"] = attempts - 1
        return answer

    def _drive(
        self,
        retries: Generator[dict[str, Any], Iterable[tuple[Any, Any]], Answer],
        operation_model: Any,
        emitter: Any,
    ) -> Answer | Awaitable[Answer]:
        event = f"needs-retry.{_SERVICE_ID}.{operation_model.name}"
        question = next(retries)
        with self._seeded_backoff():
            responses = emitter.emit(event, **question)
        if inspect.isawaitable(responses):
            return self._drive_async(retries, event, emitter, responses)
        try:
            while True:
                question = retries.send(responses)
                with self._seeded_backoff():
                    responses = emitter.emit(event, **question)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    async def _drive_async(
        self,
        retries: Generator[dict[str, Any], Iterable[tuple[Any, Any]], Answer],
        event: str,
        emitter: Any,
        pending: Awaitable[Iterable[tuple[Any, Any]]],
    ) -> Answer:
        try:
            while True:
                with self._seeded_backoff():
                    responses = await pending
                pending = emitter.emit(event, **retries.send(responses))
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    @contextmanager
    def _seeded_backoff(self) -> Generator[None]:
        """botocore draws its backoff from the global generator; lend it a state of ours."""
        state = random.getstate()
        random.seed(self._random.getrandbits(64))
        try:
            yield
        finally:
            random.setstate(state)


# --- parameters -------------------------------------------------------------------------------------------------


def _document_of(request: Mapping[str, Any]) -> object:
    """What the client would have sent."""
    body = request["body"]
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _direct_params(context: Mapping[str, Any]) -> dict[str, Any] | None:
    """The call's own parameters, if they are exactly what the body would give back; else None."""
    params = context.get(_PARAMS)
    if type(params) is not dict:
        return None
    records = params.get("Records")
    for entry in records if type(records) is list else (params,):
        if type(entry) is not dict or type(entry.get("Data")) is not bytes:
            return None
        for member, value in entry.items():
            if type(value) is not str and member != "Data" and (member != "DryRun" or type(value) is not bool):
                return None
    if type(records) is list:
        for member, value in params.items():
            if type(value) is not str and member != "Records" and (member != "DryRun" or type(value) is not bool):
                return None
    return params


def _prune(value: Any, shape: Any) -> Any:
    """What a client whose model is ``shape`` would see of an answer."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {name: _prune(member, members[name]) for name, member in value.items() if name in members}
    if shape.type_name == "list" and isinstance(value, list):
        return [_prune(item, shape.member) for item in value]
    return value


_compiled: WeakKeyDictionary[Any, _Compiled] = WeakKeyDictionary()


def _compiled_for(operation_model: Any) -> _Compiled:
    compiled = _compiled.get(operation_model)
    if compiled is None:
        compiled = _compiled[operation_model] = _Compiled(operation_model)
    return compiled


# --- clients of our own -----------------------------------------------------------------------------------------

_prototypes: dict[str, Any] = {}
_session: Any = None


def make_client(door: Door, **parameters: Any) -> Any:
    """A botocore client that is bound to a fake. Making one afresh takes milliseconds, so plain ones are copies."""
    if set(parameters) <= {"region_name"}:
        region_name = parameters.get("region_name") or door.region_name
        prototype = _prototypes.get(region_name)
        if prototype is None:
            prototype = _prototypes[region_name] = _new_client(region_name=region_name, **_NO_CREDENTIALS)
        client = _copy_client(prototype)
    else:
        client = _new_client(**{"region_name": door.region_name, **parameters})
    attach(client, door)
    return client


def _new_client(**parameters: Any) -> Any:
    global _session
    if _session is None:
        _session = botocore.session.Session()
    if parameters.get("aws_access_key_id") is None:
        parameters.update(_NO_CREDENTIALS)
    with _no_metadata_service():
        return _session.create_client(_SERVICE_ID, **parameters)


def _copy_client(prototype: Any) -> Any:
    """A client with event handlers of its own that shares everything else with the prototype."""
    client = copy.copy(prototype)
    client.meta = copy.copy(prototype.meta)
    client.meta.events = copy.copy(prototype.meta.events)
    return client


def _operation_model(operation_name: str) -> Any:
    if DEFAULT_REGION not in _prototypes:
        _prototypes[DEFAULT_REGION] = _new_client(region_name=DEFAULT_REGION, **_NO_CREDENTIALS)
    return _prototypes[DEFAULT_REGION].meta.service_model.operation_model(operation_name)


def validator_for(operation_name: str) -> OperationValidator:
    """The validator of an operation of the installed botocore."""
    return _compiled_for(_operation_model(operation_name)).validator


def input_members(operation_name: str) -> list[str]:
    """The members of an operation's input in the installed botocore."""
    return list(_operation_model(operation_name).input_shape.members)


# --- the handlers -----------------------------------------------------------------------------------------------

#: The doors of the fakes that are active in this process.
DOORS: ActiveFakes[Door] = ActiveFakes()


def _remember_params(params: Any, context: Any, **_: Any) -> None:
    context[_PARAMS] = params


def _before_call(model: Any, params: Any, request_signer: Any, context: Any, **_: Any) -> Any:
    door = DOORS.current()
    if door is None:
        return None
    return door.answer(model, params, context, request_signer._event_emitter)


def attach(client_or_session: Any, door: Door) -> None:
    """Bind a client, or all clients that a session makes from now on, to one fake."""

    def before_call(model: Any, params: Any, request_signer: Any, context: Any, **_: Any) -> Any:
        return door.answer(model, params, context, request_signer._event_emitter)

    if hasattr(client_or_session, "meta") and hasattr(client_or_session.meta, "events"):
        events = client_or_session.meta.events
        if client_or_session.meta.service_model.service_id.hyphenize() != _SERVICE_ID:
            raise KinesisFakeError(
                f"attach() takes Kinesis clients, not one of {client_or_session.meta.service_model}."
            )
    elif hasattr(client_or_session, "get_component"):
        events = client_or_session.get_component("event_emitter")
    elif hasattr(client_or_session, "events"):
        events = client_or_session.events
    else:
        raise KinesisFakeError(
            f"attach() takes a client or a session of botocore, boto3 or aiobotocore, not {client_or_session!r}."
        )
    for operation in _DIRECT:
        events.register(f"before-parameter-build.{_SERVICE_ID}.{operation}", _remember_params, "kinesis_fake.params")
    events.unregister(f"before-call.{_SERVICE_ID}", unique_id="kinesis_fake.attached")
    events.register_first(f"before-call.{_SERVICE_ID}", before_call, "kinesis_fake.attached")


def _install_handlers(handlers: Any) -> None:
    """Reach the sessions that will be made from now on; without an active fake the handlers do nothing."""
    registered = handlers.BUILTIN_HANDLERS
    if not any(entry[1] is _before_call for entry in registered):
        registered.append((f"before-call.{_SERVICE_ID}", _before_call))
        registered.extend(
            (f"before-parameter-build.{_SERVICE_ID}.{operation}", _remember_params) for operation in sorted(_DIRECT)
        )


_install_handlers(botocore.handlers)


# --- the guard --------------------------------------------------------------------------------------------------


class _Guard:
    """What holds while any fake is active, whenever and however a client was made.

    * A request of a Kinesis client that no handler answered goes to the fake and never to the network.
    * A Kinesis client can be made without a region, and looks for credentials nowhere but in the process and its files.
    * An SDK waiter of a Kinesis client moves the virtual clock instead of sleeping.
    """

    #: botocore itself, its asynchronous twin, and the copy that the AWS CLI carries.
    _PACKAGES = ("botocore", "aiobotocore", "awscli.botocore")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._replaced: list[tuple[type, str, Any]] = []

    def acquire(self) -> None:
        with self._lock:
            self._holders += 1
            self._replace_all()

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                for owner, name, original in reversed(self._replaced):
                    setattr(owner, name, original)
                self._replaced.clear()

    def _replace_all(self) -> None:
        """Replace what is loaded by now; a package that is imported later brings sessions that have our handlers."""
        if "awscli.botocore.handlers" in sys.modules:
            _install_handlers(sys.modules["awscli.botocore.handlers"])
        for package in self._PACKAGES:
            if f"{package}.client" not in sys.modules:
                continue
            asynchronous = package == "aiobotocore"
            prefix = "Aio" if asynchronous else ""
            client = getattr(
                importlib.import_module(f"{package}.client"), f"{prefix}BaseClient" if asynchronous else "BaseClient"
            )
            session = getattr(importlib.import_module(f"{package}.session"), f"{prefix}Session")
            waiter = getattr(importlib.import_module(f"{package}.waiter"), "AIOWaiter" if asynchronous else "Waiter")
            self._replace(client, "_make_request", _guarded_request_async if asynchronous else _guarded_request)
            if asynchronous:
                self._replace(session, "_create_client", _guarded_create_client_async)
            else:
                self._replace(session, "create_client", _guarded_create_client)
            self._replace(waiter, "wait", _guarded_wait_async if asynchronous else _guarded_wait)

    def _replace(self, owner: type, name: str, wrap: Callable[[Any], Any]) -> None:
        if any(entry[0] is owner and entry[1] == name for entry in self._replaced):
            return
        original = owner.__dict__[name]
        replacement = wrap(original)
        replacement.__name__ = replacement.__qualname__ = name
        replacement.__wrapped__ = original
        self._replaced.append((owner, name, original))
        setattr(owner, name, replacement)


GUARD = _Guard()


def _is_kinesis(client: Any) -> bool:
    return bool(client.meta.service_model.service_id.hyphenize() == _SERVICE_ID)


def _guarded_request(original: Any) -> Any:
    def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = DOORS.current() if _is_kinesis(self) else None
        if door is None:
            return original(self, operation_model, request_dict, request_context)
        return door.answer(operation_model, request_dict, request_context, self.meta.events)

    return make_request


def _guarded_request_async(original: Any) -> Any:
    async def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = DOORS.current() if _is_kinesis(self) else None
        if door is None:
            return await original(self, operation_model, request_dict, request_context)
        answer = door.answer(operation_model, request_dict, request_context, self.meta.events)
        return await answer if inspect.isawaitable(answer) else answer

    return make_request


def _guarded_create_client(original: Any) -> Any:
    def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != _SERVICE_ID or len(DOORS) == 0:
            return original(self, service_name, *args, **kwargs)
        with _no_metadata_service():
            return original(self, service_name, *args, **_complete(original, self, service_name, args, kwargs))

    return create_client


def _guarded_create_client_async(original: Any) -> Any:
    async def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != _SERVICE_ID or len(DOORS) == 0:
            return await original(self, service_name, *args, **kwargs)
        with _no_metadata_service():
            return await original(self, service_name, *args, **_complete(original, self, service_name, args, kwargs))

    return create_client


def _complete(
    create_client: Any, session: Any, service_name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The keyword arguments of a client that may lack a region and credentials."""
    given = inspect.signature(create_client).bind_partial(session, service_name, *args, **kwargs).arguments
    config = given.get("config") or session.get_default_client_config()
    missing: dict[str, Any] = {}
    if (
        given.get("region_name") is None
        and getattr(config, "region_name", None) is None
        and session.get_config_variable("region") is None
    ):
        door = DOORS.current()
        missing["region_name"] = door.region_name if door is not None else "us-east-1"
    has_credentials = (
        given.get("aws_access_key_id") is not None
        or given.get("aws_secret_access_key") is not None
        or session._credentials is not None
        or "AWS_ACCESS_KEY_ID" in os.environ
        or "aws_access_key_id" in session.get_scoped_config()
    )
    if not has_credentials:
        missing.update(_NO_CREDENTIALS)
    return {**{name: value for name, value in kwargs.items() if name not in missing}, **missing}


@contextmanager
def _no_metadata_service() -> Generator[None]:
    """Nothing about a client is worth asking the metadata service of EC2 for."""
    before = os.environ.get("AWS_EC2_METADATA_DISABLED")
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ["AWS_EC2_METADATA_DISABLED"]
        else:
            os.environ["AWS_EC2_METADATA_DISABLED"] = before


def _guarded_wait(original: Any) -> Any:
    def wait(self: Any, **kwargs: Any) -> Any:
        if not _waits_for_kinesis(self):
            return original(self, **kwargs)
        with _waiting_virtually(self, kwargs) as kwargs:
            return original(self, **kwargs)

    return wait


def _guarded_wait_async(original: Any) -> Any:
    async def wait(self: Any, **kwargs: Any) -> Any:
        if not _waits_for_kinesis(self):
            return await original(self, **kwargs)
        with _waiting_virtually(self, kwargs) as kwargs:
            return await original(self, **kwargs)

    return wait


def _waits_for_kinesis(waiter: Any) -> bool:
    method = getattr(waiter._operation_method, "_client_method", None)
    client = getattr(method, "__self__", None)
    return len(DOORS) > 0 and client is not None and _is_kinesis(client)


@contextmanager
def _waiting_virtually(waiter: Any, kwargs: dict[str, Any]) -> Generator[dict[str, Any]]:
    """Let the waiter sleep for no time at all; the door moves the clock before each poll but the first."""
    config = dict(kwargs.get("WaiterConfig") or {})
    delay = config.get("Delay", waiter.config.delay)
    config["Delay"] = 0
    token = _waiting.set(_Waiting(round(delay * 1000)))
    try:
        yield {**kwargs, "WaiterConfig": config}
    finally:
        _waiting.reset(token)

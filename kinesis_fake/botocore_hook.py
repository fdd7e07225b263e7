"""The door: how a botocore, boto3 or aiobotocore client reaches a fake. Only it and ``validation`` know botocore.

A handler of the event ``before-call`` answers the call after botocore has validated and serialised it, before
credentials, signing and HTTP. It reaches the clients of sessions that are made after this module was imported; for all
others, and for what else could leave the process, the :class:`_Guard` holds while any fake is active.
"""

from __future__ import annotations

import copy
import inspect
import json
import os
import random
import sys
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

import botocore
import botocore.handlers
import botocore.session
from botocore.configprovider import ConstantProvider
from botocore.exceptions import BotoCoreError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import create_parser
from botocore.retries.standard import register_retry_handler

import kinesis_fake.operations  # noqa: F401  (fills the table of operations)
from kinesis_fake.active import ActiveFakes, Ordinals
from kinesis_fake.calls import CallLog
from kinesis_fake.children import Children
from kinesis_fake.clock import LATEST_MS, datetime_of
from kinesis_fake.errors import AwsError, KinesisFakeError, NotModelledError
from kinesis_fake.event_streams import event_stream
from kinesis_fake.faults import LostAnswer
from kinesis_fake.forking import brief
from kinesis_fake.injections import AnswerLost
from kinesis_fake.operations.registry import OPERATIONS, WRITTEN_FOR, Operation
from kinesis_fake.retries import Lost, Retrying, drawing_from, guarded_needs_retry, guarded_needs_retry_async
from kinesis_fake.service import Service
from kinesis_fake.validation import OperationValidator, compile_operation

_SERVICE_ID = "kinesis"
DEFAULT_REGION = "us-east-1"
#: The key under which a call's own parameters travel in its request context.
_PARAMS = "kinesis_fake.params"
#: The key under which the :class:`Caller` travels there, if the fake tells accounts apart.
_CALLER = "kinesis_fake.caller"
#: The key under which the body that was made of them travels there.
_BODY = "kinesis_fake.body"
#: The key under which the door travels there that a client is bound to.
_DOOR = "kinesis_fake.door"
#: The operations whose body is costly to decode again; the bytes are taken from the call's own parameters.
_DIRECT = ("PutRecord", "PutRecords")
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
    """Somebody is inside an SDK waiter: each poll comes ``delay_ms`` after the answer to the one before."""

    __slots__ = ("delay_ms", "next_poll_at")

    def __init__(self, delay_ms: int) -> None:
        self.delay_ms = delay_ms
        self.next_poll_at: int | None = None


_waiting: ContextVar[_Waiting | None] = ContextVar("kinesis_fake_waiting", default=None)


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
        self.is_direct = operation.name in _DIRECT
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
        self.calls = CallLog()
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
        """Answer a call, with the SDK's own retries; an awaitable only for a client that retries asynchronously."""
        if not self.is_open:
            raise KinesisFakeError(
                "This client belongs to a fake that has been left. Make the client, or call attach(), inside the fake "
                "that shall answer it."
            )
        compiled = _compiled_for(operation_model)
        if self.callers:
            context[_CALLER] = self.callers.get(_access_key_of(signer))
        waiting = _waiting.get()
        if waiting is not None and waiting.next_poll_at is not None:
            first: Answer | Lost | int = waiting.next_poll_at
        else:
            first = outcome = self._attempt(compiled, operation_model, request, context, emitter, 1)
            if not isinstance(outcome, Lost) and outcome[0].status_code < 300:
                return outcome
        retrying = Retrying(
            self.service,
            f"needs-retry.{_SERVICE_ID}.{operation_model.name}",
            emitter,
            operation_model,
            request,
            partial(self._attempt, compiled, operation_model, request, context, emitter),
            partial(drawing_from, self._random),
        )
        return retrying.run_async(first) if _is_asynchronous(emitter) else retrying.run(first)

    # --- one attempt ------------------------------------------------------------------------------------------

    def _attempt(
        self,
        compiled: _Compiled,
        operation_model: Any,
        request: dict[str, Any],
        context: dict[str, Any],
        emitter: Any,
        attempt: int,
    ) -> Answer | Lost:
        called_at = self.service.clock.now
        headers = self._headers(called_at)
        waiting = _waiting.get()
        params: Mapping[str, Any] = {}
        timeout_ms = _read_timeout_ms(context) if self.service.faults.injections else None
        outcome = "ok"
        try:
            direct = _direct_params(context, request) if compiled.is_direct else None
            params = compiled.validator.deserialize(_document_of(request)) if direct is None else direct
            caller = context.get(_CALLER)
            region = self.service.world.region(
                self.account_id if caller is None else caller.account_id,
                context.get("client_region") or self.region_name,
            )
            result = self.service.call(
                region,
                compiled.operation,
                params,
                compiled.validator,
                waiting=waiting is not None,
                caller_arn=caller.arn if caller is not None else None,
                read_timeout_ms=timeout_ms,
            )
        except AwsError as error:
            outcome = error.code
            return self._refusal(error, operation_model, request, headers)
        except AnswerLost as lost:
            answer = self._lost(lost.lost_answer, request, called_at, timeout_ms)
            outcome = type(answer.error).__name__
            return answer
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self.calls.add(compiled.operation.name, params, compiled.large, outcome, called_at, attempt)
            if waiting is not None:
                waiting.next_poll_at = self.service.clock.now + waiting.delay_ms
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

    # --- the SDK's retries ------------------------------------------------------------------------------------

    def _lost(self, loss: LostAnswer, request: Mapping[str, Any], called_at: int, timeout_ms: int | None) -> Lost:
        """An answer that does not come: known at once if the connection is gone, else when the client gives up."""
        error = _lost(loss, request["url"])
        waits_for_it = loss.kind == "read_timeout" and timeout_ms is not None
        return Lost(error, called_at + timeout_ms if waits_for_it else self.service.clock.now)  # type: ignore[operator]


def _is_asynchronous(emitter: Any) -> bool:
    """Whether the client is one of aiobotocore, whose emitter (wrapped in an EventAliaser) has coroutines."""
    return inspect.iscoroutinefunction(getattr(emitter, "_emitter", emitter)._emit)


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
    params = context.get(_PARAMS)
    if type(params) is not dict or context.get(_BODY) is not request["body"]:
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


def _compiled_for(operation_model: Any) -> _Compiled:
    """Kept on the model, so that it lives as long; a dictionary of weak references takes a call more to ask."""
    compiled: _Compiled | None = operation_model.__dict__.get("_kinesis_fake")
    if compiled is None:
        compiled = operation_model._kinesis_fake = _Compiled(operation_model)
    return compiled


# --- clients of our own -----------------------------------------------------------------------------------------

_prototypes: dict[str, Any] = {}
_session: Any = None


def make_client(door: Door, **parameters: Any) -> Any:
    """A botocore client that is bound to a fake. Making one afresh takes milliseconds, so plain ones are copies."""
    _require_open(door)
    region_name = parameters.get("region_name") or door.region_name
    if set(parameters) <= {"region_name"}:
        prototype = _prototypes.get(region_name)
        if prototype is None:
            prototype = _prototypes[region_name] = _new_client(region_name=region_name)
        client = _copy_client(prototype)
    else:
        client = _new_client(**{**parameters, "region_name": region_name})
    _bind(client.meta.events, door)
    return client


def _new_client(**parameters: Any) -> Any:
    global _session
    if _session is None:
        _session = _own_session()
    if parameters.get("aws_access_key_id") is None:
        parameters.update(_NO_CREDENTIALS)
    try:
        inspect.signature(_session.create_client).bind(_SERVICE_ID, **parameters)
    except TypeError as error:
        raise KinesisFakeError(f"client() takes the parameters of botocore's Session.create_client: {error}.") from None
    with NO_METADATA_SERVICE:
        return _session.create_client(_SERVICE_ID, **parameters)


def _own_session() -> Any:
    """A session that looks neither at the environment nor at files, so that its clients are alike on all machines."""
    session = botocore.session.Session()
    config_store = session.get_component("config_store")
    for name, (_, _, default, _) in session.SESSION_VARIABLES.items():
        config_store.set_config_provider(name, ConstantProvider(default))
    for name in ("config_file", "credentials_file"):
        config_store.set_config_provider(name, ConstantProvider(os.devnull))
    config_store.set_config_provider("ignore_configured_endpoint_urls", ConstantProvider(True))
    return session


def _copy_client(prototype: Any) -> Any:
    """A client with event handlers of its own that shares everything else with the prototype."""
    # copy.copy() would ask a still empty client for __setstate__, and botocore's __getattr__ would never return.
    client = object.__new__(type(prototype))
    client.__dict__.update(prototype.__dict__)
    client.meta = copy.copy(prototype.meta)
    client.meta.events = copy.copy(prototype.meta.events)
    client._request_signer = copy.copy(prototype._request_signer)
    client._request_signer._event_emitter = client.meta.events
    _renew_retries(client)
    return client


def _renew_retries(client: Any) -> None:
    """Retries of the standard mode draw on a quota, and that belongs to one client; legacy ones remember nothing."""
    retries = client.meta.config.retries
    if retries["mode"] == "standard":
        client.meta.events.unregister(f"needs-retry.{_SERVICE_ID}", unique_id=f"retry-config-{_SERVICE_ID}")
        register_retry_handler(client, retries.get("total_max_attempts"))


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
#: What keeps the tokens of fakes that exist side by side apart. Nobody knows when a fake that was never entered ends;
#: it must not decide about the tokens of the others.
ORDINALS = Ordinals()
ORDINALS_OF_THE_UNENTERED = Ordinals()


def _remember_params(params: Any, context: Any, **_: Any) -> None:
    context[_PARAMS] = params


def _remember_body(params: Any, context: Any, **_: Any) -> None:
    if _PARAMS in context:
        context[_BODY] = params["body"]


def _before_call(model: Any, params: Any, request_signer: Any, context: Any, **_: Any) -> Any:
    door = context.get(_DOOR)
    if door is None and (door := DOORS.current()) is None:
        CHILDREN.refuse()
        return None
    return door.answer(model, params, context, request_signer._event_emitter, request_signer)


def _door_of(context: Mapping[str, Any]) -> Door | None:
    """The fake that a call belongs to: the one that its client is attached to, or else the active one."""
    door: Door | None = context.get(_DOOR)
    if door is None and (door := DOORS.current()) is None:
        CHILDREN.refuse()
    return door


#: Our answer comes last, so that a user's own handlers of a Kinesis call run as they do before a real call.
_HANDLERS: tuple[tuple[str, Any, Any], ...] = (
    (f"before-call.{_SERVICE_ID}", _before_call, botocore.handlers.REGISTER_LAST),
    # botocore calls the handlers of this event before those of any other that means the same call.
    ("before-call.*.*", _remember_body, botocore.handlers.REGISTER_FIRST),
    *((f"before-parameter-build.{_SERVICE_ID}.{name}", _remember_params, None) for name in _DIRECT),
)


def attach(client_or_session: Any, door: Door) -> None:
    """Bind a client, or all clients that a session makes from now on, to one fake."""
    _require_open(door)
    if hasattr(client_or_session, "meta") and hasattr(client_or_session.meta, "events"):
        events = client_or_session.meta.events
        if client_or_session.meta.service_model.service_id.hyphenize() != _SERVICE_ID:
            service_name = client_or_session.meta.service_model.service_name
            raise KinesisFakeError(f"attach() takes clients of Kinesis, not one of {service_name}.")
    elif hasattr(client_or_session, "get_component"):
        events = client_or_session.get_component("event_emitter")
    elif hasattr(client_or_session, "events"):
        events = client_or_session.events
    else:
        raise KinesisFakeError(
            f"attach() takes a client or a session of botocore, boto3 or aiobotocore, not {client_or_session!r}."
        )
    for event, handler, place in _HANDLERS:
        register = {
            botocore.handlers.REGISTER_FIRST: events.register_first,
            botocore.handlers.REGISTER_LAST: events.register_last,
        }.get(place, events.register)
        register(event, handler, f"kinesis_fake {event}")
    _bind(events, door)


def _bind(events: Any, door: Door) -> None:
    """Let every call of a client say which fake it belongs to; the latest binding holds."""

    def remember_door(context: Any, **_: Any) -> None:
        context[_DOOR] = door

    event = f"before-parameter-build.{_SERVICE_ID}"
    events.unregister(event, unique_id=_DOOR)
    events.register(event, remember_door, _DOOR)


def _require_open(door: Door) -> None:
    if not door.is_open:
        raise KinesisFakeError("This fake has been left; make clients and call attach() while it is active.")


def _install_handlers(handlers: Any) -> None:
    """Reach the sessions that will be made from now on; without an active fake the handlers do nothing."""
    registered = handlers.BUILTIN_HANDLERS
    if any(entry[1] is _before_call for entry in registered):
        return
    # Each copy of botocore knows no constants but its own.
    places = {
        botocore.handlers.REGISTER_FIRST: handlers.REGISTER_FIRST,
        botocore.handlers.REGISTER_LAST: handlers.REGISTER_LAST,
    }
    registered.extend(
        (event, handler, places[place]) if place is not None else (event, handler)
        for event, handler, place in _HANDLERS
    )


_install_handlers(botocore.handlers)


# --- the guard --------------------------------------------------------------------------------------------------


class _Guard:
    """What holds while any fake is active, whenever and however a client was made, or its package imported.

    * A request of a Kinesis client that no handler answered goes to the fake and never to the network.
    * A Kinesis client can be made without a region, and looks for credentials nowhere but in the process and its files.
    * An SDK waiter of a Kinesis client moves the virtual clock instead of sleeping.
    """

    #: botocore itself, its asynchronous twin, and the copy that the AWS CLI carries.
    _PACKAGES = ("botocore", "aiobotocore", "awscli.botocore")

    def __init__(self) -> None:
        self._lock = brief(threading.Lock())
        self._holders = 0
        self._replaced: list[tuple[type, str, Any, Any]] = []

    def acquire(self) -> None:
        with self._lock:
            self._holders += 1
            self._replace_all()

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                for owner, name, original, replacement in reversed(self._replaced):
                    # What somebody else has wrapped in the meantime stays theirs; ours does nothing any more.
                    if owner.__dict__[name] is replacement:
                        setattr(owner, name, original)
                self._replaced.clear()

    def catch_up(self) -> None:
        """A session is being made, perhaps by a package that was not loaded when the guard was acquired."""
        with self._lock:
            if self._holders:
                self._replace_all()

    def _replace_all(self) -> None:
        """Replace what is loaded by now."""
        if "awscli.botocore.handlers" in sys.modules:
            _install_handlers(sys.modules["awscli.botocore.handlers"])
        for package in self._PACKAGES:
            for module_name, owner_name, name, wrap in _GUARDED_ASYNC if package == "aiobotocore" else _GUARDED:
                owner = getattr(sys.modules.get(f"{package}.{module_name}"), owner_name, None)
                if owner is not None:
                    self._replace(owner, name, wrap)

    def _replace(self, owner: type, name: str, wrap: Callable[[Any], Any]) -> None:
        if any(entry[0] is owner and entry[1] == name for entry in self._replaced):
            return
        original = owner.__dict__[name]
        replacement = wrap(original)
        replacement.__name__ = replacement.__qualname__ = name
        replacement.__wrapped__ = original
        self._replaced.append((owner, name, original, replacement))
        setattr(owner, name, replacement)


GUARD = _Guard()


def begin_child() -> None:
    """The first thing that runs in a process which :mod:`multiprocessing` starts while a fake is active."""
    CHILDREN.become_child()
    GUARD.acquire()


CHILDREN = Children(begin_child)


def _is_kinesis(client: Any) -> bool:
    return bool(client.meta.service_model.service_id.hyphenize() == _SERVICE_ID)


def _guarded_session(original: Any) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        GUARD.catch_up()
        original(self, *args, **kwargs)

    return init


def _guarded_request(original: Any) -> Any:
    def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = _door_of(request_context) if _is_kinesis(self) else None
        if door is None:
            return original(self, operation_model, request_dict, request_context)
        return door.answer(operation_model, request_dict, request_context, self.meta.events, self._request_signer)

    return make_request


def _guarded_request_async(original: Any) -> Any:
    async def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = _door_of(request_context) if _is_kinesis(self) else None
        if door is None:
            return await original(self, operation_model, request_dict, request_context)
        answer = door.answer(operation_model, request_dict, request_context, self.meta.events, self._request_signer)
        return await answer if inspect.isawaitable(answer) else answer

    return make_request


def _guarded_create_client(original: Any) -> Any:
    def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != _SERVICE_ID or not (len(DOORS) or CHILDREN.is_child):
            return original(self, service_name, *args, **kwargs)
        with NO_METADATA_SERVICE:
            client = original(self, service_name, **_complete(self, args, kwargs))
        _let_session_parse_scalars(self, client)
        return client

    return create_client


def _guarded_create_client_async(original: Any) -> Any:
    async def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != _SERVICE_ID or not (len(DOORS) or CHILDREN.is_child):
            return await original(self, service_name, *args, **kwargs)
        with NO_METADATA_SERVICE:
            return await original(self, service_name, **_complete(self, args, kwargs))

    return create_client


#: The parameters of create_client after the name of the service, in the order of all supported releases.
_CREATE_CLIENT_PARAMETERS = (
    "region_name",
    "api_version",
    "use_ssl",
    "verify",
    "endpoint_url",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "config",
)


def _complete(session: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """All arguments by name, with a region and credentials where neither the caller nor the session has them."""
    given = {**dict(zip(_CREATE_CLIENT_PARAMETERS, args, strict=False)), **kwargs}
    configs = (given.get("config"), session.get_default_client_config())
    if (
        given.get("region_name") is None
        and not any(getattr(config, "region_name", None) for config in configs)
        and session.get_config_variable("region") is None
    ):
        door = DOORS.current()
        given["region_name"] = door.region_name if door is not None else DEFAULT_REGION
    if (
        given.get("aws_access_key_id") is None
        and given.get("aws_secret_access_key") is None
        and session._credentials is None
        and not _has_credentials_at_hand(session)
    ):
        given.update(_NO_CREDENTIALS)
    return given


def _has_credentials_at_hand(session: Any) -> bool:
    """Whether the environment or a file holds the keys themselves; all other ways would ask somebody for them."""
    if os.environ.get("AWS_ACCESS_KEY_ID") and session.instance_variables().get("profile") is None:
        return True
    profile = session.get_scoped_config()
    return "aws_access_key_id" in profile and "role_arn" not in profile


def _let_session_parse_scalars(session: Any, client: Any) -> None:
    """A session may bring its own parsers of timestamps and blobs.

    The AWS CLI does: it shows both as they come over the wire.
    """
    parsers = dict(session.get_component("response_parser_factory")._defaults)
    if not parsers:
        return

    def after_call(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if isinstance(http_response, HttpResponse) and http_response.status_code < 300 and model.output_shape:
            metadata = parsed.pop("ResponseMetadata")
            parsed.update(_parse_scalars(parsed, model.output_shape, parsers), ResponseMetadata=metadata)

    # Once, though the wrapped create_client may be reached through another wrapped one.
    client.meta.events.register_first(f"after-call.{_SERVICE_ID}", after_call, "kinesis_fake.scalars")


def _parse_scalars(value: Any, shape: Any, parsers: Mapping[str, Callable[[Any], Any]]) -> Any:
    """An answer as the parsers of a session read it off the wire."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {name: _parse_scalars(item, members[name], parsers) for name, item in value.items() if name in members}
    if shape.type_name == "list":
        return [_parse_scalars(item, shape.member, parsers) for item in value]
    if shape.type_name == "blob" and "blob_parser" in parsers:
        return parsers["blob_parser"](b64encode(value).decode())
    if shape.type_name == "timestamp" and "timestamp_parser" in parsers:
        return parsers["timestamp_parser"](value.timestamp())
    return value


class _NoMetadataService:
    """Nothing about a client is worth asking the metadata service of EC2 for.

    Clients may be made side by side, in threads and tasks: the first one sets the variable, the last one restores it.
    """

    _VARIABLE = "AWS_EC2_METADATA_DISABLED"

    def __init__(self) -> None:
        self._lock = brief(threading.Lock())
        self._holders = 0
        self._before: str | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._holders == 0:
                self._before = os.environ.get(self._VARIABLE)
                os.environ[self._VARIABLE] = "true"
            self._holders += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                if self._before is None:
                    os.environ.pop(self._VARIABLE, None)
                else:
                    os.environ[self._VARIABLE] = self._before


NO_METADATA_SERVICE = _NoMetadataService()


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


def _guarded_builtins(original: Any) -> Any:
    def get_customized_builtins(self: Any, *args: Any) -> Any:
        return _without_account(self, original(self, *args))

    return get_customized_builtins


def _guarded_builtins_async(original: Any) -> Any:
    async def get_customized_builtins(self: Any, *args: Any) -> Any:
        return _without_account(self, await original(self, *args))

    return get_customized_builtins


def _without_account(resolver: Any, builtins: dict[str, Any]) -> dict[str, Any]:
    """What the endpoint of a call is made of, with nothing in it that would first have to be fetched.

    Newer releases of botocore ask the credentials for their account before every call; those that are refreshed would
    be fetched for it. The endpoint has no use for it, unless the client insists.
    """
    account = "AWS::Auth::AccountId"
    if account in builtins and resolver._service_model.service_id == "Kinesis" and len(DOORS):
        insists = builtins.get("AWS::Auth::AccountIdEndpointMode") == "required"
        builtins[account] = "000000000000" if insists else None
    return builtins


def _guarded_endpoint(original: Any) -> Any:
    def provide(self: Any) -> Any:
        self._environ = CHILDREN.environment_of_clients(self._environ)
        return original(self)

    return provide


#: What the guard replaces: module, class, method, and by what. Sessions of aiobotocore are sessions of botocore.
_GUARDED: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
    ("client", "BaseClient", "_make_request", _guarded_request),
    ("configprovider", "ConfiguredEndpointProvider", "provide", _guarded_endpoint),
    ("regions", "EndpointRulesetResolver", "_get_customized_builtins", _guarded_builtins),
    ("retries.standard", "RetryHandler", "needs_retry", guarded_needs_retry),
    ("session", "Session", "__init__", _guarded_session),
    ("session", "Session", "create_client", _guarded_create_client),
    ("waiter", "Waiter", "wait", _guarded_wait),
)
_GUARDED_ASYNC: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
    ("client", "AioBaseClient", "_make_request", _guarded_request_async),
    ("regions", "AioEndpointRulesetResolver", "_get_customized_builtins", _guarded_builtins_async),
    ("retries.standard", "AioRetryHandler", "needs_retry", guarded_needs_retry_async),
    ("session", "AioSession", "_create_client", _guarded_create_client_async),
    ("waiter", "AIOWaiter", "wait", _guarded_wait_async),
)


def _waits_for_kinesis(waiter: Any) -> bool:
    method = getattr(waiter._operation_method, "_client_method", None)
    client = getattr(method, "__self__", None)
    return len(DOORS) > 0 and client is not None and _is_kinesis(client)


@contextmanager
def _waiting_virtually(waiter: Any, kwargs: dict[str, Any]) -> Generator[dict[str, Any]]:
    """Let the waiter sleep for no time at all; the door moves the clock before each poll but the first."""
    config = dict(kwargs.get("WaiterConfig") or {})
    delay = config.get("Delay", waiter.config.delay)
    if not isinstance(delay, (int, float)) or not 0 <= delay <= LATEST_MS / 1000:
        raise KinesisFakeError(
            f"The Delay of a waiter is a number of seconds, from zero to the end of virtual time, not {delay!r}."
        )
    config["Delay"] = 0
    token = _waiting.set(_Waiting(round(delay * 1000)))
    try:
        yield {**kwargs, "WaiterConfig": config}
    finally:
        _waiting.reset(token)


if CHILDREN.is_child:
    GUARD.acquire()

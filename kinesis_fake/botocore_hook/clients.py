"""Makes the fake's own clients, and completes those that the code under test makes while a fake is active."""

from __future__ import annotations

import inspect
import os
import threading
from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import botocore.handlers
import botocore.session
from botocore.config import Config
from botocore.configprovider import ConstantProvider

from kinesis_fake.botocore_hook.answers import HttpResponse
from kinesis_fake.botocore_hook.client_copies import Prototype
from kinesis_fake.botocore_hook.compiled import compiled_for
from kinesis_fake.botocore_hook.door import Door
from kinesis_fake.botocore_hook.handlers import ACTIVE_FAKES, bind, require_open
from kinesis_fake.botocore_hook.names import SERVICE_ID
from kinesis_fake.botocore_hook.validation import OperationValidator
from kinesis_fake.misuse import KinesisFakeError, shown, text, yes_or_no
from kinesis_fake.process.fork_locks import outer
from kinesis_fake.process.patches import PatchedVariable
from kinesis_fake.process.undoing import Shared, UndoStack

DEFAULT_REGION = "us-east-1"
#: Credentials for a client that has none, so that botocore does not look for some on the network.
NO_CREDENTIALS = {"aws_access_key_id": "kinesis-fake", "aws_secret_access_key": "kinesis-fake"}


_METADATA_VARIABLE = PatchedVariable(os.environ, "AWS_EC2_METADATA_DISABLED", "true")


def _disable_metadata_service(undo: UndoStack) -> None:
    if os.environ.get("AWS_EC2_METADATA_DISABLED") != "true":
        _METADATA_VARIABLE.set(undo)


_METADATA_DISABLED = Shared(_disable_metadata_service)


@contextmanager
def no_metadata_service() -> Generator[None]:
    """Keep botocore from asking EC2's metadata service for anything while a client is made."""
    undo = UndoStack()
    try:
        _METADATA_DISABLED.acquire(undo)
        yield
    finally:
        undo.run()


# --- clients of our own -----------------------------------------------------------------------------------------

#: Clients to make copies of, by the parameters that they were made with; and how many are kept.
_prototypes: dict[str, Prototype] = {}
_MAX_PROTOTYPES = 100
_session: Any = None
_async_sessions: dict[type, Any] = {}
#: Held while the session is made, because making it is not safe for several threads at once.
_session_lock = outer(threading.RLock())


def make_client(door: Door, **parameters: Any) -> Any:
    """A botocore client that is bound to a fake; most are copies, because making one afresh takes milliseconds."""
    require_open(door)
    _check_parameters("client()", parameters)
    region_of_config = getattr(parameters.get("config"), "region_name", None)
    parameters["region_name"] = parameters.get("region_name") or region_of_config or door.region_name
    key = _key_of(parameters)
    prototype = _prototypes.get(key) if key is not None else None
    if prototype is None:
        client = _new_client(**parameters)
        if key is not None and client.meta.config.retries["mode"] != "adaptive" and len(_prototypes) < _MAX_PROTOTYPES:
            prototype = _prototypes[key] = Prototype(client)
    if prototype is not None:
        client = prototype.copy()
    bind(client.meta.events, door)
    return client


#: The parameters of create_client that are text or None.
_TEXTS = (
    "region_name",
    "api_version",
    "endpoint_url",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_account_id",
)


def _check_parameters(who: str, parameters: Mapping[str, Any]) -> None:
    """Refuse in words what would make botocore fail with an error of its inner workings."""
    for name, value in parameters.items():
        if value is None:
            continue
        if name in _TEXTS:
            text(f"{name} of {who}", value)
        elif name == "use_ssl":
            yes_or_no(f"use_ssl of {who}", value)
        elif name == "verify" and not isinstance(value, (bool, str, os.PathLike)):
            raise KinesisFakeError(f"verify of {who} must be True, False or a path, not {shown(value)}.")
        elif name == "config" and not isinstance(value, Config):
            raise KinesisFakeError(f"config of {who} must be a botocore.config.Config(...), not {shown(value)}.")


def make_async_client(door: Door, **parameters: Any) -> Any:
    """A client of aiobotocore that is bound to a fake.

    It needs no ``async with``: nothing that aiobotocore awaits in making it really waits, and no connection is opened.
    """
    require_open(door)
    _check_parameters("aio_client()", parameters)
    region_of_config = getattr(parameters.get("config"), "region_name", None)
    parameters["region_name"] = parameters.get("region_name") or region_of_config or door.region_name
    if parameters.get("aws_access_key_id") is None:
        parameters.update(NO_CREDENTIALS)
    try:
        from aiobotocore.session import AioSession
    except ModuleNotFoundError as error:
        raise KinesisFakeError(
            "aio_client() needs aiobotocore, which is not installed: pip install 'kinesis-fake[aiobotocore]'.",
            see="installed-versions",
        ) from error

    with _session_lock, no_metadata_service():
        if AioSession not in _async_sessions:
            _async_sessions[AioSession] = _isolated(AioSession())
        create_client = cast(Any, _async_sessions[AioSession])._create_client
        _require_parameters_of(create_client, "aio_client() takes the parameters of AioSession", parameters)
        making = create_client(SERVICE_ID, **parameters)
        try:
            making.send(None)
        except StopIteration as stop:
            client = stop.value
        else:
            making.close()
            raise KinesisFakeError(
                "This client of aiobotocore cannot be made at once; make it by aiobotocore's own create_client()."
            )
    bind(client.meta.events, door)
    return client


def _key_of(parameters: Mapping[str, Any]) -> str | None:
    """The parameters as text, to find a prototype; None if a text cannot tell them apart."""
    if len(parameters) == 1 and type(region_name := parameters["region_name"]) is str:  # nearly every client
        return region_name
    given = dict(parameters)
    config = given.get("config")
    if type(config) is Config:
        given["config"] = vars(config)  # its attributes, because code sets them after it has been made
    return repr(sorted(given.items())) if _is_plain(given) else None


def _is_plain(value: object) -> bool:
    if type(value) is str:
        return True
    if type(value) is dict:
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    if type(value) in (list, tuple):
        return all(map(_is_plain, cast("Iterable[object]", value)))
    if type(value) is int:
        return value.bit_length() < 64  # Python refuses to print numbers of thousands of digits
    return value is None or type(value) in (bool, bytes, float)


def _new_client(**parameters: Any) -> Any:
    global _session
    if parameters.get("aws_access_key_id") is None:
        parameters.update(NO_CREDENTIALS)
    with _session_lock, no_metadata_service():
        if _session is None:
            _session = _isolated(_session_of_kinesis())
        _require_parameters_of(
            _session.create_client, "client() takes the parameters of botocore's Session", parameters
        )
        return _session.create_client(SERVICE_ID, **parameters)


def _require_parameters_of(create_client: Any, sentence: str, parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that the client library does not know."""
    try:
        inspect.signature(create_client).bind(SERVICE_ID, **parameters)
    except TypeError as error:
        raise KinesisFakeError(f"{sentence}.create_client: {error}.") from None


def _isolated(session: Any) -> Any:
    """A session that reads neither the environment nor files, so that its clients are alike on all machines."""
    config_store = session.get_component("config_store")
    for name, (_, _, default, _) in session.SESSION_VARIABLES.items():
        config_store.set_config_provider(name, ConstantProvider(default))
    for name in ("config_file", "credentials_file"):
        config_store.set_config_provider(name, ConstantProvider(os.devnull))
    config_store.set_config_provider("ignore_configured_endpoint_urls", ConstantProvider(True))
    return session


def _session_of_kinesis() -> Any:
    """A session that has, of botocore's own handlers, only those that may concern Kinesis.

    All of them form a tree of 400 nodes. Copying that for each client would take two thirds of a test's set-up.
    """
    session = botocore.session.Session(include_builtin_handlers=False)
    events = session.get_component("event_emitter")
    places = {
        botocore.handlers.REGISTER_FIRST: events.register_first,
        botocore.handlers.REGISTER_LAST: events.register_last,
    }
    for event, handler, *place in botocore.handlers.BUILTIN_HANDLERS:
        parts = event.split(".")
        service = parts[2:3] if parts[0] == "docs" else parts[1:2]
        if not service or service[0] in ("*", SERVICE_ID):
            (places[place[0]] if place else events.register)(event, handler)
    return session


@cache
def _operation_model(operation_name: str) -> Any:
    key = str(_key_of({"region_name": DEFAULT_REGION}))
    if key not in _prototypes:
        _prototypes[key] = Prototype(_new_client(region_name=DEFAULT_REGION))
    return _prototypes[key].client.meta.service_model.operation_model(operation_name)


def validator_for(operation_name: str) -> OperationValidator:
    """The validator of an operation of the installed botocore."""
    return compiled_for(_operation_model(operation_name)).validator


def input_shape_of(operation_name: str) -> Any:
    """The shape of an operation's input in the installed botocore."""
    return _operation_model(operation_name).input_shape


# --- clients of the code under test -----------------------------------------------------------------------------

#: The parameters of create_client after the name of the service, in the order of all supported releases.
CREATE_CLIENT_PARAMETERS = (
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


def completed(session: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """All arguments by name, with a region and credentials where neither the caller nor the session has them."""
    given = {**dict(zip(CREATE_CLIENT_PARAMETERS, args, strict=False)), **kwargs}
    configs = (given.get("config"), session.get_default_client_config())
    if (
        given.get("region_name") is None
        and not any(getattr(config, "region_name", None) for config in configs)
        and session.get_config_variable("region") is None
    ):
        door = ACTIVE_FAKES.current()
        given["region_name"] = door.region_name if door is not None else DEFAULT_REGION
    if (
        given.get("aws_access_key_id") is None
        and given.get("aws_secret_access_key") is None
        and session._credentials is None
        and not _has_credentials_at_hand(session)
    ):
        given.update(NO_CREDENTIALS)
    return given


def _has_credentials_at_hand(session: Any) -> bool:
    """Whether the environment or a file holds the keys themselves; all other ways ask a service for them."""
    if os.environ.get("AWS_ACCESS_KEY_ID") and session.instance_variables().get("profile") is None:
        return True
    profile = session.get_scoped_config()
    return "aws_access_key_id" in profile and "role_arn" not in profile


def let_session_parse_scalars(session: Any, client: Any) -> None:
    """Let a session's own parsers of timestamps and blobs have their say in the answers that its client gets.

    The AWS CLI has such parsers: it shows both as they come over the wire.
    """
    parsers = dict(session.get_component("response_parser_factory")._defaults)
    if not parsers:
        return

    def after_call(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if isinstance(http_response, HttpResponse) and http_response.status_code < 300 and model.output_shape:
            metadata = parsed.pop("ResponseMetadata")
            parsed.update(_parse_scalars(parsed, model.output_shape, parsers), ResponseMetadata=metadata)

    # The name keeps it from being registered twice, when one wrapped create_client calls another.
    client.meta.events.register_first(f"after-call.{SERVICE_ID}", after_call, "kinesis_fake.scalars")


def _parse_scalars(value: Any, shape: Any, parsers: Mapping[str, Callable[[Any], Any]]) -> Any:
    """An answer with the values that a session's own parsers read off the wire."""
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

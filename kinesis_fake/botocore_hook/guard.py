"""What holds while any fake is active, so that no Kinesis call leaves the process."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from kinesis_fake.botocore_hook.clients import NO_METADATA_SERVICE, completed, let_session_parse_scalars
from kinesis_fake.botocore_hook.door import SERVICE_ID, WAITING, Waiting
from kinesis_fake.botocore_hook.handlers import CHILDREN, DOORS, door_of, install_handlers
from kinesis_fake.botocore_hook.retries import guarded_needs_retry, guarded_needs_retry_async
from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.fork_locks import brief
from kinesis_fake.process.patches import Replacements
from kinesis_fake.virtual_time.clock import LATEST_MS


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
        self._replacements = Replacements()

    def acquire(self) -> None:
        with self._lock:
            self._holders += 1
            self._replace_all()

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._replacements.undo()

    def catch_up(self) -> None:
        """A session is being made, perhaps by a package that was not loaded when the guard was acquired."""
        with self._lock:
            if self._holders:
                self._replace_all()

    def _replace_all(self) -> None:
        """Replace what is loaded by now."""
        if "awscli.botocore.handlers" in sys.modules:
            install_handlers(sys.modules["awscli.botocore.handlers"])
        for package in self._PACKAGES:
            for module_name, owner_name, name, wrap in _GUARDED_ASYNC if package == "aiobotocore" else _GUARDED:
                owner = getattr(sys.modules.get(f"{package}.{module_name}"), owner_name, None)
                if owner is not None:
                    self._replacements.make(owner, name, wrap)


GUARD = _Guard()


def begin_child() -> None:
    """The first thing that runs in a process which :mod:`multiprocessing` starts while a fake is active."""
    CHILDREN.become_child(begin_child)
    GUARD.acquire()


def _is_kinesis(client: Any) -> bool:
    return bool(client.meta.service_model.service_id.hyphenize() == SERVICE_ID)


def _guarded_session(original: Any) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        GUARD.catch_up()
        original(self, *args, **kwargs)

    return init


def _guarded_request(original: Any) -> Any:
    def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = door_of(request_context) if _is_kinesis(self) else None
        if door is None:
            return original(self, operation_model, request_dict, request_context)
        return door.answer(operation_model, request_dict, request_context, self.meta.events, self._request_signer)

    return make_request


def _guarded_request_async(original: Any) -> Any:
    async def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = door_of(request_context) if _is_kinesis(self) else None
        if door is None:
            return await original(self, operation_model, request_dict, request_context)
        answer = door.answer(operation_model, request_dict, request_context, self.meta.events, self._request_signer)
        return await answer if inspect.isawaitable(answer) else answer

    return make_request


def _guarded_create_client(original: Any) -> Any:
    def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != SERVICE_ID or not (len(DOORS) or CHILDREN.is_child):
            return original(self, service_name, *args, **kwargs)
        with NO_METADATA_SERVICE:
            client = original(self, service_name, **completed(self, args, kwargs))
        let_session_parse_scalars(self, client)
        return client

    return create_client


def _guarded_create_client_async(original: Any) -> Any:
    async def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != SERVICE_ID or not (len(DOORS) or CHILDREN.is_child):
            return await original(self, service_name, *args, **kwargs)
        with NO_METADATA_SERVICE:
            return await original(self, service_name, **completed(self, args, kwargs))

    return create_client


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
    waiting = WAITING.get()
    if waiting is not None and waiting.waiter is waiter:
        return False  # seen to: somebody has wrapped what an earlier stay put there, and that is wrapped again
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
    token = WAITING.set(Waiting(waiter, round(delay * 1000)))
    try:
        yield {**kwargs, "WaiterConfig": config}
    finally:
        WAITING.reset(token)


if CHILDREN.is_child:  # of another kind: begin_child() has not run
    begin_child()

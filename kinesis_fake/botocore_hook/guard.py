"""What the hook replaces in botocore while any fake is active, so that no Kinesis call leaves the process."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from botocore.client import BaseClient
from botocore.validate import ValidationErrors

from kinesis_fake.botocore_hook.bodies import OwnParams, SparingRequest, request_of
from kinesis_fake.botocore_hook.clients import completed, let_session_parse_scalars, no_metadata_service
from kinesis_fake.botocore_hook.compiled import compiled_for
from kinesis_fake.botocore_hook.endpoints import memory_of, without_account
from kinesis_fake.botocore_hook.handlers import (
    ACTIVE_FAKES,
    CHILD_PROCESSES,
    answer,
    bound_to,
    door_of,
    install_handlers,
    remember_door,
)
from kinesis_fake.botocore_hook.names import SERVICE_ID, is_kinesis, missing_name
from kinesis_fake.botocore_hook.parameters import direct_params
from kinesis_fake.botocore_hook.relied_on import RELIED_ON, require_attributes, require_names
from kinesis_fake.botocore_hook.retries import guarded_needs_retry, guarded_needs_retry_async
from kinesis_fake.botocore_hook.sdk_waiters import is_to_wait_virtually, waiting_virtually
from kinesis_fake.botocore_hook.unreached import warn_of_replacements
from kinesis_fake.misuse import KinesisFakeError, NotModelledError
from kinesis_fake.process.outside_calls import OUTSIDE_CALLS
from kinesis_fake.process.patches import Patch, Patches
from kinesis_fake.process.undoing import Shared, UndoStack

#: What botocore's check returns for valid parameters.
_NOTHING_WRONG = ValidationErrors()

# --- requests -------------------------------------------------------------------------------------------------------


def _guarded_conversion(original: Any) -> Any:
    """Let a call remember the fake of its client, and make the body of its request only if something looks at it."""

    def convert_to_request_dict(self: Any, api_params: Any, operation_model: Any, *args: Any, **kwargs: Any) -> Any:
        params = _begun(self, api_params, operation_model, kwargs)
        return _with_user_agent(original(self, params, operation_model, *args, **kwargs), params)

    return convert_to_request_dict


def _guarded_conversion_async(original: Any) -> Any:
    async def convert_to_request_dict(
        self: Any, api_params: Any, operation_model: Any, *args: Any, **kwargs: Any
    ) -> Any:
        params = _begun(self, api_params, operation_model, kwargs)
        return _with_user_agent(await original(self, params, operation_model, *args, **kwargs), params)

    return convert_to_request_dict


def _begun(client: Any, params: Any, operation_model: Any, named: dict[str, Any]) -> Any:
    """The parameters of a call; as :class:`OwnParams` if a fake will answer and the body would give them back."""
    context = named.get("context")
    if context is None or "is_presign_request" in context or not _resolves_for_fake(client._ruleset_resolver):
        return params
    remember_door(client.meta.events, context)
    try:
        compiled = compiled_for(operation_model)
        direct = direct_params(params, compiled.types)
    except NotModelledError:  # the door will say so
        return params
    if direct is None:
        return params
    own_params = OwnParams(params)
    own_params.client, own_params.direct = client, direct
    own_params.are_valid = compiled.requirements.are_met_by(direct)
    named["set_user_agent_header"] = False
    return own_params


def _with_user_agent(request: Any, params: Any) -> Any:
    """Add the User-Agent that was left out to a request that a serializer of the code under test has made."""
    if type(params) is OwnParams and type(request) is not SparingRequest:
        request["headers"].setdefault("User-Agent", params.client._user_agent_creator.to_string())
    return request


def _is_botocores_own(function: Any, module_name: str) -> bool:
    """Whether this function is botocore's.

    A replacement made by another patcher is called for every request, also when it imitates botocore's function.
    """
    return type(function) is FunctionType and function.__globals__["__name__"].rpartition(".")[2] == module_name


def _guarded_validation(original: Any) -> Any:
    """Skip botocore's check of parameters that the fake knows to be valid."""
    is_botocores_own = _is_botocores_own(original, "validate")

    def validate(self: Any, params: Any, shape: Any) -> Any:
        if is_botocores_own and type(params) is OwnParams and params.are_valid:
            return _NOTHING_WRONG
        return original(self, params, shape)

    return validate


def _guarded_serialization(original: Any) -> Any:
    is_botocores_own = _is_botocores_own(original, "serialize")

    def serialize_to_request(self: Any, parameters: Any, operation_model: Any) -> Any:
        if is_botocores_own and type(parameters) is OwnParams:
            return request_of(self, original, parameters, operation_model)
        return original(self, parameters, operation_model)

    return serialize_to_request


def _guarded_request(original: Any) -> Any:
    """Hand a Kinesis request that no handler answered to the fake, never to the network."""

    def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = door_of(bound_to(self.meta.events)) if is_kinesis(self) else None
        if door is None:
            return original(self, operation_model, request_dict, request_context)
        return answer(door, operation_model, request_dict, request_context, self.meta.events, self._request_signer)

    return make_request


def _guarded_request_async(original: Any) -> Any:
    async def make_request(self: Any, operation_model: Any, request_dict: Any, request_context: Any) -> Any:
        door = door_of(bound_to(self.meta.events)) if is_kinesis(self) else None
        if door is None:
            return await original(self, operation_model, request_dict, request_context)
        answered = answer(door, operation_model, request_dict, request_context, self.meta.events, self._request_signer)
        return await answered if inspect.isawaitable(answered) else answered

    return make_request


# --- clients --------------------------------------------------------------------------------------------------------


def _guarded_session(original: Any) -> Any:
    """Guard also a package that was loaded after the first fake was entered, as soon as it makes a session."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        GUARD.catch_up()
        original(self, *args, **kwargs)

    return init


def _guarded_create_client(original: Any) -> Any:
    """Make a Kinesis client also without a region or credentials, and ask no service for credentials."""

    def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != SERVICE_ID or not (len(ACTIVE_FAKES) or OUTSIDE_CALLS):
            return original(self, service_name, *args, **kwargs)
        GUARD.catch_up()  # the test may have reloaded a module of botocore inside the fake
        with no_metadata_service():
            client = original(self, service_name, **completed(self, args, kwargs))
        if isinstance(client, BaseClient):  # and not what another patcher has made
            require_attributes(client)
        let_session_parse_scalars(self, client)
        return client

    return create_client


def _guarded_create_client_async(original: Any) -> Any:
    async def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if service_name != SERVICE_ID or not (len(ACTIVE_FAKES) or OUTSIDE_CALLS):
            return await original(self, service_name, *args, **kwargs)
        with no_metadata_service():
            client = await original(self, service_name, **completed(self, args, kwargs))
        if isinstance(client, BaseClient):
            require_attributes(client)
        return client

    return create_client


# --- endpoints ------------------------------------------------------------------------------------------------------


def _guarded_builtins(original: Any) -> Any:
    """Leave out of the parameters of an endpoint what botocore would first have to fetch."""

    def get_customized_builtins(self: Any, *args: Any) -> Any:
        builtins = original(self, *args)
        return without_account(builtins) if _resolves_for_fake(self) else builtins

    return get_customized_builtins


def _guarded_builtins_async(original: Any) -> Any:
    async def get_customized_builtins(self: Any, *args: Any) -> Any:
        builtins = await original(self, *args)
        return without_account(builtins) if _resolves_for_fake(self) else builtins

    return get_customized_builtins


def _resolves_for_fake(resolver: Any) -> bool:
    return len(ACTIVE_FAKES) > 0 and resolver is not None and resolver._service_model.service_name == SERVICE_ID


def _guarded_resolution(original: Any) -> Any:
    """Resolve the endpoint once per client and operation, not once per call."""

    def resolve(self: Any, model: Any, params: Any, context: Any, *more: Any, **named: Any) -> Any:
        resolver = self._ruleset_resolver
        if more or named or not _resolves_for_fake(resolver):
            return original(self, model, params, context, *more, **named)
        memory = memory_of(resolver)
        if (found := memory.recall(resolver, model, params, context)) is not None:
            return found
        if not memory.may_keep(resolver, model, params, context):
            return original(self, model, params, context)
        warn_of_replacements(self)
        endpoint = original(self, model, params, context)
        provider_params = resolver._get_provider_params(model, params, context)
        memory.keep(resolver, model, params, endpoint, context, provider_params)
        return endpoint

    return resolve


def _guarded_resolution_async(original: Any) -> Any:
    async def resolve(self: Any, model: Any, params: Any, context: Any, *more: Any, **named: Any) -> Any:
        resolver = self._ruleset_resolver
        if more or named or not _resolves_for_fake(resolver):
            return await original(self, model, params, context, *more, **named)
        memory = memory_of(resolver)
        if (found := memory.recall(resolver, model, params, context)) is not None:
            return found
        if not memory.may_keep(resolver, model, params, context):
            return await original(self, model, params, context)
        warn_of_replacements(self)
        endpoint = await original(self, model, params, context)
        provider_params = await resolver._get_provider_params(model, params, context)
        memory.keep(resolver, model, params, endpoint, context, provider_params)
        return endpoint

    return resolve


def _guarded_endpoint(original: Any) -> Any:
    """Hide from this process's clients the endpoint that the environment names for child processes."""

    def provide(self: Any) -> Any:
        self._environ = CHILD_PROCESSES.environment_of_clients(self._environ)
        return original(self)

    return provide


# --- waiters --------------------------------------------------------------------------------------------------------


def _guarded_wait(original: Any) -> Any:
    """Let an SDK waiter of a Kinesis client move the virtual clock instead of sleeping."""

    def wait(self: Any, **kwargs: Any) -> Any:
        if not len(ACTIVE_FAKES) or not is_to_wait_virtually(self):
            return original(self, **kwargs)
        with waiting_virtually(self, kwargs) as kwargs:
            return original(self, **kwargs)

    return wait


def _guarded_wait_async(original: Any) -> Any:
    async def wait(self: Any, **kwargs: Any) -> Any:
        if not len(ACTIVE_FAKES) or not is_to_wait_virtually(self):
            return await original(self, **kwargs)
        with waiting_virtually(self, kwargs) as kwargs:
            return await original(self, **kwargs)

    return wait


# --- the guard ------------------------------------------------------------------------------------------------------

#: A module, a class, a method, and the function that makes its replacement.
Guarded = tuple[str, str, str, Callable[[Any], Any]]

#: What the guard replaces in botocore. aiobotocore's sessions derive from botocore's, so these hold for them too.
GUARDED: tuple[Guarded, ...] = (
    ("client", "BaseClient", "_convert_to_request_dict", _guarded_conversion),
    ("client", "BaseClient", "_make_request", _guarded_request),
    ("client", "BaseClient", "_resolve_endpoint_ruleset", _guarded_resolution),
    ("configprovider", "ConfiguredEndpointProvider", "provide", _guarded_endpoint),
    ("regions", "EndpointRulesetResolver", "_get_customized_builtins", _guarded_builtins),
    ("retries.standard", "RetryHandler", "needs_retry", guarded_needs_retry),
    ("serialize", "JSONSerializer", "serialize_to_request", _guarded_serialization),
    ("session", "Session", "__init__", _guarded_session),
    ("session", "Session", "create_client", _guarded_create_client),
    ("validate", "ParamValidator", "validate", _guarded_validation),
    ("waiter", "Waiter", "wait", _guarded_wait),
)
GUARDED_ASYNC: tuple[Guarded, ...] = (
    ("client", "AioBaseClient", "_convert_to_request_dict", _guarded_conversion_async),
    ("client", "AioBaseClient", "_make_request", _guarded_request_async),
    ("client", "AioBaseClient", "_resolve_endpoint_ruleset", _guarded_resolution_async),
    ("regions", "AioEndpointRulesetResolver", "_get_customized_builtins", _guarded_builtins_async),
    ("retries.standard", "AioRetryHandler", "needs_retry", guarded_needs_retry_async),
    ("session", "AioSession", "_create_client", _guarded_create_client_async),
    ("waiter", "AIOWaiter", "wait", _guarded_wait_async),
)
#: botocore itself, its asynchronous twin, and the copy that the AWS CLI carries.
PACKAGES: dict[str, tuple[Guarded, ...]] = {
    "botocore": GUARDED,
    "aiobotocore": GUARDED_ASYNC,
    "awscli.botocore": GUARDED,
}


class _LoadedPackages:
    """What to replace in the packages that are loaded.

    It is looked up again only when one of their modules or classes is another object than before: with all that the
    fake relies on there, a look takes a quarter of the time in which a fake is entered. To reload a module replaces its
    classes. Clients of the former classes can still be called, so these are guarded too.
    """

    def __init__(self) -> None:
        self._guarded = [
            (package, (f"{package}.{module_name}", owner_name, name, wrap))
            for package, table in PACKAGES.items()
            for module_name, owner_name, name, wrap in table
        ]
        self._names = sorted({*RELIED_ON, *PACKAGES, *(guarded[0] for _, guarded in self._guarded)})
        self._places = sorted({guarded[:2] for _, guarded in self._guarded})
        self._found: list[Any] = []
        self._patches: dict[Patch, None] = {}
        self._all_patches = Patches()

    def replace(self, undo: UndoStack) -> None:
        """Replace the methods in the packages loaded so far. Clients made earlier use the replacements too."""
        modules = sys.modules
        found = [modules.get(name) for name in self._names]
        found += [getattr(modules.get(module_name), owner_name, None) for module_name, owner_name in self._places]
        if found != self._found:
            if "awscli.botocore.handlers" in modules:
                install_handlers(modules["awscli.botocore.handlers"])
            self._patches.update(dict.fromkeys(self._wanted()))
            require_names()
            self._found = found
        try:
            self._all_patches.make(self._patches, undo)
        except AttributeError:
            list(self._wanted())  # says in words what has gone missing
            raise

    def _wanted(self) -> Iterator[Patch]:
        for package, (module_name, owner_name, name, wrap) in self._guarded:
            if package not in sys.modules or (module := sys.modules.get(module_name)) is None:
                continue
            owner = getattr(module, owner_name, None)
            if owner is None or name not in vars(owner):
                missing = f"{module_name.removeprefix(package)[1:]}.{owner_name}.{name}"
                raise KinesisFakeError(missing_name(package, missing), see="installed-versions")
            yield self._all_patches.patch(owner, name, wrap)


_LOADED_PACKAGES = _LoadedPackages()
GUARD = Shared(_LOADED_PACKAGES.replace)
#: Tells child processes that a fake is active.
ANNOUNCEMENT: Shared = Shared(
    lambda undo: CHILD_PROCESSES.announce(begin_child, lambda _: ANNOUNCEMENT.catch_up(), undo)
)

#: Never undone: a child process, and a process that refuses calls outside of fakes, are guarded until they end.
_until_the_process_ends = UndoStack()


def begin_child() -> None:
    """Guard a process that :mod:`multiprocessing` starts while a fake is active; the first thing that runs there."""
    CHILD_PROCESSES.become_child(begin_child, _until_the_process_ends)
    GUARD.acquire(_until_the_process_ends)


def refuse_outside_calls(message: str) -> None:
    """Refuse, until this process ends, its Kinesis calls that belong to no fake."""
    OUTSIDE_CALLS.refuse_from_now_on(message, see="outside-call")
    GUARD.acquire(_until_the_process_ends)


if CHILD_PROCESSES.is_child:  # not started by multiprocessing: begin_child() has not run
    begin_child()

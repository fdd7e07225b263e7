"""What the fake relies on in botocore and aiobotocore, by name: it refuses to be entered where one of them is missing.

The other modules of this room import these names, so this one is loaded before them.
"""

from __future__ import annotations

import importlib
import sys
from operator import attrgetter
from typing import Any

from kinesis_fake.botocore_hook.names import missing_name
from kinesis_fake.misuse import KinesisFakeError

#: Module, what is looked up there, and what for.
NAMES: tuple[tuple[str, str, str], ...] = (
    ("botocore", "__version__", "messages, and what a client of an older model sees of an answer"),
    ("botocore.awsrequest", "create_request_object", "requests for handlers of events below before-call"),
    ("botocore.client", "BaseClient._convert_to_request_dict", "no body is made that nothing looks at"),
    ("botocore.client", "BaseClient._make_request", "the guard: a request that no handler answered"),
    ("botocore.client", "BaseClient._resolve_endpoint_ruleset", "endpoints are remembered"),
    ("botocore.config", "Config", "clients of kinesis.client()"),
    ("botocore.configprovider", "ConfiguredEndpointProvider.provide", "the endpoint that is meant for children"),
    ("botocore.configprovider", "ConstantProvider", "a session that looks at no file"),
    ("botocore.eventstream", "EventStream._create_raw_event_generator", "events of SubscribeToShard"),
    ("botocore.eventstream", "EventStream._parse_event", "events of SubscribeToShard"),
    ("botocore.eventstream", "EventStreamMessage.to_response_dict", "errors inside an event stream"),
    ("botocore.exceptions", "BotoCoreError", "answers that do not come"),
    ("botocore.exceptions", "ConnectionClosedError", "answers that do not come"),
    ("botocore.exceptions", "EndpointConnectionError", "answers that do not come"),
    ("botocore.exceptions", "EventStreamError", "errors inside an event stream"),
    ("botocore.exceptions", "ReadTimeoutError", "answers that do not come"),
    ("botocore.handlers", "BUILTIN_HANDLERS", "sessions that are made later have our handlers"),
    ("botocore.handlers", "REGISTER_FIRST", "sessions that are made later have our handlers"),
    ("botocore.handlers", "REGISTER_LAST", "sessions that are made later have our handlers"),
    ("botocore.hooks", "EventAliaser.register_last", "attach()"),
    ("botocore.hooks", "NodeList", "clients are copied quickly"),
    ("botocore.hooks", "_PrefixTrie.__copy__", "clients are copied quickly"),
    ("botocore.hooks", "_PrefixTrie.append_item", "clients are copied quickly"),
    ("botocore.hooks", "_PrefixTrie.remove_item", "clients are copied quickly"),
    ("botocore.hooks", "HierarchicalEmitter._emit", "whether a client is one of asyncio"),
    ("botocore.model", "OperationModel", "validation from the model"),
    ("botocore.model", "ListShape", "validation from the model"),
    ("botocore.model", "MapShape", "validation from the model"),
    ("botocore.model", "Shape", "validation from the model"),
    ("botocore.model", "StringShape", "validation from the model"),
    ("botocore.model", "StructureShape", "validation from the model"),
    ("botocore.parsers", "create_parser", "errors as botocore parses them"),
    ("botocore.regions", "EndpointRulesetResolver._get_customized_builtins", "no account is fetched"),
    ("botocore.regions", "EndpointRulesetResolver._get_provider_params", "endpoints are remembered"),
    ("botocore.retries.standard", "RetryHandler.needs_retry", "long polls without a quota for retries"),
    ("botocore.retries.standard", "RetryHandler", "a quota for retries of each client's own"),
    ("botocore.serialize", "JSONSerializer.serialize_to_request", "no body is made that nothing looks at"),
    ("botocore.validate", "ParamValidator.validate", "parameters that are right are not checked twice"),
    ("botocore.validate", "ValidationErrors.has_errors", "says that nothing is wrong with parameters"),
    ("botocore.session", "Session.get_component", "a session with the handlers of Kinesis"),
    ("botocore.session", "Session.__init__", "packages that are loaded later are guarded too"),
    ("botocore.session", "Session.create_client", "clients without region and credentials"),
    ("botocore.session", "Session.SESSION_VARIABLES", "a session that looks at no file"),
    ("botocore.session", "Session.get_default_client_config", "clients without region and credentials"),
    ("botocore.session", "Session.instance_variables", "credentials at hand"),
    ("botocore.session", "Session", "a session with the handlers of Kinesis"),
    ("botocore.waiter", "Waiter.wait", "SDK waiters wait in virtual time"),
    ("aiobotocore.client", "AioBaseClient._convert_to_request_dict", "no body is made that nothing looks at"),
    ("aiobotocore.client", "AioBaseClient._make_request", "the guard: a request that no handler answered"),
    ("aiobotocore.client", "AioBaseClient._resolve_endpoint_ruleset", "endpoints are remembered"),
    ("aiobotocore.eventstream", "AioEventStream._create_raw_event_generator", "events of SubscribeToShard"),
    ("aiobotocore.eventstream", "AioEventStream._parse_event", "events of SubscribeToShard"),
    ("aiobotocore.eventstream", "AioEventStream", "events of SubscribeToShard"),
    ("aiobotocore.regions", "AioEndpointRulesetResolver._get_customized_builtins", "no account is fetched"),
    ("aiobotocore.retries.standard", "AioRetryHandler.needs_retry", "long polls without a quota for retries"),
    ("aiobotocore.session", "AioSession._create_client", "clients without region and credentials"),
    ("aiobotocore.session", "AioSession", "clients of kinesis.aio_client()"),
    ("aiobotocore.waiter", "AIOWaiter.wait", "SDK waiters wait in virtual time"),
)
#: What each client has, and what for.
ATTRIBUTES_OF_CLIENTS: tuple[tuple[str, str], ...] = (
    ("_endpoint._send", "warnings of replacements that no call reaches"),
    ("_endpoint.http_session.send", "warnings of replacements that no call reaches"),
    ("_endpoint.make_request", "warnings of replacements that no call reaches"),
    ("_request_signer", "copies of a client; the access key of a caller"),
    ("_request_signer._credentials", "the access key of a caller"),
    ("_request_signer._event_emitter", "the emitter of a call"),
    ("_user_agent_creator.to_string", "no User-Agent is made that nothing looks at"),
    ("_ruleset_resolver", "endpoints are remembered"),
    ("_ruleset_resolver._builtins", "endpoints are remembered"),
    ("_ruleset_resolver._event_emitter", "endpoints are remembered"),
    ("_ruleset_resolver._provider", "endpoints are remembered"),
    ("_ruleset_resolver._service_model", "endpoints are remembered"),
    ("_ruleset_resolver._use_ssl", "endpoints are remembered"),
    ("meta.events._emitter", "whether a client is one of asyncio; endpoints are remembered"),
    ("meta.events._emitter._handlers", "endpoints are remembered"),
    ("meta.events._emitter._handlers._root", "clients are copied quickly"),
    ("meta.events._emitter._lookup_cache", "endpoints are remembered"),
    ("meta.events._emitter._unique_id_handlers", "clients are copied quickly"),
)


def _names_by_module() -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = {}
    for module, name, _ in NAMES:
        grouped.setdefault(module, []).append(name)
    return {module: tuple(names) for module, names in grouped.items()}


_NAMES_BY_MODULE = _names_by_module()
#: The modules that have these names.
RELIED_ON = tuple(_NAMES_BY_MODULE)
#: Of each module, what looks all its names up at once.
_LOOKS = [(module, attrgetter(*names)) for module, names in _NAMES_BY_MODULE.items()]
_look_at_client = attrgetter(*(path for path, _ in ATTRIBUTES_OF_CLIENTS))


def require_names() -> None:
    """Refuse an installation that lacks a name in one of the modules that are loaded."""
    modules = sys.modules
    for module_name, look in _LOOKS:
        if (module := modules.get(module_name)) is not None:
            try:
                look(module)
            except AttributeError:
                raise _refusal(module_name, _first_missing(module, _NAMES_BY_MODULE[module_name])) from None


def require_attributes(client: Any) -> None:
    """Refuse an installation whose clients lack an attribute."""
    try:
        _look_at_client(client)
    except AttributeError:
        is_async = any(owner.__module__.startswith("aiobotocore") for owner in type(client).__mro__)
        module_name, owner = ("aiobotocore.client", "AioBaseClient") if is_async else ("botocore.client", "BaseClient")
        name = _first_missing(client, tuple(path for path, _ in ATTRIBUTES_OF_CLIENTS))
        raise _refusal(module_name, f"{owner}().{name}") from None


def _require_botocore() -> None:
    """Refuse a botocore that lacks a name or a module, before other modules of this room import them."""
    for module_name in _NAMES_BY_MODULE:
        if module_name.split(".")[0] == "botocore":
            try:
                importlib.import_module(module_name)
            except ModuleNotFoundError as error:
                if error.name != module_name:
                    raise
                raise _refusal(module_name) from None
    require_names()


def _first_missing(module: Any, names: tuple[str, ...]) -> str:
    for name in names:
        try:
            attrgetter(name)(module)
        except AttributeError:
            return name
    raise AssertionError("all names are there")


def _refusal(module_name: str, name: str = "") -> KinesisFakeError:
    package, _, inside = module_name.partition(".")
    return KinesisFakeError(missing_name(package, ".".join(filter(None, (inside, name)))), see="installed-versions")


_require_botocore()

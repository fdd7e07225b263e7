"""What the fake relies on in botocore and aiobotocore, by name: a release without one of these names breaks it.

``NAMES`` is the one table. When a new release comes out, look here first: a failing test says which name is gone and
what the fake uses it for. A second test reads ``kinesis_fake/botocore_hook`` and finds private names that are missing
in the table.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import botocore.session
import pytest

import kinesis_fake
from kinesis_fake.botocore_hook.guard import GUARDED, GUARDED_ASYNC
from tests.support.names_of_others import found, private_names_of_others

HOOK = Path(kinesis_fake.__file__).parent / "botocore_hook"

#: Module, what is looked up there, and what for. What a class has only in its objects is in ``ATTRIBUTES``.
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
    ("botocore.hooks", "HierarchicalEmitter._emit", "whether a client is one of asyncio"),
    ("botocore.hooks", "HierarchicalEmitter._register", "a quota for retries of each client's own"),
    ("botocore.model", "OperationModel", "validation from the model"),
    ("botocore.parsers", "create_parser", "errors as botocore parses them"),
    ("botocore.regions", "EndpointRulesetResolver._get_customized_builtins", "no account is fetched"),
    ("botocore.regions", "EndpointRulesetResolver._get_provider_params", "endpoints are remembered"),
    ("botocore.retries.standard", "RetryHandler.needs_retry", "long polls without a quota for retries"),
    ("botocore.retries.standard", "RetryHandler", "a quota for retries of each client's own"),
    ("botocore.retries.standard", "register_retry_handler", "a quota for retries of each client's own"),
    ("botocore.serialize", "JSONSerializer.serialize_to_request", "no body is made that nothing looks at"),
    ("botocore.validate", "ParamValidator.validate", "parameters that are right are not checked twice"),
    ("botocore.validate", "ValidationErrors.has_errors", "says that nothing is wrong with parameters"),
    ("botocore.session", "Session.get_component", "a session with the handlers of Kinesis"),
    ("botocore.session", "Session.__init__", "packages that are loaded later are guarded too"),
    ("botocore.session", "Session.create_client", "clients without region and credentials"),
    ("botocore.session", "Session.SESSION_VARIABLES", "a session that looks at no file"),
    ("botocore.session", "Session.get_default_client_config", "clients without region and credentials"),
    ("botocore.session", "Session.instance_variables", "credentials at hand"),
    ("botocore.waiter", "Waiter.wait", "SDK waiters wait in virtual time"),
    ("aiobotocore.client", "AioBaseClient._convert_to_request_dict", "no body is made that nothing looks at"),
    ("aiobotocore.client", "AioBaseClient._make_request", "the guard: a request that no handler answered"),
    ("aiobotocore.client", "AioBaseClient._resolve_endpoint_ruleset", "endpoints are remembered"),
    ("aiobotocore.eventstream", "AioEventStream._create_raw_event_generator", "events of SubscribeToShard"),
    ("aiobotocore.eventstream", "AioEventStream._parse_event", "events of SubscribeToShard"),
    ("aiobotocore.regions", "AioEndpointRulesetResolver._get_customized_builtins", "no account is fetched"),
    ("aiobotocore.retries.standard", "AioRetryHandler.needs_retry", "long polls without a quota for retries"),
    ("aiobotocore.session", "AioSession._create_client", "clients without region and credentials"),
    ("aiobotocore.waiter", "AIOWaiter.wait", "SDK waiters wait in virtual time"),
)


def _client() -> Any:
    return botocore.session.Session().create_client(
        "kinesis", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )


#: What an object has: how it is written from a client, and what for.
ATTRIBUTES: tuple[tuple[str, str], ...] = (
    ("client._endpoint._send", "warnings of replacements that no call reaches"),
    ("client._endpoint.http_session.send", "warnings of replacements that no call reaches"),
    ("client._endpoint.make_request", "warnings of replacements that no call reaches"),
    ("client._request_signer", "copies of a client; the access key of a caller"),
    ("client._request_signer._credentials", "the access key of a caller"),
    ("client._request_signer._event_emitter", "the emitter of a call"),
    ("client._user_agent_creator.to_string", "no User-Agent is made that nothing looks at"),
    ("client._ruleset_resolver", "endpoints are remembered"),
    ("client._ruleset_resolver._builtins", "endpoints are remembered"),
    ("client._ruleset_resolver._event_emitter", "endpoints are remembered"),
    ("client._ruleset_resolver._provider", "endpoints are remembered"),
    ("client._ruleset_resolver._service_model", "endpoints are remembered"),
    ("client._ruleset_resolver._use_ssl", "endpoints are remembered"),
    ("client.meta.events._alias_name_cache", "copies of a client know the names of events"),
    ("client.meta.events._emitter", "whether a client is one of asyncio; endpoints are remembered"),
    ("client.meta.events._emitter._handlers", "endpoints are remembered"),
    ("client.meta.events._emitter._handlers._root", "clients are copied quickly"),
    ("client.meta.events._emitter._lookup_cache", "endpoints are remembered"),
    ("client.get_waiter('stream_exists')._operation_method._client_method", "whether a waiter is one of Kinesis"),
    ("register_retry_handler(client)._retry_quota.release_retry_quota", "a quota for retries of each client's own"),
    ("client.meta.service_model.operation_model('PutRecord').context_parameters", "endpoints are remembered"),
    ("session._credentials", "clients without credentials"),
    ("session.get_component('response_parser_factory')._defaults", "the AWS CLI's parsers of scalars"),
    ("create_parser('json')._event_stream_parser", "errors inside an event stream"),
)
#: Private names that older or newer releases do not have, and without which the fake gets on.
OPTIONAL = {
    "_access_key": "credentials that are refreshed",
    "_register_endpoint_feature_ids": "the user agent of newer releases",
    "_sleep": "retry handlers of newer releases sleep by themselves",
}


@pytest.mark.parametrize(("module", "name", "purpose"), NAMES, ids=[f"{module}.{name}" for module, name, _ in NAMES])
def test_a_name_that_the_fake_relies_on_is_there(module: str, name: str, purpose: str) -> None:
    found(module, name, purpose)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return {
        "client": _client(),
        "session": botocore.session.Session(),
        "create_parser": importlib.import_module("botocore.parsers").create_parser,
        "register_retry_handler": importlib.import_module("botocore.retries.standard").register_retry_handler,
    }


@pytest.mark.parametrize(("path", "purpose"), ATTRIBUTES, ids=[path for path, _ in ATTRIBUTES])
def test_an_attribute_that_the_fake_relies_on_is_there(names: dict[str, Any], path: str, purpose: str) -> None:
    try:
        eval(path, names)
    except AttributeError as error:
        pytest.fail(f"{path} is gone ({error}), which kinesis_fake needs for this: {purpose}")


def test_the_guard_replaces_nothing_but_what_is_in_the_table() -> None:
    listed = {(module, name) for module, name, _ in NAMES}
    for package, guarded in (("botocore", GUARDED), ("aiobotocore", GUARDED_ASYNC)):
        for module, owner, name, _ in guarded:
            assert (f"{package}.{module}", f"{owner}.{name}") in listed


#: What the hook puts on objects itself, and what named tuples have.
OWN = {"_fields", "_kinesis_fake", "_kinesis_fake_door", "_kinesis_fake_endpoints", "_replace"}


@pytest.mark.parametrize("module", sorted(HOOK.glob("*.py")), ids=lambda path: path.name)
def test_every_private_name_that_the_hook_asks_for_is_in_the_table(module: Path) -> None:
    listed = {part for _, name, _ in NAMES for part in name.split(".")}
    listed |= {part for path, _ in ATTRIBUTES for part in path.replace("(", ".").split(".")}
    assert private_names_of_others(module) - listed - OPTIONAL.keys() - OWN == set()


def test_the_emitter_empties_its_cache_whenever_a_handler_comes_or_goes() -> None:
    """What is remembered per client is valid for as long as the emitter keeps what it has looked up."""
    emitter = _client().meta.events

    def look(**_: Any) -> None:
        pass

    for change in (emitter.register, emitter.unregister):
        emitter._emitter._lookup_cache["something"] = []
        change("before-send.kinesis", look)
        assert "something" not in emitter._emitter._lookup_cache


def test_handlers_are_called_with_names_that_the_fake_knows() -> None:
    from kinesis_fake.botocore_hook import handlers

    assert set(inspect.signature(handlers._before_call).parameters) == {
        "model",
        "params",
        "request_signer",
        "context",
        "_",
    }

"""What the fake relies on in botocore and aiobotocore, by name: a release without one of these names breaks it.

``kinesis_fake/botocore_hook/relied_on.py`` has the one table, and a fake is refused where a name of it is missing.
When a new release comes out, look here first: a failing test says which name is gone and what the fake uses it for.
Other tests read ``kinesis_fake/botocore_hook`` and find names, public and private ones, that are missing in the table.
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
from kinesis_fake.botocore_hook.relied_on import ATTRIBUTES_OF_CLIENTS, NAMES
from tests.support.names_of_others import found, names_asked_of, private_names_of_others

HOOK = Path(kinesis_fake.__file__).parent / "botocore_hook"


def _client() -> Any:
    return botocore.session.Session().create_client(
        "kinesis", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )


#: What other objects have: how it is written from a client, and what for.
ATTRIBUTES: tuple[tuple[str, str], ...] = (
    *((f"client.{path}", purpose) for path, purpose in ATTRIBUTES_OF_CLIENTS),
    ("client.get_waiter('stream_exists')._operation_method._client_method", "whether a waiter is one of Kinesis"),
    ("register_retry_handler(client)._retry_quota.release_retry_quota", "a quota for retries of each client's own"),
    ("register_retry_handler(client)._retry_quota._quota", "a quota for retries of each client's own"),
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


@pytest.mark.parametrize("module", sorted(HOOK.glob("*.py")), ids=lambda path: path.name)
def test_every_name_that_the_hook_takes_from_botocore_is_in_the_table(module: Path) -> None:
    listed = {f"{module}.{name}" for module, name, _ in NAMES}
    # A class stands there with one of its methods, or by itself.
    listed |= {name.rpartition(".")[0] for name in listed}
    asked = names_asked_of(("botocore", "aiobotocore"), module)
    assert {name for name in asked if name not in listed and name.rpartition(".")[0] not in listed} == set()


def test_the_emitter_empties_its_cache_whenever_a_handler_comes_or_goes() -> None:
    """The fake's memory per client is valid as long as the emitter keeps its cache."""
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

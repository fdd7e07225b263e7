"""Remembers the endpoint of a call, and keeps botocore from fetching anything for it.

botocore resolves the endpoint anew for each call, which takes longer than all that the fake does for PutRecord. While a
fake is active the result is remembered per client and operation: put_record takes 0.7 times what it takes without.
"""

from __future__ import annotations

import logging
from typing import Any

from kinesis_fake.botocore_hook.names import SERVICE_ID
from kinesis_fake.named_tuples import NamedTuple

_EVENT = f"before-endpoint-resolution.{SERVICE_ID}"
#: How many endpoints are remembered per client: each ARN may lead to an endpoint of its own.
_MAX_REMEMBERED = 100
_log = logging.getLogger("botocore.regions")

#: URL, headers and properties, as botocore's ``_resolve_endpoint_ruleset`` returns them.
Endpoint = tuple[str, dict[str, str], dict[str, Any]]


class _Remembered(NamedTuple):
    """An endpoint that botocore has resolved, and what it has put into the request's context on the way."""

    endpoint: Endpoint
    auth_type: Any
    signing: dict[str, Any] | None
    #: The parameters of the resolution that the User-Agent header mentions.
    features: list[tuple[str, Any]]
    #: The client's settings at that time: see :func:`_of_client`.
    of_client: list[Any]


class EndpointMemory:
    """The endpoints of one client, or of a client and its copies, by operation and by the ARN that it is called with.

    botocore resolves anew where the result may differ or be seen: if the event ``before-endpoint-resolution`` has
    handlers, if a call's context says how to sign it, for presigned URLs, and if botocore's log shows resolutions.
    """

    def __init__(self) -> None:
        self._members: dict[str, tuple[str, ...]] = {}
        self._remembered: dict[tuple[Any, ...], _Remembered] = {}

    def recall(self, resolver: Any, model: Any, params: Any, context: dict[str, Any]) -> Endpoint | None:
        """The endpoint of such a call, with the context of the request as it was then; None if it is not known."""
        name = model.name
        try:
            key = (name, *map(params.get, self._members[name]))
            remembered = self._remembered[key]
        except (KeyError, TypeError):  # a list, say, which botocore refuses
            return None
        if "signing" in context or remembered.of_client != _of_client(resolver) or _is_to_be_seen(resolver):
            return None
        context["auth_type"] = remembered.auth_type
        if remembered.signing is not None:
            context["signing"] = dict(remembered.signing)
        for parameter, value in remembered.features:
            resolver._register_endpoint_feature_ids(parameter, value)
        url, headers, properties = remembered.endpoint
        return url, dict(headers), properties

    def may_keep(self, resolver: Any, model: Any, params: Any, context: Any) -> bool:
        """Whether the endpoint that botocore is about to resolve will hold for the next call like this one."""
        members = self._members.get(model.name)
        if members is None:
            members = _members_of(model)
            if members is None:
                return False
            self._members[model.name] = members
        values = map(params.get, members)
        return (
            all(value is None or type(value) is str for value in values)
            and "signing" not in context
            and not _is_to_be_seen(resolver)
        )

    def keep(
        self,
        resolver: Any,
        model: Any,
        params: Any,
        endpoint: Endpoint,
        context: dict[str, Any],
        provider_params: dict[str, Any],
    ) -> None:
        """Remember an endpoint that botocore has resolved."""
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        url, headers, properties = endpoint
        signing = context.get("signing")
        key = (model.name, *map(params.get, self._members[model.name]))
        self._remembered[key] = _Remembered(
            (url, dict(headers), properties),
            context["auth_type"],
            dict(signing) if signing is not None else None,
            # The User-Agent header mentions these; older releases of botocore have none of them.
            [(name, value) for name, value in provider_params.items() if name.startswith("AccountId")],
            _of_client(resolver),
        )


def _of_client(resolver: Any) -> list[Any]:
    """Region, FIPS, dual-stack and the like as they are now: their values only, as their names compare slowly."""
    return [*resolver._builtins.values(), resolver._provider, resolver._use_ssl]


def _is_to_be_seen(resolver: Any) -> bool:
    """Whether a handler or the log sees each resolution."""
    return _has_handlers(resolver._event_emitter) or _log.isEnabledFor(logging.DEBUG)


def _has_handlers(emitter: Any) -> bool:
    """Whether the event of the resolution has handlers.

    The emitter's own cache knows; the emitter empties it whenever a handler is registered or unregistered.
    """
    emitter = getattr(emitter, "_emitter", emitter)
    handlers = emitter._lookup_cache.get(_EVENT)
    if handlers is None:
        handlers = emitter._lookup_cache[_EVENT] = emitter._handlers.prefix_search(_EVENT)
    return len(handlers) > 0


def memory_of(resolver: Any) -> EndpointMemory:
    """The memory of a client's resolver, where it is kept."""
    try:
        memory: EndpointMemory = resolver._kinesis_fake_endpoints
    except AttributeError:
        memory = resolver._kinesis_fake_endpoints = EndpointMemory()
    return memory


def _members_of(model: Any) -> tuple[str, ...] | None:
    """The members of the input that an endpoint depends on; None if it depends on more than members."""
    if getattr(model, "operation_context_parameters", None):
        return None
    return tuple(parameter.member_name for parameter in model.context_parameters)


def without_account(builtins: dict[str, Any]) -> dict[str, Any]:
    """The parameters of an endpoint, without the account of the credentials.

    Newer releases of botocore ask the credentials for it before every call, and might fetch credentials to learn it.
    The endpoint of Kinesis does not depend on it; a client that insists on an account gets zeros.
    """
    account = "AWS::Auth::AccountId"
    if account in builtins:
        insists = builtins.get("AWS::Auth::AccountIdEndpointMode") == "required"
        builtins[account] = "000000000000" if insists else None
    return builtins

"""The endpoint of a call, which the fake never connects to: what would have to be fetched for it, and remembering it.

botocore resolves the endpoint anew for each call, which takes longer than all that the fake does for PutRecord. While a
fake is active the result is remembered per client and operation: put_record takes 0.7 times what it takes without.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from kinesis_fake.botocore_hook.names import SERVICE_ID

_EVENT = f"before-endpoint-resolution.{SERVICE_ID}"
#: How many addresses are remembered per operation: each ARN may lead to an endpoint of its own.
_MAX_REMEMBERED = 100
_log = logging.getLogger("botocore.regions")

#: URL, headers and properties, as botocore's ``_resolve_endpoint_ruleset`` returns them.
Endpoint = tuple[str, dict[str, str], dict[str, Any]]


class _Remembered(NamedTuple):
    """What resolving an endpoint has come to, and what it has put into the context of the request."""

    endpoint: Endpoint
    auth_type: Any
    signing: dict[str, Any] | None
    #: The parameters of the resolution that the user agent tells of.
    features: list[tuple[str, Any]]


class EndpointMemory:
    """The endpoints of one client, or of a client and its copies, by operation and by the ARN that it is called with.

    It steps aside where the result may be another: for handlers of the event ``before-endpoint-resolution``, for a call
    whose context tells how to sign it, for presigned URLs, and where the log shall show each resolution.
    """

    def __init__(self) -> None:
        self._members: dict[str, tuple[str, ...] | None] = {}
        self._remembered: dict[tuple[Any, ...], _Remembered] = {}
        self._builtins: list[Any] = []

    def key(self, resolver: Any, model: Any, params: Any, context: Any) -> tuple[Any, ...] | None:
        """What the endpoint of this call depends on; None if that cannot be told."""
        if _has_handlers(resolver._event_emitter) or "signing" in context or _log.isEnabledFor(logging.DEBUG):
            return None
        # Region, FIPS, dual-stack and the like, as they are now. Its keys are enumerations, which are slow to compare.
        builtins = [*resolver._builtins.values(), resolver._provider, resolver._use_ssl]
        if builtins != self._builtins:
            self._builtins = builtins
            self._remembered.clear()
        name = model.name
        try:
            members = self._members[name]
        except KeyError:
            members = self._members[name] = _members_of(model)
        if members is None:
            return None
        values = [params.get(member) for member in members]
        if not all(value is None or type(value) is str for value in values):
            return None
        return (name, *values)

    def recall(self, key: tuple[Any, ...], resolver: Any, context: dict[str, Any]) -> Endpoint | None:
        """The endpoint of such a call, with the context of the request as it was then; None if it is not known."""
        remembered = self._remembered.get(key)
        if remembered is None:
            return None
        context["auth_type"] = remembered.auth_type
        if remembered.signing is not None:
            context["signing"] = dict(remembered.signing)
        for parameter, value in remembered.features:
            resolver._register_endpoint_feature_ids(parameter, value)
        url, headers, properties = remembered.endpoint
        return url, dict(headers), properties

    def keep(
        self, key: tuple[Any, ...], endpoint: Endpoint, context: dict[str, Any], features: list[tuple[str, Any]]
    ) -> None:
        """Remember what resolving has come to."""
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        url, headers, properties = endpoint
        signing = context.get("signing")
        self._remembered[key] = _Remembered(
            (url, dict(headers), properties),
            context["auth_type"],
            dict(signing) if signing is not None else None,
            features,
        )


def _has_handlers(emitter: Any) -> bool:
    """Whether the event of the resolution has handlers; asked of the emitter's own cache, which it empties in time."""
    emitter = getattr(emitter, "_emitter", emitter)
    handlers = emitter._lookup_cache.get(_EVENT)
    if handlers is None:
        handlers = emitter._lookup_cache[_EVENT] = emitter._handlers.prefix_search(_EVENT)
    return len(handlers) > 0


def memory_of(resolver: Any) -> EndpointMemory:
    """What is remembered of the endpoints that a client's resolver has resolved."""
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


def features_of(provider_params: dict[str, Any]) -> list[tuple[str, Any]]:
    """The parameters of a resolution that the user agent tells of; older releases of botocore know none of them."""
    return [(name, value) for name, value in provider_params.items() if name.startswith("AccountId")]


def without_account(builtins: dict[str, Any]) -> dict[str, Any]:
    """Newer releases of botocore ask the credentials for their account before every call.

    Those that are refreshed would be fetched for it. The endpoint has no use for it, unless the client insists.
    """
    account = "AWS::Auth::AccountId"
    if account in builtins:
        insists = builtins.get("AWS::Auth::AccountIdEndpointMode") == "required"
        builtins[account] = "000000000000" if insists else None
    return builtins

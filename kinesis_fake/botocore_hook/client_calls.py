"""One call of a client, as botocore hands it over."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from kinesis_fake.botocore_hook.compiled import Compiled, compiled_for
from kinesis_fake.botocore_hook.parameters import direct_params, document_of
from kinesis_fake.operations.plain_records import plain_records


class Caller(NamedTuple):
    """Whom an access key belongs to: an account, or a user or role of it that policies can name by its ARN."""

    account_id: str
    arn: str | None


class ClientCall:
    """What the handlers of ``before-call`` get, and what is known of the client by it."""

    __slots__ = ("caller", "compiled", "context", "emitter", "model", "request", "signer")

    def __init__(self, model: Any, request: dict[str, Any], context: dict[str, Any], emitter: Any, signer: Any) -> None:
        self.model: Any = model
        self.request: dict[str, Any] = request
        self.context: dict[str, Any] = context
        self.emitter: Any = emitter
        self.signer: Any = signer
        self.compiled: Compiled = compiled_for(model)
        #: Who calls, if the fake tells accounts apart.
        self.caller: Caller | None = None

    def params(self) -> Mapping[str, Any]:
        """The deserialised parameters, named as in the API."""
        compiled = self.compiled
        params = direct_params(self.context, self.request, compiled.types)
        if params is None:
            params = compiled.validator.deserialize(document_of(self.request))
            if plain := plain_records(params.get("Records")):
                params["Records"] = plain
        return params

    @property
    def access_key(self) -> str | None:
        """The access key that the client has at hand; None if the client would first have to fetch it.

        Credentials that are refreshed hold theirs in ``_access_key``; asking for ``access_key`` would refresh them.
        """
        held = getattr(getattr(self.signer, "_credentials", None), "__dict__", {})
        access_key = held.get("_access_key", held.get("access_key"))
        return access_key if isinstance(access_key, str) else None

    @property
    def read_timeout_ms(self) -> int | None:
        """How long the client waits for an answer; None for ever."""
        context = self.context
        seconds = context.get("read_timeout") or getattr(context.get("client_config"), "read_timeout", None)
        return round(seconds * 1000) if isinstance(seconds, (int, float)) else None

    @property
    def is_asynchronous(self) -> bool:
        """Whether the client is one of aiobotocore, whose emitter (wrapped in an EventAliaser) has coroutines."""
        emitter = getattr(self.emitter, "_emitter", self.emitter)
        found = _ASYNCHRONOUS.get(type(emitter))
        if found is None:
            found = _ASYNCHRONOUS[type(emitter)] = inspect.iscoroutinefunction(emitter._emit)
        return found


#: Whether clients with an emitter of this type make their calls in tasks.
_ASYNCHRONOUS: dict[type, bool] = {}

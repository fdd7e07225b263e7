"""One call of a client, as botocore hands it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinesis_fake.botocore_hook.bodies import SparingRequest
from kinesis_fake.botocore_hook.compiled import Compiled, compiled_for
from kinesis_fake.botocore_hook.parameters import document_of
from kinesis_fake.botocore_hook.sdk_waiters import RUNNING_WAITER, RunningWaiter
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.plain_records import plain_records


class Caller(NamedTuple):
    """Whom an access key belongs to: an account, or a user or role of it that policies can name by its ARN."""

    account_id: str
    arn: str | None


class ClientCall:
    """The arguments of a ``before-call`` handler, what they tell of the client, and the attempt that is under way."""

    __slots__ = (
        "attempt",
        "called_at",
        "caller",
        "compiled",
        "context",
        "emitter",
        "model",
        "params",
        "request",
        "signer",
        "waiter",
    )

    def __init__(self, model: Any, request: dict[str, Any], context: dict[str, Any], emitter: Any, signer: Any) -> None:
        self.model: Any = model
        self.request: dict[str, Any] = request
        self.context: dict[str, Any] = context
        self.emitter: Any = emitter
        self.signer: Any = signer
        self.compiled: Compiled = compiled_for(model)
        #: The account, user or role that calls, if the test has named the owners of access keys.
        self.caller: Caller | None = None
        #: The waiter of the SDK that polls with this call.
        self.waiter: RunningWaiter | None = RUNNING_WAITER.get()
        #: Which attempt is made, counted from 1, and when it began, in milliseconds since the epoch.
        self.attempt: int = 0
        self.called_at: int = 0
        #: The attempt's deserialised parameters, named as in the API; empty until they have been read.
        self.params: Mapping[str, Any] = {}

    def begin(self, attempt: int, now: int) -> None:
        """Begin an attempt."""
        self.attempt, self.called_at, self.params = attempt, now, {}

    def read_params(self) -> Mapping[str, Any]:
        """Take the parameters as they are, or deserialise the body; raises AWS's error if that is impossible."""
        request = self.request
        if type(request) is SparingRequest and request.is_as_made:
            params = request.params
        else:
            params = self.compiled.validator.deserialize(document_of(request["body"]))
            if plain := plain_records(params.get("Records")):
                params["Records"] = plain
        self.params = params
        return params

    @property
    def access_key(self) -> str | None:
        """The access key that the client has at hand; None if the client would first have to fetch it.

        Refreshable credentials hold it in ``_access_key``; asking for ``access_key`` would refresh them.
        """
        held = getattr(getattr(self.signer, "_credentials", None), "__dict__", {})
        access_key = held.get("_access_key", held.get("access_key"))
        return access_key if isinstance(access_key, str) else None

    @property
    def read_timeout_ms(self) -> int | None:
        """How long the client waits for an answer; None if it waits for ever."""
        context = self.context
        seconds = context.get("read_timeout") or getattr(context.get("client_config"), "read_timeout", None)
        return round(seconds * 1000) if isinstance(seconds, (int, float)) else None

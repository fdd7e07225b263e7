"""The body of a request, which is made only if something looks at it.

botocore makes JSON, and base64 of all data, for the wire, and the fake would turn that back: for PutRecords of 500
records the two take several times as long as all the rest. If the call's own parameters are exactly what the body would
give back, the fake takes those (see ``parameters``). Then the body is there for the handlers of the code under test
alone, and a call that has none gets an :class:`UnmadeBody`. The User-Agent, which botocore puts together anew for every
call, takes a sixth of a small call's time and is left out with the body. All else in a request is botocore's own work,
the check of the parameters included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_fake.botocore_hook.compiled import compiled_for


class OwnParams(dict[str, Any]):
    """The parameters of a client's call of which no body need be made; ``direct`` is what the fake takes."""

    __slots__ = ("client", "direct")

    client: Any
    direct: dict[str, Any]


class UnmadeBody:
    """What stands in a request for its body. It is no bytes, so that such a request could not be sent by accident."""

    __slots__ = ("params", "serialize", "user_agent")

    def __init__(self, params: dict[str, Any], serialize: Callable[[], bytes], user_agent: Callable[[], str]) -> None:
        #: What the body would give back.
        self.params: dict[str, Any] = params
        #: Make the body, and the header that is left out with it.
        self.serialize: Callable[[], bytes] = serialize
        self.user_agent: Callable[[], str] = user_agent


def with_body(request: dict[str, Any]) -> dict[str, Any]:
    """A request with its body, because something is about to look at it."""
    body = request["body"]
    if isinstance(body, UnmadeBody):
        request["body"], request["headers"]["User-Agent"] = body.serialize(), body.user_agent()
    return request


def request_without_body(
    serializer: Any, serialize: Callable[..., dict[str, Any]], params: OwnParams, operation_model: Any
) -> dict[str, Any]:
    """What botocore's ``serialize`` makes of a call, but for the body."""
    compiled = compiled_for(operation_model)
    frame = compiled.request_frame
    if frame is None:
        frame = compiled.request_frame = serialize(serializer, {}, operation_model)
    return {
        **frame,
        "headers": dict(frame["headers"]),
        "query_string": dict(frame["query_string"]),
        "body": UnmadeBody(
            params.direct,
            lambda: serialize(serializer, dict(params), operation_model)["body"],
            params.client._user_agent_creator.to_string,
        ),
    }

"""Events that botocore emits below ``before-call``, for the handlers of the code under test.

A call that the fake answers is neither signed nor sent. The fake calls the handlers of these events all the same, if a
test or a library has registered them (to add a header, to count requests, to play a network that is down): once for
each attempt, in botocore's order. It does not call botocore's own handlers: there is nothing to sign or to measure.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Any

from botocore.awsrequest import create_request_object

from kinesis_fake.botocore_hook.answers import Answer, HttpResponse, parsed_response
from kinesis_fake.botocore_hook.client_calls import ClientCall
from kinesis_fake.botocore_hook.compiled import Compiled
from kinesis_fake.named_tuples import NamedTuple

#: Packages whose handlers are not called, as no request is sent. moto's would answer the call instead of the fake.
_NOT_OF_THE_CODE_UNDER_TEST = frozenset(
    {"aioboto3", "aiobotocore", "awscli", "boto3", "botocore", "kinesis_fake", "moto"}
)


class HandlerCalls(NamedTuple):
    """A step of a call: call, or await, these handlers one after the other, and return what they return."""

    handlers: list[Callable[..., Any]]
    event_name: str
    arguments: dict[str, Any]

    def in_thread(self) -> list[Any]:
        """Call the handlers of a synchronous client."""
        return [handler(event_name=self.event_name, **self.arguments) for handler in self.handlers]

    async def in_task(self) -> list[Any]:
        """Call the handlers of a client of asyncio, which may be coroutine functions."""
        returned = []
        for handler in self.handlers:
            value = handler(event_name=self.event_name, **self.arguments)
            returned.append(await value if inspect.isawaitable(value) else value)
        return returned


class LowerHandlers(NamedTuple):
    """The handlers of one operation of a client that are not botocore's own, by event."""

    request_created: list[Callable[..., Any]]
    before_sign: list[Callable[..., Any]]
    before_send: list[Callable[..., Any]]
    response_received: list[Callable[..., Any]]

    def before(self, call: ClientCall) -> Generator[HandlerCalls, list[Any], Answer | Exception | None]:
        """Call the handlers of the events up to the sending of the request.

        Returns a handler's answer, or the exception that a handler has raised as a network would; None if the fake is
        to answer. The fake reads the body that the handlers leave behind.
        """
        name = call.model.name
        request = create_request_object(call.request)
        yield self._step(call, "request_created", request=request, operation_name=name)
        signer = call.signer
        yield self._step(
            call,
            "before_sign",
            request=request,
            signing_name=signer.signing_name,
            region_name=signer.region_name,
            signature_version=signer.signature_version,
            request_signer=signer,
            operation_name=name,
        )
        prepared = request.prepare()
        if prepared.body != call.request["body"]:
            call.request = {**call.request, "body": prepared.body}
        try:
            answers = yield self._step(call, "before_send", request=prepared)
        except Exception as error:
            return error
        response = next((answer for answer in answers if answer is not None), None)
        if response is None:
            return None
        content = response.content
        if inspect.isawaitable(content):

            async def read(content: Any = content, **_: Any) -> Any:
                return await content

            (content,) = yield HandlerCalls([read], "", {})
            response = HttpResponse(prepared.url, response.status_code, dict(response.headers), content)
        return response, parsed_response(response.status_code, dict(response.headers), content, call.model)

    def after(self, call: ClientCall, outcome: Answer | Exception) -> Generator[HandlerCalls, list[Any], None]:
        """Tell the handlers of the response, or that there was none."""
        response, parsed = (None, None) if isinstance(outcome, Exception) else outcome
        described = (
            {
                "status_code": response.status_code,
                "headers": response.headers,
                "body": response.content,
                "context": {"operation_name": call.model.name},
            }
            if response is not None
            else None
        )
        yield self._step(
            call,
            "response_received",
            response_dict=described,
            parsed_response=parsed,
            context=call.context,
            exception=outcome if isinstance(outcome, Exception) else None,
        )

    def _step(self, call: ClientCall, event: str, **arguments: Any) -> HandlerCalls:
        return HandlerCalls(getattr(self, event), f"{event.replace('_', '-')}.kinesis.{call.model.name}", arguments)


class Listeners(NamedTuple):
    """How a client calls one operation, and the handlers that the code under test has registered below before-call."""

    #: Whether the client makes its calls in tasks, as aiobotocore's do; the emitters of those have coroutines.
    is_asynchronous: bool
    #: The handlers below before-call, if there are any.
    lower: LowerHandlers | None
    #: Whether there are handlers of needs-retry, which may repeat an attempt that has succeeded. The client's own retry
    #: policy never does, and is asked about failures only.
    may_repeat_successes: bool


def listeners_of(emitter: Any, compiled: Compiled) -> Listeners:
    """Who listens to a client's calls of an operation, by the client's emitter.

    The answer is kept in the emitter's own cache, which the emitter empties whenever a handler is registered or
    unregistered. So a plain call pays for one look into a dictionary.
    """
    emitter = getattr(emitter, "_emitter", emitter)  # wrapped in an EventAliaser
    looked_up = emitter._lookup_cache  # read once: another thread that registers a handler replaces the cache
    try:
        return looked_up[compiled.listeners]  # type: ignore[no-any-return]
    except KeyError:
        lower = LowerHandlers(
            *(_registered(emitter, event, compiled.operation.name) for event in LowerHandlers._fields)
        )
        listeners = looked_up[compiled.listeners] = Listeners(
            is_asynchronous=inspect.iscoroutinefunction(emitter._emit),
            lower=lower if any(lower) else None,
            may_repeat_successes=bool(_registered(emitter, "needs_retry", compiled.operation.name)),
        )
        return listeners


def _registered(emitter: Any, event: str, operation: str) -> list[Callable[..., Any]]:
    """The handlers of an event that the code under test, or a library of its, has registered."""
    handlers = emitter._handlers.prefix_search(f"{event.replace('_', '-')}.kinesis.{operation}")
    return [handler for handler in handlers if _module_of(handler) not in _NOT_OF_THE_CODE_UNDER_TEST]


def _module_of(handler: Any) -> str:
    """The package that a handler comes from: a function, a method or an object that can be called."""
    handler = getattr(handler, "func", handler)  # of a partial function
    return str(getattr(handler, "__module__", None) or type(handler).__module__).partition(".")[0]

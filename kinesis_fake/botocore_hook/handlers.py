"""Which fake a call belongs to, and the event handlers that hand it over."""

from __future__ import annotations

from typing import Any

import botocore.handlers

from kinesis_fake.botocore_hook.door import Door
from kinesis_fake.botocore_hook.names import SERVICE_ID
from kinesis_fake.misuse import KinesisFakeError, shown
from kinesis_fake.process.active_fakes import ActiveFakes
from kinesis_fake.process.child_processes import ChildProcesses
from kinesis_fake.process.ordinals import Ordinals
from kinesis_fake.process.outside_calls import OUTSIDE_CALLS

#: An attribute of a client's emitter, and a key in a call's context: the door that the client is bound to.
_DOOR = "_kinesis_fake_door"

#: The fakes that are active in this process, each with its door.
ACTIVE_FAKES: ActiveFakes[Door, Any] = ActiveFakes()
#: Numbers that keep the tokens of two fakes apart. Fakes that were never entered have a series of their own: they end
#: whenever the garbage collector finds them, and that must not decide about the tokens of the others.
ORDINALS = Ordinals()
ORDINALS_OF_THE_UNENTERED = Ordinals()
#: What child processes are told, and whether this process is such a child.
CHILD_PROCESSES = ChildProcesses()


def _before_call(model: Any, params: Any, request_signer: Any, context: Any, **_: Any) -> Any:
    emitter = request_signer._event_emitter
    # A client copied by the code under test may share the original's signer, whose emitter is then another client's.
    door = door_of(context[_DOOR] if _DOOR in context else bound_to(emitter))
    if door is None:
        return None
    return answer(door, model, params, context, emitter, request_signer)


def bound_to(emitter: Any) -> Door | None:
    """The fake that a client is bound to, by its emitter."""
    door: Door | None = getattr(getattr(emitter, "_emitter", emitter), _DOOR, None)
    return door


def remember_door(emitter: Any, context: dict[str, Any]) -> None:
    """Note in the context of a call which fake its client is bound to, if any."""
    context[_DOOR] = bound_to(emitter)


def door_of(door: Door | None) -> Door | None:
    """The fake that a call belongs to: the fake that its client is bound to, or else the active fake."""
    if door is not None:
        return door
    try:
        door = ACTIVE_FAKES.current()
    except KinesisFakeError as error:  # several fakes are active, and it is not clear which one is meant
        _remember_in_all(error)
        raise
    if door is None:
        OUTSIDE_CALLS.refuse()
    return door


def answer(door: Door, model: Any, request: Any, context: Any, emitter: Any, signer: Any) -> Any:
    """What a fake answers; an awaitable for clients of asyncio."""
    try:
        return door.answer(model, request, context, emitter, signer)
    except KinesisFakeError as error:
        if not door.is_open:
            _remember_in_all(error)
        raise


def _remember_in_all(error: KinesisFakeError) -> None:
    """Note in every active fake the error of a call that belongs to none: the first fake that is left may complain."""
    for door in ACTIVE_FAKES.doors():
        door.remember(error)


#: The fake's handler runs last, so that handlers of the code under test run as they do before a real call.
_EVENT = f"before-call.{SERVICE_ID}"


def attach(client_or_session: Any, door: Door) -> None:
    """Bind a client, or all clients that a session makes from now on, to one fake."""
    require_open(door)
    if isinstance(client_or_session, type):
        raise KinesisFakeError(
            f"attach() takes a client or a session, not the class {client_or_session.__name__}; make one of it."
        )
    if hasattr(client_or_session, "meta") and hasattr(client_or_session.meta, "events"):
        events = client_or_session.meta.events
        if client_or_session.meta.service_model.service_id.hyphenize() != SERVICE_ID:
            service_name = client_or_session.meta.service_model.service_name
            raise KinesisFakeError(f"attach() takes clients of Kinesis, not one of {service_name}.")
    elif hasattr(client_or_session, "get_component"):
        events = client_or_session.get_component("event_emitter")
    elif hasattr(client_or_session, "events"):
        events = client_or_session.events
    else:
        raise KinesisFakeError(
            f"attach() takes a client or a session of botocore, boto3 or aiobotocore, not {shown(client_or_session)}."
        )
    events.register_last(_EVENT, _before_call, f"kinesis_fake {_EVENT}")
    bind(events, door)


def bind(emitter: Any, door: Door) -> None:
    """Let the calls of a client, or of the clients that a session makes from now on, belong to a fake.

    The latest binding holds. It is an attribute of the emitter, which copies of the emitter have too, and no handler:
    registering one would take a tenth of a test's set-up, because botocore inspects the signature.
    """
    setattr(getattr(emitter, "_emitter", emitter), _DOOR, door)  # wrapped in an EventAliaser, which is made anew


def require_open(door: Door) -> None:
    if not door.is_open:
        raise KinesisFakeError(
            "This fake has been left; make clients and call attach() while it is active.", see="left"
        )


def is_installed(handlers: Any) -> bool:
    """Whether a copy of botocore gives our handlers to its new sessions."""
    return any(entry[1] is _before_call for entry in handlers.BUILTIN_HANDLERS)


def install_handlers(handlers: Any) -> None:
    """Reach the sessions that will be made from now on; without an active fake the handlers do nothing."""
    if not is_installed(handlers):
        # Each copy of botocore knows only its own constants.
        handlers.BUILTIN_HANDLERS.append((_EVENT, _before_call, handlers.REGISTER_LAST))


install_handlers(botocore.handlers)

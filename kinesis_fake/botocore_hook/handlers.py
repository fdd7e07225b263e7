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

#: The attribute of a client's emitter that has the door which the client is bound to; and the key of a call's context.
_DOOR = "_kinesis_fake_door"

#: The fakes that are active in this process, each with its door.
ACTIVE_FAKES: ActiveFakes[Door, Any] = ActiveFakes()
#: What keeps the tokens of fakes that exist side by side apart. A fake that was never entered ends with the garbage
#: collector, at an instant that nothing determines; it must not decide about the tokens of the others.
ORDINALS = Ordinals()
ORDINALS_OF_THE_UNENTERED = Ordinals()
#: What the children of this process find; and whether it is one itself.
CHILD_PROCESSES = ChildProcesses()


def _before_call(model: Any, params: Any, request_signer: Any, context: Any, **_: Any) -> Any:
    emitter = request_signer._event_emitter
    # A client that another one was copied from may share its signer, and so have another emitter than the signer's.
    door = door_of(context[_DOOR] if _DOOR in context else bound_to(emitter))
    if door is None:
        return None
    return answer(door, model, params, context, emitter, request_signer)


def bound_to(emitter: Any) -> Door | None:
    """The fake that a client is bound to, by its emitter."""
    door: Door | None = getattr(getattr(emitter, "_emitter", emitter), _DOOR, None)
    return door


def remember_door(emitter: Any, context: dict[str, Any]) -> None:
    """Let the context of a call say which fake its client is bound to, if to any."""
    context[_DOOR] = bound_to(emitter)


def door_of(door: Door | None) -> Door | None:
    """The fake that a call belongs to: the fake that its client is bound to, or else the active fake."""
    if door is not None:
        return door
    try:
        door = ACTIVE_FAKES.current()
    except KinesisFakeError as error:  # several are active, and none of them is clearly meant
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
    """Note the error of a call that belongs to no active fake in all of them: the first that is left may complain."""
    for door in ACTIVE_FAKES.doors():
        door.remember(error)


#: Our answer comes last, so that a user's own handlers of a Kinesis call run as they do before a real call.
_EVENT = f"before-call.{SERVICE_ID}"


def attach(client_or_session: Any, door: Door) -> None:
    """Bind a client, or all clients that a session makes from now on, to one fake."""
    require_open(door)
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

    The latest binding holds. It is no handler that says so in each call: registering one takes a tenth of the set-up of
    a test, because botocore inspects the signature. Copies of an emitter have its attributes.
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
        # Each copy of botocore knows no constants but its own.
        handlers.BUILTIN_HANDLERS.append((_EVENT, _before_call, handlers.REGISTER_LAST))


install_handlers(botocore.handlers)

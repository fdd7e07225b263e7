"""Copies of clients: making a client afresh takes milliseconds, copying one takes hundredths of a millisecond."""

from __future__ import annotations

import threading
from copy import copy
from typing import Any, TypeVar

from botocore.hooks import NodeList, _PrefixTrie  # type: ignore[attr-defined]  # no public name
from botocore.retries.standard import RetryHandler

from kinesis_fake.botocore_hook.endpoints import memory_of
from kinesis_fake.botocore_hook.names import SERVICE_ID
from kinesis_fake.process.fork_locks import brief

T = TypeVar("T")

_NEEDS_RETRY = f"needs-retry.{SERVICE_ID}"
_AFTER_CALL = f"after-call.{SERVICE_ID}"
#: The name under which botocore registers the retries of a client.
_RETRY_ID = f"retry-config-{SERVICE_ID}"
#: Held while a tree of handlers is changed or copied.
_CHANGING = brief(threading.RLock())


class Prototype:
    """A client that answers no calls itself: copies of it do, each with event handlers and a retry quota of its own.

    Retries of the standard mode draw on a quota that belongs to one client. Retries of the legacy mode remember
    nothing, so copies share them. The adaptive mode's rate limiter belongs to one client, so a client that has one is
    no prototype.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        emitter = client.meta.events._emitter
        emitter._handlers = _SharingTrie(emitter._handlers._root)
        self._retries = _standard_retries_of(emitter)
        memory_of(client._ruleset_resolver)  # all copies share it

    def copy(self) -> Any:
        """A client that shares with the others what does not change."""
        prototype = self.client
        client = _twin(prototype)
        client.meta = _twin(prototype.meta)
        client.meta.events = events = _twin(prototype.meta.events)
        events._emitter = emitter = _twin(events._emitter)
        emitter._handlers = copy(emitter._handlers)
        emitter._unique_id_handlers = emitter._unique_id_handlers.copy()
        client._request_signer = _twin(prototype._request_signer)
        client._request_signer._event_emitter = events
        client._ruleset_resolver = _twin(prototype._ruleset_resolver)
        client._ruleset_resolver._event_emitter = events
        if self._retries is not None:
            _give_own_quota(emitter, self._retries)
        return client


def _twin(thing: T) -> T:
    """Another object with the same attributes.

    copy.copy() takes three times as long, and would ask a client that is still empty for ``__setstate__``, from which
    botocore's ``__getattr__`` never returns.
    """
    twin = object.__new__(type(thing))
    twin.__dict__.update(thing.__dict__)
    return twin


def _standard_retries_of(emitter: Any) -> Any:
    """The retries of the standard mode; None if a client retries in another mode."""
    handlers = [getattr(handler, "__self__", None) for handler in emitter._handlers.prefix_search(_NEEDS_RETRY)]
    return next((retries for retries in handlers if isinstance(retries, RetryHandler)), None)


def _give_own_quota(emitter: Any, shared: Any) -> None:
    """Put retries with a full quota of their own in the place of those that an emitter shares with its prototype."""
    retries = _twin(shared)
    retries._retry_quota = checker = _twin(shared._retry_quota)
    checker._quota = type(checker._quota)()
    emitter._handlers.exchange(_NEEDS_RETRY, shared, retries.needs_retry)
    emitter._handlers.exchange(_AFTER_CALL, shared._retry_quota, checker.release_retry_quota)
    emitter._unique_id_handlers[_RETRY_ID] = {"handler": retries.needs_retry}
    emitter._lookup_cache = {}


class _SharingTrie(_PrefixTrie):  # type: ignore[misc]
    """botocore's tree of handlers, but copies share its nodes: a change first replaces the nodes that it changes.

    botocore copies all nodes at once, which takes a third of the time in which a fake is entered and left. It changes
    nodes in place, so no handler is lost if two threads register one each with the same client. Here the second thread
    waits, or it would go on from the nodes that the first one is about to replace.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root

    def __copy__(self) -> _SharingTrie:
        with _CHANGING:
            return _SharingTrie(self._root)

    def append_item(self, key: str, *args: Any, **kwargs: Any) -> None:
        with _CHANGING:
            self._stop_sharing(key)
            super().append_item(key, *args, **kwargs)

    def remove_item(self, key: str, *args: Any, **kwargs: Any) -> None:
        with _CHANGING:
            self._stop_sharing(key)
            super().remove_item(key, *args, **kwargs)

    def exchange(self, key: str, owner: object, handler: object) -> None:
        """Put a handler in the place of the method of an object, whichever function that method was when it came."""
        with _CHANGING:
            sections = self._stop_sharing(key)["values"]
        for section in sections:
            section[:] = [handler if getattr(each, "__self__", None) is owner else each for each in section]

    def _stop_sharing(self, key: str) -> dict[str, Any]:
        """Replace each node on the way to a key by a copy; the last one is the key's, if the key is there."""
        self._root = node = _copy_of_node(self._root)
        for part in key.split("."):
            children = node["children"]
            if part not in children:
                break
            children[part] = node = _copy_of_node(children[part])
        return node


def _copy_of_node(node: dict[str, Any]) -> dict[str, Any]:
    values = node["values"]
    return {
        **node,
        "children": node["children"].copy(),
        "values": NodeList(*map(list, values)) if values is not None else None,
    }

"""The whole state of a fake as plain data that can be compared: to show that a refused call changed nothing."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable
from functools import cache, partial
from operator import itemgetter
from types import FunctionType, MethodType
from typing import Any

from kinesis_fake import KinesisFake
from kinesis_fake.domain.sealed_token import Branch


def state_of(fake: KinesisFake) -> Any:
    """Everything a fake holds, private attributes, clock and agenda included.

    No attribute is left out by its name, so attributes that the fake gets later are compared too. An object that occurs
    again is written as its number. The door's request ids are no state, because a refused call has one as well. Nor is
    the branch of tokens, because each copy of a world has another one.
    """
    return [fake._timeline.clock.now, _plain(fake._backstage.world, {})]


#: The types of nearly all values in a fake; these are plain data already.
PLAIN = frozenset({type(None), bool, int, float, str, bytes})


def _plain(value: Any, seen: dict[int, int]) -> Any:
    if type(value) in PLAIN or isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, array):
        return value.tolist()
    if isinstance(value, (list, tuple, deque)):
        return _all_plain(value, seen)
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item, seen) for item in value), key=repr)
    if isinstance(value, dict):
        return [_all_plain(item, seen) for item in value.items()]
    if isinstance(value, Branch):
        return "tokens"
    if id(value) in seen:
        return ["again", seen[id(value)]]
    seen[id(value)] = len(seen)
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [value.__qualname__, _plain(cells, seen)]
    if isinstance(value, MethodType):
        return [value.__func__.__qualname__, _plain(value.__self__, seen)]
    if isinstance(value, partial):
        return ["partial", _plain([value.func, value.args, value.keywords], seen)]
    return [
        type(value).__name__,
        [[name, item if type(item) in PLAIN else _plain(item, seen)] for name, item in _attributes(value)],
    ]


def _all_plain(values: Iterable[Any], seen: dict[int, int]) -> list[Any]:
    return [value if type(value) in PLAIN else _plain(value, seen) for value in values]


@cache
def _slots(kind: Any) -> tuple[str, ...]:
    return tuple(name for each in kind.__mro__ for name in getattr(each, "__slots__", ()))


def _attributes(value: Any) -> list[tuple[str, Any]]:
    kind: Any = type(value)
    slots, own = _slots(kind), getattr(value, "__dict__", {})
    if not slots and not own:
        raise TypeError(f"{value!r} has no state that can be compared")
    in_slots = [(name, getattr(value, name)) for name in slots if name not in own and hasattr(value, name)]
    return sorted([*in_slots, *own.items()], key=itemgetter(0))

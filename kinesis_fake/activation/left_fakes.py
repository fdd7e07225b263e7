"""The fakes that an exception has left on its way: the report of a failure shows their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_fake.toolkit.fake import KinesisFake

#: The attribute of an exception that holds the last fakes that it has left, innermost first, and how many at most.
_LEFT = "_kinesis_fakes_left"
_MAX_LEFT = 8


class _Left(list["KinesisFake"]):
    def __reduce__(self) -> tuple[type[list[object]], tuple[()]]:
        # An exception may be pickled, to be raised in another process; a fake cannot be.
        return list, ()


def remember(error: BaseException, fake: KinesisFake) -> None:
    """Note with an exception that it leaves a fake."""
    attributes = vars(error)  # not by setattr(), which an exception may forbid
    attributes[_LEFT] = _Left([*attributes.get(_LEFT, ()), fake][-_MAX_LEFT:])


def fakes_left_by(error: BaseException) -> list[KinesisFake]:
    """The fakes that an exception and its causes have left, the innermost first."""
    found: dict[int, BaseException] = {}
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in found:
            continue
        found[id(cause)] = cause
        waiting.append(cause.__cause__ if cause.__suppress_context__ else cause.__context__)
        members = getattr(cause, "exceptions", ())  # of a group of exceptions
        waiting.extend(members if isinstance(members, tuple) else ())
    return [fake for cause in reversed(found.values()) for fake in vars(cause).get(_LEFT, ())]

"""The fake's own errors, and the one set of checks of what a test passes to the fake."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")

R = TypeVar("R")
T = TypeVar("T")

#: How much of a value a message shows.
_LONGEST_SHOWN = 200
#: The largest whole number of an argument that has no bound of its own: AWS's longest numbers have 64 bits.
_LARGEST = 2**63 - 1
_MILLISECOND = timedelta(milliseconds=1)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


#: The topics of the fake's own errors. ``python -m kinesis_fake explain TOPIC`` prints the cause and the remedy.
Topic = Literal[
    "child-process",
    "clock",
    "installed-versions",
    "lambda",
    "left",
    "misuse",
    "not-modelled",
    "not-there",
    "outside-call",
    "restored",
    "several-fakes",
    "swallowed",
    "unused-fault",
    "waiting",
]


class KinesisFakeError(Exception):
    """The test has misused the fake, or a call needs something that the fake does not model.

    It is deliberately no ``ClientError``: code under test that swallows AWS's errors must not swallow this one. A
    traceback ends with a note that names the command which explains the error.
    """

    def __init__(self, message: str, see: Topic = "misuse") -> None:
        super().__init__(message)
        #: Notes that a traceback shows under the error (PEP 678). Python 3.10 does not show them, but pytest does.
        self.__notes__: list[str] = [f"To read more: python -m kinesis_fake explain {see}"]


class NotModelledError(KinesisFakeError, NotImplementedError):
    """A call has reached an operation, a member or a situation that the fake does not model."""

    def __init__(self, message: str, see: Topic = "not-modelled") -> None:
        super().__init__(message, see)


def shown(value: object) -> str:
    """A value as messages show it: its repr, shortened if it is long; its type if its repr fails."""
    try:
        text = repr(value)
    except Exception:  # a number with more digits than Python prints, or a repr of the test's own that fails
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


# --- the arguments themselves -----------------------------------------------------------------------------------------


def takes_in_words(who: str, options: Iterable[str] = ()) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function refuse in words unknown arguments and missing ones.

    Python itself finds them when it calls the function, so a right call costs next to nothing. ``who`` is the
    function's name in messages, and ``options`` are the names that its ``**`` parameter takes.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:  # raised inside the function
                    raise
                reason = str(error).partition("() ")[2]
            complaint = wrong_arguments(function, who, tuple(options), args, kwargs)
            raise KinesisFakeError(complaint or f"{who} {reason}.")

        return call

    return decorate


def unknown_argument(who: str, name: object, known: tuple[str, ...], kind: str = "argument") -> str:
    """The message about a name that is no argument's."""
    from difflib import get_close_matches

    if close := get_close_matches(name, known, 1) if isinstance(name, str) else []:
        return f"{who} has no {kind} {shown(name)}; do you mean {close[0]!r}? It takes {', '.join(known)}."
    return f"{who} has no {kind} {shown(name)}; it takes {', '.join(known) or 'none'}."


def wrong_arguments(
    function: Callable[..., object],
    who: str,
    options: tuple[str, ...],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> str | None:
    """The message that says why a function does not take these arguments; None if it takes them."""
    from inspect import Parameter, signature

    parameters = list(signature(function).parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        del parameters[0]
        args = args[1:]
    kinds = {parameter.kind for parameter in parameters}
    named = tuple(p.name for p in parameters if p.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY))
    known = (*named, *(name for name in options if name not in named))
    for name in kwargs:
        if name not in known and (options or Parameter.VAR_KEYWORD not in kinds):
            return unknown_argument(who, name, known)
    by_place_kinds = Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD
    by_place = [parameter.name for parameter in parameters if parameter.kind in by_place_kinds]
    if len(args) > len(by_place) and Parameter.VAR_POSITIONAL not in kinds:
        extra = f"so {shown(args[len(by_place)])} needs one"
        if by_place:
            return f"{who} takes no argument but {', '.join(by_place)} without a name, {extra}."
        return f"{who} takes no argument without a name, {extra}; the names are {', '.join(known) or 'none'}."
    for name in by_place[: len(args)]:
        if name in kwargs:
            return f"{who} is given {name} twice, once by its place and once by its name; leave one of them out."
    given = {*by_place[: len(args)], *kwargs}
    missing = [
        parameter.name
        for parameter in parameters
        if parameter.default is Parameter.empty and parameter.name in named and parameter.name not in given
    ]
    if not missing:
        return None
    by_name = "" if missing[0] in by_place else ", by name"
    return f"{who} needs {' and '.join(missing)}{by_name}."


class Unassignable:
    """What a test holds in its hand: its attributes tell, and assigning one, which would change nothing, is refused.

    The same goes for copies, which would share the state of the original.
    """

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            instead = self._instead_of_assigning(name)
            raise KinesisFakeError(f"{type(self).__name__}.{name} cannot be assigned: {instead}.")
        object.__setattr__(self, name, value)

    def __reduce_ex__(self, protocol: object) -> str | tuple[Any, ...]:
        raise KinesisFakeError(f"{type(self).__name__} objects cannot be copied or pickled; use this one.")

    def _instead_of_assigning(self, name: str) -> str:
        """What to do instead, for a message."""
        return "it tells what the fake holds; change that through a client, or with a method"


# --- their values -----------------------------------------------------------------------------------------------------


def is_whole(value: object) -> bool:
    """Whether a value is a whole number; a boolean is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_text(value: object) -> bool:
    """Whether a value is text."""
    return isinstance(value, str)


def whole_number(
    what: str, value: Any, lowest: int | None = None, highest: int | None = None, *, other: int | None = None
) -> int:
    """A whole number, no boolean, between the given bounds; a bound that is not given is that of 64 bits.

    ``other`` is a number outside the bounds that is taken, too.
    """
    if other is not None and is_whole(value) and value == other:
        return other
    least, most = -_LARGEST - 1 if lowest is None else lowest, _LARGEST if highest is None else highest
    if not is_whole(value) or not least <= value <= most:
        if highest is not None or (is_whole(value) and not -_LARGEST - 1 <= value <= _LARGEST):
            within = f" from {least} to {most}"
        else:
            within = "" if lowest is None else f" from {lowest} on"
        or_other = "" if other is None else f" or {other}"
        raise KinesisFakeError(f"{what} must be a whole number{within}{or_other}, not {shown(value)}.")
    number: int = value
    return number


def part_of_all(what: str, value: Any) -> float:
    """A probability or a fraction: above zero, and at most one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise KinesisFakeError(f"{what} must be a number above 0 and at most 1, not {shown(value)}.")
    return value


def number(what: str, value: Any, lowest: float, highest: float | None = None) -> float:
    """A finite number that is not a boolean, from one on, or between two."""
    most = _LARGEST if highest is None else highest
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not lowest <= value <= most:
        within = f"from {lowest} on" if highest is None else f"from {lowest} to {highest}"
        raise KinesisFakeError(f"{what} must be a number {within}, not {shown(value)}.")
    return value


def yes_or_no(what: str, value: Any) -> bool:
    """True or False; values that only count as true or false are refused."""
    if not isinstance(value, bool):
        raise KinesisFakeError(f"{what} must be True or False, not {shown(value)}.")
    return value


def one_of(what: str, value: Any, choices: tuple[Any, ...]) -> Any:
    """One of a few values."""
    for choice in choices:
        if type(value) is type(choice) and value == choice:
            return value
    *others, last = map(repr, choices)
    raise KinesisFakeError(f"{what} must be {', '.join(others)} or {last}, not {shown(value)}.")


def text(
    what: str,
    value: Any,
    *,
    such_as: str | None = None,
    pattern: str | None = None,
    longest: int | None = None,
) -> str:
    """A text that is not empty and that UTF-8 can encode; messages show ``such_as`` as an example."""
    kind = "text" if longest is None else f"text of 1 to {longest} characters"
    example = f", such as {such_as!r}" if such_as is not None else ""
    fits = isinstance(value, str) and value and (longest is None or len(value) <= longest)
    if not fits or (pattern is not None and re.fullmatch(pattern, value, re.ASCII) is None):
        raise KinesisFakeError(f"{what} must be {kind}{example}, not {shown(value)}.")
    return encodable(what, value)


def encodable(what: str, value: str) -> str:
    """A text without single surrogates, which no client could send."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise KinesisFakeError(f"{what} must be text that UTF-8 can encode, not {shown(value)}.") from None
    return value


def instance_of(what: str, value: Any, kind: type[T]) -> T:
    """An object of a public type."""
    if not isinstance(value, kind):
        raise KinesisFakeError(f"{what} must be a {kind.__name__}(...), not {shown(value)}.")
    return value


def mapping(what: str, value: Any, *, such_as: str) -> Mapping[str, Any]:
    """A dictionary whose keys are texts; messages show ``such_as`` as an example."""
    if not isinstance(value, Mapping):
        raise KinesisFakeError(f"{what} must be a dict, such as {such_as}, not {shown(value)}.")
    for name in value:
        text(f"Each key of {what}", name)
    return value


def function(what: str, value: Any, *, of: str) -> Callable[..., Any]:
    """A function of the test; ``of`` is what it is called with."""
    if not callable(value):
        raise KinesisFakeError(f"{what} must be a function of {of}, not {shown(value)}.")
    called: Callable[..., Any] = value
    return called


def several(what: str, values: Any, *, such_as: str, most: int | None = None) -> list[Any]:
    """The values of an iterable that is no text, as a list; ``most`` bounds how many may come."""
    if isinstance(values, (str, bytes, bytearray, memoryview, Mapping)) or not isinstance(values, Iterable):
        raise KinesisFakeError(f"{what} must be several values, such as {such_as}, not {shown(values)}.")
    found = list(islice(values, None if most is None else most + 1))
    if most is not None and len(found) > most:
        raise KinesisFakeError(f"{what} must be at most {most} values, such as {such_as}.")
    return found


def bytes_of_file(path: str | os.PathLike[str], what: str = "") -> bytes:
    """The content of a file; ``what`` is the option that names the file."""
    with _file_in_words(f"{what}{path_text(path)} cannot be read"):
        return Path(path).read_bytes()


def write_file(path: str | os.PathLike[str], content: str) -> None:
    """Write a file of text."""
    with _file_in_words(f"{path_text(path) or repr(path)} cannot be written"):
        Path(path).write_text(content, encoding="utf-8")


@contextmanager
def _file_in_words(what: str) -> Generator[None]:
    """Tell in words why the operating system refuses a file."""
    try:
        yield
        return
    except OSError as error:
        reason = error.strerror
    except UnicodeEncodeError:
        reason = "it is no name of a file"
    except ValueError as error:  # a null byte
        reason = str(error)
    raise KinesisFakeError(f"{what}: {reason}.")


def path_text(path: str | os.PathLike[str]) -> str:
    """A path as messages show it, with bytes escaped that are no text."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode()


def duration_ms(caller: str, by: Any, units: Mapping[str, Any]) -> int:
    """A timedelta, or the keywords of one, in whole milliseconds: at least one, as for sleeps, unless it is zero."""
    if (by is None) == (not units):
        raise KinesisFakeError(f"{caller} takes a timedelta, or a timedelta's keywords such as hours=25.")
    try:
        if any(isinstance(value, bool) for value in units.values()):
            raise TypeError("a boolean is no duration")
        delta = timedelta(**units) if by is None else by
        milliseconds = delta // _MILLISECOND
    except (TypeError, ValueError, OverflowError):
        raise KinesisFakeError(
            f"{caller} takes a timedelta, or a timedelta's keywords such as hours=25, not {shown(units or by)}."
            f"{_meant_unit(units)}"
        ) from None
    if milliseconds < 0 or delta < timedelta(0):
        raise KinesisFakeError(f"Virtual time cannot go back; {caller} takes a duration of zero or more.", see="clock")
    return max(1, int(milliseconds)) if delta else 0


def timedelta_from_zero(what: str, value: Any) -> timedelta:
    """A timedelta that does not go back."""
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise KinesisFakeError(f"{what} must be a timedelta of zero or more, not {shown(value)}.")
    return value


def _meant_unit(units: Mapping[str, Any]) -> str:
    """A hint for a keyword that resembles one of timedelta's."""
    from difflib import get_close_matches

    for unit in units:
        close = ["milliseconds"] if unit == "ms" else get_close_matches(unit, _UNITS, 1)
        if unit not in _UNITS and close:
            return f" Did you mean {close[0]}?"
    return ""

"""What botocore puts into a request and only a network would read: made only if something looks at it.

botocore makes JSON, and base64 of all data, for the wire, and the fake would turn that back: for PutRecords of 500
records the two take several times as long as all the rest. If the call's own parameters are exactly what the body would
give back, the fake takes those (see ``parameters``). The User-Agent, which botocore puts together anew for every call,
takes a sixth of a small call's time. So both are made when a handler of the code under test, a retry policy or whatever
else asks the request for them. All else in a request is botocore's own work, as is the check of parameters that may be
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from kinesis_fake.botocore_hook.compiled import compiled_for


class OwnParams(dict[str, Any]):
    """The parameters of a client's call of which no body need be made; ``direct`` is what the fake takes.

    ``are_valid`` says that botocore need not check them either.
    """

    __slots__ = ("are_valid", "client", "direct")

    client: Any
    direct: dict[str, Any]
    are_valid: bool


class Sparing(dict[str, Any]):
    """A dictionary with one more value than it holds, which is made when something looks for it, or at all of them.

    It has no ``__init__``: two of these are made for every call, and that would take a fiftieth of a small one.
    """

    __slots__ = ("_make", "made")

    #: The key of that value.
    key: ClassVar[str]
    #: What makes it; None from then on.
    _make: Callable[[], Any] | None
    #: The value, once it has been made.
    made: Any

    def spare(self, make: Callable[[], Any]) -> None:
        """Let the value be made when it is looked for; the first thing that is done to a new dictionary."""
        self._make = make
        self.made = None

    def _complete(self) -> None:
        if self._make is not None:
            make, self._make = self._make, None
            if not super().__contains__(self.key):  # something else has put a value there
                self.made = make()
                super().__setitem__(self.key, self.made)

    def __missing__(self, key: str) -> Any:
        if key != self.key or self._make is None:
            raise KeyError(key)
        self._complete()
        return self[key]

    def __iter__(self) -> Iterator[str]:
        # botocore looks at the names of all headers of every call.
        names = [*dict.__iter__(self)]  # a copy: the value may be made between two of them
        return iter(names if self._make is None or dict.__contains__(self, self.key) else [*names, self.key])

    def __contains__(self, key: object) -> bool:
        return (key == self.key and self._make is not None) or super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        if key == self.key:
            self._complete()
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        if key == self.key:
            self._complete()
        return super().pop(key, *default)

    def __delitem__(self, key: str) -> None:
        if key == self.key:
            self._complete()
        super().__delitem__(key)


def _completing(name: str) -> Any:
    """A method of a dictionary that looks at all of it."""
    method = getattr(dict, name)

    def look(self: Sparing, *arguments: Any) -> Any:
        self._complete()
        return method(self, *arguments)

    look.__name__ = look.__qualname__ = name
    return look


for _name in (
    *("__reversed__", "__len__", "__eq__", "__ne__", "__or__", "__ror__", "__repr__"),
    *("keys", "values", "items", "copy", "popitem", "setdefault"),
):
    setattr(Sparing, _name, _completing(_name))


class SparingHeaders(Sparing):
    """The headers of a request whose User-Agent has not been made."""

    __slots__ = ()
    key = "User-Agent"


class SparingRequest(Sparing):
    """A request whose body has not been made. ``params`` is what it would give back."""

    __slots__ = ("params",)
    key = "body"

    params: dict[str, Any]

    @property
    def is_as_made(self) -> bool:
        """Whether nothing has put another body there."""
        held = dict.get(self, "body", self)
        return held is self or (self.made is not None and held is self.made)


def request_of(
    serializer: Any, serialize: Callable[..., dict[str, Any]], own_params: OwnParams, operation_model: Any
) -> SparingRequest:
    """What botocore's ``serialize`` makes of a call, but for the body."""
    compiled = compiled_for(operation_model)
    frame = compiled.request_frame
    if frame is None:
        frame = compiled.request_frame = serialize(serializer, {}, operation_model)
        del frame["body"]
    direct = own_params.direct

    def body() -> Any:
        records = {"Records": list(direct["Records"])} if "Records" in direct else {}
        return serialize(serializer, {**direct, **records}, operation_model)["body"]

    request = SparingRequest(frame)
    request.spare(body)
    request.params = direct
    request["headers"] = headers = SparingHeaders(frame["headers"])
    headers.spare(own_params.client._user_agent_creator.to_string)
    request["query_string"] = dict(frame["query_string"])
    return request

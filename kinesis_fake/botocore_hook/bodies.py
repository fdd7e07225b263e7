"""Requests whose body and User-Agent are made only if something looks at them.

botocore encodes a request as JSON, and its data as base64, and the fake would decode both again: for PutRecords of 500
records this takes several times as long as all the rest. If the call's own parameters are exactly what the body would
give back, the fake takes those (see ``parameters``). The User-Agent, which botocore composes anew for every call, takes
a sixth of a small call's time. So both are made when other code, such as a handler of the code under test or a retry
policy, asks the request for them. All else in a request is made by botocore, and botocore checks parameters that may be
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from kinesis_fake.botocore_hook.compiled import compiled_for


class OwnParams(dict[str, Any]):
    """The parameters of a call that needs no body; the fake takes ``direct`` in its place.

    ``are_valid`` says that botocore need not check them either.
    """

    __slots__ = ("are_valid", "client", "direct")

    client: Any
    direct: dict[str, Any]
    are_valid: bool


class Sparing(dict[str, Any]):
    """A dictionary that makes one of its values only when other code looks for it, or at all values.

    It has no ``__init__``, which would take a fiftieth of a small call's time: every call makes two of these.
    """

    __slots__ = ("_make", "made")

    #: The key of that value.
    key: ClassVar[str]
    #: Makes the value; None once it has done so.
    _make: Callable[[], Any] | None
    #: The value, once it has been made.
    made: Any

    def spare(self, make: Callable[[], Any]) -> None:
        """Set the function that makes the value. A new dictionary needs this call before anything else."""
        self._make = make
        self.made = None

    def _complete(self) -> None:
        if self._make is not None:
            make, self._make = self._make, None
            if not super().__contains__(self.key):  # else other code has put a value there
                self.made = make()
                super().__setitem__(self.key, self.made)

    def __missing__(self, key: str) -> Any:
        if key != self.key or self._make is None:
            raise KeyError(key)
        self._complete()
        return self[key]

    def __iter__(self) -> Iterator[str]:
        # botocore iterates over the names of the headers in every call, which need not make the value.
        names = [*dict.__iter__(self)]  # a copy: the loop over the names may make the value
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
    """A method of a dictionary that looks at all values, so that it makes the missing one first."""
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
    """A request whose body has not been made; the body would give back ``params``."""

    __slots__ = ("params",)
    key = "body"

    params: dict[str, Any]

    @property
    def is_as_made(self) -> bool:
        """Whether no other code has put another body there."""
        held = dict.get(self, "body", self)
        return held is self or (self.made is not None and held is self.made)


def request_of(
    serializer: Any, serialize: Callable[..., dict[str, Any]], own_params: OwnParams, operation_model: Any
) -> SparingRequest:
    """The request that botocore's ``serialize`` makes of a call, without the body and the User-Agent."""
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

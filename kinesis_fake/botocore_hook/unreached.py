"""Warns of replaced functions that send requests: the fake never calls them."""

from __future__ import annotations

import sys
import warnings
from typing import Any

_PLACES = (("_endpoint", "make_request"), ("_endpoint", "_send"), ("_endpoint.http_session", "send"))


def warn_of_replacements(client: Any) -> None:
    """Warn if the code under test has replaced a function that botocore would call after ``before-call``.

    wrapt's proxies look like what they wrap, so those of tracing libraries are not found.
    """
    for path, name in _PLACES:
        owner = client
        for part in path.split("."):
            owner = getattr(owner, part, None)
        if owner is not None and _is_replaced(owner, name):
            warnings.warn(
                f"{type(owner).__name__}.{name} of this client has been replaced, and is not called: a fake of Kinesis "
                "answers before a request is sent. Order a failure with kinesis.inject(), such as "
                "Fault.connection_error(), or register a handler of before-send.",
                stacklevel=2,
            )


def _is_replaced(owner: Any, name: str) -> bool:
    if name in getattr(owner, "__dict__", {}):
        return True
    for kind in type(owner).__mro__:
        if name in vars(kind):
            module = sys.modules.get(kind.__module__)
            return module is not None and getattr(vars(kind)[name], "__globals__", None) is not vars(module)
    return False

"""Lets all sessions of the suite share results that every session of botocore would compute anew.

Three pure functions take most of the 18 ms in which a session and its client are made: they find the present name of an
event, whether one of botocore's handlers takes any keyword, and the rules of an endpoint in the JSON of the model.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import botocore
import botocore.endpoint_provider
import botocore.hooks
import pytest

# Untyped, because the stubs lack the names that are replaced here.
hooks: Any = botocore.hooks
endpoint_provider: Any = botocore.endpoint_provider

_accepts_kwargs = hooks.accepts_kwargs
_accepts_kwargs_of_botocores_own = cache(_accepts_kwargs)
_RuleSet = endpoint_provider.RuleSet

#: The present names of events, by the names with which handlers are registered or events are emitted.
_names: dict[str, str] = {}
#: The rules made of an object, by the object's id; with the object itself, so that no other object gets its id.
_rule_sets: dict[tuple[int, int], tuple[Any, Any, Any]] = {}


def _accepts_kwargs_by_function(function: Any) -> Any:
    """The same as botocore's function, but remembered: botocore asks it about 120 functions of its own per session."""
    if inspect.isfunction(function) and function.__module__.startswith(("botocore.", "boto3.")):
        return _accepts_kwargs_of_botocores_own(function)
    return _accepts_kwargs(function)


def _rule_set(*, rules: Any, partitions: Any, **others: Any) -> Any:
    """The one set of the rules that botocore's loader has read once."""
    key = id(rules), id(partitions)
    if key not in _rule_sets:
        _rule_sets[key] = rules, partitions, _RuleSet(rules=rules, partitions=partitions, **others)
    return _rule_sets[key][2]


def _share_names(init: Any) -> Any:
    def __init__(self: Any, event_emitter: Any, event_aliases: Any = None) -> None:
        init(self, event_emitter, event_aliases)
        if self._event_aliases == hooks.EVENT_ALIASES:
            self._alias_name_cache = _names

    return __init__


# --- as a plugin of pytest ------------------------------------------------------------------------------------------


def pytest_configure() -> None:
    """Let all sessions that are made from now on share what they work out."""
    if hooks.accepts_kwargs is _accepts_kwargs:
        hooks.accepts_kwargs = _accepts_kwargs_by_function
        endpoint_provider.RuleSet = _rule_set
        hooks.EventAliaser.__init__ = _share_names(hooks.EventAliaser.__init__)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish() -> None:
    """Remove the handlers that packages imported by some tests have added to the sessions of all tests.

    aws_lambda_powertools adds one for its User-Agent, which looks at each request and so lets its body be made.
    """
    getattr(botocore, "_INITIALIZERS", []).clear()

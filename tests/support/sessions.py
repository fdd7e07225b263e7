"""What every session of botocore works out anew from the same facts is worked out once for all sessions of the suite.

Three pure functions make up most of the 18 ms in which a session and its client are made: the present name of an
event, whether a handler of botocore's own takes any keyword, and the rules of an endpoint from the JSON of the model.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import botocore
import botocore.endpoint_provider
import botocore.hooks
import pytest

# What its stubs do not know of.
hooks: Any = botocore.hooks
endpoint_provider: Any = botocore.endpoint_provider

_accepts_kwargs = hooks.accepts_kwargs
_accepts_kwargs_of_botocores_own = cache(_accepts_kwargs)
_RuleSet = endpoint_provider.RuleSet

#: The present names of events by those with which they are registered or emitted.
_names: dict[str, str] = {}
#: The rules that were made of one object, and this object, lest another gets its id.
_rule_sets: dict[tuple[int, int], tuple[Any, Any, Any]] = {}


def _accepts_kwargs_by_function(function: Any) -> Any:
    """As botocore answers it, which asks this of 120 functions of its own for each session."""
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
    """Let no package that a module of tests imports have a handler in the sessions of all other tests.

    aws_lambda_powertools registers one for its User-Agent, and with it each call would have a body that it looks at.
    """
    getattr(botocore, "_INITIALIZERS", []).clear()

"""Event patterns: the language of EventBridge in which filter criteria are written.

The semantics are those that were recorded from TestEventPattern (LSE, in shared behaviour of both services) and the
table of operators in Lambda's guide. ``wildcard``, ``cidr`` and the nested forms of ``anything-but`` are not in that
table; Lambda's guide says that it uses the syntax of EventBridge, so they are accepted.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

#: Whether a value of the event satisfies one rule. The value of a member that is not there is MISSING.
Rule = Callable[[Any], bool]
#: Whether an event, or a part of it, satisfies a pattern.
Matcher = Callable[[Any], bool]

MISSING = object()
_EMPTY_LIST = object()


class InvalidPattern(Exception):
    """A pattern is wrong; the text says why."""


def compile_pattern(pattern: Any) -> Matcher:
    """Read a pattern once, so that events can be matched quickly."""
    if not isinstance(pattern, dict) or not pattern:
        raise InvalidPattern(f"a pattern is an object with members, not {pattern!r}")
    members = [_compile_member(name, value) for name, value in _with_dots_resolved(pattern).items()]

    def matches(event: Any) -> bool:
        if isinstance(event, list):  # a list of objects is searched through
            return any(matches(element) for element in event)
        return all(member(event) for member in members)

    return matches


def _compile_member(name: str, value: Any) -> Matcher:
    if name == "$or":
        if not isinstance(value, list) or not value:
            raise InvalidPattern(f"$or takes a list of patterns, not {value!r}")
        alternatives = [compile_pattern(alternative) for alternative in value]
        return lambda event: any(alternative(event) for alternative in alternatives)
    if isinstance(value, dict):
        nested = compile_pattern(value)
        return lambda event: nested(_member(event, name))
    if not isinstance(value, list):
        raise InvalidPattern(f"the rules of {name!r} must be a list, not {value!r}")
    if not value:
        raise InvalidPattern(f"the rules of {name!r} must not be empty")
    rules = [_compile_rule(rule) for rule in value]

    def satisfied(event: Any) -> bool:
        leaves = _leaves(_member(event, name))
        return any(rule(leaf) for leaf in leaves for rule in rules)

    return satisfied


def _with_dots_resolved(pattern: Mapping[str, Any]) -> dict[str, Any]:
    """A pattern in which ``a.b`` is written as ``b`` in ``a``; both mean the same (recorded)."""
    resolved: dict[str, Any] = {}
    for name, value in pattern.items():
        first, dot, rest = name.partition(".")
        if dot and first and rest:
            name, value = first, {rest: value}
        if name in resolved:
            if not isinstance(value, dict) or not isinstance(resolved[name], dict):
                raise InvalidPattern(f"{name!r} has both rules and members")
            value = {**resolved[name], **value}
        resolved[name] = value
    return resolved


def _member(event: Any, name: str) -> Any:
    """A member of an object. If the names in the event have dots, this is the part below a name."""
    if not isinstance(event, dict):
        return MISSING
    if name in event:
        return event[name]
    prefix = f"{name}."
    rest = {key[len(prefix) :]: value for key, value in event.items() if key.startswith(prefix)}
    return rest or MISSING


def _leaves(value: Any) -> list[Any]:
    """The values that the rules of a member judge: the elements of a list, or the value itself."""
    if not isinstance(value, list):
        return [value]
    return [leaf for element in value for leaf in _leaves(element)] or [_EMPTY_LIST]


# --- rules ------------------------------------------------------------------------------------------------------


def _compile_rule(rule: Any) -> Rule:
    if not isinstance(rule, dict):
        if isinstance(rule, list):
            raise InvalidPattern("a rule is a value or an operator, not a list")
        return lambda leaf: _equals(leaf, rule)
    if len(rule) != 1:
        raise InvalidPattern(f"a rule has one operator, not {sorted(rule)}")
    ((operator, operand),) = rule.items()
    compile_operator = _OPERATORS.get(operator)
    if compile_operator is None:
        raise InvalidPattern(f"Unrecognized match type {operator}")
    return compile_operator(operand)


def _equals(leaf: Any, value: Any) -> bool:
    if _is_number(value):
        return _is_number(leaf) and bool(leaf == value)  # 300 matches 300.0 (recorded)
    return type(leaf) is type(value) and bool(leaf == value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text_operand(operator: str, operand: Any) -> str:
    if not isinstance(operand, str):
        raise InvalidPattern(f"{operator} takes text, not {operand!r}")
    return operand


def _of_text(test: Callable[[str], bool]) -> Rule:
    return lambda leaf: isinstance(leaf, str) and test(leaf)


def _compile_affix(operator: str, test: Callable[[str, str], bool]) -> Callable[[Any], Rule]:
    """``prefix`` and ``suffix``, which may disregard case."""

    def compile_affix(operand: Any) -> Rule:
        if isinstance(operand, dict) and list(operand) == ["equals-ignore-case"]:
            folded = _text_operand(operator, operand["equals-ignore-case"]).casefold()
            return _of_text(lambda text: test(text.casefold(), folded))
        affix = _text_operand(operator, operand)
        return _of_text(lambda text: test(text, affix))

    return compile_affix


def _compile_equals_ignore_case(operand: Any) -> Rule:
    folded = _text_operand("equals-ignore-case", operand).casefold()
    return _of_text(lambda text: text.casefold() == folded)


def _compile_wildcard(operand: Any) -> Rule:
    text = _text_operand("wildcard", operand)
    if "**" in text.replace("\\*", ""):
        raise InvalidPattern("wildcard takes no two asterisks side by side")
    if re.search(r"\\(?![*\\])", text.replace("\\\\", "")):
        raise InvalidPattern("wildcard takes a backslash only before an asterisk or a backslash")
    parts = re.findall(r"\\.|\*|[^\\*]+", text, re.DOTALL)
    expression = re.compile("".join(".*" if part == "*" else _literal(part) for part in parts), re.DOTALL)
    return _of_text(lambda leaf: text != "" and expression.fullmatch(leaf) is not None)


def _literal(part: str) -> str:
    return re.escape(part[1:] if part.startswith("\\") else part)


def _compile_exists(operand: Any) -> Rule:
    if not isinstance(operand, bool):
        raise InvalidPattern(f"exists takes true or false, not {operand!r}")
    # Only a leaf exists: neither an object nor an empty list does (recorded).
    return lambda leaf: (leaf is MISSING or leaf is _EMPTY_LIST or isinstance(leaf, dict)) is not operand


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


def _compile_numeric(operand: Any) -> Rule:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise InvalidPattern(f"numeric takes one comparison or two, not {operand!r}")
    comparisons = list(zip(operand[::2], operand[1::2], strict=True))
    for sign, bound in comparisons:
        if not isinstance(sign, str) or sign not in _COMPARISONS or not _is_number(bound):
            raise InvalidPattern(f"numeric takes comparisons such as ['>', 0, '<=', 5], not {operand!r}")
    if len(comparisons) == 2 and [sign[0] for sign, _ in comparisons] != [">", "<"]:
        raise InvalidPattern(f"a numeric range has a lower bound and then an upper one, not {operand!r}")
    return lambda leaf: _is_number(leaf) and all(_COMPARISONS[sign](leaf, bound) for sign, bound in comparisons)


def _compile_cidr(operand: Any) -> Rule:
    try:
        network = ipaddress.ip_network(_text_operand("cidr", operand), strict=False)
    except ValueError:
        raise InvalidPattern(f"cidr takes a block of addresses, such as 10.0.0.0/24, not {operand!r}") from None

    def is_inside(text: str) -> bool:
        try:
            return ipaddress.ip_address(text) in network
        except ValueError:
            return False

    return _of_text(is_inside)


def _compile_anything_but(operand: Any) -> Rule:
    if isinstance(operand, dict):
        forbidden = [_compile_nested(operand)]
    else:
        values = operand if isinstance(operand, list) else [operand]
        if not values or not all(isinstance(value, str) or _is_number(value) for value in values):
            raise InvalidPattern(f"anything-but takes text and numbers, not {operand!r}")
        forbidden = [_compile_rule(value) for value in values]

    def is_another(leaf: Any) -> bool:
        # It matches null and numbers, but nothing where there is no value (recorded).
        is_there = leaf is not MISSING and leaf is not _EMPTY_LIST and not isinstance(leaf, dict)
        return is_there and not any(rule(leaf) for rule in forbidden)

    return is_another


def _compile_nested(operand: dict[str, Any]) -> Rule:
    """``anything-but`` with another operator in it, which may take a list of texts."""
    nestable = ("prefix", "suffix", "wildcard", "equals-ignore-case")
    if len(operand) != 1 or next(iter(operand)) not in nestable:
        raise InvalidPattern(f"anything-but takes one of {', '.join(nestable)}, not {sorted(operand)}")
    ((operator, values),) = operand.items()
    rules = [_OPERATORS[operator](value) for value in (values if isinstance(values, list) else [values])]
    if not rules:
        raise InvalidPattern(f"{operator} in anything-but takes text")
    return lambda leaf: any(rule(leaf) for rule in rules)


_OPERATORS: dict[str, Callable[[Any], Rule]] = {
    "anything-but": _compile_anything_but,
    "cidr": _compile_cidr,
    "equals-ignore-case": _compile_equals_ignore_case,
    "exists": _compile_exists,
    "numeric": _compile_numeric,
    "prefix": _compile_affix("prefix", str.startswith),
    "suffix": _compile_affix("suffix", str.endswith),
    "wildcard": _compile_wildcard,
}

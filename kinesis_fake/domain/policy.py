"""Resource policies: what principals of other accounts may do with a resource.

The elements are those of IAM (IAM user guide, "IAM JSON policy elements reference"): Effect, Principal, Action and
Resource, the three ``Not…`` forms, and wildcards. Conditions and policy variables are not modelled: they raise an error
as soon as an answer would depend on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

from kinesis_fake.misuse import NotModelledError
from kinesis_fake.named_tuples import NamedTuple

Decision = Literal["allowed", "denied", "undecided"]

_EFFECTS = ("Allow", "Deny")
#: Kinds of principals. Callers of this fake are AWS accounts, users and roles; the other kinds never match one.
_PRINCIPAL_KINDS = ("AWS", "CanonicalUser", "Federated", "Service")


class InvalidPolicyError(ValueError):
    """A document is no policy; the message says why."""


class Listed(NamedTuple):
    """An element such as Action or, if ``negated``, NotAction."""

    values: tuple[str, ...]
    negated: bool

    def has(self, *values: str) -> bool:
        """Whether one of these values is listed literally."""
        return any(value in self.values for value in values) != self.negated

    def has_like(self, value: str) -> bool:
        """Whether this text matches a listed pattern, with the wildcards ``*`` and ``?``."""
        return any(_fits(pattern, value) for pattern in self.values) != self.negated


class Statement(NamedTuple):
    """One statement of a policy. Actions are in lower case, because IAM ignores their case."""

    effect: str
    principals: Listed
    actions: Listed
    resources: Listed
    #: The condition keys, such as ``aws:SourceIp``.
    condition_keys: tuple[str, ...]

    def speaks_of(self, caller_arn: str, action: str, resource_arn: str) -> bool:
        """Whether the statement is about this call, its conditions aside."""
        return (
            self.principals.has("*", *names_of(caller_arn))
            and self.actions.has_like(action.lower())
            and self.resources.has_like(resource_arn)
        )


class Policy(NamedTuple):
    """The policy of one resource: its text as it was put, and the statements in it."""

    text: str
    statements: tuple[Statement, ...]

    def decide(self, caller_arn: str, action: str, resource_arn: str) -> Decision:
        """The policy's decision about a call; a Deny wins. Raises :class:`NotModelledError` if a condition decides."""
        about = [statement for statement in self.statements if statement.speaks_of(caller_arn, action, resource_arn)]
        decisions: tuple[tuple[str, Decision], ...] = (("Deny", "denied"), ("Allow", "allowed"))
        for effect, decision in decisions:
            conditions = [statement.condition_keys for statement in about if statement.effect == effect]
            if () in conditions:
                return decision
            if conditions:
                keys = ", ".join(sorted({key for keys in conditions for key in keys}))
                raise NotModelledError(
                    f"Whether {caller_arn} may call {action} on {resource_arn} hangs on a Condition of the resource "
                    f"policy ({keys}), and conditions are not modelled. Leave the Condition out of the policy in this "
                    "test."
                )
        return "undecided"


def names_of(caller_arn: str) -> tuple[str, ...]:
    """The names by which a policy may mean a caller: its own ARN, its role, or its account in either of two spellings.

    A statement that names a role also holds for the role's sessions, whose ARNs do not contain the role's path.
    """
    _, partition, _, _, account_id, principal = caller_arn.split(":", 5)
    names = (caller_arn, account_id, f"arn:{partition}:iam::{account_id}:root")
    if principal.startswith("assumed-role/"):
        return *names, f"arn:{partition}:iam::{account_id}:role/{principal.split('/')[1]}"
    return names


def read_policy(text: str, document: object) -> Policy:
    """Read a policy from a JSON document; raises :class:`InvalidPolicyError`."""
    if not isinstance(document, Mapping):
        raise InvalidPolicyError("it is not a JSON object")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise InvalidPolicyError("it has no Statement")
    return Policy(text, tuple(_statement(statement) for statement in statements))


def _statement(statement: object) -> Statement:
    if not isinstance(statement, Mapping):
        raise InvalidPolicyError("a Statement is not a JSON object")
    effect = statement.get("Effect")
    if effect not in _EFFECTS:
        raise InvalidPolicyError("the Effect of a Statement must be Allow or Deny")
    element, negated = _either(statement, "Principal")
    principals = Listed(tuple(_principals(element)), negated)
    element, negated = _either(statement, "Action")
    actions = Listed(tuple(action.lower() for action in _strings(element, "Action")), negated)
    element, negated = _either(statement, "Resource")
    resources = Listed(tuple(_strings(element, "Resource")), negated)
    return Statement(effect, principals, actions, resources, tuple(_condition_keys(statement.get("Condition", {}))))


def _either(statement: Mapping[str, Any], name: str) -> tuple[object, bool]:
    """An element or its ``Not…`` form, and whether it is that; exactly one of the two must be there."""
    given = [spelling for spelling in (name, f"Not{name}") if spelling in statement]
    if len(given) != 1:
        raise InvalidPolicyError(f"a Statement must have either {name} or Not{name}")
    return statement[given[0]], given[0] != name


def _strings(element: object, name: str) -> list[str]:
    values = [element] if isinstance(element, str) else element
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise InvalidPolicyError(f"{name} must be a string or a list of strings")
    return values


def _principals(element: object) -> Iterable[str]:
    if element == "*":
        return ["*"]
    if not isinstance(element, Mapping) or not element:
        raise InvalidPolicyError('Principal must be "*" or a JSON object such as {"AWS": "111122223333"}')
    named = {}
    for kind, values in element.items():
        if kind not in _PRINCIPAL_KINDS:
            raise InvalidPolicyError(f"there are no principals of the kind {kind}")
        named[kind] = _strings(values, f"Principal.{kind}")
    for name in named.get("AWS", []):
        if name != "*" and "*" in name:
            raise InvalidPolicyError(f"the principal {name} must not contain a wildcard")
    return named.get("AWS", [])


def _condition_keys(condition: object) -> Iterable[str]:
    if not isinstance(condition, Mapping) or not all(isinstance(keys, Mapping) for keys in condition.values()):
        raise InvalidPolicyError("Condition must be a JSON object of JSON objects")
    return sorted({key for keys in condition.values() for key in keys})


def _fits(pattern: str, value: str) -> bool:
    if "${" in pattern:
        raise NotModelledError(f"The policy variables of {pattern!r} are not modelled; write the value itself.")
    # A bracket is special in patterns of fnmatch, but not in IAM's.
    return fnmatchcase(value, pattern.replace("[", "[[]"))

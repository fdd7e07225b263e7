"""Errors of the fake itself: a test has misused it, or has asked for what it does not model."""

from __future__ import annotations


class KinesisFakeError(Exception):
    """The fake itself was misused, or it does not model what was asked of it.

    It is deliberately no ``ClientError``: code under test that swallows AWS's errors must not swallow this one.
    """


class NotModelledError(KinesisFakeError, NotImplementedError):
    """The call reached an operation, a member or a situation that this fake does not model."""

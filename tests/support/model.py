"""Skips tests of operations and members that the installed botocore does not have yet."""

from __future__ import annotations

import botocore.session
import pytest

_MODEL = botocore.session.get_session().get_service_model("kinesis")


def needs(operation: str, *members: str) -> pytest.MarkDecorator:
    """Skip if the installed botocore lacks an operation, or one of these members of its input."""
    known = operation in _MODEL.operation_names
    if known and members:
        shape = _MODEL.operation_model(operation).input_shape
        known = shape is not None and set(members) <= shape.members.keys()
    return pytest.mark.skipif(not known, reason=f"the installed botocore does not know {operation} {list(members)}")

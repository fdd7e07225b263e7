"""The one way to assert that a call is refused: by code, whole message, status and exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from kinesis_fake import KinesisFake
from tests.support.state import state_of

#: The codes that AWS answers with another status than 400.
STATUSES = {"InternalFailure": 500, "ServiceUnavailable": 503}


def told_by(client: Any, error: ClientError, status: int | None = None) -> tuple[str, str]:
    """Code and whole message of a refusal; asserts that its exception and status are those of its code."""
    told = error.response["Error"]
    code, message = told["Code"], told["Message"]
    assert told == {"Code": code, "Message": message}
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == (status or STATUSES.get(code, 400))
    modelled = client.meta.service_model.shape_for_error_code(code)
    assert type(error) is (ClientError if modelled is None else getattr(client.exceptions, modelled.name))
    return code, message


@contextmanager
def refused(
    client: Any, code: str | None = None, message: str | None = None, status: int | None = None
) -> Iterator[Any]:
    """Assert that the block is refused, with this code and this whole message if they are given."""
    with pytest.raises(ClientError) as caught:
        yield caught
    told = told_by(client, caught.value, status)
    assert told == (code or told[0], told[1] if message is None else message)


@pytest.fixture
def refusal(kinesis: KinesisFake, unchecked_client: Any) -> Callable[..., tuple[str, str]]:
    """Call an operation that must be refused; returns code and whole message, and asserts that nothing has changed."""

    def refusal(operation: str, *, through: Any = unchecked_client, **parameters: Any) -> tuple[str, str]:
        repr(kinesis)  # makes the fake's region, which otherwise the refused call would make
        before = state_of(kinesis)
        with pytest.raises(ClientError) as caught:
            getattr(through, xform_name(operation))(**parameters)
        assert state_of(kinesis) == before
        return told_by(through, caught.value)

    return refusal

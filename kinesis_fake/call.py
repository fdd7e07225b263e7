"""One call of a client, as a test sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Call:
    """One attempt of one call.

    Printed, a call abbreviates what is long, shows region and account where they are not the fake's own, and says of a
    GetRecords where it has read and what it has found.
    """

    #: The operation, named as in the API.
    operation: str
    #: The parameters that were sent, named as in the API.
    parameters: Mapping[str, Any]
    #: ``"ok"``, or the code of the error.
    outcome: str
    #: When it was made, in virtual time.
    at: datetime
    #: Counts from 1, and grows with every retry of the SDK.
    attempt: int
    #: The region of the client.
    region_name: str
    #: The account that calls.
    account_id: str
    _text: Callable[[], str] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self._text()

"""One call of a client, as a test sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Call:
    """One attempt of one call.

    A printed call abbreviates long values, and shows its region and account if they are not the fake's own. A printed
    GetRecords shows where it has read, and what it has found there.
    """

    #: The operation, named as in the API.
    operation: str
    #: The parameters that were sent, named as in the API.
    parameters: Mapping[str, Any]
    #: ``"ok"``, or the code of the error.
    outcome: str
    #: When the client made the call, in virtual time.
    at: datetime
    #: The number of the attempt, counted from 1; every retry of the SDK is another attempt.
    attempt: int
    #: The region of the client.
    region_name: str
    #: The account that calls.
    account_id: str
    _text: Callable[[], str] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self._text()

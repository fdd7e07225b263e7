"""What ``python -m kinesis_fake doctor`` checks in the hook."""

from __future__ import annotations

from typing import Any

import botocore.handlers
import botocore.session

from kinesis_fake.botocore_hook.clients import NO_CREDENTIALS
from kinesis_fake.botocore_hook.guard import PACKAGES
from kinesis_fake.botocore_hook.handlers import is_installed
from kinesis_fake.botocore_hook.names import SERVICE_ID

#: The packages whose clients the guard reaches.
REACHED = frozenset(PACKAGES)


def has_handlers() -> bool:
    """Whether botocore gives the fake's handlers to sessions that are made now."""
    return is_installed(botocore.handlers)


def client_of_another_session() -> Any:
    """A client made as a program makes it that knows nothing of fakes."""
    session: Any = botocore.session.Session()
    return session.create_client(SERVICE_ID, region_name="us-east-1", **NO_CREDENTIALS)

"""How botocore names Kinesis, and what it names that is not there."""

from __future__ import annotations

import sys
from typing import Any

SERVICE_ID = "kinesis"


def is_kinesis(client: Any) -> bool:
    """Whether a client is one of Kinesis."""
    return bool(client.meta.service_model.service_id.hyphenize() == SERVICE_ID)


def missing_name(package: str, name: str) -> str:
    """What to say where a release of botocore or aiobotocore does not have a name that the fake relies on."""
    version = getattr(sys.modules[package], "__version__", "of unknown version")
    return (
        f"kinesis_fake relies on {package}.{name}, which the installed {package} {version} does not have. "
        f"Install a newer kinesis_fake, or an older {package}."
    )

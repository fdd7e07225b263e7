"""botocore's name for Kinesis, and the message for a name that botocore does not have any more."""

from __future__ import annotations

import sys
from typing import Any

SERVICE_ID = "kinesis"


def is_kinesis(client: Any) -> bool:
    """Whether a client is one of Kinesis."""
    return bool(client.meta.service_model.service_id.hyphenize() == SERVICE_ID)


def missing_name(package: str, name: str) -> str:
    """The message for a release of botocore or aiobotocore that lacks a name which the fake relies on."""
    version = getattr(sys.modules[package], "__version__", "of unknown version")
    return (
        f"kinesis_fake relies on {package}.{name}, which the installed {package} {version} does not have. "
        f"Install a newer kinesis_fake, or an older {package}."
    )

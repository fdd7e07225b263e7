"""The clients of boto3 that tests call through, each made once for the whole run."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.session import Session

from kinesis_fake import KinesisFake
from tests.support.answers import check_answers
from tests.support.models import LOADER

#: Keys that no fake knows, for clients of its default account.
CREDENTIALS: dict[str, Any] = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
#: The configuration of a client that makes one attempt, so that a refusal is the answer to one call.
WITHOUT_RETRIES: Any = {"total_max_attempts": 1}


def new_client(region_name: str = "us-east-1", **config: Any) -> Any:
    """A client of a session of its own, configured by ``config``; any active fake answers it."""
    session = Session()
    session.register_component("data_loader", LOADER)
    return boto3.session.Session(botocore_session=session).client(
        "kinesis", region_name=region_name, config=Config(**config), **CREDENTIALS
    )


@cache
def client_without_retries(region_name: str = "us-east-1", *, parameter_validation: bool = True) -> Any:
    """A client whose answers are all checked against the model. There is one for each region."""
    return check_answers(new_client(region_name, retries=WITHOUT_RETRIES, parameter_validation=parameter_validation))


@cache
def client_with_retries(mode: str = "legacy", **retries: Any) -> Any:
    """A client that retries as boto3 does by default, or in another mode."""
    return check_answers(new_client(retries={"mode": mode, **retries}))


@pytest.fixture
def client(kinesis: KinesisFake) -> Any:
    """A client that does not retry, so that a refusal is the answer to one call."""
    return client_without_retries()


@pytest.fixture
def retrying_client(kinesis: KinesisFake) -> Any:
    """A client that retries as boto3 does by default."""
    return client_with_retries()


@pytest.fixture
def unchecked_client(kinesis: KinesisFake) -> Any:
    """A client without retries that also sends parameters which botocore itself would refuse."""
    return client_without_retries(parameter_validation=False)


@pytest.fixture
def foreign_client(kinesis: KinesisFake) -> Any:
    """A client of another region, without retries."""
    return client_without_retries("eu-central-1")

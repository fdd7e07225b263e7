"""The validators of the installed botocore, asked as the service asks them: deserialize, then check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel, Shape

from kinesis_fake.botocore_hook.validation import OperationValidator, compile_operation
from kinesis_fake.errors import AwsError

Document = Any
Refusal = tuple[str, "str | None"]


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("kinesis")


@pytest.fixture(scope="session")
def validator(model: ServiceModel) -> Callable[[str], OperationValidator]:
    @cache
    def compiled(operation: str) -> OperationValidator:
        return compile_operation(model.operation_model(operation))

    return compiled


@pytest.fixture(scope="session")
def verdict(validator: Callable[[str], OperationValidator]) -> Callable[[str, Document], Refusal | None]:
    """Code and whole message of the answer to a document; None when it is accepted."""

    def ask(operation: str, document: Document) -> Refusal | None:
        asked = validator(operation)
        try:
            asked.check(asked.deserialize(document))
        except AwsError as error:
            return error.code, error.message
        return None

    return ask


@pytest.fixture(scope="session")
def shapes_at(model: ServiceModel) -> Callable[[str, str], list[Shape]]:
    """The shapes along a path such as ``Records.0.Data``; empty when this botocore does not know the member."""

    def walk(operation: str, path: str) -> Iterator[Shape]:
        shape: Any = model.operation_model(operation).input_shape
        for step in path.split("."):
            if shape.type_name == "structure":
                shape = shape.members[step]
            else:
                shape = shape.value if shape.type_name == "map" else shape.member
            yield shape

    def found(operation: str, path: str) -> list[Shape]:
        if operation not in model.operation_names:
            return []
        try:
            return list(walk(operation, path))
        except KeyError:
            return []

    return found

"""What the hook works out once per operation of a client's model, and keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore

from kinesis_fake.botocore_hook.answers import pruner
from kinesis_fake.botocore_hook.parameters import Requirements, types_of_members
from kinesis_fake.botocore_hook.validation import OperationValidator, compile_operation
from kinesis_fake.misuse import NotModelledError
from kinesis_fake.operations.registry import OPERATIONS, WRITTEN_FOR, Operation


class Compiled:
    """The operation, the checks of its input, and what a client of this model sees of an answer."""

    __slots__ = ("listeners", "operation", "prune", "request_frame", "requirements", "types", "validator")

    def __init__(self, operation_model: Any) -> None:
        operation = OPERATIONS.get(operation_model.name)
        if operation is None:
            raise NotModelledError(
                f"kinesis_fake does not model the operation {operation_model.name} of the installed botocore "
                f"{botocore.__version__}; nothing was sent to AWS."
            )
        self.operation: Operation = operation
        self.validator: OperationValidator = compile_operation(operation_model)
        #: The key under which a client's emitter keeps the handlers of the code under test for this operation.
        self.listeners: str = f"kinesis_fake.listeners.{operation.name}"
        #: botocore's request of this operation without parameters, once it has made one.
        self.request_frame: dict[str, Any] | None = None
        #: The types of parameters that are taken as they are, without decoding the body.
        self.types: dict[str, type] = types_of_members(operation_model.input_shape)
        #: What botocore would check in those parameters.
        self.requirements: Requirements = Requirements(operation_model.input_shape)
        version = tuple(int(part) for part in botocore.__version__.split(".")[:3] if part.isdigit())
        foreign = not type(operation_model).__module__.startswith("botocore.")
        #: A function that removes from an answer the members that this client's model does not know; None if it knows
        #: them all.
        self.prune: Callable[[Any], Any] | None = (
            pruner(operation_model.output_shape) if foreign or version < WRITTEN_FOR else None
        )


def compiled_for(operation_model: Any) -> Compiled:
    """What is worked out for an operation's model.

    The model keeps it, so that it lives as long. A dictionary of weak references would cost one more call per look-up.
    """
    compiled: Compiled | None = operation_model.__dict__.get("_kinesis_fake")
    if compiled is None:
        compiled = operation_model._kinesis_fake = Compiled(operation_model)
    return compiled

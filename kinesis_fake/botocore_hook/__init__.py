"""How a botocore, boto3 or aiobotocore client reaches a fake.

A handler of the event ``before-call`` answers the call after botocore has validated and serialised it, before
credentials, signing and HTTP. botocore gives that handler to the clients of sessions that are made after this package
was imported. A guard covers all other clients, and whatever else could leave the process, while any fake is active.
"""

from kinesis_fake.botocore_hook import relied_on as relied_on  # before what imports the names that it looks for

# isort: split
from kinesis_fake.botocore_hook.client_calls import Caller
from kinesis_fake.botocore_hook.clients import (
    CREATE_CLIENT_PARAMETERS,
    DEFAULT_REGION,
    input_shape_of,
    make_async_client,
    make_client,
    validator_for,
)
from kinesis_fake.botocore_hook.door import Door
from kinesis_fake.botocore_hook.guard import ANNOUNCEMENT, GUARD, refuse_outside_calls
from kinesis_fake.botocore_hook.handlers import ACTIVE_FAKES, ORDINALS, ORDINALS_OF_THE_UNENTERED, attach
from kinesis_fake.botocore_hook.parameters import snake_case, wrong_types

__all__ = [
    "ACTIVE_FAKES",
    "ANNOUNCEMENT",
    "CREATE_CLIENT_PARAMETERS",
    "DEFAULT_REGION",
    "GUARD",
    "ORDINALS",
    "ORDINALS_OF_THE_UNENTERED",
    "Caller",
    "Door",
    "attach",
    "input_shape_of",
    "make_async_client",
    "make_client",
    "refuse_outside_calls",
    "snake_case",
    "validator_for",
    "wrong_types",
]

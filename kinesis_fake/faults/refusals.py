"""The errors that faults refuse calls with, each worded for the call that it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinesis_fake import errors
from kinesis_fake.errors import AwsError
from kinesis_fake.faults.effects import AddressedCall
from kinesis_fake.misuse import text, whole_number
from kinesis_fake.settings import ITERATOR_LIFETIME_MS
from kinesis_fake.virtual_time.timestamps import java_date

#: The errors of KMS that Kinesis passes on, each from the ARN of the key; that of a denied key depends on the call.
KMS_ERRORS: Mapping[str, Callable[[str], AwsError] | None] = {
    "KMSAccessDeniedException": None,
    "KMSDisabledException": errors.key_disabled,
    "KMSInvalidStateException": errors.key_pending_deletion,
    "KMSNotFoundException": errors.key_not_found,
    "KMSOptInRequired": errors.key_needs_opt_in,
    "KMSThrottlingException": errors.key_throttled,
}
#: The errors of AWS's front door whose words are known.
_FRONT_DOOR: Mapping[str, Callable[[], AwsError]] = {
    "ExpiredTokenException": errors.token_expired,
    "InvalidSignatureException": errors.signature_invalid,
    "MissingAuthenticationTokenException": errors.authentication_token_missing,
    "UnrecognizedClientException": errors.client_unrecognized,
}
#: The HTTP status of errors that have another one than 400 (API reference, common errors).
_STATUS: Mapping[str, int] = {
    "InternalFailure": 500,
    "InternalFailureException": 500,
    "InvalidClientTokenId": 403,
    "OptInRequired": 403,
    "ServiceUnavailable": 503,
}


def any_error(code: Any, status: Any, message: Any) -> Callable[[str, AddressedCall], AwsError]:
    """An error of this code, with the status and the words that belong to it unless the test has given others."""
    text("code", code, such_as="ExpiredTokenException", pattern=r"[A-Za-z][A-Za-z0-9_.]*")
    if status is not None:
        whole_number("status", status, 400, 599)
    if message is not None and message != "":
        text("message", message)
    known = _FRONT_DOOR[code]().message if code in _FRONT_DOOR else None
    words = known if message is None else message
    http_status = _STATUS.get(code, 400) if status is None else status
    return lambda *_: AwsError.ordered(code, words, http_status)


def still_creating(operation: str, call: AddressedCall) -> AwsError:
    return errors.stream_not_active_or_updating(call.stream_name or "", call.account_id, "CREATING")


def throttled(operation: str, call: AddressedCall) -> AwsError:
    return call.operation.rate.exceeded(call)


def expired_iterator(operation: str, call: AddressedCall) -> AwsError:
    created_at = call.now - ITERATOR_LIFETIME_MS - 1
    return errors.shard_iterator_expired(java_date(created_at), java_date(call.now))


def access_denied(operation: str, call: AddressedCall) -> AwsError:
    return errors.access_denied(call.caller_arn, f"kinesis:{operation}", call.resource_arn)


def kms_error(code: str, operation: str, call: AddressedCall) -> AwsError:
    make = KMS_ERRORS[code]
    if make is not None:
        return make(call.key_arn)
    if call.operation.kms == "encrypt":
        return errors.key_access_denied_to_write(call.caller_arn, call.key_arn)
    return errors.key_access_denied_to_read(call.caller_arn, call.stream_name or "")

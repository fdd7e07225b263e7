"""KMS keys, as far as Kinesis deals with them: their names, and whether they can be used."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kinesis_fake import errors
from kinesis_fake.domain.arn import partition_of
from kinesis_fake.errors import AwsError

if TYPE_CHECKING:
    from kinesis_fake.domain.region import Region
    from kinesis_fake.domain.shard import Shard, ShardRead
    from kinesis_fake.domain.stream import Stream

ENABLED: Final = "ENABLED"
DISABLED: Final = "DISABLED"
DENIED: Final = "DENIED"
MISSING: Final = "MISSING"
PENDING_DELETION: Final = "PENDING_DELETION"
OPT_IN_REQUIRED: Final = "OPT_IN_REQUIRED"
THROTTLED: Final = "THROTTLED"

_ARN = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:"
_KEY = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|mrk-[0-9a-f]{32}"
_ALIAS = r"alias/[a-zA-Z0-9:/_-]+"
_KEY_ID = rf"(?:{_ARN}key/)?(?P<key>{_KEY})|(?:{_ARN})?(?P<alias>{_ALIAS})"

#: For each state in which Kinesis cannot use a key: the function that makes the error from the key's ARN.
_UNUSABLE: dict[str, Callable[[str], AwsError]] = {
    DISABLED: errors.key_disabled,
    MISSING: errors.key_not_found,
    PENDING_DELETION: errors.key_pending_deletion,
    OPT_IN_REQUIRED: errors.key_needs_opt_in,
    THROTTLED: errors.key_throttled,
}


def key_name_of(key_id: str) -> str | None:
    """The part of a KeyId that is the same in all its spellings: the key's GUID or alias. None if the text is no KeyId.

    A KeyId is a GUID, the ARN of a key or of an alias, or ``alias/`` and a name (API reference, StartStreamEncryption).
    An alias and its key count as two keys here, because the fake does not know which alias means which key.
    """
    match = re.fullmatch(_KEY_ID, key_id, re.ASCII)
    if match is None:
        return None
    return match["key"].lower() if match["key"] is not None else match["alias"]


def require_key_to_write(caller_arn: str, home: Region, key_id: str) -> None:
    """Refuse if the caller cannot encrypt with this key; ``home`` is the stream's region."""
    state = _state_of(home, key_id)
    if state == DENIED:
        raise errors.key_access_denied_to_write(caller_arn, key_arn_of(home, key_id))
    if state != ENABLED:
        raise _UNUSABLE[state](key_arn_of(home, key_id))


def require_keys_to_read(caller_arn: str, stream: Stream, shard: Shard, batch: ShardRead) -> None:
    """Refuse if the caller cannot decrypt one of these records with the key that it was encrypted with."""
    home = stream.region
    if not home.world.key_states:
        return
    for key_id in shard.key_ids_of(batch):
        state = _state_of(home, key_id)
        if state == DENIED:
            raise errors.key_access_denied_to_read(caller_arn, stream.stream_name)
        if state != ENABLED:
            raise _UNUSABLE[state](key_arn_of(home, key_id))


def _state_of(home: Region, key_id: str) -> str:
    name = key_name_of(key_id)
    return home.world.key_states.get(name, ENABLED) if name is not None else ENABLED


def key_arn_of(home: Region, key_id: str) -> str:
    """The ARN of a key: the KeyId itself if it is one, else that of a key in the stream's account and region."""
    if key_id.startswith("arn:"):
        return key_id
    resource = key_id if key_id.startswith("alias/") else f"key/{key_id}"
    return f"arn:{partition_of(home.region_name)}:kms:{home.region_name}:{home.account_id}:{resource}"

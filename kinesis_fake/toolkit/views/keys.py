"""What a test sees of a KMS key and does with it."""

from __future__ import annotations

from kinesis_fake.domain import encryption
from kinesis_fake.misuse import KinesisFakeError, Unassignable, shown
from kinesis_fake.toolkit.backstage import Backstage


class KeyView(Unassignable):
    """A KMS key, as :meth:`KinesisFake.key` returns it.

    Every key is ENABLED until a test says otherwise. From then on, a call that would have to encrypt or decrypt
    a record with it gets AWS's error. The GUID and the ARN of a key name the same key, as do an alias and its ARN, in
    all regions and accounts of the fake.
    """

    def __init__(self, backstage: Backstage, key_id: str) -> None:
        given: object = key_id
        name = encryption.key_name_of(given) if isinstance(given, str) else None
        if name is None:
            raise KinesisFakeError(
                f"{shown(key_id)} is no KeyId; write a GUID, the ARN of a key or of an alias, or a name such as "
                "'alias/aws/kinesis'."
            )
        self._backstage = backstage
        self._name = name
        self._key_id = key_id

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyView):
            return NotImplemented
        return self._backstage is other._backstage and self._name == other._name

    def __hash__(self) -> int:
        return id(self._backstage)

    def __repr__(self) -> str:
        return f"<key {self.key_id} {self.state}>"

    @property
    def key_id(self) -> str:
        """The KeyId with which the test has asked for the key."""
        return self._key_id

    @property
    def state(self) -> str:
        """ENABLED, DISABLED, DENIED, MISSING, PENDING_DELETION, OPT_IN_REQUIRED or THROTTLED."""
        return self._backstage.world.key_states.get(self._name, encryption.ENABLED)

    def enable(self) -> None:
        """The key can be used again, whatever was wrong with it."""
        with self._backstage.lock:
            self._backstage.world.key_states.pop(self._name, None)

    def disable(self) -> None:
        """KMSDisabledException from now on."""
        self._put_into(encryption.DISABLED)

    def deny(self) -> None:
        """KMSAccessDeniedException from now on: the caller lacks the permission."""
        self._put_into(encryption.DENIED)

    def remove(self) -> None:
        """KMSNotFoundException from now on."""
        self._put_into(encryption.MISSING)

    def schedule_deletion(self) -> None:
        """KMSInvalidStateException from now on."""
        self._put_into(encryption.PENDING_DELETION)

    def require_opt_in(self) -> None:
        """KMSOptInRequired from now on."""
        self._put_into(encryption.OPT_IN_REQUIRED)

    def throttle(self) -> None:
        """KMSThrottlingException from now on; the SDK does not retry it."""
        self._put_into(encryption.THROTTLED)

    def _put_into(self, state: str) -> None:
        with self._backstage.lock:
            self._backstage.world.key_states[self._name] = state

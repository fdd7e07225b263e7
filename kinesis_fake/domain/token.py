"""Sealed tokens: shard iterators and pagination tokens.

AWS's look like this: eight bytes ``00 00 00 00 00 00 00 01``, then a multiple of 16 bytes that mean nothing to
anybody else, all in base64. What is inside ours is a tuple, enciphered and signed with a key that belongs to one fake:
a token of another fake, or one that was changed, is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import blake2b, shake_128

_HEADER = b"\x00\x00\x00\x00\x00\x00\x00\x01"
_SIGNATURE_BYTES = 16
_NONCE_BYTES = 8
#: Made once: json.dumps() would make an encoder for every token.
_to_json = json.JSONEncoder(separators=(",", ":")).encode


class InvalidTokenError(ValueError):
    """The text is no token of this fake, or it was changed."""


class TokenMint:
    """Makes and reads the tokens of one fake; every token differs from every other.

    ``identity`` is what tells this fake from others. A fake of the same identity makes the same tokens in the same
    order, and refuses those that it has not made yet.
    """

    def __init__(self, *identity: int) -> None:
        self._key = blake2b(f"kinesis_fake {identity}".encode(), digest_size=32).digest()
        self._made = 0

    def identifier(self, *facts: object) -> str:
        """An id of 32 hexadecimal digits that tells nothing: another one for other facts or in another fake."""
        return blake2b(repr(facts).encode(), key=self._key, digest_size=16).hexdigest()

    def seal(self, kind: str, fields: list[object], stream_name: str = "") -> str:
        """A new token that holds ``fields`` (text, whole numbers and None); its length depends on the name's alone."""
        self._made += 1
        nonce = self._made.to_bytes(_NONCE_BYTES, "big")
        plain = _to_json([kind, *fields]).encode()
        room = 120 + 16 * ((len(stream_name) + 2) // 16)
        plain = plain.ljust(room if len(plain) <= room else -(-len(plain) // 16) * 16 + 8)
        body = nonce + self._cipher(nonce, plain)
        return base64.b64encode(_HEADER + body + self._sign(body)).decode()

    def open(self, kind: str, token: str) -> list[object]:
        """What was sealed; raises :class:`InvalidTokenError`."""
        try:
            raw = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidTokenError(token) from None
        body, signature = raw[len(_HEADER) : -_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        nonce = body[:_NONCE_BYTES]
        if (
            len(raw) < len(_HEADER) + _NONCE_BYTES + _SIGNATURE_BYTES
            or raw[: len(_HEADER)] != _HEADER
            or signature != self._sign(body)
            or base64.b64encode(raw).decode() != token
            or int.from_bytes(nonce, "big") > self._made
        ):
            raise InvalidTokenError(token)
        opened: list[object] = json.loads(self._cipher(nonce, body[_NONCE_BYTES:]).decode())
        if opened[0] != kind:
            raise InvalidTokenError(token)
        return opened[1:]

    def _sign(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_SIGNATURE_BYTES).digest()

    def _cipher(self, nonce: bytes, text: bytes) -> bytes:
        size = len(text)
        stream = shake_128(self._key + nonce).digest(size)
        return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")

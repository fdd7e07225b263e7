"""Sealed tokens: shard iterators and pagination tokens.

AWS's look like this: eight bytes ``00 00 00 00 00 00 00 01``, then a multiple of 16 bytes that mean nothing to
anybody else, all in base64. What is inside ours is a tuple, enciphered and signed with a key that belongs to one fake:
a token of another fake, or one that was changed, is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import blake2b

_HEADER = b"\x00\x00\x00\x00\x00\x00\x00\x01"
_SIGNATURE_BYTES = 16
_NONCE_BYTES = 8
_BLOCK_BYTES = 64


class InvalidTokenError(ValueError):
    """The text is no token of this fake, or it was changed."""


class TokenMint:
    """Makes and reads the tokens of one fake; every token differs from every other."""

    def __init__(self, seed: int) -> None:
        self._key = blake2b(f"kinesis_fake {seed}".encode(), digest_size=32).digest()
        self._made = 0

    def seal(self, kind: str, fields: list[object], stream_name: str = "") -> str:
        """A new token that holds ``fields`` (text, whole numbers and None); its length depends on the name's alone."""
        self._made += 1
        nonce = self._made.to_bytes(_NONCE_BYTES, "big")
        plain = json.dumps([kind, *fields], separators=(",", ":")).encode()
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
        if (
            len(raw) < len(_HEADER) + _NONCE_BYTES + _SIGNATURE_BYTES
            or raw[: len(_HEADER)] != _HEADER
            or signature != self._sign(body)
            or base64.b64encode(raw).decode() != token
        ):
            raise InvalidTokenError(token)
        nonce = body[:_NONCE_BYTES]
        opened: list[object] = json.loads(self._cipher(nonce, body[_NONCE_BYTES:]))
        if opened[0] != kind:
            raise InvalidTokenError(token)
        return opened[1:]

    def _sign(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_SIGNATURE_BYTES).digest()

    def _cipher(self, nonce: bytes, text: bytes) -> bytes:
        stream = b"".join(
            blake2b(nonce + block.to_bytes(4, "big"), key=self._key).digest()
            for block in range(-(-len(text) // _BLOCK_BYTES))
        )
        size = len(text)
        return (int.from_bytes(text, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")

"""Sealed tokens: shard iterators and pagination tokens.

AWS's look like this: eight bytes ``00 00 00 00 00 00 00 01``, then a multiple of 16 bytes that mean nothing to
anybody else, all in base64. What is inside ours is a tuple, enciphered and signed with a key that belongs to one fake:
a token of another fake, or one that was changed, is refused.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from hashlib import blake2b

_HEADER = b"\x00\x00\x00\x00\x00\x00\x00\x01"
_SIGNATURE_BYTES = 16
_NUMBER_BYTES = 8
_BLOCK_BYTES = 16
#: A consumer comes back with the token it was given last; that one need not be deciphered.
_REMEMBERED_TOKENS = 256
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
        self._remembered: dict[str, list[object]] = {}

    def identifier(self, *facts: object) -> str:
        """An id of 32 hexadecimal digits that tells nothing: another one for other facts or in another fake."""
        return blake2b(repr(facts).encode(), key=self._key, digest_size=16).hexdigest()

    def seal(self, kind: str, fields: list[object], stream_name: str = "") -> str:
        """A new token that holds ``fields`` (text, whole numbers and None); its length depends on the name's alone."""
        self._made += 1
        content = [kind, *fields]
        plain = self._made.to_bytes(_NUMBER_BYTES, "big") + _to_json(content).encode()
        room = 128 + _BLOCK_BYTES * ((len(stream_name) + 2) // _BLOCK_BYTES)
        plain = plain.ljust(room if len(plain) <= room else -(-len(plain) // _BLOCK_BYTES) * _BLOCK_BYTES)
        signature = self._sign(plain)
        token = b2a_base64(_HEADER + self._cipher(signature, plain) + signature, newline=False).decode()
        if len(self._remembered) >= _REMEMBERED_TOKENS:
            self._remembered.clear()
        self._remembered[token] = content
        return token

    def open(self, kind: str, token: str) -> list[object]:
        """What was sealed; raises :class:`InvalidTokenError`."""
        content = self._remembered.get(token)
        if content is None:
            content = self._decipher(token)
        if content[0] != kind:
            raise InvalidTokenError(token)
        return content[1:]

    def _decipher(self, token: str) -> list[object]:
        try:
            raw = a2b_base64(token)
        except ValueError:
            raise InvalidTokenError(token) from None
        text, signature = raw[len(_HEADER) : -_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        plain = self._cipher(signature, text)
        if (
            raw[: len(_HEADER)] != _HEADER
            or signature != self._sign(plain)
            or b2a_base64(raw, newline=False).decode() != token
            or int.from_bytes(plain[:_NUMBER_BYTES], "big") > self._made
        ):
            raise InvalidTokenError(token)
        content: list[object] = json.loads(plain[_NUMBER_BYTES:].decode())
        return content

    def _sign(self, plain: bytes) -> bytes:
        return blake2b(plain, key=self._key, digest_size=_SIGNATURE_BYTES).digest()

    def _cipher(self, signature: bytes, text: bytes) -> bytes:
        """Encipher or decipher: the signature, which every token has another one of, chooses the key stream."""
        size = len(text)
        noise = blake2b(signature, key=self._key).digest()
        stream = (noise * (size // len(noise) + 1))[:size]
        return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")

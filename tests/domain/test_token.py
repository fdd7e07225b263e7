"""Sealed tokens: they give back what was sealed, and all other texts are refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.domain.sealed_token import InvalidTokenError, TokenMint

fields = st.lists(st.one_of(st.none(), st.integers(0, 2**53), st.text(max_size=300)), max_size=8)


@given(fields, st.text("abc.-_", min_size=1, max_size=128))
def test_what_was_sealed_can_be_opened_again_and_again(values: Any, stream_name: Any) -> None:
    mint = TokenMint(1)
    token = mint.seal("kind", values, stream_name)
    assert mint.open("kind", token) == mint.open("kind", token) == values
    raw = base64.b64decode(token, validate=True)
    assert raw[:8] == bytes(7) + b"\x01"
    assert (len(raw) - 152) % 16 == 0


def test_a_token_is_refused_by_a_mint_of_another_identity_and_for_another_kind() -> None:
    token = TokenMint(1).seal("kind", [1])
    for mint, kind in ((TokenMint(2), "kind"), (TokenMint(1, 0), "kind")):
        mint.seal("kind", [1])
        with pytest.raises(InvalidTokenError):
            mint.open(kind, token)
    mint = TokenMint(1)
    assert mint.seal("kind", [1]) == token
    with pytest.raises(InvalidTokenError):
        mint.open("other kind", token)


def test_a_mint_of_the_same_identity_refuses_what_it_has_not_made_yet() -> None:
    first, second = TokenMint(7), TokenMint(7)
    token = first.seal("kind", [1])
    with pytest.raises(InvalidTokenError):
        second.open("kind", token)
    second.seal("kind", [1])
    assert second.open("kind", token) == [1]


@given(st.text(max_size=600))
def test_any_other_text_is_refused(text: Any) -> None:
    with pytest.raises(InvalidTokenError):
        TokenMint(1).open("kind", text)


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(raw: Any) -> None:
    for header in (b"", bytes(7) + b"\x01"):
        with pytest.raises(InvalidTokenError):
            TokenMint(1).open("kind", base64.b64encode(header + raw).decode())


def test_the_same_fields_are_sealed_differently_each_time() -> None:
    mint = TokenMint(1)
    tokens = {mint.seal("kind", [1, 2, 3]) for _ in range(100)}
    assert len(tokens) == 100


@given(fields)
def test_a_token_need_not_be_the_latest_to_be_opened(values: Any) -> None:
    mint = TokenMint(1)
    token = mint.seal("kind", values, "stream")
    for number in range(300):
        mint.seal("kind", [number])
    assert mint.open("kind", token) == values
    with pytest.raises(InvalidTokenError):
        mint.open("other kind", token)
    with pytest.raises(InvalidTokenError):
        TokenMint(2).open("kind", token)

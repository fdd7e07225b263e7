"""The layout of sequence numbers, and how AWS's old and new numbers are read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_fake.domain import sequence_number
from kinesis_fake.domain.sequence_number import InvalidSequenceNumberError, SequenceNumber
from tests.support.sequence_numbers import BETWEEN_NEIGHBOURS, LAST_COUNTER, Fields, fields_of, written

seconds = st.integers(0, 16_025_174_999)
indexes = st.integers(0, 2**31 - 1)
counters = st.integers(0, LAST_COUNTER)


@given(seconds, indexes, counters, st.integers(0, 2**36 - 1))
def test_what_is_written_has_the_recorded_layout_and_reads_back(
    creation_second: Any, index: Any, counter: Any, second: Any
) -> None:
    digits = sequence_number.number(sequence_number.base_of(creation_second, index), counter, second)
    assert fields_of(digits) == Fields(creation_second, index % 16, counter, 0, second, index, 2)
    assert digits == written(creation_second=creation_second, counter=counter, second=second, shard_index=index)
    assert sequence_number.parse(digits) == SequenceNumber(2, creation_second, index, second)


@given(
    seconds, indexes, st.lists(counters, min_size=2, max_size=2, unique=True), st.lists(seconds, min_size=2, max_size=2)
)
def test_numbers_of_a_shard_are_ordered_by_their_counters_as_text_and_as_integers(
    creation_second: Any, index: Any, pair: Any, when: Any
) -> None:
    base = sequence_number.base_of(creation_second, index)
    low, high = (sequence_number.number(base, *each) for each in zip(sorted(pair), when, strict=True))
    assert (low < high, int(low) < int(high), len(low), len(high)) == (True, True, 56, 56)


@given(seconds, indexes, indexes, counters, counters)
def test_all_numbers_of_a_later_second_of_creation_are_higher(
    creation_second: Any, index: Any, other: Any, counter: Any, lower: Any
) -> None:
    before = sequence_number.number(sequence_number.base_of(creation_second, index), counter, creation_second)
    after = sequence_number.number(sequence_number.base_of(creation_second + 1, other), lower, creation_second + 1)
    assert before < after


@pytest.mark.parametrize("index", [*range(14), 16, 20, 1000])
def test_neighbours_within_a_nibble_are_a_constant_apart(index: Any) -> None:
    first, second = (int(sequence_number.number(sequence_number.base_of(5, i), 0, 5)) for i in (index, index + 1))
    assert second - first == BETWEEN_NEIGHBOURS


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        # Numbers of version 0 are shorter; below 2^124 even their first digit is missing.
        ("0", SequenceNumber(0, 0, 0, 0)),
        ("5", SequenceNumber(0, 0, 5, 0)),
        ("65535", SequenceNumber(0, 0, 65535, 0)),
        ("65536", SequenceNumber(0, 0, 0, 0)),
        (str(2**124), SequenceNumber(0, 0, 0, 0)),
        (str(2**124 + 7), SequenceNumber(0, 0, 7, 0)),
        (
            str(int("1" + f"{1_400_000_000:09x}" + "00" + "f" * 16 + "0003", 16)),
            SequenceNumber(0, 1_400_000_000, 3, 1_400_000_000),
        ),
        # Version 1 has its second where version 2 has its counter.
        (
            str(int("2" + f"{7:09x}" + "3" + "00" + f"{9:09x}" + "a" * 14 + "00" + f"{3:08x}" + "1", 16)),
            SequenceNumber(1, 7, 3, 9),
        ),
        (written(version=1), SequenceNumber(1, 0, 0, 0)),
        (written(version=1, creation_second=2**36 - 1), SequenceNumber(1, 2**36 - 1, 0, 0)),
        (written(), SequenceNumber(2, 0, 0, 0)),
        (written(counter=LAST_COUNTER), SequenceNumber(2, 0, 0, 0)),
        (written(creation_second=16_025_174_999), SequenceNumber(2, 16_025_174_999, 0, 0)),
        (written(shard_index=0x7FFFFFFF), SequenceNumber(2, 0, 2**31 - 1, 0)),
        (written(shard_index=0x80000000), SequenceNumber(2, 0, -(2**31), 0)),
        # Recorded in 2026.
        (
            "49674026002850188218576229259473476449429298564223254594",
            SequenceNumber(2, 1777319237, 3076, 1777320018),
        ),
    ],
)
def test_numbers_of_all_three_versions_are_read(digits: Any, expected: Any) -> None:
    assert sequence_number.parse(digits) == expected


@pytest.mark.parametrize(
    "digits",
    [
        str(2**129),
        str(2**150),
        str(2**185),
        str(2**185 - 1),
        str(3 << 184),
        str((3 << 184) + 2),
        "9" * 129,
        written(version=0),
        written(version=3),
        written(version=15),
        written(counter=LAST_COUNTER + 1),
        written(creation_second=16_025_175_000),
        str(int("1" + f"{16_025_175_000:09x}" + "0" * 22, 16)),
    ],
)
def test_other_numbers_are_not(digits: Any) -> None:
    with pytest.raises(InvalidSequenceNumberError):
        sequence_number.parse(digits)


@given(st.integers(0, 10**129 - 1))
def test_any_number_is_read_or_refused(number: Any) -> None:
    try:
        parsed = sequence_number.parse(str(number))
    except InvalidSequenceNumberError:
        return
    assert parsed.version in (0, 1, 2)
    assert -(2**31) <= parsed.shard_index < 2**31

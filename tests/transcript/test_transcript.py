"""Long scripts do what they did when their transcripts were written, to the byte.

``python -m tests.transcript --write`` writes the transcripts anew, for a change of behaviour that is meant.
"""

from __future__ import annotations

import pytest

from tests.transcript.comparing import difference
from tests.transcript.families import FAMILIES, Family


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_transcript_is_as_expected(family: Family) -> None:
    if reason := family.why_not():
        pytest.skip(reason)
    changes = difference(family, str(family.play()))
    assert not changes, (
        f"{family.expected.name} is not what happens now; if that is meant, run `python -m tests.transcript --write "
        f"{family.name}`.\n{changes}"
    )


def test_every_file_belongs_to_a_family() -> None:
    directory = next(iter(FAMILIES.values())).expected.parent
    assert {path.stem for path in directory.iterdir()} == set(FAMILIES)

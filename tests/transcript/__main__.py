"""``python -m tests.transcript --write`` writes anew what is expected; without it, shows what has changed."""

from __future__ import annotations

import sys

from tests.transcript.comparing import difference
from tests.transcript.families import FAMILIES

arguments = sys.argv[1:]
names = [argument for argument in arguments if argument != "--write"] or list(FAMILIES)
for name in names:
    family = FAMILIES[name]
    if reason := family.why_not():
        sys.stdout.write(f"{name}: left out, {reason}\n")
        continue
    transcript = family.play()
    changes = difference(family, str(transcript))
    if "--write" in arguments:
        family.expected.write_text(str(transcript), encoding="utf-8", newline="\n")
        sys.stdout.write(f"{name}: {transcript.steps} steps, {'written anew' if changes else 'as before'}\n")
    else:
        sys.stdout.write(changes or f"{name}: {transcript.steps} steps, as expected\n")

"""Writes the errors of the fake into troubleshooting.md from the package's own texts, or says that the page is stale.

python docs/remedies.py           say whether troubleshooting.md is up to date
python docs/remedies.py --write   bring it up to date
"""

from __future__ import annotations

import sys

from generated import keep

from kinesis_fake.remedies import REMEDIES

#: The page that says more about a topic, by its title.
PAGES = {
    "child-process": "[Use threads and processes](threads-and-processes.md)",
    "lambda": "[Test a Lambda handler](lambda.md)",
    "left": "[No call reaches AWS](isolation.md)",
    "not-modelled": "[What it does not do](not-modelled.md) and [Fidelity](fidelity.md)",
    "outside-call": "[Use it with pytest](pytest.md#guard-a-whole-suite)",
    "restored": "[Test a consumer](consumers.md#go-back-to-a-snapshot)",
    "several-fakes": "[No call reaches AWS](isolation.md#know-which-fake-a-call-belongs-to)",
    "swallowed": "[Use it with pytest](pytest.md#see-what-the-code-under-test-swallows)",
    "unused-fault": "[Order a failure](faults.md)",
    "waiting": "[Control time](time.md#end-a-loop-that-would-not-end)",
}


def generated() -> str:
    """The generated part, without its markers."""
    sections = []
    for topic, remedy in REMEDIES.items():
        more = f"\n\nRead more: {PAGES[topic]}." if topic in PAGES else ""
        sections.append(f"### {topic}: {remedy.title}\n\n{remedy.text}{more}")
    return "\n\n".join(sections)


if __name__ == "__main__":
    sys.exit(keep("troubleshooting.md", "remedies.py", generated()))

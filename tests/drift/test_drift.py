"""A newer botocore may bring operations and members that the fake does not know: then one of these tests fails.

``known_members.json`` lists the members of every shape of an answer, as they were when the answers were written; the
tests of the operations show that each is answered, or that ``registry.NOT_ANSWERED`` says why not.
Write it anew with ``python -m tests.drift.known_members`` once the new members are modelled.
"""

from __future__ import annotations

import json

import botocore.session

from kinesis_fake.operations.registry import OPERATIONS
from tests.drift.known_members import KNOWN_MEMBERS, output_members

MODEL = botocore.session.Session().get_service_model("kinesis")


def test_every_operation_of_the_installed_botocore_is_modelled() -> None:
    assert {name for name in MODEL.operation_names if name not in OPERATIONS} == set()


def test_every_member_of_an_input_is_honoured_or_known_to_be_ignored() -> None:
    shapes = {name: MODEL.operation_model(name).input_shape for name in MODEL.operation_names}
    assert {
        f"{name}.{member}"
        for name, shape in shapes.items()
        for member in (shape.members if shape else ())
        if not OPERATIONS[name].knows_member(member)
    } == set()


def test_answers_have_no_member_that_they_were_not_written_for() -> None:
    known = json.loads(KNOWN_MEMBERS.read_text())
    unknown = {
        shape: sorted(set(members) - set(known.get(shape, ())))
        for shape, members in output_members(MODEL).items()
        if set(members) - set(known.get(shape, ()))
    }
    assert unknown == {}

"""Answers that do not reach the client, by a fault or because the client has given up."""

from __future__ import annotations

from typing import Literal

from kinesis_fake.named_tuples import NamedTuple


class LostAnswer(NamedTuple):
    """The client never sees the answer; the call may have taken effect all the same."""

    kind: Literal["connection_error", "read_timeout"]
    applied: bool


class AnswerLost(Exception):
    """The client gets no answer, whether the call was carried out or not."""

    def __init__(self, lost_answer: LostAnswer) -> None:
        super().__init__(lost_answer.kind)
        self.lost_answer = lost_answer

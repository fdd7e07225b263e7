"""Kinesis calls outside of any fake: they go to AWS, unless this process refuses them."""

from __future__ import annotations

from kinesis_fake.misuse import KinesisFakeError, Topic


class OutsideCalls:
    """Whether calls that belong to no fake are refused, and in which words."""

    def __init__(self) -> None:
        self._refusal: tuple[str, Topic] | None = None

    def __bool__(self) -> bool:
        """Whether they are refused."""
        return self._refusal is not None

    def refuse_from_now_on(self, message: str, see: Topic) -> None:
        """Refuse them until the process ends; the words that were given first remain."""
        self._refusal = self._refusal or (message, see)

    def refuse(self) -> None:
        """Refuse a call that belongs to no fake, if such calls are refused."""
        if self._refusal is not None:
            raise KinesisFakeError(*self._refusal)


OUTSIDE_CALLS = OutsideCalls()

"""The names and functions with which one test can be about queues as well as about channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support import channels, queues
from tests.support.model import needs


@dataclass(frozen=True)
class Kind:
    """Queues or channels. ``lower`` is the word in messages and ARNs, ``upper`` that in operations and members."""

    lower: str
    upper: str
    #: The name of a queue or channel for which a test gives none.
    default_name: str
    #: How long a queue or channel is CREATING.
    creating_ms: int
    #: Takes a client, a name and the ARN of a stream; makes a queue or channel, and gives its description.
    create: Callable[..., Any]
    #: Takes a name and the ARN of a stream; gives the parameters of CreateQueue or CreateChannel.
    parameters: Callable[..., dict[str, Any]]
    #: Takes a fake and a name or an ARN; gives the view.
    view: Callable[[KinesisFake, str], Any]

    def __str__(self) -> str:
        return f"{self.lower}s"

    @property
    def list_operation(self) -> str:
        return f"List{self.upper}s"

    @property
    def create_operation(self) -> str:
        return f"Create{self.upper}"

    def arn(self, description: Any) -> str:
        return str(description[f"{self.upper}ARN"])

    def status(self, client: Any, arn: str) -> str:
        answer = getattr(client, f"describe_{self.lower}")(**{f"{self.upper}ARN": arn})
        return str(answer[f"{self.upper}Description"][f"{self.upper}Status"])

    def delete(self, client: Any, arn: str) -> None:
        getattr(client, f"delete_{self.lower}")(**{f"{self.upper}ARN": arn})

    def page(self, client: Any, **parameters: Any) -> Any:
        return getattr(client, f"list_{self.lower}s")(**parameters)

    def names_in(self, page: Any) -> list[str]:
        return [summary[f"{self.upper}Name"] for summary in page[f"{self.upper}Summaries"]]

    def names(self, client: Any, **parameters: Any) -> list[str]:
        return self.names_in(self.page(client, **parameters))

    def nowhere(self) -> str:
        """The ARN of a queue or channel that does not exist."""
        return f"arn:aws:kinesis:us-east-1:{queues.A}:{self.lower}/nowhere"


def _queue(queue_name: str = "billing", stream_arn: str = queues.ORDERS, **parameters: Any) -> dict[str, Any]:
    return {"QueueName": queue_name, "StreamConfigurationList": [{"StreamARN": stream_arn}], **parameters}


QUEUES = Kind(
    lower="queue",
    upper="Queue",
    default_name="billing",
    creating_ms=queues.DURATIONS.creating_queue_ms,
    create=queues.create,
    parameters=_queue,
    view=KinesisFake.queue,
)
CHANNELS = Kind(
    lower="channel",
    upper="Channel",
    default_name="lake",
    creating_ms=channels.DURATIONS.creating_channel_ms,
    create=channels.create,
    parameters=channels.to_bucket,
    view=KinesisFake.channel,
)

#: Runs a test for queues and for channels.
both = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(QUEUES, marks=needs("CreateQueue"), id="queues"),
        pytest.param(CHANNELS, marks=needs("CreateChannel"), id="channels"),
    ],
)

"""What a test sees of a registered consumer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kinesis_fake.domain.consumer import Consumer
from kinesis_fake.virtual_time.clock import datetime_of


@dataclass(frozen=True)
class ConsumerView:
    """A registered consumer, as it was when the test looked at :attr:`StreamView.consumers`."""

    #: The name under which it was registered.
    consumer_name: str
    #: The ARN, which ends with the second of the registration.
    consumer_arn: str
    #: CREATING, ACTIVE or DELETING.
    status: str
    #: When it was registered, in virtual time.
    creation_timestamp: datetime


def consumer_view(consumer: Consumer) -> ConsumerView:
    """A consumer as a test sees it."""
    return ConsumerView(
        consumer.consumer_name, consumer.consumer_arn, consumer.status, datetime_of(consumer.creation_timestamp)
    )

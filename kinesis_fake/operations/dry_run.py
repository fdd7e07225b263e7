"""DryRun: the error that ends a call which would have succeeded, but was only to be checked."""

from __future__ import annotations

from kinesis_fake import errors
from kinesis_fake.domain.region import Region
from kinesis_fake.domain.stream import Stream
from kinesis_fake.errors import AwsError


def ended_dry_run(region: Region, stream: Stream, operation: str, now: int) -> AwsError:
    """The error that ends a dry run: the call would have succeeded, or the stream had another dry run within a second.

    Dry runs have a rate of their own, which the five operations share, and use nothing of a shard's rates. AWS does not
    ask KMS for permission (DOC:kds-dryrun-validation).
    """
    rates = region.world.rates
    if rates is not None and not rates.takes_dry_run(stream, now):
        return errors.throttling_exception()
    return errors.dry_run(operation)

"""Hypothesis strategies for Kinesis: values that AWS accepts, most often at its limits.

The package needs Hypothesis, the extra ``hypothesis``. Every strategy gives plain values that print as the code which
makes them, and shrinks to the simplest: one record, the key "0", no fault, no time.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        "kinesis_fake.strategies needs Hypothesis, which is not installed: pip install 'kinesis-fake[hypothesis]'.",
        name=_error.name,
    ) from _error

from kinesis_fake.strategies.fault_plans import PlannedFault, fault_schedules, faults
from kinesis_fake.strategies.jumps import time_jumps
from kinesis_fake.strategies.keys import hash_keys, partition_keys, stream_names
from kinesis_fake.strategies.puts import Aggregate, UserRecord, aggregates, batches, blobs, records
from kinesis_fake.strategies.reshards import Merge, Scale, Split, reshard_plans

#: In the order of the reference.
__all__ = [  # noqa: RUF022
    "stream_names",
    "partition_keys",
    "hash_keys",
    "blobs",
    "aggregates",
    "Aggregate",
    "UserRecord",
    "records",
    "batches",
    "reshard_plans",
    "Split",
    "Merge",
    "Scale",
    "faults",
    "fault_schedules",
    "PlannedFault",
    "time_jumps",
]

"""Strategies for faults, and for schedules of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from kinesis_fake.faults.fault import Fault
from kinesis_fake.misuse import instance_of, number, whole_number
from kinesis_fake.operations.registry import OPERATIONS, require_operation

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: The operations that faults strike if the test names none.
READING = ("GetRecords", "GetShardIterator", "ListShards", "SubscribeToShard")
WRITING = ("PutRecord", "PutRecords")
_KMS_CODES = ("KMSDisabledException", "KMSThrottlingException", "KMSAccessDeniedException", "KMSInvalidStateException")
#: One attempt more than any retry mode of the SDK makes: legacy makes five.
MORE_THAN_THE_SDK_RETRIES = 6


@dataclass(frozen=True)
class PlannedFault:
    """A fault, and when to inject it, in virtual seconds after the start of its schedule."""

    after_seconds: float
    fault: Fault

    def __post_init__(self) -> None:
        number("PlannedFault.after_seconds", self.after_seconds, 0)
        instance_of("PlannedFault.fault", self.fault, Fault)


def faults(*operations: str) -> SearchStrategy[Fault]:
    """Faults of operations that read or write records; of all of those if the test names none.

    A kind of fault that concerns only one operation is drawn if that operation is among them.
    """
    for name in operations:
        require_operation(name)
    chosen = operations or READING + WRITING
    concerned = st.sampled_from(chosen)
    times = st.sampled_from([{}, {"times": 2}, {"times": MORE_THAN_THE_SDK_RETRIES}])

    def calls(kind: str, of: SearchStrategy[str], **options: Sequence[object]) -> SearchStrategy[Fault]:
        drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in options.items()})
        return st.builds(
            lambda name, chosen_options, often: getattr(Fault, kind)(name, **chosen_options, **often), of, drawn, times
        )

    kinds = [
        calls("throttle", concerned),
        calls("internal_error", concerned),
        calls("service_unavailable", concerned),
        calls("connection_error", concerned, applied=[False, True]),
        calls("read_timeout", concerned, applied=[True, False]),
        calls("latency", concerned, milliseconds=[5_000, 59_999, 60_001]),
    ]
    if encrypted := [name for name in chosen if OPERATIONS[name].kms is not None]:
        kinds.append(calls("kms_error", st.sampled_from(encrypted), code=_KMS_CODES))
    odd: list[Fault] = []
    if "GetRecords" in chosen:
        odd += [Fault.expired_iterator(), Fault.empty_read(), Fault.short_read(1)]
        odd += [Fault.late_end_of_shard(), Fault.arrivals_go_back(1_000)]
    if "PutRecords" in chosen:
        odd += [Fault.partial_failure(indexes=[0]), Fault.partial_failure(fraction=0.5)]
        odd.append(Fault.partial_failure(fraction=1.0, code="InternalFailure", times=3))
    if "SubscribeToShard" in chosen:
        odd.append(Fault.broken_stream())
    if odd:
        kinds.append(st.sampled_from(odd))
    return st.one_of(kinds)


def fault_schedules(*operations: str, max_faults: int = 4) -> SearchStrategy[list[PlannedFault]]:
    """Lists of faults in the order of their instants, within a quarter of an hour; see :func:`faults`."""
    whole_number("max_faults", max_faults, 0)
    instants = st.one_of(st.just(0.0), st.sampled_from([1.0, 5.0, 299.999, 300.0, 300.001]), st.integers(0, 900))
    planned = st.builds(PlannedFault, instants.map(float), faults(*operations))
    return st.lists(planned, max_size=max_faults).map(lambda plan: sorted(plan, key=lambda each: each.after_seconds))

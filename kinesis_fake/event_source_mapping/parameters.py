"""The parameters of CreateEventSourceMapping in snake case, with Lambda's limits and refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kinesis_fake.misuse import KinesisFakeError, shown, text, whole_number, yes_or_no
from kinesis_fake.virtual_time.clock import datetime_of, milliseconds_of

TRIM_HORIZON: Final = "TRIM_HORIZON"
LATEST: Final = "LATEST"
AT_TIMESTAMP: Final = "AT_TIMESTAMP"
REPORT_BATCH_ITEM_FAILURES: Final = "ReportBatchItemFailures"

#: The quota of filters that an account has at first.
MAX_FILTERS = 5
#: The lowest and the highest value of each number, and another value that Lambda accepts.
_RANGES: dict[str, tuple[int, int, int | None]] = {
    "batch_size": (1, 10_000, None),
    "maximum_batching_window_in_seconds": (0, 300, None),
    "parallelization_factor": (1, 10, None),
    "maximum_retry_attempts": (0, 10_000, -1),
    "maximum_record_age_in_seconds": (60, 604_800, -1),
    "tumbling_window_in_seconds": (0, 900, None),
    "timeout_seconds": (1, 900, None),
}
_ROLE = "arn:aws:iam::123456789012:role/orders"
_DESTINATION = re.compile(
    r"arn:aws[a-z-]*:(?:(?:sqs|sns):[a-z0-9-]+:\d{12}:[\w-]+(?:\.fifo)?|s3:::[a-z0-9][a-z0-9.-]+[a-z0-9])", re.ASCII
)


@dataclass(frozen=True)
class Parameters:
    """What a mapping was made with; the defaults are those that were recorded (LSL)."""

    batch_size: int = 100
    maximum_batching_window_in_seconds: int = 0
    parallelization_factor: int = 1
    starting_position: str = TRIM_HORIZON
    starting_position_timestamp: datetime | str | float | None = None
    maximum_retry_attempts: int = -1
    maximum_record_age_in_seconds: int = -1
    bisect_batch_on_function_error: bool = False
    function_response_types: Sequence[str] = ()
    tumbling_window_in_seconds: int = 0
    filter_criteria: Mapping[str, Any] | None = None
    destination_config: Mapping[str, Any] | None = None
    enabled: bool = True
    timeout_seconds: int = 3

    @property
    def reports_items(self) -> bool:
        return REPORT_BATCH_ITEM_FAILURES in self.function_response_types

    @property
    def batching_window_ms(self) -> int:
        return self.maximum_batching_window_in_seconds * 1000

    @property
    def tumbling_window_ms(self) -> int:
        return self.tumbling_window_in_seconds * 1000

    @property
    def maximum_record_age_ms(self) -> int | None:
        """How old a record may be when it is handed over; None if it may have any age."""
        return None if self.maximum_record_age_in_seconds == -1 else self.maximum_record_age_in_seconds * 1000

    @property
    def starting_at(self) -> int | None:
        """The instant of AT_TIMESTAMP."""
        timestamp = self.starting_position_timestamp
        if timestamp is None:
            return None
        return round(timestamp * 1000) if isinstance(timestamp, (int, float)) else milliseconds_of(timestamp)

    @property
    def destination(self) -> str | None:
        """The ARN of the on-failure destination, if there is one."""
        on_failure = (self.destination_config or {}).get("OnFailure") or {}
        return on_failure.get("Destination") or None

    @property
    def patterns(self) -> list[Any]:
        """The patterns of the filter criteria, as they were written."""
        return [each["Pattern"] for each in (self.filter_criteria or {}).get("Filters") or ()]

    def check(self, now: int) -> None:
        """Refuse what CreateEventSourceMapping refuses."""
        self._check_numbers()
        self._check_starting_position(now)
        self._check_response_types()
        self._check_destination()
        self._check_filters()
        for name in ("bisect_batch_on_function_error", "enabled"):
            yes_or_no(f"event_source_mapping() was refused: {name}", getattr(self, name))
        if self.tumbling_window_in_seconds and self.parallelization_factor > 1:
            raise refusal("with a tumbling window the parallelization_factor must be 1.")

    def _check_numbers(self) -> None:
        for name, (lowest, highest, other) in _RANGES.items():
            what = f"event_source_mapping() was refused: {name}"
            whole_number(what, getattr(self, name), lowest, highest, other=other)

    def _check_starting_position(self, now: int) -> None:
        if self.starting_position not in (TRIM_HORIZON, LATEST, AT_TIMESTAMP):
            raise refusal(
                f"starting_position must be TRIM_HORIZON, LATEST or AT_TIMESTAMP, not {shown(self.starting_position)}."
            )
        if (self.starting_position == AT_TIMESTAMP) != (self.starting_position_timestamp is not None):
            raise refusal("starting_position_timestamp and the starting_position AT_TIMESTAMP go together.")
        timestamp: Any = self.starting_position_timestamp
        if isinstance(timestamp, bool) or (isinstance(timestamp, (int, float)) and not 0 <= timestamp < 1e11):
            raise refusal(
                "starting_position_timestamp must be an aware datetime, an ISO 8601 text or seconds since the epoch, "
                f"not {shown(timestamp)}."
            )
        if (instant := self.starting_at) is not None and instant > now:
            raise refusal(
                f"starting_position_timestamp must not be in the future: it is {datetime_of(now).isoformat()}."
            )

    def _check_response_types(self) -> None:
        types: Any = self.function_response_types
        if not isinstance(types, (list, tuple)) or list(types) not in ([], [REPORT_BATCH_ITEM_FAILURES]):
            raise refusal(
                f"function_response_types must be [] or ['{REPORT_BATCH_ITEM_FAILURES}'], not {shown(types)}."
            )

    def _check_destination(self) -> None:
        config: Any = self.destination_config
        if config is None:
            return
        on_failure = config.get("OnFailure", {}) if isinstance(config, Mapping) else None
        if not isinstance(on_failure, Mapping) or set(config) - {"OnFailure"} or set(on_failure) - {"Destination"}:
            raise refusal(
                "destination_config is written as in the API: {'OnFailure': {'Destination': 'arn:aws:sqs:...'}}, "
                f"not {shown(config)}."
            )
        destination = on_failure.get("Destination", "")
        if destination != "" and not (isinstance(destination, str) and _DESTINATION.fullmatch(destination)):
            raise refusal(
                "the destination must be the ARN of an SQS queue, an SNS topic or an S3 bucket, not "
                f"{shown(destination)}."
            )

    def _check_filters(self) -> None:
        criteria: Any = self.filter_criteria
        if criteria is None:
            return
        filters = criteria.get("Filters", []) if isinstance(criteria, Mapping) else None
        if (
            not isinstance(filters, list)
            or set(criteria) - {"Filters"}
            or not all(isinstance(each, Mapping) and list(each) == ["Pattern"] for each in filters)
        ):
            raise refusal(
                "filter_criteria is written as in the API: {'Filters': [{'Pattern': '{\"data\": ...}'}]}, "
                f"not {shown(criteria)}."
            )
        if len(filters) > MAX_FILTERS:
            raise refusal(f"filter_criteria has at most {MAX_FILTERS} filters, the default quota, not {len(filters)}.")


def role_arn(who: str, role: Any) -> str | None:
    """The ARN of an execution role, if one is given."""
    pattern = r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+"
    return None if role is None else text(f"role of {who}", role, such_as=_ROLE, pattern=pattern)


def refusal(text: str) -> KinesisFakeError:
    """The error with which CreateEventSourceMapping refuses its parameters."""
    return KinesisFakeError(f"event_source_mapping() was refused: {text}", see="lambda")


def stream_not_found(event_source_arn: str) -> KinesisFakeError:
    """Recorded: LSL:test_esm_with_not_existing_kinesis_stream."""
    return refusal(f"InvalidParameterValueException: Stream not found: {event_source_arn}")


def invalid_filter(why: str) -> KinesisFakeError:
    """Recorded (LSS, LSD), without the reason, which Lambda does not give."""
    return refusal(f"InvalidParameterValueException: Invalid filter pattern definition. ({why})")


def mapping_exists(event_source_arn: str, function_name: str, mapping_uuid: str) -> KinesisFakeError:
    """Recorded: LSL:test_duplicate_event_source_mappings."""
    return refusal(
        f'ResourceConflictException: The event source arn (" {event_source_arn} ") and function '
        f'(" {function_name} ") provided mapping already exists. Please update or delete the existing mapping with '
        f"UUID {mapping_uuid}"
    )


def from_snake_case(parameters: Mapping[str, Any]) -> Parameters:
    """The parameters of a mapping by their keyword arguments; a name that none of them has is refused."""
    known = Parameters.__dataclass_fields__
    for name in parameters:
        if name not in known:
            raise KinesisFakeError(
                f"event_source_mapping() has no parameter {shown(name)}; it takes those of CreateEventSourceMapping in "
                f"snake case: {', '.join(known)}.",
                see="lambda",
            )
    return Parameters(**parameters)

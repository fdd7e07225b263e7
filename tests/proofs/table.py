"""Every operation of the newest botocore: how it succeeds, and every error that it declares."""

from __future__ import annotations

from tests.proofs import table_of_channels, table_of_queues, table_of_records, table_of_resources, table_of_streams
from tests.proofs.scenario import Row

TABLE: dict[str, Row] = {
    **table_of_streams.TABLE,
    **table_of_records.TABLE,
    **table_of_resources.TABLE,
    **table_of_queues.TABLE,
    **table_of_channels.TABLE,
}

"""Every operation of the newest botocore: how it succeeds, and every error that it declares."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

from tests.proofs import (
    table_of_accounts,
    table_of_channels,
    table_of_consumers,
    table_of_queues,
    table_of_records,
    table_of_resources,
    table_of_shards,
    table_of_streams,
)
from tests.proofs.account import Account
from tests.proofs.scenario import Row, can_be_played

TABLE: dict[str, Row] = {
    **table_of_streams.TABLE,
    **table_of_shards.TABLE,
    **table_of_consumers.TABLE,
    **table_of_accounts.TABLE,
    **table_of_records.TABLE,
    **table_of_resources.TABLE,
    **table_of_queues.TABLE,
    **table_of_channels.TABLE,
}


@cache
def good_params(account: Account, operation: str) -> list[dict[str, Any]]:
    """Parameters that succeed on an account, or would if something had been done before; one at least."""
    found = []
    for scenario in TABLE[operation].scenarios:
        if scenario.error is None and can_be_played(scenario):
            with suppress(KeyError):  # it needs an answer that is not there
                found.append(account.resolve(scenario.params))
    assert found
    return found

"""Rows of the operations on the account."""

from __future__ import annotations

from tests.proofs.scenario import (
    Call,
    invalid,
    ok,
    row,
    table,
    throttled,
)

COMMITMENT = {"MinimumThroughputBillingCommitment": {"Status": "ENABLED"}}
COMMITTED = Call("UpdateAccountSettings", COMMITMENT)
ONLY_RANGES = "What can be wrong with the only members it has is told by a ValidationException."

TABLE = table(
    {
        "DescribeLimits": row(ok({}), throttled({})),
        "DescribeAccountSettings": row(
            ok({}),
            ok({}, COMMITTED),
            ok(
                {},
                COMMITTED,
                lambda kinesis: kinesis.advance(hours=25),
                Call("UpdateAccountSettings", {"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}}),
            ),
            throttled({}),
        ),
        "UpdateAccountSettings": row(
            ok(COMMITMENT),
            ok(
                {"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}},
                COMMITTED,
                lambda kinesis: kinesis.advance(hours=25),
            ),
            invalid(
                "Value 'MAYBE' at 'minimumThroughputBillingCommitment.status' failed to satisfy constraint: "
                "Member must satisfy enum value set: [ENABLED, DISABLED]",
                {"MinimumThroughputBillingCommitment": {"Status": "MAYBE"}},
            ),
            throttled(COMMITMENT),
            InvalidArgumentException=ONLY_RANGES,
        ),
    }
)

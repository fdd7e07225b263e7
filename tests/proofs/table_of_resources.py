"""Rows of the operations on any resource: tags and policies."""

from __future__ import annotations

import json

from kinesis_fake import errors
from tests.proofs.scenario import (
    BILLING,
    CALM,
    LAKE,
    MODEL,
    ORDERS,
    A,
    Call,
    Scenario,
    arn,
    broken,
    denied,
    invalid,
    ok,
    refused,
    row,
    table,
    throttled,
)

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kinesis:GetRecords", "Resource": ORDERS}],
    }
)
PUT = Call("PutResourcePolicy", {"ResourceARN": ORDERS, "Policy": POLICY})
TAGGED = Call("TagResource", {"ResourceARN": CALM, "Tags": {"team": "blue"}})

#: Good enough for botocore to find an endpoint to send it to.
NO_RESOURCE = "arn:aws:kinesis:us-east-1:1:stream/calm"
PATTERN = MODEL.shape_for("ResourceARN").metadata["pattern"]
READS = "It only reads, and does so in any state of the resource."


def unusual(**params: object) -> list[Scenario]:
    """What is refused whatever the operation does."""
    return [
        refused((errors.stream_not_found, "nowhere", A), {"ResourceARN": arn("nowhere"), **params}),
        throttled({"ResourceARN": CALM, **params}, "calm"),
        denied(CALM, {"ResourceARN": CALM, **params}),
        broken({"ResourceARN": CALM, **params}),
        invalid(
            f"Value '{NO_RESOURCE}' at 'resourceARN' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {PATTERN}",
            {"ResourceARN": NO_RESOURCE, **params},
        ),
    ]


def creating(**params: object) -> Scenario:
    return refused(
        (errors.stream_not_active_or_updating, "creating", A, "CREATING"), {"ResourceARN": arn("creating"), **params}
    )


TABLE = table(
    {
        "TagResource": row(
            ok({"ResourceARN": CALM, "Tags": {"team": "blue"}}),
            ok({"ResourceARN": BILLING, "Tags": {"team": "blue"}}),
            ok({"ResourceARN": LAKE, "Tags": {"team": "blue"}}),
            refused(errors.reserved_tag_key, {"ResourceARN": CALM, "Tags": {"aws:x": ""}}),
            creating(Tags={"team": "blue"}),
            unusual(Tags={"team": "blue"}),
        ),
        "UntagResource": row(
            ok({"ResourceARN": CALM, "TagKeys": ["team"]}, TAGGED),
            refused(errors.resource_tags_with_invalid_characters, {"ResourceARN": CALM, "TagKeys": ["?"]}),
            creating(TagKeys=["team"]),
            unusual(TagKeys=["team"]),
        ),
        "ListTagsForResource": row(
            ok({"ResourceARN": CALM}, TAGGED),
            ok({"ResourceARN": BILLING}),
            unusual(),
            ResourceInUseException=READS,
            InvalidArgumentException="It has no member but the ARN of the resource.",
        ),
        "PutResourcePolicy": row(
            ok({"ResourceARN": ORDERS, "Policy": POLICY}),
            ok({"ResourceARN": BILLING, "Policy": POLICY}),
            refused((errors.policy_invalid, "it is not valid JSON"), {"ResourceARN": ORDERS, "Policy": "no"}),
            creating(Policy=POLICY),
            unusual(Policy=POLICY),
        ),
        "GetResourcePolicy": row(
            ok({"ResourceARN": ORDERS}, PUT),
            ok({"ResourceARN": CALM}),
            unusual(),
            ResourceInUseException=READS,
            InvalidArgumentException="It has no member but the ARN of the resource.",
        ),
        "DeleteResourcePolicy": row(
            ok({"ResourceARN": ORDERS}, PUT),
            refused((errors.resource_policy_not_found, CALM), {"ResourceARN": CALM}),
            unusual(),
            ResourceInUseException="A policy can be taken away in any state of the resource.",
            InvalidArgumentException="It has no member but the ARN of the resource.",
        ),
    }
)

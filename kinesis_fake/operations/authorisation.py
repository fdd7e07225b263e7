"""Whether a call may touch what belongs to another account.

Within one account everything is allowed: identity policies are not modelled. A call that names a resource of another
account by its ARN is allowed if the operation can be used across accounts at all and the policy of that resource says
so. The caller is an account, or the user or role of it that the test has named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinesis_fake import errors
from kinesis_fake.domain.life_cycle import Resource
from kinesis_fake.domain.region import Region
from kinesis_fake.operations.addressing import find_resource, parse_arn_of

#: Members that hold the ARN of the resource that a call is about; of several given, the first counts.
ARN_MEMBERS_IN_ORDER = ("ConsumerARN", "QueueARN", "ChannelARN", "ResourceARN", "StreamARN")
#: A call that has none of these needs no permission.
ARN_MEMBERS = frozenset(ARN_MEMBERS_IN_ORDER)

#: The operations that a policy can allow to another account, and the member that must address the resource then.
#: Data: all of them. Control: those that AWS's examples of policies grant to readers and writers (developer guide,
#: controlling access); DescribeStreamConsumer with the consumer's ARN only (API reference).
CROSS_ACCOUNT: Mapping[str, str] = {
    "GetRecords": "StreamARN",
    "GetShardIterator": "StreamARN",
    "PutRecord": "StreamARN",
    "PutRecords": "StreamARN",
    "SubscribeToShard": "ConsumerARN",
    "ReceiveQueueRecords": "QueueARN",
    "AcknowledgeQueueRecords": "QueueARN",
    "UpdateQueueRecordsVisibility": "QueueARN",
    "ReceiveDeadLetterQueueRecords": "QueueARN",
    "AcknowledgeDeadLetterQueueRecords": "QueueARN",
    "UpdateDeadLetterQueueRecordsVisibility": "QueueARN",
    "RestoreDeadLetterQueueRecords": "QueueARN",
    "DescribeStream": "StreamARN",
    "DescribeStreamSummary": "StreamARN",
    "ListShards": "StreamARN",
    "DescribeStreamConsumer": "ConsumerARN",
    "DescribeQueue": "QueueARN",
}


def authorise(region: Region, caller_arn: str, operation: str, params: Mapping[str, Any]) -> None:
    """Refuse a call that names a resource of another account and may not."""
    for member in ARN_MEMBERS_IN_ORDER:
        text = params.get(member)
        if text is not None:
            if not text.startswith(region.arn_prefix):
                _authorise_foreign(region, caller_arn, operation, member, text)
            return


def _authorise_foreign(region: Region, caller_arn: str, operation: str, member: str, text: str) -> None:
    arn = parse_arn_of(region, text)
    if arn is None or arn.account_id == region.account_id:
        return  # there is no such thing here, and the operation will say so
    if CROSS_ACCOUNT.get(operation) != member:
        raise errors.access_across_accounts_impossible(caller_arn, f"kinesis:{operation}", text)
    require_allowed(find_resource(region.world, arn), caller_arn, operation, text)


def require_allowed(resource: Resource | None, caller_arn: str, operation: str, resource_arn: str) -> None:
    """Refuse unless the policy of another account's resource allows the operation; what is not there allows nothing."""
    action = f"kinesis:{operation}"
    policy = resource.policy if resource is not None else None
    decision = policy.decide(caller_arn, action, resource_arn) if policy is not None else "undecided"
    if decision == "denied":
        raise errors.access_denied_by_policy(caller_arn, action, resource_arn)
    if decision == "undecided":
        raise errors.access_not_allowed(caller_arn, action, resource_arn)

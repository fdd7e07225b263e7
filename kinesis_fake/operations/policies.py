"""Resource policies: putting, showing and deleting them. They apply to calls of other accounts."""

from __future__ import annotations

import json

from kinesis_fake import errors
from kinesis_fake.domain.policy import InvalidPolicyError, read_policy
from kinesis_fake.domain.region import Region
from kinesis_fake.operations.addressing import resource_of
from kinesis_fake.operations.rate import per_account
from kinesis_fake.operations.registry import Result, operation


@operation(rate=per_account(5), across_accounts=None, kms=None, member_order=(), needs_stream="ACTIVE or UPDATING")
def put_resource_policy(region: Region, now: int, *, resource_arn: str, policy: str) -> None:
    """Set the policy of a stream, a consumer or a queue of the caller's account; it replaces an earlier one.

    *Not modelled:* Conditions: a call whose outcome hangs on one raises ``NotModelledError``.
    """
    resource = resource_of(region, resource_arn, with_policy=True)
    resource.require_changeable()
    try:
        read = read_policy(policy, json.loads(policy))
    except InvalidPolicyError as error:
        raise errors.policy_invalid(str(error)) from None
    except (ValueError, RecursionError):
        raise errors.policy_invalid("it is not valid JSON") from None
    resource.policy = read


@operation(rate=per_account(5), across_accounts=None, kms=None, member_order=())
def get_resource_policy(region: Region, now: int, *, resource_arn: str) -> Result:
    """Show the policy as it was put; an empty JSON object if there is none (recorded)."""
    resource = resource_of(region, resource_arn, with_policy=True)
    return {"Policy": resource.policy.text if resource.policy is not None else "{}"}


@operation(rate=per_account(5), across_accounts=None, kms=None, member_order=())
def delete_resource_policy(region: Region, now: int, *, resource_arn: str) -> None:
    """Delete a policy, in any state of the resource; AWS answers with an error if there is none (recorded)."""
    resource = resource_of(region, resource_arn, with_policy=True)
    if resource.policy is None:
        raise errors.resource_policy_not_found(resource_arn)
    resource.policy = None

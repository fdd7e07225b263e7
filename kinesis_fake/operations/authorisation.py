"""Whether a call may use a resource of another account.

Within one account everything is allowed: identity policies are not modelled. A call that names a resource of another
account by its ARN is allowed if the operation works across accounts and the resource's policy allows the caller to use
it. The caller is an account, or the user or role of it that the test has named.
"""

from __future__ import annotations

from kinesis_fake import errors
from kinesis_fake.domain.life_cycle import Resource
from kinesis_fake.operations.addressing import find_resource, parse_arn_of
from kinesis_fake.operations.request import ARN_MEMBERS_IN_ORDER, Request


def authorise(request: Request) -> None:
    """Refuse a call that names a resource of another account, unless the operation and the policy allow it."""
    for member in ARN_MEMBERS_IN_ORDER:
        text = request.params.get(member)
        if text is not None:
            if not text.startswith(request.region.arn_prefix):
                _authorise_foreign(request, member, text)
            return


def _authorise_foreign(request: Request, member: str, text: str) -> None:
    region, caller_arn, operation = request.region, request.caller_arn, request.operation
    arn = parse_arn_of(region, text)
    if arn is None or arn.account_id == region.account_id:
        return  # not an ARN that can be used here: the operation refuses it
    if operation.across_accounts != member:
        raise errors.access_across_accounts_impossible(caller_arn, f"kinesis:{operation.name}", text)
    require_allowed(find_resource(region.world, arn), caller_arn, operation.name, text)


def require_allowed(resource: Resource | None, caller_arn: str, operation: str, resource_arn: str) -> None:
    """Refuse unless the policy of another account's resource allows the operation; for None, refuse always."""
    action = f"kinesis:{operation}"
    policy = resource.policy if resource is not None else None
    decision = policy.decide(caller_arn, action, resource_arn) if policy is not None else "undecided"
    if decision == "denied":
        raise errors.access_denied_by_policy(caller_arn, action, resource_arn)
    if decision == "undecided":
        raise errors.access_not_allowed(caller_arn, action, resource_arn)

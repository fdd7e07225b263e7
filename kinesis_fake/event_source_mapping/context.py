"""The context object that the Python runtime of Lambda gives to a handler."""

from __future__ import annotations

from kinesis_fake.virtual_time.clock import VirtualClock, datetime_of


class CognitoIdentity:
    """Who has called; a stream has no identity of Amazon Cognito."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


class LambdaContext:
    """What a handler reads of its invocation; the attributes are those of the Python runtime."""

    def __init__(
        self, function_name: str, function_arn: str, request_id: str, clock: VirtualClock, deadline_at: int
    ) -> None:
        self.function_name = function_name
        self.function_version = "$LATEST"
        self.invoked_function_arn = function_arn
        #: A text, because the runtime reads it from its environment.
        self.memory_limit_in_mb = "128"
        self.aws_request_id = request_id
        self.log_group_name: str = f"/aws/lambda/{function_name}"
        self.log_stream_name: str = f"{datetime_of(clock.now):%Y/%m/%d}/[$LATEST]{request_id.replace('-', '')}"
        self.identity: CognitoIdentity = CognitoIdentity()
        self.client_context: object | None = None
        self._clock = clock
        self._deadline_at = deadline_at

    def __repr__(self) -> str:
        return f"<Lambda context of {self.function_name}, request {self.aws_request_id}>"

    def get_remaining_time_in_millis(self) -> int:
        """How much virtual time is left until the function times out."""
        return max(self._deadline_at - self._clock.now, 0)

"""Every AWS error message, one function each, with the source that shows it.

A function takes typed facts and returns an :class:`AwsError`; the decorator :func:`says` gives it its code and
its evidence:

* ``observed``: the text was recorded from AWS,
* ``documented``: AWS's documentation has the code, and perhaps the words,
* ``inferred``: neither; the text is a guess of this project.

The source codes are those of ``docs/fidelity.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, ParamSpec

from kinesis_fake.named_tuples import NamedTuple

Evidence = Literal["observed", "documented", "inferred"]
P = ParamSpec("P")


class AwsError(Exception):
    """An error answer of Kinesis, as it would cross the wire."""

    def __init__(self, code: str, message: str | None, http_status: int = 400, message_member: str = "message") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.http_status = http_status
        self.message_member = message_member

    @classmethod
    def ordered(cls, code: str, message: str | None, http_status: int) -> AwsError:
        """An error that a test has ordered. The test has worded it, so the catalogue does not have it."""
        return cls(code, message, http_status, _message_member(code))

    def body(self) -> dict[str, str]:
        """The JSON document of the error answer."""
        if self.message is None:
            return {"__type": self.code}
        return {"__type": self.code, self.message_member: self.message}


def _message_member(code: str) -> str:
    """The member of an error's body that has its text (K:*)."""
    return "Message" if code == "SerializationException" else "message"


class Message(NamedTuple):
    """One row of the catalogue of messages."""

    name: str
    code: str
    evidence: Evidence
    source: str


#: Every message that the fake can answer, by the name of its function.
CATALOGUE: dict[str, Message] = {}


def says(
    code: str, evidence: Evidence, source: str, *, http_status: int = 400
) -> Callable[[Callable[P, str | None]], Callable[P, AwsError]]:
    """Turn a function that returns a message into a function that returns the whole error."""

    def decorate(word: Callable[P, str | None]) -> Callable[P, AwsError]:
        member = _message_member(code)

        def make(*args: P.args, **kwargs: P.kwargs) -> AwsError:
            return AwsError(code, word(*args, **kwargs), http_status, member)

        make.__name__ = make.__qualname__ = word.__name__
        make.__doc__ = word.__doc__
        make.__wrapped__ = word  # type: ignore[attr-defined]
        CATALOGUE[word.__name__] = Message(word.__name__, code, evidence, source)
        return make

    return decorate


# --- any operation -------------------------------------------------------------------------------------------------


@says("ValidationException", "observed", "K:*")
def validation_failed(items: Sequence[str]) -> str:
    """All broken constraints of a request. AWS lists at most ten, and then also counts ten."""
    shown = items[:10]
    plural = "" if len(shown) == 1 else "s"
    return f"{len(shown)} validation error{plural} detected: " + "; ".join(shown)


@says("SerializationException", "observed", "K:*")
def serialization_failed(text: str | None) -> str | None:
    """A member has the wrong JSON type; without a text, the body is no JSON object."""
    return text


@says("InternalFailure", "observed", "K:getShardIterator, K:getRecords", http_status=500)
def internal_failure() -> None:
    """An error that AWS answers without a message."""
    return


@says("ResourceNotFoundException", "observed", "K:*; LS:test_cbor_exceptions (2025)")
def stream_not_found(stream_name: str, account_id: str) -> str:
    return f"Stream {stream_name} under account {account_id} not found."


@says("ResourceInUseException", "observed", "K:createStream, K:splitShard")
def stream_not_active(stream_name: str, account_id: str, status: str) -> str:
    return f"Stream {stream_name} under account {account_id} not ACTIVE, instead in state {status}"


@says("ResourceInUseException", "observed", "I:aws-sdk-java-v2#5949 (ListShards, 2025); others by analogy")
def stream_not_active_or_updating(stream_name: str, account_id: str, status: str) -> str:
    """The refusal of an operation that is possible in ACTIVE and UPDATING only."""
    return f"Stream {stream_name} under account {account_id} not ACTIVE or UPDATING, instead in state {status}"


@says("InvalidArgumentException", "observed", "R:topology")
def stream_address_missing() -> str:
    return "Stream arn and stream name can't be empty at the same time"


@says("InvalidArgumentException", "observed", "R:topology")
def stream_name_and_arn_disagree(stream_name: str, stream_arn: str) -> str:
    return f"Input stream name {stream_name} doesn't match the inferred name in stream arn {stream_arn}"


@says("InvalidArgumentException", "observed", "R:topology (a stream's ARN); ARNs of other resources by analogy")
def arn_of_another_region(arn: str) -> str:
    """The endpoint of a region does not know the resources of other regions."""
    return f"The region specified in the ARN '{arn}' does not match the endpoint region"


@says("UnrecognizedClientException", "observed", "R:topology (a stream's ARN); ARNs of other resources by analogy")
def account_not_found() -> str:
    """An ARN names an account that does not exist; an account that exists and allows nothing gives AccessDenied."""
    return "No account found for the given parameters"


@says("DryRunOperationException", "observed", "R:dry_run")
def dry_run(operation: str) -> str:
    """The end of a dry run: the call would have succeeded, and AWS has changed nothing."""
    return (
        f"DryRunOperation validation succeeded while calling {operation} operation.: "
        "Request would have succeeded, but DryRun flag is set."
    )


@says("ValidationException", "inferred", "M")
def stream_is_on_demand(stream_name: str, account_id: str) -> str:
    return f"Request is invalid. Stream {stream_name} under account {account_id} is in On-Demand mode."


@says("LimitExceededException", "observed", "K:createStream")
def shard_limit_exceeded(account_id: str, region_name: str, open_shards: int, shard_limit: int, additional: int) -> str:
    return (
        f"This request would exceed the shard limit for the account {account_id} in {region_name}. Current shard count "
        f"for the account: {open_shards}. Limit: {shard_limit}. Number of additional shards that would have resulted "
        f"from this request: {additional}. Refer to the AWS Service Limits page "
        "(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request "
        "higher limits."
    )


# --- CreateStream, DeleteStream, ListStreams ------------------------------------------------------------------------


@says("ResourceInUseException", "observed", "K:createStream")
def stream_already_exists(stream_name: str, account_id: str) -> str:
    return f"Stream {stream_name} under account {account_id} already exists."


@says("LimitExceededException", "observed", "I:terraform-provider-aws#1339 (2017; sic)")
def too_many_streams_in_transition(account_id: str, limit: int) -> str:
    return (
        "This request would have exceed the limit on the number of streams that can simultaneously be in CREATING or "
        f"DELETING for the account {account_id}. Limit: {limit}."
    )


@says("LimitExceededException", "inferred", "DOC:service-sizes-and-limits")
def too_many_on_demand_streams(account_id: str, limit: int) -> str:
    return f"This request would exceed the on-demand stream limit for the account {account_id}. Limit: {limit}."


@says("ValidationException", "observed", "I:aws-cdk#18247 (as CloudFormation's handler shows it)")
def shard_count_with_on_demand() -> str:
    return "ShardCount is not expected when StreamMode=ON_DEMAND"


@says("ValidationException", "inferred", "B:CreateStream")
def shard_count_missing() -> str:
    return "ShardCount is required when StreamMode=PROVISIONED"


@says("InvalidArgumentException", "inferred", "B:CreateStream")
def record_distribution_needs_on_demand() -> str:
    return "RecordDistributionStrategy is only supported for streams in ON_DEMAND mode."


@says("ValidationException", "inferred", "I:cdkd#1695 (2026; the code, for CreateStream); the text is ours")
def warm_throughput_needs_commitment() -> str:
    return (
        "WarmThroughputMiBps is only supported for streams in ON_DEMAND mode of an account with "
        "MinimumThroughputBillingCommitment enabled."
    )


@says("ResourceInUseException", "observed", "I:aws-nuke#497, I:terraform-provider-aws#8420")
def stream_has_consumers(stream_name: str, account_id: str) -> str:
    return (
        f"DeleteStream can't delete {account_id}:{stream_name} because there are consumers associated with this data "
        f"stream. To delete {stream_name} anyway, set the EnforceConsumerDeletion parameter to true to force the "
        "deletion of all the consumers that are associated with it."
    )


@says("ResourceInUseException", "inferred", "B:DeleteStream; worded after the recorded text for consumers")
def stream_has_queues(stream_name: str, account_id: str) -> str:
    return (
        f"DeleteStream can't delete {account_id}:{stream_name} because there are queues on this data stream. Delete "
        "every queue with DeleteQueue first."
    )


@says("ResourceInUseException", "inferred", "B:DeleteChannel; worded after the recorded text for consumers")
def stream_has_channels(stream_name: str, account_id: str) -> str:
    return (
        f"DeleteStream can't delete {account_id}:{stream_name} because there are channels on this data stream. Delete "
        "every channel with DeleteChannel first."
    )


# --- paging ---------------------------------------------------------------------------------------------------------


@says("ExpiredNextTokenException", "inferred", "B:ListShards (the code and the 300 seconds); the text is ours")
def next_token_expired() -> str:
    return "The pagination token has expired. A NextToken is valid for 300 seconds."


@says("InvalidArgumentException", "inferred", "by analogy with 'Invalid ShardIterator.'")
def next_token_invalid() -> str:
    return "Invalid NextToken."


@says("InvalidArgumentException", "observed", "K:listShards")
def list_shards_without_address() -> str:
    return "Either NextToken or StreamName should be provided."


@says("InvalidArgumentException", "observed", "R:topology (StreamName); StreamARN by analogy")
def next_token_of_another_stream(member: str) -> str:
    return f"NextToken does not match the provided {member}."


@says(
    "InvalidArgumentException",
    "observed",
    "R:topology (ShardFilter, StreamCreationEpoch), I:beam#33478 (ShardFilter), I:amazon-kinesis-scaling-utils#82 "
    "(ExclusiveStartShardId)",
)
def next_token_with(member: str) -> str:
    """A member that may not come with a NextToken. AWS's text calls StreamCreationTimestamp StreamCreationEpoch."""
    return f"NextToken and {member} cannot be provided together."


@says("InvalidArgumentException", "observed", "R:topology (ListStreams)")
def next_token_with_stream_name() -> str:
    return "ExclusiveStartStreamName and NextToken cannot be provided together."


@says("InvalidArgumentException", "observed", "R:topology (ShardId); Timestamp by analogy")
def shard_filter_needs(filter_type: str, member: str) -> str:
    return f"{member} must be provided when the ShardFilter Type is {filter_type}."


@says("InvalidArgumentException", "observed", "R:topology")
def shard_filter_before_trim_horizon() -> str:
    return "ShardFilter Timestamp cannot be older than TRIM_HORIZON of the stream."


@says("InvalidArgumentException", "observed", "R:topology")
def shard_filter_in_the_future() -> str:
    return "ShardFilter Timestamp must not be greater than current time."


@says("InvalidArgumentException", "inferred", "J.2 row 30")
def shard_filter_with_exclusive_start() -> str:
    return "ShardFilter and ExclusiveStartShardId cannot be provided together."


@says("ResourceNotFoundException", "inferred", "J.2 row 31")
def stream_created_at_another_time(stream_name: str, account_id: str) -> str:
    return f"Stream {stream_name} under account {account_id} not found."


# --- shards ---------------------------------------------------------------------------------------------------------


@says("ResourceNotFoundException", "observed", "K:splitShard, K:mergeShards, K:getShardIterator")
def could_not_find_shard(shard_id: str, stream_name: str, account_id: str) -> str:
    return f"Could not find shard {shard_id} in stream {stream_name} under account {account_id}."


@says("ResourceNotFoundException", "observed", "K:getShardIterator, K:getRecords")
def shard_does_not_exist(shard_id: str, stream_name: str, account_id: str) -> str:
    return f"Shard {shard_id} in stream {stream_name} under account {account_id} does not exist"


@says("InvalidArgumentException", "observed", "R:topology, I:kinesalite#109")
def shard_already_closed(shard_id: str, stream_name: str, account_id: str) -> str:
    return (
        f"Shard {shard_id} in stream {stream_name} under account {account_id} has already been merged or split, and "
        "thus is not eligible for merging or splitting."
    )


@says("InvalidArgumentException", "observed", "K:splitShard")
def new_starting_hash_key_out_of_range(
    new_starting_hash_key: str,
    shard_id: str,
    stream_name: str,
    account_id: str,
    starting_hash_key: int,
    ending_hash_key: int,
) -> str:
    return (
        f"NewStartingHashKey {new_starting_hash_key} used in SplitShard() on shard {shard_id} in stream {stream_name} "
        f"under account {account_id} is not both greater than one plus the shard's StartingHashKey "
        f"{starting_hash_key} and less than the shard's EndingHashKey {ending_hash_key}."
    )


@says("InvalidArgumentException", "observed", "K:mergeShards")
def shards_not_adjacent(shard_id: str, adjacent_shard_id: str, stream_name: str, account_id: str) -> str:
    return (
        f"Shards {shard_id} and {adjacent_shard_id} in stream {stream_name} under account {account_id} are not an "
        "adjacent pair of shards eligible for merging"
    )


@says("InvalidArgumentException", "observed", "R:topology")
def shard_count_over_double(open_shards: int, target: int) -> str:
    return (
        "UpdateShardCount cannot scale up over double your current open shard count. "
        f"Current open shard count: {open_shards} Target shard count: {target}"
    )


@says("InvalidArgumentException", "inferred", "I:kinesalite#48 (the words); code and punctuation as when scaling up")
def shard_count_below_half(open_shards: int, target: int) -> str:
    return (
        "UpdateShardCount cannot scale down below half your current open shard count. "
        f"Current open shard count: {open_shards} Target shard count: {target}"
    )


@says("LimitExceededException", "observed", "I:kinesalite#48")
def shard_count_over_limit(limit: int, open_shards: int, target: int) -> str:
    return (
        f"Target shard count or number of open shards cannot be greater than {limit}. "
        f"Current open shard count: {open_shards}, Target shard count: {target}"
    )


@says("LimitExceededException", "inferred", "B:UpdateShardCount; J.2 row 1")
def too_many_shard_count_updates(stream_name: str, account_id: str, limit: int) -> str:
    return (
        f"UpdateShardCount cannot be called more than {limit} times in 24 hours for stream {stream_name} under account "
        f"{account_id}."
    )


# --- records --------------------------------------------------------------------------------------------------------


@says("InvalidArgumentException", "observed", "K:putRecord, K:putRecords")
def explicit_hash_key_out_of_range(explicit_hash_key: str) -> str:
    return (
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
        f"Specified value was {explicit_hash_key}"
    )


@says("InvalidArgumentException", "observed", "K:putRecord")
def ordering_number_invalid(digits: str, stream_name: str, account_id: str) -> str:
    return (
        f"ExclusiveMinimumSequenceNumber {digits} used in PutRecord on stream {stream_name} under account {account_id} "
        "is invalid."
    )


@says("InvalidArgumentException", "inferred", "DOC:service-managed-pk-producing-behavior (the code)")
def ordering_number_with_auto(stream_name: str, account_id: str) -> str:
    return (
        f"SequenceNumberForOrdering is not supported for stream {stream_name} under account {account_id}, whose record "
        "distribution strategy is AUTO."
    )


@says("InvalidArgumentException", "inferred", "J.2 row 4")
def record_too_large(size: int, limit: int) -> str:
    """The data alone is small enough, but data and partition key together are too large."""
    return f"Record size {size} bytes, partition key included, exceeds the limit of {limit} bytes."


@says("InvalidArgumentException", "inferred", "J.2 row 3, after the recorded 'Records size exceeds 5 MB limit'")
def records_too_large() -> str:
    return "Records size exceeds 10 MB limit"


# --- iterators ------------------------------------------------------------------------------------------------------


@says("InvalidArgumentException", "observed", "K:getRecords")
def shard_iterator_invalid() -> str:
    return "Invalid ShardIterator."


@says("ExpiredIteratorException", "observed", "K:getRecords; DOC:kinesis-fis-expired-iterator")
def shard_iterator_expired(created: str, now: str) -> str:
    return (
        f"Iterator expired. The iterator was created at time {created} while right now it is {now} which is further in "
        "the future than the tolerated delay of 300000 milliseconds."
    )


@says("InvalidArgumentException", "inferred", "J.2 row 6")
def shard_iterator_of_another_stream(stream_arn: str) -> str:
    return f"The ShardIterator was not issued for stream {stream_arn}."


_HOW_TO_START = (
    "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) "
    "TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified "
)


@says("InvalidArgumentException", "observed", "K:getShardIterator")
def starting_sequence_number_missing(iterator_type: str) -> str:
    return f"{_HOW_TO_START}{iterator_type} and no StartingSequenceNumber."


@says("InvalidArgumentException", "observed", "K:getShardIterator")
def starting_sequence_number_unwanted(iterator_type: str) -> str:
    return f"{_HOW_TO_START}{iterator_type} and also a StartingSequenceNumber."


@says("InvalidArgumentException", "observed", "K:getShardIterator")
def starting_sequence_number_invalid(digits: str, shard_id: str, stream_name: str, account_id: str) -> str:
    return (
        f"StartingSequenceNumber {digits} used in GetShardIterator on shard {shard_id} in stream {stream_name} under "
        f"account {account_id} is invalid."
    )


@says(
    "InvalidArgumentException",
    "observed",
    "R:records, I:amazon-kinesis-connectors#8, I:amazon-kinesis-video-streams-parser-library#75",
)
def starting_sequence_number_of_another_stream(digits: str, shard_id: str, stream_name: str, account_id: str) -> str:
    return (
        f"StartingSequenceNumber {digits} used in GetShardIterator on shard {shard_id} in stream {stream_name} under "
        f"account {account_id} is invalid because it did not come from this stream."
    )


@says("InvalidArgumentException", "observed", "I:spring-cloud-stream-binder-aws-kinesis#148, #187 (2021, 2022)")
def nothing_after_starting_sequence_number() -> str:
    return (
        "Invalid SequenceNumber for ShardIteratorType AFTER_SEQUENCE_NUMBER, SequenceNumber has reached max possible "
        "value for the shard."
    )


@says("InvalidArgumentException", "observed", "K:getShardIterator")
def starting_sequence_number_of_another_shard(encoded_shard_id: str, shard_id: str) -> str:
    return (
        f"Invalid StartingSequenceNumber. It encodes {encoded_shard_id}, while it was used in a call to a shard with "
        f"{shard_id}"
    )


@says("InvalidArgumentException", "observed", "K:getShardIterator")
def timestamp_missing() -> str:
    return (
        "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
        "Current request has no timestamp parameter."
    )


@says("InvalidArgumentException", "observed", "K:getShardIterator")
def timestamp_in_the_future(timestamp_ms: int, now_ms: int) -> str:
    return (
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
        f"timestampInMillis: {timestamp_ms}, currentTimestampInMillis: {now_ms}"
    )


# --- retention ------------------------------------------------------------------------------------------------------


@says("InvalidArgumentException", "observed", "K:increaseStreamRetentionPeriod, K:decreaseStreamRetentionPeriod")
def retention_too_short(hours: int) -> str:
    return f"Minimum allowed retention period is 24 hours. Requested retention period ({hours} hours) is too short."


@says("InvalidArgumentException", "observed", "R:controls")
def retention_too_long(hours: int, limit: int) -> str:
    return f"Maximum allowed retention period is {limit} hours. Requested retention period ({hours} hours) is too long."


@says("InvalidArgumentException", "observed", "K:increaseStreamRetentionPeriod")
def retention_shorter_than_existing(hours: int, stream_name: str, existing: int) -> str:
    return (
        f"Requested retention period ({hours} hours) for stream {stream_name} can not be shorter than existing "
        f"retention period ({existing} hours). Use DecreaseRetentionPeriod API."
    )


@says("InvalidArgumentException", "observed", "K:decreaseStreamRetentionPeriod")
def retention_longer_than_existing(hours: int, stream_name: str, existing: int) -> str:
    return (
        f"Requested retention period ({hours} hours) for stream {stream_name} can not be longer than existing "
        f"retention period ({existing} hours). Use IncreaseRetentionPeriod API."
    )


# --- encryption -----------------------------------------------------------------------------------------------------


@says("InvalidArgumentException", "inferred", "B:StartStreamEncryption: 'The only valid value is KMS'")
def encryption_type_not_kms(encryption_type: str) -> str:
    return f"Invalid EncryptionType {encryption_type}. The only valid value is KMS."


@says("InvalidArgumentException", "inferred", "B:StartStreamEncryption (the forms of a KeyId)")
def key_id_invalid(key_id: str) -> str:
    return (
        f"Invalid KeyId {key_id}. A KeyId must be the GUID of a key, the ARN of a key or of an alias, or an alias name "
        'prefixed by "alias/".'
    )


@says("LimitExceededException", "inferred", "B:StartStreamEncryption, B:StopStreamEncryption; J.2 row 1")
def too_many_encryption_changes(operation: str, stream_name: str, account_id: str, limit: int) -> str:
    return (
        f"{operation} cannot be called more than {limit} times in 24 hours for stream {stream_name} under account "
        f"{account_id}."
    )


@says("KMSAccessDeniedException", "observed", "I:serverless-apigateway-service-proxy#101")
def key_access_denied_to_write(principal_arn: str, key_arn: str) -> str:
    return f"User: {principal_arn} is not authorized to perform: kms:GenerateDataKey on resource: {key_arn}"


@says("KMSAccessDeniedException", "observed", "I:spring-cloud-stream-binder-aws-kinesis#188 (it leaves the stream out)")
def key_access_denied_to_read(principal_arn: str, stream_name: str) -> str:
    return f"User {principal_arn} is not authorized to decrypt records in stream {stream_name}"


@says("KMSDisabledException", "observed", "B:KMSDisabledException (the code); the words are KMS's own")
def key_disabled(key_arn: str) -> str:
    return f"{key_arn} is disabled."


@says("KMSNotFoundException", "inferred", "B:KMSNotFoundException (the code); the text is that of KMS itself")
def key_not_found(key_arn: str) -> str:
    return f"Alias {key_arn} is not found." if ":alias/" in key_arn else f"Key '{key_arn}' does not exist"


@says("KMSInvalidStateException", "inferred", "B:KMSInvalidStateException (the code); the text is that of KMS itself")
def key_pending_deletion(key_arn: str) -> str:
    return f"{key_arn} is pending deletion."


@says("KMSOptInRequired", "inferred", "B:KMSOptInRequired (the code, and almost the text)")
def key_needs_opt_in(key_arn: str) -> str:
    return "The AWS Access Key Id needs a subscription for the service"


@says("KMSThrottlingException", "inferred", "B:KMSThrottlingException (the code); the text is that of KMS itself")
def key_throttled(key_arn: str) -> str:
    return "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


# --- capacity modes -------------------------------------------------------------------------------------------------


@says("LimitExceededException", "inferred", "DOC:updating-a-stream (two in 24 hours); J.2 row 1")
def too_many_stream_mode_updates(stream_name: str, account_id: str, limit: int) -> str:
    return (
        f"UpdateStreamMode cannot be called more than {limit} times in 24 hours for stream {stream_name} under account "
        f"{account_id}."
    )


@says("ResourceInUseException", "inferred", "B:UpdateStreamMode (queues); channels by analogy")
def stream_mode_held_by(stream_name: str, account_id: str, what: str) -> str:
    return (
        f"Stream {stream_name} under account {account_id} cannot be switched to PROVISIONED mode because it has "
        f"{what}. Delete the {what} before you change the capacity mode."
    )


@says("ValidationException", "inferred", "B:ValidationException; worded as for On-Demand mode")
def stream_is_provisioned(stream_name: str, account_id: str) -> str:
    return f"Request is invalid. Stream {stream_name} under account {account_id} is in Provisioned mode."


@says("LimitExceededException", "inferred", "B:UpdateStreamWarmThroughput (10 GiBps)")
def warm_throughput_too_high(warm_throughput_mibps: int, limit: int) -> str:
    return f"WarmThroughputMiBps {warm_throughput_mibps} exceeds the limit of {limit} MiBps for a stream."


# --- tags -----------------------------------------------------------------------------------------------------------


@says("InvalidArgumentException", "observed", "K:addTagsToStream, K:removeTagsFromStream")
def tags_with_invalid_characters() -> str:
    return (
        "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @."
    )


_TAG_CHARACTERS = (
    "because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, "
    "'_',',','/','=','+','-','@'."
)


@says("InvalidArgumentException", "observed", "K:addTagsToStream")
def tags_not_added_illegal_characters(stream_name: str, account_id: str) -> str:
    return f"Failed to add tags to stream {stream_name} under account {account_id} {_TAG_CHARACTERS}"


@says("InvalidArgumentException", "observed", "K:removeTagsFromStream")
def tags_not_removed_illegal_characters(stream_name: str, account_id: str) -> str:
    return f"Failed to remove tags from stream {stream_name} under account {account_id} {_TAG_CHARACTERS}"


@says("InvalidArgumentException", "observed", "K:addTagsToStream (the text says 10; what it counted was 50)")
def too_many_tags(stream_name: str, account_id: str) -> str:
    return (
        f"Failed to add tags to stream {stream_name} under account {account_id} because a given stream cannot have "
        "more than 10 tags associated with it."
    )


# --- rates and injected failures --------------------------------------------------------------------------------------


@says("ProvisionedThroughputExceededException", "observed", "DG22 (PutRecords example); I: several")
def write_rate_exceeded(shard_id: str, stream_name: str, account_id: str) -> str:
    return f"Rate exceeded for shard {shard_id} in stream {stream_name} under account {account_id}."


@says(
    "ProvisionedThroughputExceededException",
    "observed",
    "I:risingwave#7453 (2023), I:amazon-kinesis-client#1521 (2025)",
)
def read_rate_exceeded(account_id: str, stream_name: str, shard_id: str) -> str:
    return f"Rate exceeded for Shard - {account_id}/{stream_name}/{shard_id}"


@says("ProvisionedThroughputExceededException", "inferred", "no source; worded as for GetRecords")
def iterator_rate_exceeded(account_id: str, stream_name: str, shard_id: str) -> str:
    return f"Rate exceeded for Shard - {account_id}/{stream_name}/{shard_id}"


@says("LimitExceededException", "observed", "I: several (DescribeStream)")
def stream_rate_exceeded(stream_name: str, account_id: str) -> str:
    return f"Rate exceeded for stream {stream_name} under account {account_id}."


@says("LimitExceededException", "observed", "I:graylog-plugin-integrations#341")
def account_rate_exceeded(account_id: str) -> str:
    """The rate is exceeded of an operation that names no stream."""
    return f"Rate exceeded for account {account_id}."


@says("ThrottlingException", "documented", "DOC:kinesis-fis (the code); the text is ours")
def throttling_exception() -> str:
    return "Rate exceeded"


@says("ServiceUnavailable", "documented", "DOC:kinesis-fis (the code); the text is ours", http_status=503)
def service_unavailable() -> str:
    return "Service Unavailable"


@says("InternalFailure", "observed", "API reference, PutRecords (example); I:amazon-kinesis-producer#30")
def record_internal_failure() -> str:
    """The failure of one record of a PutRecords; the call itself succeeds."""
    return "Internal service failure."


# --- AWS's front door, before a call reaches the service; only faults give these ------------------------------------


@says("ExpiredTokenException", "observed", "I: several")
def token_expired() -> str:
    return "The security token included in the request is expired"


@says("InvalidSignatureException", "observed", "I: several")
def signature_invalid() -> str:
    return (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details."
    )


@says("MissingAuthenticationTokenException", "observed", "K:connection")
def authentication_token_missing() -> str:
    return "Missing Authentication Token"


@says("UnrecognizedClientException", "observed", "I: several")
def client_unrecognized() -> str:
    return "The security token included in the request is invalid."


# --- consumers ------------------------------------------------------------------------------------------------------


@says("ResourceNotFoundException", "observed", "R:controls (DescribeStreamConsumer); others by analogy")
def consumer_arn_not_found(consumer_name: str, creation_second: str, stream_name: str, account_id: str) -> str:
    return (
        f"Consumer {consumer_name} with creation timestamp {creation_second} under stream: {stream_name}, account "
        f"{account_id} not found."
    )


@says("ResourceNotFoundException", "inferred", "after the recorded text for a consumer's ARN")
def consumer_not_found(consumer_name: str, stream_name: str, account_id: str) -> str:
    """The refusal for a consumer that the call names by its name."""
    return f"Consumer {consumer_name} under stream: {stream_name}, account {account_id} not found."


@says("InvalidArgumentException", "observed", "I:aws-sdk-java-v2#4737 (2023)")
def consumer_address_missing() -> str:
    return "Both streamARN and consumer name must be provided if consumerARN is not provied."


@says("InvalidArgumentException", "inferred", "B:DescribeStreamConsumer, B:DeregisterStreamConsumer")
def consumer_address_conflict(consumer_arn: str, member: str, value: str) -> str:
    return f"ConsumerARN {consumer_arn} and {member} {value} do not name the same consumer."


@says("ResourceInUseException", "observed", "R:controls")
def consumer_already_exists(consumer_name: str, stream_name: str, account_id: str) -> str:
    return f"Consumer {consumer_name} under stream {stream_name} already exists for account {account_id}."


@says("LimitExceededException", "inferred", "J.2 row 2")
def too_many_consumers(stream_name: str, account_id: str, limit: int) -> str:
    return (
        f"This request would exceed the limit on the number of consumers registered with stream {stream_name} under "
        f"account {account_id}. Limit: {limit}"
    )


@says("LimitExceededException", "inferred", "B:RegisterStreamConsumer (the code); J.2 row 2")
def too_many_consumers_creating(account_id: str, limit: int) -> str:
    return (
        f"This request would exceed the limit for account {account_id} on the number of consumers that can "
        f"simultaneously be in CREATING. Limit: {limit}"
    )


@says("ResourceInUseException", "observed", "I:cloudformation-coverage-roadmap#2442 (PutResourcePolicy)")
def consumer_not_active(consumer_name: str, creation_second: int, stream_name: str, account_id: str) -> str:
    return (
        f"Consumer {consumer_name} with creation timestamp {creation_second} under stream {stream_name} and account "
        f"{account_id} is not in ACTIVE status."
    )


# --- tags of any resource -------------------------------------------------------------------------------------------


@says("ResourceNotFoundException", "inferred", "B:PutResourcePolicy (the code)")
def resource_not_found(resource_arn: str) -> str:
    return f"Resource {resource_arn} not found."


@says("InvalidArgumentException", "inferred", "B:TagResource (the characters); after the recorded text for streams")
def resource_tags_with_invalid_characters() -> str:
    return (
        "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . : / = + - @."
    )


@says("InvalidArgumentException", "observed", "R:controls (AddTagsToStream, TagResource); others by analogy")
def reserved_tag_key() -> str:
    return "Some tag keys in the request started with 'aws:'. System tags cannot be modified."


@says("InvalidArgumentException", "inferred", "B:TagResource; after the recorded text for streams")
def too_many_tags_of_resource(resource: str, limit: int) -> str:
    return (
        f"Failed to add tags to {resource} because a given resource cannot have more than {limit} tags associated "
        "with it."
    )


# --- policies and accounts ------------------------------------------------------------------------------------------


@says("InvalidArgumentException", "inferred", "B:PutResourcePolicy (the code)")
def policy_invalid(why: str) -> str:
    return f"The resource policy is invalid: {why}."


@says("ResourceNotFoundException", "inferred", "M; LS:test_resource_policy_crud (that it is an error)")
def resource_policy_not_found(resource_arn: str) -> str:
    return f"No resource policy found for resource ARN {resource_arn}."


@says("AccessDeniedException", "inferred", "IAM user guide, troubleshooting access denied messages")
def access_not_allowed(caller_arn: str, action: str, resource_arn: str) -> str:
    return (
        f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource_arn} because no "
        f"resource-based policy allows the {action} action"
    )


@says("AccessDeniedException", "inferred", "IAM user guide, troubleshooting access denied messages")
def access_denied_by_policy(caller_arn: str, action: str, resource_arn: str) -> str:
    return (
        f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource_arn} with an explicit deny "
        "in a resource-based policy"
    )


@says("AccessDeniedException", "inferred", "IAM user guide, troubleshooting access denied messages")
def access_across_accounts_impossible(caller_arn: str, action: str, resource_arn: str) -> str:
    """No policy can allow this operation to another account, or only if the call names the resource otherwise."""
    return f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource_arn}"


# --- queues ---------------------------------------------------------------------------------------------------------


@says("ResourceNotFoundException", "inferred", "B:DescribeQueue (the code); worded as for a stream")
def queue_not_found(queue_id: str, account_id: str) -> str:
    return f"Queue {queue_id} under account {account_id} not found."


@says("ResourceInUseException", "inferred", "B:CreateQueue (the code); worded as for a stream")
def queue_already_exists(queue_name: str, account_id: str) -> str:
    return f"Queue {queue_name} under account {account_id} already exists."


@says("ResourceInUseException", "inferred", "B:UpdateQueue (the code); worded as for a stream")
def queue_not_active(queue_name: str, account_id: str, status: str) -> str:
    return f"Queue {queue_name} under account {account_id} not ACTIVE, instead in state {status}"


@says("ResourceNotFoundException", "inferred", "B:ReceiveQueueRecords (no ResourceInUse); as PutRecord in CREATING")
def queue_not_delivering(queue_id: str, account_id: str, status: str) -> str:
    return f"Queue {queue_id} under account {account_id} not found: it is in state {status} and delivers no records."


@says("LimitExceededException", "inferred", "DOC:queues-quotas; worded as for streams")
def too_many_queues_in_transition(account_id: str, limit: int) -> str:
    return (
        f"This request would exceed the limit for account {account_id} on the number of queues that can "
        f"simultaneously be in CREATING or DELETING. Limit: {limit}"
    )


@says("ValidationException", "inferred", "B:CreateQueue, B:ValidationException")
def queue_needs_on_demand(stream_name: str, account_id: str) -> str:
    return (
        f"Request is invalid. Stream {stream_name} under account {account_id} is in Provisioned mode. Queues are "
        "supported only on data streams in On-Demand mode."
    )


@says("ValidationException", "inferred", "B:CreateQueue (exactly one entry)")
def queue_needs_one_stream(entries: int) -> str:
    return f"StreamConfigurationList must contain exactly one entry, but contains {entries}."


@says("ValidationException", "documented", "B:QueueStartingPosition (the code); the text is ours")
def starting_timestamp_missing() -> str:
    return "StartingPosition of type AT_TIMESTAMP requires Timestamp."


@says("ValidationException", "documented", "B:QueueStartingPosition (the code); the text is ours")
def starting_timestamp_unwanted(starting_position_type: str) -> str:
    return f"StartingPosition of type {starting_position_type} does not take Timestamp."


@says("ValidationException", "inferred", "B:DeadLetterConfiguration")
def max_receive_count_missing() -> str:
    return "DeadLetterConfiguration with TargetType BUILT_IN requires MaxReceiveCount."


@says("InvalidArgumentException", "inferred", "B:AcknowledgeQueueRecordsErrorEntry (the code)")
def receipt_handle_invalid() -> str:
    """The handle is of another queue, or of another kind: dead letters have handles of their own."""
    return "Invalid ReceiptHandle."


@says("InvalidArgumentException", "inferred", "B:QueueRecord (a new handle each time the record is received)")
def receipt_handle_superseded() -> str:
    return "The ReceiptHandle is no longer valid because the record has been received again since it was issued."


@says("InvalidArgumentException", "inferred", "B:UpdateQueueRecordsVisibility; by analogy with Amazon SQS")
def queue_record_not_in_flight() -> str:
    return "The record is not in flight: its visibility timeout has ended."


@says("ResourceNotFoundException", "inferred", "B:AcknowledgeQueueRecordsErrorEntry (the code)")
def queue_record_gone(is_dead_letter: bool) -> str:
    """The record was acknowledged, its retention is over, or it has become, or is no longer, a dead letter."""
    what = "dead-letter record" if is_dead_letter else "record"
    return f"The ReceiptHandle belongs to no {what} of this queue any more."


@says("AccessDeniedException", "observed", "IAM user guide, access denied messages; I: six, 2021 to 2026")
def access_denied(caller_arn: str, action: str, resource_arn: str) -> str:
    """The refusal for a caller without permission."""
    return (
        f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource_arn} because no "
        f"identity-based policy allows the {action} action"
    )


# --- channels -------------------------------------------------------------------------------------------------------


@says("ResourceNotFoundException", "inferred", "B:DescribeChannel (the code); worded as for a stream")
def channel_not_found(channel_id: str, account_id: str) -> str:
    return f"Channel {channel_id} under account {account_id} not found."


@says("ResourceInUseException", "inferred", "B:CreateChannel (the code); worded as for a stream")
def channel_already_exists(channel_name: str, account_id: str) -> str:
    return f"Channel {channel_name} under account {account_id} already exists."


@says("ResourceInUseException", "inferred", "B:UpdateChannel (the code); worded as for a stream")
def channel_not_active(channel_name: str, account_id: str, status: str) -> str:
    return f"Channel {channel_name} under account {account_id} not ACTIVE, instead in state {status}"


@says("LimitExceededException", "inferred", "B:DescribeLimits (ChannelCountLimit), B:CreateChannel (the code)")
def too_many_channels(account_id: str, limit: int) -> str:
    return f"This request would exceed the channel limit for the account {account_id}. Limit: {limit}."


@says("ValidationException", "inferred", "B:CreateChannel, B:ValidationException")
def channel_needs_on_demand(stream_name: str, account_id: str) -> str:
    return (
        f"Request is invalid. Stream {stream_name} under account {account_id} is in Provisioned mode. Channels are "
        "supported only on data streams in On-Demand mode."
    )


@says("InvalidArgumentException", "inferred", "B:CreateChannelInput (one stream, one table per channel)")
def channel_needs_one_entry(member: str, entries: int) -> str:
    return f"{member} must contain exactly one entry, but contains {entries}."


@says("ValidationException", "inferred", "B:CreateChannel (either but not both), B:ValidationException (combinations)")
def channel_needs_one_destination() -> str:
    return "Specify either S3DestinationConfiguration or S3TablesDestinationConfiguration, but not both."


@says("ValidationException", "inferred", "B:RecordConfiguration, B:ValidationException (combinations)")
def record_format_unsupported(record_format_type: str, destination: str) -> str:
    return f"RecordFormatType {record_format_type} is not supported for {destination}."


@says("ValidationException", "inferred", "B:RecordConfiguration, B:ValidationException (combinations)")
def schema_missing() -> str:
    return "RecordConfiguration requires GSRSchemaARN when the channel destination is a streaming table."


@says("InvalidArgumentException", "inferred", "DOC:channels-quotas (the range); code and text are ours")
def data_freshness_invalid(data_freshness_in_seconds: int, lowest: int, highest: int) -> str:
    return f"Invalid DataFreshnessInSeconds {data_freshness_in_seconds}. It must be between {lowest} and {highest}."


@says(
    "LimitExceededException", "inferred", "DOC:channels-quotas (one of each destination per stream); the text is ours"
)
def too_many_channels_of_stream(stream_name: str, account_id: str, destination: str, limit: int) -> str:
    return (
        f"This request would exceed the limit on the number of channels from stream {stream_name} under account "
        f"{account_id} to {destination}. Limit: {limit}."
    )


@says("ValidationException", "inferred", "examples of AWS, which all have it with compression; code and text are ours")
def extension_missing(output_key_template: str) -> str:
    return f"OutputKeyTemplate {output_key_template} must contain !{{extension}} because the objects are compressed."


@says("InvalidArgumentException", "inferred", "B:ChannelEncryptionConfiguration: 'You cannot use' it")
def key_of_kinesis_unsupported(key_id: str) -> str:
    return f"Invalid KeyId {key_id}. You cannot use the Amazon Kinesis Data Streams service key (aws/kinesis)."


@says("ValidationException", "inferred", "B:UpdateChannel: 'You cannot change the destination'")
def channel_has_another_destination(member: str) -> str:
    return f"{member} does not match the destination of the channel."


@says("ValidationException", "inferred", "B:UpdateChannelInput, none of whose settings is required")
def nothing_to_update() -> str:
    return "Specify DataFreshnessInSeconds or LoggingConfiguration to update a channel."


# --- SubscribeToShard -------------------------------------------------------------------------------------------------


@says("ResourceInUseException", "observed", "I:amazon-kinesis-client#391")
def subscription_taken_over(account_id: str, stream_name: str, shard_id: str, consumer_name: str) -> str:
    """The refusal of a call that comes too early; also ends a stream that a later call has taken over."""
    return (
        f"Another active subscription exists for this consumer: {account_id}:{stream_name}:{shard_id}:{consumer_name}"
    )


@says("ResourceInUseException", "observed", "I:kinesis-hot-shard-advisor#37")
def consumer_not_active_to_subscribe(
    consumer_name: str, creation_second: int, stream_name: str, account_id: str
) -> str:
    return (
        f"Consumer {consumer_name} with creation timestamp {creation_second} under stream: {stream_name} , account "
        f"{account_id} is not in ACTIVE status."
    )


@says("LimitExceededException", "inferred", "B:SubscribeToShard; the text is that of other operations")
def subscription_rate_exceeded(stream_name: str, account_id: str) -> str:
    return f"Rate exceeded for stream {stream_name} under account {account_id}."


@says(
    "InternalFailureException",
    "observed",
    "I:amazon-kinesis-client-python#136 (2021)",
    http_status=500,
)
def event_stream_broken() -> str:
    return "Internal Service Error"

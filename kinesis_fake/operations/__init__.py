"""The operations of the API, by family. The module of a family is loaded when one of its operations is first called."""

#: Each module, and the operations that are written there; a test compares.
FAMILIES = {
    "account": ("DescribeAccountSettings", "DescribeLimits", "UpdateAccountSettings"),
    "capacity": (
        "UpdateMaxRecordSize",
        "UpdateStreamMode",
        "UpdateStreamRecordDistributionStrategy",
        "UpdateStreamWarmThroughput",
    ),
    "channels": ("CreateChannel", "DeleteChannel", "DescribeChannel", "ListChannels", "UpdateChannel"),
    "consumers": (
        "DeregisterStreamConsumer",
        "DescribeStreamConsumer",
        "ListStreamConsumers",
        "RegisterStreamConsumer",
    ),
    "encryption": ("StartStreamEncryption", "StopStreamEncryption"),
    "iterators": ("GetRecords", "GetShardIterator"),
    "monitoring": ("DisableEnhancedMonitoring", "EnableEnhancedMonitoring"),
    "policies": ("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"),
    "queue_records": (
        "AcknowledgeDeadLetterQueueRecords",
        "AcknowledgeQueueRecords",
        "ReceiveDeadLetterQueueRecords",
        "ReceiveQueueRecords",
        "RestoreDeadLetterQueueRecords",
        "UpdateDeadLetterQueueRecordsVisibility",
        "UpdateQueueRecordsVisibility",
    ),
    "queues": ("CreateQueue", "DeleteQueue", "DescribeQueue", "ListQueues", "UpdateQueue"),
    "records": ("PutRecord", "PutRecords"),
    "retention": ("DecreaseStreamRetentionPeriod", "IncreaseStreamRetentionPeriod"),
    "shards": ("ListShards", "MergeShards", "SplitShard", "UpdateShardCount"),
    "streams": ("CreateStream", "DeleteStream", "DescribeStream", "DescribeStreamSummary", "ListStreams"),
    "subscriptions": ("SubscribeToShard",),
    "tags": (
        "AddTagsToStream",
        "ListTagsForResource",
        "ListTagsForStream",
        "RemoveTagsFromStream",
        "TagResource",
        "UntagResource",
    ),
}

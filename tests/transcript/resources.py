"""Tags and policies of all kinds of resources, by their ARNs."""

from __future__ import annotations

import json

from kinesis_fake import Limits
from tests.transcript.channels import lake
from tests.transcript.writing import Transcript, arn

ORDERS, FLOW = arn("orders"), arn("flow")
BILLING = f"{ORDERS}/consumer/billing:1767225600"


def script(t: Transcript) -> None:
    with t.fake("tags of resources", streams={"orders": 1, "flow": {}}, limits=Limits(tags=4)):
        _tags(t)
    with t.fake("ARNs of nothing", streams={"orders": 1}):
        _nothing(t)
    with t.fake("policies of queues", streams={"flow": {}}):
        _policies(t)


def _tags(t: Transcript) -> None:
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="billing", Tags={"team": "a"})
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="other", Tags={"k!": "a"})
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="other", Tags={"aws:k": "a"})
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="other", Tags={f"k{n}": "" for n in range(5)})
    queue = t.call("CreateQueue", QueueName="jobs", StreamConfigurationList=[{"StreamARN": FLOW}], Tags={"a": "b"})
    channel = t.call("CreateChannel", **lake("lake", FLOW, Tags={"c": "d"}))
    t.do("kinesis.settle()")
    resources = (
        ORDERS,
        BILLING,
        queue["QueueDescription"]["QueueARN"],
        channel["ChannelDescription"]["ChannelARN"],
    )
    for resource in resources:
        t.call("ListTagsForResource", ResourceARN=resource)
        t.call("TagResource", ResourceARN=resource, Tags={"x:y": "1", "z": ""})
        t.call("TagResource", ResourceARN=resource, Tags={"one": "2", "two": "3", "three": "4"})
        t.call("TagResource", ResourceARN=resource, Tags={"aws:mine": "5"})
        t.call("TagResource", ResourceARN=resource, Tags={"per%cent": "6"})
        t.call("UntagResource", ResourceARN=resource, TagKeys=["z", "none"])
        t.call("UntagResource", ResourceARN=resource, TagKeys=["!"])
        t.call("ListTagsForResource", ResourceARN=resource)
        t.call("TagResource", by="READER", ResourceARN=resource, Tags={"a": "b"})
        t.call("ListTagsForResource", by={"region_name": "eu-west-1"}, ResourceARN=resource)
    t.call("ListTagsForStream", StreamName="orders")
    t.call("TagResource", ResourceARN=ORDERS, Tags={})
    t.call("TagResource", ResourceARN=ORDERS)
    t.call("UntagResource", ResourceARN=ORDERS, TagKeys=[])
    t.call("UntagResource", ResourceARN=ORDERS, TagKeys=["k"] * 51)
    t.call("UntagResource", ResourceARN=ORDERS)
    t.call("DeregisterStreamConsumer", ConsumerARN=BILLING)
    t.call("DeleteQueue", QueueARN=resources[2])
    t.call("DeleteChannel", ChannelARN=resources[3])
    for resource in resources:
        t.call("TagResource", ResourceARN=resource, Tags={"late": ""})


def _nothing(t: Transcript) -> None:
    for nothing in (
        arn("none"),
        f"{ORDERS}/consumer/none:1",
        ORDERS.replace("stream/orders", "queue/none"),
        ORDERS.replace("stream/orders", "channel/none"),
        ORDERS.replace("us-east-1", "eu-west-1"),
        "arn:aws:kinesis:us-east-1:1:stream/orders",
        "",
    ):
        t.call("ListTagsForResource", ResourceARN=nothing)
        t.call("TagResource", ResourceARN=nothing, Tags={"a": "b"})
        t.call("UntagResource", ResourceARN=nothing, TagKeys=["a"])
        t.call("GetResourcePolicy", ResourceARN=nothing)
        t.call("DeleteResourcePolicy", ResourceARN=nothing)


def _policies(t: Transcript) -> None:
    made = t.call("CreateQueue", QueueName="jobs", StreamConfigurationList=[{"StreamARN": FLOW}])
    queue = made["QueueDescription"]["QueueARN"]
    t.do("kinesis.settle()")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kinesis:*QueueRecords", "Resource": queue}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    t.call("ReceiveQueueRecords", by="READER", QueueARN=queue)
    t.call("GetResourcePolicy", ResourceARN=queue)
    t.call("PutResourcePolicy", ResourceARN=queue, Policy=policy)
    t.call("GetResourcePolicy", ResourceARN=queue)
    t.do("kinesis.stream('flow').put('1', 'a')")
    t.call("ReceiveQueueRecords", by="READER", QueueARN=queue)
    t.call("ReceiveDeadLetterQueueRecords", by="ROLE", QueueARN=queue, WaitTimeSeconds=1)
    t.call("DescribeQueue", by="READER", QueueARN=queue)
    t.call("DeleteQueue", by="READER", QueueARN=queue)
    t.call("DeleteResourcePolicy", ResourceARN=queue)
    t.call("DeleteResourcePolicy", ResourceARN=queue)
    made = t.call("CreateChannel", **lake("lake", FLOW))
    channel = made["ChannelDescription"]["ChannelARN"]
    t.call("PutResourcePolicy", ResourceARN=channel, Policy=policy)
    t.call("GetResourcePolicy", ResourceARN=channel)

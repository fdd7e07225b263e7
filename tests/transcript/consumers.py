"""Consumers: registering, describing, listing and deregistering them."""

from __future__ import annotations

from tests.transcript.writing import Transcript, arn, at

ORDERS = arn("orders")
BILLING = f"{ORDERS}/consumer/billing:1767225600"


def script(t: Transcript) -> None:
    with t.fake("the life of a consumer", streams={"orders": 1, "other": 1}):
        _life(t)
    with t.fake("pages", streams={"orders": 1}):
        _pages(t)
    with t.fake("bad input", streams={"orders": 1}):
        _bad_input(t)


def _life(t: Transcript) -> None:
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="billing")
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="billing")
    t.call("RegisterStreamConsumer", StreamARN=arn("other"), ConsumerName="billing")
    t.do("kinesis.pending()")
    t.call("DescribeStreamConsumer", ConsumerARN=BILLING)
    t.call("DescribeStreamConsumer", StreamARN=ORDERS, ConsumerName="billing")
    t.call("DeregisterStreamConsumer", ConsumerARN=BILLING)
    t.do("kinesis.stream('orders').consumers")
    t.do("kinesis.advance(milliseconds=9_999)")
    t.call("DescribeStreamConsumer", ConsumerARN=BILLING)
    t.do("kinesis.settle()")
    t.call("ListStreamConsumers", StreamARN=ORDERS)
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="billing")
    t.do("kinesis.settle()")
    t.call("DescribeStreamConsumer", ConsumerARN=BILLING)
    billing = t.call("DescribeStreamConsumer", StreamARN=ORDERS, ConsumerName="billing")["ConsumerDescription"]
    t.call("DescribeStreamSummary", StreamName="orders")
    t.call("DeleteStream", StreamName="orders")
    t.call("DeregisterStreamConsumer", ConsumerARN=billing["ConsumerARN"])
    t.call("DescribeStreamConsumer", ConsumerARN=billing["ConsumerARN"])
    t.call("DeregisterStreamConsumer", ConsumerARN=billing["ConsumerARN"])
    t.call("DeleteStream", StreamName="orders", EnforceConsumerDeletion=True)
    t.do("kinesis.pending()")
    t.do("kinesis.stream('orders').consumers")
    t.do("kinesis.settle()")
    t.call("ListStreamConsumers", StreamARN=ORDERS)
    t.call("DescribeStreamConsumer", ConsumerARN=billing["ConsumerARN"])
    t.call("DeregisterStreamConsumer", StreamARN=arn("other"), ConsumerName="billing")
    t.call("DeleteStream", StreamName="other", EnforceConsumerDeletion=False)
    t.do("kinesis.settle()")
    t.call("DeleteStream", StreamName="other", EnforceConsumerDeletion=False)


def _pages(t: Transcript) -> None:
    for number in range(21):
        t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName=f"consumer-{number:02}")
        if number % 5 == 4 or number == 19:
            t.do("kinesis.settle()")
    t.call("ListStreamConsumers", StreamARN=ORDERS)
    t.call("ListStreamConsumers", StreamARN=ORDERS, MaxResults=2)
    token = t.call("ListStreamConsumers", StreamARN=ORDERS, MaxResults=1)["NextToken"]
    t.call("ListStreamConsumers", StreamARN=ORDERS, MaxResults=1, NextToken=token)
    t.call("ListStreamConsumers", StreamARN=ORDERS, NextToken="nonsense")
    t.call("ListStreamConsumers", StreamARN=ORDERS, StreamCreationTimestamp=at("2026-01-01T00:00:00"), MaxResults=1)
    t.call("ListStreamConsumers", StreamARN=ORDERS, StreamCreationTimestamp=at("2026-01-01T00:00:01"))
    t.call("ListStreamConsumers", StreamARN=arn("other"), NextToken=token)
    t.pages("ListStreamConsumers", StreamARN=ORDERS, PaginationConfig={"PageSize": 9})
    t.do("kinesis.advance(minutes=5, milliseconds=1)")
    t.call("ListStreamConsumers", StreamARN=ORDERS, NextToken=token)


def _bad_input(t: Transcript) -> None:
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="")
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="a b")
    t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName="x" * 129)
    t.call("RegisterStreamConsumer", StreamARN=ORDERS)
    t.call("RegisterStreamConsumer", ConsumerName="billing")
    t.call("RegisterStreamConsumer", StreamARN=arn("none"), ConsumerName="billing")
    for number in range(6):
        t.call("RegisterStreamConsumer", StreamARN=ORDERS, ConsumerName=f"consumer-{number}")
    t.do("kinesis.settle()")
    t.call("DescribeStreamConsumer")
    t.call("DescribeStreamConsumer", StreamARN=ORDERS)
    t.call("DescribeStreamConsumer", ConsumerName="consumer-0")
    t.call("DescribeStreamConsumer", StreamARN=ORDERS, ConsumerName="none")
    t.call("DescribeStreamConsumer", ConsumerARN=f"{ORDERS}/consumer/consumer-0:1")
    t.call("DescribeStreamConsumer", ConsumerARN=ORDERS)
    t.call("DescribeStreamConsumer", ConsumerARN=f"{ORDERS}/consumer/consumer-0:1767225600", ConsumerName="other")
    t.call("DescribeStreamConsumer", ConsumerARN=f"{ORDERS}/consumer/consumer-0:1767225600", StreamARN=arn("other"))
    t.call("DeregisterStreamConsumer")
    t.call("DeregisterStreamConsumer", StreamARN=ORDERS, ConsumerName="none")
    t.call("ListStreamConsumers")
    t.call("ListStreamConsumers", StreamARN=ORDERS, MaxResults=0)
    t.call("ListStreamConsumers", StreamARN=arn("none"))
    t.call("CreateStream", StreamName="young", ShardCount=1)
    t.call("RegisterStreamConsumer", StreamARN=arn("young"), ConsumerName="billing")
    t.call("ListStreamConsumers", StreamARN=arn("young"))

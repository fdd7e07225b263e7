"""Encryption: switching it on and off, and keys in each of their states."""

from __future__ import annotations

from typing import Any

from tests.transcript.writing import OWNER, SHARD, Transcript, arn

KEY = "alias/mine"
KEY_ARN = f"arn:aws:kms:us-east-1:{OWNER}:{KEY}"
BILLING = f"{arn('secret')}/consumer/billing:1767225600"


def script(t: Transcript) -> None:
    with t.fake("switching", streams={"secret": 1}):
        _switching(t)
    with t.fake("keys", streams={"secret": 1}):
        _keys(t)
    with t.fake("how often", streams={"secret": 1}):
        _how_often(t)


def _start(t: Transcript, **more: Any) -> None:
    t.call("StartStreamEncryption", **{"StreamName": "secret", "EncryptionType": "KMS", "KeyId": KEY, **more})


def _stop(t: Transcript, **more: Any) -> None:
    t.call("StopStreamEncryption", **{"StreamName": "secret", "EncryptionType": "KMS", "KeyId": KEY, **more})


def _put(t: Transcript, data: bytes = b"1") -> None:
    t.call("PutRecord", StreamName="secret", Data=data, PartitionKey="a")


def _switching(t: Transcript) -> None:
    _put(t)
    _start(t)
    t.do("kinesis.pending()")
    _put(t)
    _start(t)
    t.do("kinesis.settle()")
    t.call("DescribeStreamSummary", StreamName="secret")
    _put(t)
    t.call("PutRecords", StreamName="secret", Records=[{"Data": b"2", "PartitionKey": "a"}])
    _start(t)
    t.do("kinesis.settle()")
    _start(t, KeyId=f"arn:aws:kms:us-east-1:{OWNER}:key/12345678-1234-1234-1234-123456789012")
    t.do("kinesis.settle()")
    t.call("DescribeStream", StreamName="secret")
    t.read(t.iterator("secret"))
    _stop(t, KeyId="alias/another")
    t.call("DescribeStreamSummary", StreamName="secret")
    _put(t)
    t.do("kinesis.settle()")
    _put(t)
    _stop(t)
    t.do("kinesis.settle()")
    t.call("DescribeStreamSummary", StreamName="secret")
    t.do("kinesis.stream('secret').records")
    _start(t, EncryptionType="NONE")
    _start(t, EncryptionType="ROT13")
    _start(t, KeyId="")
    _start(t, KeyId="no key at all")
    _start(t, KeyId="x" * 2049)
    _start(t, StreamName="none")
    _stop(t, EncryptionType="NONE")
    _stop(t, KeyId="no key at all")
    t.call("StartStreamEncryption", StreamName="secret")
    t.call("StopStreamEncryption", EncryptionType="KMS", KeyId=KEY)
    t.do("kinesis.key('no key at all')")
    t.do("kinesis.key('alias/aws/kinesis')")


def _keys(t: Transcript) -> None:
    t.call("RegisterStreamConsumer", StreamARN=arn("secret"), ConsumerName="billing")
    _start(t)
    t.do("kinesis.settle()")
    _put(t)
    for state in ("disable", "deny", "remove", "schedule_deletion", "require_opt_in", "throttle"):
        t.do(f"kinesis.key('alias/mine').{state}()")
        t.do(f"kinesis.key('{KEY_ARN}')")
        _put(t)
        t.call("PutRecords", StreamName="secret", Records=[{"Data": b"2", "PartitionKey": "a"}])
        t.read(t.iterator("secret"))
        t.read(t.iterator("secret", "LATEST"))
        position = {"Type": "TRIM_HORIZON"}
        t.events(t.call("SubscribeToShard", ConsumerARN=BILLING, ShardId=SHARD, StartingPosition=position), 2)
        _start(t, KeyId=KEY_ARN)
        t.do("kinesis.advance(seconds=10)")
        t.do("kinesis.key('alias/mine').enable()")
        t.read(t.iterator("secret"))
        t.do("kinesis.advance(seconds=10)")
    t.do("kinesis.key('alias/mine').disable()")
    _stop(t)
    _put(t)
    t.do("kinesis.settle()")
    _put(t)
    t.read(t.iterator("secret"))


def _how_often(t: Transcript) -> None:
    for number in range(26):
        _start(t, KeyId=f"alias/key-{number}")
        t.do("kinesis.settle()")
    _stop(t)
    t.do("kinesis.travel_to('2026-01-01T23:59:59.999Z')")
    _start(t)
    t.do("kinesis.travel_to('2026-01-02T00:00:00Z')")
    _start(t)

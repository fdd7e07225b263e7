"""Tags of streams."""

from __future__ import annotations

from tests.transcript.writing import Transcript, arn


def script(t: Transcript) -> None:
    with t.fake("tags of a stream", streams={"orders": 1}):
        _tags(t)


def _tags(t: Transcript) -> None:
    def add(**tags: str) -> None:
        t.call("AddTagsToStream", StreamName="orders", Tags=tags)

    add(team="a", cost="b", Zone="c")
    t.call("ListTagsForStream", StreamName="orders")
    add(team="other")
    t.call("AddTagsToStream", StreamARN=arn("orders"), Tags={"empty": "", "key \u00fc/+-=._@": "\u00df"})
    t.call("ListTagsForStream", StreamARN=arn("orders"), Limit=2)
    t.call("ListTagsForStream", StreamName="orders", Limit=2, ExclusiveStartTagKey="cost")
    t.call("ListTagsForStream", StreamName="orders", ExclusiveStartTagKey="zzz")
    t.call("RemoveTagsFromStream", StreamName="orders", TagKeys=["team", "none"])
    t.call("ListTagsForStream", StreamName="orders")
    for key, value in (
        ("k!", "v"),
        ("k", "v!"),
        ("k%", "v"),
        ("k", "%"),
        ("", "v"),
        ("k" * 129, "v"),
        ("k", "v" * 257),
    ):
        add(**{key: value})
    add(**{"k" * 128: "v" * 256})
    add(**{f"key-{number:02}": str(number) for number in range(46)})
    add(**{f"key-{number:02}": str(number) for number in range(45)})
    t.call("ListTagsForStream", StreamName="orders", Limit=3)
    add(one="more")
    add(Zone="is one that it has")
    add()
    add(**{f"key-{number}": "" for number in range(201)})
    t.call("ListTagsForStream", StreamName="orders", Limit=0)
    t.call("ListTagsForStream", StreamName="orders", Limit=51)
    t.call("ListTagsForStream", StreamName="orders", Limit=50)
    t.call("ListTagsForStream", StreamName="none")
    t.call("RemoveTagsFromStream", StreamName="orders", TagKeys=[])
    t.call("RemoveTagsFromStream", StreamName="orders", TagKeys=["k!"])
    t.call("RemoveTagsFromStream", StreamName="orders", TagKeys=["k%"])
    t.call("RemoveTagsFromStream", StreamName="orders", TagKeys=["k"] * 51)
    t.call("RemoveTagsFromStream", StreamName="none", TagKeys=["k"])
    t.call("RemoveTagsFromStream", StreamName="orders")
    t.call("AddTagsToStream", StreamName="none", Tags={"k": "v"})
    t.call("AddTagsToStream", StreamName="orders")
    t.call("AddTagsToStream", Tags={"k": "v"})
    t.call("CreateStream", StreamName="young", ShardCount=1, Tags={"k": "v"})
    t.call("AddTagsToStream", StreamName="young", Tags={"k": "v"})
    t.call("RemoveTagsFromStream", StreamName="young", TagKeys=["k"])
    t.call("ListTagsForStream", StreamName="young")
    t.call("DeleteStream", StreamName="orders")
    t.call("AddTagsToStream", StreamName="orders", Tags={"k": "v"})

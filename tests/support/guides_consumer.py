"""A consumer with shared throughput, written with the SDK as AWS's developer guide says.

It knows nothing of a fake: give it a client, a stream, a function that processes a record, and a way to wait. These are
the guide's rules, and where this consumer keeps them:

* one worker reads one shard, with one GetRecords a second: ``Worker.read``, ``Consumer.run``;
* a checkpoint is the sequence number of the last processed record, and reading goes on AFTER_SEQUENCE_NUMBER it; a
  shard without one is read from TRIM_HORIZON: ``Worker._new_iterator``;
* an iterator that expired during a long pause is replaced, from the checkpoint: ``Worker._get_records``;
* an answer without records is no end: reading goes on with NextShardIterator, and only an answer without one is the
  end of a (closed) shard, whose children it names in ChildShards: ``Worker.read``;
* ListShards, page by page, tells what there is to read when the consumer starts, and when it meets a shard that it
  has not heard of: ``Consumer._list_shards``;
* a child is read after all its parents have been read to their end; a parent that is no longer listed has expired, and
  no client can read it any more: ``Consumer._may_be_read``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: The checkpoint of a shard that was read to its end.
SHARD_END = "SHARD_END"

Record = Mapping[str, Any]


class Worker:
    """Reads one shard."""

    def __init__(self, consumer: Consumer, shard_id: str) -> None:
        self._consumer = consumer
        self._client = consumer.client
        self._shard_id = shard_id
        self._iterator: str | None = None

    def read(self) -> Mapping[str, Any]:
        """Read and process once; returns the answer of GetRecords."""
        answer = self._get_records()
        records = answer["Records"]
        for record in records:
            self._consumer.process(self._shard_id, record)
        if records:
            self._consumer.checkpoints[self._shard_id] = records[-1]["SequenceNumber"]
        self._iterator = answer.get("NextShardIterator")
        if self._iterator is None:
            self._consumer.checkpoints[self._shard_id] = SHARD_END
        return answer

    def _get_records(self) -> Mapping[str, Any]:
        if self._iterator is None:
            self._iterator = self._new_iterator()
        limit = self._consumer.limit
        answer: Mapping[str, Any]
        try:
            answer = self._client.get_records(ShardIterator=self._iterator, Limit=limit)
        except self._client.exceptions.ExpiredIteratorException:
            self._consumer.expired_iterators += 1
            answer = self._client.get_records(ShardIterator=self._new_iterator(), Limit=limit)
        return answer

    def _new_iterator(self) -> str:
        checkpoint = self._consumer.checkpoints.get(self._shard_id)
        if checkpoint is None:
            position = {"ShardIteratorType": "TRIM_HORIZON"}
        else:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": checkpoint}
        answer = self._client.get_shard_iterator(
            StreamName=self._consumer.stream_name, ShardId=self._shard_id, **position
        )
        iterator: str = answer["ShardIterator"]
        return iterator


class Consumer:
    """Reads a stream, all shards of it, and follows it through its reshards.

    ``checkpoints`` outlive a consumer: another consumer that gets them goes on where this one has stopped.
    """

    def __init__(
        self,
        client: Any,
        stream_name: str,
        process: Callable[[str, Record], None],
        checkpoints: dict[str, str] | None = None,
        limit: int = 10_000,
    ) -> None:
        self.client = client
        self.stream_name = stream_name
        self.process = process
        self.checkpoints = {} if checkpoints is None else checkpoints
        self.limit = limit
        self.expired_iterators = 0
        self.empty_answers = 0
        #: The parents of every shard that is known, by its id.
        self._parents: dict[str, set[str]] = {}
        self._workers: dict[str, Worker] = {}
        self._list_shards()

    def run(self, wait: Callable[[float], object]) -> None:
        """Read until everything that is there has been processed, with a second between the reads of a shard."""
        while self.poll():
            wait(1.0)

    def poll(self) -> bool:
        """Let every worker read once; returns whether there is more to read."""
        self._start_workers()
        is_behind = False
        for shard_id, worker in list(self._workers.items()):
            answer = worker.read()
            self.empty_answers += not answer["Records"]
            if "NextShardIterator" not in answer:
                del self._workers[shard_id]
                self._follow(answer["ChildShards"])
                is_behind = True  # the children come next
            elif answer["MillisBehindLatest"] > 0:
                is_behind = True
        return is_behind

    def _follow(self, children: Iterable[Mapping[str, Any]]) -> None:
        for child in children:
            self._parents[child["ShardId"]] = set(child["ParentShards"])
            # The other parent of a merge may be one whose own parents are still being read: it has not expired, this
            # consumer just has not heard of it.
            if not self._parents[child["ShardId"]] <= self._parents.keys():
                self._list_shards()

    def _list_shards(self) -> None:
        page = self.client.list_shards(StreamName=self.stream_name, MaxResults=5)
        self._remember(page["Shards"])
        while "NextToken" in page:
            page = self.client.list_shards(NextToken=page["NextToken"], MaxResults=5)
            self._remember(page["Shards"])

    def _remember(self, shards: Iterable[Mapping[str, Any]]) -> None:
        for shard in shards:
            parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
            self._parents[shard["ShardId"]] = {parent for parent in parents if parent is not None}

    def _start_workers(self) -> None:
        for shard_id in self._parents:
            has_ended = self.checkpoints.get(shard_id) == SHARD_END
            if not has_ended and shard_id not in self._workers and self._may_be_read(shard_id):
                self._workers[shard_id] = Worker(self, shard_id)

    def _may_be_read(self, shard_id: str) -> bool:
        return all(
            self.checkpoints.get(parent) == SHARD_END
            for parent in self._parents[shard_id]
            if parent in self._parents  # else it has expired
        )

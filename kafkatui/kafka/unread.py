"""Whether anything that a consumer can read lies between a commit and the end of the log: by batch headers.

Source: Fetch, read committed, which tells the aborted transactions and where the first open one begins.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kafkatui.domain.lag.unread import Answer, Doubt, Rest
from kafkatui.domain.records.log_count import BatchHeader
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import headers
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.faults import TOPIC_AUTHORIZATION_FAILED
from kafkatui.kafka.fetch import Fetched, fetch

BYTES_A_SECOND = 100 * 1024
"""What all of it may cost."""
MOST = 1024 * 1024
"""Bytes of a partition after which it is given up."""
EACH = 16 * 1024
"""Bytes of one answer about a partition: its first batches tell, as a rule."""
PARTITIONS = 50
"""Partitions in one request."""


@dataclass(slots=True)
class _Search:
    """How far one `Doubt` is looked into."""

    doubt: Doubt
    position: int
    octets: int = 0
    rest: Rest | None = None
    open_aborted: set[int] = field(default_factory=set)
    """Producers whose records are aborted, up to their next marker."""

    def absorb(self, answer: Fetched) -> None:
        """Take in an answer about the partition."""
        if answer.error:
            self.rest = Rest.DENIED if answer.error == TOPIC_AUTHORIZATION_FAILED else None
            return
        self.octets += len(answer.data)
        before = self.position
        aborted = sorted(answer.aborted, key=lambda one: one[1])
        for batch in headers(answer.data):
            if batch is None:
                self.rest = Rest.READABLE
                return
            while aborted and aborted[0][1] <= batch.last_offset:
                self.open_aborted.add(aborted.pop(0)[0])
            if batch.ends is not None:
                self.open_aborted.discard(batch.producer_id)
            elif batch.last_offset >= self.position and batch.records and not self._is_aborted(batch):
                self.rest = Rest.READABLE
                return
            self.position = max(self.position, batch.last_offset + 1)
        if self.position >= self.doubt.end:
            self.rest = Rest.NOTHING
        elif answer.last_stable is not None and self.position >= answer.last_stable:
            self.rest = Rest.OPEN
        elif self.octets >= MOST:
            self.rest = Rest.UNKNOWN
        elif self.position == before:
            self.octets += EACH  # nothing came: its turn to be the first of a request comes

    def _is_aborted(self, batch: BatchHeader) -> bool:
        return batch.transactional and batch.producer_id in self.open_aborted


class UnreadSearch:
    """Answers doubts. One at a time may ask."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._bucket = Bucket(BYTES_A_SECOND)

    async def answers(self, doubts: Iterable[Doubt]) -> tuple[Answer, ...]:
        """What was found; a doubt whose leader does not answer, or has moved, is left out."""
        by_leader: dict[int, list[_Search]] = {}
        for doubt in doubts:
            if (leader := self._leader(doubt)) is not None:
                by_leader.setdefault(leader, []).append(_Search(doubt, doubt.committed))
        found: list[Answer] = []
        for leader, searches in by_leader.items():
            for start in range(0, len(searches), PARTITIONS):
                part = searches[start : start + PARTITIONS]
                await self._search(leader, part)
                found += [Answer(one.doubt, one.rest) for one in part if one.rest is not None]
        return tuple(found)

    def _leader(self, doubt: Doubt) -> int | None:
        topic = self._asker.cluster.topics.get(doubt.topic)
        partitions = () if topic is None else topic.partitions
        return partitions[doubt.partition].leader if doubt.partition < len(partitions) else None

    async def _search(self, leader: int, searches: Sequence[_Search]) -> None:
        """Look into all of them, until each is answered or given up."""
        todo = list(searches)
        while todo:
            await asyncio.sleep(self._bucket.wait())
            todo.sort(key=lambda one: (one.doubt.topic, one.doubt.partition))
            first = min(todo, key=lambda one: one.octets)
            todo.sort(
                key=lambda one: (one.doubt.topic != first.doubt.topic, one.doubt.topic, one is not first)
            )
            asked = {(one.doubt.topic, one.doubt.partition): one for one in todo}
            wanted = [(topic, number, one.position) for (topic, number), one in asked.items()]
            try:
                answers = await fetch(
                    self._asker, leader, wanted, wait=0.0, size=2 * EACH, each=EACH, committed=True
                )
            except ClusterError:
                return
            self._bucket.take(sum(len(answer.data) for answer in answers))
            failed = set()
            for answer in answers:
                one = asked[answer.topic, answer.partition]
                one.absorb(answer)
                if answer.error:
                    failed.add(id(one))
            told = {(answer.topic, answer.partition) for answer in answers}
            todo = [
                one
                for place, one in asked.items()
                if one.rest is None and id(one) not in failed and place in told
            ]

"""Looking in the log, by batch headers, whether a consumer can still read a record between its commit and the
end.

Source: Fetch, read committed: its answer names the aborted transactions and the last stable offset.
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
"""Bytes that may be downloaded a second, for all partitions together."""
MOST = 1024 * 1024
"""Bytes of one partition after which its search is given up."""
EACH = 16 * 1024
"""Bytes of one partition in an answer: mostly the first batches are enough."""
PARTITIONS = 50
"""How many partitions one request names."""


@dataclass(slots=True)
class _Search:
    """The search in the log for one `Doubt`, and how far it has come."""

    doubt: Doubt
    position: int
    octets: int = 0
    rest: Rest | None = None
    open_aborted: set[int] = field(default_factory=set)
    """Ids of producers whose records are aborted, until their next marker."""

    def absorb(self, answer: Fetched) -> None:
        """Read the batches of an answer; sets `rest` once the doubt is answered."""
        if answer.error:
            self.rest = Rest.DENIED if answer.error == TOPIC_AUTHORIZATION_FAILED else None
            return
        self.octets += len(answer.data)
        before = self.position
        aborted = sorted(answer.aborted, key=lambda entry: entry[1])
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
            self.octets += EACH  # no batch came: others are the first of a request before it is again

    def _is_aborted(self, batch: BatchHeader) -> bool:
        return batch.transactional and batch.producer_id in self.open_aborted


class UnreadSearch:
    """Answers doubts; only one call of `answers` may run at a time."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._bucket = Bucket(BYTES_A_SECOND)

    async def answers(self, doubts: Iterable[Doubt]) -> tuple[Answer, ...]:
        """The answers to `doubts`; a doubt without one is left out: its leader does not answer or has
        moved."""
        by_leader: dict[int, list[_Search]] = {}
        for doubt in doubts:
            if (leader := self._leader(doubt)) is not None:
                by_leader.setdefault(leader, []).append(_Search(doubt, doubt.committed))
        found: list[Answer] = []
        for leader, searches in by_leader.items():
            for start in range(0, len(searches), PARTITIONS):
                part = searches[start : start + PARTITIONS]
                await self._search(leader, part)
                found += [Answer(search.doubt, search.rest) for search in part if search.rest is not None]
        return tuple(found)

    def _leader(self, doubt: Doubt) -> int | None:
        topic = self._asker.cluster.topics.get(doubt.topic)
        partitions = () if topic is None else topic.partitions
        return partitions[doubt.partition].leader if doubt.partition < len(partitions) else None

    async def _search(self, leader: int, searches: Sequence[_Search]) -> None:
        """Fetch from one leader until each search is answered or given up."""
        todo = list(searches)
        while todo:
            await asyncio.sleep(self._bucket.wait())
            todo.sort(key=lambda search: (search.doubt.topic, search.doubt.partition))
            first = min(todo, key=lambda search: search.octets)
            todo.sort(
                key=lambda search: (
                    search.doubt.topic != first.doubt.topic,
                    search.doubt.topic,
                    search is not first,
                )
            )
            asked = {(search.doubt.topic, search.doubt.partition): search for search in todo}
            wanted = [(topic, number, search.position) for (topic, number), search in asked.items()]
            try:
                answers = await fetch(
                    self._asker, leader, wanted, wait=0.0, size=2 * EACH, each=EACH, committed=True
                )
            except ClusterError:
                return
            self._bucket.take(sum(len(answer.data) for answer in answers))
            failed = set()
            for answer in answers:
                search = asked[answer.topic, answer.partition]
                search.absorb(answer)
                if answer.error:
                    failed.add(id(search))
            answered = {(answer.topic, answer.partition) for answer in answers}
            todo = [
                search
                for place, search in asked.items()
                if search.rest is None and id(search) not in failed and place in answered
            ]

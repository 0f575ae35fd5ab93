"""Counting the records of logs in the background, by downloading them: slowly, and only logs that are small.

Source: Fetch, read uncommitted.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from kafkatui.domain.cluster.partitions import Topic, TopicLog
from kafkatui.domain.records.log_count import LogCount
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import headers
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.faults import OFFSET_OUT_OF_RANGE, TOPIC_AUTHORIZATION_FAILED
from kafkatui.kafka.fetch import Fetched, fetch

LARGEST = 64 * 1024 * 1024
"""Bytes: the logs of a topic that are larger than this, all together, are not counted."""
FOLLOWED = 100 * 1024
"""Bytes a second that may be downloaded of a topic in addition, to count its new records."""
BYTES_A_FETCH = 256 * 1024
"""The most bytes of one answer."""
EACH = 128 * 1024
"""The most bytes of one partition in an answer."""
PARTITIONS = 50
"""Partitions in one request."""
PAUSE = 0.05
"""The least seconds between two requests to a leader."""
FRESH = 10.0
"""Seconds for which a count is given although newer records are not counted yet."""
AGAIN, DENIED_AGAIN = 2.0, 60.0
"""Seconds until a partition that failed is fetched again; the second, until one this user may not READ is."""
RENEWED = 60.0
"""The least seconds until a log that may be compacted is counted again from its start."""
YIELD_EVERY = 500
"""Partitions worked on before other tasks run."""


@dataclass(slots=True)
class _Part:
    """One partition, and how many of its records are counted."""

    topic: "_Topic"
    number: int
    count: LogCount
    end: int
    """The log end offset."""
    leader: int | None = None
    retry_at: float = 0.0
    """Seconds of the clock: not fetched before."""


@dataclass(slots=True)
class _Topic:
    """One topic that is being counted."""

    name: str
    topic_id: str | None
    since: float
    """When counting began; monotonic seconds, as all times here."""
    parts: dict[int, _Part] = field(default_factory=dict)
    octets: int = 0
    """Bytes downloaded so far."""
    offsets: int = 0
    """Offsets downloaded so far."""
    answered_at: float = float("-inf")
    """When the last answer to Fetch came."""
    bounds_known: bool = False
    """Whether the start and the end of every partition is known."""
    records: int | None = None
    """How many records there were when the whole log was counted last; ``None``: it never was."""
    counted_at: float = float("-inf")
    """When the whole log was counted last."""

    @property
    def remaining(self) -> int:
        """How many offsets are not counted yet."""
        return sum(max(0, part.end - part.count.next_offset) for part in self.parts.values())

    def is_not_countable(self, now: float) -> bool:
        """Whether the topic cannot be counted: it is too large, judged by the bytes downloaded so far, or its
        batches do not give their number of records."""
        if self.octets > LARGEST + FOLLOWED * (now - self.since):
            return True
        if any(part.count.records is None for part in self.parts.values()):
            return True
        return bool(self.offsets) and self.remaining * self.octets / self.offsets > LARGEST

    def sum_up(self, now: float) -> None:
        """Set `records` to the sum over all partitions, if every log is counted to its end."""
        if not self.bounds_known:
            return
        total = 0
        for part in self.parts.values():
            if (records := part.count.records) is None or part.count.next_offset < part.end:
                return
            total += records
        self.records, self.counted_at = total, now


class LogScan:
    """Counts the records of the topics given to `look`, while the block of `running` lasts."""

    def __init__(self, asker: Asker, *, limit: int, clock: Callable[[], float] = monotonic) -> None:
        """At most `limit` bytes a second are downloaded."""
        self._asker = asker
        self._clock = clock
        self._bucket = Bucket(limit, clock)
        self._topics: dict[str, _Topic] = {}
        self._wanted: tuple[str, ...] = ()
        self._busy: set[int] = set()
        """Node ids of the leaders whose answer is waited for."""
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._turn = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Count in a background task while the block lasts."""
        self._task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(
        self,
        topics: Iterable[Topic],
        logs: Mapping[str, TopicLog],
        wanted: Collection[str],
        compacted: Mapping[str, bool | None],
    ) -> dict[str, int]:
        """Take the starts and ends of the `logs`; return the number of records by topic, for the topics whose
        count is known.

        Only the topics `wanted` are downloaded. Compacted topics are not counted, as compaction may remove
        records at any time. Topics of which it is not known (``None`` in `compacted`) are counted again from
        time to time.
        """
        if self._task is not None and self._task.done():
            self._task.result()  # it ends only by a bug: raise it here
        now = self._clock()
        found: dict[str, int] = {}
        known: dict[str, _Topic] = {}
        since = 0
        for topic in topics:
            name, log = topic.name, logs.get(topic.name)
            old = self._topics.get(name)
            if log is None or compacted.get(name) or (old is None and name not in wanted):
                continue
            if old is None or old.topic_id != log.topic_id:
                old = _Topic(name, log.topic_id, now)
            elif compacted.get(name) is None and now - old.since > max(RENEWED, old.octets / FOLLOWED):
                old = _Topic(name, log.topic_id, now, records=old.records, counted_at=old.counted_at)
            known[name] = old
            _take_bounds(old, topic, log)
            old.sum_up(now)
            if old.records is not None and now - old.counted_at <= FRESH:
                found[name] = old.records
            since += len(log.ends)
            if since > YIELD_EVERY:
                since = 0
                await asyncio.sleep(0)
        self._topics = known
        small_first = sorted(
            (known[name] for name in wanted if name in known), key=lambda topic: topic.remaining
        )
        self._wanted = tuple(topic.name for topic in small_first)
        self._news.set()
        return found

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as rounds:  # a leader that does not answer holds up no other
            while True:
                self._news.clear()
                due = self._parts_to_ask()
                for node_id, parts in due.items():
                    self._busy.add(node_id)
                    rounds.create_task(self._round(node_id, parts))
                if due:
                    await asyncio.sleep(max(PAUSE, self._bucket.wait()))
                    continue
                try:
                    async with asyncio.timeout(AGAIN):
                        await self._news.wait()
                except TimeoutError:
                    pass

    def _parts_to_ask(self) -> dict[int, list[_Part]]:
        """The partitions to fetch next, by leader. A leader sends a whole batch of the first partition in a
        request, however large it is, so the partitions take turns at being the first.
        """
        now = self._clock()
        due: dict[int, list[_Part]] = {}
        for name in self._wanted:
            topic = self._topics.get(name)
            if topic is None or topic.is_not_countable(now):
                continue
            for part in topic.parts.values():
                if part.leader in self._busy:
                    continue
                if part.leader is not None and part.count.next_offset < part.end and part.retry_at <= now:
                    parts = due.setdefault(part.leader, [])
                    if len(parts) < PARTITIONS:
                        parts.append(part)
        self._turn += 1
        for parts in due.values():
            first = parts[self._turn % len(parts)]
            parts.sort(key=lambda part: (part.topic is not first.topic, part.topic.name, part is not first))
        return due

    async def _round(self, node_id: int, parts: Sequence[_Part]) -> None:
        try:
            await self._ask(node_id, parts)
        finally:
            self._busy.discard(node_id)
            self._news.set()

    async def _ask(self, node_id: int, parts: Sequence[_Part]) -> None:
        asked = {(part.topic.name, part.number): (part, part.count.next_offset) for part in parts}
        wanted = [(name, number, offset) for (name, number), (_, offset) in asked.items()]
        size = min(max(self._bucket.level, 1), BYTES_A_FETCH)
        try:
            answers = await fetch(self._asker, node_id, wanted, wait=0.0, size=size, each=EACH)
        except ClusterError:
            for part in parts:
                part.retry_at = self._clock() + AGAIN
            return
        answered_at = self._clock()
        self._bucket.take(sum(len(answer.data) for answer in answers))
        for answer in answers:
            place = answer.topic, answer.partition
            if place in asked and asked[place][0].count.next_offset == asked[place][1]:
                _absorb(asked[place][0], answer, answered_at)
                await asyncio.sleep(0)
        if all(part.count.next_offset == offset for part, offset in asked.values()):
            parts[0].retry_at = answered_at + AGAIN  # it was the first, and no batch of it came
        for topic in {id(part.topic): part.topic for part in parts}.values():
            topic.answered_at = answered_at
            topic.sum_up(answered_at)


def _absorb(part: _Part, answer: Fetched, answered_at: float) -> None:
    """Count the records of a partition in an answer; note when to try again after an error."""
    if answer.error:
        denied = answer.error == TOPIC_AUTHORIZATION_FAILED
        part.retry_at = answered_at + (DENIED_AGAIN if denied else AGAIN)
        if answer.error == OFFSET_OUT_OF_RANGE:
            part.count = LogCount(part.count.start)
        return
    before = part.count.next_offset
    for batch in headers(answer.data):
        part.count.add(batch)
    part.topic.octets += len(answer.data)
    part.topic.offsets += part.count.next_offset - before
    if answer.high_watermark is not None:
        part.end = answer.high_watermark


def _take_bounds(topic: _Topic, metadata: Topic, log: TopicLog) -> None:
    """Store the start, end and leader of each partition of a topic."""
    leaders = {partition.number: partition.leader for partition in metadata.partitions}
    topic.bounds_known = len(log.starts) == len(log.ends)
    newer = log.taken_at > topic.answered_at
    for number, (start, end) in enumerate(zip(log.starts, log.ends, strict=False)):
        part = topic.parts.get(number)
        if part is not None:
            part.leader = leaders.get(number)
        if start is None or end is None or end < start:
            topic.bounds_known = False
        elif part is None:
            topic.parts[number] = _Part(topic, number, LogCount(start), end, leaders.get(number))
        else:
            part.count.begin_at(start)
            if newer and end < part.count.next_offset:
                part.count = LogCount(start)  # the log was truncated: count it again
            part.end = end if newer else max(end, part.end)

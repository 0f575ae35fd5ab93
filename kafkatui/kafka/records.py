"""The tail of a topic: its newest records, as they are written."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from operator import attrgetter
from time import monotonic

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import Topic
from kafkatui.domain.records.records import Record, TailNews, TransactionEnd, Unreadable, weight
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import Unpacked, first_offset, is_slow_to_unpack, newest, unpack
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.faults import (
    MOVED,
    OFFSET_OUT_OF_RANGE,
    error_prefix,
    fault_of,
)
from kafkatui.kafka.fetch import Fetched, fetch
from kafkatui.kafka.followed import SOON, Followed
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import NO_LEADER, read_metadata, read_offsets

FIRST = 50
"""How many offsets before the end a tail begins, over all partitions."""
FIRST_EACH = 10
"""The least of them in each partition, while the topic has at most `FIRST` partitions."""

NEWS_EVERY = 0.2
"""The least seconds between two news."""
QUIET = 1.0
"""Seconds after which news is given although no record came."""
FETCH_EVERY = 0.1
"""The least seconds between two requests to one leader, so that many small writes come in one answer."""
FETCH_WAIT = 1.0
"""Seconds a leader waits for a record before it answers."""
FETCH_SIZE = 512 * 1024
FETCH_EACH = 16 * 1024
"""The least bytes asked for of each partition, however many partitions share a request."""
LOOK_AGAIN = 2.0
"""The longest pause, in seconds, between two requests for Metadata while a partition has a fault."""

HELD_RECORDS = 10_000
"""The most records that wait for the next news; older ones are dropped and counted as skipped."""
HELD_BYTES = 32 * 1024 * 1024
"""The most bytes of these records."""
LAST_MOST = 10
"""The most offsets before the end to read when only the newest record is wanted: transaction markers may
stand between that record and the end."""
RATE_WINDOW = 5.0
"""Seconds over which the rate is measured."""


async def tail(asker: Asker, topic: str, *, limit: int) -> AsyncGenerator[TailNews]:
    """News of `topic` without end: first its newest records, then the records as they are written.

    Downloads `limit` bytes a second on average; records written faster than that are jumped over and counted,
    but never the newest record, however large. Each leader is asked over a connection of its own. Joins no
    group, commits nothing, creates nothing. A partition that cannot be read now is among the faults of the
    news. Raises `ClusterError` where the topic does not exist (any more), or may not be read at all. Close it
    by `contextlib.aclosing`.
    """
    async with asker.another(f"{asker.name}: fetch") as fetcher:
        follower = _Follower(asker, fetcher, topic, limit)
        try:
            await follower.start()
            while True:
                yield await follower.news()
                await asyncio.sleep(NEWS_EVERY)
        finally:
            await follower.stop()


NO_END = Fault(FaultKind.UNKNOWN, "its end is not known")


class _Follower:
    def __init__(self, asker: Asker, fetcher: Asker, topic: str, limit: int) -> None:
        self._asker = asker
        self._fetcher = fetcher
        self._name = topic
        self._bucket = Bucket(limit)
        self._topic: Topic | None = None
        self._followed: dict[int, Followed] = {}
        self._fetchers: dict[int, asyncio.Task[None]] = {}
        self._records: deque[Record | Unreadable] = deque()
        self._held_bytes = 0
        self._dropped = 0
        """Records dropped since the last news because too many waited."""
        self._gaps: deque[tuple[int, int]] = deque()
        """Offsets jumped over: (how many records came before the gap since the last news, dropped ones too;
        how many offsets)"""
        self._markers = 0
        self._ends: list[TransactionEnd] = []
        """The transactions that these markers end."""
        self._arrived = asyncio.Event()
        self._metadata_doubtful = False
        self._look_at = 0.0
        self._looks = Backoff(SOON, LOOK_AGAIN)
        """The pauses between requests for Metadata while a partition has a fault."""
        self._totals: deque[tuple[float, int]] = deque()
        """(monotonic seconds, sum of the log end offsets of all partitions)"""

    async def start(self) -> None:
        topic = await self._read_topic()
        numbers = [partition.number for partition in topic.partitions]
        each = max(-(-FIRST // max(len(numbers), 1)), FIRST_EACH if len(numbers) <= FIRST else 1)
        await self._follow_partitions(topic, numbers, before_end=each)

    async def stop(self) -> None:
        for fetching in self._fetchers.values():
            fetching.cancel()
        await asyncio.gather(*self._fetchers.values(), return_exceptions=True)

    async def news(self) -> TailNews:
        """The records and faults since the last call; waits for one, `QUIET` seconds at most."""
        try:
            async with asyncio.timeout(QUIET):
                await self._arrived.wait()
        except TimeoutError:
            pass
        self._arrived.clear()
        for fetching in self._fetchers.values():
            if fetching.done():
                fetching.result()  # it ends only by a bug: raise it here
        topic_id = self._topic.topic_id if self._topic is not None else None  # of the records so far
        await self._follow_metadata()
        news = TailNews(
            tuple(self._records),
            self._gaps_by_place(),
            self._rate(),
            tuple((part.number, part.fault) for part in self._followed.values() if part.fault is not None),
            self._markers,
            tuple(self._ends),
            len(self._followed),
            topic_id,
        )
        self._records.clear()
        self._ends.clear()
        self._gaps.clear()
        self._held_bytes = self._dropped = self._markers = 0
        return news

    def _gaps_by_place(self) -> tuple[tuple[int, int], ...]:
        places: dict[int, int] = {0: self._dropped} if self._dropped else {}
        for after, count in self._gaps:
            place = max(after - self._dropped, 0)
            places[place] = places.get(place, 0) + count
        return tuple(places.items())

    # Which partitions there are, and their leaders.

    async def _read_topic(self) -> Topic:
        """Ask Metadata for the topic. Raises `ClusterError` where it does not exist."""
        with error_prefix(f"tailing {self._name}"):
            _, (topic,), *_ = await read_metadata(self._asker, [self._name])
        if topic.error is not None and topic.error.kind is FaultKind.GONE:
            again = " any more" if self._topic is not None else ""
            raise ClusterError(f"{self._name} does not exist{again}", FaultKind.GONE)
        if topic.error is not None:
            raise ClusterError(f"tailing {self._name}: {topic.error}", topic.error.kind)
        return topic

    async def _follow_metadata(self) -> None:
        """Follow the partitions and leaders of the newest Metadata answer; ask Metadata again where a
        leader's answer contradicted it."""
        topic = self._asker.cluster.topics.get(self._name)
        if topic is None or topic.error is not None or self._metadata_doubtful:
            if monotonic() < self._look_at:
                return
            self._look_at = monotonic() + self._looks.failed()
            topic, self._metadata_doubtful = await self._read_topic(), False
        elif self._looks.failures and all(part.fault is None for part in self._followed.values()):
            self._looks.succeeded()
        if topic is self._topic:
            return
        if self._topic is not None and topic.topic_id != self._topic.topic_id:
            self._followed.clear()  # the topic was deleted and created again: all its records are new
            self._totals.clear()
        known = self._followed.keys()
        await self._follow_partitions(
            topic, [part.number for part in topic.partitions if part.number not in known]
        )

    async def _follow_partitions(
        self, topic: Topic, numbers: Sequence[int], before_end: int | None = None
    ) -> None:
        """Follow the new partitions `numbers` too, from `before_end` offsets before their ends; ``None``:
        from their starts. Sets the leader of every partition."""
        if numbers:
            wanted = {self._name: numbers}
            with error_prefix(f"tailing {self._name}"):
                ends, starts = await asyncio.gather(
                    read_offsets(self._asker, wanted, LATEST), read_offsets(self._asker, wanted, EARLIEST)
                )
            self._totals.clear()
            for number in numbers:
                end, start = ends[self._name][0][number], starts[self._name][0][number]
                part = Followed(number, None)
                if end is None or start is None:
                    why = ends[self._name][1].get(number) or starts[self._name][1].get(number)
                    part.failed(why or NO_END)
                else:
                    part.place(start if before_end is None else max(start, end - before_end), end)
                self._followed[number] = part
        leaders = {partition.number: partition.leader for partition in topic.partitions}
        for number, part in list(self._followed.items()):
            if number not in leaders:
                del self._followed[number]
                continue
            part.leader = leaders[number]
            if part.leader is None:
                part.failed(NO_LEADER)
                self._metadata_doubtful = True
        self._topic = topic
        for node_id in {part.leader for part in self._followed.values()} - {None} - self._fetchers.keys():
            if node_id is not None:
                self._fetchers[node_id] = asyncio.create_task(self._fetch_from(node_id))

    # Fetching, one task a leader.

    async def _fetch_from(self, node_id: int) -> None:
        turn = 0
        while True:
            began = monotonic()
            parts = [p for p in self._followed.values() if p.leader == node_id and p.retry_at <= began]
            if parts:
                turn += 1  # a leader serves the first partition of a request first: they take turns
                at = turn % len(parts)
                await self._round(node_id, parts[at:] + parts[:at])
            pause = max(began + FETCH_EVERY - monotonic(), self._bucket.wait())
            while pause > 0:
                await asyncio.sleep(pause)
                pause = self._bucket.wait()

    async def _round(self, node_id: int, parts: Sequence[Followed]) -> None:
        for part in parts:
            if part.offset < 0:
                await self._find_place(part)
        asked = {part.number: (part, part.offset) for part in parts if part.offset >= 0}
        if not asked:
            return
        wanted = [(self._name, number, offset) for number, (_, offset) in asked.items()]
        size = min(max(self._bucket.level, 1), FETCH_SIZE)
        each = max(size // len(wanted), FETCH_EACH)
        try:
            answers = await fetch(self._fetcher, node_id, wanted, wait=FETCH_WAIT, size=size, each=each)
        except ClusterError as error:
            for part, _ in asked.values():
                part.failed(error.fault)
            self._metadata_doubtful = True
            self._arrived.set()
            return
        emptied = self._bucket.take(sum(len(answer.data) for answer in answers))
        # leave out partitions whose place changed while the leader was asked
        fitting = [
            (asked[answer.partition][0], answer)
            for answer in answers
            if answer.partition in asked
            and self._followed.get(answer.partition) is asked[answer.partition][0]
            and asked[answer.partition][0].offset == asked[answer.partition][1]
        ]
        await self._absorb(fitting)
        if emptied:
            for part, _ in fitting:
                self._jump_to_last(part)

    async def _find_place(self, part: Followed) -> None:
        """Ask where a partition starts and ends, and set the offset to read on from.

        That is its start where the next records are deleted (retention, DeleteRecords); its end where nothing
        was read yet, or more than there is now (the log was truncated).
        """
        wanted = {self._name: [part.number]}
        try:
            (ends, faults), (starts, more) = [
                answer[self._name]
                for answer in await asyncio.gather(
                    read_offsets(self._asker, wanted, LATEST), read_offsets(self._asker, wanted, EARLIEST)
                )
            ]
        except ClusterError as error:
            part.failed(error.fault)
            return
        end, start = ends[part.number], starts[part.number]
        if end is None or start is None:
            part.failed({**more, **faults}.get(part.number, NO_END))
            return
        if part.read is None:
            part.place(end, end)
        else:
            self._count_jumped(start - part.read)
            part.place(min(max(part.read, start), end), end)
        self._totals.clear()

    async def _absorb(self, answers: Sequence[tuple[Followed, Fetched]]) -> None:
        full = [(part, answer) for part, answer in answers if answer.data]
        if is_slow_to_unpack([answer.data for _, answer in full]):
            unpacked = await asyncio.to_thread(self._unpack, full)
        else:
            unpacked = self._unpack(full)
        for part, answer in answers:
            self._take_state(part, answer)
        jumped, came = 0, list[Record | Unreadable]()
        for (part, _), (begin, found) in zip(full, unpacked, strict=True):
            if self._followed.get(part.number) is not part or found.next_offset == begin:
                continue  # its place changed meanwhile, or no batch is whole
            over = begin - (begin if part.read is None else part.read)
            nothing = not found.records and not found.unreadable
            if over and found.markers and nothing and part.last < LAST_MOST:
                part.last += 1  # the newest record lies before the markers
                part.offset = begin - 1
                continue
            part.offset = part.read = found.next_offset
            jumped += over + found.skipped
            if over or found.skipped:
                part.jumped(begin + found.skipped)
            came += sorted((*found.records, *found.unreadable), key=attrgetter("offset"))
            self._markers += found.markers
            self._ends += part.transaction_ends(found.ends, found.unreadable)
        self._count_jumped(jumped)
        self._hold(came)
        if full:
            self._arrived.set()

    def _unpack(self, full: Sequence[tuple[Followed, Fetched]]) -> list[tuple[int, Unpacked]]:
        """For each answer: the offset from which it was unpacked, and its records. Where offsets are jumped
        over, the first batch is still unpacked from its beginning: it was downloaded anyway."""
        unpacked = []
        for part, answer in full:
            begin = part.offset
            if part.read is not None and part.read < begin:
                first = first_offset(answer.data)
                begin = max(part.read, begin if first is None else min(first, begin))
            found = unpack(self._name, part.number, answer.data, begin, HELD_RECORDS)
            unpacked.append((begin, newest(found, begin, HELD_RECORDS)))
        return unpacked

    def _take_state(self, part: Followed, answer: Fetched) -> None:
        """Take the error code and the end of a partition from a leader's answer."""
        if not answer.error:
            part.answered()
            part.end = answer.high_watermark if answer.high_watermark is not None else part.end
            return
        self._arrived.set()
        if answer.error == OFFSET_OUT_OF_RANGE:
            part.offset = -1
            self._metadata_doubtful = True
            return
        part.failed(fault_of(answer.error))
        self._metadata_doubtful = self._metadata_doubtful or answer.error in MOVED

    def _jump_to_last(self, part: Followed) -> None:
        """Fetch the newest record next, once the limit allows; the offsets before it are counted then."""
        if part.offset >= 0:
            part.offset = max(part.offset, part.end - part.last)

    def _count_jumped(self, offsets: int) -> None:
        if offsets > 0:
            self._gaps.append((self._dropped + len(self._records), offsets))

    def _hold(self, records: Sequence[Record | Unreadable]) -> None:
        self._records.extend(records)
        self._held_bytes += sum(map(_weight, records))
        while len(self._records) > HELD_RECORDS or (self._held_bytes > HELD_BYTES and len(self._records) > 1):
            self._held_bytes -= _weight(self._records.popleft())
            self._dropped += 1

    def _rate(self) -> float | None:
        """Offsets written a second, from the log ends; ``None`` in the first second."""
        now = monotonic()
        total = sum(part.end for part in self._followed.values())
        if self._totals and total < self._totals[-1][1]:
            self._totals.clear()
        self._totals.append((now, total))
        while len(self._totals) > 2 and self._totals[1][0] < now - RATE_WINDOW:
            self._totals.popleft()
        since, before = self._totals[0]
        return (total - before) / (now - since) if now - since >= QUIET else None


def _weight(arrival: Record | Unreadable) -> int:
    return weight(arrival) if isinstance(arrival, Record) else 0

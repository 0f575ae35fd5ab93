"""The tail of a topic: its newest records, as they arrive."""

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
from kafkatui.kafka.batches import Unpacked, first_offset, is_much, newest, unpack
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.faults import (
    MOVED,
    OFFSET_OUT_OF_RANGE,
    doing,
    fault_of,
)
from kafkatui.kafka.fetch import Fetched, fetch
from kafkatui.kafka.followed import SOON, Followed
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import NO_LEADER, read_metadata, read_offsets

FIRST = 50
"""Offsets before the end that are shown at once, over all partitions."""
FIRST_EACH = 10
"""But at least so many of each, while there are few partitions."""

NEWS_EVERY = 0.2
"""Seconds between two news at least."""
QUIET = 1.0
"""Seconds after which there is news of nothing."""
FETCH_EVERY = 0.1
"""Seconds between two requests to one leader at least: many small writes are fetched together."""
FETCH_WAIT = 1.0
"""Seconds a leader waits for something to be written."""
FETCH_SIZE = 512 * 1024
FETCH_EACH = 16 * 1024
"""Bytes of a partition, however many share a request."""
LOOK_AGAIN = 2.0
"""Seconds between two looks at Metadata while something is wrong; sooner at first."""

HELD_RECORDS = 10_000
"""Records waiting to be taken as news at most; older ones are dropped and counted as skipped."""
HELD_BYTES = 32 * 1024 * 1024
LAST_MOST = 10
"""At most so many, where markers lie between the newest record and the end."""
RATE_WINDOW = 5.0
"""Seconds over which the rate is taken."""


async def tail(asker: Asker, topic: str, *, limit: int) -> AsyncGenerator[TailNews]:
    """News of `topic` without end: a little of what is there, then what is written.

    Downloads `limit` bytes a second on average; what is written beyond that is jumped over and counted, but
    never the newest record, however large. Each leader is asked over a connection of its own. Joins no group,
    commits nothing, creates nothing. A partition that cannot be read now is among the faults. Raises
    `ClusterError` where the topic is not there (any more), or not to be read at all. To be closed by
    `contextlib.aclosing`.
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


NO_END = Fault(FaultKind.UNKNOWN, "its end was not told")


class _Follower:
    def __init__(self, asker: Asker, fetcher: Asker, topic: str, limit: int) -> None:
        self._asker = asker
        self._fetcher = fetcher
        self._name = topic
        self._bucket = Bucket(limit)
        self._topic: Topic | None = None
        self._followed: dict[int, Followed] = {}
        self._pumps: dict[int, asyncio.Task[None]] = {}
        self._records: deque[Record | Unreadable] = deque()
        self._held = 0
        self._dropped = 0
        """Records dropped since the last news, for want of room."""
        self._gaps: deque[tuple[int, int]] = deque()
        """(records that came before since the last news, dropped ones too; offsets)"""
        self._markers = 0
        self._ends: list[TransactionEnd] = []
        """What they said."""
        self._arrived = asyncio.Event()
        self._unsure = False
        self._look_at = 0.0
        self._looks = Backoff(SOON, LOOK_AGAIN)
        """Pauses between looks at Metadata that follow each other because something is wrong."""
        self._totals: deque[tuple[float, int]] = deque()
        """When the log ends were told, and their sum."""

    async def start(self) -> None:
        topic = await self._look()
        numbers = [partition.number for partition in topic.partitions]
        each = max(-(-FIRST // max(len(numbers), 1)), FIRST_EACH if len(numbers) <= FIRST else 1)
        await self._begin(topic, numbers, before_end=each)

    async def stop(self) -> None:
        for pump in self._pumps.values():
            pump.cancel()
        await asyncio.gather(*self._pumps.values(), return_exceptions=True)

    async def news(self) -> TailNews:
        """What came since the last news; waits for something, but not for long."""
        try:
            async with asyncio.timeout(QUIET):
                await self._arrived.wait()
        except TimeoutError:
            pass
        self._arrived.clear()
        for pump in self._pumps.values():
            if pump.done():
                pump.result()  # they only end by a bug
        topic_id = self._topic.topic_id if self._topic is not None else None  # of what came so far
        await self._keep_up()
        news = TailNews(
            tuple(self._records),
            self._places_of_gaps(),
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
        self._held = self._dropped = self._markers = 0
        return news

    def _places_of_gaps(self) -> tuple[tuple[int, int], ...]:
        places: dict[int, int] = {0: self._dropped} if self._dropped else {}
        for after, count in self._gaps:
            place = max(after - self._dropped, 0)
            places[place] = places.get(place, 0) + count
        return tuple(places.items())

    # Where the partitions are.

    async def _look(self) -> Topic:
        """Ask Metadata. Raises `ClusterError` where the topic is not there."""
        with doing(f"tailing {self._name}"):
            _, (topic,), *_ = await read_metadata(self._asker, [self._name])
        if topic.error is not None and topic.error.kind is FaultKind.GONE:
            again = " any more" if self._topic is not None else ""
            raise ClusterError(f"{self._name} does not exist{again}", FaultKind.GONE)
        if topic.error is not None:
            raise ClusterError(f"tailing {self._name}: {topic.error}", topic.error.kind)
        return topic

    async def _keep_up(self) -> None:
        """Follow what Metadata said last; ask it where a partition said something else."""
        topic = self._asker.cluster.topics.get(self._name)
        if topic is None or topic.error is not None or self._unsure:
            if monotonic() < self._look_at:
                return
            self._look_at = monotonic() + self._looks.failed()
            topic, self._unsure = await self._look(), False
        elif self._looks.failures and all(part.fault is None for part in self._followed.values()):
            self._looks.succeeded()
        if topic is self._topic:
            return
        if self._topic is not None and topic.topic_id != self._topic.topic_id:
            self._followed.clear()  # deleted and made again: all that is in it is new
            self._totals.clear()
        known = self._followed.keys()
        await self._begin(topic, [part.number for part in topic.partitions if part.number not in known])

    async def _begin(self, topic: Topic, numbers: Sequence[int], before_end: int | None = None) -> None:
        """Follow the new partitions `numbers` too, from `before_end` offsets before their ends, or from
        their starts."""
        if numbers:
            wanted = {self._name: numbers}
            with doing(f"tailing {self._name}"):
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
                self._unsure = True
        self._topic = topic
        for node_id in {part.leader for part in self._followed.values()} - {None} - self._pumps.keys():
            if node_id is not None:
                self._pumps[node_id] = asyncio.create_task(self._pump(node_id))

    # Fetching, one task a leader.

    async def _pump(self, node_id: int) -> None:
        turn = 0
        while True:
            began = monotonic()
            parts = [p for p in self._followed.values() if p.leader == node_id and p.retry_at <= began]
            if parts:
                turn += 1  # the first partition asked for is served first, so each is the first at times
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
            self._unsure = True
            self._arrived.set()
            return
        emptied = self._bucket.take(sum(len(answer.data) for answer in answers))
        # a partition that began anew meanwhile wants nothing of this
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
        """Where to go on in a partition whose ends were not told or whose log was cut off.

        At its start where what was to be read next is deleted (retention, DeleteRecords); at its end where
        nothing was read, or more than there is now.
        """
        wanted = {self._name: [part.number]}
        try:
            (ends, faults), (starts, more) = [
                told[self._name]
                for told in await asyncio.gather(
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
            self._jumped(start - part.read)
            part.place(min(max(part.read, start), end), end)
        self._totals.clear()

    async def _absorb(self, answers: Sequence[tuple[Followed, Fetched]]) -> None:
        full = [(part, answer) for part, answer in answers if answer.data]
        if is_much([answer.data for _, answer in full]):
            unpacked = await asyncio.to_thread(self._unpack, full)
        else:
            unpacked = self._unpack(full)
        for part, answer in answers:
            self._note(part, answer)
        jumped, came = 0, list[Record | Unreadable]()
        for (part, _), (begin, found) in zip(full, unpacked, strict=True):
            if self._followed.get(part.number) is not part or found.next_offset == begin:
                continue  # began anew meanwhile, or no batch is whole
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
            self._ends += part.ends(found.ends, found.unreadable)
        self._jumped(jumped)
        self._hold(came)
        if full:
            self._arrived.set()

    def _unpack(self, full: Sequence[tuple[Followed, Fetched]]) -> list[tuple[int, Unpacked]]:
        """From where on each was unpacked, and what was found. Where offsets are jumped over, the whole batch
        is: it was downloaded anyway."""
        unpacked = []
        for part, answer in full:
            begin = part.offset
            if part.read is not None and part.read < begin:
                first = first_offset(answer.data)
                begin = max(part.read, begin if first is None else min(first, begin))
            found = unpack(self._name, part.number, answer.data, begin, HELD_RECORDS)
            unpacked.append((begin, newest(found, begin, HELD_RECORDS)))
        return unpacked

    def _note(self, part: Followed, answer: Fetched) -> None:
        """Take over what a leader says of a partition, beside its records."""
        if not answer.error:
            part.answered()
            part.end = answer.high_watermark if answer.high_watermark is not None else part.end
            return
        self._arrived.set()
        if answer.error == OFFSET_OUT_OF_RANGE:
            part.offset = -1
            self._unsure = True
            return
        part.failed(fault_of(answer.error))
        self._unsure = self._unsure or answer.error in MOVED

    def _jump_to_last(self, part: Followed) -> None:
        """Fetch the last records next, once the limit lets it; what is jumped over is counted then."""
        if part.offset >= 0:
            part.offset = max(part.offset, part.end - part.last)

    def _jumped(self, offsets: int) -> None:
        if offsets > 0:
            self._gaps.append((self._dropped + len(self._records), offsets))

    def _hold(self, records: Sequence[Record | Unreadable]) -> None:
        self._records.extend(records)
        self._held += sum(map(_weight, records))
        while len(self._records) > HELD_RECORDS or (self._held > HELD_BYTES and len(self._records) > 1):
            self._held -= _weight(self._records.popleft())
            self._dropped += 1

    def _rate(self) -> float | None:
        """Offsets a second, from the ends; ``None`` until they are known for a second."""
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

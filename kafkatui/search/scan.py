"""The scan of a search: reads the logs from their starts up to the ends known when it began, and says what it
could not read. It runs in a process of its own: testing records holds up everything else.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import Topic
from kafkatui.domain.records.records import Record
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.faults import MOVED, OFFSET_OUT_OF_RANGE, fault_of
from kafkatui.kafka.fetch import Fetched, fetch
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.raw_batches import UNREADABLE, RawBatch, raw_batches
from kafkatui.kafka.topics import NO_LEADER, read_metadata, read_offsets
from kafkatui.search.matching import Filter
from kafkatui.search.needles import Payload
from kafkatui.search.news import Ended, Found, Missed, News, Progress, Trying, Wanted

BYTES_A_FETCH = 4 * 1024 * 1024
"""The most bytes of one answer, but for one batch that is larger."""
EACH = 1024 * 1024
"""The most bytes of one partition in an answer."""
PARTITIONS = 100
"""Partitions in one request."""
WAIT = 0.5
"""Seconds for which a leader waits for the first record where there is none."""
PATIENCE = 30.0
"""Seconds for which a partition that cannot be read is tried again, before it is given up."""
AGAIN = (0.1, 2.0)
"""The first and the longest pause, in seconds, between two tries."""
PROGRESS_EVERY = 0.2
"""Seconds between two values of progress."""
LONGEST = 5.0
"""Seconds of processor time for which a regular expression is tried on one record. Then the system ends this
process by SIGVTALRM: Python runs no other code meanwhile, and does not notice the end of kafkatui."""
EMPTY_TWICE = 2
"""So many empty answers for a partition that was the first in the request mean that no batch follows."""


@dataclass(slots=True)
class Part:
    """One partition, and how far it is read."""

    number: int
    filter: Filter
    first: int
    """The first offset to search."""
    end: int
    """The offset behind the last one to search."""
    position: int = -1
    """The next offset to fetch; -1: `first`."""
    leader: int | None = None
    done: bool = False
    empty: int = 0
    """How many answers were empty although it was the first in the request."""
    fault: Fault | None = None
    failed_since: float | None = None
    retry_at: float = 0.0
    backoff: Backoff = field(default_factory=lambda: Backoff(*AGAIN))

    def __post_init__(self) -> None:
        self.position = self.first if self.position < 0 else self.position
        self.done = self.position >= self.end

    @property
    def scanned(self) -> int:
        """Offsets read, or known to be empty."""
        return min(self.position, self.end) - self.first


Tell = Callable[[News], Awaitable[None]]
"""Sends news to the owner; returns when the owner can take more."""


class Scan:
    """One scan; `run` makes it."""

    def __init__(self, asker: Asker, topic: Topic, parts: Sequence[Part], wanted: Wanted, tell: Tell) -> None:
        self._asker = asker
        self._topic = topic
        self._parts = {part.number: part for part in parts}
        self._wanted = wanted
        self._tell = tell
        self._bucket = Bucket(wanted.rate) if wanted.rate else None
        self._running = asyncio.Event()
        self._running.set()
        self._began = monotonic()
        self._stopped_at: float | None = None
        self._stopped = 0.0
        """Seconds it was stopped so far."""
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._records = self._octets = self._found = self._aborted = 0
        self._throttled = 0.0
        self._ended: str | None = None
        self._turn = 0

    def stop(self) -> None:
        """Read nothing more until `go_on`."""
        if self._running.is_set():
            self._running.clear()
            self._stopped_at = monotonic()

    def go_on(self) -> None:
        """Go on after `stop`."""
        if self._stopped_at is not None:
            self._stopped += monotonic() - self._stopped_at
            self._stopped_at = None
        self._running.set()

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        parts = self._parts.values()
        stopped = self._stopped + (monotonic() - self._stopped_at if self._stopped_at is not None else 0.0)
        return Progress(
            sum(part.scanned for part in parts),
            sum(part.end - part.first for part in parts),
            self._records,
            self._octets,
            self._found,
            monotonic() - self._began - stopped,
            self._throttled,
            self._aborted,
        )

    async def run(self) -> None:
        """Scan until the end; the last news is `Ended`."""
        self._began = monotonic()
        leaders: dict[int, asyncio.Task[None]] = {}
        telling = asyncio.create_task(self._tell_progress())
        try:
            while not self._is_done():
                for part in self._parts.values():
                    if part.leader is None and not part.done and part.retry_at <= monotonic():
                        await self._failed(part, NO_LEADER)
                        await self._look()
                for node_id in {part.leader for part in self._parts.values() if not part.done} - {None}:
                    if node_id is not None and (node_id not in leaders or leaders[node_id].done()):
                        leaders[node_id] = asyncio.create_task(self._read_from(node_id))
                await self._pause(leaders.values())
            await asyncio.gather(*leaders.values())  # what came is tested to its end
        finally:
            for task in (*leaders.values(), telling):
                task.cancel()
            await asyncio.gather(*leaders.values(), telling, return_exceptions=True)
        await self._check_topic()
        for part in self._parts.values():
            await self._missed(part, "not reached")
        await self._tell(self.progress)
        await self._tell(Ended(self._ended))

    async def _pause(self, leaders: Iterable[asyncio.Task[None]]) -> None:
        """Wait a little; raises what ended one of the tasks."""
        running = [task for task in leaders if not task.done()]
        if running:
            await asyncio.wait(running, timeout=AGAIN[0], return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(AGAIN[0] if self._parts else 0)
        for task in leaders:
            if task.done():
                task.result()

    def _is_done(self) -> bool:
        return self._ended is not None or all(part.done for part in self._parts.values())

    async def _tell_progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY)
            await self._tell(self.progress)

    # Reading.

    async def _read_from(self, node_id: int) -> None:
        """Read the partitions that this leader leads. The next answer is asked for before the records of one
        are tested."""
        asked: asyncio.Task[list[tuple[Part, bool, Fetched]]] | None = None
        try:
            while not self._is_done():
                if asked is None:
                    await self._running.wait()
                    parts = self._due(node_id)
                    if not parts:
                        return
                    asked = asyncio.create_task(self._ask(node_id, parts))
                answers = await asked
                asked = None
                work = [await self._taken(part, first, answer) for part, first, answer in answers]
                if self._running.is_set() and not self._is_done() and (parts := self._due(node_id)):
                    asked = asyncio.create_task(self._ask(node_id, parts))
                    await asyncio.sleep(0)  # the request is sent now
                for part, batches, aborted in work:
                    await self._test(part, batches, aborted)
        finally:
            if asked is not None:
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)

    def _due(self, node_id: int) -> list[Part]:
        """The partitions to ask for: a leader serves the first one first, so they take turns."""
        now = monotonic()
        due = [
            part
            for part in self._parts.values()
            if part.leader == node_id and not part.done and part.retry_at <= now
        ]
        self._turn += 1
        at = self._turn % len(due) if due else 0
        return (due[at:] + due[:at])[:PARTITIONS]

    async def _ask(self, node_id: int, parts: Sequence[Part]) -> list[tuple[Part, bool, Fetched]]:
        """The answers by partition; ``True``: it was the first in the request."""
        pause = self._bucket.wait() if self._bucket is not None else 0.0
        while pause > 0 and self._bucket is not None:
            await asyncio.sleep(pause)
            pause = self._bucket.wait()
        size = BYTES_A_FETCH
        if self._bucket is not None:
            size = min(max(self._bucket.level, 1), size)
        if self._wanted.most_bytes is not None:
            size = min(max(self._wanted.most_bytes - self._octets, 1), size)
        wanted = [(self._topic.name, part.number, part.position) for part in parts]
        positions = {part.number: part.position for part in parts}
        try:
            answers = await fetch(
                self._asker,
                node_id,
                wanted,
                wait=1.0 if self._wanted.follow else WAIT,
                size=size,
                each=min(EACH, size),
                committed=self._wanted.committed,
            )
        except ClusterError as error:
            for part in parts:
                await self._failed(part, error.fault)
            await self._look()
            return []
        octets = sum(len(answer.data) for answer in answers)
        self._octets += octets
        if self._bucket is not None:
            self._bucket.take(octets)
        self._throttled += max((answer.throttle for answer in answers), default=0.0)
        by_number = {part.number: part for part in parts}
        found = [
            (by_number[answer.partition], answer.partition == parts[0].number, answer)
            for answer in answers
            if by_number[answer.partition].position == positions[answer.partition]
        ]
        if self._wanted.most_bytes is not None and self._octets >= self._wanted.most_bytes:
            self._ended = f"{self._octets:,} bytes were read, the most that were allowed"
        return found

    async def _taken(
        self, part: Part, was_first: bool, answer: Fetched
    ) -> tuple[Part, list[RawBatch], tuple[tuple[int, int], ...]]:
        """The batches to test; sets the position behind them."""
        nothing: tuple[Part, list[RawBatch], tuple[tuple[int, int], ...]] = (part, [], ())
        if answer.error:
            await self._refused(part, answer.error)
            return nothing
        begin = part.position
        batches = [batch for batch in raw_batches(answer.data) if batch.last_offset >= begin]
        if not batches:
            await self._empty(part, was_first, answer)
            return nothing
        part.empty, part.fault, part.failed_since = 0, None, None
        part.backoff.succeeded()
        part.position = batches[-1].last_offset + 1
        if self._wanted.follow:
            part.end = max(part.end, part.position)
        elif part.position >= part.end:
            part.done = True
        return part, [batch for batch in batches if batch.base_offset <= part.end], answer.aborted

    async def _empty(self, part: Part, was_first: bool, answer: Fetched) -> None:
        """No whole batch came for this partition."""
        if self._wanted.follow and not answer.data:
            return
        if not was_first:
            return  # the answer was full before its turn
        high, stable = answer.high_watermark, answer.last_stable
        if answer.data:
            await self._missed(part, "the bytes there are no batch")
        elif self._wanted.committed and stable is not None and stable <= part.position:
            await self._missed(
                part, "a transaction that began there is still open: read_committed stops before it"
            )
        elif high is None or high <= part.position:
            why = "the log ends there now: it was truncated, or a new leader is behind"
            await self._failed(part, Fault(FaultKind.PASSING, why))
        else:
            part.empty += 1
            if part.empty >= EMPTY_TWICE:  # compaction left nothing up to the end
                part.position, part.done = part.end, True

    # Faults.

    async def _refused(self, part: Part, code: int) -> None:
        if code == OFFSET_OUT_OF_RANGE:
            await self._moved_start(part)
            return
        fault = fault_of(code)
        if fault.kind is FaultKind.DENIED:
            await self._missed(part, str(fault))
            return
        await self._failed(part, fault)
        if code in MOVED:
            await self._look()

    async def _moved_start(self, part: Part) -> None:
        """The next records are not there: they were deleted, or the log was truncated."""
        name = self._topic.name
        try:
            starts, faults = (await read_offsets(self._asker, {name: [part.number]}, EARLIEST))[name]
            ends, more = (await read_offsets(self._asker, {name: [part.number]}, LATEST))[name]
        except ClusterError as error:
            await self._failed(part, error.fault)
            return
        start, end = starts[part.number], ends[part.number]
        if start is None or end is None:
            await self._failed(part, faults.get(part.number) or more.get(part.number) or NO_LEADER)
        elif start > part.position:
            last = min(start, part.end) if not self._wanted.follow else start
            await self._tell(
                Missed(
                    part.number,
                    part.position,
                    last - 1,
                    f"deleted meanwhile: the log starts at {start:,} now",
                )
            )
            part.position = last
            part.done = part.position >= part.end and not self._wanted.follow
        else:
            await self._missed(part, f"the log was truncated: it ends at {end:,} now")

    async def _failed(self, part: Part, why: Fault) -> None:
        """Note that the partition cannot be read now; give it up after `PATIENCE` seconds of that."""
        now = monotonic()
        part.fault = why
        part.failed_since = now if part.failed_since is None else part.failed_since
        part.retry_at = now + part.backoff.failed()
        if now - part.failed_since > PATIENCE and not self._wanted.follow:
            await self._missed(part, str(why))

    async def _missed(self, part: Part, why: str) -> None:
        """Give the rest of a partition up."""
        if not part.done:
            part.done = True
            last = None if self._wanted.follow else part.end - 1
            await self._tell(Missed(part.number, part.position, last, why))

    async def _look(self) -> None:
        """Ask Metadata for the leaders; the topic may be gone."""
        async with self._looking:
            if monotonic() - self._looked_at < AGAIN[0]:
                return
            try:
                _, (topic,), *_ = await read_metadata(self._asker, [self._topic.name])
            except ClusterError:
                return
            finally:
                self._looked_at = monotonic()
            if (gone := self._gone(topic)) is not None:
                for part in self._parts.values():
                    await self._missed(part, gone)
            elif topic.error is None:
                leaders = {partition.number: partition.leader for partition in topic.partitions}
                for part in self._parts.values():
                    part.leader = leaders.get(part.number)

    def _gone(self, topic: Topic) -> str | None:
        """Why the topic of the search is not there any more; ``None``: it is."""
        if topic.error is not None:
            return "the topic was deleted" if topic.error.kind is FaultKind.GONE else None
        if topic.topic_id != self._topic.topic_id:
            return "the topic was deleted and made again"
        return None

    async def _check_topic(self) -> None:
        """Say so where the topic was made again while it was read: offsets mean other records then."""
        if self._ended is not None:
            return
        try:
            _, (topic,), *_ = await read_metadata(self._asker, [self._topic.name])
        except ClusterError as error:
            self._ended = f"whether the topic is still the same is not known: {error}"
            return
        if (gone := self._gone(topic)) is not None:
            self._ended = gone

    # Testing.

    async def _test(
        self, part: Part, batches: Sequence[RawBatch], aborted: Sequence[tuple[int, int]]
    ) -> None:
        """Test the records of batches, and tell which fit."""
        waiting = sorted(aborted, key=lambda one: one[1], reverse=True)
        ended_badly: set[int] = set()
        for batch in batches:
            while waiting and waiting[-1][1] <= batch.last_offset:
                ended_badly.add(waiting.pop()[0])
            if batch.is_control:
                if batch.aborts:
                    ended_badly.discard(batch.producer_id)
                continue
            if batch.is_transactional and batch.producer_id in ended_badly:
                self._aborted += batch.records or 0
                continue
            self._records += batch.records or 0
            if part.filter.has_regex:
                await self._tell(Trying(part.number, batch.base_offset, batch.last_offset))
            found: list[Record] = []
            try:
                self._find(part, batch, found)
            except UNREADABLE as error:
                why = f"the batch cannot be read: {str(error) or type(error).__name__}"
                await self._tell(Missed(part.number, batch.base_offset, batch.last_offset, why))
            if found:
                self._found += len(found)
                await self._tell(Found(tuple(found)))
        await asyncio.sleep(0)

    def _find(self, part: Part, batch: RawBatch, found: list[Record]) -> None:
        """Add the records that fit to `found`. Raises `UNREADABLE`."""
        octets, wanted = batch.payload(), part.filter
        holding: tuple[bytes, bytes] | None = None
        if octets is not None:
            payload = Payload(octets)
            if wanted.check is not None and not wanted.check(payload):
                return
            if wanted.needle is not None and (among := wanted.needle.among(payload)) is not None:
                holding = wanted.needle.octets, among
        test, first, end = wanted.test, part.first, part.end
        if wanted.has_regex:
            test = _bounded(test)
        raws: list[Any] = []
        try:
            # `extend` keeps what was found before a record that cannot be read
            raws.extend(
                raw for raw in batch.raw_records(octets, holding) if first <= raw.offset < end and test(raw)
            )
        finally:
            about = batch.about() if raws else None
            name, kept = self._topic.name, self._wanted.kept
            found += [batch.record(name, part.number, raw, kept, about) for raw in raws]
            if wanted.has_regex:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)


def _bounded(test: Callable[[object], bool]) -> Callable[[object], bool]:
    """`test`, after which the process is ended if it takes too long."""

    def bounded(raw: object) -> bool:
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
        return test(raw)

    return bounded

"""What coordinators write down of groups, as it is written: one partition of ``__consumer_offsets``,
followed."""

import asyncio
from collections.abc import Callable
from time import monotonic, time

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import Topic
from kafkatui.domain.rebalance.generations import Commit, Generation, GroupLogNews, group_partition
from kafkatui.domain.records.records import Record
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import Unpacked, is_much, newest_timestamp, unpack
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.decode import (
    CONSUMER_GROUP_METADATA,
    GROUP_METADATA,
    commit_keys,
    decode_commit,
    decode_generation,
)
from kafkatui.kafka.faults import (
    OFFSET_OUT_OF_RANGE,
    TOPIC_AUTHORIZATION_FAILED,
    doing,
    fault_of,
)
from kafkatui.kafka.fetch import Fetched, fetch
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import read_metadata, read_offsets

TOPIC = "__consumer_offsets"

HISTORY = 3_000
"""Offsets before the end where reading begins: most are commits of some 150 bytes."""
FETCH_WAIT = 0.5
"""Seconds a leader waits for something to be written; so long it may take until another group is watched."""
FETCH_SIZE = 512 * 1024
EVERY = 0.2
"""Seconds between two fetches at least, while they bring a little …"""
BURST = 1.0
"""… but as many as fit into so many seconds follow each other at once: a rebalance is a few records."""
UNWATCHED = 0.2
"""Seconds between two looks for a group to watch."""
EVERY_BATCH = 1 << 62

NO_END = Fault(FaultKind.UNKNOWN, "where it ends was not told")


class BrokerClock:
    """Turns a broker's timestamps into monotonic seconds of this machine.

    What is heard soonest after it was written tells how far apart the clocks are, as well as the network
    allows. At first the broker's clock is taken for as right as ours, unless what is heard contradicts that.
    """

    LEAK = 0.001
    """Seconds by which what was thought before is doubted each time something is heard."""

    def __init__(self, now: float, wall: float) -> None:
        """`now` and `wall`: monotonic seconds and seconds since 1970, at the same moment."""
        self._ahead = now - wall

    def heard(self, timestamp: int, after: float, arrived: float) -> None:
        """What has this `timestamp` (ms) was written later than `after` and not later than it `arrived`."""
        earliest, latest = after - timestamp / 1000, arrived - timestamp / 1000
        self._ahead = latest if self._ahead < earliest else min(self._ahead + self.LEAK, latest)

    def at(self, timestamp: int | None, arrived: float) -> float:
        """When that was; not later than it `arrived`."""
        return arrived if timestamp is None else min(timestamp / 1000 + self._ahead, arrived)


class GroupLog:
    """Follows the partition a watched group is written down in. Joins no group, commits and creates nothing.

    Keeps its place whatever goes wrong, and when another group is watched for a while: nothing is told twice.
    Downloads `limit` bytes a second on average; what is written beyond that is jumped over and counted.
    """

    def __init__(self, asker: Asker, watched: Callable[[], str | None], *, limit: int) -> None:
        self._asker = asker
        self._watched = watched
        self._bucket = Bucket(limit)
        self._due = 0.0
        """When to fetch next."""
        self._topic_id: str | None = None
        self._unsure = False
        """Something was wrong: where the leader is, Metadata has to tell anew."""
        self._number = -1
        """The partition that is followed."""
        self._next: dict[int, int] = {}
        """By partition: the next offset to read."""
        self._begun: set[int] = set()
        """Partitions read up to their ends once; before that, what is jumped over is history."""
        self._placed = False
        """It is known that there is something at the next offset, or will be."""
        self._live_at: float | None = None
        """When all there is was read; ``None``: it is not."""
        self._behind = False
        """More is written than the limit lets through."""
        self._skipped = 0
        """Offsets jumped over since the last news."""
        self._clocks: dict[int, BrokerClock] = {}
        """By leader."""

    async def news(self) -> GroupLogNews:
        """What came since the last news; waits for something, but not for long.

        Raises `ClusterError`, of the kind `FaultKind.DENIED` where this user may not read.
        """
        group_id = self._watched()
        if group_id is None:
            self._placed, self._live_at = False, None
            await asyncio.sleep(UNWATCHED)
            return GroupLogNews()
        with doing(f"following {TOPIC}"):
            topic = await self._look()
            if topic is None:  # no group was ever made
                await asyncio.sleep(FETCH_WAIT)
                return GroupLogNews((), group_id, up_to_date=True)
            try:
                return await self._read(topic, group_id)
            except ClusterError:
                self._unsure, self._placed, self._live_at = True, False, None
                raise

    async def _look(self) -> Topic | None:
        topic = self._asker.cluster.topics.get(TOPIC)
        if topic is None or topic.error is not None or self._unsure:
            _, (topic,), *_ = await read_metadata(self._asker, [TOPIC])
        if topic.error is not None and topic.error.kind is FaultKind.GONE:
            return None
        if topic.error is not None and topic.error.kind is FaultKind.DENIED:
            raise _denied()
        if topic.error is not None:
            raise ClusterError(topic.error.text, topic.error.kind)
        if not topic.partitions:
            raise ClusterError("it has no partitions")
        self._unsure = False
        if topic.topic_id != self._topic_id:  # another cluster at the same place, as far as can be told
            self._topic_id, self._number = topic.topic_id, -1
            self._next.clear()
            self._begun.clear()
        return topic

    async def _read(self, topic: Topic, group_id: str) -> GroupLogNews:
        number = group_partition(group_id, len(topic.partitions))
        if number != self._number:
            self._number, self._placed, self._live_at = number, False, None
        leader = next((part.leader for part in topic.partitions if part.number == number), None)
        if leader is None:
            raise ClusterError(f"partition {number} has no leader")
        await self._pause()
        if self._behind or not self._placed:
            await self._place(number)
        offset = self._next[number]
        size = min(max(self._bucket.level, 1), FETCH_SIZE)
        began = monotonic()
        answers = await fetch(
            self._asker, leader, [(TOPIC, number, offset)], wait=FETCH_WAIT, size=size, each=size
        )
        if not answers:
            raise ClusterError(f"partition {number}: broker {leader} tells nothing of it")
        answer = answers[0]
        arrived = monotonic()
        if len(answer.data) < size // 2:  # else there is more to read
            self._due = max(self._due + EVERY, began + EVERY - BURST)
        if answer.error == OFFSET_OUT_OF_RANGE:
            self._placed, self._live_at = False, None
            return GroupLogNews((), group_id)
        if answer.error == TOPIC_AUTHORIZATION_FAILED:
            raise _denied()
        if answer.error:
            fault = fault_of(answer.error)
            raise ClusterError(f"partition {number}: {fault}", fault.kind)
        generations, commits = await self._absorb(answer, offset, arrived, leader, group_id)
        left = (answer.high_watermark or 0) - self._next[number]
        self._live_at = arrived if left <= 0 else None
        if left <= 0:
            self._begun.add(number)
        elif number not in self._begun:
            self._next[number] += left // 2  # of history the newest matters most
        else:
            self._behind = self._bucket.shut
        skipped, self._skipped = self._skipped, 0
        return GroupLogNews(generations, group_id, left <= 0, skipped, commits)

    async def _pause(self) -> None:
        pause = max(self._due - monotonic(), self._bucket.wait())
        while pause > 0:
            await asyncio.sleep(pause)
            pause = self._bucket.wait()

    async def _place(self, number: int) -> None:
        """Find out where to go on."""
        wanted = {TOPIC: [number]}
        told = await asyncio.gather(
            read_offsets(self._asker, wanted, LATEST), read_offsets(self._asker, wanted, EARLIEST)
        )
        (ends, faults), (starts, more) = (offsets[TOPIC] for offsets in told)
        end, start = ends[number], starts[number]
        if end is None or start is None:
            why = {**more, **faults}.get(number, NO_END)
            raise ClusterError(why.text, why.kind)
        before = self._next.get(number)
        begin = max(start, end - (0 if self._behind else HISTORY), min(before or 0, end))
        self._next[number] = begin
        self._placed, self._behind = True, False
        if before is not None and number in self._begun:
            self._skipped += max(begin - before, 0)

    async def _absorb(
        self, answer: Fetched, offset: int, arrived: float, leader: int, group_id: str
    ) -> tuple[tuple[Generation, ...], tuple[Commit, ...]]:
        """The generations in an answer, and the commits of the watched group."""
        if not answer.data:
            return (), ()
        self._bucket.take(len(answer.data))
        clock = self._clocks.setdefault(leader, BrokerClock(monotonic(), time()))
        stamp = newest_timestamp(answer.data)
        if self._live_at is not None and stamp is not None:
            clock.heard(stamp, self._live_at, arrived)
        if is_much([answer.data]):
            found, generations, commits = await asyncio.to_thread(
                _unpack, answer, offset, arrived, clock, group_id
            )
        else:
            found, generations, commits = _unpack(answer, offset, arrived, clock, group_id)
        stuck = found.next_offset == offset  # no batch is whole, though one was to come
        self._next[answer.partition] = found.next_offset + stuck
        self._skipped += int(stuck or bool(found.unreadable))
        return generations, commits


def _unpack(
    answer: Fetched, offset: int, arrived: float, clock: BrokerClock, group_id: str
) -> tuple[Unpacked, tuple[Generation, ...], tuple[Commit, ...]]:
    keys = (GROUP_METADATA, CONSUMER_GROUP_METADATA, *commit_keys(group_id))
    found = unpack(answer.topic, answer.partition, answer.data, offset, EVERY_BATCH, keys)
    times = {record.offset: clock.at(record.timestamp, arrived) for record in found.records}
    generations = (
        decode_generation(record.key or b"", record.value, times[record.offset])
        for record in _without_converted(found.records)
    )
    commits = (
        decode_commit(record.key or b"", record.value, times[record.offset]) for record in found.records
    )
    return (
        found,
        tuple([generation for generation in generations if generation is not None]),
        tuple([commit for commit in commits if commit is not None]),
    )


def _without_converted(records: tuple[Record, ...]) -> list[Record]:
    """Leave out that a classic group is gone where it goes on as a KIP-848 group: its members stay."""
    going_on = {
        record.key[2:]
        for record in records
        if record.key and record.value is not None and record.key.startswith(CONSUMER_GROUP_METADATA)
    }
    return [
        record for record in records if record.value is not None or (record.key or b"")[2:] not in going_on
    ]


def _denied() -> ClusterError:
    fault = fault_of(TOPIC_AUTHORIZATION_FAILED)
    return ClusterError(f"this user may not READ it ({fault})", fault.kind)

"""Reading the records about one group as its coordinator writes them to ``__consumer_offsets``: generations
and commits."""

import asyncio
from collections.abc import Callable
from time import monotonic, time

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import Topic
from kafkatui.domain.rebalance.generations import Commit, Generation, GroupLogNews, group_partition
from kafkatui.domain.records.records import Record
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import Unpacked, is_slow_to_unpack, newest_timestamp, unpack
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
    error_prefix,
    fault_of,
)
from kafkatui.kafka.fetch import Fetched, fetch
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import read_metadata, read_offsets

TOPIC = "__consumer_offsets"

HISTORY = 3_000
"""How many offsets before the end reading begins: most records there are commits of some 150 bytes."""
FETCH_WAIT = 0.5
"""Seconds a leader waits for a record; a change of the watched group may take effect this much later."""
FETCH_SIZE = 512 * 1024
EVERY = 0.2
"""The least seconds between two fetches on average, while each brings little …"""
BURST = 1.0
"""… but fetches for this many seconds may follow each other without a pause: a rebalance writes a few records
in a row."""
UNWATCHED = 0.2
"""Seconds between two checks whether a group is watched."""
EVERY_BATCH = 1 << 62
"""The most records to unpack: all of them."""

NO_END = Fault(FaultKind.UNKNOWN, "where it ends is not known")


class BrokerClock:
    """Turns a broker's timestamps into monotonic seconds of this machine.

    The record that arrived soonest after it was written shows best how far apart the two clocks are. At first
    both clocks are taken to be equal, until a record contradicts that.
    """

    LEAK = 0.001
    """Seconds added to the estimated difference at each record, so that the estimate follows a clock that
    drifts."""

    def __init__(self, now: float, wall: float) -> None:
        """`now` and `wall`: monotonic seconds and seconds since 1970, at the same moment."""
        self._ahead = now - wall
        """Estimate: monotonic seconds of this machine minus seconds since 1970 of the broker."""

    def received(self, timestamp: int, after: float, arrived: float) -> None:
        """Improve the estimate by a record with this `timestamp` (ms), which was written later than `after`
        and not later than it `arrived` (monotonic seconds)."""
        earliest, latest = after - timestamp / 1000, arrived - timestamp / 1000
        self._ahead = latest if self._ahead < earliest else min(self._ahead + self.LEAK, latest)

    def at(self, timestamp: int | None, arrived: float) -> float:
        """When a record with this `timestamp` (ms) was written, in monotonic seconds: not later than it
        `arrived`; ``None``: it has no timestamp, then `arrived`."""
        return arrived if timestamp is None else min(timestamp / 1000 + self._ahead, arrived)


class GroupLog:
    """Follows the partition of ``__consumer_offsets`` that holds the watched group. Joins no group, commits
    and creates nothing.

    It remembers the next offset of every partition, through faults and while another group is watched, so
    that no record is given twice. It downloads at most `limit` bytes a second on average; records written
    faster than that are jumped over and counted.
    """

    def __init__(self, asker: Asker, watched: Callable[[], str | None], *, limit: int) -> None:
        self._asker = asker
        self._watched = watched
        self._bucket = Bucket(limit)
        self._due = 0.0
        """Monotonic seconds: when to fetch next."""
        self._topic_id: str | None = None
        self._metadata_doubtful = False
        """Whether a request failed, so that the leader has to be read from Metadata again."""
        self._number = -1
        """The number of the partition that is followed; -1: none yet."""
        self._next: dict[int, int] = {}
        """By partition number: the next offset to read."""
        self._read_to_end: set[int] = set()
        """Partitions that were once read to their ends; offsets jumped over before that are not counted."""
        self._next_is_valid = False
        """Whether the next offset is known to be within the log, or at its end."""
        self._read_all_at: float | None = None
        """Monotonic seconds of the last answer that ended at the log's end; ``None``: there is more to
        read."""
        self._behind = False
        """Whether records are written faster than `limit` lets them be read."""
        self._skipped = 0
        """Offsets jumped over since the last news."""
        self._clocks: dict[int, BrokerClock] = {}
        """By node id of the leader."""

    async def news(self) -> GroupLogNews:
        """The generations and commits written since the last call; waits for one, half a second at most.

        Raises `ClusterError`; its kind is `FaultKind.DENIED` where this user may not READ the topic.
        """
        group_id = self._watched()
        if group_id is None:
            self._next_is_valid, self._read_all_at = False, None
            await asyncio.sleep(UNWATCHED)
            return GroupLogNews()
        with error_prefix(f"following {TOPIC}"):
            topic = await self._topic()
            if topic is None:  # the topic is made with the first group of a cluster
                await asyncio.sleep(FETCH_WAIT)
                return GroupLogNews((), group_id, up_to_date=True)
            try:
                return await self._read(topic, group_id)
            except ClusterError:
                self._metadata_doubtful, self._next_is_valid, self._read_all_at = True, False, None
                raise

    async def _topic(self) -> Topic | None:
        """``__consumer_offsets`` with the leaders of its partitions; ``None``: it does not exist yet."""
        topic = self._asker.cluster.topics.get(TOPIC)
        if topic is None or topic.error is not None or self._metadata_doubtful:
            _, (topic,), *_ = await read_metadata(self._asker, [TOPIC])
        if topic.error is not None and topic.error.kind is FaultKind.GONE:
            return None
        if topic.error is not None and topic.error.kind is FaultKind.DENIED:
            raise _denied()
        if topic.error is not None:
            raise ClusterError(topic.error.text, topic.error.kind)
        if not topic.partitions:
            raise ClusterError("it has no partitions")
        self._metadata_doubtful = False
        if topic.topic_id != self._topic_id:  # another cluster answers at this address, as it seems
            self._topic_id, self._number = topic.topic_id, -1
            self._next.clear()
            self._read_to_end.clear()
        return topic

    async def _read(self, topic: Topic, group_id: str) -> GroupLogNews:
        number = group_partition(group_id, len(topic.partitions))
        if number != self._number:
            self._number, self._next_is_valid, self._read_all_at = number, False, None
        leader = next((part.leader for part in topic.partitions if part.number == number), None)
        if leader is None:
            raise ClusterError(f"partition {number} has no leader")
        await self._pause()
        if self._behind or not self._next_is_valid:
            await self._find_next(number)
        offset = self._next[number]
        size = min(max(self._bucket.level, 1), FETCH_SIZE)
        began = monotonic()
        answers = await fetch(
            self._asker, leader, [(TOPIC, number, offset)], wait=FETCH_WAIT, size=size, each=size
        )
        if not answers:
            raise ClusterError(f"partition {number}: broker {leader} left it out of its answer")
        answer = answers[0]
        arrived = monotonic()
        if len(answer.data) < size // 2:  # else there is more to read
            self._due = max(self._due + EVERY, began + EVERY - BURST)
        if answer.error == OFFSET_OUT_OF_RANGE:
            self._next_is_valid, self._read_all_at = False, None
            return GroupLogNews((), group_id)
        if answer.error == TOPIC_AUTHORIZATION_FAILED:
            raise _denied()
        if answer.error:
            fault = fault_of(answer.error)
            raise ClusterError(f"partition {number}: {fault}", fault.kind)
        generations, commits = await self._absorb(answer, offset, arrived, leader, group_id)
        left = (answer.high_watermark or 0) - self._next[number]
        self._read_all_at = arrived if left <= 0 else None
        if left <= 0:
            self._read_to_end.add(number)
        elif number not in self._read_to_end:
            self._next[number] += left // 2  # old records: jump ahead, the newest ones matter most
        else:
            self._behind = self._bucket.shut
        skipped, self._skipped = self._skipped, 0
        return GroupLogNews(generations, group_id, left <= 0, skipped, commits)

    async def _pause(self) -> None:
        pause = max(self._due - monotonic(), self._bucket.wait())
        while pause > 0:
            await asyncio.sleep(pause)
            pause = self._bucket.wait()

    async def _find_next(self, number: int) -> None:
        """Ask where the log starts and ends, and set the next offset to read."""
        wanted = {TOPIC: [number]}
        answers = await asyncio.gather(
            read_offsets(self._asker, wanted, LATEST), read_offsets(self._asker, wanted, EARLIEST)
        )
        (ends, faults), (starts, more) = (offsets[TOPIC] for offsets in answers)
        end, start = ends[number], starts[number]
        if end is None or start is None:
            why = {**more, **faults}.get(number, NO_END)
            raise ClusterError(why.text, why.kind)
        before = self._next.get(number)
        begin = max(start, end - (0 if self._behind else HISTORY), min(before or 0, end))
        self._next[number] = begin
        self._next_is_valid, self._behind = True, False
        if before is not None and number in self._read_to_end:
            self._skipped += max(begin - before, 0)

    async def _absorb(
        self, answer: Fetched, offset: int, arrived: float, leader: int, group_id: str
    ) -> tuple[tuple[Generation, ...], tuple[Commit, ...]]:
        """The generations in an answer, and the commits of the watched group; sets the next offset to
        read."""
        if not answer.data:
            return (), ()
        self._bucket.take(len(answer.data))
        clock = self._clocks.setdefault(leader, BrokerClock(monotonic(), time()))
        stamp = newest_timestamp(answer.data)
        if self._read_all_at is not None and stamp is not None:
            clock.received(stamp, self._read_all_at, arrived)
        if is_slow_to_unpack([answer.data]):
            found, generations, commits = await asyncio.to_thread(
                _unpack, answer, offset, arrived, clock, group_id
            )
        else:
            found, generations, commits = _unpack(answer, offset, arrived, clock, group_id)
        stuck = found.next_offset == offset  # the answer has no whole batch: jump over one offset
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
        for record in without_converted(found.records)
    )
    commits = (
        decode_commit(record.key or b"", record.value, times[record.offset]) for record in found.records
    )
    return (
        found,
        tuple([generation for generation in generations if generation is not None]),
        tuple([commit for commit in commits if commit is not None]),
    )


def without_converted(records: tuple[Record, ...]) -> list[Record]:
    """Leave out the record that deletes a classic group if the group was converted to a KIP-848 group: its
    members stay."""
    converted = {
        record.key[2:]
        for record in records
        if record.key and record.value is not None and record.key.startswith(CONSUMER_GROUP_METADATA)
    }
    return [
        record for record in records if record.value is not None or (record.key or b"")[2:] not in converted
    ]


def _denied() -> ClusterError:
    fault = fault_of(TOPIC_AUTHORIZATION_FAILED)
    return ClusterError(f"this user may not READ it ({fault})", fault.kind)

"""Searches ``__consumer_offsets`` once for the newest generation of every group: compaction keeps it, with
the time at which it was written, though it may lie at the very start of a partition.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from time import monotonic, time

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.rebalance.past import PastRebalance, PastRebalances
from kafkatui.domain.records.records import Record
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import is_slow_to_unpack, unpack
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.decode import (
    CONSUMER_GROUP_METADATA,
    GROUP_METADATA,
    decode_epoch,
    decode_generation,
)
from kafkatui.kafka.faults import error_prefix, fault_of
from kafkatui.kafka.fetch import fetch
from kafkatui.kafka.group_log import EVERY_BATCH, TOPIC, BrokerClock, without_converted
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import read_metadata, read_offsets

RATE = 1_000_000
"""Bytes that are downloaded a second, at most."""
MOST = 64_000_000
"""Bytes that are downloaded in all, at most."""
SIZE = 64 * 1024
"""Bytes of one answer: they are decoded in 2 ms. A larger batch comes whole."""


async def search(asker: Asker, *, rate: int = RATE, most: int = MOST) -> AsyncGenerator[PastRebalances]:
    """Read the partitions from their start to where they end now, the shortest first; yields what is known
    after each, the last time with `PastRebalances.done`. A partition that cannot be read is passed over.

    Raises `ClusterError`; its kind is `FaultKind.DENIED` where this user may not READ the topic.
    """
    with error_prefix(f"reading {TOPIC}"):
        _, (topic,), *_ = await read_metadata(asker, [TOPIC])
        if topic.error is not None and topic.error.kind is not FaultKind.GONE:
            raise ClusterError(topic.error.text, topic.error.kind)
        wanted = {TOPIC: [one.number for one in topic.partitions]}
        starts = (await read_offsets(asker, wanted, EARLIEST))[TOPIC][0]
        ends = (await read_offsets(asker, wanted, LATEST))[TOPIC][0]
    places = [
        (end - start, one.number, one.leader, start, end)
        for one, start, end in zip(topic.partitions, starts, ends, strict=True)
        if one.leader is not None and start is not None and end is not None
    ]
    reader = _Reader(asker, Bucket(rate), most)
    found, read = PastRebalances(partitions=len(topic.partitions)), set[int]()
    for _, number, leader, start, end in sorted(places):
        if await reader.read(number, leader, start, end):
            read.add(number)
        found = replace(found, groups=dict(reader.groups), read=frozenset(read), octets=reader.octets)
        yield found
    yield replace(found, done=True)


class _Reader:
    """Reads partitions, and remembers the newest record about each group."""

    def __init__(self, asker: Asker, bucket: Bucket, most: int) -> None:
        self._asker, self._bucket, self._most = asker, bucket, most
        self._clock = BrokerClock(monotonic(), time())
        self.groups: dict[str, PastRebalance] = {}
        self.octets = 0
        """Bytes that were read."""

    async def read(self, number: int, leader: int, start: int, end: int) -> bool:
        """Read a partition from `start`; returns whether `end` was reached. Raises `ClusterError` where this
        user may not READ the topic.
        """
        offset = start
        while offset < end:
            if self.octets >= self._most:
                return False
            await asyncio.sleep(self._bucket.wait())
            wanted = [(TOPIC, number, offset)]
            try:
                answers = await fetch(self._asker, leader, wanted, wait=0.0, size=SIZE, each=SIZE)
            except ClusterError:
                return False
            if not answers or (not answers[0].error and not answers[0].data):
                return False
            answer = answers[0]
            if answer.error:
                fault = fault_of(answer.error)
                if fault.kind is FaultKind.DENIED:
                    raise ClusterError(f"reading {TOPIC}: {fault}", fault.kind)
                return False
            self.octets += len(answer.data)
            self._bucket.take(len(answer.data))
            offset = max(await self._take(number, answer.data, offset), offset + 1)
        return True

    async def _take(self, number: int, data: bytes, offset: int) -> int:
        """Take in the batches of an answer; returns the next offset to read."""
        arguments = (TOPIC, number, data, offset, EVERY_BATCH, (GROUP_METADATA, CONSUMER_GROUP_METADATA))
        if is_slow_to_unpack([data]):
            found = await asyncio.to_thread(unpack, *arguments)
        else:
            found = unpack(*arguments)
        for record in without_converted(found.records):
            self._note(record)
        return found.next_offset

    def _note(self, record: Record) -> None:
        """Take in a record about a group; later records replace earlier ones."""
        key, at = record.key or b"", self._clock.at(record.timestamp, monotonic())
        if (generation := decode_generation(key, record.value, at)) is not None:
            name = generation.group_id
            if record.value is None:
                self.groups.pop(name, None)
            elif generation.number > 0:
                self.groups[name] = PastRebalance(at, generation.number, len(generation.members))
        elif (epoch := decode_epoch(key, record.value)) is not None:
            self.groups[epoch[0]] = PastRebalance(at, epoch[1], None)

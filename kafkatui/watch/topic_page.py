"""The questions of the page of a topic."""

from collections.abc import Awaitable
from typing import TypeVar

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.partitions import Topic, TopicPartition
from kafkatui.domain.cluster.topic_facts import TopicFacts
from kafkatui.errors import ClusterError
from kafkatui.kafka.ages import read_times
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.cluster_state import read_log_dirs
from kafkatui.kafka.topic_facts import read_open_transactions, read_settings
from kafkatui.kafka.topics import read_ends, read_metadata
from kafkatui.watch.ages import BYTES_A_SECOND
from kafkatui.watch.pace import Schedule

T = TypeVar("T")
MOST_PARTITIONS = 200
"""Partitions whose first and last records are looked up, at most."""


class TopicPageWatch:
    """Asks for one topic: times and transactions at every look, settings and sizes more seldom."""

    SLOW_EVERY = 60.0

    def __init__(self, asker: Asker, topic: str) -> None:
        self._asker = asker
        self._topic = topic
        self._value = TopicFacts(topic)
        self._slow = Schedule(self.SLOW_EVERY, 2 * self.SLOW_EVERY)
        self._bucket = Bucket(BYTES_A_SECOND)

    async def read(self) -> TopicFacts:
        """Look once. What is refused is a fault in the value. Raises `ClusterError` where the topic is not
        known.
        """
        _, (topic,), *_ = await read_metadata(self._asker, [self._topic])
        if topic.error is not None:
            raise ClusterError(topic.error.text, topic.error.kind)
        value = self._value
        settings, settings_fault, sizes = value.settings, value.settings_fault, value.sizes
        if self._slow.due:
            settings_, settings_fault = await _or_fault(read_settings(self._asker, self._topic))
            settings = settings_ or ()
            disks, _ = await read_log_dirs(self._asker, {self._topic: len(topic.partitions)})
            found: dict[int, int] = {}
            for disk in disks.values():
                for (name, number), size in disk.sizes.items():
                    if name == self._topic:
                        found[number] = max(size, found.get(number, 0))
            sizes = found
            self._slow.asked(len(topic.partitions))
        first, last = await self._times(topic)
        transactions, transactions_fault = await _or_fault(read_open_transactions(self._asker, topic))
        self._value = TopicFacts(
            self._topic, settings, settings_fault, first, last, sizes, transactions, transactions_fault
        )
        return self._value

    async def _times(self, topic: Topic) -> tuple[dict[int, int], dict[int, int]]:
        """When the oldest and the newest record of each partition were written."""
        log = (await read_ends(self._asker, (topic,))).get(topic.name)
        if log is None:
            return {}, {}
        filled = {
            number: (start, end)
            for number, (start, end) in enumerate(zip(log.starts, log.ends, strict=True))
            if start is not None and end is not None and start < end and number < MOST_PARTITIONS
        }
        first = {TopicPartition(topic.name, number): start for number, (start, _) in filled.items()}
        last = {TopicPartition(topic.name, number): end - 1 for number, (_, end) in filled.items()}
        found = [await read_times(self._asker, wanted, self._bucket) for wanted in (first, last)]
        by_number = [{place.partition: at for place, at in times.items()} for times in found]
        return by_number[0], by_number[1]


async def _or_fault(asked: Awaitable[T]) -> tuple[T | None, Fault | None]:
    try:
        return await asked, None
    except ClusterError as error:
        return None, error.fault

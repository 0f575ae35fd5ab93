"""Which partitions each member got and lost lately: the marks of moves in the map of members × partitions.
Times are monotonic seconds.
"""

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.snapshots import Change

MOVED_FOR = 30.0
"""Seconds for which a moved partition is marked, unless the next rebalance begins earlier."""

NOTHING: frozenset[int] = frozenset()


class Marked(NamedTuple):
    """The marked partition numbers of one topic, by member key."""

    came: Mapping[str, frozenset[int]]
    """Partitions that the member got."""
    left: Mapping[str, frozenset[int]]
    """Partitions that other members got from the member."""


class Marks:
    """The moves of the last `MOVED_FOR` seconds in one group. A partition that had no owner for a while, and
    has one again, counts as moved from its last owner.
    """

    def __init__(self) -> None:
        self._changes: list[tuple[float, Change]] = []
        self._dropped: dict[TopicPartition, str] = {}
        """Partitions that nobody owns now, with the key of the last owner."""
        self._back: dict[TopicPartition, str] = {}
        """Partitions that had no owner for a while and have one again, with the key of the owner before."""
        self._marked: dict[str, Marked] = {}
        """The answers of `of`, by topic, until something changes."""

    def clear(self) -> None:
        """Drop the marks: the next rebalance begins."""
        self._changes.clear()
        self._back.clear()
        self._marked.clear()

    def add(self, change: Change, at: float, *, alone: bool) -> None:
        """Take in what changed by the look at `at`; `alone`: no look showed the group rebalance before, so
        the change is a rebalance of its own.
        """
        if alone and change.moves:
            self.clear()
        if change.moves or change.dropped:
            self.pass_time(at)
            self._changes.append((at, change))
            self._marked.clear()
        if self._dropped:
            for partition, source, _ in change.moves:
                last = self._dropped.pop(partition, source)
                if source is None and last is not None:
                    self._back[partition] = last
        self._dropped.update(change.dropped)

    def dropped(self, topic: str) -> dict[int, str]:
        """Partition numbers of a topic that nobody owns now, each with the key of its last owner."""
        return {
            partition.partition: key for partition, key in self._dropped.items() if partition.topic == topic
        }

    def of(self, topic: str) -> Marked:
        """The marks of one topic as of the last look."""
        if topic not in self._marked:
            self._marked[topic] = self._mark(topic)
        return self._marked[topic]

    def pass_time(self, now: float) -> bool:
        """Forget changes older than `MOVED_FOR` seconds; whether any were forgotten."""
        begin = next(
            (n for n, (at, _) in enumerate(self._changes) if now - at < MOVED_FOR), len(self._changes)
        )
        if begin:
            del self._changes[:begin]
            self._marked.clear()
        return begin > 0

    def _mark(self, topic: str) -> Marked:
        came: dict[str, frozenset[int]] = {}
        left: dict[str, frozenset[int]] = {}
        for _, change in self._changes:
            if topic not in change.moved:
                continue
            got, gave = _of_topic(change.came, topic), _of_topic(change.left, topic)
            if came:  # a partition that moves again is marked for the newer move
                again = frozenset().union(*got.values())
                came = {key: numbers - again for key, numbers in came.items()}
                left = {key: numbers - again for key, numbers in left.items()}
            came = {key: came.get(key, NOTHING) | got.get(key, NOTHING) for key in came | got}
            left = {key: left.get(key, NOTHING) | gave.get(key, NOTHING) for key in left | gave}
        for partition, key in self._back.items():
            number = partition.partition
            if partition.topic == topic and any(number in numbers for numbers in came.values()):
                if number in came.get(key, NOTHING):
                    came[key] -= {number}
                else:
                    left[key] = left.get(key, NOTHING) | {number}
        return Marked(came, left)


def _of_topic(partitions: Mapping[str, tuple[TopicPartition, ...]], topic: str) -> dict[str, frozenset[int]]:
    return {key: frozenset(of_topic(sorted_, topic)) for key, sorted_ in partitions.items()}


def of_topic(partitions: tuple[TopicPartition, ...], topic: str) -> tuple[int, ...]:
    """The partition numbers of one topic; `partitions` are sorted and may be of many topics."""
    begin = bisect_left(partitions, (topic, -1))
    end = bisect_left(partitions, (topic, 1 << 31))
    return tuple([partition.partition for partition in partitions[begin:end]])

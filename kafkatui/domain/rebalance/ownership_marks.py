"""Which partitions came to a member and which left it lately: the marks of moves in the map."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.snapshots import Change

MOVED_FOR = 30.0
"""Seconds a moved partition is marked, unless the next rebalance begins before."""

NOTHING: frozenset[int] = frozenset()


class Marked(NamedTuple):
    """Partition numbers of one topic by member key."""

    came: Mapping[str, frozenset[int]]
    left: Mapping[str, frozenset[int]]


class Marks:
    """Changes of the last half minute. What nobody owned in between is remembered: it comes from who had it
    last.
    """

    def __init__(self) -> None:
        self._changes: list[tuple[float, Change]] = []
        self._dropped: dict[TopicPartition, str] = {}
        """Partitions nobody owns now, and who had them last."""
        self._back: dict[TopicPartition, str] = {}
        """Those of them that somebody owns again, and who had them before."""
        self._marked: dict[str, Marked] = {}
        """By the topics asked for."""

    def clear(self) -> None:
        """The next rebalance begins."""
        self._changes.clear()
        self._back.clear()
        self._marked.clear()

    def add(self, change: Change, at: float, *, alone: bool) -> None:
        """Something moved; `alone`: no look showed the group rebalance before."""
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
        """Partitions of a topic that nobody owns now, and the member that had them last."""
        return {
            partition.partition: key for partition, key in self._dropped.items() if partition.topic == topic
        }

    def of(self, topic: str) -> Marked:
        """The marks of one topic at the last look."""
        if topic not in self._marked:
            self._marked[topic] = self._mark(topic)
        return self._marked[topic]

    def pass_time(self, now: float) -> bool:
        """Forget changes older than `MOVED_FOR` seconds; whether there were any."""
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
    """The numbers of one topic's partitions among sorted ones."""
    begin = bisect_left(partitions, (topic, -1))
    end = bisect_left(partitions, (topic, 1 << 31))
    return tuple([partition.partition for partition in partitions[begin:end]])

"""Which partitions no longer exist: their topic was deleted, or deleted and made again with fewer partitions.

A partition that does not exist needs no owner. Times are monotonic seconds, given by the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from kafkatui.domain.cluster.partitions import ClusterTopics

KEPT = 1000
"""So many topics that lost partitions are remembered, at most."""


@dataclass(slots=True)
class _Loss:
    left: int
    """How many partitions of the topic were left; 0: the topic was deleted."""
    since: float
    """Time of the last look that showed all partitions."""
    until: float = inf
    """Time of the first look that showed more than `left` again; ``inf``: none did."""


class Vanished:
    """Remembers the topics that lost partitions, by name, as groups name them. Feed every reading of the
    topics to `observe`.
    """

    def __init__(self) -> None:
        self._sizes: Mapping[str, int] = {}
        self._seen_at: float | None = None
        self._losses: dict[str, _Loss] = {}

    def observe(self, topics: ClusterTopics, at: float) -> frozenset[str]:
        """Take in a reading made at `at`; the names of the topics that lost partitions since the last one."""
        sizes = {topic.name: len(topic.partitions) for topic in topics.topics if topic.error is None}
        listed = {topic.name for topic in topics.topics}
        unknown = {name: size for name, size in self._sizes.items() if name in listed and name not in sizes}
        sizes |= unknown  # a topic that could not be described keeps its size
        lost = frozenset(name for name, size in self._sizes.items() if sizes.get(name, 0) < size)
        for name in lost:
            self._losses.pop(name, None)
            self._losses[name] = _Loss(sizes.get(name, 0), at if self._seen_at is None else self._seen_at)
        for name, loss in self._losses.items():
            if loss.until == inf and sizes.get(name, 0) > loss.left:
                loss.until = at
        while len(self._losses) > KEPT:
            del self._losses[next(iter(self._losses))]
        self._sizes, self._seen_at = sizes, at
        return lost

    def count(self, topic: str, numbers: tuple[int, ...], at: float) -> int:
        """How many of these partitions of a topic still existed at `at`."""
        loss = self._losses.get(topic)
        if loss is None or not loss.since <= at <= loss.until:
            return len(numbers)
        return sum(number < loss.left for number in numbers)

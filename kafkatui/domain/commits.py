"""When the commits of a group went on, partition by partition: what they tell of how long nobody read it.

A commit that is higher than the last one tells that records were read since the last one. The time of a
commit alone tells nothing of reading: a member may commit long after it has stopped to read. Times are
monotonic seconds.
"""

from collections import deque
from collections.abc import Iterable
from itertools import pairwise

from kafkatui.domain.causes import CLOCKS
from kafkatui.domain.generations import Commit
from kafkatui.domain.partitions import TopicPartition

KEPT = 64
"""Times kept of one partition."""
APART = 0.1
"""Seconds between two that are kept, at least: to leave some out only widens what is told."""


class Commits:
    """Feed every commit of one group to `note`, in the order written."""

    def __init__(self) -> None:
        self._offsets: dict[TopicPartition, int] = {}
        self._times: dict[TopicPartition, deque[float]] = {}
        """When each was committed higher than before."""

    def note(self, commits: Iterable[Commit]) -> None:
        """Take in what was written down."""
        offsets, times = self._offsets, self._times
        for partition, offset, at in commits:
            before = offsets.get(partition)
            if before == offset:
                continue
            offsets[partition] = offset
            if before is None or offset < before:  # the first, or rewound
                continue
            kept = times.get(partition)
            if kept is None:
                times[partition] = deque((at,), maxlen=KEPT)
            elif at - kept[-1] >= APART:
                kept.append(at)

    def read_at(self, partition: TopicPartition, until: float) -> float | None:
        """A moment before `until` at which it was surely read, or later than that, by whoever committed it
        before `until`; the latest known. ``None``: none is known.
        """
        earlier = (at for at in reversed(self._times.get(partition, ())) if at <= until)
        next(earlier, None)
        before = next(earlier, None)
        return None if before is None else before - CLOCKS

    def gap(self, partition: TopicPartition, since: float, until: float) -> float | None:
        """For how many seconds between `since` and `until` nobody read it at most; ``None``: that is not
        known.
        """
        times = self._times.get(partition)
        if times is None:
            return None
        known = [since, since, *(at for at in times if since < at < until), until]
        return max(later - earlier for (earlier, _), (_, later) in pairwise(pairwise(known))) + 2 * CLOCKS

"""When the commits of a group went on, partition by partition: what they tell of how long nobody read it.

A commit that is higher than the last one tells that records were read since the last one. The time of a
commit alone tells nothing of reading: a member may commit long after it has stopped to read. Times are
monotonic seconds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import sub

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.causes import CLOCKS
from kafkatui.domain.rebalance.generations import Commit

KEPT = 64
"""Times kept of one partition, up to twice as many now and then."""
APART = 0.1
"""Seconds between two that are kept, at least: to leave some out only widens what is told."""


class Commits:
    """Feed every commit of one group to `note`, in the order written."""

    def __init__(self) -> None:
        self._offsets: dict[TopicPartition, int] = {}
        self._times: dict[TopicPartition, list[float]] = {}
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
                times[partition] = [at]
            elif at - kept[-1] >= APART:
                kept.append(at)
                if len(kept) > 2 * KEPT:
                    del kept[:KEPT]

    def read_at(self, partition: TopicPartition, until: float) -> float | None:
        """A moment before `until` at which it was surely read, or later than that, by whoever committed it
        before `until`; the latest known. ``None``: none is known.
        """
        times = self._times.get(partition, ())
        place = bisect_right(times, until)
        return times[place - 2] - CLOCKS if place >= 2 else None

    def gap(self, partition: TopicPartition, since: float, until: float) -> float | None:
        """For how many seconds between `since` and `until` nobody read it at most; ``None``: that is not
        known.
        """
        times = self._times.get(partition)
        if times is None:
            return None
        within = times[bisect_right(times, since) : bisect_left(times, until)]
        # from one commit, or the begin, to the next but one
        longest: float = max(map(sub, [*within, until], [since, since, *within]))
        return longest + 2 * CLOCKS

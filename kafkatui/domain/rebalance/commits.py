"""When the commits of a group grew, for each partition. From this follows how long nobody read a partition.

A commit that is higher than the last one shows that records were read since the last one. The time of a
commit alone shows nothing about reading: a member may commit long after it has stopped to read. Times are
monotonic seconds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import sub

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.causes import CLOCKS
from kafkatui.domain.rebalance.generations import Commit

KEPT = 64
"""How many of the newest times are kept for one partition, at least; at most twice as many."""
APART = 0.1
"""Seconds between two times that are kept, at least. Leaving times out is safe: it only makes the answers
less narrow.
"""


class Commits:
    """Feed every commit of one group to `note`, in the order written."""

    def __init__(self) -> None:
        self._offsets: dict[TopicPartition, int] = {}
        self._times: dict[TopicPartition, list[float]] = {}
        """By partition: the times of commits that were higher than the commit before, oldest first."""

    def note(self, commits: Iterable[Commit]) -> None:
        """Take in commits from the group's log, in the order written."""
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
        """The latest time before `until` of which is known: then or later, but before `until`, a member read
        the partition. ``None``: no such time is known.
        """
        times = self._times.get(partition, ())
        place = bisect_right(times, until)
        return times[place - 2] - CLOCKS if place >= 2 else None

    def gap(self, partition: TopicPartition, since: float, until: float) -> float | None:
        """The longest time, in seconds, for which nobody can have read the partition between `since` and
        `until`; ``None``: no commit of it is known.
        """
        times = self._times.get(partition)
        if times is None:
            return None
        within = times[bisect_right(times, since) : bisect_left(times, until)]
        # from one commit, or from `since`, to the commit after the next
        longest: float = max(map(sub, [*within, until], [since, since, *within]))
        return longest + 2 * CLOCKS

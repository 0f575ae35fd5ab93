"""How many records arrived in partitions that nobody read because of a rebalance."""

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Mapping, Sequence

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.causes import REJOINS_WITHIN
from kafkatui.domain.rebalance.pauses import Pauses
from kafkatui.domain.rebalance.rebalances import Rebalance, Share

KEPT_READINGS = 180
"""Readings of log end offsets kept, at most."""
KEPT_OFFSETS = 200_000
"""Offsets kept in all readings together, at most; the newest two readings are kept in any case."""
KEPT_FOUND = 100
"""Rebalances whose waiting records are remembered, at most."""
NEWEST = 5
"""So many of the newest rebalances are counted for; the log ends around older ones are no longer kept."""
STOPPED_WITHIN = 1.0
"""The report of a consumer that it left may come so many seconds after the rebalance that followed."""
SETTLED_AFTER = 2.0
"""Reports of consumers about a rebalance may come so many seconds after it."""


class Ends:
    """Log end offsets of partitions over time. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, Mapping[TopicPartition, int]]] = deque()
        self._offsets = 0

    def note(self, at: float, ends: Mapping[TopicPartition, int]) -> None:
        """Take in the ends as read at `at`; they are ignored if they are not newer than the last ones."""
        if self._readings and at <= self._readings[-1][0]:
            return
        before = self._readings[-1][1] if self._readings else {}
        if any(end < before.get(partition, 0) for partition, end in ends.items()):
            self._readings.clear()  # the log was truncated, or the topic was deleted and made again
            self._offsets = 0
        self._readings.append((at, ends))
        self._offsets += len(ends)
        while len(self._readings) > KEPT_READINGS or (
            self._offsets > KEPT_OFFSETS and len(self._readings) > 2
        ):
            self._offsets -= len(self._readings.popleft()[1])

    def total(self, partitions: Collection[TopicPartition], when: float) -> float | None:
        """The sum of the end offsets of some partitions at a time between two readings, interpolated;
        ``None``: not known for one of the partitions.
        """
        if not partitions:
            return 0.0
        place = bisect_left(self._readings, when, key=lambda reading: reading[0])
        if place == len(self._readings):
            return None
        later_at, later = self._readings[place]
        earlier_at, earlier = self._readings[place - 1] if place and later_at > when else (later_at, later)
        if later_at > when and place == 0:
            return None
        try:
            begin = sum(map(earlier.__getitem__, partitions))
            end = sum(map(later.__getitem__, partitions))
        except KeyError:
            return None
        if later_at == earlier_at:
            return end
        return begin + (end - begin) * (when - earlier_at) / (later_at - earlier_at)


class Waited:
    """How many records waited because of each rebalance: counted once, while the log ends around it are
    kept.
    """

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses
        self._ends = Ends()
        self._found: dict[int, tuple[float, int]] = {}
        """By number of the rebalance: its end, and how many records waited. The end is there because it may
        change as more of the rebalance becomes known: then the records are counted again.
        """

    def note(self, at: float, ends: Mapping[TopicPartition, int], events: Sequence[Rebalance]) -> None:
        """Take in log end offsets as of `at`, and count for one of the newest `events` (oldest first) that
        has not been counted for yet.
        """
        self._ends.note(at, ends)
        for event in events[-NEWEST:]:
            due = event.ended_at is not None and at - event.ended_at >= SETTLED_AFTER
            if due and not self._is_found(event) and self.of(event, events) is not None:
                return

    def of(self, event: Rebalance, events: Sequence[Rebalance]) -> int | None:
        """How many records waited because of `event`, one of `events` (oldest first); ``None``: not known."""
        if self._is_found(event):
            return self._found[event.number][1]
        found = _records(event, events, self._ends, self._pauses)
        if found is not None and event.ended_at is not None:
            self._found[event.number] = event.ended_at, found
            if len(self._found) > KEPT_FOUND:
                del self._found[min(self._found)]
        return found

    def _is_found(self, event: Rebalance) -> bool:
        return event.number in self._found and self._found[event.number][0] == event.ended_at

    def doubt(self, at: float) -> None:
        """Count again for rebalances that ended around `at` or later: a consumer reported something of
        then.
        """
        self._found = {
            number: found for number, found in self._found.items() if found[0] < at - SETTLED_AFTER
        }


def _records(event: Rebalance, events: Sequence[Rebalance], ends: Ends, pauses: Pauses) -> int | None:
    """How many records were written to partitions while it is sure that nobody read these; ``None``: not
    known. Partitions of which it is not known since when they were unread do not count.
    """
    if event.ended_at is None or not event.shares:
        return None
    unread = _let_go(event, pauses)
    adopted = _adopted(event)
    if adopted:
        unread += _abandoned(adopted, event, events, pauses)
    orphans: set[TopicPartition] = set()
    found = 0.0
    for partitions, since in unread:
        if since is None:
            continue
        begin = ends.total(partitions, since)
        if begin is None:
            return None
        orphans.update(partitions)
        found -= begin
    for share in event.shares:
        taken = orphans.intersection(share.after or ())
        orphans -= taken
        end = ends.total(taken, share.assigned_at or event.open_until)
        if end is None:
            return None
        found += end
    if unread and all(since is None for _, since in unread):
        return None
    return None if orphans else max(0, round(found))  # records of partitions without an owner still wait


Unread = list[tuple[Collection[TopicPartition], float | None]]
"""Partitions, and since when nobody reads them; ``None``: that is not known."""


def _let_go(event: Rebalance, pauses: Pauses) -> Unread:
    """The partitions that members stopped reading, for a moment or for good, and since when."""
    given = [
        (share, (share.before or ()) if event.stops_all else share.gave_up)
        for share in event.shares
        if share.before
    ]
    return [(partitions, _since(share, event, pauses)) for share, partitions in given if partitions]


def _adopted(event: Rebalance) -> set[TopicPartition]:
    """Partitions that had no owner before the rebalance and have one after it, without newly made ones."""
    before = {partition for share in event.shares for partition in share.before or ()}
    after = {partition for share in event.shares for partition in share.after or ()}
    return {
        partition
        for partition in after - before
        if partition.partition < event.owned.get(partition.topic, 0) - event.grown.get(partition.topic, 0)
        or partition.topic not in event.grown
    }


def _abandoned(
    adopted: set[TopicPartition], event: Rebalance, events: Sequence[Rebalance], pauses: Pauses
) -> Unread:
    """Since when the `adopted` partitions had no owner: found in the `events` (oldest first) before
    `event`.
    """
    unread: Unread = []
    for earlier in reversed(events):
        if earlier.number >= event.number:
            continue
        for share in earlier.shares:
            left = adopted.intersection(share.before or ())
            if left:
                unread.append((left, _since(share, earlier, pauses)))
                adopted = adopted - left
        if not adopted:
            return unread
    return [*unread, (adopted, None)]


def _since(share: Share, event: Rebalance, pauses: Pauses) -> float | None:
    """Since when a member no longer read the partitions that it gave up; ``None``: not known."""
    act = event.acts.get(share.name)
    if share.after is None and act is not None and act.key.gone:
        return min(
            (deed.at for deed in event.deeds if deed.act is act and deed.who == share.client_id),
            default=None,
        )
    if share.revoked_at is not None:
        return share.revoked_at
    end = event.started_at if event.ended_at is None else event.ended_at
    stopped = pauses.stopped(share.client_id, event.started_at - REJOINS_WITHIN, end + STOPPED_WITHIN)
    if stopped is not None:
        return stopped
    return (
        event.taken_at if share.after is not None else None
    )  # a member that left read on for an unknown time

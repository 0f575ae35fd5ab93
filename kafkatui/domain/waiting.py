"""How many records arrived in partitions that nobody read because of a rebalance."""

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping

from kafkatui.domain.deeds import Act
from kafkatui.domain.partitions import TopicPartition
from kafkatui.domain.pauses import Pauses
from kafkatui.domain.rebalances import Rebalance, Share

KEPT_READINGS = 180
KEPT_OFFSETS = 200_000
"""Offsets kept in all readings together; at least two readings are."""


class Ends:
    """Log end offsets over time."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, Mapping[TopicPartition, int]]] = deque(maxlen=KEPT_READINGS)
        self._offsets = 0

    def note(self, at: float, ends: Mapping[TopicPartition, int]) -> None:
        """Take in one reading; one that is not newer than the last is passed over."""
        if self._readings and at <= self._readings[-1][0]:
            return
        if len(self._readings) == KEPT_READINGS:
            self._offsets -= len(self._readings.popleft()[1])
        self._readings.append((at, ends))
        self._offsets += len(ends)
        while self._offsets > KEPT_OFFSETS and len(self._readings) > 2:
            self._offsets -= len(self._readings.popleft()[1])

    def at(self, partition: TopicPartition, when: float) -> float | None:
        """The end of a partition at a time between two readings; ``None``: not known."""
        place = bisect_left(self._readings, when, key=lambda reading: reading[0])
        if place == len(self._readings):
            return None
        later_at, later = self._readings[place]
        if later_at == when:
            return later.get(partition)
        if place == 0:
            return None
        earlier_at, earlier = self._readings[place - 1]
        begin, end = earlier.get(partition), later.get(partition)
        if begin is None or end is None or end < begin:
            return None
        return begin + (end - begin) * (when - earlier_at) / (later_at - earlier_at)


def records(event: Rebalance, ends: Ends, pauses: Pauses) -> int | None:
    """Records that arrived between the last moment a partition was read and the first it was again."""
    if event.ended_at is None or not event.shares:
        return None
    until = {partition: share.assigned_at for share in event.shares for partition in share.after or ()}
    found = 0.0
    for share in event.shares:
        since = _since(share, event, pauses)
        for partition in share.before or () if event.stops_all else share.gave_up:
            begin = ends.at(partition, since)
            end = ends.at(partition, max(since, until.get(partition) or event.ended_at))
            if begin is None or end is None:
                return None
            found += end - begin
    return round(found)


def _since(share: Share, event: Rebalance, pauses: Pauses) -> float:
    """Since when a member read nothing."""
    if share.revoked_at is not None and share.after is not None:
        return share.revoked_at
    act = event.acts.get(share.name)
    if share.after is None and act in {Act.CRASH, Act.FREEZE, Act.LEAVE, Act.STUCK}:
        return min(
            (deed.at for deed in event.deeds if deed.act is act and deed.who == share.client_id),
            default=event.started_at,
        )
    newest = pauses.newest(share.client_id) if share.after is None else None
    return event.started_at if newest is None else min(newest, event.started_at)

"""The last minutes of one group on one topic as they are drawn: sparklines, and the scale of the bars.

Sized for topics of 10,000 partitions: lag lies in arrays. Times are monotonic seconds.
"""

from array import array
from collections import deque

from kafkatui.domain.lag.calculate import MISSING
from kafkatui.domain.lag.lag import GroupLag

KEPT_SPARK = 300.0
"""Seconds for which lag is kept for the sparklines."""
BUCKET = 5.0
"""Seconds of one step of the sparklines: as long as the usual pause between two commits, so that no sawtooth
shows.
"""
SCALE_FOR = 120.0
"""The bars' scale is the largest lag of so many seconds: it grows at once, and shrinks only after that."""
LEAST_SCALE = 20
"""Offsets that a full bar stands for at least: a lag of one or two in a group that keeps up is no picture."""


class LagHistory:
    """What is drawn of one (group, topic). Feed every `GroupLag` to `observe`."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._peaks: deque[tuple[float, int]] = deque()
        """The largest lag at each look of the last `SCALE_FOR` seconds."""
        self._buckets: deque[tuple[int, array[int]]] = deque()
        self._newest: GroupLag | None = None

    @property
    def newest(self) -> GroupLag | None:
        """The last reading taken in."""
        return self._newest

    def observe(self, lag: GroupLag) -> None:
        """Take in a reading; one whose ends are not newer than the last is passed over. Of a topic that was
        deleted and made again nothing is remembered.
        """
        at = lag.ends_taken_at
        if self._newest is not None:
            if at <= self._newest.ends_taken_at:
                return
            if lag.topic_id != self._newest.topic_id:
                self._forget()
        self._newest = lag
        lags = _lags(lag)
        self._peaks.append((at, max(0, max(lags, default=0))))
        while at - self._peaks[0][0] > SCALE_FOR:
            self._peaks.popleft()
        step = int(at / BUCKET)
        if self._buckets and self._buckets[-1][0] == step:
            if len(self._buckets[-1][1]) == len(lags):
                lags = array("q", map(max, self._buckets[-1][1], lags))
            self._buckets[-1] = (step, lags)
        else:
            self._buckets.append((step, lags))
        while self._buckets[0][0] < step - KEPT_SPARK / BUCKET:
            self._buckets.popleft()

    @property
    def scale(self) -> int:
        """What a full bar stands for: the largest lag of a partition in the last `SCALE_FOR` seconds."""
        return max([LEAST_SCALE, *(peak for _, peak in self._peaks)])

    def spark(self, partition: int, width: int, span: float) -> tuple[int | None, ...]:
        """Lag in the last `span` seconds in `width` cells, newest last: the largest of each; ``None``: not
        looked.
        """
        cells: list[int | None] = [None] * width
        if not self._buckets or width <= 0:
            return tuple(cells)
        newest = self._buckets[-1][0]
        for step, lags in self._buckets:
            place = width - 1 - int((newest - step) * BUCKET * width / span)
            if place < 0 or partition >= len(lags) or lags[partition] == MISSING:
                continue
            cells[place] = max(lags[partition], cells[place] or 0)
        for place in range(1, width):  # more cells than steps: a step fills its cells
            if cells[place] is None and span / width < BUCKET:
                cells[place] = cells[place - 1]
        return tuple(cells)


def _lags(lag: GroupLag) -> "array[int]":
    """By partition number; `MISSING`: not known. Never below 0 where it is known."""
    lags = array("q", [MISSING]) * (1 + max((one.partition.partition for one in lag.partitions), default=-1))
    for one in lag.partitions:
        if one.commit_fault is None and one.end_fault is None and (known := one.lag) is not None:
            lags[one.partition.partition] = max(0, known)
    return lags

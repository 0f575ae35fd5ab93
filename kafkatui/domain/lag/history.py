"""The last minutes of one group on one topic, and the verdicts they allow.

Sized for topics of 10,000 partitions: offsets lie in arrays, a look costs a few passes in C, and a partition
is judged only when it is asked for. Times are monotonic seconds.
"""

from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import lt

from kafkatui.domain.lag.lag import GroupLag, PartitionLag
from kafkatui.domain.lag.trends import Point, Trend, measure
from kafkatui.domain.lag.verdicts import (
    WORST_FIRST,
    GroupVerdict,
    Kept,
    PartitionVerdict,
    Readers,
    Verdict,
    judge,
    judge_trend,
    kept,
)

KEPT_LOOKS = 120.0
"""Seconds for which every look is kept."""
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
REWOUND_FOR = 60.0
"""Seconds a commit that went back is called rewound."""
JUDGED = 40
"""How many of the partitions with most lag decide on the group's line, beside those that are broken."""
MISSING = -1
"""In the arrays: not known. No offset is negative."""


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    committed: "array[int]"
    ends: "array[int]"
    lags: "array[int]"
    """Never below 0 where both are known."""
    total: Point
    """Sums over the partitions of which both are known."""
    counted: int
    """How many those are."""
    peak: int
    """The largest lag."""


class LagHistory:
    """What is remembered of one (group, topic). Feed every `GroupLag` to `observe`."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._looks: deque[_Look] = deque()
        self._buckets: deque[tuple[int, array[int]]] = deque()
        self._rewound: dict[int, float] = {}
        self._cut: dict[int, float] = {}
        self._all_cut = float("-inf")
        self._newest: GroupLag | None = None
        self._judged: dict[tuple[int, Readers], PartitionVerdict] = {}
        self._group: tuple[Readers, GroupVerdict] | None = None

    @property
    def newest(self) -> GroupLag | None:
        """The last reading taken in."""
        return self._newest

    def observe(self, lag: GroupLag) -> None:
        """Take in a reading; one whose ends are not newer than the last is passed over. Of a topic that was
        deleted and made again nothing is remembered.
        """
        if self._looks and lag.ends_taken_at <= self._looks[-1].at:
            return
        if self._newest is not None and lag.topic_id != self._newest.topic_id:
            self._forget()
        self._judged.clear()
        self._group = None
        self._newest = lag
        look = _look(lag)
        if self._looks:
            self._compare(self._looks[-1], look)
        self._looks.append(look)
        # Large topics keep fewer looks: 24 B a partition and look.
        wait = 0.0 if len(lag.partitions) <= 1000 else 2.0
        if len(self._looks) > 2 and look.at - self._looks[-3].at < wait:
            del self._looks[-2]
        while look.at - self._looks[0].at > KEPT_LOOKS:
            self._looks.popleft()
        self._remember_for_sparks(look)
        for old in [number for number, at in self._rewound.items() if look.at - at > REWOUND_FOR]:
            del self._rewound[old]

    def _compare(self, old: _Look, new: _Look) -> None:
        """Find what makes the past unfit to reckon with: rewinds, logs that began anew, partitions that came
        or went.
        """
        back = _fell(old.committed, new.committed)
        anew = _fell(old.ends, new.ends)
        for number in back | anew:
            self._cut[number] = new.at
        # A commit past the end that is put right is no rewind.
        self._rewound |= {n: new.at for n in back - anew if old.committed[n] <= old.ends[n]}
        if back or anew or old.counted != new.counted:
            self._all_cut = new.at

    def _remember_for_sparks(self, look: _Look) -> None:
        step = int(look.at / BUCKET)
        lags = look.lags
        if self._buckets and self._buckets[-1][0] == step:
            if len(self._buckets[-1][1]) == len(lags):
                lags = array("q", map(max, self._buckets[-1][1], lags))
            self._buckets[-1] = (step, lags)
        else:
            self._buckets.append((step, lags))
        while self._buckets[0][0] < step - KEPT_SPARK / BUCKET:
            self._buckets.popleft()

    # what it tells

    @property
    def scale(self) -> int:
        """What a full bar stands for: the largest lag of a partition in the last `SCALE_FOR` seconds."""
        now = self._looks[-1].at if self._looks else 0.0
        return max([LEAST_SCALE, *(look.peak for look in self._looks if now - look.at <= SCALE_FOR)])

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

    def partition(self, lag: PartitionLag, readers: Readers) -> PartitionVerdict:
        """The verdict of one partition of the newest reading."""
        number = lag.partition.partition
        found = self._judged.get((number, readers))
        if found is None:
            trend = measure(self._points(number))
            verdict = judge(
                lag, readers, trend, rewound=number in self._rewound, others=self._others(readers)
            )
            found = self._judged[number, readers] = PartitionVerdict(lag, kept(lag, readers), verdict, trend)
        return found

    def _others(self, readers: Readers) -> bool:
        return bool(readers.owners and not readers.empty) or bool(self._looks and self._looks[-1].counted)

    def _points(self, number: int) -> list[Point]:
        since = self._cut.get(number, float("-inf"))
        return [
            Point(look.at, look.committed[number], look.ends[number])
            for look in self._looks
            if look.at >= since
            and number < len(look.ends)
            and look.committed[number] != MISSING
            and look.ends[number] != MISSING
        ]

    def total(self) -> Trend:
        """The trend of the sum over all partitions whose lag is known."""
        points = [look.total for look in self._looks if look.at >= self._all_cut]
        return measure(points, markers=self._looks[-1].counted if self._looks else 1)

    def group(self, readers: Readers) -> GroupVerdict | None:
        """The group's line; ``None``: nothing read yet."""
        if self._newest is None or not self._looks:
            return None
        if self._group is None or self._group[0] != readers:
            self._group = (readers, self._judge_group(self._newest, self._looks[-1], readers))
        return self._group[1]

    def _judge_group(self, newest: GroupLag, look: _Look, readers: Readers) -> GroupVerdict:
        without = [
            (place, kept(lag, readers))
            for place, lag in enumerate(newest.partitions)
            if lag.committed_offset is None or lag.log_end_offset is None or lag.commit_fault or lag.end_fault
        ]
        ways = [way for _, way in without]
        unread = [place for place, way in without if way is Kept.NOT_CONSUMED]
        trend = self.total()
        rows = [
            self.partition(newest.partitions[place], readers) for place in self._telling(newest, look, unread)
        ]
        found = {verdict: [row for row in rows if row.verdict is verdict] for verdict in Verdict}
        verdict = next((verdict for verdict in WORST_FIRST if found[verdict]), None)
        amount = len(newest.partitions)
        if readers.empty and verdict not in {Verdict.LOST, Verdict.BEYOND}:
            arriving = bool(trend.rate_in) and look.total.lag > 0
            verdict = Verdict.UNREAD if arriving else Verdict.STOPPED
            phrase = f"{verdict.phrase}: the group has no members"
        elif verdict is not None:
            several = len(found[verdict])
            whole = several == amount or (verdict is Verdict.BEHIND and trend.direction > 0)
            phrase = verdict.phrase if whole else f"{several} of {amount}: {verdict.phrase}"
        else:
            if not look.counted:
                verdict = Verdict.UNKNOWN if Kept.UNKNOWN in ways else Verdict.UNSET
            else:
                verdict = judge_trend(trend) if look.total.lag else Verdict.OK
            phrase = verdict.phrase
        worst = max(
            (row for row in rows if row.verdict is verdict or row.shown_lag),
            key=lambda row: (row.verdict is verdict, row.shown_lag or 0),
            default=None,
        )
        return GroupVerdict(
            verdict=verdict,
            phrase=phrase,
            lag=look.total.lag if look.counted else None,
            unset=ways.count(Kept.UNSET),
            unread=ways.count(Kept.NOT_CONSUMED),
            unknown=ways.count(Kept.UNKNOWN),
            trend=trend,
            worst=None if worst is None else worst.lag.partition.partition,
        )

    def _telling(self, newest: GroupLag, look: _Look, unread: list[int]) -> Iterable[int]:
        """Places of the partitions that decide: most lag first, and what a cheap pass shows to be broken."""
        partitions = newest.partitions
        least = max(1, sorted(look.lags)[-JUDGED:][0]) if look.lags else 1
        most = [place for place, lag in enumerate(partitions) if look.lags[lag.partition.partition] >= least]
        broken = [
            place
            for place, lag in enumerate(partitions)
            if (committed := lag.committed_offset) is not None
            and (
                committed < (lag.log_start_offset or 0)
                or ((end := lag.log_end_offset) is not None and committed > end)
            )
        ]
        rewound: list[int] = []
        if self._rewound:
            rewound = [
                place for place, lag in enumerate(partitions) if lag.partition.partition in self._rewound
            ]
        found = (most, broken, unread, rewound)
        return dict.fromkeys(chain.from_iterable(places[:JUDGED] for places in found))


def _look(lag: GroupLag) -> _Look:
    partitions = lag.partitions
    committed = [
        MISSING if (offset := one.committed_offset) is None or one.commit_fault is not None else offset
        for one in partitions
    ]
    ends = [
        MISSING if (offset := one.log_end_offset) is None or one.end_fault is not None else offset
        for one in partitions
    ]
    if partitions and partitions[-1].partition.partition != len(partitions) - 1:  # some are not there
        committed = _placed(partitions, committed)
        ends = _placed(partitions, ends)
    lags = [
        MISSING if c < 0 or e < 0 else e - c if e > c else 0 for c, e in zip(committed, ends, strict=True)
    ]
    counted = len(lags) - lags.count(MISSING)
    lag_sum = sum(lags) + (len(lags) - counted)  # each that is missing stands there as -1
    # A commit past the end counts as one at the end: it must not hide the lag of others.
    end_sum = sum(end for end, lag in zip(ends, lags, strict=True) if lag >= 0)
    total = Point(lag.ends_taken_at, end_sum - lag_sum, end_sum)
    peak = max(0, max(lags, default=0))
    at = lag.ends_taken_at
    return _Look(at, array("q", committed), array("q", ends), array("q", lags), total, counted, peak)


def _placed(partitions: Sequence[PartitionLag], offsets: list[int]) -> list[int]:
    """The offsets at the places of their partition numbers."""
    placed = [MISSING] * (1 + max(one.partition.partition for one in partitions))
    for one, offset in zip(partitions, offsets, strict=True):
        placed[one.partition.partition] = offset
    return placed


def _fell(old: "array[int]", new: "array[int]") -> set[int]:
    """Places where a known figure became a smaller known one."""
    if old == new or not any(map(lt, new, old)):
        return set()
    return {place for place, (a, b) in enumerate(zip(old, new, strict=False)) if 0 <= b < a}

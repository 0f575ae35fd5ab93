"""Rates out of figures that move in steps.

Consumers commit every so often (every 5 s by default), so a committed offset stands still and jumps, and lag
is a sawtooth: a rate over two looks is 0 or far too high. What does not lie is the *floor* of the sawtooth:
the least lag in a window at least as long as the pause between two commits. The floor of one window against
the floor of the window before it is how fast lag really grows, however the commits fall. So windows are 15 s,
longer where commits come less often, shorter (at least 6 s) only while there is no longer history; before 12
s nothing is said.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

SHORTEST_WINDOW = 6.0
USUAL_WINDOW = 15.0
LONGEST_WINDOW = 60.0
"""For what grows too slowly to be seen in the usual window."""
PATIENCE = 30.0
"""Seconds that lag must stand without a commit before a group counts as stuck, however often it usually
commits.
"""


_at = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Point:
    """One look: how far the log reached and how much of it was committed (one partition, or a sum of
    several).
    """

    at: float
    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Offsets still to read, never below 0."""
        return max(0, self.end - self.committed)


@dataclass(frozen=True, slots=True)
class Trend:
    """What a series of looks tells. Rates in offsets per second; ``None``: not looked at for long enough."""

    rate_in: float | None
    rate_out: float | None
    growth: float | None
    """How fast lag grows (negative: falls)."""
    floor: int | None
    """The least lag in the newest window."""
    grew: int | None
    """By how much the floor rose from the window before (negative: fell)."""
    direction: int
    """1: lag grows, -1: it falls, 0: it keeps its height, within what looking can tell."""
    standing: float
    """Seconds for which there was lag and no commit moved, up to the newest look."""
    longest_step: float
    """The longest that lag waited for a commit, in seconds; 0.0: no commit seen."""

    @property
    def stuck(self) -> bool:
        """Lag stands for much longer than this group usually takes to its next commit."""
        return self.standing >= max(PATIENCE, 3 * self.longest_step)

    @property
    def empty_in(self) -> float | None:
        """Seconds until nothing is left to read, if it goes on like this; ``None``: not falling, or not
        known.
        """
        if self.growth is None or self.floor is None or self.growth >= 0:
            return None
        return self.floor / -self.growth


NOTHING_KNOWN = Trend(None, None, None, None, None, 0, 0.0, 0.0)


def measure(points: Sequence[Point], markers: int = 1) -> Trend:
    """The trend of a series in order of time, without a rewind or a new log in it.

    Lag of at most `markers` (one a partition) behind which nothing new arrives is not waited for: it may be
    the markers of transactions, which a consumer that commits by hand never passes.
    """
    if not points:
        return NOTHING_KNOWN
    standing, longest = _waits(points, markers)
    history = points[-1].at - points[0].at
    window = min(max(USUAL_WINDOW, 1.2 * longest), history / 2)
    rate_in = _rate_in(points)
    unknown = Trend(rate_in, None, None, None, None, 0, standing, longest)
    if window < max(SHORTEST_WINDOW, 1.2 * longest):
        return unknown
    trend = _compare(points, window, unknown)
    if trend.direction == 0 and history >= 3 * window:
        slow = _compare(points, min(LONGEST_WINDOW, history / 2), unknown)
        trend = slow if slow.direction else trend
    return trend


def _compare(points: Sequence[Point], window: float, unknown: Trend) -> Trend:
    now = points[-1].at
    middle = bisect_right(points, now - window, key=_at)
    begin = bisect_left(points, now - 2 * window - 0.001, key=_at)
    if begin == middle:
        return unknown
    floor = min([point.lag for point in points[middle:]])
    grew = floor - min([point.lag for point in points[begin:middle]])
    growth = grew / (points[middle].at - points[begin].at)
    look = window / (len(points) - middle)
    rate_in = unknown.rate_in
    # A floor is seen up to one look late; 5 % of the traffic either way is keeping up.
    least = max(5.0, (rate_in or 0.0) * (0.05 * window + look))
    return replace(
        unknown,
        rate_out=None if rate_in is None else max(0.0, rate_in - growth),
        growth=growth,
        floor=floor,
        grew=grew,
        direction=1 if grew >= least else -1 if grew <= -least else 0,
    )


def _rate_in(points: Sequence[Point]) -> float | None:
    """Ends move whenever they are asked for: first and last of the newest window."""
    last = points[-1]
    first = points[bisect_left(points, last.at - 2 * USUAL_WINDOW, key=_at)]
    seconds = last.at - first.at
    return (last.end - first.end) / seconds if seconds >= 1.5 else None


def _waits(points: Sequence[Point], markers: int) -> tuple[float, float]:
    """For how long there has been lag without a commit until now, and at the longest before a commit came."""
    longest, since = 0.0, None
    committed = points[0].committed
    for point in points:
        if point.committed != committed:
            if since is not None and point.at - since > longest:
                longest = point.at - since
            committed, since = point.committed, None
        if point.end <= committed:
            since = None
        elif since is None:
            since = point.at
    last = points[-1]
    if since is None or (last.lag <= markers and points[0].end == last.end):
        return 0.0, longest
    return last.at - since, longest

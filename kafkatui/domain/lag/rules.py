"""The rules that turn what is known of one partition of a group into its verdict.

All places show what these rules say; how lag moves is told by `kafkatui.domain.lag.window`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kafkatui.domain.lag.trends import USUAL_WINDOW, Trend
from kafkatui.domain.lag.unread import Rest
from kafkatui.domain.lag.verdicts import Verdict

PATIENCE = 30.0
"""Seconds that lag must stand without a commit before anything is made of it, however often the group usually
commits.
"""
SILENT_AFTER = 120.0
"""Seconds after which it is said that nothing was committed, where it is not known how often that happens."""
REWOUND_FOR = 60.0
"""Seconds a commit that went back is called rewound."""
UNOWNED_FOR = 10.0
"""Seconds for which a partition must have had no owner before it is said."""
SHORTEST_STEP = 4.0
"""Seconds up to which a wait for a commit is not told from none."""
NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Situation:
    """The group as a whole on one topic, at one moment."""

    at: float
    """Of the newest look at commits and ends, monotonic seconds."""
    look: float = 1.0
    """Usual seconds between two looks."""
    members: bool | None = None
    """The group has members; ``None``: not told."""
    had_members: bool = False
    """It had some when it was looked at before."""
    settled: bool = True
    """The group is not rebalancing: what has no owner now has none."""
    since: float = NEVER
    """Since when it has members without a break; lag that stood before is nobody's fault."""
    commits_alone: bool = False
    """It commits without being a member, as by ``assign()``, and these commits advance."""
    rhythm: float | None = None
    """The longest that lag usually waits for a commit, in seconds; ``None``: fewer than two commits were
    seen.
    """

    @property
    def empty(self) -> bool:
        """Nobody reads, as far as can be told."""
        return self.members is False and not self.commits_alone

    @property
    def stuck_after(self) -> float:
        """Seconds without a commit after which a partition is stuck; endless where the rhythm is not
        known.
        """
        return float("inf") if self.rhythm is None else max(PATIENCE, 3 * self.rhythm)

    @property
    def overdue_after(self) -> float:
        """Seconds without a commit after which the rates of before are no longer those of now."""
        return max(1.5 * (self.rhythm or 0.0), SHORTEST_STEP) + 2 * self.look


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of one partition with a commit and an end."""

    committed: int
    start: int
    """`MISSING` where it is not told."""
    end: int
    owned: bool
    """A member owns it, as far as is known."""
    unowned_since: float | None = None
    """Since when it is known to have no owner; ``None``: it has one, or that is not told."""
    rewound_at: float = NEVER
    moved_at: float = NEVER
    """When the commit was seen to move last."""
    clear_at: float = NEVER
    """When it was last seen without lag."""
    began: float = NEVER
    """When it was seen first, or when what is remembered began anew."""
    arriving: bool = False
    """Something was written lately."""
    rest: Rest | None = None
    """What lies between commit and end; ``None``: not asked."""


def judge(place: Place, situation: Situation, trend: Callable[[], Trend]) -> Verdict:
    """The verdict. `trend` is asked only where it decides: it takes the longest to reckon."""
    committed, end, at = place.committed, place.end, situation.at
    if place.start > committed:
        return Verdict.LOST
    if committed > end:
        return Verdict.BEYOND
    if at - place.rewound_at <= REWOUND_FOR:
        return Verdict.REWOUND
    lag = end - committed
    if situation.empty:
        return _of_nobody(place, situation, lag)
    if place.unowned_since is not None and not situation.commits_alone:
        if at - place.unowned_since >= UNOWNED_FOR:
            return Verdict.UNREAD
        return Verdict.MEASURING if lag else Verdict.OK
    if not lag:
        return Verdict.OK
    if place.rest is Rest.NOTHING:
        return Verdict.OK
    stood = standing(place, situation)
    if stood >= PATIENCE and (found := _of_standing(place.rest, situation, stood)) is not None:
        return found
    if situation.rhythm is None:
        return Verdict.OK if at - place.clear_at <= USUAL_WINDOW else Verdict.MEASURING
    if stood > situation.overdue_after:
        return Verdict.MEASURING
    if at - place.clear_at <= USUAL_WINDOW:
        return Verdict.OK
    return of_trend(trend())


def standing(place: Place, situation: Situation) -> float:
    """Seconds for which there has been lag and no commit moved, while the group had somebody to read."""
    return situation.at - max(place.moved_at, place.clear_at, place.began, situation.since)


def is_doubtful(place: Place, situation: Situation) -> bool:
    """Whether it must be known what lies between commit and end before anything is said."""
    stood = standing(place, situation)
    return stood >= PATIENCE and (situation.rhythm is None or stood >= situation.stuck_after)


def _of_nobody(place: Place, situation: Situation, lag: int) -> Verdict:
    """The group has no members. One that never had any may commit without: that takes a while to be seen."""
    if not lag or not place.arriving:
        return Verdict.STOPPED
    patience = 0.0 if situation.had_members else PATIENCE
    return (
        Verdict.UNREAD if situation.at - max(place.moved_at, place.began) >= patience else Verdict.MEASURING
    )


def _of_standing(rest: Rest | None, situation: Situation, stood: float) -> Verdict | None:
    """No commit moved for long; ``None``: not for so long that it means anything."""
    if situation.rhythm is not None and stood < situation.stuck_after:
        return None
    if rest is Rest.OPEN:
        return Verdict.WAITING
    if rest in {Rest.DENIED, Rest.UNKNOWN}:
        return Verdict.UNKNOWN
    if rest is None:
        return Verdict.MEASURING
    if situation.rhythm is not None:
        return Verdict.STUCK
    return Verdict.SILENT if stood >= SILENT_AFTER else Verdict.MEASURING


def of_trend(trend: Trend) -> Verdict:
    """Of a partition that has a reader, lag, and commits that come in their usual rhythm."""
    if trend.growth is None:
        return Verdict.MEASURING
    if trend.direction > 0:
        return Verdict.BEHIND
    return Verdict.CATCHING if trend.direction < 0 and trend.floor else Verdict.OK

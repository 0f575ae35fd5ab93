"""The rules that give the verdict of one partition of a group, by everything that is known of it.

Every place that shows a verdict shows one of these; `kafkatui.domain.lag.window` finds how lag moves.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kafkatui.domain.lag.trends import USUAL_WINDOW, Trend
from kafkatui.domain.lag.unread import Rest
from kafkatui.domain.lag.verdicts import Verdict

PATIENCE = 30.0
"""Seconds for which there must be lag and no commit before a verdict is bad for it, even in a group that
usually commits more often.
"""
SILENT_AFTER = 120.0
"""The same where it is not known how often the group usually commits."""
REWOUND_FOR = 60.0
"""Seconds for which a partition is called rewound after its commit went back."""
UNOWNED_FOR = 10.0
"""A partition is called unowned after so many seconds without an owner."""
SHORTEST_STEP = 4.0
"""A wait for a commit of up to so many seconds cannot be seen by looks."""
NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the group as a whole on one topic, at one moment. Times are monotonic seconds."""

    at: float
    """Time of the newest look at commits and ends."""
    look: float = 1.0
    """Usual seconds between two looks."""
    members: bool | None = None
    """Whether the group has members; ``None``: not known."""
    had_members: bool = False
    """Whether an earlier look showed members."""
    settled: bool = True
    """Whether the group is not rebalancing: only then a partition without an owner has really none."""
    since: float = NEVER
    """Since when the group has had members without a break; no member is to blame for lag from before
    that.
    """
    commits_alone: bool = False
    """Whether commits grow though the group has no members: consumers with ``assign()`` commit so."""
    rhythm: float | None = None
    """The longest time, in seconds, that lag usually waits for a commit; ``None``: fewer than two commits
    were seen.
    """

    @property
    def empty(self) -> bool:
        """Whether nobody reads, as far as is known."""
        return self.members is False and not self.commits_alone

    @property
    def stuck_after(self) -> float:
        """Seconds without a commit after which a partition is stuck; infinite if the rhythm is not known."""
        return float("inf") if self.rhythm is None else max(PATIENCE, 3 * self.rhythm)

    @property
    def overdue_after(self) -> float:
        """Seconds without a commit after which earlier rates are no longer used."""
        return max(1.5 * (self.rhythm or 0.0), SHORTEST_STEP) + 2 * self.look


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of one partition with a commit and an end. Times are monotonic seconds."""

    committed: int
    start: int
    """`MISSING`: not known."""
    end: int
    owned: bool
    """A member owns it, as far as is known."""
    unowned_since: float | None = None
    """Since when it is known to have no owner; ``None``: it has one, or that is not known."""
    rewound_at: float = NEVER
    moved_at: float = NEVER
    """Time of the newest look that showed the commit move."""
    clear_at: float = NEVER
    """Time of the newest look without lag."""
    began: float = NEVER
    """Time of the first look at it, or of the first look since its history was last dropped."""
    arriving: bool = False
    """Whether records were written lately."""
    rest: Rest | None = None
    """What the offsets between commit and end hold; ``None``: not looked up."""


def judge(place: Place, situation: Situation, trend: Callable[[], Trend]) -> Verdict:
    """The verdict of a partition. `trend` is called only if the verdict depends on it, for it takes long."""
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
    """Seconds for which there has been lag and no commit, while the group had members."""
    return situation.at - max(place.moved_at, place.clear_at, place.began, situation.since)


def is_doubtful(place: Place, situation: Situation) -> bool:
    """Whether the verdict depends on what the offsets between commit and end hold: this must be looked up."""
    stood = standing(place, situation)
    return stood >= PATIENCE and (situation.rhythm is None or stood >= situation.stuck_after)


def _of_nobody(place: Place, situation: Situation, lag: int) -> Verdict:
    """The verdict if the group has no members. A group that never had any may commit without members: it
    takes a while to see that.
    """
    if not lag or not place.arriving:
        return Verdict.STOPPED
    patience = 0.0 if situation.had_members else PATIENCE
    return (
        Verdict.UNREAD if situation.at - max(place.moved_at, place.began) >= patience else Verdict.MEASURING
    )


def _of_standing(rest: Rest | None, situation: Situation, stood: float) -> Verdict | None:
    """The verdict if there has been lag and no commit for `stood` seconds; ``None``: not long enough for
    one.
    """
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
    """The verdict of a partition that has a reader, lag, and commits in their usual rhythm."""
    if trend.growth is None:
        return Verdict.MEASURING
    if trend.direction > 0:
        return Verdict.BEHIND
    return Verdict.CATCHING if trend.direction < 0 and trend.floor else Verdict.OK

"""Where a group stands on a topic: the one value that every place reads which shows a lag or a verdict."""

from collections.abc import Iterable
from dataclasses import dataclass

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.lag.trends import Trend
from kafkatui.domain.lag.verdicts import WORST_FIRST, Verdict

SELDOM = 20.0
"""Seconds between two commits from which on it is worth saying how often they come."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One group on one topic."""

    topic: str
    group: str
    lag: int | None
    """Sum over the partitions with a commit; ``None``: not known (yet) for one of them, or nothing is
    committed.
    """
    unset: int
    """Partitions assigned with nothing committed: not in `lag`."""
    lost: int
    """Partitions whose commit is below the log start."""
    unowned: int
    """Partitions without an owner although a member reads the topic and the group is Stable."""
    members: int | None
    """Of the group; ``None``: not told."""
    had_members: bool
    """The group had members that read the topic at some look."""
    trend: Trend
    """Of the sum over all partitions whose lag is known."""
    verdict: Verdict
    """The worst of its partitions; where none is bad, what most of the lag is."""
    known_lag: int | None = None
    """Sum over the partitions of which commit and end are known; ``None``: of none."""
    unread: int = 0
    """Partitions to be read that have no owner and no commit: not in `lag`."""
    unknown: int = 0
    """Partitions of which commit or end were not told: not in `lag`."""
    deciding: int = 0
    """Partitions that have the verdict."""
    partitions: int = 0
    """Partitions the group has to do with."""
    worst: int | None = None
    """The partition with the verdict, of several the one with most lag; ``None``: no lag at all."""
    silent_for: float = 0.0
    """Seconds for which nothing was committed though there was lag, where that is the verdict."""
    rhythm: float | None = None
    """The longest that lag usually waits for a commit, in seconds; ``None``: not known yet."""
    denied: bool = False
    """The verdict is not known because this user may not read the topic."""

    @property
    def phrase(self) -> str:
        """The verdict in words, and how many partitions it is of: ``stuck, 1 of 6``."""
        text = verdict_phrase(self)
        if self.verdict not in WORST_FIRST or self.deciding in {0, self.partitions}:
            return text
        return f"{text}, {self.deciding:,} of {self.partitions:,}"

    @property
    def commits_every(self) -> str | None:
        """How often it commits, where that is seldom: ``commits every 40 s``."""
        if self.rhythm is None or self.rhythm < SELDOM:
            return None
        return f"commits every {_seconds(self.rhythm)}"


def verdict_phrase(standing: Standing) -> str:
    """The verdict in words, without how many partitions it is of."""
    match standing.verdict:
        case Verdict.SILENT:
            return f"no commit for {_seconds(standing.silent_for)}"
        case Verdict.UNREAD | Verdict.STOPPED if standing.members == 0:
            return f"{standing.verdict.phrase}: the group has no members"
        case Verdict.UNKNOWN if standing.denied:
            return "not known, without READ on the topic"
        case _:
            return standing.verdict.phrase


def usage_of(standings: Iterable[Standing], *, complete: bool) -> TopicUsage:
    """Who reads a topic, summed up. `complete`: there are no more groups than these."""
    standings = list(standings)
    lags = [standing.lag for standing in standings if standing.verdict is not Verdict.UNSET]
    return TopicUsage(
        groups=len(standings),
        lag=None if None in lags else sum(lag for lag in lags if lag is not None),
        unset=sum(standing.unset for standing in standings),
        mark=max((standing.verdict.mark for standing in standings), default=Mark.NOTHING),
        complete=complete,
    )


def worst_first(standing: Standing) -> tuple[int, int, str]:
    """To sort by: the worst first, then the one with most lag, then by name."""
    return -standing.verdict.mark, -(standing.lag or 0), standing.group


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min"

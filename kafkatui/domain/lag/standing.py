"""The standing of a group on a topic: its lag and its verdict. Every place that shows one of them reads
this.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.lag.ages import Seen
from kafkatui.domain.lag.skew import Skew
from kafkatui.domain.lag.trends import LongRates, Trend
from kafkatui.domain.lag.verdicts import WORST_FIRST, Verdict

RECENT = 5
SELDOM = 20.0
"""If a group commits only every so many seconds or more, its line says how often."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The lag and the verdict of one group on one topic."""

    topic: str
    group: str
    lag: int | None
    """Offsets still to read in partitions with a commit, summed; ``None``: not known (yet) for one of them,
    or nothing is committed.
    """
    unset: int
    """How many partitions are assigned and have no commit; `lag` is without them."""
    lost: int
    """How many partitions have a commit below the log start."""
    unowned: int
    """How many partitions have no owner, though a member reads the topic and the group is Stable."""
    members: int | None
    """How many members the group has; ``None``: not known."""
    had_members: bool
    """Whether the group had members that read the topic, at any look."""
    trend: Trend
    """The trend of the lag of all partitions whose lag is known, summed."""
    verdict: Verdict
    """The worst verdict of a partition; if none is bad, the verdict of the partitions with most of the
    lag.
    """
    known_lag: int | None = None
    """Offsets still to read in partitions whose commit and end are known, summed; ``None``: there are
    none.
    """
    unread: int = 0
    """How many partitions of the topic have no owner and no commit; `lag` is without them."""
    unknown: int = 0
    """How many partitions have a commit or an end that is not known; `lag` is without them."""
    deciding: int = 0
    """How many partitions have the verdict."""
    partitions: int = 0
    """How many partitions the group reads, or has a commit on."""
    worst: int | None = None
    """Number of the partition with the verdict, of several the one with most lag; ``None``: there is none."""
    silent_for: float = 0.0
    """If the verdict is `SILENT`: seconds for which nothing was committed though there was lag."""
    rhythm: float | None = None
    """The longest time, in seconds, that lag usually waits for a commit; ``None``: not known yet."""
    denied: bool = False
    """Whether the verdict is not known because this user may not read the topic."""
    oldest: Seen | None = None
    """The oldest record that is not committed; ``None``: there is none, or its time is not known."""
    long_rates: LongRates | None = None
    """Rates of all partitions over minutes; ``None``: not known yet."""
    recent: tuple[int, ...] = ()
    """The lag of all partitions over the time that is remembered, in up to `RECENT` parts, oldest first."""
    skew: Skew | None = None
    """The partition with most of the lag, if the verdict is bad; ``None``: lag does not lie in one."""

    @property
    def phrase(self) -> str:
        """The verdict in words, with the number of partitions that have it: ``stuck, 1 of 6``."""
        text = verdict_phrase(self)
        if self.verdict not in WORST_FIRST or self.deciding in {0, self.partitions}:
            return text
        return f"{text}, {self.deciding:,} of {self.partitions:,}"

    @property
    def commits_every(self) -> str | None:
        """How often the group commits: ``commits every 40 s``; ``None``: often, or not known."""
        if self.rhythm is None or self.rhythm < SELDOM:
            return None
        return f"commits every {_seconds(self.rhythm)}"


def verdict_phrase(standing: Standing) -> str:
    """The verdict in words, without the number of partitions that have it."""
    match standing.verdict:
        case Verdict.SILENT:
            return f"no commit for {_seconds(standing.silent_for)}"
        case Verdict.UNREAD | Verdict.STOPPED if standing.members == 0:
            return f"{standing.verdict.phrase}: the group has no members"
        case Verdict.UNKNOWN if standing.denied:
            return "not known, without READ on the topic"
        case _:
            return standing.verdict.phrase


def usage_of(standings: Iterable[Standing], *, complete: bool, sharing: int = 0) -> TopicUsage:
    """The figures of a topic's groups, summed. `complete`: there are no other groups than these. `sharing`:
    how many share groups read it too; they have no lag that could be added.
    """
    standings = list(standings)
    lags = [standing.lag for standing in standings if standing.verdict is not Verdict.UNSET]
    return TopicUsage(
        groups=len(standings) + sharing,
        lag=None
        if None in lags or (sharing and not standings)
        else sum(lag for lag in lags if lag is not None),
        unset=sum(standing.unset for standing in standings),
        mark=max((standing.verdict.mark for standing in standings), default=Mark.NOTHING),
        complete=complete,
    )


def oldest_of(found: Iterable[Seen | None]) -> Seen | None:
    """The oldest of several records; ``None``: there is none, or none is known."""
    return min((one for one in found if one is not None), key=lambda one: one.at, default=None)


def worst_first(standing: Standing) -> tuple[int, int, str]:
    """A key to sort standings: the worst mark first, then the most lag, then by name of the group."""
    return -standing.verdict.mark, -(standing.lag or 0), standing.group


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min"

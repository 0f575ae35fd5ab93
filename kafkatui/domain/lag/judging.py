"""How far the groups of a cluster are judged, and what is left out: whether "all well" may be said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import count
from kafkatui.domain.lag.verdicts import Verdict

JUDGED_WITHIN = 25.0
"""Seconds from the first sight of a group after which it counts as not known where it has no verdict: some 30
after the start, with what the first list takes.
"""


class Known(Enum):
    """How far one group is judged."""

    JUDGED = "judged"
    PENDING = "pending"
    """Not asked yet, or too few looks for a verdict: time will tell."""
    NOT_TOLD = "not told"
    """The cluster was asked, and did not tell."""


@dataclass(frozen=True, slots=True)
class GroupJudgement:
    """One group, over all the topics it reads."""

    known: Known
    stopped_behind: int | None = None
    """Offsets still to read where the group has no members and nothing new arrives; ``None``: it has members,
    or nothing is left.
    """


@dataclass(frozen=True, slots=True)
class Judging:
    """How far all groups are judged at one moment."""

    groups: int = 0
    pending: int = 0
    not_known: int = 0
    """Groups that were not told, or still had no verdict after `JUDGED_WITHIN` seconds."""
    stopped: int = 0
    """Groups without members that have something left to read."""
    stopped_behind: int = 0
    """What is left to read in these, in offsets."""
    left_out: str | None = None
    """Why there may be groups that are not listed; ``None``: all are."""


def judge_group(
    *, asked: bool, told: bool, standings: Iterable[tuple[Verdict, int | None]]
) -> GroupJudgement:
    """`asked`: there was an answer about the members and the commits of the group; `told`: it told both.
    `standings`: verdict and lag on each topic the group reads.
    """
    standings = tuple(standings)
    verdicts = {verdict for verdict, _ in standings}
    behind = sum(lag or 0 for verdict, lag in standings if verdict is Verdict.STOPPED)
    if (asked and not told) or Verdict.UNKNOWN in verdicts:
        known = Known.NOT_TOLD
    elif not asked or Verdict.MEASURING in verdicts:
        known = Known.PENDING
    else:
        known = Known.JUDGED
    return GroupJudgement(known, behind or None)


class Judges:
    """Remembers since when each group is known. Feed every look to `observe`."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._groups: Mapping[str, GroupJudgement] = {}
        """The newest …"""
        self._pending: list[str] = []
        """… and what is in them: groups that are waited for,"""
        self._not_told = 0
        """how many were not told,"""
        self._stopped: list[int] = []
        """and what is left to read in each that has stopped."""

    def observe(self, groups: Mapping[str, GroupJudgement], at: float, left_out: str | None) -> Judging:
        """How far the groups are judged at monotonic second `at`; `left_out`: why there may be more.

        A group is waited for once: a verdict that comes and goes, as where lag is 0 at every other look, does
        not begin the waiting anew. Where `groups` is the same object as before, only those that are waited
        for are looked at.
        """
        if groups is not self._groups:
            self._take(groups, at)
        late = sum(at - self._since[name] >= JUDGED_WITHIN for name in self._pending)
        return Judging(
            groups=len(groups),
            pending=len(self._pending) - late,
            not_known=late + self._not_told,
            stopped=len(self._stopped),
            stopped_behind=sum(self._stopped),
            left_out=left_out,
        )

    def _take(self, groups: Mapping[str, GroupJudgement], at: float) -> None:
        self._groups = groups
        self._since = {name: self._since.get(name, at) for name in groups}
        self._pending = [name for name, group in groups.items() if group.known is Known.PENDING]
        self._not_told = sum(group.known is Known.NOT_TOLD for group in groups.values())
        self._stopped = [one.stopped_behind for one in groups.values() if one.stopped_behind is not None]


def summary(judging: Judging, marked: tuple[Mark, str] | None = None) -> tuple[Mark, str]:
    """What may be said where no problem is known: that all is well only where nothing is left out and no pane
    says otherwise. `marked`: the worst mark of a pane, and its number and name.
    """
    total = f"{judging.groups:,} group{'s' if judging.groups != 1 else ''}"
    if judging.pending:
        return Mark.MOVING, f"judging: {judging.groups - judging.pending:,} of {total}"
    if marked is not None and marked[0] >= Mark.WORSE:
        return marked[0], f"see pane {marked[1]}"
    if not judging.not_known and judging.left_out is None:
        return Mark.OK, "all well"
    said = [f"{judging.not_known:,} of {total} not known yet"] if judging.not_known else []
    said += [] if judging.left_out is None else [judging.left_out]
    return Mark.UNKNOWN, f"no problem is known, but {', and '.join(said)}"


def backlog(judging: Judging) -> str | None:
    """What stopped groups have left to read: ``300 stopped, 150,000 behind``; ``None``: nothing."""
    if not judging.stopped:
        return None
    return f"{judging.stopped:,} stopped, {count(judging.stopped_behind, 15)} behind"

"""How many groups of a cluster have a verdict, and whether groups are missing: whether "all well" is true."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import count
from kafkatui.domain.lag.verdicts import Verdict

JUDGED_WITHIN = 25.0
"""A group without a verdict counts as not known so many seconds after it was seen first. (The first list of
groups comes about 5 s after the start.)
"""


class Known(Enum):
    """Whether one group has a verdict."""

    JUDGED = "judged"
    PENDING = "pending"
    """The cluster was not asked about it yet, or there were too few looks for a verdict."""
    NOT_KNOWN = "not known"
    """The cluster was asked about the group, and did not answer in full."""


@dataclass(frozen=True, slots=True)
class GroupJudgement:
    """Whether a group has verdicts on all the topics it reads."""

    known: Known
    stopped_behind: int | None = None
    """Offsets still to read on topics where the group has no members and nothing new arrives; ``None``: there
    are none.
    """


@dataclass(frozen=True, slots=True)
class Judging:
    """How many of all groups have a verdict at one moment."""

    groups: int = 0
    pending: int = 0
    not_known: int = 0
    """Groups that the cluster did not answer about, or that had no verdict after `JUDGED_WITHIN` seconds."""
    stopped: int = 0
    """Groups without members that have offsets left to read."""
    stopped_behind: int = 0
    """How many offsets these groups have left to read, summed."""
    left_out: str | None = None
    """Why there may be groups that are not listed; ``None``: all are."""


def judge_group(
    *, asked: bool, answered: bool, standings: Iterable[tuple[Verdict, int | None]]
) -> GroupJudgement:
    """Whether a group has verdicts. `asked`: the cluster answered about its members and its commits;
    `answered`: the answers had both; `standings`: verdict and lag on each topic that the group reads.
    """
    standings = tuple(standings)
    verdicts = {verdict for verdict, _ in standings}
    behind = sum(lag or 0 for verdict, lag in standings if verdict is Verdict.STOPPED)
    if (asked and not answered) or Verdict.UNKNOWN in verdicts:
        known = Known.NOT_KNOWN
    elif not asked or Verdict.MEASURING in verdicts:
        known = Known.PENDING
    else:
        known = Known.JUDGED
    return GroupJudgement(known, behind or None)


class Judges:
    """Remembers when each group was seen first. Call `observe` after every look."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._groups: Mapping[str, GroupJudgement] = {}
        """By group id, as of the newest call of `observe`."""
        self._pending: list[str] = []
        """The ids of the groups that are `Known.PENDING`."""
        self._not_known = 0
        """How many groups are `Known.NOT_KNOWN`."""
        self._stopped: list[int] = []
        """For each group that has stopped, how many offsets it has left to read."""

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
            not_known=late + self._not_known,
            stopped=len(self._stopped),
            stopped_behind=sum(self._stopped),
            left_out=left_out,
        )

    def _take(self, groups: Mapping[str, GroupJudgement], at: float) -> None:
        self._groups = groups
        self._since = {name: self._since.get(name, at) for name in groups}
        self._pending = [name for name, group in groups.items() if group.known is Known.PENDING]
        self._not_known = sum(group.known is Known.NOT_KNOWN for group in groups.values())
        self._stopped = [one.stopped_behind for one in groups.values() if one.stopped_behind is not None]


def summary(judging: Judging, marked: tuple[Mark, str] | None = None) -> tuple[Mark, str]:
    """Mark and text for line 2 if no problem is known: ``all well`` only if every group is known and no pane
    has a bad mark. `marked`: the worst mark of a pane, and the number and name of the pane.
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
    """How many groups have stopped, and their lag: ``300 stopped, 150,000 behind``; ``None``: none have."""
    if not judging.stopped:
        return None
    return f"{judging.stopped:,} stopped, {count(judging.stopped_behind, 15)} behind"

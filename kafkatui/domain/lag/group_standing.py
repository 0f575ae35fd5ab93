"""All groups of a cluster, one row each: what kind of group it is, how it does, on which topic it does worst.

A row is made again only when the group or one of its standings changed: 15,000 groups that stand still cost
nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kafkatui.domain.cluster.faults import Fault, mark_of
from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import count
from kafkatui.domain.lag.ages import Seen
from kafkatui.domain.lag.standing import Standing, oldest_of, usage_of, worst_first
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.lag.verdicts import Verdict

PIECE = 500
"""Rows that are made in one piece of work: some 5 ms."""
CONSUMERS = frozenset({"", "consumer"})
"""Protocol types of groups of consumers; every other one (``connect``, ``sr``) names the kind of group."""


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """One group, over all topics that it reads."""

    group: str
    """Its id."""
    kind: str
    """Kafka's own type: ``classic``, ``consumer``, ``share``, ``streams``. A classic group of other clients
    than consumers has its protocol type here: ``connect``, ``sr``. ``unknown``: neither is known.
    """
    state: str | None
    """Kafka's word; ``None``: not known."""
    members: int | None
    """``None``: not known."""
    topics: int | None
    """How many topics it reads, or has a commit on; ``None``: not known."""
    lag: int | None
    """Offsets still to read on all its topics; ``None``: not known for one of them, or there is no commit."""
    direction: int | None
    """1: the lag of its worst topic grows, -1: falls, 0: stays; ``None``: it has no lag that is known."""
    verdict: Verdict | None
    """The worst of its topics; ``None``: it reads no topic, as far as known, or it is a share group, which
    commits no offsets.
    """
    worst: Standing | None
    """Its standing on the topic with that verdict, of several the one with most lag; ``None``: it has
    none.
    """
    coordinator: int | None
    """Node id of the group coordinator; ``None``: not known."""
    fault: Fault | None
    """Why it could not be described, or its commits not be read; ``None``: they could."""
    mark: Mark
    oldest: Seen | None = None
    """The oldest record on its topics that is not committed; ``None``: there is none, or it is not known."""

    @property
    def word(self) -> str:
        """The verdict in a word; else why there is none, in a word or two."""
        if self.fault is not None:
            return "no right" if self.mark is Mark.DENIED else "not known"
        if self.verdict is not None:
            return self.verdict.word
        if self.topics is None:
            return "…"
        return "unjudged" if self.topics else "no topic"


def group_standing(
    group: Group, commits: GroupCommits | None, standings: Iterable[Standing]
) -> GroupStanding:
    """The row of a group. `commits`: ``None``, not asked yet; `standings`: on each topic that it reads."""
    standings = tuple(standings)
    sharing = group.sharing
    fault = group.fault or (None if commits is None else commits.fault)
    usage = usage_of(standings, complete=True)
    worst = min(standings, key=worst_first, default=None)
    known = commits is not None and fault is None and group.members is not None
    mark = usage.mark
    if fault is not None:
        mark = max(mark, mark_of(fault))
    elif group.rebalancing:
        mark = max(mark, Mark.MOVING)
    return GroupStanding(
        group=group.group_id,
        kind=kind_of(group),
        state=group.state,
        members=_count(group.members if sharing is None else sharing.members),
        topics=len(sharing.topics) if sharing is not None else len(standings) if known or standings else None,
        lag=sharing.lag if sharing is not None else usage.lag if standings else None,
        direction=None if worst is None or worst.lag is None else worst.trend.direction,
        verdict=None if worst is None else worst.verdict,
        worst=worst,
        coordinator=group.coordinator,
        fault=fault,
        mark=mark,
        oldest=oldest_of(one.oldest for one in standings),
    )


def _count(members: Sequence[object] | None) -> int | None:
    return None if members is None else len(members)


def kind_of(group: Group) -> str:
    """What kind of group it is; see `GroupStanding.kind`."""
    other = group.protocol_type or ""
    if group.kind in {GroupKind.CLASSIC, GroupKind.UNKNOWN} and other not in CONSUMERS:
        return other
    return group.kind.value


def by_trouble(row: GroupStanding) -> tuple[int, int]:
    """A key to sort rows: the one with the worst mark has the largest, then the one with the most lag."""
    return row.mark, row.lag or 0


def totals(rows: Iterable[GroupStanding]) -> str:
    """How many groups are in trouble, and how many have stopped with records left to read, in words; empty:
    none.
    """
    bad = stopped = behind = 0
    for row in rows:
        bad += row.mark >= Mark.WORSE
        if row.verdict is Verdict.STOPPED and row.lag:
            stopped, behind = stopped + 1, behind + row.lag
    said = [f"{bad:,} in trouble"] if bad else []
    if stopped:
        said.append(f"{stopped:,} stopped, {count(behind, 15)} behind")
    return ", ".join(said)


class GroupStandings:
    """Keeps the rows of all groups."""

    def __init__(self) -> None:
        self.rows: Mapping[str, GroupStanding] = {}
        """By group id. Another object whenever a row is another one."""
        self._groups: tuple[Group, ...] = ()
        self._commits: Mapping[str, GroupCommits] = {}

    def observe(self, groups: ClusterGroups, outlook: Outlook) -> Iterator[None]:
        """Take in the newest groups; `outlook` has taken them in before. Yields after each piece of work."""
        stale = outlook.take_moved()
        old, now = self._groups, groups.groups
        if old is not now:
            known = {id(group) for group in old}
            stale |= {group.group_id for group in now if id(group) not in known}
        if groups.commits is not self._commits:
            before, commits = self._commits, groups.commits
            stale |= {name for name, found in commits.items() if before.get(name) is not found}
        yield
        self._groups, self._commits = now, groups.commits
        if not stale:
            return
        there = {group.group_id: group for group in now}
        rows = {name: row for name, row in self.rows.items() if name in there}
        changed = len(rows) != len(self.rows)
        for done, name in enumerate(stale & there.keys(), 1):
            row = group_standing(there[name], groups.commits.get(name), outlook.of_group(name))
            if rows.get(name) != row:
                rows[name], changed = row, True
            if done % PIECE == 0:
                yield
        if changed:
            self.rows = rows

"""The lane of each member of a group: what the member did in the last minutes, one cell for some seconds.
Times are monotonic seconds, given by the caller.
"""

from collections import deque
from enum import IntEnum
from itertools import pairwise
from math import ceil, floor, inf

from kafkatui.domain.cluster.groups import Group, GroupKind, Member
from kafkatui.domain.cluster.members import member_key
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed, Report, ReportKind

KEPT_RUNS = 400
"""Changes of state kept of one member."""
KEPT_FOR = 900.0
"""Seconds for which a member that left is remembered."""
BLIND_AFTER = 15.0
"""After so many seconds without a look the lanes show nothing, until the next look."""


class Lane(IntEnum):
    """What a member did for some time. Where several fall into one cell, the highest number is drawn."""

    UNSEEN = 0
    """There was no look, or the member was not in the group."""
    IDLE = 1
    """In the group, owns no partition."""
    OWNING = 2
    """In the group, owns partitions."""
    REBALANCING = 3
    """Classic: the group rebalances. KIP-848: this member gives up partitions or waits for some. Whether it
    reads on meanwhile is not known from outside.
    """
    PAUSED = 4
    """The member reads nothing: it is a consumer of the deck that gave up its partitions and got none yet, or
    that the deck killed, froze or blocked.
    """
    JOINED = 5
    """The first look with the member, where an earlier look was without it."""
    GONE = 6
    """The first look without the member."""


class Lanes:
    """The lanes of the members of one group. Feed every look to `observe`, deeds and reports to `note`."""

    def __init__(self) -> None:
        self._runs: dict[str, deque[tuple[float, Lane]]] = {}
        self._looked_at: float | None = None
        self._incremental = False
        """KIP-848: a member that gives up some partitions reads the others on, so it is not `PAUSED`."""
        self._clients: dict[str, str] = {}
        """Client id → key of its member at the newest look."""
        self._reported: dict[str, Lane] = {}
        """By client id of a consumer of the deck: the lane that follows from its newest report."""
        self._dead: set[str] = set()
        """Client ids of consumers that the deck killed, froze or blocked: they read nothing, though the group
        may still count them as members.
        """

    def note(self, news: Deed | Report) -> None:
        """Take in a deed of the deck, or a report of one of its consumers, which decides the consumer's lane
        from then on. A consumer that the deck killed, froze or blocked is `PAUSED` until it starts, polls
        again or is thawed.
        """
        if isinstance(news, Deed):
            self._note_deed(news)
            return
        who = news.who
        if news.kind in {ReportKind.STARTED, ReportKind.BACK}:
            self._dead.discard(who)
        if news.kind is ReportKind.REVOKED:
            lane = Lane.PAUSED
        elif news.kind is ReportKind.ASSIGNED:
            lane = Lane.OWNING if news.owned else Lane.IDLE
        else:
            if news.kind in {ReportKind.STOPPED, ReportKind.FAULT}:
                self._reported.pop(who, None)
            return
        self._reported[who] = lane
        if not self._incremental and who not in self._dead:
            self._insert(who, news.at, lane)

    def _note_deed(self, deed: Deed) -> None:
        if deed.act.key.replaces_consumers:
            self._reported.clear()
            self._dead.clear()
        elif deed.who is None:
            return
        elif deed.act.key.stops_reading:
            if not deed.act.key.reports_back:
                self._reported.pop(deed.who, None)
            self._dead.add(deed.who)
            self._insert(deed.who, deed.at, Lane.PAUSED)
        elif deed.act is Act.THAW:
            self._dead.discard(deed.who)

    def _insert(self, who: str, at: float, lane: Lane) -> None:
        """Put in what the deck's consumer with client id `who` does from `at` on; the newest look may be a
        little later than `at`.
        """
        runs = self._runs.get(self._clients.get(who, ""))
        if runs:
            _insert(runs, at, lane)

    def observe(self, group: Group, at: float) -> None:
        """Take in a description of the group, made at `at`, that tells its members."""
        first = self._looked_at is None
        if self._looked_at is not None and at - self._looked_at > BLIND_AFTER:
            for runs in self._runs.values():
                runs.append((self._looked_at + 1.0, Lane.UNSEEN))
        present = {member_key(member): member for member in group.members or ()}
        self._clients = {member.client_id: key for key, member in present.items()}
        self._incremental = group.kind is GroupKind.CONSUMER
        for key in self._runs.keys() | present.keys():
            runs = self._runs.setdefault(key, deque(maxlen=KEPT_RUNS))
            last = runs[-1][1] if runs else Lane.UNSEEN
            member = present.get(key)
            if member is None:
                new = Lane.GONE if last not in {Lane.GONE, Lane.UNSEEN} else Lane.UNSEEN
            elif not first and (not runs or last is Lane.GONE):
                new = Lane.JOINED
            else:
                new = self._lane_of(group, member)
            if new is not last or not runs:
                runs.append((at, new))
        for key, runs in list(self._runs.items()):
            if runs[-1][1] is Lane.UNSEEN and at - runs[-1][0] > KEPT_FOR:
                del self._runs[key]
        self._looked_at = at

    def lane(self, key: str, width: int, span: float) -> tuple[Lane, ...]:
        """The `width` cells of the lane of the member with this key, for the last `span` seconds; the newest
        look falls into the last cell.
        """
        runs = self._runs.get(key)
        if not runs or self._looked_at is None or width <= 0:
            return (Lane.UNSEEN,) * max(0, width)
        end, step = self._grid(width, span)
        begin = end - span
        cells = [Lane.UNSEEN] * width
        for (start, lane), (until, _) in pairwise([*runs, (inf, Lane.UNSEEN)]):
            if until <= begin:
                continue
            first = max(0, floor((start - begin) / step))
            last = width if until == inf else min(width, ceil((until - begin) / step))
            if lane is Lane.GONE:
                last = min(last, floor((start - begin) / step) + 1)  # one cell, not until the next change
            for index in range(first, last):
                if lane > cells[index]:
                    cells[index] = lane
        return tuple(cells)

    def cell_of(self, at: float, width: int, span: float) -> int | None:
        """The number of the cell into which the time `at` falls; ``None``: it is before the first cell."""
        if self._looked_at is None or width <= 0:
            return None
        end, step = self._grid(width, span)
        index = width + floor((at - end) / step)
        return min(index, width - 1) if index >= 0 else None

    def _grid(self, width: int, span: float) -> tuple[float, float]:
        """The time at the end of the last cell, and how many seconds a cell has. Cells begin at multiples of
        that, so that a lane moves by whole cells.
        """
        step = span / width
        return (int((self._looked_at or 0.0) / step) + 1) * step, step

    def _lane_of(self, group: Group, member: Member) -> Lane:
        if member.client_id in self._dead:
            return Lane.PAUSED
        if group.kind is GroupKind.CONSUMER:
            if member.target is not None and member.target != member.assignment:
                return Lane.REBALANCING
        else:
            reported = self._reported.get(member.client_id)
            if reported is not None:
                return reported
            if group.rebalancing:
                return Lane.REBALANCING
        return Lane.OWNING if member.assignment else Lane.IDLE


def _insert(runs: deque[tuple[float, Lane]], at: float, lane: Lane) -> None:
    """Put a change into its place by time: a report may come a little later than a look that is newer."""
    newer: list[tuple[float, Lane]] = []
    while runs and runs[-1][0] > at:
        newer.append(runs.pop())
    runs.append((at, lane))
    for run in reversed(newer):
        if run[1] is not runs[-1][1]:
            runs.append(run)

"""The looks at one group on one topic: commits, log ends and members as they were seen, and how they moved.

Two tasks look at it: one at the whole cluster, one at the group that is shown. A look that arrives late
counts as if it had arrived in time. A partition has a `Window` from the first movement of its commit or its
end on. Times are monotonic seconds.
"""

from array import array
from bisect import insort
from collections.abc import Collection, Iterator
from itertools import compress, count
from operator import ne

from kafkatui.domain.lag.calculate import MISSING, Lags, calculate
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.membership import NOT_KNOWN, Membership
from kafkatui.domain.lag.rules import NEVER, REWOUND_FOR, Situation
from kafkatui.domain.lag.trends import Trend
from kafkatui.domain.lag.unread import Answer
from kafkatui.domain.lag.window import Window

PIECE = 500
"""Partitions that are compared in one piece of work."""
LOOKS = 8
"""Looks from which the usual time between two looks is found."""
ARRIVING = 15.0
"""Seconds after which a log that does not grow is called still, at least."""
LARGEST = 2**63 - 1
"""The largest number that a column of 8-byte integers holds; larger sums are cut to it."""


class Looks:
    """Remembers the looks at one group on one topic."""

    __slots__ = (
        "_alone",
        "_answered_at",
        "_answers",
        "_began",
        "_begun",
        "_empty_at",
        "_first_ends",
        "_grown",
        "_had_members",
        "_has_news",
        "_is_unanswered",
        "_looks",
        "_moved_at",
        "_nothing_at",
        "_rewound",
        "_since",
        "_situation",
        "_subscribed",
        "_total",
        "_trends",
        "_windows",
        "at",
        "group",
        "lags",
        "membership",
        "topic",
        "topic_id",
    )

    def __init__(self, group: str, topic: str, topic_id: str | None) -> None:
        self.group, self.topic, self.topic_id = group, topic, topic_id
        self.at = NEVER
        """Time of the newest look."""
        self.lags: Lags | None = None
        """Commits, ends and lags at the newest look; ``None``: there was none yet."""
        self._answered_at = NEVER
        """When the newest commits were answered."""
        self.membership = NOT_KNOWN
        self._is_unanswered = False
        self._has_news = True
        """Something moved that is not judged yet."""
        self._subscribed = False
        self._had_members = False
        self._since = NEVER
        """Since when members read the topic."""
        self._empty_at: float | None = None
        """Time of the first look at which no member read the topic; ``None``: some do, or it is not known."""
        self._alone: list[float] = []
        """Times of the last two looks at which a commit had moved though no member reads the topic."""
        self._situation = Situation(NEVER)
        """The group as a whole, at the last time it was judged."""
        self._began = NEVER
        self._moved_at = NEVER
        """Time of the newest look at which a commit or an end had moved."""
        self._looks: list[float] = []
        self._windows: dict[int, Window] = {}
        self._total: Window | None = None
        self._begun: dict[int, float] = {}
        """Partition → since when its figures are known, where that is later than the first look."""
        self._rewound: dict[int, float] = {}
        self._answers: dict[int, Answer] = {}
        self._nothing_at: dict[int, float] = {}
        """Partition → when it was last known that nothing readable is left in it."""
        self._grown: list[tuple[float, array[int]]] = []
        """Two looks at the ends, the first of them at least `ARRIVING` seconds old once there are two."""
        self._trends: dict[int, tuple[float, Trend]] = {}
        """Partition → its trend, and when it was found."""
        self._first_ends: array[int] = array("q")
        """The ends at the first look."""

    @property
    def unanswered(self) -> bool:
        """The newest answers say nothing of this group: its figures are older than those of others."""
        return self._is_unanswered

    @unanswered.setter
    def unanswered(self, unanswered: bool) -> None:
        self._has_news = self._has_news or unanswered != self._is_unanswered
        self._is_unanswered = unanswered

    @property
    def is_read(self) -> bool:
        """The group has a commit on the topic or a member that reads it, or one of both is not known."""
        lags = self.lags
        if self.unanswered or self._subscribed or self.membership.reads:
            return True
        return lags is None or bool(lags.counted or lags.unknown or lags.unset)

    def attend(self, membership: Membership, at: float) -> None:
        """Take in which members read the topic at `at`."""
        before, self.membership = self.membership, membership
        if before == membership:
            return
        self._has_news = True
        if membership.reads and membership.settled:
            self._subscribed = True
        elif membership.reads is False:
            self._subscribed = False
        if (lags := self.lags) is not None:
            self.lags = calculate(
                lags.committed,
                lags.ends,
                lags.starts,
                subscription=self._subscribed,
                assignment=membership.owned,
                unanswered=lags.unknown,
            )
        if membership.reads:
            if before.reads is False:
                self._since = max(self.at, self._since)
                for window in self._windows.values():
                    window.begin_anew()
                if self._total is not None:
                    self._total.begin_anew()
                self._trends.clear()
            self._had_members = True
            self._empty_at = None
            self._alone.clear()
        elif membership.reads is False and self._empty_at is None:
            self._empty_at = max(at, self.at)

    def look(
        self,
        at: float,
        commits: "array[int]",
        ends: "array[int]",
        starts: "array[int]",
        unanswered: Collection[int],
        commits_at: tuple[float, float] | None = None,
    ) -> Iterator[None]:
        """Take in commits, and ends asked for after them at `at`. Yields after each bounded piece of work.

        `commits_at`: when the commits were asked for, and when they were answered; ``None``: at `at`. Two
        tasks ask for them. A lower commit that was asked for before the answer of the other task came is
        older, not rewound: that look is passed over.
        """
        asked_at, answered_at = commits_at or (at, at)
        membership = self.membership
        lags = calculate(
            commits,
            ends,
            starts,
            subscription=self._subscribed,
            assignment=membership.owned,
            unanswered=unanswered,
        )
        old = self.lags
        if old is None:
            self._has_news = True
            self.at = self._began = at
            self.lags = lags
            self._sum_up(lags, at, NEVER)
            self._grown = [(at, lags.ends)]
            self._first_ends = lags.ends
        elif at >= self.at:
            if asked_at < self._answered_at and any(map(_is_lower, lags.committed, old.committed)):
                return
            yield from self._compare(old, lags, at)
        elif at > self._began:
            self._has_news = True
            for number, window in list(self._windows.items()):
                if number < len(lags.lags) and lags.lags[number] >= 0:
                    committed, end = lags.committed[number], lags.ends[number]
                    window.add(at, min(committed, end), end)
            if lags.counted == old.counted:
                self._sum_up(lags, at, NEVER)
        self._answered_at = max(self._answered_at, answered_at)
        self._note_look(at)

    def _note_look(self, at: float) -> None:
        insort(self._looks, at)
        del self._looks[:-LOOKS]

    def _note_ends(self, at: float, ends: "array[int]") -> None:
        """Keep a look at the ends every `ARRIVING` seconds."""
        if self._grown and at - self._grown[-1][0] >= ARRIVING:
            self._grown = [self._grown[-1], (at, ends)]

    def _was_stuck(self, window: Window, at: float) -> bool:
        """At the look at `at` there had been lag without a commit for as long as is called stuck."""
        since = max(window.moved_at, window.clear_at, self._since)
        return at - since >= self._situation.stuck_after

    def _compare(self, old: Lags, lags: Lags, at: float) -> Iterator[None]:
        """Take in what moved since the look before."""
        before = self.at
        self.at, self.lags = at, lags
        committed_moved = _different(old.committed, lags.committed)
        changed = committed_moved | _different(old.ends, lags.ends)
        self._note_ends(at, lags.ends)
        advanced = back = False
        for done, number in enumerate(changed, 1):
            if done % PIECE == 0:
                yield
            known = number < len(old.lags) and old.lags[number] >= 0 and lags.lags[number] >= 0
            if not known:
                self._windows.pop(number, None)
                self._begun[number] = at
                continue
            committed, end = lags.committed[number], lags.ends[number]
            was, ended = old.committed[number], old.ends[number]
            if committed < was or end < ended:
                back = True
                self._begin_anew(number, at, rewound=end >= ended and was <= ended)
                continue
            advanced = advanced or committed > was
            window = self._windows.get(number)
            if window is None:
                if committed == was and self.membership.reads is False and not self._had_members:
                    continue  # no member has read the topic since the first look: its log end is enough
                since = self._begun.get(number, self._began)
                window = self._windows[number] = Window(since, min(was, ended), ended)
            resumed = committed > was and self._was_stuck(window, before)
            window.add(at, min(committed, end), end, before)
            if resumed:
                window.begin_anew()
        if changed or old.unknown != lags.unknown or old.unset != lags.unset or old.starts != lags.starts:
            self._has_news = True
        if changed:
            self._moved_at = at
        if advanced:
            if self._empty_at is not None and self._empty_at <= before:
                self._alone = [*self._alone[-1:], at]
            total = self._total
            resumed = total is not None and self._was_stuck(total, before)
            self._sum_up(lags, at, before)
            if resumed and self._total is not None:
                self._total.begin_anew()
        elif back or changed or old.counted != lags.counted:
            if back or old.counted != lags.counted:
                self._total = None
            self._sum_up(lags, at, before)
        for number in [number for number, since in self._rewound.items() if at - since > REWOUND_FOR]:
            del self._rewound[number]

    def _begin_anew(self, number: int, at: float, *, rewound: bool) -> None:
        self._windows.pop(number, None)
        self._answers.pop(number, None)
        self._nothing_at.pop(number, None)
        self._begun[number] = at
        if rewound:
            self._rewound[number] = at

    def _sum_up(self, lags: Lags, at: float, before: float) -> None:
        if lags.lag is None:
            self._total = None
            return
        end = min(lags.end, LARGEST)
        if self._total is None:
            self._total = Window(at, max(0, end - lags.lag), end)
        else:
            self._total.add(at, max(0, end - lags.lag), end, before)

    def still(self, at: float) -> None:
        """Take in a look at `at` at which nothing had moved."""
        if at > self.at and self.lags is not None:
            self._note_look(at)
            self._note_ends(at, self.lags.ends)
            self.at = at

    def answer(self, answer: Answer) -> bool:
        """Take in what was found between a commit and the end of its partition; ``False``: the commit has
        moved since.
        """
        lags, (_, number, committed, _) = self.lags, answer.doubt
        if lags is None or number >= len(lags.committed) or lags.committed[number] != committed:
            return False
        self._answers[number] = answer
        self._has_news = True
        return True


def _is_lower(new: int, old: int) -> bool:
    """A known commit is lower than a known one before it."""
    return 0 <= new < old


def _different(old: "array[int]", new: "array[int]") -> set[int]:
    """Places at which two columns differ, those that only one has included."""
    if old == new:
        return set()
    places = set(compress(count(), map(ne, old, new)))
    return places | set(range(min(len(old), len(new)), max(len(old), len(new))))


def columns_of(lag: GroupLag) -> tuple["array[int]", "array[int]", "array[int]", set[int]]:
    """Commits, ends and starts of a reading by partition number; the partitions whose commit is not known."""
    size = 1 + max((one.partition.partition for one in lag.partitions), default=-1)
    commits, ends, starts = (array("q", [MISSING]) * size for _ in range(3))
    unanswered: set[int] = set()
    for one in lag.partitions:
        number = one.partition.partition
        if one.commit_fault is not None:
            unanswered.add(number)
        elif one.committed_offset is not None:
            commits[number] = one.committed_offset
        if one.end_fault is None and one.log_end_offset is not None:
            ends[number] = one.log_end_offset
        if one.log_start_offset is not None:
            starts[number] = one.log_start_offset
    return commits, ends, starts, unanswered

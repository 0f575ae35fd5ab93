"""One group on one topic: the verdict on what was seen of it. Times are monotonic seconds."""

from collections.abc import Iterator
from itertools import islice

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.lag.ages import Bound, Seen
from kafkatui.domain.lag.calculate import MISSING, Lags
from kafkatui.domain.lag.lag import PartitionLag
from kafkatui.domain.lag.looks import PIECE, Looks
from kafkatui.domain.lag.rules import (
    NEVER,
    PATIENCE,
    SILENT_AFTER,
    UNOWNED_FOR,
    Place,
    Situation,
    is_doubtful,
    judge,
    standing,
)
from kafkatui.domain.lag.skew import skew
from kafkatui.domain.lag.standing import RECENT, Standing
from kafkatui.domain.lag.trends import NOTHING_KNOWN, Trend
from kafkatui.domain.lag.unread import Doubt, Rest
from kafkatui.domain.lag.verdicts import WORST_FIRST, Kept, PartitionVerdict, Verdict

SLOW_PIECE = 200
"""Partitions with lag that are judged in one piece of work."""
SAMPLED = 40
"""Partitions from which the rhythm of a group's commits is found, at most."""
AGAIN = 4.0
"""Seconds after which a verdict is found again though nothing moved: it may change by time alone."""
SELDOM_AGAIN = 30.0
"""As `AGAIN`, where nothing has moved for `QUIET_AFTER` seconds."""
QUIET_AFTER = 130.0
"""Seconds without any movement after which time alone changes little."""
MANY = 500
"""With more moving partitions than this, trends are calculated only every `AGAIN` seconds."""
FOREVER = float("inf")


class GroupTopic(Looks):
    """The verdicts on what the looks at one group on one topic showed. After `look`, `attend` or `answer`,
    run `judge`.
    """

    __slots__ = (
        "_asks_unread",
        "_oldest",
        "_rhythm",
        "_turn",
        "_unowned",
        "_unowned_since",
        "doubts",
        "due_at",
        "shown_at",
        "standing",
        "verdicts",
        "waits",
    )

    def __init__(
        self, group: str, topic: str, topic_id: str | None, *, unowned_before: bool, asks_unread: bool
    ) -> None:
        """`unowned_before`: a partition without an owner at the first look counts as long without one.
        `asks_unread`: somebody looks up the `doubts` and hands in answers.
        """
        super().__init__(group, topic, topic_id)
        self.standing: Standing | None = None
        self.verdicts: tuple[Verdict, ...] = ()
        """The verdict of each partition, by its number."""
        self.doubts: tuple[Doubt, ...] = ()
        """Partitions of which must be found out whether anything readable is left, before they are judged."""
        self.waits = False
        """The ends have not been asked for since the newest commits were answered."""
        self.shown_at = NEVER
        """Time of the newest look that was for this group alone."""
        self._asks_unread = asks_unread
        self._turn = object()
        """Another object for each run of `judge`: an older run that goes on stops."""
        self.due_at = FOREVER
        """When the verdict may be another one though nothing moves."""
        self._unowned_since = NEVER if unowned_before else None
        self._unowned: dict[int, float] = {}
        """Partition → since when it has no owner although a member reads the topic."""
        self._rhythm: float | None = None
        self._oldest: Seen | None = None
        """The oldest record that is not committed, of all partitions, at the last run of `judge`."""

    @property
    def must_be_judged(self) -> bool:
        """Something moved since the last run of `judge`, or `due_at` has come."""
        return self._has_news or self.at >= self.due_at

    def judge(self) -> Iterator[None]:
        """Find the verdicts. Yields after each bounded piece of work."""
        lags = self.lags
        turn = self._turn = object()
        self._has_news = False
        if lags is None or self.unanswered:
            verdict = Verdict.UNKNOWN if self.unanswered else Verdict.MEASURING
            self.verdicts, self.doubts, self.due_at, self._oldest = (), (), FOREVER, None
            self.standing = self._stand(lags, verdict, 0, None, self._unowned_count())
            return
        situation = self._situation = self._know_situation()
        self._note_unowned(lags)
        yield
        verdicts: list[Verdict] = []
        doubts: list[Doubt] = []
        self._trends = (
            {n: (at, t) for n, (at, t) in self._trends.items() if self.at - at < AGAIN}
            if len(self._windows) > MANY
            else {}
        )
        starts, ends, committed, reckoned = lags.starts, lags.ends, lags.committed, 0
        oldest: Seen | None = None
        empty = situation.empty
        apart = self._rewound.keys() | (self._unowned if self.membership.settled else {}).keys()
        for number, lag in enumerate(lags.lags):
            if lag < 0:
                verdicts.append(self._without_lag(number, lags, situation))
            elif lag or empty or number in apart or not starts[number] <= committed[number] <= ends[number]:
                verdicts.append(self._judge(number, lags, situation, doubts))
            else:
                verdicts.append(Verdict.OK)
            if lag > 0:
                reckoned += 1
                found = self._seen(number, lags)
                if found is not None and (oldest is None or found.at < oldest.at):
                    oldest = found
            if number % PIECE == PIECE - 1 or reckoned == SLOW_PIECE:
                reckoned = 0
                yield
        if turn is not self._turn:
            return  # a newer look was judged meanwhile
        self.verdicts, self.doubts, self._oldest = tuple(verdicts), tuple(doubts), oldest
        verdict, worst = self._worst(lags, situation)
        self.standing = self._stand(lags, verdict, verdicts.count(verdict), worst, self._unowned_count())
        self.due_at = self._due(lags, situation)

    def _know_situation(self) -> Situation:
        at, membership = self.at, self.membership
        total = self._total
        if total is not None and (self._rhythm is not None or total.moves() >= 2):
            moved = (window for window in self._windows.values() if window.moved_at > window.began)
            waits = [window.waited() for window in islice(moved, SAMPLED)]
            self._rhythm = max(waits, default=0.0) or self._rhythm or 0.0
        rhythm = self._rhythm
        alone = False
        if membership.reads is False and len(self._alone) == 2:
            alone = at - self._alone[-1] <= max(PATIENCE, 3 * (rhythm or 0.0))
        looks = self._looks
        return Situation(
            at=at,
            look=(looks[-1] - looks[0]) / (len(looks) - 1) if len(looks) > 1 else 1.0,
            members=membership.reads,
            had_members=self._had_members,
            settled=membership.settled,
            since=self._since,
            commits_alone=alone,
            rhythm=rhythm,
        )

    def _note_unowned(self, lags: Lags) -> None:
        """Remember since when each partition has no owner although a member reads the topic."""
        membership = self.membership
        owned = membership.owned
        if owned is None or not membership.reads:
            self._unowned = {}
        elif membership.settled:
            bare = [number for number in range(len(lags.lags)) if number not in owned]
            since = self.at if self._unowned_since is None else self._unowned_since
            self._unowned = {number: self._unowned.get(number, since) for number in bare}
        self._unowned_since = None

    def _unowned_count(self) -> int:
        return len(self._unowned) if self.membership.settled else 0

    def _without_lag(self, number: int, lags: Lags, situation: Situation) -> Verdict:
        if number in lags.unknown:
            return Verdict.UNKNOWN
        if number in lags.unset:
            return Verdict.UNSET
        if situation.members is not False and not situation.settled:
            return Verdict.MEASURING
        if (
            situation.members is False
            or number not in lags.unconsumed
            or lags.starts[number] == lags.ends[number]
        ):
            return Verdict.STOPPED
        since = self._unowned.get(number)
        late = since is not None and situation.at - since >= UNOWNED_FOR
        return Verdict.UNREAD if late else Verdict.MEASURING

    def _place(self, number: int, lags: Lags) -> Place:
        committed, end = lags.committed[number], lags.ends[number]
        window = self._windows.get(number)
        began = self._begun.get(number, self._began)
        clear = NEVER if window is None else window.clear_at
        return Place(
            committed,
            lags.starts[number],
            end,
            self.membership.owned is None or number in self.membership.owned,
            self._unowned.get(number) if self.membership.settled else None,
            self._rewound.get(number, NEVER),
            NEVER if window is None else window.moved_at,
            max(clear, self._nothing_at.get(number, NEVER)),
            began if window is None else window.began,
            self._is_arriving(number, end),
            self._rest(number, committed, end),
        )

    def _is_arriving(self, number: int, end: int) -> bool:
        ends = self._grown[0][1] if self._grown else ()
        return number < len(ends) and MISSING < ends[number] < end

    def _rest(self, number: int, committed: int, end: int) -> Rest | None:
        answer = self._answers.get(number)
        if not self._asks_unread:
            return Rest.READABLE
        if answer is None or answer.doubt.committed != committed:
            return None
        if answer.rest in {Rest.NOTHING, Rest.OPEN} and answer.doubt.end != end:
            return None  # what came since was not looked at
        return answer.rest

    def _judge(self, number: int, lags: Lags, situation: Situation, doubts: list[Doubt]) -> Verdict:
        place = self._place(number, lags)
        verdict = judge(place, situation, lambda: self.trend(number))
        if place.rest is Rest.NOTHING:
            self._nothing_at[number] = situation.at
        elif place.rest is None and verdict is Verdict.MEASURING and is_doubtful(place, situation):
            doubts.append(Doubt(self.topic, number, place.committed, place.end))
        return verdict

    def _worst(self, lags: Lags, situation: Situation) -> tuple[Verdict, int | None]:
        """The verdict of the group on the topic, and of the partitions with that verdict the one with most
        lag; ``None``: there is no lag.
        """
        column = lags.lags
        present = set(self.verdicts)
        verdict = next((verdict for verdict in WORST_FIRST if verdict in present), None)
        if verdict is None:
            verdict = self._most(lags, situation)
        places = [number for number, found in enumerate(self.verdicts) if found is verdict]
        if verdict not in WORST_FIRST and not lags.lag:
            return verdict, None
        return verdict, max(places, key=lambda number: (column[number], -number), default=None)

    def _most(self, lags: Lags, situation: Situation) -> Verdict:
        """The verdict where no partition has a bad one: that of most of the lag."""
        if situation.empty:
            return Verdict.STOPPED
        if not lags.counted:
            return Verdict.UNSET if lags.unset else Verdict.MEASURING
        if not lags.lag:
            return Verdict.OK
        weights = {Verdict.MEASURING: 0, Verdict.CATCHING: 0, Verdict.OK: 0}
        for verdict, lag in zip(self.verdicts, lags.lags, strict=True):
            if lag > 0 and verdict in weights:
                weights[verdict] += lag
        return max(weights, key=lambda verdict: weights[verdict])

    def _stand(
        self, lags: Lags | None, verdict: Verdict, deciding: int, worst: int | None, unowned: int
    ) -> Standing:
        whole = lags is not None and not lags.unknown and not self.unanswered
        silent_for = 0.0
        if verdict is Verdict.SILENT and worst is not None and lags is not None:
            silent_for = standing(self._place(worst, lags), self._situation)
            silent_for -= silent_for % (60 if silent_for >= 120 else 10)
        members = self.membership.members
        return Standing(
            topic=self.topic,
            group=self.group,
            lag=lags.lag if lags is not None and whole else None,
            unset=0 if lags is None else len(lags.unset),
            lost=self.verdicts.count(Verdict.LOST),
            unowned=unowned,
            members=members,
            had_members=self._had_members,
            trend=NOTHING_KNOWN if lags is None else self._whole_trend(lags),
            verdict=verdict,
            known_lag=None if lags is None else lags.lag,
            unread=0 if lags is None else len(lags.unconsumed),
            unknown=0 if lags is None else len(lags.unknown),
            deciding=deciding,
            partitions=0
            if lags is None
            else lags.counted + len(lags.unknown) + len(lags.unset) + len(lags.unconsumed),
            worst=worst,
            silent_for=silent_for,
            rhythm=self._rhythm,
            denied=verdict is Verdict.UNKNOWN and self._is_denied,
            oldest=self._oldest,
            long_rates=None if self._total is None else self._total.rates(self.at),
            recent=() if self._total is None else self._total.recent(self.at, RECENT),
            skew=None if lags is None or verdict.mark < Mark.WORSE else skew(lags, self._grown[0][1]),
        )

    @property
    def _is_denied(self) -> bool:
        return any(
            answer.rest is Rest.DENIED
            for number, answer in self._answers.items()
            if self.verdicts[number : number + 1] == (Verdict.UNKNOWN,)
        )

    def _whole_trend(self, lags: Lags) -> Trend:
        if self._total is None:
            return NOTHING_KNOWN
        situation = self._situation
        found = self._total.trend(self.at, situation.look, self._rhythm or 0.0)
        since = max(self._total.moved_at, self._total.clear_at, self._since)
        return _without_reader(found, situation, lags.lag or 0, self.at - since)

    def trend(self, number: int) -> Trend:
        """The trend of one partition."""
        known = self._trends.get(number)
        if known is not None and (known[0] == self.at or len(self._windows) > MANY):
            return known[1]
        window, situation = self._windows.get(number), self._situation
        if window is None:
            return self._still_trend(number)
        since = max(window.moved_at, window.clear_at, window.began, self._since)
        found = _without_reader(
            window.trend(self.at, situation.look, self._rhythm or 0.0), situation, window.lag, self.at - since
        )
        self._trends[number] = (self.at, found)
        return found

    def _still_trend(self, number: int) -> Trend:
        """The trend of a partition whose commit has never moved."""
        lags = self.lags
        if lags is None or number >= len(lags.lags) or lags.lags[number] < 0:
            return NOTHING_KNOWN
        lag, end = lags.lags[number], lags.ends[number]
        since = max(self._begun.get(number, self._began), self._since)
        at, ends = self._grown[0] if self._grown else (self.at, lags.ends)
        known = number < len(ends) and ends[number] >= 0 and self.at - at >= 1.5
        rate_in = max(0, end - ends[number]) / (self.at - at) if known else None
        trend = Trend(rate_in, None, None, None, None, 0, self.at - since if lag else 0.0, 0.0)
        if rate_in == 0.0 and not lag and self.at - since >= 12:
            trend = Trend(0.0, 0.0, 0.0, 0, 0, 0, 0.0, 0.0)
        return _without_reader(trend, self._situation, lag, self.at - since)

    def _seen(self, number: int, lags: Lags) -> Seen | None:
        """The oldest record of a partition with lag that is not committed; ``None``: not known, or nothing
        readable is left.
        """
        committed = lags.committed[number]
        answer = self._answers.get(number)
        if answer is not None and self._rest(number, committed, lags.ends[number]) is Rest.NOTHING:
            return None
        window = self._windows.get(number)
        if window is not None:
            at, was_there = window.seen(min(committed, window.end - 1))
            return Seen(at, Bound.AT_LEAST if was_there else Bound.ABOUT)
        if number in self._begun:
            return None
        ends = self._first_ends
        was_there = number < len(ends) and ends[number] > committed
        return Seen(self._began, Bound.AT_LEAST) if was_there else None

    def row(self, lag: PartitionLag) -> PartitionVerdict:
        """The row of one partition: `lag` are the figures shown in it, the verdict is the newest."""
        number = lag.partition.partition
        verdict = self.verdicts[number] if number < len(self.verdicts) else Verdict.MEASURING
        lags = self.lags
        if lag.commit_fault is not None or lag.end_fault is not None or lag.log_end_offset is None:
            kept = Kept.UNKNOWN
        elif lag.committed_offset is not None:
            kept = Kept.COMMITTED
        else:
            kept = Kept.UNSET if lags is not None and number in lags.unset else Kept.NOT_CONSUMED
        behind = lags is not None and number < len(lags.lags) and lags.lags[number] > 0
        oldest = self._seen(number, lags) if lags is not None and behind else None
        return PartitionVerdict(lag, kept, verdict, self.trend(number), self._hint(number, verdict), oldest)

    def _hint(self, number: int, verdict: Verdict) -> str:
        answer = self._answers.get(number)
        if verdict is Verdict.UNKNOWN and answer is not None:
            if answer.rest is Rest.DENIED:
                return "Is there anything left to read? That takes READ on the topic."
            return "Too much of the log cannot be read to tell whether anything is left."
        if answer is not None and answer.rest is Rest.NOTHING and verdict is Verdict.OK:
            return "It has read all: behind its commit are only markers and aborted records."
        every = self.standing.commits_every if self.standing is not None else None
        return verdict.hint if every is None else f"{verdict.hint} It {every}."

    def _due(self, lags: Lags, situation: Situation) -> float:
        """When the verdict must be found again though nothing moved."""
        quiet = self.at - self._moved_at > QUIET_AFTER and self.at - self._began > QUIET_AFTER
        pause = SELDOM_AGAIN if quiet else AGAIN
        if self._rewound or any(self.at - since < UNOWNED_FOR for since in self._unowned.values()):
            return self.at + AGAIN
        if self._moved_at == NEVER and not situation.empty:
            since = max(self._began, self._since)
            later = (since + seconds for seconds in (PATIENCE, SILENT_AFTER) if self.at < since + seconds)
            return next(later, self.at + 2 * SELDOM_AGAIN) if lags.lag else FOREVER
        if situation.empty:
            return FOREVER if quiet or not lags.lag or self._moved_at == NEVER else self.at + pause
        if lags.lag:
            return self.at + pause
        return FOREVER if quiet or self._moved_at == NEVER else self.at + pause


def _without_reader(trend: Trend, situation: Situation, lag: int, stood: float) -> Trend:
    """The trend without rates that no longer hold: no member reads, or a commit is overdue."""
    if situation.empty:
        return Trend(trend.rate_in, 0.0, None, None, None, 0, trend.standing, trend.longest_step)
    if lag and situation.rhythm is not None and stood > situation.overdue_after:
        out = 0.0 if stood >= PATIENCE else None
        return Trend(trend.rate_in, out, None, None, None, 0, trend.standing, trend.longest_step)
    return trend

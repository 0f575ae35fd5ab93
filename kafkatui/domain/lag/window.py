"""How the lag of one partition of a group moved: a ring of a constant number of time buckets.

A bucket keeps, of the looks in its seconds, the least lag, the log end at the first and the last of them, and
the newest commit with the time of the first look that saw it. All of these are least or greatest values, so
that a look that arrives late (two tasks ask for the same facts) changes the same bucket as if it had arrived
in time.

Times are monotonic seconds. A look at which nothing moved need not be added: figures hold until the next one.
"""

from array import array

from kafkatui.domain.lag.calculate import MISSING
from kafkatui.domain.lag.trends import LONGEST_WINDOW, SHORTEST_WINDOW, USUAL_WINDOW, LongRates, Trend

BUCKETS = 30
SHORTEST_BUCKET = 1.0
"""Seconds of a bucket at first: two windows of 6 s then differ after 12 s."""
USUAL_BUCKET = 4.0
"""Seconds of a bucket once two minutes are known."""
LONGEST_BUCKET = 64.0
"""Where commits come seldom a bucket is up to so long: half an hour is known then."""
NEVER = float("-inf")


class Window:
    """The window of one partition, or of the sum over several. Only looks with a movement need `add`."""

    __slots__ = (
        "_at",
        "_before",
        "_commits",
        "_ends",
        "_first",
        "_floors",
        "_last_ends",
        "_length",
        "_moved",
        "at",
        "began",
        "clear_at",
        "committed",
        "end",
        "moved_at",
    )

    def __init__(self, at: float, committed: int, end: int) -> None:
        self._begin(at, committed, end)

    def _begin(self, at: float, committed: int, end: int) -> None:
        self.began = self.at = self.moved_at = at
        """First and newest look, and the first one that saw the newest commit."""
        self.clear_at = at if committed >= end else NEVER
        """The last look at which there was no lag."""
        self.committed, self.end = committed, end
        self._length = SHORTEST_BUCKET
        self._first = int(at // self._length)
        self._before = (committed, end)
        """Commit and end as they were before the first bucket."""
        self._at, self._moved = array("d"), array("d")
        self._ends, self._last_ends, self._commits, self._floors = (array("q") for _ in range(4))
        self._put(at, committed, end)

    @property
    def lag(self) -> int:
        """Offsets still to read at the newest look, never below 0."""
        return max(0, self.end - self.committed)

    def begin_anew(self) -> None:
        """Forget all but the newest look."""
        self._begin(self.at, self.committed, self.end)

    def add(self, at: float, committed: int, end: int, held_until: float = NEVER) -> bool:
        """Take in a look. `held_until`: time of an earlier look at which nothing had moved yet. ``True``: the
        commit or the end is lower than before, so that nothing before this look is remembered.
        """
        if at > self.at:
            if committed < self.committed or end < self.end:
                self._begin(at, committed, end)
                return True
            if self.committed >= self.end and held_until > self.clear_at:
                self.clear_at = min(held_until, at)
            self.at = at
        elif at <= self.began or committed > self.committed or end > self.end:
            return False  # a look at a time that is no longer remembered
        if committed > self.committed or (committed == self.committed and at < self.moved_at):
            self.moved_at = at
            self.committed = committed
        self.end = max(end, self.end)
        if committed >= end and at > self.clear_at:
            self.clear_at = at
        self._put(at, committed, end)
        return False

    def _put(self, at: float, committed: int, end: int) -> None:
        place = self._place(at)
        if place < 0:
            return
        lag = max(0, end - committed)
        if self._floors[place] == MISSING:
            self._at[place] = self._moved[place] = at
            self._ends[place] = self._last_ends[place] = end
            self._commits[place], self._floors[place] = committed, lag
            return
        self._floors[place] = min(lag, self._floors[place])
        self._last_ends[place] = max(end, self._last_ends[place])
        if at < self._at[place]:
            self._at[place], self._ends[place] = at, end
        last = self._commits[place]
        if committed > last or (committed == last and at < self._moved[place]):
            self._commits[place], self._moved[place] = committed, at

    def _place(self, at: float) -> int:
        """Index of the bucket for a time; below 0: the ring no longer holds it."""
        while (place := int(at // self._length) - self._first) >= BUCKETS:
            if self._length < USUAL_BUCKET or (self._length < LONGEST_BUCKET and self._is_slow):
                self._widen()
            else:
                self._drop(place - BUCKETS + 1)
        lacking = place + 1 - len(self._floors)
        if lacking > 0:
            for column in (self._at, self._moved):
                column.extend([0.0] * lacking)
            for offsets in (self._ends, self._last_ends, self._commits, self._floors):
                offsets.extend([MISSING] * lacking)
        return place

    @property
    def _is_slow(self) -> bool:
        """There is lag, and commits are so seldom that the ring holds fewer than three of them."""
        visited = [floor for floor in self._floors if floor != MISSING]
        return self.lag > 0 and 2 * visited.count(0) < len(visited) and self.moves() < 3

    def _drop(self, number: int) -> None:
        """Forget the oldest buckets."""
        for place in range(min(number, len(self._floors))):
            if self._floors[place] != MISSING:
                self._before = (self._commits[place], self._last_ends[place])
        for column in (self._at, self._moved):
            del column[:number]
        for offsets in (self._ends, self._last_ends, self._commits, self._floors):
            del offsets[:number]
        self._first += number

    def _widen(self) -> None:
        """Merge buckets in pairs: each is twice as long afterwards."""
        visited = [
            (self._at[n], self._ends[n], self._last_ends[n], self._commits[n], self._moved[n], floor, n)
            for n, floor in enumerate(self._floors)
            if floor != MISSING
        ]
        old = self._first
        self._length *= 2
        self._first = old // 2
        size = (old + len(self._floors) - 1) // 2 - self._first + 1 if self._floors else 0
        self._at, self._moved = array("d", [0.0]) * size, array("d", [0.0]) * size
        blank = array("q", [MISSING]) * size
        self._ends, self._last_ends, self._commits, self._floors = blank[:], blank[:], blank[:], blank[:]
        for at, end, last_end, committed, moved, floor, n in visited:
            place = (old + n) // 2 - self._first
            if self._floors[place] == MISSING:
                self._at[place], self._ends[place], self._floors[place] = at, end, floor
                self._commits[place], self._moved[place] = committed, moved
            else:
                self._floors[place] = min(floor, self._floors[place])
                if committed > self._commits[place]:
                    self._commits[place], self._moved[place] = committed, moved
            self._last_ends[place] = last_end

    # figures

    def moves(self) -> int:
        """Number of buckets in which the commit moved."""
        last, moves = self._before[0], 0
        for committed in self._commits:
            if committed > last:
                moves, last = moves + 1, committed
        return moves

    def waited(self) -> float:
        """The longest time in seconds for which there was lag until a commit came; 0.0: none came."""
        last, longest, since = self._before[0], 0.0, None
        for place, committed in enumerate(self._commits):
            floor = self._floors[place]
            if committed > last:
                last, moved_at = committed, self._moved[place]
                if since is not None and moved_at - since > longest:
                    longest = moved_at - since
                since = moved_at
            if not floor:  # nothing was left at one of its looks; perhaps something is at its last
                since = self._moved[place] if self._last_ends[place] > committed else None
            elif since is None and floor != MISSING:
                since = self._at[place]
        return longest

    def seen(self, offset: int) -> tuple[float, bool]:
        """About when the record at `offset`, which is below `end`, was written: when a look first showed
        the log end beyond it. ``True``: the first look did already, so the record is at least so old.
        """
        before = self._before[1]
        for place, floor in enumerate(self._floors):
            if floor == MISSING:
                continue
            at, end, last = self._at[place], self._ends[place], self._last_ends[place]
            if end > offset:
                return at, before > offset
            if last > offset:  # within this bucket: as if the log had grown evenly
                until = min(self.at, (self._first + place + 1) * self._length)
                return at + (until - at) * (offset - end) / (last - end), False
            before = last
        return self.at, False

    def recent(self, now: float, parts: int) -> tuple[int, ...]:
        """The least lags of the last buckets in `parts` parts of the ring, oldest first: the largest of each;
        fewer while less is remembered.
        """
        floors = self._filled(now)[-BUCKETS:]
        each = BUCKETS // parts
        begin = len(floors) % each
        found = [max(floors[place : place + each]) for place in range(begin, len(floors), each)]
        return tuple([max(floors[:begin]), *found][-parts:] if begin else found)

    def rates(self, now: float) -> LongRates | None:
        """The rates from the first look that is kept until `now`; ``None``: too short."""
        place = next((place for place, floor in enumerate(self._floors) if floor != MISSING), None)
        if place is None or (span := now - self._at[place]) < USUAL_WINDOW:
            return None
        written, read = self.end - self._ends[place], self.committed - self._before[0]
        return LongRates(span, written / span, read / span)

    def trend(self, now: float, look: float, rhythm: float = 0.0) -> Trend:
        """The trend up to the look at `now`. `look`: usual seconds between two looks; `rhythm`: the longest
        time in seconds that another partition of the group waited for a commit.
        """
        longest = self.waited()
        standing = now - max(self.moved_at, self.clear_at) if self.lag else 0.0
        trend = Trend(self._rate_in(now), None, None, None, None, 0, standing, longest)
        longest = max(longest, rhythm)
        history = now - max(self.began, self._first * self._length)
        window = min(max(USUAL_WINDOW, 1.2 * longest), history / 2)
        if window < max(SHORTEST_WINDOW, 1.2 * longest):
            return trend
        floors = self._filled(now)
        found = self._compare(floors, now, window, look, trend)
        if found.direction == 0 and history >= 3 * window:
            slow = self._compare(floors, now, min(LONGEST_WINDOW, history / 2), look, trend)
            found = slow if slow.direction else found
        return found

    def _filled(self, now: float) -> "array[int]":
        """The least lag of each bucket up to the one of `now`; where no look fell into one, the lag at the
        end of the bucket before.
        """
        floors = self._floors
        if MISSING in floors:
            floors = floors[:]
            committed, end = self._before
            for place, floor in enumerate(floors):
                if floor == MISSING:
                    floors[place] = max(0, end - committed)
                else:
                    committed, end = self._commits[place], self._last_ends[place]
        later = min(int(now // self._length) - self._first + 1 - len(floors), BUCKETS)
        return floors + array("q", [self.lag]) * later if later > 0 else floors

    def _compare(self, floors: "array[int]", now: float, window: float, look: float, unknown: Trend) -> Trend:
        """The floor of the newest window against that of the window before."""
        first = max(self._first, int(now // self._length) + 1 - len(floors))
        middle = max(1, int((now - window) // self._length) - first)
        begin = max(0, int((now - 2 * window) // self._length) - first)
        if begin >= middle or middle >= len(floors):
            return unknown
        newest, older = floors[middle:][::-1], floors[begin:middle][::-1]
        floor, before = min(newest), min(older)
        apart = (len(newest) + older.index(before) - newest.index(floor)) * self._length
        grew = floor - before
        growth = grew / max(apart, 0.75 * window)
        rate_in = unknown.rate_in
        # A floor is seen up to one look late; 5 % of the traffic either way is keeping up.
        least = max(5.0, (rate_in or 0.0) * (0.05 * window + look))
        return Trend(
            rate_in,
            None if rate_in is None else max(0.0, rate_in - growth),
            growth,
            floor,
            grew,
            1 if grew >= least else -1 if grew <= -least else 0,
            unknown.standing,
            unknown.longest_step,
        )

    def _rate_in(self, now: float) -> float | None:
        """Offsets written per second since the first look of the newest two windows; ``None``: too short."""
        since = max(0, int((now - 2 * USUAL_WINDOW) // self._length) + 1 - self._first)
        at, end = max(self.began, now - 2 * USUAL_WINDOW), self.end
        for place in range(since, len(self._floors)):
            if self._floors[place] != MISSING:
                at, end = self._at[place], self._ends[place]
                break
        return (self.end - end) / (now - at) if now - at >= 1.5 else None

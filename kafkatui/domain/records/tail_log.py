"""The log that the tail shows: the newest records of a topic, as many as fit, and the places where records
were left out.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.records.records import Batch, Record, TailNews, TransactionEnd, Unreadable, weight

MOST_RECORDS = 10_000
MOST_OCTETS = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Skipped:
    """A place where records were left out."""

    count: int
    """How many, at most."""
    exact: bool
    """They were counted one by one, not by offsets that may have holes."""
    rate: float | None
    """Offsets written per second to the topic when it happened; ``None``: not known."""


@dataclass(frozen=True, slots=True)
class MadeAnew:
    """A place where the topic was deleted and made again: the records above it no longer exist in Kafka, and
    the offsets below it begin at 0.
    """


@dataclass(frozen=True, slots=True)
class NotKept:
    """A place where records were dropped to make room, because an older entry is held (see
    `TailLog.hold`).
    """

    count: int
    """How many, at most."""
    exact: bool
    """They were counted one by one, not by offsets that may have holes."""
    made_anew: bool = False
    """Whether the topic was deleted and made again between the dropped records."""


Arrival = Record | Unreadable
Gap = Skipped | MadeAnew | NotKept
TailEntry = Arrival | Gap


@dataclass(frozen=True, slots=True)
class TailView:
    """The entries of a `TailLog` at one moment; it does not change when the log does."""

    first: int = 0
    """Number of the oldest entry."""
    entries: tuple[TailEntry, ...] = ()

    @property
    def end(self) -> int:
        """The number of the entry after the newest."""
        return self.first + len(self.entries)

    def __getitem__(self, number: int) -> TailEntry:
        """The entry with a number; raises IndexError where there is none."""
        if not self.first <= number < self.end:
            raise IndexError(number)
        return self.entries[number - self.first]


class TailLog:
    """The newest entries, numbered upwards from 0; the oldest are dropped when there are too many.

    While an entry is held (see `hold`), first the entries before it are dropped, then those after it. When
    entries after it are dropped, the numbers of later entries change.
    """

    def __init__(self, records: int = 1000, octets: int = MOST_OCTETS, per_second: int = 40) -> None:
        """At most `records` (up to `MOST_RECORDS`) entries and `octets` bytes are kept; at most `per_second`
        records are taken in a second, the newest of those that came.
        """
        self._most = min(records, MOST_RECORDS)
        self._most_octets = min(octets, MOST_OCTETS)
        self.per_second = per_second
        self._entries: list[TailEntry] = []
        self._held: int | None = None
        """Index of the entry that is held."""
        self._held_before = self._held_after = 0
        self._allowance = float(per_second)
        self._asked_at: float | None = None
        self.octets = 0
        """Bytes of memory, about, that the kept entries take."""
        self.unreadable = 0
        """How many records the kept batches hold that could not be read, at most."""
        self.first = 0
        """Number of the oldest entry."""
        self.seen = 0
        """How many records came, kept or not, with the offsets that were jumped over."""
        self.not_kept = 0
        """How many records newer than the held entry were dropped since it is held."""
        self._topic_id: str | None = None
        self.rate: float | None = None
        """Offsets written per second; ``None``: not known."""
        self.faults: tuple[tuple[int, Fault], ...] = ()
        """(partition, why) for partitions that cannot be read now."""

    @property
    def most(self) -> int:
        """How many entries are kept at most."""
        return self._most

    @property
    def end(self) -> int:
        """The number the next entry will have."""
        return self.first + len(self._entries)

    @property
    def held(self) -> int | None:
        """The number of the held entry; ``None``: none is held."""
        return None if self._held is None else self.first + self._held

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> TailEntry:
        """The entry with a number; raises IndexError for an entry that was dropped or has not come yet."""
        if not self.first <= number < self.end:
            raise IndexError(number)
        return self._entries[number - self.first]

    def view(self) -> TailView:
        """The entries that are kept now."""
        return TailView(self.first, tuple(self._entries))

    def hold(self, entry: TailEntry | None, before: int = 0, after: int = 0) -> None:
        """Keep `entry` until the next call, however many newer ones come; ``None``: hold no entry any more.

        The `before` entries before it and the `after` entries after it stay as long as the bytes allow.
        Nothing is held if `entry` was dropped already.
        """
        self._held = next((place for place, kept in enumerate(self._entries) if kept is entry), None)
        self._held_before, self._held_after = before, after
        if self._held is None:
            self.not_kept = 0

    def add(self, news: TailNews, now: float) -> None:
        """Take in the news of one look, made at monotonic second `now`."""
        self.rate, self.faults = news.rate, news.faults
        passed = 0.0 if self._asked_at is None else max(0.0, now - self._asked_at)
        self._asked_at = now
        self._allowance = min(float(self.per_second), self._allowance + passed * self.per_second)
        self.seen += _records_in(news.came) + news.skipped
        self._note_topic(news.topic_id)
        allowed, pieces = int(self._allowance), []
        for jumped, came in reversed(_pieces(news)):
            taken = newest(came, allowed)
            allowed -= len(taken)
            self._allowance -= len(taken)
            pieces.append((jumped, _records_in(came) - _records_in(taken), taken))
        jumped = left_out = 0
        for more_jumped, more_left_out, taken in reversed(pieces):
            jumped, left_out = jumped + more_jumped, left_out + more_left_out
            if taken:
                self._skip(jumped, left_out)
                jumped = left_out = 0
            for one in taken:
                self._entries.append(one)
                self._weigh(one, 1)
        self._skip(jumped, left_out)
        self._end_transactions(news.ends)
        self._make_room()

    def _weigh(self, entry: TailEntry, sign: int) -> None:
        if isinstance(entry, Record):
            self.octets += sign * weight(entry)
        elif isinstance(entry, Unreadable):
            self.unreadable += sign * entry.most

    def _skip(self, jumped: int, left_out: int) -> None:
        """Add an entry for records left out: `jumped` offsets, of which not all need be records, and
        `left_out` records, which were counted.
        """
        if jumped or left_out:
            self._entries.append(Skipped(jumped + left_out, not jumped, self.rate))

    def _note_topic(self, topic_id: str | None) -> None:
        if topic_id is None:
            return
        if self._topic_id not in (None, topic_id) and self._entries:
            self._entries.append(MadeAnew())
        self._topic_id = topic_id

    def _end_transactions(self, ends: Sequence[TransactionEnd]) -> None:
        """Set the outcome of the kept records whose transactions ended."""
        by_producer: dict[tuple[int, int], list[TransactionEnd]] = {}
        for end in sorted(ends, key=attrgetter("offset")):
            by_producer.setdefault((end.partition, end.producer_id), []).append(end)
        for place in range(len(self._entries) - 1 if by_producer else -1, -1, -1):
            match self._entries[place]:
                case MadeAnew() | NotKept(made_anew=True):
                    return  # older entries are of the log before the topic was deleted
                case (
                    Record(outcome=None, batch=Batch(transactional=True, producer_id=int(producer))) as record
                ):
                    markers = by_producer.get((record.partition, producer), ())
                    after = bisect_right(markers, record.offset, key=attrgetter("offset"))
                    if after < len(markers) and markers[after].first <= record.offset:
                        self._entries[place] = replace(record, outcome=markers[after].outcome)

    def _make_room(self) -> None:
        """Drop entries until the rest fits: the oldest first. If an entry is held, in this order: the entries
        before those around it, the entries after those around it (but not the newest record), those around
        it.
        """
        entries, oldest = self._entries, 0
        if self._held is None:
            held = last = start = end = gap = len(entries)
        else:
            held = self._held
            start = max(0, held - self._held_before)
            gap = end = min(len(entries), held + 1 + self._held_after)
            last = max(_last_record(entries), held)

        def over() -> bool:
            left = len(entries) - oldest - (end - gap) + (end > gap)
            return left > self._most or (self.octets > self._most_octets and left > 0)

        while over():
            if oldest < start:
                gone, oldest = oldest, oldest + 1
            elif end < last:
                gone, end = end, end + 1
            elif oldest < held:
                gone, oldest = oldest, oldest + 1
            elif gap > held + 1:
                gone = gap = gap - 1
            else:
                break
            self._weigh(entries[gone], -1)
        if end > gap:
            dropped = _not_kept(entries[gap:end])
            self.not_kept += dropped.count - sum(
                entry.count for entry in entries[gap:end] if isinstance(entry, NotKept)
            )
            entries[gap:end] = [dropped]
        del entries[:oldest]
        self.first += oldest
        if self._held is not None:
            self._held -= oldest


def _last_record(entries: Sequence[TailEntry]) -> int:
    return next((place for place in range(len(entries) - 1, 0, -1) if isinstance(entries[place], Arrival)), 0)


def _not_kept(entries: Iterable[TailEntry]) -> NotKept:
    """The entry that takes the place of these dropped entries."""
    count, exact, made_anew = 0, True, False
    for entry in entries:
        match entry:
            case Record() | Unreadable():
                count += _records_in([entry])
            case MadeAnew():
                made_anew = True
            case Skipped():
                count, exact = count + entry.count, exact and entry.exact
            case NotKept():
                count, exact = count + entry.count, exact and entry.exact
                made_anew = made_anew or entry.made_anew
    return NotKept(count, exact, made_anew)


def _records_in(arrivals: Iterable[Arrival]) -> int:
    return sum(one.most if isinstance(one, Unreadable) else 1 for one in arrivals)


def _pieces(news: TailNews) -> list[tuple[int, Sequence[Arrival]]]:
    """The news cut at its gaps: (how many offsets were jumped over before it, the records of the piece)."""
    places = [0, *(place for place, _ in news.gaps), len(news.came)]
    return [
        (jumped, news.came[start:end])
        for jumped, start, end in zip(
            (0, *(count for _, count in news.gaps)), places, places[1:], strict=False
        )
    ]


def newest(arrivals: Sequence[Arrival], most: int) -> list[Arrival]:
    """The newest `most` of the arrivals, oldest first.

    Arrivals of different partitions are ordered by timestamp, those of one partition by offset, even where
    the timestamps of its producers say otherwise.
    """
    if most <= 0:
        return []
    partitions: dict[int, list[Arrival]] = {}
    for one in arrivals:
        partitions.setdefault(one.partition, []).append(one)
    dated: list[tuple[int, Arrival]] = []
    for rows in partitions.values():
        latest = 0
        for one in rows[-most:]:
            latest = max(latest, one.timestamp or 0)
            dated.append((latest, one))
    dated.sort(key=lambda pair: pair[0])
    return [one for _, one in dated[-most:]]

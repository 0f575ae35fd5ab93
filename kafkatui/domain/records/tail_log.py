"""What the tail keeps: the newest records of a topic, as many as fit, and where some were left out."""

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
    """A place where the topic was deleted and made again: what is above lies in no log any more, and offsets
    begin at 0 below.
    """


@dataclass(frozen=True, slots=True)
class NotKept:
    """A place where records had been kept, and were dropped because an older one is held."""

    count: int
    """How many, at most."""
    exact: bool
    """They were counted one by one, not by offsets that may have holes."""
    made_anew: bool = False
    """The topic was deleted and made again between them."""


Arrival = Record | Unreadable
Gap = Skipped | MadeAnew | NotKept
TailEntry = Arrival | Gap


@dataclass(frozen=True, slots=True)
class TailView:
    """The entries of a `TailLog` at one moment; the log goes on, this stays."""

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
    """The newest entries, numbered upwards from 0 for ever; the oldest go when there are too many.

    While one is held (`hold`), entries between it and the newest go when all older ones are gone. Those
    after them are numbered anew then.
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
        """What is kept, in bytes, about."""
        self.unreadable = 0
        """Records in batches that could not be read, of those kept."""
        self.first = 0
        """Number of the oldest entry."""
        self.seen = 0
        """Records that came, kept or not, and offsets jumped over."""
        self.not_kept = 0
        """Records that were dropped, newer than the held one, since it is held."""
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
        """The entry with a number; raises IndexError for one that is gone or still to come."""
        if not self.first <= number < self.end:
            raise IndexError(number)
        return self._entries[number - self.first]

    def view(self) -> TailView:
        """What is kept now."""
        return TailView(self.first, tuple(self._entries))

    def hold(self, entry: TailEntry | None, before: int = 0, after: int = 0) -> None:
        """Keep `entry` whatever comes; ``None``: nothing is held any more.

        The entries around it, `before` older and `after` newer ones, stay as long as the bytes allow. An
        entry that is not kept (any more) is not held.
        """
        self._held = next((place for place, kept in enumerate(self._entries) if kept is entry), None)
        self._held_before, self._held_after = before, after
        if self._held is None:
            self.not_kept = 0

    def add(self, news: TailNews, now: float) -> None:
        """Take in what one look brought at monotonic second `now`."""
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
        """Nobody knows how many of the offsets that were jumped over are records."""
        if jumped or left_out:
            self._entries.append(Skipped(jumped + left_out, not jumped, self.rate))

    def _note_topic(self, topic_id: str | None) -> None:
        if topic_id is None:
            return
        if self._topic_id not in (None, topic_id) and self._entries:
            self._entries.append(MadeAnew())
        self._topic_id = topic_id

    def _end_transactions(self, ends: Sequence[TransactionEnd]) -> None:
        """Note at the records that are kept how their transactions ended."""
        told: dict[tuple[int, int], list[TransactionEnd]] = {}
        for end in sorted(ends, key=attrgetter("offset")):
            told.setdefault((end.partition, end.producer_id), []).append(end)
        for place in range(len(self._entries) - 1 if told else -1, -1, -1):
            match self._entries[place]:
                case MadeAnew() | NotKept(made_anew=True):
                    return  # what is above was in another log
                case (
                    Record(outcome=None, batch=Batch(transactional=True, producer_id=int(producer))) as record
                ):
                    markers = told.get((record.partition, producer), ())
                    after = bisect_right(markers, record.offset, key=attrgetter("offset"))
                    if after < len(markers) and markers[after].first <= record.offset:
                        self._entries[place] = replace(record, outcome=markers[after].outcome)

    def _make_room(self) -> None:
        """Drop entries until they fit: the oldest; where one is held, first those before it and what is
        around it, then those after, but never the newest record.
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
    """What stands in the place of these."""
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
    """What came between two gaps, with the offsets jumped over before them."""
    places = [0, *(place for place, _ in news.gaps), len(news.came)]
    return [
        (jumped, news.came[start:end])
        for jumped, start, end in zip(
            (0, *(count for _, count in news.gaps)), places, places[1:], strict=False
        )
    ]


def newest(arrivals: Sequence[Arrival], most: int) -> list[Arrival]:
    """The newest `most` of what came, oldest first.

    Ordered by timestamp across partitions; within a partition always by offset, whatever its producers'
    clocks say.
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

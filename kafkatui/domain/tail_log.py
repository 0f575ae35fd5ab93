"""What the tail keeps: the newest records of a topic, as many as fit, and where some were left out."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from kafkatui.domain.records import Record, TailNews

MOST_RECORDS = 10_000
MOST_OCTETS = 32 * 2**20
RECORD_OVERHEAD = 600
"""Bytes a record costs beside its key, value and headers, about."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A place where records were left out."""

    count: int
    """How many, at most."""
    exact: bool
    """They were counted one by one, not by offsets that may have holes."""
    rate: float | None
    """Offsets written per second to the topic when it happened; ``None``: not known."""


Entry = Record | Skipped


class TailLog:
    """The newest entries, numbered upwards from 0 for ever; the oldest go when there are too many."""

    def __init__(self, records: int = 1000, octets: int = MOST_OCTETS, per_second: int = 40) -> None:
        """At most `records` (up to `MOST_RECORDS`) entries and `octets` bytes are kept; at most `per_second`
        records are taken in a second, the newest of those that came.
        """
        self._most = min(records, MOST_RECORDS)
        self._most_octets = min(octets, MOST_OCTETS)
        self.per_second = per_second
        self._entries: deque[Entry] = deque()
        self._allowance = float(per_second)
        self._asked_at: float | None = None
        self.octets = 0
        """What is kept, in bytes, about."""
        self.first = 0
        """Number of the oldest entry."""
        self.seen = 0
        """Records that came, kept or not, and offsets jumped over."""
        self.rate: float | None = None
        """Offsets written per second; ``None``: not known."""
        self.faults: tuple[tuple[int, str], ...] = ()
        """(partition, why) for partitions that cannot be read now."""

    @property
    def most(self) -> int:
        """How many entries are kept at most."""
        return self._most

    @property
    def end(self) -> int:
        """The number the next entry will have."""
        return self.first + len(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> Entry:
        """The entry with a number; raises IndexError for one that is gone or still to come."""
        if not self.first <= number < self.end:
            raise IndexError(number)
        return self._entries[number - self.first]

    def add(self, news: TailNews, now: float, *, holes: bool) -> None:
        """Take in what one look brought at monotonic second `now`; `holes`: offsets of this topic may have
        holes.
        """
        self.rate, self.faults = news.rate, news.faults
        passed = 0.0 if self._asked_at is None else max(0.0, now - self._asked_at)
        self._asked_at = now
        self._allowance = min(float(self.per_second), self._allowance + passed * self.per_second)
        taken = newest(news.records, int(self._allowance))
        self._allowance -= len(taken)
        left_out = len(news.records) - len(taken)
        self.seen += len(news.records) + news.skipped
        if left_out or news.skipped:
            self._skip(left_out + news.skipped, exact=not news.skipped or not (holes or news.markers))
        for record in taken:
            self._entries.append(record)
            self.octets += weight(record)
        while len(self._entries) > self._most or (self.octets > self._most_octets and self._entries):
            gone = self._entries.popleft()
            self.first += 1
            if isinstance(gone, Record):
                self.octets -= weight(gone)

    def _skip(self, count: int, *, exact: bool) -> None:
        self._entries.append(Skipped(count, exact, self.rate))


def newest(records: Sequence[Record], most: int) -> list[Record]:
    """The newest `most` of the records, oldest first.

    Ordered by timestamp across partitions; within a partition always by offset, whatever its producers'
    clocks say.
    """
    if most <= 0:
        return []
    partitions: dict[int, list[Record]] = {}
    for record in records:
        partitions.setdefault(record.partition, []).append(record)
    dated: list[tuple[int, Record]] = []
    for rows in partitions.values():
        latest = 0
        for record in rows[-most:]:
            latest = max(latest, record.timestamp or 0)
            dated.append((latest, record))
    dated.sort(key=lambda pair: pair[0])
    return [record for _, record in dated[-most:]]


def weight(record: Record) -> int:
    """What a record costs in memory, in bytes, about."""
    octets = RECORD_OVERHEAD + len(record.key or b"") + len(record.value or b"")
    for name, value in record.headers:
        octets += 150 + len(name) + len(value or b"")
    return octets

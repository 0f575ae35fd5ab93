"""What the process of a search is asked, and what it tells: frozen values, and how they go through a pipe."""

import marshal
import struct
from dataclasses import asdict, astuple, dataclass, fields
from operator import attrgetter
from typing import Any

from kafkatui.domain.records.records import Batch, Record

SIZE = struct.Struct(">I")
"""The bytes of a message, before it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to search for, and where."""

    topic: str
    filter: str | None = None
    """The text of the filter; ``None``: every record."""
    now: float = 0.0
    """Seconds since the epoch: what times such as ``2h ago`` count from."""
    start: str = "earliest"
    """Where to begin: see `kafkatui.search.starts`."""
    partitions: tuple[int, ...] | None = None
    """``None``: all."""
    committed: bool = False
    """Leave out records of transactions that were aborted, and stop before those that are open."""
    follow: bool = False
    """Go on with the records that are written from now on."""
    most_bytes: int | None = None
    """How many bytes to download; ``None``: as many as there are."""
    rate: int | None = None
    """The most bytes a second to download; ``None``: any."""
    kept: int | None = None
    """Bytes kept of a key, of a value and of the headers of a record that was found; ``None``: all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is going to be read."""

    ranges: tuple[tuple[int, int, int], ...]
    """(partition, first offset, end offset), where there is something to read."""
    left_out: int
    """How many partitions no record of which can fit, by the filter."""
    octets: int | None
    """Bytes to download, about, by samples; ``None``: not known."""
    seconds: float | None
    """How long it takes, about, by the same samples; ``None``: not known."""

    @property
    def offsets(self) -> int:
        """Offsets to read: at least as many as records."""
        return sum(end - first for _, first, end in self.ranges)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is."""

    scanned: int
    """Offsets read, or known to be empty, of `offsets`."""
    offsets: int
    """Offsets to read in all, as known at the beginning."""
    records: int
    """Records read so far; those of batches that did not have to be unpacked count by their headers."""
    octets: int
    """Bytes downloaded."""
    found: int
    """Records that fit."""
    seconds: float
    """Time it took so far, without the time it was stopped."""
    throttled: float
    """Seconds for which the brokers made it wait, because of a quota."""
    aborted: int = 0
    """Records left out because their transaction was aborted."""

    @property
    def rate(self) -> float | None:
        """Records a second; ``None``: not known yet."""
        return self.records / self.seconds if self.seconds > 0.2 else None

    @property
    def left(self) -> float | None:
        """Seconds until the end, about; ``None``: not known yet."""
        if not self.scanned or self.seconds < 0.2:
            return None
        return self.seconds * max(self.offsets - self.scanned, 0) / self.scanned


@dataclass(frozen=True, slots=True)
class Missed:
    """Offsets that were not searched, and why."""

    partition: int
    first: int
    last: int | None
    """The last of these offsets; ``None``: not known, all that follow."""
    why: str


@dataclass(frozen=True, slots=True)
class Trying:
    """The offsets whose records a regular expression is tried on next; it may take for ever."""

    partition: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The search is over."""

    why: str | None
    """Why before the end of the logs; ``None``: all was read, but for what was `Missed`."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The search could not be made."""

    kind: str
    """The name of a `FaultKind`; empty: wrong usage."""
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Records that fit, in order of offsets within a partition."""

    records: tuple[Record, ...]


News = Plan | Progress | Missed | Trying | Ended | Failed | Found
_KINDS: tuple[type[Any], ...] = (Plan, Progress, Missed, Trying, Ended, Failed)
_NAMES = [field.name for field in fields(Record)]
_BEFORE_BATCH = slice(1, _NAMES.index("batch"))
_BEHIND_BATCH = slice(_NAMES.index("batch") + 1, None)
_BEGIN, _REST = attrgetter(*_NAMES[_BEFORE_BATCH]), attrgetter(*_NAMES[_BEHIND_BATCH][:-1])
"""The fields of a record before and behind its batch, which many records share; without the topic, and
without the outcome, which a search does not know."""


def encoded(news: News) -> bytes:
    """The message, with its size before it."""
    if isinstance(news, Found):
        topic = news.records[0].topic if news.records else ""
        batches: list[tuple[Any, ...]] = []
        rows: list[tuple[Any, ...]] = []
        newest: Batch | None = None
        for record in news.records:
            if record.batch is not None and record.batch is not newest:
                newest = record.batch
                batches.append(astuple(newest))
            place = None if record.batch is None else len(batches) - 1
            rows.append((place, _BEGIN(record), _REST(record)))
        body = marshal.dumps((-1, topic, batches, rows))
    else:
        body = marshal.dumps((_KINDS.index(type(news)), *[getattr(news, one.name) for one in fields(news)]))
    return SIZE.pack(len(body)) + body


def decoded(body: bytes) -> News:
    """The message whose bytes, without the size, are `body`. They must come from `encoded`."""
    kind, *values = marshal.loads(body)
    if kind >= 0:
        news: News = _KINDS[kind](*values)
        return news
    topic, batches, rows = values
    made = [Batch(*one) for one in batches]
    return Found(
        tuple(
            Record(topic, *begin, None if place is None else made[place], *rest)  # type: ignore[call-arg]
            for place, begin, rest in rows
        )
    )


def order_of(wanted: Wanted) -> dict[str, Any]:
    """`wanted` as values of JSON."""
    return asdict(wanted)


def wanted_of(order: dict[str, Any]) -> Wanted:
    """The opposite of `order_of`."""
    numbers = order.pop("partitions")
    return Wanted(partitions=None if numbers is None else tuple(numbers), **order)

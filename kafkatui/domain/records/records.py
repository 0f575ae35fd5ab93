"""Records as they are in a log, and the news that one look at the end of a topic brings."""

from dataclasses import dataclass, field
from enum import Enum

from kafkatui.domain.cluster.faults import Fault

KEPT = 1024 * 1024
"""Bytes kept of a key, of a value and of the headers of a record."""
KEPT_HEADERS = 10_000
"""Headers kept of a record."""
RECORD_OVERHEAD = 600
"""Bytes of memory, about, that a record takes beside its key, value and headers."""
HEADER_OVERHEAD = 150
"""Bytes of memory, about, that a header takes beside its name and value."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch that a record came in: facts that are kept once for many records (message format v2)."""

    base_offset: int
    crc: int
    """CRC-32C over the batch, from its attributes to its end."""
    codec: str
    """``none``, ``gzip``, ``snappy``, ``lz4`` or ``zstd``."""
    transactional: bool = False
    producer_id: int | None = None
    """``None``: neither idempotent nor transactional."""
    producer_epoch: int | None = None
    base_sequence: int | None = None
    leader_epoch: int | None = None
    size: int | None = None
    """Bytes in the log, compressed."""
    records: int | None = None


class Outcome(Enum):
    """How the transaction of a record ended."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    """Consumers with ``isolation.level=read_committed`` never get the record."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Bytes are as sent; nothing here is fit for a terminal before `domain.text.printable`."""

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    """Milliseconds since the epoch; ``None``: the batch has none (-1)."""
    timestamp_type: str | None
    """``CreateTime`` (the producer's word) or ``LogAppendTime`` (the broker's clock); ``None``: not known."""
    key: bytes | None
    """``None`` is null: no key. At most the first `KEPT` bytes; `key_size` is the whole."""
    value: bytes | None
    """``None`` is null: a tombstone where the topic is compacted. At most the first `KEPT` bytes."""
    headers: tuple[tuple[str, bytes | None], ...] = ()
    """At most the first `KEPT_HEADERS`, and the first `KEPT` bytes of names and values together: the last one
    may be cut.
    """
    key_size: int = 0
    """Bytes as sent, 0 for null."""
    value_size: int = 0
    """Bytes as sent, 0 for null."""
    batch: Batch | None = field(default=None, compare=False)
    headers_size: int = 0
    """Bytes of all names and values as sent."""
    headers_left_out: int = 0
    """How many more headers were sent than are kept."""
    outcome: Outcome | None = None
    """``None``: not in a transaction, or not known how that ended."""


def weight(record: Record) -> int:
    """How many bytes of memory a record takes, about."""
    headers = min(record.headers_size, KEPT) + HEADER_OVERHEAD * len(record.headers)
    return RECORD_OVERHEAD + len(record.key or b"") + len(record.value or b"") + headers


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A batch that lies in the log and cannot be read."""

    partition: int
    offset: int
    """Its first offset."""
    last_offset: int
    count: int | None
    """How many records it holds, by its header; ``None``: not known."""
    timestamp: int | None
    """The newest timestamp in it, in milliseconds since the epoch; ``None``: not known."""
    why: str
    """Why it cannot be read, in words."""

    @property
    def most(self) -> int:
        """How many records it holds at most."""
        return self.last_offset - self.offset + 1 if self.count is None else self.count


@dataclass(frozen=True, slots=True)
class TransactionEnd:
    """A marker: how a transaction ended for the records of one producer in one partition."""

    partition: int
    producer_id: int
    first: int
    """The transaction has the producer's records from this offset on, as far as was read …"""
    offset: int
    """… up to this one, which is the marker's own."""
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TailNews:
    """The news of one look at the end of a topic: only what came since the look before."""

    came: tuple[Record | Unreadable, ...] = ()
    """New records and batches, in order of arrival: within one answer of a broker by partition."""
    gaps: tuple[tuple[int, int], ...] = ()
    """(place in `came`, number of offsets): so many offsets were jumped over before the record at that place,
    for more came than the limit allows. Not every offset is a record. In order of place; a place equal to the
    length of `came` is after the last."""
    rate: float | None = None
    """Offsets written per second to the whole topic, from high watermarks; ``None``: not known yet."""
    faults: tuple[tuple[int, Fault], ...] = ()
    """(partition, why) for partitions that cannot be read now."""
    markers: int = 0
    """Control batches (commit and abort markers) passed since the last news."""
    ends: tuple[TransactionEnd, ...] = ()
    """The ends of transactions, by these markers, of which records may have come."""
    partitions: int = 0
    """How many partitions are followed."""
    topic_id: str | None = None
    """The id of the topic; another id than before means that the topic was deleted and made again. ``None``:
    not known (Kafka before 2.8).
    """

    @property
    def records(self) -> tuple[Record, ...]:
        """The records among `came`, without batches that could not be read."""
        return tuple(one for one in self.came if isinstance(one, Record))

    @property
    def skipped(self) -> int:
        """Offsets jumped over since the last news."""
        return sum(count for _, count in self.gaps)

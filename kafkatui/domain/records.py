"""Records as they lie in a log, and what a look at a topic's tail brought."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch a record came in: what is kept once for many records (message format v2)."""

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


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Bytes are as sent; nothing here is fit for a terminal before `domain.text.printable`."""

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    """Milliseconds since the epoch; ``None``: the batch has none (-1)."""
    timestamp_type: str | None
    """``CreateTime`` (the producer's word) or ``LogAppendTime`` (the broker's clock); ``None``: not told."""
    key: bytes | None
    """``None`` is null: no key. At most the first `KEPT` bytes; `key_size` is the whole."""
    value: bytes | None
    """``None`` is null: a tombstone where the topic is compacted. At most the first `KEPT` bytes."""
    headers: tuple[tuple[str, bytes | None], ...] = ()
    key_size: int = 0
    """Bytes as sent, 0 for null."""
    value_size: int = 0
    """Bytes as sent, 0 for null."""
    batch: Batch | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TailNews:
    """What one look at the end of a topic brought; nothing in it repeats in the next."""

    records: tuple[Record, ...] = ()
    """In order of arrival: by partition within one answer."""
    gaps: tuple[tuple[int, int], ...] = ()
    """(place, offsets): so many were jumped over before the record at that place, so as not to pass the
    limit: an upper bound of records. In order of place; the place after the last record is their number."""
    rate: float | None = None
    """Offsets written per second to the whole topic, from high watermarks; ``None``: not known yet."""
    faults: tuple[tuple[int, str], ...] = ()
    """(partition, why) for partitions that cannot be read now."""
    markers: int = 0
    """Control batches (commit and abort markers) passed since the last news."""
    partitions: int = 0
    """How many partitions are followed."""
    topic_id: str | None = None
    """Of the topic the records are from; another one than before: it was deleted and made again; ``None``:
    not told (Kafka before 2.8).
    """

    @property
    def skipped(self) -> int:
        """Offsets jumped over since the last news."""
        return sum(count for _, count in self.gaps)

"""Record batches as bytes of a log: reading their headers, and unpacking their records."""

import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from aiokafka.errors import KafkaError
from aiokafka.record.memory_records import MemoryRecords

from kafkatui.domain.records.log_count import BatchHeader
from kafkatui.domain.records.records import (
    KEPT,
    KEPT_HEADERS,
    Batch,
    Outcome,
    Record,
    TransactionEnd,
    Unreadable,
)
from kafkatui.kafka.bounds import LARGEST_OFFSET
from kafkatui.kafka.codecs import refuse_many_headers

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
TIMESTAMP_TYPES = ("CreateTime", "LogAppendTime")

UNREADABLE = (
    KafkaError, ArithmeticError, AssertionError, LookupError, MemoryError, RuntimeError, SystemError,
    ValueError, struct.error,
)  # fmt: skip
"""The exceptions aiokafka raises where the bytes of a batch make no sense; `SystemError` for a negative
length, `MemoryError` for a length larger than the memory."""
SMALLEST = 14
"""The least bytes that follow the length field of a batch: one empty message of format 0."""
MOST_RECORDS = 100_000
"""How many records of one batch are kept, the newest ones."""
MOST_KEPT_HEADERS = 100_000
"""How many record headers are kept of one batch, all its records together."""
MUCH = 32 * 1024
"""Bytes; more than these are unpacked in a thread, not on the event loop."""
MOST_BATCHES = 50_000
"""How many batches of one answer are read: 3 MB of the smallest ones."""

_FRAME = struct.Struct(">qiib")
"""base offset, length of what follows the length, leader epoch, magic"""
HEADER = struct.Struct(">qiibIhiqqqhii")
"""The header of a batch of format 2: the fields of `_FRAME`, crc, attributes, last offset delta, first and
max timestamp, producer id, producer epoch, base sequence, number of records"""
_BEFORE_LENGTH_ENDS = 12
_MARKER = struct.Struct(">5xhh")
"""The one record behind the header of a control batch: five bytes of lengths and deltas, then its key: a
version and a type.
"""
ABORT, COMMIT = 0, 1
_ATTRIBUTES, _OLD_ATTRIBUTES = 22, 17
"""Position of the byte that names the codec, in a batch of format 2 and in one of formats 0 and 1."""
CONTROL = 0x20
TRANSACTIONAL = 0x10
CODEC_BITS = 0x07
_OUTCOMES = {ABORT: Outcome.ABORTED, COMMIT: Outcome.COMMITTED}
NO_TIMESTAMP = -1


def first_offset(data: bytes) -> int | None:
    """Base offset of the first batch in `data`, often below the offset asked for; ``None``: `data` is too
    short.
    """
    return int(_FRAME.unpack_from(data)[0]) if len(data) >= _FRAME.size else None


def newest_timestamp(data: bytes) -> int | None:
    """The newest timestamp of the last whole batch in `data`, in ms; ``None``: there is no whole batch of
    format 2, or it has no timestamp."""
    slices = slices_of(data)
    if not slices or slices[-1].magic < 2 or slices[-1].end - slices[-1].start < HEADER.size:
        return None
    stamp: int = HEADER.unpack_from(data, slices[-1].start)[8]
    return stamp if stamp >= 0 else None


def headers(data: bytes) -> list[BatchHeader | None]:
    """The header of each whole batch in `data`, in order; ``None``: one without a number of records (a format
    before 2, a control batch that is no transaction marker).
    """
    found: list[BatchHeader | None] = []
    for start, end, base, _, magic in slices_of(data):
        if magic != 2 or end - start < HEADER.size:
            found.append(None)
            continue
        (_, _, _, _, _, attributes, delta, _, _, producer_id, _, _, records) = HEADER.unpack_from(data, start)
        if records < 0 or delta < 0:
            found.append(None)
            continue
        ends: bool | None = None
        if attributes & CONTROL:
            kind = kind_of_marker(data, start, end)
            if kind not in (ABORT, COMMIT):
                found.append(None)
                continue
            ends = kind == COMMIT
        transactional = bool(attributes & TRANSACTIONAL)
        found.append(
            BatchHeader(base, min(base + delta, LARGEST_OFFSET), records, producer_id, transactional, ends)
        )
    return found


def times(data: bytes) -> list[tuple[int, int, int]]:
    """Of each whole batch in `data`, in order: its first and last offset, and the timestamp of its first
    record in milliseconds since the epoch. Markers of transactions, batches of a format before 2, and those
    without a timestamp are left out.
    """
    found: list[tuple[int, int, int]] = []
    for start, end, base, _, magic in slices_of(data):
        if magic == 2 and end - start >= HEADER.size:
            (_, _, _, _, _, attributes, delta, timestamp, *_) = HEADER.unpack_from(data, start)
            if delta >= 0 and timestamp >= 0 and not attributes & CONTROL:
                found.append((base, min(base + delta, LARGEST_OFFSET), timestamp))
    return found


def is_slow_to_unpack(data: Sequence[bytes]) -> bool:
    """Whether unpacking these batches may take long, so that a thread has to do it: they are large or
    compressed."""
    if sum(map(len, data)) > MUCH:
        return True
    return any(
        octets[batch.start + (_ATTRIBUTES if batch.magic >= 2 else _OLD_ATTRIBUTES)] & CODEC_BITS
        for octets in data
        for batch in slices_of(octets)
    )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The records unpacked from the bytes of one partition, and what was left out."""

    records: tuple[Record, ...]
    next_offset: int
    """The offset to fetch from next."""
    markers: int = 0
    """How many control batches there were: commit and abort markers."""
    skipped: int = 0
    """Offsets left out because there were too many records: older batches that were not unpacked, and the
    older records of a batch with more than `MOST_RECORDS`."""
    unreadable: tuple[Unreadable, ...] = ()
    """Batches that could not be read; the batches before and after them were."""
    ends: tuple[TransactionEnd, ...] = ()
    """The transactions that the markers end; their `first` is the first offset that was unpacked."""


class Slice(NamedTuple):
    """Where a batch lies among others."""

    start: int
    end: int
    base_offset: int
    leader_epoch: int
    magic: int


def unpack(
    topic: str, partition: int, data: bytes, offset: int, most: int, keys: tuple[bytes, ...] = (b"",)
) -> Unpacked:
    """The records in `data` from `offset` on; only those of the newest batches where there are more than
    `most`.

    `keys`: only records whose key begins with one of these are kept; a record without a key has the key
    ``b""``.
    """
    slices = slices_of(data)
    skipped, first = _too_many(data, slices, offset, most)
    records: list[Record] = []
    unreadable: list[Unreadable] = []
    ends: list[TransactionEnd] = []
    markers, position = 0, max(offset, first)
    begin = position
    for batch in slices:
        last = last_offset_of(data, batch)
        if last < position:
            continue
        piece = data[batch.start : batch.end]
        try:
            if (marker := _marker(piece, batch.magic)) is not None:
                markers += 1
                if marker.outcome is not None:
                    ends.append(TransactionEnd(partition, marker.producer_id, begin, last, marker.outcome))
            else:
                found = _read(topic, partition, piece, batch.magic, position, keys)
                records += found
                if found:
                    last = min(max(last, found[-1].offset), LARGEST_OFFSET)
                if len(found) == MOST_RECORDS:
                    skipped += max(found[0].offset - position, 0)
        except UNREADABLE as error:
            unreadable.append(_unreadable(partition, piece, batch, last, error))
        position = last + 1
    return Unpacked(tuple(records), position, markers, skipped, tuple(unreadable), tuple(ends))


def newest(found: Unpacked, begin: int, most: int) -> Unpacked:
    """`found` with only its newest `most` records; `begin` is the offset from which it was unpacked."""
    if len(found.records) <= most:
        return found
    records = found.records[-most:]
    first = records[0].offset
    unreadable = tuple(batch for batch in found.unreadable if batch.offset > first)
    return replace(found, records=records, unreadable=unreadable, skipped=first - begin)


def slices_of(data: bytes) -> list[Slice]:
    """Where each whole batch in `data` begins and ends; the last batch is often cut off, then it is left
    out."""
    slices: list[Slice] = []
    position = 0
    while position + _FRAME.size <= len(data) and len(slices) < MOST_BATCHES:
        base_offset, length, leader_epoch, magic = _FRAME.unpack_from(data, position)
        end = position + _BEFORE_LENGTH_ENDS + length
        if length < SMALLEST or end > len(data) or not 0 <= base_offset <= LARGEST_OFFSET:
            break
        slices.append(Slice(position, end, base_offset, leader_epoch, magic))
        position = end
    return slices


def last_offset_of(data: bytes, batch: Slice) -> int:
    """The last offset of a batch. In formats before 2 the base offset field of the frame holds the last
    one."""
    if batch.magic < 2 or batch.end - batch.start < HEADER.size:
        return batch.base_offset
    delta: int = HEADER.unpack_from(data, batch.start)[6]
    return min(batch.base_offset + max(delta, 0), LARGEST_OFFSET)


def _too_many(data: bytes, slices: Sequence[Slice], offset: int, most: int) -> tuple[int, int]:
    """How many offsets to leave out, and the first offset to unpack, so that about `most` records are
    unpacked."""
    total, first = 0, offset
    for number, batch in enumerate(reversed(slices)):
        total += last_offset_of(data, batch) - batch.base_offset + 1
        if total > most and number:
            return max(first - offset, 0), first
        first = batch.base_offset
    return 0, offset


class _Marker(NamedTuple):
    producer_id: int
    outcome: Outcome | None
    """Whether the transaction was committed or aborted; ``None``: a control batch of another kind."""


def _marker(piece: bytes, magic: int) -> _Marker | None:
    """The transaction marker in a control batch; ``None``: the batch holds records. Raises `UNREADABLE`."""
    if magic != 2 or len(piece) < HEADER.size or not HEADER.unpack_from(piece)[5] & CONTROL:
        return None
    checked(piece, magic)
    return _Marker(HEADER.unpack_from(piece)[9], _OUTCOMES.get(kind_of_marker(piece, 0, len(piece))))


def kind_of_marker(data: bytes, start: int, end: int) -> int:
    """The type field of the control batch between `start` and `end`; -1: the batch is too short for it."""
    long_enough = end - start >= HEADER.size + _MARKER.size
    return int(_MARKER.unpack_from(data, start + HEADER.size)[1]) if long_enough else -1


def checked(piece: bytes, magic: int) -> Any:
    """aiokafka's batch of `piece`, after checking its format, codec, headers and CRC. Raises `UNREADABLE`."""
    if magic > 2:
        raise ValueError(f"its format {magic} is not known")
    if magic == 2 and len(piece) >= HEADER.size:
        codec = HEADER.unpack_from(piece)[5] & CODEC_BITS
        if codec >= len(CODECS):
            raise ValueError(f"its codec {codec} is not known")
        if not codec:
            refuse_many_headers(piece[HEADER.size :])
    batch = MemoryRecords(piece).next_batch()
    if batch is None:
        raise ValueError("it is cut off")
    if not batch.validate_crc():
        raise ValueError("its CRC is wrong")
    return batch


def _unreadable(partition: int, piece: bytes, where: Slice, last_offset: int, error: Exception) -> Unreadable:
    """The entry for a batch that could not be read: its offsets, and from its header its time and number of
    records."""
    why = str(error) or type(error).__name__
    if where.magic != 2 or len(piece) < HEADER.size:
        return Unreadable(partition, where.base_offset, last_offset, None, None, why)
    header = HEADER.unpack_from(piece)
    stamp, count = header[8], header[12]
    known = 0 <= count <= last_offset - where.base_offset + 1
    return Unreadable(
        partition,
        where.base_offset,
        last_offset,
        count if known else None,
        stamp if stamp != NO_TIMESTAMP else None,
        why,
    )


def _read(
    topic: str, partition: int, piece: bytes, magic: int, offset: int, keys: tuple[bytes, ...]
) -> list[Record]:
    """Records of one batch from `offset` on, the newest `MOST_RECORDS` of them. Raises `UNREADABLE`."""
    batch = checked(piece, magic)
    about = batch_of(piece) if magic == 2 else None
    records: deque[Record] = deque(maxlen=MOST_RECORDS)
    room = MOST_KEPT_HEADERS
    for record in batch:
        key, value = record.key, record.value
        if record.offset < offset or not (key or b"").startswith(keys):
            continue
        stamp = record.timestamp
        headers, size = cut_headers(record.headers, min(room, KEPT_HEADERS))
        room -= len(headers)
        records.append(
            Record(
                topic,
                partition,
                record.offset,
                None if stamp == NO_TIMESTAMP else stamp,
                TIMESTAMP_TYPES[record.timestamp_type] if record.timestamp_type is not None else None,
                key if key is None or len(key) <= KEPT else key[:KEPT],
                value if value is None or len(value) <= KEPT else value[:KEPT],
                headers,
                0 if key is None else len(key),
                0 if value is None else len(value),
                about,
                size,
                len(record.headers) - len(headers),
            )
        )
    return list(records)


def cut_headers(
    sent: Sequence[tuple[str, bytes | None]], most: int
) -> tuple[tuple[tuple[str, bytes | None], ...], int]:
    """The first `most` headers of a record, cut to `KEPT` bytes, and the bytes of all its headers."""
    kept: list[tuple[str, bytes | None]] = []
    size, room = 0, KEPT
    for name, value in sent:
        octets = len(name if name.isascii() else name.encode("utf-8", "replace")) + len(value or b"")
        size += octets
        if len(kept) < most and room > 0:
            if octets > room:
                name = name[:room]
                value = value if value is None else value[: max(0, room - len(name))]
            kept.append((name, value))
            room -= octets
    return tuple(kept), size


def batch_of(piece: bytes) -> Batch:
    """The header of a batch of format 2."""
    (base, length, epoch, _, crc, attributes, _, _, _, producer_id, producer_epoch, sequence, count) = (
        HEADER.unpack_from(piece)
    )
    codec = attributes & CODEC_BITS
    known = producer_id >= 0
    return Batch(
        base,
        crc,
        CODECS[codec] if codec < len(CODECS) else f"codec {codec}",
        bool(attributes & TRANSACTIONAL),
        producer_id if known else None,
        producer_epoch if known else None,
        sequence if sequence >= 0 else None,
        epoch if epoch >= 0 else None,
        length + _BEFORE_LENGTH_ENDS,
        count,
    )

"""Batches as they lie in a log: what their headers say, and the records in them."""

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
"""What the classes of batches raise where the bytes of a batch make no sense; `SystemError` for a negative
length, `MemoryError` for one that nothing has room for."""
SMALLEST = 14
"""Bytes behind the length of the smallest batch there is: one empty message of format 0."""
MOST_RECORDS = 100_000
"""Records of one batch that are kept, the newest ones."""
MOST_KEPT_HEADERS = 100_000
"""Headers that are kept of the records of a batch together."""
MUCH = 32 * 1024
"""More bytes than this are not unpacked on the event loop."""
MOST_BATCHES = 50_000
"""Batches of one answer that are looked at: 3 MB of the smallest."""

_FRAME = struct.Struct(">qiib")
"""base offset, length of what follows the length, leader epoch, magic"""
_HEADER = struct.Struct(">qiibIhiqqqhii")
"""… crc, attributes, last offset delta, first and max timestamp, producer id and epoch, base sequence,
records"""
_BEFORE_LENGTH_ENDS = 12
_MARKER = struct.Struct(">5xhh")
"""Behind the header of a control batch its one record: lengths and deltas of a byte each, then the key:
version and type.
"""
_ABORT, _COMMIT = 0, 1
_ATTRIBUTES, _OLD_ATTRIBUTES = 22, 17
"""Where the byte with the codec stands in a batch of format 2, and of the formats before."""
_CONTROL = 0x20
_TRANSACTIONAL = 0x10
_CODEC = 0x07
_OUTCOMES = {_ABORT: Outcome.ABORTED, _COMMIT: Outcome.COMMITTED}
NO_TIMESTAMP = -1


def first_offset(data: bytes) -> int | None:
    """Base offset of the first batch in `data`, often below the offset asked for; ``None``: cut off before it
    tells.
    """
    return int(_FRAME.unpack_from(data)[0]) if len(data) >= _FRAME.size else None


def newest_timestamp(data: bytes) -> int | None:
    """The newest timestamp in the last whole batch of `data`, in ms; ``None``: none is told."""
    slices = _slices(data)
    if not slices or slices[-1].magic < 2 or slices[-1].end - slices[-1].start < _HEADER.size:
        return None
    stamp: int = _HEADER.unpack_from(data, slices[-1].start)[8]
    return stamp if stamp >= 0 else None


def headers(data: bytes) -> list[BatchHeader | None]:
    """What the header of each whole batch in `data` says, in order; ``None``: it does not tell how many
    records there are (formats before 2, a control batch that is no marker).
    """
    found: list[BatchHeader | None] = []
    for start, end, base, _, magic in _slices(data):
        if magic != 2 or end - start < _HEADER.size:
            found.append(None)
            continue
        (_, _, _, _, _, attributes, delta, _, _, producer_id, _, _, records) = _HEADER.unpack_from(
            data, start
        )
        if records < 0 or delta < 0:
            found.append(None)
            continue
        ends: bool | None = None
        if attributes & _CONTROL:
            kind = _kind(data, start, end)
            if kind not in (_ABORT, _COMMIT):
                found.append(None)
                continue
            ends = kind == _COMMIT
        transactional = bool(attributes & _TRANSACTIONAL)
        found.append(
            BatchHeader(base, min(base + delta, LARGEST_OFFSET), records, producer_id, transactional, ends)
        )
    return found


def is_much(data: Sequence[bytes]) -> bool:
    """Whether unpacking these may take so long that it is left to a thread: they are large, or compressed."""
    if sum(map(len, data)) > MUCH:
        return True
    return any(
        octets[batch.start + (_ATTRIBUTES if batch.magic >= 2 else _OLD_ATTRIBUTES)] & _CODEC
        for octets in data
        for batch in _slices(octets)
    )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What the bytes of one partition hold."""

    records: tuple[Record, ...]
    next_offset: int
    """Where to fetch from next."""
    markers: int = 0
    """Control batches: commit and abort markers."""
    skipped: int = 0
    """Offsets of batches that were left packed, being too many, and those a batch of too many begins with."""
    unreadable: tuple[Unreadable, ...] = ()
    """Batches that could not be read; those around them were."""
    ends: tuple[TransactionEnd, ...] = ()
    """What the markers say; `first` is the start of what was unpacked."""


class _Slice(NamedTuple):
    start: int
    end: int
    base_offset: int
    leader_epoch: int
    magic: int


def unpack(
    topic: str, partition: int, data: bytes, offset: int, most: int, keys: tuple[bytes, ...] = (b"",)
) -> Unpacked:
    """The records in `data` from `offset` on; only the newest batches where there are more than `most`
    records.

    `keys`: what the key of a record begins with that is not left out; a record without a key counts as empty.
    """
    slices = _slices(data)
    skipped, first = _too_many(data, slices, offset, most)
    records: list[Record] = []
    unreadable: list[Unreadable] = []
    ends: list[TransactionEnd] = []
    markers, position = 0, max(offset, first)
    begin = position
    for batch in slices:
        last = _last_offset(data, batch)
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
    """The same with at most `most` records, the newest ones, where they were unpacked from `begin` on."""
    if len(found.records) <= most:
        return found
    records = found.records[-most:]
    first = records[0].offset
    unreadable = tuple(batch for batch in found.unreadable if batch.offset > first)
    return replace(found, records=records, unreadable=unreadable, skipped=first - begin)


def _slices(data: bytes) -> list[_Slice]:
    """Where each whole batch lies; the last one is often cut off, and left out."""
    slices: list[_Slice] = []
    position = 0
    while position + _FRAME.size <= len(data) and len(slices) < MOST_BATCHES:
        base_offset, length, leader_epoch, magic = _FRAME.unpack_from(data, position)
        end = position + _BEFORE_LENGTH_ENDS + length
        if length < SMALLEST or end > len(data) or not 0 <= base_offset <= LARGEST_OFFSET:
            break
        slices.append(_Slice(position, end, base_offset, leader_epoch, magic))
        position = end
    return slices


def _last_offset(data: bytes, batch: _Slice) -> int:
    """Of a batch; formats before 2 keep the last offset where version 2 keeps the first."""
    if batch.magic < 2 or batch.end - batch.start < _HEADER.size:
        return batch.base_offset
    delta: int = _HEADER.unpack_from(data, batch.start)[6]
    return min(batch.base_offset + max(delta, 0), LARGEST_OFFSET)


def _too_many(data: bytes, slices: Sequence[_Slice], offset: int, most: int) -> tuple[int, int]:
    """Offsets to leave packed, and the first offset to unpack, so that about `most` records are."""
    total, first = 0, offset
    for number, batch in enumerate(reversed(slices)):
        total += _last_offset(data, batch) - batch.base_offset + 1
        if total > most and number:
            return max(first - offset, 0), first
        first = batch.base_offset
    return 0, offset


class _Marker(NamedTuple):
    producer_id: int
    outcome: Outcome | None
    """``None``: a control batch of another kind."""


def _marker(piece: bytes, magic: int) -> _Marker | None:
    """What a control batch says; ``None``: it is an ordinary batch. Raises as `_read` does."""
    if magic != 2 or len(piece) < _HEADER.size or not _HEADER.unpack_from(piece)[5] & _CONTROL:
        return None
    _checked(piece, magic)
    return _Marker(_HEADER.unpack_from(piece)[9], _OUTCOMES.get(_kind(piece, 0, len(piece))))


def _kind(data: bytes, start: int, end: int) -> int:
    """The kind of the control batch that lies there; -1: it is too short to tell."""
    long_enough = end - start >= _HEADER.size + _MARKER.size
    return int(_MARKER.unpack_from(data, start + _HEADER.size)[1]) if long_enough else -1


def _checked(piece: bytes, magic: int) -> Any:
    """The batch, whole and in a format and codec that is known. Raises `UNREADABLE`."""
    if magic > 2:
        raise ValueError(f"its format {magic} is not known")
    if magic == 2 and len(piece) >= _HEADER.size:
        codec = _HEADER.unpack_from(piece)[5] & _CODEC
        if codec >= len(CODECS):
            raise ValueError(f"its codec {codec} is not known")
        if not codec:
            refuse_many_headers(piece[_HEADER.size :])
    batch = MemoryRecords(piece).next_batch()
    if batch is None:
        raise ValueError("it is cut off")
    if not batch.validate_crc():
        raise ValueError("its CRC is wrong")
    return batch


def _unreadable(
    partition: int, piece: bytes, where: _Slice, last_offset: int, error: Exception
) -> Unreadable:
    """What is known of a batch that is not read."""
    why = str(error) or type(error).__name__
    if where.magic != 2 or len(piece) < _HEADER.size:
        return Unreadable(partition, where.base_offset, last_offset, None, None, why)
    header = _HEADER.unpack_from(piece)
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
    batch = _checked(piece, magic)
    about = _about(piece) if magic == 2 else None
    records: deque[Record] = deque(maxlen=MOST_RECORDS)
    room = MOST_KEPT_HEADERS
    for record in batch:
        key, value = record.key, record.value
        if record.offset < offset or not (key or b"").startswith(keys):
            continue
        stamp = record.timestamp
        headers, size = _headers(record.headers, min(room, KEPT_HEADERS))
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


def _headers(
    sent: Sequence[tuple[str, bytes | None]], most: int
) -> tuple[tuple[tuple[str, bytes | None], ...], int]:
    """The headers that are kept, `most` at most, and the bytes of all that were sent."""
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


def _about(piece: bytes) -> Batch:
    """What the header of a batch of format 2 says."""
    (base, length, epoch, _, crc, attributes, _, _, _, producer_id, producer_epoch, sequence, count) = (
        _HEADER.unpack_from(piece)
    )
    codec = attributes & _CODEC
    known = producer_id >= 0
    return Batch(
        base,
        crc,
        CODECS[codec] if codec < len(CODECS) else f"codec {codec}",
        bool(attributes & _TRANSACTIONAL),
        producer_id if known else None,
        producer_epoch if known else None,
        sequence if sequence >= 0 else None,
        epoch if epoch >= 0 else None,
        length + _BEFORE_LENGTH_ENDS,
        count,
    )

"""Batches as a search reads them: their bytes first, and their records only where one of them may fit."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from aiokafka.record import default_records
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c, decode_varint

from kafkatui.domain.records.records import Batch, Record
from kafkatui.kafka.batches import (
    ABORT,
    CODEC_BITS,
    CODECS,
    CONTROL,
    HEADER,
    NO_TIMESTAMP,
    TIMESTAMP_TYPES,
    TRANSACTIONAL,
    UNREADABLE,
    Slice,
    batch_of,
    checked,
    cut_headers,
    kind_of_marker,
    last_offset_of,
    slices_of,
)
from kafkatui.kafka.codecs import refuse_many_headers

__all__ = ["UNREADABLE", "RawBatch", "raw_batches"]

_BEFORE_CRC_ENDS = 21
"""Position behind the CRC in a batch of format 2: what follows is what it is over."""
_CODEC_BYTE = 22
_DECODERS = ("gzip_decode", "snappy_decode", "lz4_decode", "zstd_decode")
"""By codec, from 1: the names of aiokafka's functions, which `kafkatui.kafka.codecs` replaces."""


class RawBatch(NamedTuple):
    """One whole batch of a log, as bytes."""

    data: bytes
    magic: int
    base_offset: int
    last_offset: int
    records: int | None
    """How many records it holds, by its header; ``None``: a format before 2."""
    producer_id: int
    """-1: none."""
    attributes: int

    @property
    def is_control(self) -> bool:
        """Whether it holds a marker, and no records."""
        return bool(self.attributes & CONTROL)

    @property
    def is_transactional(self) -> bool:
        return bool(self.attributes & TRANSACTIONAL)

    @property
    def aborts(self) -> bool:
        """Whether it is the marker that aborts a transaction."""
        return self.is_control and kind_of_marker(self.data, 0, len(self.data)) == ABORT

    def payload(self) -> bytes | None:
        """The bytes of its records, unpacked, after checking its CRC; ``None``: a format before 2, which does
        not keep them apart. Raises `UNREADABLE`.
        """
        if self.magic != 2:
            return None
        if calc_crc32c(self.data[_BEFORE_CRC_ENDS:]) != HEADER.unpack_from(self.data)[4]:
            raise ValueError("its CRC is wrong")
        codec = self.attributes & CODEC_BITS
        if codec >= len(CODECS):
            raise ValueError(f"its codec {codec} is not known")
        packed = self.data[HEADER.size :]
        return _decoder(codec)(packed) if codec else packed

    def raw_records(self, payload: bytes | None, holding: tuple[bytes, bytes] | None = None) -> Iterator[Any]:
        """Its records as aiokafka has them: with ``offset``, ``timestamp``, ``key``, ``value``, ``headers``.

        `payload`: what `payload()` gave. `holding`: (bytes, the payload or a copy of it in small letters):
        only the records that hold these bytes there are unpacked. Raises `UNREADABLE`, also in the middle.
        """
        if payload is None:
            yield from checked(self.data, self.magic)
            return
        count = None
        if holding is not None:
            payload, count = _only(payload, *holding)
        if len(payload) == len(self.data) - HEADER.size and not self.attributes & CODEC_BITS:
            refuse_many_headers(payload)
            data = self.data
        else:
            # the same batch without its codec: it was unpacked and checked already
            refuse_many_headers(payload)
            head = bytearray(self.data[: HEADER.size])
            head[_CODEC_BYTE] &= ~CODEC_BITS
            head[8:12] = (HEADER.size - 12 + len(payload)).to_bytes(4, "big")
            if count is not None:
                head[HEADER.size - 4 : HEADER.size] = count.to_bytes(4, "big")
            data = bytes(head) + payload
        batch: Iterable[Any] | None = MemoryRecords(data).next_batch()
        if batch is None:
            raise ValueError("it is cut off")
        yield from batch

    def about(self) -> Batch | None:
        """The facts of its header; ``None``: a format before 2."""
        return batch_of(self.data) if self.magic == 2 else None

    def record(self, topic: str, partition: int, raw: Any, most: int | None, about: Batch | None) -> Record:
        """The record that `raw` is. `most`: bytes kept of its key, of its value, and of its headers, or
        ``None`` for all. `about`: what `about()` gave.
        """
        key, value, stamp = raw.key, raw.value, raw.timestamp
        headers, size = tuple(raw.headers), 0
        if not headers:
            pass
        elif most is None:
            size = sum(len(name.encode("utf-8", "replace")) + len(octets or b"") for name, octets in headers)
        else:
            headers, size = cut_headers(headers, len(headers))
        return Record(
            topic,
            partition,
            raw.offset,
            None if stamp == NO_TIMESTAMP else stamp,
            TIMESTAMP_TYPES[raw.timestamp_type] if raw.timestamp_type is not None else None,
            key if key is None else key[:most],
            value if value is None else value[:most],
            headers,
            len(key or b""),
            len(value or b""),
            about,
            size,
            len(raw.headers) - len(headers),
        )


def raw_batches(data: bytes) -> list[RawBatch]:
    """The whole batches in `data`, in order; the last one is often cut off and left out."""
    return [_batch(data, place) for place in slices_of(data)]


def _batch(data: bytes, place: Slice) -> RawBatch:
    piece = data[place.start : place.end]
    last = last_offset_of(data, place)
    if place.magic != 2 or len(piece) < HEADER.size:
        return RawBatch(piece, place.magic, place.base_offset, last, None, -1, 0)
    header = HEADER.unpack_from(piece)
    return RawBatch(piece, 2, place.base_offset, last, max(header[12], 0), header[9], header[5])


def _only(payload: bytes, needle: bytes, among: bytes) -> tuple[bytes, int]:
    """The records of `payload` that hold `needle` in `among`, as bytes, and how many they are. They stay
    records of the same batch: their offsets and timestamps count from the batch's.

    A record begins with its length, so the walk reads two bytes of most records. Raises `UNREADABLE`.
    """
    kept: list[bytes] = []
    position, hit = 0, among.find(needle)
    while hit >= 0:
        begin = position
        length = payload[position]
        if length < 0x80:
            position += 1
        elif (more := payload[position + 1]) < 0x80:
            length = length & 0x7F | more << 7
            position += 2
        else:
            length, position = decode_varint(bytearray(payload[position : position + 10]), 0)
            position += begin
            length <<= 1
        position += length >> 1
        if length < 0 or position > len(payload):
            raise ValueError("a record in it is cut off")
        if hit < position:
            kept.append(payload[begin:position])
            hit = among.find(needle, position)
    return b"".join(kept), len(kept)


def _decoder(codec: int) -> Any:
    """aiokafka's function for a codec, with the limits of `kafkatui.kafka.codecs`."""
    module = importlib.import_module(default_records.DefaultRecordBatch.__module__)
    return vars(module)[_DECODERS[codec - 1]]

"""Limits for unpacking compressed batches: replacements for the codecs of aiokafka."""

import functools
import importlib
import mmap
from collections.abc import Callable
from types import ModuleType
from typing import Any

import cramjam
from aiokafka.record import default_records, legacy_records
from aiokafka.record.util import decode_varint

MOST_UNPACKED = 32 * 1024 * 1024
"""Bytes a batch may have once it is unpacked."""
MOST_HEADERS = 100_000
"""Headers a record may have; a batch with a record of more is not read."""

_TOO_MUCH = f"it unpacks to more than {MOST_UNPACKED >> 20} MiB"
_XERIAL = b"\x82SNAPPY\0"


def bound_unpacking() -> None:
    """Make aiokafka raise `ValueError` for a batch that unpacks to more than `MOST_UNPACKED` bytes, or cannot
    be unpacked.

    Without this, aiokafka unpacks 32 kB of zstd to a gigabyte of zeros, held twice, and 10 kB to five million
    headers; and it lets every exception of the codec pass.
    """
    codecs: dict[str, Callable[[Any], bytes]] = {
        "gzip_decode": functools.partial(_unpack_into_room, cramjam.gzip),
        "lz4_decode": functools.partial(_unpack_into_room, cramjam.lz4),
        "zstd_decode": functools.partial(_unpack_into_room, cramjam.zstd),
        "snappy_decode": _unpack_snappy,
    }
    legacy = vars(importlib.import_module(legacy_records.LegacyRecordBatch.__module__))
    legacy.update((name, codec) for name, codec in codecs.items() if name in legacy)
    newer = vars(importlib.import_module(default_records.DefaultRecordBatch.__module__))
    newer.update((name, functools.partial(_with_few_headers, codec)) for name, codec in codecs.items())


def refuse_many_headers(records: Any) -> None:
    """Raise `ValueError` where one of `records` (the unpacked bytes of a batch of format 2) announces more
    than `MOST_HEADERS` headers: allocating them would block the whole program.
    """
    position = 0
    while position < len(records) - 2 * MOST_HEADERS:
        length, position = decode_varint(records, position)
        if length <= 0:
            return  # such a length makes no sense: reading the batch will fail
        if length > 2 * MOST_HEADERS and (number := _headers_of(records, position)) > MOST_HEADERS:
            raise ValueError(f"a record in it has {number:,} headers")
        position += length


def _headers_of(records: Any, position: int) -> int:
    """The number of headers that a record announces; `position` is the one behind the record's length."""
    for _ in range(3):  # attributes (a byte, 0), timestamp and offset
        _, position = decode_varint(records, position)
    for _ in range(2):  # key and value
        length, position = decode_varint(records, position)
        position += max(0, length)
    return int(decode_varint(records, position)[0])


def _with_few_headers(codec: Callable[[Any], bytes], data: Any) -> bytes:
    records = codec(data)
    refuse_many_headers(records)
    return records


def _unpack_into_room(codec: ModuleType, data: Any) -> bytes:
    """Unpack `data` into an anonymous memory map of `MOST_UNPACKED` bytes: pages that are not written take no
    memory."""
    with mmap.mmap(-1, MOST_UNPACKED) as room:
        try:
            size = codec.decompress_into(data, room)
        except cramjam.DecompressionError as error:
            if "whole buffer" in str(error):
                raise ValueError(_TOO_MUCH) from error
            raise ValueError(f"it cannot be unpacked: {error}") from error
        return room[:size]


def _unpack_snappy(data: Any) -> bytes:
    """Unpack raw snappy, or blocks of snappy behind a header of the xerial library.

    aiokafka refuses that header where its version fields are little-endian, as some clients and brokers write
    them; Java and librdkafka ignore these fields.
    """
    packed = bytes(data)
    blocks = _xerial_blocks(packed) if packed.startswith(_XERIAL) else [packed]
    try:
        if sum(map(cramjam.snappy.decompress_raw_len, blocks)) > MOST_UNPACKED:
            raise ValueError(_TOO_MUCH)
        return b"".join([bytes(cramjam.snappy.decompress_raw(block)) for block in blocks])
    except cramjam.DecompressionError as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error


def _xerial_blocks(packed: bytes) -> list[bytes]:
    """The packed blocks behind a xerial header; four bytes before each block are its length."""
    blocks, position = [], len(_XERIAL) + 8  # its version, and the oldest version that can read it
    while position < len(packed):
        end = position + 4 + int.from_bytes(packed[position : position + 4], "big", signed=True)
        if not position + 4 < end <= len(packed):
            raise ValueError("it cannot be unpacked: a block is cut off")
        blocks.append(packed[position + 4 : end])
        position = end
    return blocks

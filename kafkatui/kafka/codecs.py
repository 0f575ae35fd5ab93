"""Unpacking batches within bounds: what is done about aiokafka's codecs."""

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
"""Bytes a batch may unpack to."""
MOST_HEADERS = 100_000
"""Headers a record may have to be read."""

_TOO_MUCH = f"it unpacks to more than {MOST_UNPACKED >> 20} MiB"
_XERIAL = b"\x82SNAPPY\0"


def bound_unpacking() -> None:
    """Let aiokafka give up a batch that unpacks to more than `MOST_UNPACKED`, or cannot be unpacked:
    `ValueError`.

    By itself it makes a gigabyte of zeros out of 32 kB of zstd, twice over, and five million headers out of
    10 kB, and passes on whatever the codec raises.
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
    """Raise `ValueError` where one of these records (the bytes of a batch of format 2, unpacked) has more
    headers than `MOST_HEADERS`: making room for them would hold up everything else.
    """
    position = 0
    while position < len(records) - 2 * MOST_HEADERS:
        length, position = decode_varint(records, position)
        if length <= 0:
            return  # it makes no sense, which is found out when it is read
        if length > 2 * MOST_HEADERS and (number := _headers_of(records, position)) > MOST_HEADERS:
            raise ValueError(f"a record in it has {number:,} headers")
        position += length


def _headers_of(records: Any, position: int) -> int:
    """How many headers the record says it has that begins there, after its length."""
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
    """The room takes memory only where something is written."""
    with mmap.mmap(-1, MOST_UNPACKED) as room:
        try:
            size = codec.decompress_into(data, room)
        except cramjam.DecompressionError as error:
            if "whole buffer" in str(error):
                raise ValueError(_TOO_MUCH) from error
            raise ValueError(f"it cannot be unpacked: {error}") from error
        return room[:size]


def _unpack_snappy(data: Any) -> bytes:
    """Raw snappy, or blocks of it behind a header of the xerial library.

    aiokafka refuses that header where the fields of its version are little-endian, as some clients and
    brokers write them; Java and librdkafka do not look at them.
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
    """Each with its length before it."""
    blocks, position = [], len(_XERIAL) + 8  # its version, and the oldest version that can read it
    while position < len(packed):
        end = position + 4 + int.from_bytes(packed[position : position + 4], "big", signed=True)
        if not position + 4 < end <= len(packed):
            raise ValueError("it cannot be unpacked: a block is cut off")
        blocks.append(packed[position + 4 : end])
        position = end
    return blocks

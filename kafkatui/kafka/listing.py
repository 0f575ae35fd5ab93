"""ListOffsets, encoded and decoded by hand: 10,000 partitions take 3 ms, with kio 46 ms.

It uses version 5, which Kafka 2.2 and newer support: its fields have fixed sizes, so `struct` can read it.
"""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bounds import LARGEST_OFFSET, NonsenseError
from kafkatui.kafka.requests import Api, RawRequest

LATEST = -1
EARLIEST = -2

VERSION = 5
LIMIT = 20_000
"""Partitions in one request."""
PARTITIONS_A_PIECE = 1_000
"""Partitions encoded or decoded before other tasks run."""

_ASKED = struct.Struct(">iiq")
"""partition, leader epoch (-1: whichever), timestamp"""
_ANSWERED = struct.Struct(">ihqqi")
"""partition, error code, timestamp, offset, leader epoch"""


class ListedOffset(NamedTuple):
    """A broker's answer for one partition."""

    partition: int
    error: int
    """Error code; 0: none."""
    offset: int


Listed = dict[str, list[ListedOffset]]
"""By topic."""


async def list_offsets(
    asker: Asker, node_id: int, wanted: Mapping[str, Sequence[int]], timestamp: int
) -> dict[str, list[ListedOffset]]:
    """Ask broker `node_id` for the offset at `timestamp` (`LATEST`, `EARLIEST`) of the partitions `wanted`,
    by topic.

    Latest is the high watermark. Raises `ClusterError` where the broker does not answer at all.
    """
    listed: dict[str, list[ListedOffset]] = {}
    for part in _parts(wanted):
        request = RawRequest(Api.LIST_OFFSETS, VERSION, await _encode(part, timestamp))

        async def made(data: bytes, part: Mapping[str, Sequence[int]] = part) -> Listed:
            found: Listed = {}
            await decode(data, part, found)
            return found

        for topic, offsets in (await asker.made(node_id, request, made)).items():
            listed.setdefault(topic, []).extend(offsets)
    return listed


def _parts(wanted: Mapping[str, Sequence[int]]) -> list[dict[str, Sequence[int]]]:
    """`wanted` in parts of at most `LIMIT` partitions."""
    parts: list[dict[str, Sequence[int]]] = []
    room = 0
    for topic, numbers in wanted.items():
        start = 0
        while start < len(numbers):
            if not room:
                parts.append({})
                room = LIMIT
            piece = numbers[start : start + room]
            parts[-1][topic] = piece
            start += len(piece)
            room -= len(piece)
    return parts


async def _encode(wanted: Mapping[str, Sequence[int]], timestamp: int) -> bytes:
    body = bytearray(struct.pack(">ibi", -1, 0, len(wanted)))
    since = 0
    for topic, numbers in wanted.items():
        name = topic.encode()
        body += struct.pack(">h", len(name)) + name + struct.pack(">i", len(numbers))
        for number in numbers:
            body += _ASKED.pack(number, -1, timestamp)
        since += len(numbers)
        if since > PARTITIONS_A_PIECE:
            since = 0
            await asyncio.sleep(0)
    return bytes(body)


async def decode(
    data: bytes, wanted: Mapping[str, Sequence[int]], listed: dict[str, list[ListedOffset]]
) -> None:
    """Add to `listed` the offsets in an answer, of the partitions in `wanted` only.

    Raises `NonsenseError` where it cannot be read.
    """
    found: dict[str, int] = {}
    try:
        topics, position, since = struct.unpack_from(">i", data, 4)[0], 8, 0
        if not 0 <= topics <= len(data):
            raise NonsenseError("the answer to ListOffsets has no topics")
        for _ in range(topics):
            size = struct.unpack_from(">h", data, position)[0]
            count = struct.unpack_from(">i", data, position + 2 + size)[0] if size >= 0 else -1
            end = position + 6 + size + count * _ANSWERED.size
            if count < 0 or end > len(data):
                raise NonsenseError("the answer to ListOffsets cannot be read")
            name = data[position + 2 : position + 2 + size].decode()
            asked = wanted.get(name)
            if asked is not None:
                found[name] = found.get(name, 0) + count
                if found[name] > len(asked):
                    raise NonsenseError("the answer to ListOffsets has more partitions than were asked for")
                among = range(*_range_of(asked))
                listed.setdefault(name, []).extend(
                    ListedOffset(number, error, offset)
                    for number, error, _, offset, _ in _ANSWERED.iter_unpack(
                        data[end - count * _ANSWERED.size : end]
                    )
                    if number in among and offset <= LARGEST_OFFSET
                )
            position = end
            since += count
            if since > PARTITIONS_A_PIECE:
                since = 0
                await asyncio.sleep(0)
    except (struct.error, UnicodeDecodeError) as error:
        raise NonsenseError("the answer to ListOffsets cannot be read") from error


def _range_of(numbers: Sequence[int]) -> tuple[int, int]:
    """The smallest number, and the largest plus 1: answers for numbers outside are left out. Numbers between
    that were not asked for do no harm."""
    return (min(numbers), max(numbers) + 1) if numbers else (0, 0)

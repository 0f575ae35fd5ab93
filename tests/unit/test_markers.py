"""Whether a partition shows a transaction, by the header of its newest batch."""

import struct
from typing import Literal

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder

from kafkatui.kafka.batches import in_transaction
from kafkatui.kafka.fetch import Fetched
from kafkatui.kafka.markers import EACH, _sign

ATTRIBUTES_END = 23


def batch(attributes: int = 0, value: bytes = b"v") -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 10_000)
    builder.append(0, 1000, None, value, [])
    data = bytearray(builder.build())
    struct.pack_into(">h", data, 21, attributes)
    return bytes(data)


def legacy(magic: Literal[0, 1]) -> bytes:
    """With a timestamp whose bits, where version 2 keeps its attributes, look like a marker's."""
    builder = LegacyRecordBatchBuilder(magic, 0, 10_000)
    builder.append(0, 0x3030_3030_3030_3030, b"k", b"0" * 30)
    return bytes(builder.build())


PLAIN, CODEC, DATA, MARKER, CONTROL = (batch(bits) for bits in (0x00, 0x0C, 0x10, 0x30, 0x20))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (PLAIN, False),
        (CODEC, False),  # zstd, LogAppendTime
        (DATA, True),
        (MARKER, True),
        (CONTROL, True),
        (PLAIN + MARKER, False),  # the first one counts
        (PLAIN[:ATTRIBUTES_END], False),
        (MARKER[:ATTRIBUTES_END], True),
        (MARKER[: ATTRIBUTES_END - 1], None),
        (b"", None),
        (legacy(0), False),
        (legacy(1), False),
        (legacy(1)[:ATTRIBUTES_END], False),
    ],
)
def test_header(data: bytes, told: bool | None) -> None:
    assert in_transaction(data) is told


@pytest.mark.parametrize(
    ("error", "high_watermark", "last_stable", "data", "told"),
    [
        (0, 9, 9, PLAIN, False),
        (0, 9, 9, MARKER, True),
        (0, 9, None, PLAIN, False),  # an old broker
        (0, 9, None, MARKER, True),
        (0, 9, 9, b"", False),  # too large for a marker, and nothing is open
        (0, 9, 5, b"", True),  # open
        (0, 9, 5, PLAIN, True),  # open, and somebody else wrote behind it
        (0, 9, None, b"", None),
        (0, None, 9, b"", None),
        (0, 9, 9, PLAIN[:10], None),
        (29, None, None, b"", None),  # TOPIC_AUTHORIZATION_FAILED
        (1, 3, 3, b"", None),  # OFFSET_OUT_OF_RANGE: cut off meanwhile
    ],
)
def test_partition(
    error: int, high_watermark: int | None, last_stable: int | None, data: bytes, told: bool | None
) -> None:
    assert _sign(Fetched("t", 0, error, high_watermark, last_stable, data)) is told


def test_a_marker_fits_in_what_is_asked_for() -> None:
    """Its key is 4 bytes (version, type), its value 6 (version, coordinator epoch)."""
    builder = DefaultRecordBatchBuilder(2, 0, 1, 1, 0, -1, 10_000)
    builder.append(0, 1000, bytes(4), bytes(6), [])
    assert len(builder.build()) == 78 < EACH

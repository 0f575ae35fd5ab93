"""Batches that unpack to more than is good for anybody, or not at all, are a fault of their own."""

import struct

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from kafkatui.kafka.batches import unpack
from kafkatui.kafka.patches import MOST_UNPACKED, bound_unpacking

CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
HEADER = 61


@pytest.fixture(autouse=True)
def bound() -> None:
    bound_unpacking()


def batch(codec: str, *values: bytes) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=CODECS[codec],
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=2 * MOST_UNPACKED,
    )
    for number, value in enumerate(values):
        builder.append(number, timestamp=1, key=None, value=value, headers=[])
    return bytes(builder.build())


def at(offset: int, data: bytes) -> bytes:
    return struct.pack(">q", offset) + data[8:]


def broken(data: bytes) -> bytes:
    """With nonsense for records, and the right CRC."""
    after_crc = data[21:HEADER] + b"\x07" * (len(data) - HEADER)
    return data[:17] + struct.pack(">I", calc_crc32c(after_crc)) + after_crc


@pytest.mark.parametrize("codec", list(CODECS))
def test_what_unpacks_to_a_usual_size_is_read(codec: str) -> None:
    found = unpack("t", 0, batch(codec, b"a", bytes(1_000_000)), 0, 100)
    assert found.fault is None
    assert [record.value_size for record in found.records] == [1, 1_000_000]


@pytest.mark.parametrize("codec", ["gzip", "lz4", "zstd"])
def test_what_unpacks_to_too_much_is_passed_over(codec: str) -> None:
    data = batch(codec, bytes(MOST_UNPACKED)) + at(1, batch(codec, b"next"))
    found = unpack("t", 0, data, 0, 100)
    assert found.fault == "the batch at offset 0 cannot be read: it unpacks to more than 32 MiB"
    assert [(record.offset, record.value) for record in found.records] == [(1, b"next")]
    assert found.next_offset == 2


@pytest.mark.parametrize("codec", list(CODECS))
def test_what_cannot_be_unpacked_is_passed_over(codec: str) -> None:
    data = broken(batch(codec, b"a" * 100)) + at(1, batch(codec, b"next"))
    found = unpack("t", 0, data, 0, 100)
    assert found.fault is not None
    assert "the batch at offset 0 cannot be read: it cannot be unpacked" in found.fault
    assert [record.value for record in found.records] == [b"next"]

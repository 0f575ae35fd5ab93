"""Batches that unpack to too much, or cannot be unpacked, are unreadable batches with a reason."""

import struct
from collections.abc import Sequence

import cramjam
import pytest
from aiokafka.codec import snappy_decode
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from kafkatui.domain.records.records import KEPT, Unreadable, weight
from kafkatui.kafka.batches import MOST_KEPT_HEADERS, MUCH, is_slow_to_unpack, newest, unpack
from kafkatui.kafka.codecs import MOST_HEADERS, MOST_UNPACKED, bound_unpacking

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
    """A batch with nonsense instead of records, and the right CRC."""
    after_crc = data[21:HEADER] + b"\x07" * (len(data) - HEADER)
    return data[:17] + struct.pack(">I", calc_crc32c(after_crc)) + after_crc


@pytest.mark.parametrize("codec", list(CODECS))
def test_a_batch_that_unpacks_to_a_usual_size_is_read(codec: str) -> None:
    found = unpack("t", 0, batch(codec, b"a", bytes(1_000_000)), 0, 100)
    assert found.unreadable == ()
    assert [record.value_size for record in found.records] == [1, 1_000_000]


@pytest.mark.parametrize("codec", list(CODECS))
def test_a_batch_that_unpacks_to_too_much_is_not_read(codec: str) -> None:
    data = batch(codec, bytes(MOST_UNPACKED)) + at(1, batch(codec, b"next"))
    found = unpack("t", 0, data, 0, 100)
    assert found.unreadable == (Unreadable(0, 0, 0, 1, 1, "it unpacks to more than 32 MiB"),)
    assert [(record.offset, record.value) for record in found.records] == [(1, b"next")]
    assert found.next_offset == 2


@pytest.mark.parametrize("codec", list(CODECS))
def test_a_batch_that_cannot_be_unpacked_has_a_reason(codec: str) -> None:
    data = broken(batch(codec, b"a" * 100, b"b")) + at(2, batch(codec, b"next"))
    found = unpack("t", 0, data, 0, 100)
    (bad,) = found.unreadable
    assert (bad.partition, bad.offset, bad.last_offset, bad.count, bad.timestamp) == (0, 0, 1, 2, 1)
    assert bad.why.startswith("it cannot be unpacked: ")
    assert [record.value for record in found.records] == [b"next"]
    assert found.next_offset == 3


def with_records(packed: bytes) -> bytes:
    """A batch of two records whose packed bytes are `packed`."""
    head = batch("snappy", b"a" * 40_000, b"b" * 40_000)[:HEADER]
    data = head[:8] + struct.pack(">i", HEADER - 12 + len(packed)) + head[12:] + packed
    return data[:17] + struct.pack(">I", calc_crc32c(data[21:])) + data[21:]


def packed_records() -> bytes:
    return batch("snappy", b"a" * 40_000, b"b" * 40_000)[HEADER:]


@pytest.mark.parametrize(
    "header",
    [
        b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1),
        b"\x82SNAPPY\0" + struct.pack("<ii", 1, 1),  # as Redpanda, among others, writes it
        b"\x82SNAPPY\0" + struct.pack(">ii", 2, 7),
        b"",
    ],
    ids=["big-endian", "little-endian", "another version", "none"],
)
def test_snappy_is_read_whatever_stands_in_its_header(header: bytes) -> None:
    packed = packed_records()
    assert packed.startswith(b"\x82SNAPPY\0")
    if header:
        data = with_records(header + packed[16:])
    else:
        data = with_records(bytes(cramjam.snappy.compress_raw(snappy_decode(packed))))
    found = unpack("t", 0, data, 0, 100)
    assert found.unreadable == ()
    assert [record.value for record in found.records] == [b"a" * 40_000, b"b" * 40_000]


@pytest.mark.parametrize(
    "packed",
    [
        b"\x82SNAPPY\0",
        b"\x82SNAPPY\0\0\0",
        b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, -4) + bytes(40),
        b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, 2**31 - 1) + bytes(40),
        b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, 0) + bytes(40),
        b"\xff\xff\xff\xff\x0fa",  # announces 4 GiB
        b"",
    ],
)
def test_snappy_that_makes_no_sense_has_a_reason(packed: bytes) -> None:
    found = unpack("t", 0, with_records(packed), 0, 100)
    assert len(found.unreadable) == 1
    assert found.records == ()
    assert found.next_offset == 2


def changed(data: bytes, *, attributes: int | None = None, magic: int = 2, crc: int | None = None) -> bytes:
    body = struct.pack(">h", attributes) + data[23:] if attributes is not None else data[21:]
    crc = calc_crc32c(body) if crc is None else crc
    return data[:16] + struct.pack(">bI", magic, crc) + body


@pytest.mark.parametrize(
    ("change", "why", "count"),
    [
        ({"crc": 7}, "its CRC is wrong", 2),
        ({"attributes": 5}, "its codec 5 is not known", 2),
        ({"attributes": 0x20 | 6}, "its codec 6 is not known", 2),
        ({"magic": 3}, "its format 3 is not known", None),  # where the count stands is not known
    ],
)
def test_every_batch_that_is_not_read_says_why(change: dict[str, int], why: str, count: int | None) -> None:
    bad = changed(batch("gzip", b"a", b"b"), **change)
    found = unpack("t", 3, at(10, bad) + at(12, batch("gzip", b"next")), 10, 100)
    (told,) = found.unreadable
    assert (told.why, told.offset, told.last_offset, told.count, told.most) == (why, 10, 11, count, 2)
    assert [record.offset for record in found.records] == [12]


def test_an_impossible_number_of_records_is_left_out() -> None:
    lie = changed(batch("gzip", b"a", b"b"), crc=7)
    lie = lie[: HEADER - 4] + struct.pack(">i", 2**31 - 1) + lie[HEADER:]
    (told,) = unpack("t", 3, lie, 0, 100).unreadable
    assert (told.count, told.most) == (None, 2)


def test_of_a_batch_of_too_many_the_newest_are_kept_and_the_others_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafkatui.kafka.batches.MOST_RECORDS", 10)
    found = unpack("t", 0, batch("zstd", *[b"x"] * 50), 5, 1_000)
    assert [record.offset for record in found.records] == list(range(40, 50))
    assert (found.skipped, found.next_offset) == (35, 50)


def with_headers(codec: str, *headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    builder = DefaultRecordBatchBuilder(2, CODECS.get(codec, 0), 0, -1, 0, 0, 10**9)
    for number, sent in enumerate(headers):
        builder.append(number, 1, b"k" * 300, b"v", list(sent))
    return bytes(builder.build())


@pytest.mark.parametrize("codec", ["none", *CODECS])
def test_a_record_with_more_headers_than_there_is_room_for_is_not_read(codec: str) -> None:
    usual = [("name", b"x" * 300_000)]
    data = with_headers(codec, usual, [("", None)] * (MOST_HEADERS + 1), usual)
    found = unpack("t", 0, data + at(3, batch("gzip", b"next")), 0, 100)
    (told,) = found.unreadable
    assert (told.why, told.count) == ("a record in it has 100,001 headers", 3)
    assert [record.value for record in found.records] == [b"next"]
    assert is_slow_to_unpack([data])


def test_headers_are_kept_within_bounds_and_their_size_is_known() -> None:
    many = [("n", b"1")] * 20_000
    large = [("first", b"a"), ("größer", b"x" * 729_000), ("more", b"y" * 729_000), ("last", b"z")]
    found = unpack("t", 0, with_headers("none", many, large, [("é" * KEPT, b"v")], []), 0, 100)
    assert found.unreadable == ()
    first, second, third, fourth = found.records
    assert (len(first.headers), first.headers_left_out, first.headers_size) == (10_000, 10_000, 40_000)
    assert [name for name, _ in second.headers] == ["first", "größer", "more"]
    sizes = [len(name.encode()) + len(value or b"") for name, value in second.headers]
    assert sizes[:2] == [6, 729_008]
    assert sum(sizes) == KEPT
    assert (second.headers_left_out, second.headers_size) == (1, 6 + 729_008 + 729_004 + 5)
    assert sum(len(name) + len(value or b"") for name, value in third.headers) <= KEPT
    assert third.headers_size == 2 * KEPT + 1
    assert (fourth.headers, fourth.headers_size, fourth.headers_left_out) == ((), 0, 0)
    assert weight(first) > 10_000 * 150
    assert KEPT < weight(second) < KEPT + 2_000


def test_the_headers_of_a_batch_are_kept_within_bounds_too() -> None:
    found = unpack("t", 0, with_headers("none", *[[("n", b"1")] * 9_000] * 20), 0, 100)
    assert sum(len(record.headers) for record in found.records) == MOST_KEPT_HEADERS
    assert all(len(record.headers) + record.headers_left_out == 9_000 for record in found.records)


def test_compressed_and_large_batches_are_slow_to_unpack() -> None:
    small = with_headers("none", [])
    assert not is_slow_to_unpack([small, small])
    assert is_slow_to_unpack([small * (MUCH // len(small) + 1)])
    assert all(is_slow_to_unpack([small, small + with_headers(codec, [])]) for codec in CODECS)
    old = LegacyRecordBatchBuilder(1, 0, 1000)
    old.append(0, 5, b"k", b"v")
    assert not is_slow_to_unpack([bytes(old.build())])
    packed = LegacyRecordBatchBuilder(1, 1, 1000)
    packed.append(0, 5, b"k", b"v")
    assert is_slow_to_unpack([bytes(packed.build())])


def test_only_the_newest_records_of_a_large_batch_are_kept() -> None:
    found = unpack("t", 0, batch("gzip", *[b"x"] * 50), 10, 100)
    assert newest(found, 10, 40) is found
    few = newest(found, 10, 15)
    assert [record.offset for record in few.records] == list(range(35, 50))
    assert (few.skipped, few.next_offset) == (25, 50)

"""Unpacking the batches of a log; and limiting how much is downloaded."""

import struct
from dataclasses import replace

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from kafkatui.domain.records.records import KEPT, Outcome, TransactionEnd, Unreadable
from kafkatui.kafka.batches import unpack
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.followed import MOST_PRODUCERS, Followed
from kafkatui.kafka.listing import LIMIT, PARTITIONS_A_PIECE, _encode, _parts, decode


def batch(
    first: int, *values: bytes | None, codec: int = 0, transactional: bool = False, producer: int = -1
) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, int(transactional), producer, 0, 0, 10_000_000)
    for number, value in enumerate(values):
        builder.append(number, 1000 + number, b"k", value, [("h", b"v"), ("n", None)])
    data = bytearray(builder.build())
    struct.pack_into(">q", data, 0, first)
    return bytes(data)


@pytest.mark.parametrize("codec", range(5))
def test_records_with_their_batch(codec: int) -> None:
    found = unpack("t", 3, batch(10, b"a", None, codec=codec, transactional=True, producer=77), 10, 100)
    assert [(r.offset, r.value, r.timestamp) for r in found.records] == [(10, b"a", 1000), (11, None, 1001)]
    record = found.records[0]
    assert (record.topic, record.partition, record.key, record.timestamp_type) == ("t", 3, b"k", "CreateTime")
    assert record.headers == (("h", b"v"), ("n", None))
    assert record.batch is not None
    assert record.batch.codec == ("none", "gzip", "snappy", "lz4", "zstd")[codec]
    assert (record.batch.transactional, record.batch.producer_id, record.batch.records) == (True, 77, 2)
    assert (found.next_offset, found.markers, found.skipped, found.unreadable) == (12, 0, 0, ())


def test_records_before_the_requested_offset_are_left_out() -> None:
    found = unpack("t", 0, batch(0, b"a", b"b", b"c"), 2, 100)
    assert [record.offset for record in found.records] == [2]


def test_a_batch_cut_off_is_fetched_next_time() -> None:
    data = batch(0, b"a") + batch(1, b"b")[:-3]
    assert unpack("t", 0, data, 0, 100).next_offset == 1
    assert unpack("t", 0, data[:40], 0, 100).next_offset == 0
    assert unpack("t", 0, b"", 5, 100).next_offset == 5


def test_a_broken_batch_affects_no_other() -> None:
    bad = bytearray(batch(1, b"bad", b"bad"))
    bad[-1] ^= 1
    found = unpack("t", 0, batch(0, b"a") + bytes(bad) + batch(3, b"c"), 0, 100)
    assert [record.offset for record in found.records] == [0, 3]
    assert found.unreadable == (Unreadable(0, 1, 2, 2, 1001, "its CRC is wrong"),)
    assert found.next_offset == 4


def marker(offset: int, kind: int, producer: int = 7) -> bytes:
    """A control batch: 0 aborts, 1 commits."""
    builder = DefaultRecordBatchBuilder(2, 0, 1, producer, 0, -1, 10_000_000)
    builder.append(0, 1000, struct.pack(">hh", 0, kind), bytes(6), [])
    data = bytearray(builder.build())
    struct.pack_into(">q", data, 0, offset)
    struct.pack_into(">h", data, 21, 0x30)
    struct.pack_into(">I", data, 17, calc_crc32c(bytes(data[21:])))
    return bytes(data)


def test_control_batches_are_counted_not_shown() -> None:
    found = unpack("t", 0, marker(5, 1) + marker(6, 0, 8) + marker(7, 5), 5, 100)
    assert (found.records, found.markers, found.next_offset, found.unreadable) == ((), 3, 8, ())
    assert found.ends == (
        TransactionEnd(0, 7, 5, 5, Outcome.COMMITTED),
        TransactionEnd(0, 8, 5, 6, Outcome.ABORTED),
    )


def test_a_marker_ends_only_records_read_without_a_gap_before_it() -> None:
    part = Followed(0, 1)
    part.place(10, 100)
    told = [TransactionEnd(0, 7, 0, at, Outcome.ABORTED) for at in (12, 15, 40, 60)]
    bad = Unreadable(0, 20, 29, None, None, "its CRC is wrong")
    assert [end.first for end in part.transaction_ends(told[:3], [bad])] == [10, 13, 30]
    assert [end.first for end in part.transaction_ends([replace(told[2], producer_id=8, offset=41)], [])] == [
        30
    ]
    part.jumped(50)
    assert [end.first for end in part.transaction_ends(told[3:], [])] == [50]
    many = [replace(told[0], producer_id=at, offset=at) for at in range(100, 102 + MOST_PRODUCERS)]
    assert part.transaction_ends(many, [])[0].first == 50
    assert len(part.ended) <= MOST_PRODUCERS
    assert part.transaction_ends([replace(told[0], producer_id=99, offset=5000)], [])[0].first > 50


def test_only_the_newest_of_too_many_are_unpacked() -> None:
    data = b"".join(batch(first, *[b"x"] * 10) for first in range(0, 100, 10))
    found = unpack("t", 0, data, 5, 25)
    assert [record.offset for record in found.records] == list(range(80, 100))
    assert (found.skipped, found.next_offset) == (75, 100)
    whole = unpack("t", 0, batch(0, *[b"x"] * 50), 0, 25)
    assert len(whole.records) == 50


def test_huge_keys_and_values_are_cut_but_their_sizes_kept() -> None:
    (record,) = unpack("t", 0, batch(0, b"x" * (KEPT + 5)), 0, 10).records
    assert record.value is not None
    assert (len(record.value), record.value_size, record.key_size) == (KEPT, KEPT + 5, 1)


def test_old_formats() -> None:
    builder = LegacyRecordBatchBuilder(1, 0, 1000)
    builder.append(0, 5, b"k", b"v")
    found = unpack("t", 0, bytes(builder.build()), 0, 10)
    assert [(record.offset, record.value, record.batch) for record in found.records] == [(0, b"v", None)]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_bucket_lets_through_its_rate() -> None:
    clock = Clock()
    bucket = Bucket(1000, clock)
    through = 0
    while clock.now < 60:
        if pause := bucket.wait():
            clock.now += pause
            continue
        size = max(min(bucket.level, 400), 1)
        through += size
        bucket.take(size)
        clock.now += 0.01
    assert 59_000 < through < 61_000


def test_an_overdrawn_bucket_stays_shut_until_it_is_paid_back() -> None:
    clock = Clock()
    bucket = Bucket(1000, clock)
    assert bucket.take(100) is False
    assert bucket.take(5000) is True
    assert bucket.wait() == pytest.approx(4.85)
    clock.now += 4.9
    assert bucket.wait() == 0
    assert bucket.take(10) is False


async def test_offsets_are_asked_in_parts_and_read_back() -> None:
    wanted = {"a": range(LIMIT - 1), "b": range(3), "none": range(0)}
    first, second = _parts(wanted)
    assert {name: len(numbers) for name, numbers in first.items()} == {"a": LIMIT - 1, "b": 1}
    assert {name: list(numbers) for name, numbers in second.items()} == {"b": [1, 2]}
    body = await _encode({"b": [1, 2]}, -1)
    assert body == struct.pack(">ibi", -1, 0, 1) + b"\0\1b" + struct.pack(">iiiqiiq", 2, 1, -1, -1, 2, -1, -1)
    answer = struct.pack(">iih", 0, 1, 1) + b"b" + struct.pack(">i", PARTITIONS_A_PIECE + 1)
    answer += b"".join(
        struct.pack(">ihqqi", number, 999 if number else 0, -1, 5, 0)
        for number in range(PARTITIONS_A_PIECE + 1)
    )
    told: dict[str, list[tuple[int, int, int]]] = {}
    asked = {"b": range(PARTITIONS_A_PIECE + 1)}
    await decode(answer, asked, told)  # type: ignore[arg-type]  # a named tuple is a tuple
    assert told["b"][:2] == [(0, 0, 5), (1, 999, 5)]
    assert len(told["b"]) == PARTITIONS_A_PIECE + 1

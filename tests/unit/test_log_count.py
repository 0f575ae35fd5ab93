"""How many records a log holds, by the headers of its batches."""

import struct
from collections.abc import Sequence
from typing import Literal

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from kafkatui.domain.records.log_count import BatchHeader, LogCount
from kafkatui.kafka.batches import headers

CODEC, DATA, MARKER = 0x0C, 0x10, 0x30
COMMIT, ABORT = b"\0\0\0\1", b"\0\0\0\0"


def batch(attributes: int = 0, *keys: bytes | None, base: int = 0, producer: int = -1) -> bytes:
    """A batch with a record for each key."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, producer, 0, -1, 10_000)
    for place, key in enumerate(keys or (None,)):
        builder.append(place, 1000, key, bytes(6), [])
    data = bytearray(builder.build())
    struct.pack_into(">h", data, 21, attributes)
    struct.pack_into(">q", data, 0, base)
    return bytes(data)


def legacy(magic: Literal[0, 1]) -> bytes:
    """A batch of an old format; bits of its timestamp look like the attributes of a marker in version 2."""
    builder = LegacyRecordBatchBuilder(magic, 0, 10_000)
    builder.append(0, 0x3030_3030_3030_3030, b"k", b"0" * 30)
    return bytes(builder.build())


PLAIN = batch(0, b"a", b"b", base=7)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (PLAIN, [BatchHeader(7, 8, 2, -1, False)]),
        (batch(CODEC), [BatchHeader(0, 0, 1, -1, False)]),  # zstd, LogAppendTime
        (batch(DATA, producer=5), [BatchHeader(0, 0, 1, 5, True)]),
        (batch(MARKER, COMMIT, base=9, producer=5), [BatchHeader(9, 9, 1, 5, True, True)]),
        (batch(MARKER, ABORT, producer=5), [BatchHeader(0, 0, 1, 5, True, False)]),
        (batch(0x20, b"\0\0\0\2"), [None]),  # a control batch of the controllers' log
        (PLAIN + batch(MARKER, COMMIT)[:-1], [BatchHeader(7, 8, 2, -1, False)]),  # cut off
        (PLAIN[:60], []),
        (b"", []),
        (legacy(0), [None]),
        (legacy(1) + PLAIN, [None, BatchHeader(7, 8, 2, -1, False)]),
    ],
)
def test_headers(data: bytes, told: list[BatchHeader | None]) -> None:
    assert headers(data) == told


def plain(base: int, records: int, span: int | None = None) -> BatchHeader:
    return BatchHeader(base, base + (records if span is None else span) - 1, records, -1, False)


def paid(base: int, records: int, producer: int = 1) -> BatchHeader:
    return BatchHeader(base, base + records - 1, records, producer, True)


def ends(base: int, *, commits: bool, producer: int = 1) -> BatchHeader:
    return BatchHeader(base, base, 1, producer, True, commits)


@pytest.mark.parametrize(
    ("start", "batches", "records"),
    [
        (0, [plain(0, 5), plain(5, 3)], 8),
        (0, [plain(0, 5), plain(9, 3)], 8),  # a batch between was compacted away
        (0, [plain(0, 2, span=5)], 2),  # records were
        (0, [plain(0, 0, span=5), plain(5, 1)], 1),  # all of them
        (0, [paid(0, 1), ends(1, commits=True), plain(2, 4)], 5),
        (0, [paid(0, 3), ends(3, commits=False)], 0),
        (0, [paid(0, 3), paid(3, 2, 9), ends(5, commits=False), ends(6, commits=True, producer=9)], 2),
        (0, [paid(0, 3)], 3),  # open
        (4, [ends(4, commits=False), plain(5, 1)], 1),  # the aborted records lie before the start
        (3, [plain(0, 5), plain(5, 1)], 3),  # the log begins within a batch
        (3, [plain(0, 2, span=5)], None),  # of which some were removed: it is not known which
        (0, [plain(0, 5), plain(0, 5), plain(5, 1)], 6),  # a batch comes twice
        (0, [plain(0, 5), None], None),
        (0, [BatchHeader(0, 4, 9, -1, False)], None),  # more records than offsets
        (0, [BatchHeader(0, 4, -9, -1, False)], None),
        (0, [BatchHeader(9, 4, 1, -1, False)], None),
        (0, [], 0),
    ],
)
def test_count(start: int, batches: Sequence[BatchHeader | None], records: int | None) -> None:
    count = LogCount(start)
    for one in batches:
        count.add(one)
    assert count.records == records


def test_a_log_that_starts_later_is_counted_again_if_its_offsets_had_holes() -> None:
    count = LogCount(0)
    count.add(plain(0, 10))
    count.begin_at(4)
    assert (count.records, count.next_offset) == (6, 10)
    count.add(ends(10, commits=True))
    count.begin_at(7)
    assert (count.records, count.next_offset) == (0, 7)
    count.add(plain(0, 10))
    count.begin_at(50)
    assert (count.records, count.next_offset) == (0, 50)


steps = st.lists(
    st.tuples(st.sampled_from(["plain", "paid", "commit", "abort"]), st.integers(1, 5)), max_size=30
)


@given(steps)
def test_the_count_is_the_number_of_records_that_a_consumer_reads(told: list[tuple[str, int]]) -> None:
    """The expected number comes from reading record by record, committed ones and those of open
    transactions."""
    count, offset = LogCount(0), 0
    found: list[tuple[str, int]] = []
    for kind, number in told:
        producer = number % 2
        if kind in {"commit", "abort"}:
            count.add(ends(offset, commits=kind == "commit", producer=producer))
            state = "there" if kind == "commit" else "gone"
            found = [(state if what == f"open {producer}" else what, at) for what, at in found]
            offset += 1
            continue
        what = "there" if kind == "plain" else f"open {producer}"
        found += [(what, offset + place) for place in range(number)]
        count.add(plain(offset, number) if kind == "plain" else paid(offset, number, producer))
        offset += number
    assert count.records == sum(what != "gone" for what, _ in found)
    assert 0 <= count.records <= count.next_offset == offset

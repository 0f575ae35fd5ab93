"""Which entries the log of the tail keeps, and which records it leaves out."""

from dataclasses import replace
from random import Random

import pytest

from kafkatui.domain.records.records import (
    Batch,
    Outcome,
    Record,
    TailNews,
    TransactionEnd,
    Unreadable,
    weight,
)
from kafkatui.domain.records.tail_log import (
    MOST_OCTETS,
    MOST_RECORDS,
    MadeAnew,
    NotKept,
    Skipped,
    TailEntry,
    TailLog,
    newest,
)


def record(offset: int, partition: int = 0, timestamp: int | None = None, value: bytes = b"x") -> Record:
    return Record("orders", partition, offset, timestamp, "CreateTime", None, value, (), 0, len(value))


def news(count: int, *, at: int = 0, skipped: int = 0, markers: int = 0) -> TailNews:
    gaps = ((0, skipped),) if skipped else ()
    return TailNews(tuple(record(at + number) for number in range(count)), gaps, 204.0, markers=markers)


def entries(log: TailLog) -> list[int | str]:
    """The offsets of the records kept, and negative numbers for how many were skipped."""
    return [shown(log[number]) for number in range(log.first, log.end)]


def shown(entry: TailEntry) -> int | str:
    match entry:
        case Skipped():
            return f"{'' if entry.exact else '≤'}{entry.count}"
        case MadeAnew():
            return "anew"
        case Unreadable():
            return f"{entry.offset}-{entry.last_offset}"
        case NotKept():
            return f"-{'' if entry.exact else '≤'}{entry.count}{' anew' if entry.made_anew else ''}"
    return entry.offset


def test_all_are_shown_while_they_are_few() -> None:
    log = TailLog()
    log.add(news(3), 0.0)
    log.add(news(2, at=3), 1.0)
    assert entries(log) == [0, 1, 2, 3, 4]
    assert (log.first, log.end, log.seen, log.rate) == (0, 5, 5, 204.0)


def test_the_newest_are_shown_and_the_rest_counted() -> None:
    log = TailLog(per_second=2)
    log.add(news(10), 0.0)
    assert entries(log) == ["8", 8, 9]
    log.add(news(10, at=10), 0.5)
    assert entries(log) == ["8", 8, 9, "9", 19]
    assert log.seen == 20


def test_no_more_than_the_limit_in_a_second_however_often_it_comes() -> None:
    log = TailLog(per_second=40)
    for step in range(100):
        log.add(news(20, at=20 * step), step / 10)
    shown = sum(not isinstance(log[number], Skipped) for number in range(log.first, log.end))
    assert shown <= 40 * 10 + 40


@pytest.mark.parametrize("markers", [0, 1])
def test_offsets_jumped_over_are_at_most_so_many_records(markers: int) -> None:
    """That no marker came does not mean that none was among the offsets jumped over."""
    log = TailLog()
    log.add(news(1, at=9_000, skipped=3_812, markers=markers), 0.0)
    assert entries(log) == ["≤3812", 9_000]


def test_a_gap_is_shown_where_it_is() -> None:
    log = TailLog()
    came = tuple(map(record, (0, 1, 7, 8)))
    log.add(TailNews(came, ((2, 5),)), 0.0)
    log.add(TailNews((record(20),), ((0, 11), (1, 3))), 1.0)
    assert entries(log) == [0, 1, "≤5", 7, 8, "≤11", 20, "≤3"]
    assert log.seen == 24


def test_the_newest_are_shown_whatever_was_jumped_over_before_them() -> None:
    log = TailLog(per_second=2)
    came = tuple(map(record, (0, 1, 2, 10, 11, 20)))
    log.add(TailNews(came, ((3, 7), (5, 8))), 0.0)
    assert entries(log) == ["≤11", 11, "≤8", 20]


def test_records_before_and_after_a_topic_was_made_again_are_kept_apart() -> None:
    log = TailLog()
    for topic_id in (None, "a", "a", None, "b", None):
        log.add(TailNews((record(len(log)),), topic_id=topic_id), 0.0)
    assert entries(log) == [0, 1, 2, 3, "anew", 4, 6]
    log = TailLog()
    for topic_id in ("a", "b"):
        log.add(TailNews(topic_id=topic_id), 0.0)
    assert entries(log) == []


def test_the_oldest_entries_are_dropped() -> None:
    log = TailLog(records=5, per_second=100)
    for step in range(4):
        log.add(news(3, at=3 * step), float(step))
    assert entries(log) == [7, 8, 9, 10, 11]
    assert (log.first, log.end, len(log)) == (7, 12, 5)
    with pytest.raises(IndexError):
        log[6]
    with pytest.raises(IndexError):
        log[12]


def test_the_limits_cannot_be_passed() -> None:
    log = TailLog(records=10**9, octets=10**12, per_second=10**9)
    assert log.most == MOST_RECORDS
    log.add(news(2 * MOST_RECORDS), 0.0)
    assert len(log) == MOST_RECORDS


def test_memory_is_bounded() -> None:
    log = TailLog(per_second=10**9)
    for step in range(60):
        log.add(TailNews((record(step, value=bytes(2**20)),)), float(step))
    assert log.octets <= MOST_OCTETS
    assert 0 < len(log) < 32
    for step in range(60, 2000):
        log.add(news(1, at=step), float(step))
    assert log.octets < 2**20


def in_transaction(offset: int, producer: int = 7, partition: int = 0) -> Record:
    return replace(record(offset, partition), batch=Batch(offset, 0, "none", True, producer))


def aborted(log: TailLog) -> list[tuple[int, int]]:
    kept = [log[number] for number in range(log.first, log.end)]
    return [
        (one.partition, one.offset)
        for one in kept
        if isinstance(one, Record) and one.outcome is Outcome.ABORTED
    ]


def test_records_whose_transaction_was_aborted_are_marked_when_its_marker_comes() -> None:
    log = TailLog()
    came = [in_transaction(0), in_transaction(1, 8), record(2), in_transaction(3), in_transaction(3, 7, 1)]
    log.add(TailNews(tuple(came)), 0.0)
    assert aborted(log) == []
    ends = [TransactionEnd(0, 7, 0, 4, Outcome.ABORTED), TransactionEnd(0, 8, 0, 5, Outcome.COMMITTED)]
    log.add(TailNews((in_transaction(6),), markers=2, ends=tuple(ends)), 1.0)
    assert aborted(log) == [(0, 0), (0, 3)]
    ends = [TransactionEnd(0, 7, 7, 9, Outcome.ABORTED)]  # the offsets between were jumped over
    log.add(TailNews((in_transaction(8),), markers=1, ends=tuple(ends)), 2.0)
    assert aborted(log) == [(0, 0), (0, 3), (0, 8)]
    ends = [
        TransactionEnd(0, 8, 6, 10, Outcome.ABORTED)
    ]  # of a later transaction than the one that had ended
    log.add(TailNews((), markers=1, ends=tuple(ends)), 3.0)
    assert (0, 1) not in aborted(log)


def test_a_marker_does_not_change_records_from_before_the_topic_was_made_again() -> None:
    log = TailLog()
    log.add(TailNews((in_transaction(0),), topic_id="a"), 0.0)
    end = TransactionEnd(0, 7, 0, 1, Outcome.ABORTED)
    log.add(TailNews((in_transaction(0),), markers=1, ends=(end,), topic_id="b"), 0.0)
    kept = [log[number] for number in range(log.first, log.end)]
    assert [one.outcome for one in kept if isinstance(one, Record)] == [None, Outcome.ABORTED]


def test_a_batch_that_cannot_be_read_stands_where_its_records_were() -> None:
    log = TailLog(records=5, per_second=100)
    bad = Unreadable(0, 2, 11, 10, None, "its CRC is wrong")
    log.add(TailNews((record(0), record(1), bad, record(12))), 0.0)
    assert entries(log) == [0, 1, "2-11", 12]
    assert (log.seen, log.unreadable) == (13, 10)
    log.hold(log[1])
    log.add(news(3, at=13), 1.0)
    assert entries(log) == [1, "-11", 13, 14, 15]
    assert log.unreadable == 0
    log = TailLog(per_second=1)
    log.add(TailNews((record(0), bad, record(12))), 0.0)
    assert entries(log) == ["11", 12]


def held(log: TailLog) -> int | str | None:
    return None if log.held is None else shown(log[log.held])


def test_the_held_entry_stays_and_the_entries_dropped_for_it_are_counted() -> None:
    log = TailLog(records=8, per_second=10**9)
    log.add(news(8), 0.0)
    log.hold(log[5], before=1, after=1)
    log.add(news(4, at=8), 1.0)
    assert entries(log) == [4, 5, 6, 7, 8, 9, 10, 11]  # the oldest go first
    assert log.not_kept == 0
    log.add(news(3, at=12), 2.0)
    assert entries(log) == [4, 5, 6, "-4", 11, 12, 13, 14]  # then entries after those around the held one
    log.add(TailNews((record(20),), ((0, 5),)), 3.0)
    log.add(news(1, at=21), 4.0)
    assert entries(log) == [4, 5, 6, "-7", 14, "≤5", 20, 21]
    log.add(news(3, at=22), 4.0)
    assert entries(log) == [4, 5, 6, "-≤14", 21, 22, 23, 24]
    assert (held(log), log.held, log.not_kept, log.first) == (5, 5, 14, 4)
    log.hold(log[log.end - 2])  # another entry is held: the one held before may be dropped
    log.add(news(3, at=25), 4.0)
    assert entries(log) == ["-≤14", 21, 22, 23, 24, 25, 26, 27]
    assert (held(log), log.held) == (23, 10)
    log.hold(None)
    log.add(news(7, at=28), 4.0)
    assert entries(log) == [27, 28, 29, 30, 31, 32, 33, 34]
    assert (log.held, log.not_kept) == (None, 0)


def test_the_held_record_and_the_newest_stay_also_where_bytes_are_short() -> None:
    log = TailLog(octets=5 * 2**20 + 9_999, per_second=10**9)
    for step in range(4):
        log.add(TailNews((record(step, value=bytes(2**20)),)), float(step))
    log.hold(log[2], before=2, after=1)
    log.add(TailNews((record(4, value=bytes(2 * 2**20)),)), 5.0)
    assert entries(log) == [1, 2, 3, 4]
    log.add(TailNews((record(5, value=bytes(2**20)),)), 6.0)
    assert entries(log) == [1, 2, 3, "-1", 5]
    log.add(TailNews((record(6, value=bytes(7 * 2**19)),)), 7.0)
    assert entries(log) == [2, "-3", 6]
    assert log.octets <= 5 * 2**20 + 9_999
    log.add(TailNews((record(7, value=bytes(9 * 2**20)),)), 7.0)
    assert entries(log) == [2, "-4", 7]


def test_a_topic_made_again_shows_in_what_was_not_kept() -> None:
    log = TailLog(records=4, per_second=10**9)
    log.add(TailNews((record(0),), topic_id="a"), 0.0)
    log.hold(log[0])
    log.add(TailNews(tuple(map(record, range(5))), topic_id="b"), 0.0)
    assert entries(log) == [0, "-3 anew", 3, 4]


def test_the_held_entry_stays_whatever_comes() -> None:
    """The entries in sight are the same ones, in the same places, until they are released."""
    random = Random(8)
    for _ in range(200):
        most = random.randint(30, 60)
        log = TailLog(records=most, octets=60_000, per_second=10**9)
        log.add(news(random.randint(1, most)), 0.0)
        at = random.randrange(log.first, log.end)
        before, after = random.randint(0, 10), random.randint(0, 10)
        seen = range(max(log.first, at - before), min(log.end, at + after + 1))
        stood, count, offset = [log[number] for number in seen], log.seen, 1000
        for _ in range(10):
            log.hold(log[at], before, after)
            more = random.randint(0, 50)
            log.add(news(more, at=offset, skipped=random.choice((0, 0, 7))), 1.0)
            offset += more
            assert [log[number] for number in seen] == stood
            assert log.held == at
            assert len(log) <= most
            whole = [log[number] for number in range(log.first, log.end)]
            assert log.octets == sum(weight(one) for one in whole if isinstance(one, Record))
            kept = entries(log)
            assert more == 0 or offset - 1 in kept[-2:]
            told = sum(1 if isinstance(one, int) else abs(int(one.replace("≤", ""))) for one in kept)
            assert told + log.first == log.seen  # only the oldest entries are dropped without a note
        assert log.seen > count


def test_times_are_in_order_across_partitions_and_offsets_within_one() -> None:
    came = [record(5, 0, 100), record(6, 0, 90), record(7, 0, 300), record(1, 1, 95), record(2, 1, 200)]
    found = [(one.partition, one.offset) for one in newest(came, 10)]
    assert found == [(1, 1), (0, 5), (0, 6), (1, 2), (0, 7)]
    assert [(one.partition, one.offset) for one in newest(came, 2)] == [(1, 2), (0, 7)]
    assert newest(came, 0) == []

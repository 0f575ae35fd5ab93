"""Lag that lies in one partition."""

import pytest

from kafkatui.domain.lag.calculate import calculate, column
from kafkatui.domain.lag.skew import Skew, skew


def found(lags: list[int], before: list[int] | None = None) -> Skew | None:
    """The skew of partitions that all end at 10,000 and have these lags; `before`: earlier ends."""
    ends = column([10_000] * len(lags))
    commits = column([10_000 - lag for lag in lags])
    known = calculate(commits, ends, column([0] * len(lags)), subscription=True, assignment=range(len(lags)))
    return skew(known, None if before is None else column(before))


def test_many_records_have_one_key() -> None:
    hot = found([10, 900, 5, 5], before=[9_900, 9_000, 9_900, 9_900])
    assert hot is not None
    assert (hot.partition, round(hot.lag, 2), round(hot.written or 0, 2)) == (1, 0.98, 0.77)
    assert hot.sentence == (
        "partition 1 has 98% of the lag and 77% of what is written: probably many records have one key"
    )


def test_the_reader_of_one_partition_is_slow() -> None:
    slow = found([10, 900, 5, 5], before=[9_900] * 4)
    assert slow is not None
    assert slow.sentence == (
        "partition 1 has 98% of the lag and 25% of what is written: its reader is slow there"
    )


def test_between_both_only_the_figures_are_said() -> None:
    between = found([10, 900, 5, 5], before=[9_900, 9_800, 9_900, 9_900])
    assert between is not None
    assert between.sentence == "partition 1 has 98% of the lag and 40% of what is written"


@pytest.mark.parametrize("before", [None, [10_000] * 4, [-1, 9_000, 9_000, 9_000], [9_000] * 3, [10_001] * 4])
def test_what_was_written_is_not_known(before: list[int] | None) -> None:
    slow = found([10, 900, 5, 5], before)
    assert slow is not None
    assert slow.written is None
    assert slow.sentence == "partition 1 has 98% of the lag"


@pytest.mark.parametrize(
    "lags",
    [[900], [60, 20, 0, 0], [300, 300, 200, 100], [700, 300], [500, 400, 100], [475, 466, 0, 0, 0, 0], []],
    ids=str,
)
def test_no_partition_has_more_than_its_share(lags: list[int]) -> None:
    assert found(lags, [9_000] * len(lags)) is None

"""Numbers as screens show them."""

import os
import time
from collections.abc import Iterator

import pytest

from kafkatui.domain import figures


@pytest.fixture
def utc() -> Iterator[None]:
    old = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if old is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = old
    time.tzset()


@pytest.mark.parametrize(
    ("number", "width", "shown"),
    [
        (None, 9, "?"),
        (0, 9, "0"),
        (9_412, 9, "9,412"),
        (9_999_999, 9, "9,999,999"),
        (10_000_000, 9, "10.00M"),
        (12_345_678, 9, "12.35M"),
        (1_204_000_000, 9, "1.204G"),
        (-12_551, 9, "−12,551"),
        (-2, 9, "−2"),
        (1_204_118, 8, "1.204M"),
        (1_204_118, 5, "1.20M"),
        (88_020, 5, "88.0K"),
        (2_000, 4, "2.0K"),
        (99_999, 4, "100K"),
        (999_999, 4, "1.0M"),
        (-2_000, 5, "−2.0K"),
        (999_999, 6, "1.000M"),
        (2**63 - 1, 9, "9.223E"),
    ],
)
def test_count(number: int | None, width: int, shown: str) -> None:
    assert figures.count(number, width) == shown
    assert len(shown) <= width


EXTREMES = [
    sign * (digits * 10**exponent + more)
    for exponent in range(30)
    for digits in (1, 15, 94, 95, 99, 995, 9_995, 99_995)
    for more in (-1, 0, 1)
    for sign in (1, -1)
]
EXTREMES += [2**31 - 1, 2**63 - 1, -(2**63), 10_000 * 2**63, 10**300]


@pytest.mark.parametrize("width", range(4, 13))
def test_no_count_is_wider_than_its_column(width: int) -> None:
    for number in EXTREMES:
        room = width if number >= 0 else width + 1
        shown = figures.count(number, room)
        assert len(shown) <= room
        if not shown.endswith(figures.BEYOND):
            assert value_of(shown) == pytest.approx(number, rel=0.05)
        assert len(figures.signed(number, width + 1)) <= width + 1
        assert len(figures.at_most(number, room + 1, exact=False)) <= room + 1
        assert len(figures.at_least(number, room + 1, complete=False)) <= room + 1
        assert len(figures.at_most(number, room + 2, exact=False, ascii=True)) <= room + 2


def test_no_rate_size_or_age_is_wider_than_its_column() -> None:
    for number in map(abs, EXTREMES):
        for part in (1, 1e3, 1e9):
            assert len(figures.rate(number / part)) <= figures.RATE_WIDTH
            assert len(figures.rate(-number / part)) <= figures.RATE_WIDTH + 1
            assert len(figures.age(number / part)) <= figures.AGE_WIDTH
        assert len(figures.size(number)) <= figures.SIZE_WIDTH
    assert figures.rate(float("inf")) == figures.BEYOND
    assert figures.age(float("inf")) == ">9999 d"
    assert figures.size(10**30) == ">999 EB"


def value_of(shown: str) -> float:
    """The number that a person reads in the text of a count."""
    text = shown.replace(",", "").replace(figures.MINUS, "-")
    powers = "KMGTPEZY"
    return float(text[:-1]) * 1000.0 ** (powers.index(text[-1]) + 1) if text[-1] in powers else float(text)


@pytest.mark.parametrize(
    ("number", "complete", "shown"),
    [
        (3, True, "3"),
        (3, False, "≥3"),
        (0, True, "0"),
        (0, False, "?"),
        (None, True, "?"),
        (None, False, "?"),
    ],
)
def test_a_count_that_is_a_lower_bound(number: int | None, complete: bool, shown: str) -> None:
    assert figures.at_least(number, complete=complete) == shown
    assert figures.at_least(number, complete=complete, ascii=True) == shown.replace("≥", ">=")


@pytest.mark.parametrize(
    ("number", "exact", "shown"),
    [
        (40_110, False, "≤40,110"),
        (3, True, "3"),
        (0, False, "0"),
        (None, False, "?"),
        (10**8, False, "≤100.0M"),
    ],
)
def test_a_count_that_is_an_upper_bound(number: int | None, exact: bool, shown: str) -> None:
    assert figures.at_most(number, exact=exact) == shown
    assert figures.at_most(number, exact=exact, ascii=True) == shown.replace("≤", "<=")


@pytest.mark.parametrize(
    ("number", "shown"), [(None, "?"), (0, "0"), (41, "+41"), (-12_551, "−12,551"), (10**9, "+1,000,000,000")]
)
def test_signed(number: int | None, shown: str) -> None:
    assert figures.signed(number, 14) == shown


@pytest.mark.parametrize(
    ("per_second", "shown"),
    [
        (None, "?"),
        (0, "0"),
        (0.01, "<0.1"),
        (0.4, "0.4"),
        (20, "20.0"),
        (99.96, "100"),
        (204, "204"),
        (999.7, "1.00K"),
        (1_204, "1.20K"),
        (20_123, "20.1K"),
    ],
)
def test_rate(per_second: float | None, shown: str) -> None:
    assert figures.rate(per_second) == shown
    assert len(shown) <= figures.RATE_WIDTH


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (None, "?"),
        (412, "412 B"),
        (41_000, "41.0 KB"),
        (999_949, "999.9 KB"),
        (999_950, "1.0 MB"),
        (1_200_000_000, "1.2 GB"),
    ],
)
def test_size(octets: int | None, shown: str) -> None:
    assert figures.size(octets) == shown
    assert len(shown) <= figures.SIZE_WIDTH


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "?"),
        (-3, "0.0s"),
        (0.4, "0.4s"),
        (9.96, "9s"),
        (41, "41s"),
        (59.99, "59s"),
        (60, "1 min"),
        (199, "3 min"),
        (7_300, "2 h"),
        (172_800, "2 d"),
    ],
)
def test_age(seconds: float | None, shown: str) -> None:
    assert figures.age(seconds) == shown


NOON = 1_795_003_200_000
"""2026-11-18 12:00:00 in UTC, in milliseconds."""
DAY = 86_400_000


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("timestamp", "shown"),
    [
        (1_795_000_000_101, "11:06:40.101"),
        (NOON - DAY // 2, "00:00:00.000"),
        (NOON + DAY // 2 - 1, "23:59:59.999"),
        (NOON - DAY // 2 - 1, "Nov 17 23:59"),
        (NOON + DAY // 2, "Nov 19 00:00"),
        (NOON - 9 * DAY, "Nov  9 12:00"),
        (NOON - 365 * DAY, "2025-11-18"),
        (NOON // 1000, "1970-01-21"),  # a producer that sends seconds
        (NOON * 1000, "year 58,851"),  # … or microseconds
        (-5, "1969-12-31"),
        (-62_000_000_000_000, "0005-04-19"),
        (253_402_300_800_000, "year 10,000"),
        (2**63 - 1, "year 292.3M"),
        (-(2**63), "year −292.3M"),
        (None, "?"),
    ],
)
def test_a_time_of_another_day_is_shown_with_its_date(timestamp: int | None, shown: str) -> None:
    assert figures.moment(timestamp, NOON / 1000) == shown
    assert len(shown) <= figures.MOMENT_WIDTH


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("before", "shown"),
    [(0, "12:00:00"), (12 * 3600, "00:00:00"), (12 * 3600 + 1, "Nov 17 23:59"), (365 * 86400, "2025-11-18")],
)
def test_an_event_of_another_day_is_shown_with_its_date(before: int, shown: str) -> None:
    assert figures.time_of_day(NOON / 1000 - before + 0.9, NOON / 1000) == shown


@pytest.mark.usefixtures("utc")
def test_date_and_time() -> None:
    assert figures.date_and_time(1_795_000_000_101) == "2026-11-18 11:06:40.101"
    assert figures.date_and_time(-5) == "1969-12-31 23:59:59.995"
    assert figures.date_and_time(2**63 - 1) == f"{2**63 - 1} ms, year 292,278,994"
    assert figures.date_and_time(-(2**63)) == f"{-(2**63)} ms, year −292,275,055"

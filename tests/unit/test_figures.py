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
        (999_999, 6, "1.000M"),
        (2**63 - 1, 9, "9.223E"),
    ],
)
def test_count(number: int | None, width: int, shown: str) -> None:
    assert figures.count(number, width) == shown
    assert len(shown) <= width


def test_no_count_is_wider_than_its_column() -> None:
    for exponent in range(19):
        for digits in (1, 15, 94, 95, 99, 995, 9_995, 99_995):
            for width in (6, 7, 9, 11):
                assert len(figures.count(min(digits * 10**exponent, 2**63), width)) <= width
                assert len(figures.count(-min(digits * 10**exponent, 2**63), width)) <= width


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


@pytest.mark.usefixtures("utc")
def test_times() -> None:
    assert figures.time_of_day(1_795_000_000_101) == "11:06:40.101"
    assert figures.date_and_time(1_795_000_000_101) == "2026-11-18 11:06:40.101"
    assert figures.time_of_day(None) == "?"


def test_a_time_that_no_calendar_has() -> None:
    assert figures.time_of_day(2**63 - 1) == "?"
    assert figures.date_and_time(2**63 - 1) == f"{2**63 - 1} ms"
    assert figures.date_and_time(-(2**63)) == f"{-(2**63)} ms"

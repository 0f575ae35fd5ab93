"""Records as NDJSON and as lines, and the words around them."""

import json
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkatui.cli.reading import partition_numbers, progress_line
from kafkatui.cli.record_output import lines, ndjson
from kafkatui.domain.records.records import Record
from kafkatui.domain.text import printable
from kafkatui.errors import FilterError
from kafkatui.search.moments import span_of
from kafkatui.search.news import Found, Missed, Plan, Progress, decoded, encoded
from kafkatui.search.starts import Start, StartKind, parse_start
from tests.json_schema import faults, schema

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@given(
    st.one_of(st.none(), st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace"))),
    st.one_of(st.none(), st.integers(0, 2**63 - 1)),
    st.text(),
)
def test_whatever_a_record_holds_is_a_line_that_gives_it_back(
    data: bytes | None, stamp: int | None, name: str
) -> None:
    record = Record("t", 0, 5, stamp, None, data, data, ((name, data),))
    (line,) = ndjson([record])
    assert printable(line) == line  # what writes it changes nothing
    found = json.loads(line)
    assert faults(found, schema("record.schema.json")) == []
    text = None if data is None else data.decode("utf-8", "replace")
    if "value" in found:
        assert found["value"] == text
    assert len(lines([record])) == 1


def test_news_go_through_a_pipe() -> None:
    records = tuple(Record("t", 0, number, None, None, b"k", None, (("a", None),)) for number in range(3))
    for news in (Found(records), Missed(1, 2, None, "why"), Plan(((0, 1, 2),), 0, None, 1.5)):
        assert decoded(encoded(news)[4:]) == news


def test_progress_is_a_line() -> None:
    line = progress_line(Progress(500, 1000, 400, 2_000_000, 3, 2.0, 1.5))
    assert line.split(" · ") == [
        *("50 %", "500 of 1,000 offsets", "3 found", "200 rec/s", "2.0 MB", "2.0s left"),
        "throttled by the broker 1.5s",
    ]


@pytest.mark.parametrize(("text", "numbers"), [("0", (0,)), ("3,1", (1, 3)), ("0-2,5", (0, 1, 2, 5))])
def test_partitions(text: str, numbers: tuple[int, ...]) -> None:
    assert partition_numbers(text) == numbers


@pytest.mark.parametrize("text", ["", "a", "1-", "2-1", "0-999999999", "1,,2", "-1"])
def test_what_is_no_partitions(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        partition_numbers(text)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("earliest", Start(StartKind.EARLIEST)),
        ("latest", Start(StartKind.LATEST)),
        ("-10", Start(StartKind.LAST, 10)),
        ("120", Start(StartKind.OFFSET, 120)),
        ("2h ago", Start(StartKind.TIME, round((NOW - timedelta(hours=2)).timestamp() * 1000))),
    ],
)
def test_starts(text: str, start: Start) -> None:
    assert parse_start(text, NOW) == start


def test_what_is_no_start() -> None:
    with pytest.raises(FilterError, match="a start is earliest"):
        parse_start("soon", NOW)


@pytest.mark.parametrize(
    "text", ["", "25:00", "12:60", "2026-13-01", "999999w", "3 years", "٣h", "yesterday noon"]
)
def test_what_is_no_time(text: str) -> None:
    assert span_of(text, NOW) is None


def test_a_time_is_as_exact_as_it_is_written() -> None:
    def lasts(text: str) -> int:
        span = span_of(text, NOW)
        assert span is not None
        return span.last - span.first + 1

    assert [
        lasts(text)
        for text in ("yesterday", "14:00", "14:00:01", "14:00:01.5", "now", "2h", "2026-11-27T14:00Z")
    ] == [
        86_400_000,
        60_000,
        1000,
        1,
        1,
        1,
        60_000,
    ]

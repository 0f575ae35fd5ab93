"""A record as lines of text, also where it is very long."""

import pytest

from kafkatui.domain.records.records import KEPT, Record
from kafkatui.screens.record_text import (
    FIRST_HEADERS,
    FIRST_OCTETS,
    Form,
    Laid,
    in_form,
    is_cut,
    octets_to_lay_out,
    record_lines,
)


def record(
    value: bytes | None = b"x", *headers: tuple[str, bytes | None], left_out: int = 0, size: int | None = None
) -> Record:
    kept = sum(len(name.encode()) + len(value or b"") for name, value in headers)
    return Record(
        "t", 0, 1, None, None, None, value, headers, 0, len(value or b""), None, size or kept, left_out
    )


def laid(found: Record, *, whole: bool = False, form: Form | None = None, turns: int = 0) -> Laid:
    return record_lines(found, form, turns, cells=78, whole=whole, compacted=None, now=0.0)


def texts(found: Record, *, whole: bool = False) -> list[str]:
    return [str(line) for line in laid(found, whole=whole).lines]


def test_many_headers_open_cut_and_all_of_them_on_demand() -> None:
    found = record(b"x", *[("name", b"value")] * 10_000, left_out=10_000, size=180_000)
    lines = texts(found)
    assert sum("name  value" in line for line in lines) == FIRST_HEADERS
    assert any("… 20,000 headers, 180,000 B in all: enter shows the rest" in line for line in lines)
    assert any("value 1 B · 20,000 headers 180,000 B" in line for line in lines)
    assert is_cut(found)
    lines = texts(found, whole=True)
    assert sum("name  value" in line for line in lines) == 10_000
    assert any(
        "… 20,000 headers, 180,000 B in all, the first 10,000 (90,000 B) kept" in line for line in lines
    )
    assert not any("enter" in line for line in lines)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (("trace", b"y" * 729_000), "yyy… 729,000 B"),
        (("trace", b"\xff" * 729_000), "⟨729,000 B⟩ ff ff"),
        (("n" * 729_000, b"y"), "nnn… 729,000 characters"),
    ],
    ids=["text", "bytes", "name"],
)
def test_a_long_header_is_cut_with_its_size(header: tuple[str, bytes], told: str) -> None:
    found = record(b"x", ("first", b"1"), header, ("last", b"2"))
    lines = texts(found)
    assert len(lines) < 200
    assert told in "".join(line[12:].strip() for line in lines)
    assert any("first" in line for line in lines)
    assert any("last" in line for line in lines)
    assert any("3 headers, 729,0" in line and "enter shows the rest" in line for line in lines)
    assert is_cut(found)
    assert len(texts(found, whole=True)) > 10_000
    assert max(map(len, lines)) <= 78


def test_a_header_that_is_not_kept_whole_says_so() -> None:
    found = record(b"x", ("n", b"y" * (KEPT - 1)), size=10_000_000)
    kept = "1 header, 10,000,000 B in all, the first 1 (1,048,576 B) kept"
    assert any(kept in line for line in texts(found, whole=True))
    none_kept = record(b"x", left_out=7, size=70)
    assert any("7 headers, 70 B in all, the first 0 (0 B) kept" in line for line in texts(none_kept))


def test_short_headers_are_all_shown() -> None:
    found = record(b"x", ("a", b"1"), ("b", None))
    assert not is_cut(found)
    assert not any("…" in line for line in texts(found))
    assert any(line.startswith("HEADERS 2") for line in texts(found))


def test_the_forms_of_a_record_follow_each_other() -> None:
    shown = [in_form(b'{"a":1}', None, turns) for turns in range(4)]
    assert [form for form, _ in shown] == [Form.JSON, Form.TEXT, Form.BYTES, Form.JSON]
    assert [text for _, text in shown[:3]] == ['{\n  "a": 1\n}', '{"a":1}', ""]
    assert in_form(b"text", Form.TEXT, 1)[0] is Form.BYTES
    assert in_form(b"text", Form.JSON, 0)[0] is Form.TEXT
    assert in_form(b"\0\0", Form.TEXT, 5)[0] is Form.BYTES
    assert laid(record(b'{"a":1}'), form=Form.JSON, turns=2).form is Form.BYTES
    assert laid(record(None), form=Form.JSON, turns=2).form is None


def test_headers_count_for_the_length_of_the_text() -> None:
    assert octets_to_lay_out(record(b"x" * 100), whole=False) == 100
    assert octets_to_lay_out(record(b"x", *[("n", b"v")] * 1_000), whole=False) > 100_000
    assert octets_to_lay_out(record(b"x" * KEPT), whole=False) == FIRST_OCTETS
    assert octets_to_lay_out(record(b"x" * KEPT), whole=True) == KEPT
    assert octets_to_lay_out(record(b"x", ("n", b"v" * 729_000)), whole=True) > 729_000

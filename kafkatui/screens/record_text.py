"""A record as lines of text: its time, sizes, batch, headers, key and value."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate, chain
from typing import Any

from rich.cells import cell_len
from textual.content import Content

from kafkatui.domain import figures
from kafkatui.domain.records.payload import hex_of, pretty_json, text_of
from kafkatui.domain.records.records import HEADER_OVERHEAD, KEPT, Record
from kafkatui.domain.text import printable, printable_name
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

FIRST_OCTETS = 64 * 1024
"""Bytes of a key or value that are laid out at first."""
FIRST_HEADERS = 100
"""Headers that are laid out at first."""
HEADER_OCTETS = 1024
"""Characters of the name, and bytes of the value, that are laid out at first of each header."""
LABEL = 12
"""Width of the labels on the left, in cells."""
WORD = f"{signs.MUTED} italic"


class Form(Enum):
    """How a payload is shown; the values are the words of its label."""

    JSON = "JSON"
    TEXT = "text"
    BYTES = "bytes"


class Lines(Sequence[Cell]):
    """The lines of several parts, one part after the other."""

    def __init__(self, *parts: Sequence[Cell]) -> None:
        self._parts = parts
        self._ends = list(accumulate(map(len, parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, place: Any) -> Any:
        part = bisect_right(self._ends, place)
        return self._parts[part][place - (self._ends[part - 1] if part else 0)]


class Labelled(Sequence[Cell]):
    """Texts with a label before the first. A line is made only when it is drawn: there may be
    half a million.
    """

    def __init__(self, label: str, texts: Sequence[str]) -> None:
        self._label = label
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, place: Any) -> Any:
        return _labelled("" if place else self._label, self._texts[place])


@dataclass(frozen=True, slots=True)
class Laid:
    """A record, or a part of one, laid out as lines, and the form that its value has there; form ``None``:
    the value is null or empty.
    """

    lines: Sequence[Cell]
    form: Form | None = None


def in_form(data: bytes, form: Form | None, turns: int = 0) -> tuple[Form, str]:
    """A payload in one of the forms that it can have: the form `turns` places after `form`, or after the best
    one.

    Returns the form and the text. The text is not yet `printable`; for bytes it is empty.
    """
    text = text_of(data)
    pretty = None if text is None else pretty_json(text)
    possible = {Form.JSON: pretty, Form.TEXT: text, Form.BYTES: ""}
    kinds = [kind for kind, shown in possible.items() if shown is not None]
    here = kinds.index(form) if form in kinds else 0
    form = kinds[(here + turns) % len(kinds)]
    return form, possible[form] or ""


def payload_lines(data: bytes, form: Form, text: str, *, cells: int) -> list[str]:
    """A payload as `printable` lines of at most `cells` cells; `form` and `text` are what `in_form` gave."""
    if form is Form.BYTES:
        row = 16 if cells >= 5 + 48 + 16 else 8
        return [
            f"{at:04x} {hex_of(data[at : at + row]):<{3 * row}}{printable(ascii_of(data[at : at + row]))}"
            for at in range(0, len(data), row)
        ]
    ascii_only = signs.ascii_only()
    lines = text.replace("\r\n", "\n").split("\n")
    return list(chain.from_iterable(fold(printable(line, ascii=ascii_only), cells) for line in lines))


def ascii_of(data: bytes) -> str:
    """The bytes as text; a byte that is not printable ASCII becomes a dot."""
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in data)


def fold(line: str, cells: int) -> list[str]:
    """A line cut into pieces of at most `cells` cells."""
    if line.isascii():
        return [line[at : at + cells] for at in range(0, len(line), cells)] or [""]
    pieces: list[str] = []
    piece, room = "", cells
    for character in line:
        width = cell_len(character)
        if width > room:
            pieces.append(piece)
            piece, room = "", cells
        piece += character
        room -= width
    return [*pieces, piece]


def record_lines(
    record: Record,
    form: Form | None,
    turns: int = 0,
    *,
    cells: int,
    whole: bool,
    compacted: bool | None,
    now: float,
) -> Laid:
    """All lines of a record, `cells` cells wide; its value in the form `turns` places after `form` (``None``:
    the best one). `whole`: all bytes that are kept; `compacted`: whether the topic is compacted (``None``:
    not known); `now` in seconds since the epoch.
    """
    room = max(16, cells - LABEL)
    key = _payload("KEY", record.key, record.key_size, None, 0, room, whole=whole, tombstone=False)
    value = _payload(
        "VALUE", record.value, record.value_size, form, turns, room, whole=whole, tombstone=compacted is True
    )
    about = [*_time(record, now, room), _labelled("size", _sizes(record)), *_batch(record, room), ""]
    headers = _headers(record, room, whole=whole)
    return Laid(Lines(about, headers, [""], key.lines, [""], value.lines), value.form)


def octets_to_lay_out(record: Record, *, whole: bool) -> int:
    """About how many bytes of a record are laid out."""
    most = KEPT if whole else FIRST_OCTETS
    headers = min(record.headers_size, most) + HEADER_OVERHEAD * len(record.headers)
    return min(record.key_size, most) + min(record.value_size, most) + headers


def is_cut(record: Record) -> bool:
    """Whether a record has more to show than is laid out at first."""
    longest = max(len(record.key or b""), len(record.value or b""))
    return longest > FIRST_OCTETS or _headers_are_cut(record)


def _headers_are_cut(record: Record) -> bool:
    return len(record.headers) > FIRST_HEADERS or any(
        len(name) > HEADER_OCTETS or len(value or b"") > HEADER_OCTETS for name, value in record.headers
    )


def _labelled(label: str, *parts: Cell | tuple[str, str]) -> Content:
    return Content.assemble((f"{label:<{LABEL}}", signs.MUTED), *parts)


def _time(record: Record, now: float, cells: int) -> list[Cell]:
    if record.timestamp is None:
        return [_labelled("time", ("none", WORD))]
    when = figures.date_and_time(record.timestamp)
    if record.timestamp_type is not None:
        when = f"{when} ({record.timestamp_type})"
    ahead = record.timestamp / 1000 - now
    age = f"{figures.age(ahead)} ahead of our clock" if ahead > 1 else f"{figures.age(-ahead)} ago"
    if len(when) + 2 + len(age) <= cells:
        return [_labelled("time", f"{when}  ", (age, signs.MUTED))]
    return [_labelled("time", when), _labelled("", (age, signs.MUTED))]


def _sizes(record: Record) -> str:
    def size_of(size: int, data: bytes | None) -> str:
        return "null" if data is None else f"{size:,} B"

    count = len(record.headers) + record.headers_left_out
    dot = f" {signs.SEPARATOR} "
    parts = [
        f"key {size_of(record.key_size, record.key)}",
        f"value {size_of(record.value_size, record.value)}",
    ]
    if count:
        parts.append(f"{count:,} header{'s' if count > 1 else ''} {record.headers_size:,} B")
    return dot.join(parts)


def _batch(record: Record, cells: int) -> list[Cell]:
    batch = record.batch
    if batch is None:
        return []
    facts = [f"from {batch.base_offset:,}"]
    if batch.records is not None:
        facts.append(f"{batch.records:,} record{'' if batch.records == 1 else 's'}")
    if batch.size is not None:
        facts.append(f"{batch.size:,} B in the log")
    facts += [f"codec {batch.codec}", f"CRC {batch.crc:08x}"]
    if batch.leader_epoch is not None:
        facts.append(f"leader epoch {batch.leader_epoch}")
    if batch.producer_id is not None:
        facts.append(f"producer {batch.producer_id} epoch {batch.producer_epoch}")
        if batch.base_sequence is not None:
            facts.append(f"sequence {batch.base_sequence + record.offset - batch.base_offset}")
    if batch.transactional:
        how = "open, or its end not known" if record.outcome is None else record.outcome.value
        facts.append(f"transaction {how}")
    lines = [facts[0]]
    for fact in facts[1:]:
        joined = f"{lines[-1]} {signs.SEPARATOR} {fact}"
        if len(joined) <= cells:
            lines[-1] = joined
        else:
            lines.append(fact)
    return [_labelled("batch" if not place else "", line) for place, line in enumerate(lines)]


def _headers(record: Record, cells: int, *, whole: bool) -> list[Cell]:
    count = len(record.headers) + record.headers_left_out
    label = f"HEADERS {count}" if count < 1000 else "HEADERS"
    if not record.headers:
        return [_labelled(label, *_left_out(record) or [("none", WORD)])]
    ascii_only = signs.ascii_only()
    shown = record.headers if whole else record.headers[:FIRST_HEADERS]
    most = KEPT if whole else HEADER_OCTETS
    names = [printable_name(name[:most], ascii=ascii_only) for name, _ in shown]
    width = min(max(map(cell_len, names)), cells // 2)
    lines: list[Cell] = []
    for name, (sent, value) in zip(names, shown, strict=True):
        left = fold(name if len(sent) <= most else f"{name}{signs.ELLIPSIS} {len(sent):,} characters", width)
        right = _header_value(value, most, cells - width - 2)
        for row in range(max(len(left), len(right))):
            piece = left[row] if row < len(left) else ""
            text = right[row] if row < len(right) else ""
            lines.append(
                _labelled(
                    "" if lines else label,
                    (piece, "bold"),
                    " " * (width - cell_len(piece) + 2),
                    text if value else (text, WORD),
                )
            )
    if not whole and _headers_are_cut(record):
        lines.append(_more(f"{_all_headers(record)}: enter shows the rest", "$primary bold"))
    elif left_out := _left_out(record):
        lines.append(_labelled("", *left_out))
    return lines


def _header_value(value: bytes | None, most: int, cells: int) -> list[str]:
    """The first `most` bytes of the value of a header, with the size of the value if there are more."""
    if not value:
        return ["null" if value is None else "empty"]
    first = value[:most]
    if (text := text_of(first)) is not None:
        shown = printable(text, ascii=signs.ascii_only())
        return fold(shown + (f"{signs.ELLIPSIS} {len(value):,} B" if len(first) < len(value) else ""), cells)
    end = str(signs.ELLIPSIS) if len(first) < len(value) else ""
    return fold(f"{signs.BYTES_LEFT}{len(value):,} B{signs.BYTES_RIGHT} {hex_of(first)}{end}", cells)


def _all_headers(record: Record) -> str:
    count = len(record.headers) + record.headers_left_out
    return f"{count:,} header{'' if count == 1 else 's'}, {record.headers_size:,} B in all"


def _left_out(record: Record) -> list[tuple[str, str]]:
    """A text that says how much of the headers is kept; empty: all of them are."""
    kept = sum(len(name.encode("utf-8", "replace")) + len(value or b"") for name, value in record.headers)
    if not record.headers_left_out and kept >= record.headers_size:
        return []
    text = f"{signs.ELLIPSIS} {_all_headers(record)}, the first {len(record.headers):,} ({kept:,} B) kept"
    return [(text, WORD)]


def _more(text: str, style: str) -> Content:
    return _labelled("", (f"{signs.ELLIPSIS} {text}", style))


def _payload(
    label: str,
    data: bytes | None,
    size: int,
    form: Form | None,
    turns: int,
    cells: int,
    *,
    whole: bool,
    tombstone: bool,
) -> Laid:
    if data is None:
        return Laid([_labelled(label, ("null", WORD), ("  tombstone" if tombstone else "", WORD))])
    if not data:
        return Laid([_labelled(label, ("empty", WORD))])
    shown = data if whole else data[:FIRST_OCTETS]
    form, text = in_form(shown, form, turns)
    lines = Labelled(f"{label} {form.value}", payload_lines(shown, form, text, cells=cells))
    more: list[Cell] = []
    if len(shown) < len(data):
        more.append(_more(f"{size:,} B in all: enter shows the rest", "$primary bold"))
    elif len(data) < size:
        more.append(_more(f"{size:,} B in all, the first {len(data):,} kept", WORD))
    return Laid(Lines(lines, more), form)

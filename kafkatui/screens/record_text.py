"""A record as lines of text: where it lies, its sizes, headers, key and value, and the batch it came in."""

from enum import Enum
from itertools import chain

from textual.content import Content

from kafkatui.domain import figures
from kafkatui.domain.payload import hex_of, pretty_json, text_of
from kafkatui.domain.records import Record
from kafkatui.domain.text import cell_width, printable, printable_name
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

FIRST_OCTETS = 64 * 1024
"""So much of a key or value is laid out at first."""
LABEL = 12
"""Cells of the labels on the left."""
WORD = f"{signs.MUTED} italic"


class Form(Enum):
    """How a payload is shown; the values are what its label says."""

    JSON = "JSON"
    TEXT = "text"
    BYTES = "bytes"


def forms(data: bytes | None) -> list[Form]:
    """The forms a payload can be shown in, the best first; none for null."""
    if data is None:
        return []
    text = text_of(data)
    if text is None:
        return [Form.BYTES]
    return [Form.JSON, Form.TEXT, Form.BYTES] if pretty_json(text) is not None else [Form.TEXT, Form.BYTES]


def payload_lines(data: bytes, form: Form, *, cells: int) -> list[str]:
    """A payload as harmless lines of at most `cells` cells."""
    if form is Form.BYTES:
        row = 16 if cells >= 5 + 48 + 16 else 8
        return [
            f"{at:04x} {hex_of(data[at : at + row]):<{3 * row}}{printable(ascii_of(data[at : at + row]))}"
            for at in range(0, len(data), row)
        ]
    text = text_of(data) or ""
    if form is Form.JSON:
        text = pretty_json(text) or text
    ascii_only = signs.ascii_only()
    lines = text.replace("\r\n", "\n").split("\n")
    return list(chain.from_iterable(fold(printable(line, ascii=ascii_only), cells) for line in lines))


def ascii_of(data: bytes) -> str:
    """What of the bytes is ASCII, the rest as dots."""
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in data)


def fold(line: str, cells: int) -> list[str]:
    """A line in pieces of at most so many cells."""
    if line.isascii():
        return [line[at : at + cells] for at in range(0, len(line), cells)] or [""]
    pieces: list[str] = []
    piece, room = "", cells
    for character in line:
        width = cell_width(character)
        if width > room:
            pieces.append(piece)
            piece, room = "", cells
        piece += character
        room -= width
    return [*pieces, piece]


def record_lines(
    record: Record, form: Form | None, *, cells: int, whole: bool, compacted: bool | None, now: float
) -> list[Cell]:
    """All lines of a record; `form` is the value's (``None``: the best), `now` in seconds since the epoch."""
    room = max(16, cells - LABEL)
    lines: list[Cell] = [
        *_time(record, now, room),
        _labelled("size", _sizes(record)),
        *_batch(record, room),
        "",
        *_headers(record, room),
        "",
        *_payload("KEY", record.key, record.key_size, None, room, whole=whole, tombstone=False),
        "",
        *_payload(
            "VALUE", record.value, record.value_size, form, room, whole=whole, tombstone=compacted is True
        ),
    ]
    return lines


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
    def told(size: int, data: bytes | None) -> str:
        return "null" if data is None else f"{size:,} B"

    headers = sum(len(name.encode("utf-8", "replace")) + len(value or b"") for name, value in record.headers)
    count = len(record.headers)
    dot = f" {signs.SEPARATOR} "
    parts = [f"key {told(record.key_size, record.key)}", f"value {told(record.value_size, record.value)}"]
    if count:
        parts.append(f"{count} header{'s' if count > 1 else ''} {headers:,} B")
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


def _headers(record: Record, cells: int) -> list[Cell]:
    label = f"HEADERS {len(record.headers)}"
    if not record.headers:
        return [_labelled(label, ("none", WORD))]
    ascii_only = signs.ascii_only()
    names = [printable_name(name, ascii=ascii_only) for name, _ in record.headers]
    width = min(max(map(cell_width, names)), cells // 2)
    lines: list[Cell] = []
    for name, (_, value) in zip(names, record.headers, strict=True):
        if not value:
            pieces: list[str] = ["null" if value is None else "empty"]
        elif (text := text_of(value)) is not None:
            pieces = fold(printable(text, ascii=ascii_only), cells - width - 2)
        else:
            pieces = fold(
                f"{signs.BYTES_LEFT}{len(value)} B{signs.BYTES_RIGHT} {hex_of(value)}", cells - width - 2
            )
        names_folded = fold(name, width)
        for row in range(max(len(pieces), len(names_folded))):
            left = names_folded[row] if row < len(names_folded) else ""
            shown = pieces[row] if row < len(pieces) else ""
            lines.append(
                _labelled(
                    "" if lines else label,
                    (left, "bold"),
                    " " * (width - cell_width(left) + 2),
                    shown if value else (shown, WORD),
                )
            )
    return lines


def _payload(
    label: str,
    data: bytes | None,
    size: int,
    form: Form | None,
    cells: int,
    *,
    whole: bool,
    tombstone: bool,
) -> list[Cell]:
    if data is None:
        return [_labelled(label, ("null", WORD), ("  tombstone" if tombstone else "", WORD))]
    if not data:
        return [_labelled(label, ("empty", WORD))]
    shown = data if whole else data[:FIRST_OCTETS]
    possible = forms(shown)
    form = form if form in possible else possible[0]
    lines: list[Cell] = [
        _labelled(f"{label} {form.value}" if not place else "", line)
        for place, line in enumerate(payload_lines(shown, form, cells=cells))
    ]
    if len(shown) < len(data):
        lines.append(
            _labelled("", (f"{signs.ELLIPSIS} {size:,} B in all: enter shows the rest", "$primary bold"))
        )
    elif len(data) < size:
        lines.append(
            _labelled("", (f"{signs.ELLIPSIS} {size:,} B in all, the first {len(data):,} kept", WORD))
        )
    return lines

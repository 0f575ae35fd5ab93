"""The lines of pane 4: a record, or the reason why there is none."""

from collections.abc import Mapping

from textual.content import Content

from kafkatui.domain import figures
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.records.payload import hex_of, text_of
from kafkatui.domain.records.records import Outcome, Record, Unreadable
from kafkatui.domain.records.tail_log import Gap, MadeAnew, NotKept, Skipped
from kafkatui.domain.text import clip_end, printable
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

WORD = f"{signs.MUTED} italic"
"""Style of the words ``null``, ``aborted`` and ``tombstone``, to tell them from text of a record."""


def record_cells(
    record: Record, widths: Mapping[str, int], *, compacted: bool | None, now: float
) -> list[Cell]:
    """The cells of a record, one for each column. `widths`: cells by column; `now`: seconds since the epoch;
    `compacted`: a null value is a tombstone, ``None``: not known.
    """
    cells: list[Cell] = [
        signs.NONE.content if record.timestamp is None else f" {figures.moment(record.timestamp, now)}",
        str(record.partition),
        f"{record.offset:,}",
        one_line(record.key, record.key_size, widths["key"]),
    ]
    sign = "aborted  " if record.outcome is Outcome.ABORTED else ""
    value: Cell = one_line(record.value, record.value_size, max(0, widths["value"] - len(sign)))
    if sign:
        value = Content.assemble((sign, WORD), value)
    if record.value is None and compacted:
        value = Content.assemble(value, "  ", ("tombstone", WORD))
    cells.append(value)
    if "size" in widths:
        cells.append(Content.styled(figures.size(record.key_size + record.value_size), signs.MUTED))
        cells.append(headers_line(record, widths["headers"]))
    return cells


def between(entry: Unreadable | Gap, per_second: int, cells: int) -> Content:
    """The line for a place where records are missing: why, and how many, shortened to `cells` if a batch is
    unreadable. `per_second`: records shown a second at most.
    """
    match entry:
        case Unreadable():
            text = clip_end(_unreadable(entry), cells - 2, ellipsis=str(signs.ELLIPSIS))
            return Content.assemble(signs.sign(Mark.BROKEN), " ", (text, "bold"))
        case Skipped():
            rate = "" if entry.rate is None else f" ({figures.rate(entry.rate)} rec/s, {per_second} shown)"
            text = f"{_count(entry)} skipped{rate}"
        case NotKept():
            anew = ", and the topic was made again" if entry.made_anew else ""
            text = f"{_count(entry)} came while this was held, and are not kept{anew}"
        case MadeAnew():
            text = "the topic was deleted and made again; the records above are gone"
    return Content.styled(f"{signs.DOTS} {text} {signs.DOTS}", signs.MUTED)


def _unreadable(batch: Unreadable) -> str:
    """Position, number of records and reason of an unreadable batch: ``2 @ 16,776 to 16,787: 12 records
    cannot be read: its CRC is wrong``.
    """
    where = f"{batch.partition} @ {batch.offset:,}"
    if batch.last_offset != batch.offset:
        where += f" to {batch.last_offset:,}"
    what = {None: "records", 1: "a record"}.get(
        batch.count, f"{batch.count:,} records" if batch.count else ""
    )
    why = printable(batch.why, ascii=signs.ascii_only())
    return f"{where}: {what or 'a batch'} cannot be read: {why}"


def _count(entry: Skipped | NotKept) -> str:
    return f"{'' if entry.exact else signs.AT_MOST}{entry.count:,}"


def one_line(data: bytes | None, size: int, cells: int) -> Cell:
    """A key or a value in at most `cells` cells; `size`: its bytes, of which `data` may hold only the first.
    Null and bytes that are not text are drawn so that nobody takes them for text.
    """
    if data is None:
        return Content.styled("null", WORD)
    data = data[: 4 * cells + 8]
    text = text_of(data)
    if text is None:
        shown = f"{signs.BYTES_LEFT}{figures.size(size)}{signs.BYTES_RIGHT} {hex_of(data)}"
        return clip_end(shown, cells, ellipsis=str(signs.ELLIPSIS))
    if text in {"", "null"}:
        return f'"{text}"'
    ellipsis = str(signs.ELLIPSIS)
    shown = printable(text, ascii=signs.ascii_only())
    return clip_end(shown + ("" if len(data) == size else " " * cells), cells, ellipsis=ellipsis)


def headers_line(record: Record, cells: int) -> Cell:
    """The headers of a record in at most `cells` cells: ``protocol=http trace-id=4bf9…``."""
    parts = []
    for name, value in record.headers[:8]:
        shown = one_line(value, len(value or b""), cells)
        parts.append(f"{printable(name[:cells], ascii=signs.ascii_only())}={shown}")
    return Content.styled(clip_end(" ".join(parts), cells, ellipsis=str(signs.ELLIPSIS)), signs.MUTED)

"""A topic as a line of pane 1: the columns by width, and what stands in each."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache

from textual.content import Content

from kafkatui.domain import figures
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.topics_view import TopicRow
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.text import clip_middle, printable, printable_name
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell, Column

MARK = Column("mark", "", 2, right=True)
NAME = Column("name", "NAME", 0, sortable=True)


@lru_cache(maxsize=32)
def columns(width: int, partitions: int = 0) -> tuple[Column, ...]:
    """The columns a list so many cells wide has room for; from narrow to wide they only join. `partitions`:
    the most that a topic has.
    """

    def figure(key: str, title: str, cells: int, *, sortable: bool = True) -> Column:
        return Column(key, title, cells, right=True, sortable=sortable)

    wide = width >= 68
    joined = [MARK, NAME, figure("partitions", "P", max(4 if wide else 3, len(f"{partitions:,}")))]
    if width >= 54:
        joined.append(figure("rf", "RF", 3))
    joined.append(figure("records", "RECORDS", 11 if wide else 10 if width >= 60 else 8))
    joined.append(figure("rate", "REC/S", 7 if wide else 6 if width >= 60 else 5))
    if 60 <= width < 68 or width >= 100:
        joined.append(figure("spark", "2 MIN", 12 if width >= 100 else 6, sortable=False))
    if width >= 44:
        joined.append(figure("groups", "GRP", 4 if width >= 60 else 3))
    if width >= 36:
        joined.append(figure("lag", "LAG", 9 if wide else 7 if width >= 60 else 6))
    if width >= 120:
        joined.append(Column("note", "NOTE", 32))
    return tuple(joined)


@dataclass(frozen=True, slots=True)
class LineSource:
    """What a line needs beside its figures."""

    widths: Mapping[str, int]
    """Of the columns, left to right."""
    logs: Container[str]
    """Topics whose log was asked for."""
    rates: TopicRates
    taken_at: float
    """Monotonic seconds of the figures."""
    stale: bool
    """They are old: rates would lie."""


def cells(row: TopicRow, source: LineSource) -> list[Cell]:
    """One cell a column; all muted when stale."""
    made = [_cell(key, row, width, source) for key, width in source.widths.items()]
    return [Content.styled(str(cell), signs.MUTED) for cell in made] if source.stale else made


def _cell(key: str, row: TopicRow, width: int, source: LineSource) -> Cell:
    if key == "mark":
        return signs.sign(row.mark)
    if key == "name":
        return _name(row, width)
    if key == "spark":
        history = source.rates.history(row.name)
        return signs.spark(
            history.values(source.taken_at, width) if history and not source.stale else [], width
        )
    if key == "note":
        return Content.styled(words(row), signs.WARNING if row.mark == Mark.WORSE else signs.MUTED)
    return _figure(key, row, width, source)


def _name(row: TopicRow, width: int) -> Cell:
    name = clip_middle(
        printable_name(row.name, ascii=signs.ascii_only()), width, ellipsis=str(signs.ELLIPSIS)
    )
    if row.under_replicated or row.offline:
        return Content.styled(name, f"{signs.ERROR if row.offline else signs.WARNING} bold")
    return name


def _figure(key: str, row: TopicRow, width: int, source: LineSource) -> Cell:
    if key == "partitions":
        text = figures.count(row.partitions, width)
        return Content.styled(text, f"{signs.ERROR} bold") if row.offline else text
    if key == "rf":
        text = figures.count(row.replication_factor, width)
        return Content.styled(text, f"{signs.WARNING} bold") if row.under_replicated else text
    if key == "records":
        if row.records is None:
            return not_there(told=row.name in source.logs)
        return figures.at_most(row.records, width, exact=not row.upper_bound, ascii=signs.ascii_only())
    if key == "rate":
        if row.rate is None or source.stale:
            return not_there(told=source.stale or row.name in source.rates.rates)
        return figures.rate(row.rate)
    if key == "groups":
        if row.groups is None:
            return not_there(told=False)
        return figures.at_least(row.groups, width, complete=row.complete, ascii=signs.ascii_only())
    if row.groups == 0:
        return signs.NONE.content if row.complete else signs.UNKNOWN.content
    if row.lag is None:
        return not_there(told=row.groups is not None and row.mark >= Mark.UNKNOWN)
    if row.unset and not row.lag:
        return signs.UNSET.content
    return figures.at_least(row.lag, width, complete=row.complete, ascii=signs.ascii_only())


def not_there(*, told: bool) -> Content:
    """``?``: asked, and not told; ``…``: not asked yet."""
    return (signs.UNKNOWN if told else signs.ELLIPSIS).content


TITLES = {
    "name": "name",
    "partitions": "partitions",
    "rf": "RF",
    "records": "records",
    "rate": "rec/s",
    "groups": "groups",
    "lag": "lag",
}


def words(row: TopicRow) -> str:
    """What is wrong with a topic, in words; empty: nothing."""
    said = []
    if row.offline:
        said.append(f"{row.offline:,} of {figures.count(row.partitions)} offline")
    if row.under_replicated:
        said.append(f"{row.under_replicated:,} of {figures.count(row.partitions)} under-replicated")
    if not said and row.fault is not None:
        said.append(printable(row.fault.text))
    return ", ".join(said)

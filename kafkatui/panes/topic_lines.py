"""The lines of pane 1: one topic a line, its columns by width, and the cell of each."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain import figures
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.topics_view import TopicRow
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.text import clip_middle, printable, printable_name
from kafkatui.panes.list_columns import ListColumn, from_width, laid_out
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell, Column


@dataclass(frozen=True, slots=True)
class LineSource:
    """The values that drawing a line needs beside the row of the topic."""

    logs: Container[str]
    """Names of the topics whose offsets were asked for."""
    rates: TopicRates
    """How fast topics grow."""
    taken_at: float
    """Monotonic seconds of the answer that gave the figures."""
    stale: bool
    """Whether the figures are older than they should be: then no rates are shown, as they may be wrong."""


def _mark(row: TopicRow, width: int, source: LineSource) -> Cell:
    return signs.sign(row.mark)


def _name(row: TopicRow, width: int, source: LineSource) -> Cell:
    name = clip_middle(
        printable_name(row.name, ascii=signs.ascii_only()), width, ellipsis=str(signs.ELLIPSIS)
    )
    if row.under_replicated or row.offline:
        return Content.styled(name, f"{signs.ERROR if row.offline else signs.WARNING} bold")
    return name


def _partitions(row: TopicRow, width: int, source: LineSource) -> Cell:
    text = figures.count(row.partitions, width)
    return Content.styled(text, f"{signs.ERROR} bold") if row.offline else text


def _factor(row: TopicRow, width: int, source: LineSource) -> Cell:
    text = figures.count(row.replication_factor, width)
    return Content.styled(text, f"{signs.WARNING} bold") if row.under_replicated else text


def _records(row: TopicRow, width: int, source: LineSource) -> Cell:
    if row.records is None:
        return not_there(asked=row.name in source.logs)
    return figures.at_most(row.records, width, exact=not row.upper_bound, ascii=signs.ascii_only())


def _rate(row: TopicRow, width: int, source: LineSource) -> Cell:
    if row.rate is None or source.stale:
        return not_there(asked=source.stale or row.name in source.rates.rates)
    return figures.rate(row.rate)


def _spark(row: TopicRow, width: int, source: LineSource) -> Cell:
    history = source.rates.history(row.name)
    return signs.spark(history.values(source.taken_at, width) if history and not source.stale else [], width)


def _groups(row: TopicRow, width: int, source: LineSource) -> Cell:
    if row.groups is None:
        return not_there(asked=False)
    return figures.at_least(row.groups, width, complete=row.complete, ascii=signs.ascii_only())


def _lag(row: TopicRow, width: int, source: LineSource) -> Cell:
    if row.groups == 0:
        return signs.NONE.content if row.complete else signs.UNKNOWN.content
    if row.lag is None:
        return not_there(asked=row.groups is not None and row.mark >= Mark.UNKNOWN)
    if row.unset and not row.lag:
        return signs.UNSET.content
    return figures.at_least(row.lag, width, complete=row.complete, ascii=signs.ascii_only())


def _note(row: TopicRow, width: int, source: LineSource) -> Cell:
    return Content.styled(words(row), signs.WARNING if row.mark == Mark.WORSE else signs.MUTED)


TABLE: Sequence[ListColumn[TopicRow, LineSource]] = (
    ListColumn("mark", "", from_width((0, 2)), _mark),
    ListColumn(
        "name", "NAME", from_width((0, 0)), _name, lambda row: row.name, "name", right=False, steady=True
    ),
    ListColumn(
        "partitions", "P", from_width((0, 3), (68, 4)), _partitions, lambda row: row.partitions, "partitions"
    ),
    ListColumn("rf", "RF", from_width((54, 3)), _factor, lambda row: row.replication_factor, "RF"),
    ListColumn(
        "records",
        "RECORDS",
        from_width((0, 8), (60, 10), (68, 11)),
        _records,
        lambda row: row.records,
        "records",
    ),
    ListColumn("rate", "REC/S", from_width((0, 5), (60, 6), (68, 7)), _rate, lambda row: row.rate, "rec/s"),
    ListColumn("spark", "2 MIN", from_width((60, 6), (68, None), (100, 12)), _spark),
    ListColumn("groups", "GRP", from_width((44, 3), (60, 4)), _groups, lambda row: row.groups, "groups"),
    ListColumn(
        "lag",
        "LAG",
        from_width((36, 6), (60, 7), (68, 9)),
        _lag,
        lambda row: row.lag,
        "lag",
        always_sorts=True,
    ),
    ListColumn("note", "NOTE", from_width((120, 32)), _note, right=False),
)
"""The columns of pane 1. A wider list has all columns of a narrower one, and more; only ``spark`` has no room
from 68 to 99 cells.
"""


def columns(width: int, partitions: int = 0) -> tuple[Column, ...]:
    """The columns that have room in a list `width` cells wide. `partitions`: the greatest number of
    partitions a topic has.
    """
    return laid_out(TABLE, width, least_widths(partitions))


def least_widths(partitions: int) -> Mapping[str, int]:
    """Cells that columns need at least, by key. `partitions`: the greatest number of partitions a
    topic has.
    """
    return {"partitions": len(f"{partitions:,}")}


def not_there(*, asked: bool) -> Content:
    """The sign for a figure that is not known: ``?`` if it was asked for, ``…`` if it was not asked
    for yet.
    """
    return (signs.UNKNOWN if asked else signs.ELLIPSIS).content


def words(row: TopicRow) -> str:
    """The faults of a topic, in words; empty: it has none."""
    said = []
    if row.offline:
        said.append(f"{row.offline:,} of {figures.count(row.partitions)} offline")
    if row.under_replicated:
        said.append(f"{row.under_replicated:,} of {figures.count(row.partitions)} under-replicated")
    if not said and row.fault is not None:
        said.append(printable(row.fault.text))
    return ", ".join(said)

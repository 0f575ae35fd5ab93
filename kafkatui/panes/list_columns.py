"""The columns of a list: the content and width of each, and the value by which it sorts rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from kafkatui.domain.sorted_rows import Value
from kafkatui.widgets.columns import Cell, Column

Row = TypeVar("Row")
Beside = TypeVar("Beside")


@dataclass(frozen=True, slots=True)
class ListColumn(Generic[Row, Beside]):
    """One column of a list, for rows of one kind."""

    key: str
    title: str
    """The text in its head."""
    width: Callable[[int], int | None]
    """Given the cells of the list, the cells of the column; 0: all that other columns leave; ``None``: the
    column has no room.
    """
    draw: Callable[[Row, int, Beside], Cell]
    """Makes its cell of a row, given the row, the greatest number of cells, and what drawing needs beside the
    row.
    """
    value: Callable[[Row], Value] | None = None
    """The value of a row by which this column sorts; ``None``: rows cannot be sorted by it."""
    word: str = ""
    """The name of this column in the pane's title while rows are sorted by it."""
    right: bool = True
    """Whether cells are aligned to the right; the user's first sort by such a column is descending."""
    steady: bool = False
    """Whether its values never change: then the order by it is always up to date."""
    always_sorts: bool = False
    """Whether the key `s` sorts by this column even while it has no room."""


def from_width(*steps: tuple[int, int | None]) -> Callable[[int], int | None]:
    """A function for `ListColumn.width`: ``from_width((36, 6), (60, 7))`` is 6 cells in a list of 36 cells or
    more, 7 in one of 60 or more, and no room in a narrower one.
    """

    def cells(width: int) -> int | None:
        return next((found for least, found in reversed(steps) if width >= least), None)

    return cells


def sort_values(table: Sequence[ListColumn[Row, Beside]]) -> dict[str, Callable[[Row], Value]]:
    """The functions that give the values by which rows are sorted, by key of the column."""
    return {column.key: column.value for column in table if column.value is not None}


def laid_out(
    table: Sequence[ListColumn[Row, Beside]], width: int, least: Mapping[str, int] | None = None
) -> tuple[Column, ...]:
    """The columns that have room in a list `width` cells wide; `least`: the cells that columns need at least,
    by key.
    """
    found = [(column, column.width(width)) for column in table]
    return tuple(
        Column(
            column.key,
            column.title,
            max(cells, (least or {}).get(column.key, 0)),
            column.right,
            column.value is not None,
        )
        for column, cells in found
        if cells is not None
    )

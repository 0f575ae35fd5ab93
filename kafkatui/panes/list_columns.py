"""The table of a list's columns: what each shows, how wide it is, what rows are sorted by."""

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
    """Its head."""
    width: Callable[[int], int | None]
    """Its cells in a list so many cells wide; 0: what the others leave; ``None``: there is no room for it."""
    draw: Callable[[Row, int, Beside], Cell]
    """Its cell of a row, at most so many cells wide; `Beside` is what drawing needs beside the row."""
    value: Callable[[Row], Value] | None = None
    """What rows are sorted by; ``None``: they cannot be sorted by it."""
    word: str = ""
    """What the pane's title calls it where rows are sorted by it."""
    right: bool = True
    steady: bool = False
    """Its values never change, so the order by it never gets old."""
    always_sorts: bool = False
    """The key that goes through the columns stops here even where the column has no room."""


def from_width(*steps: tuple[int, int | None]) -> Callable[[int], int | None]:
    """``from_width((36, 6), (60, 7))``: 6 cells in a list of 36 and more, 7 of 60 and more; below no room."""

    def cells(width: int) -> int | None:
        return next((found for least, found in reversed(steps) if width >= least), None)

    return cells


def sort_values(table: Sequence[ListColumn[Row, Beside]]) -> dict[str, Callable[[Row], Value]]:
    """What rows can be sorted by, by column."""
    return {column.key: column.value for column in table if column.value is not None}


def laid_out(
    table: Sequence[ListColumn[Row, Beside]], width: int, least: Mapping[str, int] | None = None
) -> tuple[Column, ...]:
    """The columns that a list so many cells wide has room for; `least`: cells a column needs at least."""
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

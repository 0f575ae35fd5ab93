"""A list to which rows are added below and from which they are removed above. It follows the newest row, or
is held.
"""

from collections.abc import Callable, Sequence

from textual.message import Message
from textual.reactive import reactive

from kafkatui.widgets.columns import Cell, Column
from kafkatui.widgets.lines import Lines

__all__ = ["Cell", "Column", "Stream"]


class Stream(Lines):
    """Rows known by number, which goes up by one a row; rows with numbers below `first_row` are removed.

    The owner keeps the rows. While the list follows, the newest row is at the bottom and has the cursor.
    Moving up, a click or the wheel holds the list: new rows are then added below the visible ones.
    """

    cursor: reactive[int | None] = reactive(None, repaint=False)
    """Number of the row with the cursor; ``None``: no row has it."""
    following: reactive[bool] = reactive(True, init=False, repaint=False)
    """Whether the newest row is kept visible."""

    class FollowChanged(Message):
        """The list was held, or follows the newest row again."""

        def __init__(self, following: bool) -> None:
            super().__init__()
            self.following = following

    class Chosen(Message):
        """The user opened a row."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._first = 0
        self._end = 0
        self._cells: Callable[[int], Sequence[Cell]] = lambda _: ()

    def clear(self) -> None:
        """Remove all rows, and follow again; the next row has number 0."""
        self._first = self._end = 0
        self.cursor = None
        self.following = True
        self.top = 0
        self.repaint_all()

    def show(
        self, first: int, end: int, cells: Callable[[int], Sequence[Cell]], *, cursor: int | None = None
    ) -> None:
        """Show the rows with numbers `first` to `end` - 1.

        `cells` gives the cells of a row by its number: one for each column, or a single one across all
        columns. It is called once for each row that becomes visible, and must answer for each of these rows
        until the next `show`.

        `cursor`: the number that the row with the cursor has now, while the list is held; ``None``: the same
        number as before, or the nearest that exists.
        """
        self._first, self._end, self._cells = first, end, cells
        if self.following:
            self._to_end()
        else:
            moved = 0 if cursor is None or self.cursor is None else cursor - self.cursor
            self.top += moved  # `validate_top` keeps it within the rows that exist
            if self.cursor is not None:
                self.cursor = max(first, min(self.cursor + moved, end - 1))
        self.repaint_rows(*[row for row in self._painted if row >= end])
        seen = range(self.top, self.top + self.rows_shown)
        self._painted = {row: line for row, line in self._painted.items() if row in seen}
        for row in seen:
            if row < end and not self._painted.get(row, ((), None))[0]:
                self.repaint_rows(row)
                self._paint_row(row, None)

    def _to_end(self) -> None:
        self.top = self._end
        self.cursor = self._end - 1 if self._end > self._first else None

    @property
    def first_row(self) -> int:
        """Number of the oldest row that is still in the list."""
        return self._first

    @property
    def end_row(self) -> int:
        """The number that the next row will get."""
        return self._end

    @property
    def cursor_row(self) -> int | None:
        """Number of the row with the cursor; ``None``: no row has it."""
        return self.cursor

    def row_cells(self, row: int) -> tuple[Cell, ...]:
        """The cells of a row, as the owner gave them to `show`."""
        return tuple(self._cells(row))

    def watch_cursor(self, old: int | None, new: int | None) -> None:
        self.repaint_rows(old, new)

    def watch_following(self, following: bool) -> None:
        if following:
            self._to_end()
        self.post_message(self.FollowChanged(following))

    def go_to(self, row: int) -> None:
        """Hold the list, and move the cursor to a row."""
        self.following = False
        self.cursor = row
        self.scroll_to_row(row)

    def choose(self, row: int) -> None:
        """Send `Chosen` for a row, and hold the list so that the row stays visible."""
        self.go_to(row)
        self.post_message(self.Chosen(row))

    def action_bottom(self) -> None:
        """Follow the newest row again."""
        self.following = True

    def watch_top(self) -> None:
        super().watch_top()
        if self.following and self.top < self._end - self.rows_shown:  # the user turned the wheel up
            self.following = False

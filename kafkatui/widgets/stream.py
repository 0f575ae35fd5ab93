"""A list to which rows are added below and go above; it follows the newest, or is held."""

from collections.abc import Callable, Sequence

from textual.message import Message
from textual.reactive import reactive

from kafkatui.widgets.columns import Cell, Column
from kafkatui.widgets.lines import Lines

__all__ = ["Cell", "Column", "Stream"]


class Stream(Lines):
    """Rows by number: numbers go up by one a row, for ever; those below `first_row` are gone.

    The owner keeps the rows. While it follows, the newest row is at the bottom and has the cursor. Moving
    up, a click or the wheel hold it: rows come in below what is seen.
    """

    cursor: reactive[int | None] = reactive(None, repaint=False)
    """The row with the cursor; ``None`` while there is none."""
    following: reactive[bool] = reactive(True, init=False, repaint=False)
    """Whether the newest row is kept in sight."""

    class FollowChanged(Message):
        """The stream is held, or follows again."""

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
        """No row is there any more, and the next is number 0."""
        self._first = self._end = 0
        self.cursor = None
        self.following = True
        self.top = 0
        self.repaint_all()

    def show(
        self, first: int, end: int, cells: Callable[[int], Sequence[Cell]], *, cursor: int | None = None
    ) -> None:
        """Rows `first` to `end` - 1 are there now. `cells` is called once for each row that is seen, until
        it is out of sight: one cell a column, or a single one across them all. It must answer for each of
        these rows until the next call.

        `cursor`: the number that the row with the cursor has now, while held; ``None``: the same as before,
        or the nearest that is there.
        """
        self._first, self._end, self._cells = first, end, cells
        if self.following:
            self._to_end()
        else:
            moved = 0 if cursor is None or self.cursor is None else cursor - self.cursor
            self.top += moved  # kept within what is there now
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
        """The oldest row that is still there."""
        return self._first

    @property
    def end_row(self) -> int:
        """The number the next row will have."""
        return self._end

    @property
    def cursor_row(self) -> int | None:
        """The row with the cursor."""
        return self.cursor

    def row_cells(self, row: int) -> tuple[Cell, ...]:
        """One cell a column, or a single one."""
        return tuple(self._cells(row))

    def watch_cursor(self, old: int | None, new: int | None) -> None:
        self.repaint_rows(old, new)

    def watch_following(self, following: bool) -> None:
        if following:
            self._to_end()
        self.post_message(self.FollowChanged(following))

    def go_to(self, row: int) -> None:
        """The user looks at a row: hold."""
        self.following = False
        self.cursor = row
        self.scroll_to_row(row)

    def choose(self, row: int) -> None:
        """Say that a row is opened, and hold so that it stays in sight."""
        self.go_to(row)
        self.post_message(self.Chosen(row))

    def action_bottom(self) -> None:
        """The newest row: follow."""
        self.following = True

    def watch_top(self) -> None:
        super().watch_top()
        if self.following and self.top < self._end - self.rows_shown:  # the wheel
            self.following = False

"""A list of any length whose rows are known by key: the cursor stays on its key when rows come, go or are
sorted.
"""

from collections.abc import Callable, Container, Sequence

from textual.message import Message
from textual.reactive import reactive

from kafkatui.widgets.columns import Cell, Column
from kafkatui.widgets.lines import Beyond, HeadClicked, Lines, Scrolled

__all__ = ["Beyond", "Cell", "Column", "HeadClicked", "LongList", "Scrolled"]


class LongList(Lines):
    """Rows, each with its own key. The cells of a row are asked for only while the row is visible."""

    cursor: reactive[str | None] = reactive(None, repaint=False)
    """Key of the row with the cursor; ``None``, or a key that no row has: no row has the cursor."""

    class Moved(Message):
        """The user moved the cursor."""

        def __init__(self, rows: "LongList", key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> "LongList":
            """The list, which Textual compares with the selector of ``@on``."""
            return self.rows

    class Chosen(Message):
        """The user opened a row: enter, or a double click."""

        def __init__(self, rows: "LongList", key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> "LongList":
            """The list, which Textual compares with the selector of ``@on``."""
            return self.rows

    HeadClicked = HeadClicked

    def __init__(self, *, cursor_before: int = 0, head: bool = True, id: str | None = None) -> None:  # noqa: A002
        super().__init__(cursor_before=cursor_before, head=head, id=id)
        self._keys: tuple[str, ...] = ()
        self._places: dict[str, int] = {}
        self._cells: Callable[[str], Sequence[Cell]] = lambda _: ()
        self._struck: Container[str] = ()

    def show(
        self,
        keys: Sequence[str],
        cells: Callable[[str], Sequence[Cell]],
        *,
        struck: Container[str] = (),
    ) -> None:
        """Show the rows with these keys, in this order; only visible cells that changed are painted.

        `cells` gives the cells of the row with a key. It is called for visible rows whenever they are
        painted, until the next `show`. Rows whose key is in `struck` are drawn struck through. If the row
        with the cursor was visible, it stays visible.
        """
        old = self.cursor_row
        seen = old is not None and self.top <= old < self.top + self.rows_shown
        self._cells, self._struck = cells, struck
        if len(keys) != len(self._keys) or tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self._places = {key: row for row, key in enumerate(self._keys)}
            self.top = self.top  # `validate_top` keeps it within the new bounds
            new = self.cursor_row
            if new != old:
                self.repaint_rows(old, new)
            if new is not None and seen:
                self.scroll_to_row(new)
            self.note_out_of_sight()
        self.repaint_changed()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the rows, top to bottom."""
        return self._keys

    @property
    def end_row(self) -> int:
        """How many rows there are."""
        return len(self._keys)

    @property
    def cursor_row(self) -> int | None:
        """Number of the row with the cursor; ``None``: no row has it."""
        return None if self.cursor is None else self._places.get(self.cursor)

    def row_cells(self, row: int) -> tuple[Cell, ...]:
        """The cells of a row, as the owner gave them to `show`."""
        return tuple(self._cells(self._keys[row]))

    def is_struck(self, row: int) -> bool:
        """Whether the owner wants the row drawn struck through."""
        return self._keys[row] in self._struck

    def watch_cursor(self, old: str | None, new: str | None) -> None:
        for key in (old, new):
            if key is not None:
                self.repaint_rows(self._places.get(key))
        if (row := self.cursor_row) is not None and self.size.height:
            self.scroll_to_row(row)

    def go_to(self, row: int) -> None:
        """Move the cursor to a row, and send `Moved` if that is another row."""
        if (key := self._keys[row]) != self.cursor:
            self.cursor = key
            self.post_message(self.Moved(self, key))

    def choose(self, row: int) -> None:
        """Send `Chosen` for a row."""
        self.post_message(self.Chosen(self, self._keys[row]))

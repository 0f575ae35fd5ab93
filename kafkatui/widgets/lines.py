"""Lists that paint only the visible rows, by Textual's line API: columns, a fixed head, a cursor row, keys,
mouse.

`kafkatui.widgets.long_list` is a list of rows known by key, `kafkatui.widgets.stream` a list whose new rows
are always added below.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Blur, Click, Focus, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell, Column, Line, same

LEAST_NAME = 6
"""Cells that the column of width 0 keeps when other columns grow."""
WHEEL = 3
"""Lines that one turn of the wheel scrolls."""


class HeadClicked(Message):
    """The user clicked on the title of a sortable column."""

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column


class Beyond(Message):
    """The user moved the cursor beyond the first row (`by` < 0) or the last one (`by` > 0). The owner decides
    what happens then.
    """

    def __init__(self, lines: "Lines", by: int) -> None:
        super().__init__()
        self.lines = lines
        self.by = by

    @property
    def control(self) -> "Lines":
        """The list, which Textual compares with the selector of ``@on``."""
        return self.lines


class Scrolled(Message):
    """The number of rows above or below the visible ones changed: see `Lines.out_of_sight`."""


class Lines(Widget, can_focus=True):
    """The common part of both lists. A subclass gives the number of rows, the row with the cursor, and the
    cells of each row.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--head", "lines--cursor"}
    DEFAULT_CSS = """
    Lines { width: 1fr; height: 1fr; }
    Lines > .lines--head { color: $text-muted; }
    Lines > .lines--cursor { background: $primary 14%; }
    Lines:focus > .lines--cursor { background: $primary 25%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "move", id="list.up"),
        Binding("down", "step(1)", "move", id="list.down"),
        Binding("k", "step(-1)", "move", id="list.up", show=False),
        Binding("j", "step(1)", "move", id="list.down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", id="list.page-up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "page down", id="list.page-down", show=False),
        Binding("home,g", "top", "first", id="list.top", show=False),
        Binding("end,G", "bottom", "last", id="list.bottom", show=False),
        Binding("enter", "choose", "open", id="list.open"),
    ]

    top: reactive[int] = reactive(0, repaint=False)
    """Number of the first visible row."""
    sorted_by: reactive[tuple[str, bool] | None] = reactive(None, repaint=False)
    """Key of the column by which the rows are sorted, and whether descending: an arrow stands at its title.
    ``None``: no arrow.
    """

    def __init__(self, *, cursor_before: int = 0, head: bool = True, id: str | None = None) -> None:  # noqa: A002
        """`cursor_before`: number of the column before which the cell of the cursor sign stands. `head`:
        whether the titles of the columns are shown.
        """
        super().__init__(id=id)
        self._heads = 1 if head else 0
        self._cursor_before = cursor_before
        self._columns: tuple[Column, ...] = ()
        self._grown: dict[str, int] = {}
        """By column key: the width in cells of a column that has grown. It never shrinks."""
        self._out_of_sight = (0, 0)
        self._painted: dict[int, tuple[tuple[Cell, ...], Strip | None]] = {}

    opens: reactive[bool] = reactive(True, init=False, repaint=False)
    """Whether the row with the cursor can be opened; the owner sets it. If not, the key is not listed, but it
    is answered if it is pressed.
    """

    def watch_opens(self) -> None:
        self.refresh_bindings()

    def offers(self, action: str) -> bool:
        """Whether the row of keys lists the key of an action."""
        return action != "choose" or self.opens

    # to be written by a subclass

    @property
    def first_row(self) -> int:
        """Number of the first row."""
        return 0

    @property
    @abstractmethod
    def end_row(self) -> int:
        """Number of the last row plus 1."""

    @property
    @abstractmethod
    def cursor_row(self) -> int | None:
        """Number of the row with the cursor; ``None``: no row has it."""

    @abstractmethod
    def go_to(self, row: int) -> None:
        """Called when the user moves the cursor to a row, which exists."""

    @abstractmethod
    def choose(self, row: int) -> None:
        """Called when the user opens a row."""

    @abstractmethod
    def row_cells(self, row: int) -> tuple[Cell, ...]:
        """The cells of a row: one for each column, or a single one across all columns."""

    def is_struck(self, row: int) -> bool:
        """Whether a row is drawn struck through, because the thing that it shows does not exist any more."""
        return False

    # columns and head

    def columns(self, *columns: Column) -> None:
        """Set the columns, left to right."""
        if columns != self._columns:
            self._columns = columns
            self.repaint_all()

    @property
    def rows_shown(self) -> int:
        """How many rows fit under the head."""
        return max(0, self.size.height - self._heads)

    @property
    def out_of_sight(self) -> tuple[int, int]:
        """How many rows there are above the visible ones, and how many below."""
        above = max(0, self.top - self.first_row)
        return above, max(0, self.end_row - self.top - self.rows_shown) if self.rows_shown else 0

    def note_out_of_sight(self) -> None:
        """Send `Scrolled` if `out_of_sight` has changed since the last call."""
        if self._out_of_sight != self.out_of_sight:
            self._out_of_sight = self.out_of_sight
            self.post_message(Scrolled())

    def watch_sorted_by(self) -> None:
        self.refresh(Region(0, 0, self.size.width, 1))

    @property
    def column_keys(self) -> list[str]:
        """The keys of the columns, left to right."""
        return [column.key for column in self._columns]

    def column_widths(self) -> list[int]:
        """The width of each column in cells, at the present width of the list."""
        widths = [max(column.width, self._grown.get(column.key, 0)) for column in self._columns]
        left = self.size.width - sum(widths) - sum(map(self._gap, range(len(widths))))
        return [
            width if column.width else max(0, left)
            for column, width in zip(self._columns, widths, strict=True)
        ]

    def _grow(self, cells: Sequence[Cell]) -> None:
        """Widen each column of figures to its cell in `cells` if there is room, so that no figure is cut."""
        if len(cells) < len(self._columns):
            return
        for column, cell, width in zip(self._columns, cells, self.column_widths(), strict=False):
            if not column.right or not column.width:
                continue
            length = cell_len(cell) if isinstance(cell, str) else cell.cell_length
            if length > width and length - width <= self._to_spare():
                self._grown[column.key] = length
                self.call_later(self.repaint_all)

    def _to_spare(self) -> int:
        """Cells that other columns may take from the column of width 0, which has the room that
        they leave.
        """
        pairs = zip(self._columns, self.column_widths(), strict=True)
        return sum(width - LEAST_NAME for column, width in pairs if not column.width)

    # painting

    def _line_of(self, row: int) -> int:
        return row - self.top + self._heads

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Repaint regions. The regions of a hidden list mean nothing, because it has no size: all of it is
        painted when it is visible again.
        """
        if regions and not self.size:
            self._painted.clear()
            regions = ()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def repaint_all(self) -> None:
        """Forget every painted line, and paint all lines again."""
        self._painted.clear()
        self.refresh()

    def repaint_changed(self) -> None:
        """Ask for the cells of the visible rows again, and repaint the cells that changed."""
        if not self.is_attached or not self.size:
            self.repaint_all()
            return
        painted, self._painted = self._painted, {}
        for row in range(self.top, self.top + self.rows_shown):
            self._paint_row(row, painted.get(row))

    def repaint_rows(self, *rows: int | None) -> None:
        """Repaint rows even if their cells are the same, because the cursor came or left.
        ``None`` is no row.
        """
        for row in rows:
            if row is not None:
                self._painted.pop(row, None)
                self.refresh(Region(0, self._line_of(row), self.size.width, 1))

    def _paint_row(self, row: int, old: tuple[tuple[Cell, ...], Strip | None] | None) -> None:
        cells = self.row_cells(row) if row < self.end_row else ()
        struck = row < self.end_row and self.is_struck(row)
        cells = (*cells, "struck") if struck else cells
        if old is not None and same(old[0], cells):
            self._painted[row] = old
            return
        if row < self.end_row:
            self._grow(cells)
        self._painted[row] = (cells, None)  # a row below the last one has no cells
        self.refresh(self._changed(self._line_of(row), () if old is None else old[0], cells))

    def _changed(self, y: int, old: Sequence[Cell], new: Sequence[Cell]) -> Region:
        """The region of line `y` from its first changed cell to its last one."""
        if len(old) != len(new) or len(new) != len(self._columns):
            return Region(0, y, self.size.width, 1)
        left, right, x = self.size.width, 0, 0
        for number, width in enumerate(self.column_widths()):
            x += self._gap(number)
            if not same(old[number : number + 1], new[number : number + 1]):
                left, right = min(left, x), x + width
            x += width
        return Region(left, y, max(0, right - left), 1)

    def render_line(self, y: int) -> Strip:
        """One line of the list: the head, or a row."""
        if y < self._heads:
            return self._head()
        row = y - self._heads + self.top
        if row >= self.end_row:
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        cells, strip = self._painted.get(row, (None, None))
        if strip is not None and strip.cell_length == self.size.width:
            return strip
        struck = self.is_struck(row)
        if cells is None:
            cells = (*self.row_cells(row), "struck") if struck else self.row_cells(row)
            self._grow(cells)
        strip = self._strip(row, cells[:-1] if struck else cells, struck)
        self._painted[row] = (cells, strip)
        return strip

    def _strip(self, row: int, cells: Sequence[Cell], struck: bool) -> Strip:
        cursor = row == self.cursor_row
        base = self.visual_style
        if cursor:
            base = self.get_visual_style("lines--cursor")
        if struck:
            base += self.app.stylesheet.parse_style("$text-muted strike")
        line = Line(self.size.width, base, self.app.stylesheet.parse_style)
        mark: Cell = signs.CURSOR.content if cursor else " "
        if len(cells) == 1 and len(self._columns) > 1:
            line.put(mark, 1)
            line.put(cells[0], self.size.width - 1)
            return line.strip()
        widths = self.column_widths()
        for number, (column, width, cell) in enumerate(zip(self._columns, widths, cells, strict=False)):
            line.put(mark if number == self._cursor_before else " ", self._gap(number))
            line.put(cell, width, right=column.right)
        return line.strip()

    def _gap(self, number: int) -> int:
        """Cells before a column: 1, for a blank or the cursor sign; 0 before the first column, unless the
        cursor sign stands there.
        """
        return 1 if number or not self._cursor_before else 0

    def _head(self) -> Strip:
        base = self.get_visual_style("lines--head")
        line = Line(self.size.width, base, self.app.stylesheet.parse_style)
        sort, descending = self.sorted_by or (None, False)
        arrow = (signs.DESCENDING if descending else signs.ASCENDING).content
        for number, (column, width) in enumerate(zip(self._columns, self.column_widths(), strict=True)):
            gap = self._gap(number)
            if column.key != sort:
                line.put(" ", gap)
                line.put(column.title[:width], width, right=column.right)
                continue
            title = Content.styled(column.title, "$foreground bold")
            if column.right:  # the arrow stands before the title, and may take the gap
                line.put(Content.assemble(arrow, title), gap + width, right=True)
            else:
                line.put(" ", gap)
                line.put(Content.assemble(title, arrow), width)
        return line.strip()

    # moving

    def scroll_to_row(self, row: int) -> None:
        """Scroll as little as is needed to show a row."""
        if row < self.top:
            self.top = row
        elif row >= self.top + self.rows_shown:
            self.top = row - self.rows_shown + 1

    def validate_top(self, top: int) -> int:
        return max(self.first_row, min(top, self.end_row - self.rows_shown))

    def watch_top(self) -> None:
        self.refresh(Region(0, self._heads, self.size.width, self.rows_shown))
        self.note_out_of_sight()

    def _move(self, row: int) -> None:
        if self.end_row > self.first_row:
            row = max(self.first_row, min(row, self.end_row - 1))
            self.go_to(row)
            self.scroll_to_row(row)

    def action_step(self, by: int) -> None:
        """Move the cursor by `by` rows; send `Beyond` if there is no such row."""
        row = self.cursor_row
        new = (self.top if by > 0 else self.end_row - 1) if row is None else row + by
        self._move(new)
        if not self.first_row <= new < self.end_row:
            self.post_message(Beyond(self, by))

    def action_page(self, by: int) -> None:
        """Move the cursor by the rows that are visible at once: down (`by` = 1) or up (-1)."""
        page = max(1, self.rows_shown - 1)
        self.top += by * page
        self._move((self.cursor_row or self.first_row) + by * page)

    def action_top(self) -> None:
        """Move the cursor to the first row."""
        self._move(self.first_row)

    def action_bottom(self) -> None:
        """Move the cursor to the last row."""
        self._move(self.end_row - 1)

    def action_choose(self) -> None:
        """Open the row with the cursor; if no row has it, the first visible row."""
        if self.cursor_row is None:
            self._move(self.top)
        if (row := self.cursor_row) is not None:
            self.choose(row)

    def on_click(self, event: Click) -> None:
        """Move the cursor to the clicked row, open it at a double click, or sort by the clicked title."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        if offset.y < self._heads:
            if (column := self._column_at(offset.x)) is not None and column.sortable:
                self.post_message(HeadClicked(column.key))
            return
        row = offset.y - self._heads + self.top
        if row < self.end_row:
            self.go_to(row)
            if event.chain == 2:
                self.choose(row)

    def _column_at(self, x: int) -> Column | None:
        right = 0
        for number, (column, width) in enumerate(zip(self._columns, self.column_widths(), strict=True)):
            right += width + self._gap(number)
            if x < right:
                return column
        return None

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll the list under the pointer; focus and cursor stay."""
        event.stop()
        self.top += WHEEL

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll the list under the pointer; focus and cursor stay."""
        event.stop()
        self.top -= WHEEL

    def on_resize(self, _: Resize) -> None:
        """Keep the row with the cursor visible."""
        self._painted.clear()
        row = self.cursor_row
        self.top = self.top  # `validate_top` keeps it within the new bounds
        if row is not None:
            self.scroll_to_row(row)
        self.note_out_of_sight()

    def on_focus(self, _: Focus) -> None:
        """Repaint the cursor row, which is brighter with the focus."""
        self.repaint_rows(self.cursor_row)

    def on_blur(self, _: Blur) -> None:
        """Repaint the cursor row, which is dimmer without the focus."""
        self.repaint_rows(self.cursor_row)

    def notify_style_update(self) -> None:
        """Paint every line again: the theme or a class of the list changed."""
        super().notify_style_update()
        self._painted.clear()

"""Lists that paint only the lines one sees: columns, a fixed head, a cursor row, keys, mouse. Textual's line
API.

`kafkatui.widgets.long_list` keeps rows by key, `kafkatui.widgets.stream` rows that only come in below.
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
"""Cells that a growing column leaves for the one that takes what the others leave."""
WHEEL = 3
"""Lines a turn of the wheel scrolls."""


class HeadClicked(Message):
    """A click on the title of a sortable column."""

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column


class Beyond(Message):
    """The user stepped over the first row (`by` < 0) or the last one (`by` > 0): what lies there is the
    owner's.
    """

    def __init__(self, lines: "Lines", by: int) -> None:
        super().__init__()
        self.lines = lines
        self.by = by

    @property
    def control(self) -> "Lines":
        """The list, for selectors."""
        return self.lines


class Scrolled(Message):
    """A list has more, or fewer, rows above or below those that are shown: its `out_of_sight` changed."""


class Lines(Widget, can_focus=True):
    """What both lists share. A subclass says how many rows there are, which has the cursor, and what is in
    them."""

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
    """The first row that is shown."""
    sorted_by: reactive[tuple[str, bool] | None] = reactive(None, repaint=False)
    """The column the rows are sorted by, and whether descending: an arrow stands at its title."""

    def __init__(self, *, cursor_before: int = 0, head: bool = True, id: str | None = None) -> None:  # noqa: A002
        """The cell of the cursor sign stands before the column with number `cursor_before`; without a
        `head` the titles of the columns are not shown.
        """
        super().__init__(id=id)
        self._heads = 1 if head else 0
        self._cursor_before = cursor_before
        self._columns: tuple[Column, ...] = ()
        self._grown: dict[str, int] = {}
        """Widths of columns that have grown, by key: they never shrink."""
        self._out_of_sight = (0, 0)
        self._painted: dict[int, tuple[tuple[Cell, ...], Strip | None]] = {}

    opens: reactive[bool] = reactive(True, init=False, repaint=False)
    """Whether the row with the cursor can be opened, set by the owner; where it cannot, the key is answered
    all the same.
    """

    def watch_opens(self) -> None:
        self.refresh_bindings()

    def offers(self, action: str) -> bool:
        """What the row of keys shows."""
        return action != "choose" or self.opens

    # what a subclass gives

    @property
    def first_row(self) -> int:
        """Number of the first row."""
        return 0

    @property
    @abstractmethod
    def end_row(self) -> int:
        """Number of the row after the last."""

    @property
    @abstractmethod
    def cursor_row(self) -> int | None:
        """The row with the cursor; ``None``: none has it."""

    @abstractmethod
    def go_to(self, row: int) -> None:
        """The user moved the cursor to a row that exists."""

    @abstractmethod
    def choose(self, row: int) -> None:
        """The user opened a row."""

    @abstractmethod
    def row_cells(self, row: int) -> tuple[Cell, ...]:
        """One cell a column, or a single one across them all."""

    def is_struck(self, row: int) -> bool:
        """Whether a row is drawn struck through: it is gone."""
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
        """How many rows there are above those that are shown, and how many below."""
        above = max(0, self.top - self.first_row)
        return above, max(0, self.end_row - self.top - self.rows_shown) if self.rows_shown else 0

    def note_out_of_sight(self) -> None:
        """Say so if `out_of_sight` changed."""
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
        """The width of each column at the present width of the list."""
        widths = [max(column.width, self._grown.get(column.key, 0)) for column in self._columns]
        left = self.size.width - sum(widths) - sum(map(self._gap, range(len(widths))))
        return [
            width if column.width else max(0, left)
            for column, width in zip(self._columns, widths, strict=True)
        ]

    def _grow(self, cells: Sequence[Cell]) -> None:
        """Let a column of figures grow to the widest of them, if there is room: no figure is cut."""
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
        """Cells that may be taken from the column that takes what the others leave."""
        pairs = zip(self._columns, self.column_widths(), strict=True)
        return sum(width - LEAST_NAME for column, width in pairs if not column.width)

    # painting

    def _line_of(self, row: int) -> int:
        return row - self.top + self._heads

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """A hidden list has no size, so no region of it means anything: all of it is painted when it is seen
        again.
        """
        if regions and not self.size:
            self._painted.clear()
            regions = ()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def repaint_all(self) -> None:
        """Forget every painted line."""
        self._painted.clear()
        self.refresh()

    def repaint_changed(self) -> None:
        """Ask for the cells of the visible rows again, and repaint those that changed."""
        if not self.is_attached or not self.size:
            self.repaint_all()
            return
        painted, self._painted = self._painted, {}
        for row in range(self.top, self.top + self.rows_shown):
            self._paint_row(row, painted.get(row))

    def repaint_rows(self, *rows: int | None) -> None:
        """Repaint some rows whatever they hold: the cursor came or went."""
        for row in rows:
            if row is not None and self._painted.pop(row, None) is not None:
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
        self._painted[row] = (cells, None)  # below the last row: nothing
        self.refresh(self._changed(self._line_of(row), () if old is None else old[0], cells))

    def _changed(self, y: int, old: Sequence[Cell], new: Sequence[Cell]) -> Region:
        """The part of a line between its first and its last cell that changed."""
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
        """One line of the widget: the head, or a row."""
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
        """The cell before a column: blank, or the cursor sign; none before the first unless the sign is
        there.
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
            if column.right:  # the arrow stands before the title, in the gap if need be
                line.put(Content.assemble(arrow, title), gap + width, right=True)
            else:
                line.put(" ", gap)
                line.put(Content.assemble(title, arrow), width)
        return line.strip()

    # moving

    def scroll_to_row(self, row: int) -> None:
        """Scroll as little as shows a row."""
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
        """Move the cursor by rows."""
        row = self.cursor_row
        new = (self.top if by > 0 else self.end_row - 1) if row is None else row + by
        self._move(new)
        if not self.first_row <= new < self.end_row:
            self.post_message(Beyond(self, by))

    def action_page(self, by: int) -> None:
        """Move the cursor by what is visible at once."""
        page = max(1, self.rows_shown - 1)
        self.top += by * page
        self._move((self.cursor_row or self.first_row) + by * page)

    def action_top(self) -> None:
        """The first row."""
        self._move(self.first_row)

    def action_bottom(self) -> None:
        """The last row."""
        self._move(self.end_row - 1)

    def action_choose(self) -> None:
        """Open the row with the cursor; while none has it, the first one shown."""
        if self.cursor_row is None:
            self._move(self.top)
        if (row := self.cursor_row) is not None:
            self.choose(row)

    def on_click(self, event: Click) -> None:
        """A click moves the cursor, a second one opens; on the head it sorts."""
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
        """The wheel scrolls what is under the pointer; focus and cursor stay."""
        event.stop()
        self.top += WHEEL

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel scrolls what is under the pointer; focus and cursor stay."""
        event.stop()
        self.top -= WHEEL

    def on_resize(self, _: Resize) -> None:
        """The cursor stays visible if it was."""
        self._painted.clear()
        row = self.cursor_row
        self.top = self.top  # within the new bounds
        if row is not None:
            self.scroll_to_row(row)
        self.note_out_of_sight()

    def on_focus(self, _: Focus) -> None:
        """The cursor row is brighter with the focus."""
        self.repaint_rows(self.cursor_row)

    def on_blur(self, _: Blur) -> None:
        """The cursor row is dimmer without the focus."""
        self.repaint_rows(self.cursor_row)

    def notify_style_update(self) -> None:
        """Another theme, or another class: every line is painted anew."""
        super().notify_style_update()
        self._painted.clear()

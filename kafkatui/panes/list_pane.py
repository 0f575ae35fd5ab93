"""The common base of panes with a list: a filter, an order that changes only by a key, a cursor that stays on
its row.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Input

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.figures import age
from kafkatui.domain.sorted_rows import SortedRows
from kafkatui.domain.text import printable
from kafkatui.panes.list_columns import Beside, ListColumn, Row, laid_out
from kafkatui.panes.view_pane import ViewPane
from kafkatui.watch.pace import Pace
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.filter_input import FilterInput
from kafkatui.widgets.long_list import HeadClicked, LongList

AT_START = 60.0
"""Seconds after the start in which the list scrolls to the worst row by itself: verdicts need some looks."""


def list_bindings(name: str, rows: str = "names") -> list[BindingType]:
    """The keys of a list, for `BINDINGS` of a pane. `name`: the first word of their ids; `rows`: how the help
    calls the texts that are filtered.
    """
    return [
        Binding(
            "slash",
            "filter",
            "filter",
            id=f"{name}.filter",
            key_display="/",
            tooltip=f"only {rows} with what is typed in them",
        ),
        Binding("s", "sort", "sort", id=f"{name}.sort", tooltip="sort by the next column"),
        Binding("S", "reverse", "reverse", id=f"{name}.reverse", show=False, tooltip="turn the order round"),
        Binding("escape", "clear_filter", "back", id=f"{name}.clear-filter", show=False),
    ]


class ListPane(ViewPane, Generic[Row, Beside]):
    """A pane with one list. Cells are made only for the rows on screen.

    A subclass defines `source()`, `mark_of()`, `nothing_listed()`, `moved_to()` and `opened()`, has
    `list_bindings()` among its bindings, and hands the rows it reads to `put()`.
    """

    HIDDEN: ClassVar[str] = ""
    """The word for hidden rows in the title; empty: the list hides no rows."""
    SAYS_AGE_OF_ORDER: ClassVar[bool] = True
    """Whether the title says how old the figures are by which the rows were sorted."""

    def __init__(
        self,
        pace: Pace,
        take: Callable[[Reading[Any]], None],
        table: Sequence[ListColumn[Row, Beside]],
        listed: SortedRows[Row],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`take`: the model's method that takes in the readings of the stream; `table`: the columns;
        `listed`: the rows, sorted by the `sort_values` of the same table.
        """
        super().__init__(pace, take, id=id)
        self.listed = listed
        self._table = table
        self._by_key = {column.key: column for column in table}
        self._marked: tuple[Mapping[str, Row], bool, Mark] | None = None
        """The rows, whether hidden ones counted, and the worst mark of these rows; ``None``: not computed
        yet.
        """
        self._touched = False
        """Whether the user has moved in the list, or changed the filter or the order."""
        self._left_at: int | None = None
        """The first row on screen after the newest drawing; if it is another one later, the user has
        scrolled. ``None``: not remembered.
        """

    # a subclass defines these

    def source(self) -> Beside:
        """The values that drawing needs beside a row."""
        raise NotImplementedError

    def mark_of(self, row: Row) -> Mark:
        """The mark of a row. The worst mark of all rows is the mark of the pane, and at the start its row is
        scrolled into sight.
        """
        raise NotImplementedError

    def nothing_listed(self) -> str:
        """The message for a list without rows, where no filter is the reason."""
        raise NotImplementedError

    def moved_to(self, key: str) -> None:
        """Called when the user moved the cursor to the row with this key."""
        raise NotImplementedError

    def opened(self, key: str) -> None:
        """Called when the user opened the row with this key."""
        raise NotImplementedError

    def least_widths(self) -> Mapping[str, int]:
        """Cells that columns need at least for their present values, by key of the column."""
        return {}

    # the list

    def compose_body(self) -> ComposeResult:
        yield LongList(cursor_before=1)

    def compose_foot(self) -> ComposeResult:
        yield FilterInput(placeholder="filter", compact=True)

    @property
    def lines(self) -> LongList:
        """The list."""
        return self.query_one(LongList)

    def focused_part(self) -> Widget:
        return self.lines

    def put(self, rows: Mapping[str, Row], at: float) -> None:
        """Show these rows, read at `at` (monotonic seconds)."""
        self.listed.show(rows, at)
        self.draw_lines()

    @property
    def _filled(self) -> bool:
        """Whether `put` was called at least once."""
        return self.listed.sorted_at is not None

    @property
    def in_sight(self) -> tuple[str, ...]:
        """Keys of the rows on screen; none while the program starts or ends: then the pane has no list, but
        perhaps a stream.
        """
        lines = self.query_one_optional(LongList)
        return () if lines is None else self.listed.keys[lines.top : lines.top + lines.rows_shown]

    def put_cursor(self, key: str | None) -> None:
        """Move the cursor on behalf of the program, not of the user; ``None``: no row has it."""
        self._left_at = None
        if self.is_mounted:
            self.lines.cursor = key
            self.draw_edges()

    def select(self, key: str) -> None:
        """Move the cursor to a row; if the row is not listed, end the filter and show hidden rows as far as
        needed.
        """
        listed = self.listed
        if key in listed.rows and key not in listed.keys:
            listed.show_hidden(listed.shows_hidden or listed.is_hidden(key))
            self._end_filter()
        self.lines.cursor = key

    def resort(self) -> None:
        """Sort again by the present figures."""
        self.listed.sort()
        self.draw_lines()

    def tick(self) -> None:
        if self.listed.gone and not self.held and self._filled:
            self.listed.forget(monotonic())
            self.draw_lines()
        super().tick()

    # drawing

    def draw_lines(self) -> None:
        """Draw the rows, or a message that says why there are none."""
        listed, lines = self.listed, self.lines
        lines.sorted_by = (listed.column, listed.descending)
        self._draw_columns()
        self._touched = self._touched or self._left_at not in {None, lines.top}
        lines.show(listed.keys, self._cells, struck=listed.gone)
        self._keep_worst_in_sight()
        self._left_at = lines.top
        if listed.keys:
            self.say(None)
            self.mark = self._worst_mark()
        elif listed.pattern:
            pattern = printable(listed.pattern, ascii=signs.ascii_only())
            self.say(f"No name has '{pattern}' in it. esc shows all.")
        else:
            self.say(self.nothing_listed())
        self.draw_edges()

    def _worst_mark(self) -> Mark:
        """The worst mark of all rows, those outside the filter included, but not of hidden ones."""
        listed = self.listed
        if (
            self._marked is None
            or self._marked[0] is not listed.rows
            or self._marked[1] != listed.shows_hidden
        ):
            marks = (
                self.mark_of(row)
                for key, row in listed.rows.items()
                if listed.shows_hidden or not listed.is_hidden(key)
            )
            self._marked = listed.rows, listed.shows_hidden, max(marks, default=Mark.OK)
        return self._marked[2]

    def _keep_worst_in_sight(self) -> None:
        """Scroll to the worst row, only at the start and until the user moves in the list."""
        listed, lines = self.listed, self.query_one_optional(LongList)
        if lines is None or self._touched or self.loading_for > AT_START or not listed.keys:
            return
        worst = max(listed.keys, key=lambda key: self.mark_of(listed.rows[key]))
        if self.mark_of(listed.rows[worst]) >= Mark.WORSE:
            lines.scroll_to_row(listed.keys.index(worst))

    def _draw_columns(self) -> None:
        self.lines.columns(*laid_out(self._table, self.size.width, self.least_widths()))

    def on_resize(self, _: Resize) -> None:
        self._left_at = None
        self._draw_columns()
        self.draw_edges()
        self.call_after_refresh(self._keep_worst_in_sight)  # when the list has its new height

    def _cells(self, key: str) -> list[Cell]:
        """The cells of one row, one for each column; all muted when the figures are stale."""
        row, source, lines = self.listed.rows[key], self.source(), self.lines
        cells = [
            self._by_key[column].draw(row, width, source)
            for column, width in zip(lines.column_keys, lines.column_widths(), strict=True)
        ]
        return [Content.styled(str(cell), signs.MUTED) for cell in cells] if self.stale else cells

    def width_of(self, column: str) -> int:
        """Width of a column in cells; 0: the column has no room."""
        return dict(zip(self.lines.column_keys, self.lines.column_widths(), strict=True)).get(column, 0)

    # edges

    def title(self) -> Content:
        listed = self.listed
        shown = len(listed.keys) - len(listed.gone)
        return Content(
            f"{shown:,} of {listed.total:,}" if listed.pattern else f"{listed.total:,}" if listed.rows else ""
        )

    def where(self) -> Content:
        listed, dot = self.listed, f" {signs.SEPARATOR} "
        arrow = signs.DESCENDING if listed.descending else signs.ASCENDING
        text = Content.assemble((f"{self._by_key[listed.column].word} ", signs.MUTED), arrow.content)
        if (old := self._age_of_order()) is not None:
            text = Content.assemble(text, (f"{dot}order {age(old).strip()} old", signs.MUTED))
        if listed.pattern:
            return Content.assemble(f"/{printable(listed.pattern, ascii=signs.ascii_only())}{dot}", text)
        if listed.hidden and self.size.width >= 68:
            text = Content.assemble(text, (f"{dot}{listed.hidden:,} {self.HIDDEN} hidden", signs.MUTED))
        return text

    def _age_of_order(self) -> float | None:
        """Seconds between the figures by which the rows were sorted and the figures shown; ``None``: the
        order is up to date, or the title does not say its age.
        """
        sorted_at, taken_at = self.listed.sorted_at, self.reading.taken_at
        if not self.SAYS_AGE_OF_ORDER or self._by_key[self.listed.column].steady:
            return None
        if sorted_at is None or taken_at is None or taken_at <= sorted_at:
            return None
        return taken_at - sorted_at

    # keys and mouse

    @on(LongList.Moved)
    def _moved(self, message: LongList.Moved) -> None:
        message.stop()
        self._touched = True
        self.draw_edges()
        self.moved_to(message.key)

    @on(LongList.Chosen)
    def _chosen(self, message: LongList.Chosen) -> None:
        message.stop()
        self.opened(message.key)

    @on(HeadClicked)
    def _head_clicked(self, message: HeadClicked) -> None:
        message.stop()
        if message.column == self.listed.column:
            self.action_reverse()
        else:
            self._sort(message.column)

    def action_sort(self) -> None:
        """Sort by the next column that is on screen or has `always_sorts`."""
        there = self.lines.column_keys
        keys = [
            column.key
            for column in self._table
            if column.value is not None and (column.key in there or column.always_sorts)
        ]
        place = keys.index(self.listed.column) + 1 if self.listed.column in keys else 0
        self._sort(keys[place % len(keys)])

    def _sort(self, column: str) -> None:
        """Sort by a column: texts from a to z, figures from the largest."""
        self._touched = True
        self.listed.sort(column, self._by_key[column].right)
        self.draw_lines()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.listed.sort(descending=not self.listed.descending)
        self.draw_lines()

    def action_filter(self) -> None:
        """Show the field for the filter, a text that names must contain."""
        line = self.query_one(FilterInput)
        line.add_class("-on")
        line.focus()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._touched = True
        self._filter(message.value)

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.query_one(FilterInput).remove_class("-on")
        self.focus_list()
        if self.listed.pattern and self.listed.keys:
            self.lines.action_top()

    @on(FilterInput.Cleared)
    def _cleared(self, message: FilterInput.Cleared) -> None:
        message.stop()
        self._end_filter()
        self.focus_list()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The pane handles ``esc`` only while there is a filter to end; else the screen does."""
        return bool(self.listed.pattern) if action == "clear_filter" else True

    def action_clear_filter(self) -> None:
        """End the filter: show all names again."""
        self._end_filter()

    def _end_filter(self) -> None:
        line = self.query_one(FilterInput)
        line.remove_class("-on")
        line.value = ""
        self._filter("")

    def _filter(self, pattern: str) -> None:
        self.listed.filter(pattern)
        if self._filled:
            self.draw_lines()

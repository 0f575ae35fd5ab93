"""Text of any length to read: only the visible lines are painted."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kafkatui.widgets.columns import Cell, Line


class Page(ScrollView, can_focus=True):
    """Lines that are laid out for the width of the page; a line that is longer is cut off."""

    DEFAULT_CSS = """
    Page { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "turn(-1)", "move", id="page.up"),
        Binding("down", "turn(1)", "move", id="page.down"),
        Binding("k", "turn(-1)", "move", id="page.up", show=False),
        Binding("j", "turn(1)", "move", id="page.down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", id="page.page-up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "page down", id="page.page-down", show=False),
        Binding("home,g", "turn_to(0)", "first", id="page.top", show=False),
        Binding("end,G", "turn_to(-1)", "last", id="page.bottom", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lay_out: Callable[[int], Sequence[Cell]] = lambda _: ()
        self._begin: Callable[[], int] | None = None
        """Gives the number of the line to scroll to, once the lines are laid out; ``None``: do not scroll."""
        self._lines: Sequence[Cell] = ()
        self._laid_out_for = -1
        """The width in cells for which the lines are laid out; -1: they are not laid out yet."""
        self._scrolls = False

    def show(
        self,
        lines: Callable[[int], Sequence[Cell]],
        *,
        keep_place: bool = False,
        begin: Callable[[], int] = lambda: 0,
    ) -> None:
        """Show new lines, scrolled to the line with the number that `begin` gives, or, with `keep_place`,
        scrolled as before.

        `lines` lays the lines out for a width in cells. It is called at once if the page has a size, else
        before the first frame, and again whenever the width changes. `begin` is called after it.
        """
        self._lay_out = lines
        if not keep_place:
            self._begin = begin
        self._laid_out_for = -1
        if self.outer_size:
            self._fit(self.outer_size)
            self.refresh()

    def _fit(self, size: Size) -> None:
        """Lay the lines out for this size of the page; one column is kept for the scrollbar."""
        cells = size.width - 1
        if cells != self._laid_out_for:
            self._laid_out_for = cells
            self._lines = self._lay_out(cells)
            self.virtual_size = Size(cells, len(self._lines))
        if (begin := self._begin) is not None:
            self._begin = None
            self._scroll_at_once(max(0, min(begin(), len(self._lines) - size.height)), size)
        self._note_scrolls()

    def _scroll_at_once(self, line: int, size: Size) -> None:
        """Scroll to a line without animation, also before the first frame."""
        if size == self.outer_size:
            self.scroll_to(y=line, animate=False, immediate=True)
            return
        self.set_reactive(Page.scroll_y, float(line))
        self.set_reactive(Page.scroll_target_y, float(line))
        self.vertical_scrollbar.position = line

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Textual calls this before the first frame in which the page has this size."""
        if size:
            self._fit(size)
        return super()._size_updated(size, virtual_size, container_size, layout)

    @property
    def lines(self) -> Sequence[Cell]:
        """All lines, visible or not."""
        return self._lines

    def _note_scrolls(self) -> None:
        scrolls = len(self._lines) > self.size.height
        if scrolls != self._scrolls:
            self._scrolls = scrolls
            if self.is_attached:  # else the screen was left before it was composed
                self.screen.refresh_bindings()

    def offers(self, action: str) -> bool:
        """Whether there is something to scroll: its keys do nothing else."""
        return self._scrolls

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        place = y + round(self.scroll_y)
        line = Line(self.size.width, self.visual_style, self.app.stylesheet.parse_style)
        line.put(self._lines[place] if place < len(self._lines) else "", self.size.width)
        return line.strip()

    def action_turn(self, by: int) -> None:
        """Scroll by `by` lines, without animation."""
        self.scroll_to(y=self.scroll_y + by, animate=False, immediate=True)

    def action_page(self, by: int) -> None:
        """Scroll by the lines that are visible at once: down (`by` = 1) or up (-1)."""
        self.action_turn(by * max(1, self.size.height - 1))

    def action_turn_to(self, line: int) -> None:
        """Scroll to a line by its number; -1: the last."""
        self.scroll_to(y=self.max_scroll_y if line < 0 else line, animate=False, immediate=True)

"""Text to read, of any length: only the lines in sight are painted."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kafkatui.widgets.columns import Cell, Line


class Page(ScrollView, can_focus=True):
    """Lines that are already cut to its width; one longer than that is cut off."""

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
        self._lines: Sequence[Cell] = ()
        self._scrolls = False

    def show(self, lines: Sequence[Cell], *, keep_place: bool = False) -> None:
        """Show these lines from the first, or from where the old ones were."""
        self._lines = lines
        self.virtual_size = Size(self.scrollable_content_region.width, len(lines))
        if not keep_place:
            self.scroll_to(0, 0, animate=False, immediate=True)
        self.refresh()
        self._note_scrolls()

    def on_resize(self) -> None:
        """There is room for more of it, or for less."""
        self._note_scrolls()

    def _note_scrolls(self) -> None:
        scrolls = len(self._lines) > self.size.height
        if scrolls != self._scrolls:
            self._scrolls = scrolls
            if self.is_attached:  # else it was left before anything was in it
                self.screen.refresh_bindings()

    def offers(self, action: str) -> bool:
        """All that its keys do is scroll."""
        return self._scrolls

    def render_line(self, y: int) -> Strip:
        """One line in sight."""
        place = y + round(self.scroll_y)
        line = Line(self.size.width, self.visual_style, self.app.stylesheet.parse_style)
        line.put(self._lines[place] if place < len(self._lines) else "", self.size.width)
        return line.strip()

    def action_turn(self, by: int) -> None:
        """Scroll by lines, without a motion."""
        self.scroll_to(y=self.scroll_y + by, animate=False, immediate=True)

    def action_page(self, by: int) -> None:
        """Scroll by what is in sight."""
        self.action_turn(by * max(1, self.size.height - 1))

    def action_turn_to(self, line: int) -> None:
        """Scroll to a line, -1 for the last."""
        self.scroll_to(y=self.max_scroll_y if line < 0 else line, animate=False, immediate=True)

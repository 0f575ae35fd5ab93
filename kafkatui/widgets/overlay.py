"""A screen over another one that stays visible, dimmed or unchanged."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Generic, Self, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen
from textual.strip import Strip

from kafkatui.widgets.narrow_update import NarrowCompositor

Result = TypeVar("Result")


class Overlay(ModalScreen[Result], Generic[Result]):
    """A screen that draws only the changed lines of the screen below it.

    Textual's `ModalScreen` draws the whole screen below for every frame, however little of it changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self._seen: dict[int, Strip] = {}
        """By line number: the line of the screen below, in the colours in which this screen shows it."""

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Forget the lines of these regions, because the screen below changed there; without regions, all
        lines.
        """
        for y in [y for region in regions for y in region.line_range] if regions else list(self._seen):
            self._seen.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines to paint; all lines needed of the screen below are asked for at once."""
        if (below := self._below) is not None:
            color, lines = self.styles.background, [y for y in crop.line_range if y not in self._seen]
            for y, strip in zip(lines, lines_of(below, lines), strict=True):
                segments = [Segment(text, seen_through(style, color)) for text, style, _ in strip]
                self._seen[y] = Strip(segments, strip.cell_length).adjust_cell_length(self.size.width)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen below; blank: it was not asked for yet."""
        found = self._seen.get(y)
        return Strip.blank(self.size.width, self.visual_style.rich_style) if found is None else found

    @property
    def _below(self) -> Screen[Any] | None:
        """The screen under this one; ``None``: there is none, or this one hides it."""
        stack = self.app.screen_stack
        place = stack.index(self) if self in stack else 0
        return stack[place - 1] if place and self.styles.background.a < 1 else None


def lines_of(screen: Screen[Any], lines: Sequence[int]) -> list[Strip]:
    """The lines of a screen with these numbers, as they are now; a line that the screen is too small for is
    blank.
    """
    compositor = screen._compositor
    if isinstance(compositor, NarrowCompositor):
        return compositor.lines(lines)
    strips = compositor.render_strips()
    return [strips[y] if y < len(strips) else Strip.blank(screen.size.width) for y in lines]


@lru_cache(maxsize=4096)
def seen_through(style: Style | None, color: Color) -> Style:
    """A style as it looks below a half-transparent colour. The text can no longer be clicked."""
    ((_, seen, _),) = BackgroundScreen.process_segments([Segment(" ", style)], color)
    assert seen is not None
    return seen

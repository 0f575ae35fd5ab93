"""A screen over another one, which stays in sight, dimmed or as it is."""

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
    """Of the screen below only lines that changed are drawn anew.

    Textual's own draws all of it for every frame, however little of it changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self._seen: dict[int, Strip] = {}
        """Lines of what lies below, as they are seen through this screen."""

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """The screen below has changed in these regions, or anywhere."""
        for y in [y for region in regions for y in region.line_range] if regions else list(self._seen):
            self._seen.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines that are to be painted; those of the screen below are asked for together."""
        if (below := self._below) is not None:
            color, lines = self.styles.background, [y for y in crop.line_range if y not in self._seen]
            for y, strip in zip(lines, lines_of(below, lines), strict=True):
                segments = [Segment(text, seen_through(style, color)) for text, style, _ in strip]
                self._seen[y] = Strip(segments, strip.cell_length).adjust_cell_length(self.size.width)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of what lies below."""
        found = self._seen.get(y)
        return Strip.blank(self.size.width, self.visual_style.rich_style) if found is None else found

    @property
    def _below(self) -> Screen[Any] | None:
        """The screen under this one; ``None``: there is none, or it cannot be seen."""
        stack = self.app.screen_stack
        place = stack.index(self) if self in stack else 0
        return stack[place - 1] if place and self.styles.background.a < 1 else None


def lines_of(screen: Screen[Any], lines: Sequence[int]) -> list[Strip]:
    """Lines of a screen as they stand now; those that it has no room for yet are blank."""
    compositor = screen._compositor
    if isinstance(compositor, NarrowCompositor):
        return compositor.lines(lines)
    strips = compositor.render_strips()
    return [strips[y] if y < len(strips) else Strip.blank(screen.size.width) for y in lines]


@lru_cache(maxsize=4096)
def seen_through(style: Style | None, color: Color) -> Style:
    """A style below a colour that lets some of it through; it can no longer be clicked."""
    ((_, seen, _),) = BackgroundScreen.process_segments([Segment(" ", style)], color)
    assert seen is not None
    return seen

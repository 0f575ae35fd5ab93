"""Frames of few bytes: only lines that changed are rendered, and only their changed cells are written to the
terminal.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Generic, TypeVar

from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

Result = TypeVar("Result")


class NarrowUpdate(ChopsUpdate):
    """A frame that writes only the changed cells of each line.

    Textual's own frame writes a line from the left edge of its widget, even if only its last cells changed: a
    new age at the right end of a title costs the bytes of the whole title.
    """

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal: before each changed part, the sequence that moves the cursor there."""
        return "".join(
            f"\x1b[{y + 1};{x + 1}H{strip.render(console)}"
            for x, y, strip in self._parts()
            if strip.cell_length
        )

    def _parts(self) -> Iterator[tuple[int, int, Strip]]:
        """Column, line and cells of every changed part; in each line from left to right."""
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is not None and x < x2 and end > x1:
                    left = max(x, x1)
                    yield left, y, strip.crop(left - x, min(end, x2) - x)


def narrowed(frame: RenderableType | None) -> RenderableType | None:
    """`frame` as a `NarrowUpdate` if it is a partial frame, else as it is."""
    return (
        NarrowUpdate(frame.chops, frame.spans, frame.chop_ends) if isinstance(frame, ChopsUpdate) else frame
    )


class NarrowCompositor(Compositor):
    """A compositor that renders only lines that have to be painted.

    Textual's own compositor asks every widget of the screen for all its lines, however little has changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked: list[Region] | None = None
        """The regions to render, each of consecutive lines; ``None``: everything."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """A frame of all that changed since the last frame; ``None``: nothing changed."""
        self._asked = runs(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._asked = None

    def lines(self, wanted: Sequence[int]) -> list[Strip]:
        """The lines of the screen with the numbers in `wanted`, as they are now; a line that the screen is
        too small for is blank.
        """
        width, height = self.size
        none: dict[int, Strip] = {}
        before, self._asked = self._asked, runs(Region(0, y, width, 1) for y in wanted)
        try:
            chops = self._render_chops(self.size.region, set(wanted).__contains__)
        finally:
            self._asked = before
        return [Strip.join((chops[y] if y < height else none).values()) for y in wanted]

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """For every widget, front to back: the region of its lines, the visible region, and the lines."""
        if self._asked is None:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            for run in self._asked:
                if run.overlaps(seen):
                    part = Region(seen.x, run.y, seen.width, run.height).intersection(seen)
                    yield part, part, widget.render_lines(part.translate(-region.offset))


def runs(regions: Iterable[Region]) -> list[Region]:
    """Regions that cover `regions`: one for each run of consecutive lines, from top to bottom."""
    widths: dict[int, tuple[int, int]] = {}
    for x, y, width, height in regions:
        for line in range(y, y + height):
            left, right = widths.get(line, (x, x + width))
            widths[line] = min(left, x), max(right, x + width)
    found = []
    for _, places in groupby(enumerate(sorted(widths)), lambda place: place[1] - place[0]):
        lines = [line for _, line in places]
        left = min(widths[line][0] for line in lines)
        right = max(widths[line][1] for line in lines)
        found.append(Region(left, lines[0], right - left, len(lines)))
    return found


class NarrowScreen(Screen[Result], Generic[Result]):
    """A screen with a `NarrowCompositor`: small parts of it are painted many times a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()

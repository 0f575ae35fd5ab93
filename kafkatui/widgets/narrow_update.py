"""What a frame writes to the terminal: the cells that are to be painted, and no others."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate
from textual.strip import Strip


class NarrowUpdate(ChopsUpdate):
    """Parts of a frame.

    Textual's own writes a line from where its widget begins, even if only its last cells are to be painted:
    an age at the right end of a title costs the whole title.
    """

    def render_segments(self, console: Console) -> str:
        """The bytes: to each part the cursor is moved."""
        return "".join(
            f"\x1b[{y + 1};{x + 1}H{strip.render(console)}"
            for x, y, strip in self._parts()
            if strip.cell_length
        )

    def _parts(self) -> Iterator[tuple[int, int, Strip]]:
        """Column, line and cells of every part, from the left to the right."""
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is not None and x < x2 and end > x1:
                    left = max(x, x1)
                    yield left, y, strip.crop(left - x, min(end, x2) - x)


def narrowed(frame: RenderableType | None) -> RenderableType | None:
    """The same frame, written without what stands there already."""
    return (
        NarrowUpdate(frame.chops, frame.spans, frame.chop_ends) if isinstance(frame, ChopsUpdate) else frame
    )

"""A line of text that changes: only the cells that changed are painted."""

from itertools import zip_longest
from typing import TypeAlias

from textual.content import Content
from textual.geometry import Region
from textual.style import Style
from textual.widget import Widget

Styled: TypeAlias = tuple[str, tuple[str | Style, ...]]
"""A character and the styles that cover it."""


class TextLine(Widget):
    """One line of text, or a few.

    The owner sets the text by `show`. A subclass whose text depends on the width overrides `fitted`, and
    calls `redraw` when the text may have changed.
    """

    DEFAULT_CSS = "TextLine { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._shown = Content("")
        self._text = Content("")
        """The text that the screen shows, at the latest in the next frame."""
        self._fitted_to = -1
        """The width in cells for which `_text` was made; -1: it has to be made again."""

    def show(self, text: Content) -> None:
        """Show this text."""
        if not text.is_same(self._shown):
            self._shown = text
            self.redraw()

    def fitted(self, width: int) -> Content:
        """The text for a line of `width` cells."""
        return self._shown

    def redraw(self) -> None:
        """Paint the cells of the text that changed."""
        width, height = self.content_size
        if not width or width != self._fitted_to:  # the line is hidden, or has a new size
            self._fitted_to = -1
            self.refresh()
            return
        before, self._text = self._text, self.fitted(width)
        regions = changed_regions(before, self._text, width, height)
        if regions:
            self.refresh(*regions)

    def render(self) -> Content:
        width = self.content_size.width
        if width != self._fitted_to:
            self._text, self._fitted_to = self.fitted(width), width
        return self._text


def changed_regions(before: Content, now: Content, width: int, height: int) -> list[Region]:
    """The regions in which two left-aligned texts differ, within `width` by `height` cells."""
    if before.is_same(now):
        return []
    lines = zip_longest(before.split(), now.split(), fillvalue=Content(""))
    regions = []
    for y, (old, new) in enumerate(lines):
        x1, x2 = changed_cells(old, new)
        if x2 > width:  # the text is cut, and ends with an ellipsis
            x1, x2 = 0, width
        if x1 < x2 and y < height:
            regions.append(Region(x1, y, x2 - x1, 1))
    return regions


def changed_cells(before: Content, now: Content) -> tuple[int, int]:
    """The first cell of a line in which two texts differ, and the last one plus 1; (0, 0): they do not
    differ.
    """
    ours, theirs = characters(now), characters(before)
    most = max(len(ours), len(theirs))
    first = next(
        (place for place in range(most) if ours[place : place + 1] != theirs[place : place + 1]), most
    )
    if first == most:
        return 0, 0
    wide = before.cell_length != len(before) or now.cell_length != len(now)
    if wide:  # after a wide character, all characters may have moved
        return now[:first].cell_length, max(before.cell_length, now.cell_length)
    last = next(
        place for place in range(most - 1, -1, -1) if ours[place : place + 1] != theirs[place : place + 1]
    )
    return first, last + 1


def characters(text: Content) -> list[Styled]:
    """Every character of a text, with its styles."""
    styles: list[tuple[str | Style, ...]] = [()] * len(text)
    for start, end, style in text.spans:
        for place in range(start, min(end, len(styles))):
            styles[place] += (style,)
    return list(zip(text.plain, styles, strict=True))

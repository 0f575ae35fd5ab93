"""Columns of a list, and the drawing of one line: each cell is cut or padded to the width of its column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from kafkatui.domain.figures import MINUS
from kafkatui.domain.text import printable
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened

Cell = Content | str
"""One cell of a line. A `str` is taken literally, never as markup. The caller has made both `printable`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list; one blank cell stands between columns."""

    key: str
    title: str
    width: int
    """In terminal cells. 0: the column takes the room that the other columns leave (at most one
    such column).
    """
    right: bool = False
    """Whether the text is aligned to the right."""
    sortable: bool = False


def same(old: Sequence[Cell], new: Sequence[Cell]) -> bool:
    """Whether text and styles of all cells are equal. (`Content`'s own ``==`` compares only the text.)"""
    if len(old) != len(new):
        return False
    for a, b in zip(old, new, strict=True):
        if isinstance(a, str) or isinstance(b, str):
            if type(a) is not type(b) or a != b:
                return False
        elif not a.is_same(b):
            return False
    return True


class Line:
    """Builds one line: cuts or pads each cell to its width, and joins neighbouring pieces of the
    same style.
    """

    def __init__(self, width: int, base: Style, parse: Callable[[str | Style], Style]) -> None:
        self._left = width
        self._base = base
        self._parse = parse
        self._texts: list[str] = []
        self._styles: list[Style] = []

    def put(self, cell: Cell, width: int | None, *, right: bool = False) -> None:
        """Add a cell that is `width` terminal cells wide; ``None``: as wide as its text."""
        text = cell if isinstance(cell, str) else cell.plain
        if not text.isprintable():  # the caller forgot `printable`: the cell loses its styles
            cell = text = printable(text)
        if signs.ascii_only() and not text.isascii():
            text = text.replace(MINUS, "-")
            if text.isascii() and isinstance(cell, Content):
                cell = Content(text, list(cell.spans))
            else:
                cell = text = printable(text, ascii=True)
        length = len(text) if text.isascii() else cell_len(text)
        width = min(length if width is None else width, self._left)
        self._left -= width
        if length > width:
            cell = shortened(Content(cell) if isinstance(cell, str) else cell, width)
            text, length = cell.plain, cell.cell_length
        if right and length < width:
            self._add(" " * (width - length), self._base)
        if isinstance(cell, str) or not cell.spans:
            self._add(text, self._base)
        else:
            for part, style in cell.render(self._base, end="", parse_style=self._parse):
                self._add(part, style)
        if not right and length < width:
            self._add(" " * (width - length), self._base)

    def strip(self) -> Strip:
        """The line, padded to its full width."""
        width = sum(cell_len(text) for text in self._texts)
        if self._left:
            self._add(" " * self._left, self._base)
        pairs = zip(self._texts, self._styles, strict=True)
        return Strip([Segment(text, style.rich_style) for text, style in pairs], width + self._left)

    def _add(self, text: str, style: Style) -> None:
        if not text:
            return
        if self._styles and (self._styles[-1] is style or self._styles[-1] == style):
            self._texts[-1] += text
        else:
            self._texts.append(text)
            self._styles.append(style)

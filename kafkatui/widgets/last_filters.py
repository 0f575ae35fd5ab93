"""The last word on whatever is drawn, Textual's own frames, scrollbars and ellipses too.

`domain.text.printable` is what makes a text from outside readable; these only make sure that one that was
forgotten does no harm.
"""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from kafkatui.domain.text import ASCII_TWINS


class PrintableFilter(LineFilter):
    """Replaces every character that is not drawn as itself, cell for cell: controls, bidi marks and such."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Only segments that need it are made anew."""
        if all(text.isprintable() for text, _, _ in segments):
            return segments
        return [Segment(inert(text), style, control) for text, style, control in segments]


class AsciiFilter(LineFilter):
    """Replaces every character beyond ASCII, cell for cell; what has no twin becomes ``?``."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Only segments that need it are made anew."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(ascii_twin(text, style), style, control) for text, style, control in segments]


PRINTABLE, ASCII = PrintableFilter(), AsciiFilter()
"""Always the same two: by its filters Textual knows again a line that it has filtered and cut before. With
others at each painting it would do so anew for every line on the screen.
"""


def inert(text: str) -> str:
    """`text` without anything a terminal obeys, as many cells wide as before."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" * cell_len(char) for char in text
    )


def ascii_twin(text: str, style: Style | None) -> str:
    """`text` in ASCII; the ends of a scrollbar's thumb, parts of a cell, are drawn by colour alone: a ``#``
    there would look like a sign of the program.
    """
    if text.isascii():
        return text
    if style is not None and style.meta.get("@mouse.down") == "grab":
        return " " * cell_len(text)
    return in_ascii(text)


def in_ascii(text: str) -> str:
    """`text` in ASCII, as many cells wide as before."""
    if text.isascii():
        return text
    text = text.replace("≤ ", "<=").replace("≥ ", ">=").translate(ASCII_TWINS)
    return "".join(char if char.isascii() else "?" * cell_len(char) for char in text)

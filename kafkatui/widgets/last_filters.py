"""Filters over every line that is drawn, also over Textual's own frames, scrollbars and ellipses.

`domain.text.printable` makes a text from outside readable. Where a caller forgot it, these filters make sure
that the text does no harm.
"""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from kafkatui.domain.text import ASCII_TWINS


class PrintableFilter(LineFilter):
    """Replaces every character that is not printable (controls, bidi marks and such), cell for cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments with these characters replaced; the same list if there is nothing to replace."""
        if all(text.isprintable() for text, _, _ in segments):
            return segments
        return [Segment(inert(text), style, control) for text, style, control in segments]


class AsciiFilter(LineFilter):
    """Replaces every character beyond ASCII, cell for cell; one that `ASCII_TWINS` does not know becomes
    ``?``.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments with these characters replaced; the same list if there is nothing to replace."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(ascii_twin(text, style), style, control) for text, style, control in segments]


PRINTABLE, ASCII = PrintableFilter(), AsciiFilter()
"""The only two instances. Textual keeps a filtered and cut line by its filters: with new instances at each
painting it would filter every line of the screen again.
"""


def inert(text: str) -> str:
    """`text` without characters that a terminal would obey, as many cells wide as before."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" * cell_len(char) for char in text
    )


def ascii_twin(text: str, style: Style | None) -> str:
    """`text` in ASCII. The ends of a scrollbar's thumb (partly filled cells) become blanks, drawn by colour
    alone: a ``#`` there would look like one of our signs.
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

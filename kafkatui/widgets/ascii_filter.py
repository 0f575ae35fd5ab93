"""The last word in ASCII mode: whatever else is drawn, Textual's own frames, scrollbars and ellipses too."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

TWINS = str.maketrans(
    {
        **dict.fromkeys("─━▁▔▂╌┄", "-"),
        **dict.fromkeys("│┃▏▎▍▌▐▕", "|"),
        **dict.fromkeys("╭╮╰╯┌┐└┘┏┓┗┛├┤┬┴┼", "+"),
        **dict.fromkeys("█▇▆▅▄▃▀▊▉▋", "#"),
        "…": ".",
        "·": "-",
        "−": "-",
        "–": "-",
        "“": '"',
        "”": '"',
    }
)
"""Characters with a twin of the same width."""


class AsciiFilter(LineFilter):
    """Replaces every character beyond ASCII, cell for cell; what has no twin becomes ``?``."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Only segments that need it are made anew."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


def in_ascii(text: str) -> str:
    """`text` in ASCII, as many cells wide as before."""
    if text.isascii():
        return text
    text = text.translate(TWINS)
    return "".join(char if char.isascii() else "?" * cell_len(char) for char in text)

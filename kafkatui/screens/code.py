"""The page that shows which lines of our own programs ran, in the real source of `kafkatui.actors`."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from kafkatui.deck.code import Excerpt
from kafkatui.panes.group_pane import shown
from kafkatui.screens.page_screen import PageScreen
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

MARGIN = 6
"""Cells to the left of a line of code: the bar and the line number."""
INDENT = 4
"""Cells by which the rest of a line that does not fit is indented further."""
ABOVE = 2
"""Lines that stay visible above the lines that ran."""

STYLES = {
    ("Comment",): f"{signs.MUTED} italic",
    ("Keyword",): "$primary",
    ("Operator", "Word"): "$primary",
    ("Literal", "String"): "$success",
    ("Literal", "String", "Doc"): f"{signs.MUTED} italic",
    ("Name", "Class"): "bold",
    ("Name", "Function"): "bold",
    ("Name", "Decorator"): "$primary",
}
"""Styles by pygments' token types; a token that is not here is plain."""


class CodeScreen(PageScreen):
    """A whole program, scrolled to the lines that ran; these have a bar in the margin and their
    full colours.
    """

    DEFAULT_CSS = """
    CodeScreen { align: center top; }
    CodeScreen > Vertical { max-width: 124; }
    CodeScreen #why { height: auto; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "dismiss(None)", "code", id="code.close", show=False, tooltip="close this page"),
        Binding("escape", "dismiss(None)", "back", id="code.back"),
        Binding("q", "dismiss(None)", "quit", id="code.quit", show=False, tooltip="close this page"),
    ]

    def __init__(self, excerpt: Excerpt) -> None:
        super().__init__()
        self._excerpt = excerpt
        self._code: Sequence[Content] = [Content(line) for line in excerpt.source.splitlines()]
        self._first_line = 0
        """The line of the page at which the lines that ran begin."""
        self.frame(shown(excerpt.file))
        self.page.show(self._lines, begin=lambda: self._first_line - ABOVE)

    def compose_above(self) -> ComposeResult:
        if self._excerpt.why:
            yield Static(Content(shown(self._excerpt.why)), id="why", markup=False)

    def on_mount(self) -> None:
        self._colour()

    @work
    async def _colour(self) -> None:
        """Colour the code in a thread: loading pygments takes long, and would block the event loop."""
        self._code = await asyncio.to_thread(highlighted, self._excerpt.source)
        self.page.show(self._lines, keep_place=True)

    def on_resize(self, _: Resize) -> None:
        """Keep the lines that ran visible, however wide the page is."""
        self.page.show(self._lines, begin=lambda: self._first_line - ABOVE)

    def _lines(self, cells: int) -> list[Cell]:
        """All lines of the program, folded to `cells`."""
        excerpt, lines = self._excerpt, list[Cell]()
        for number, line in enumerate(self._code, 1):
            if number == excerpt.first:
                self._first_line = len(lines)
            ran = excerpt.first is not None and excerpt.first <= number <= (excerpt.last or excerpt.first)
            dim = not ran and excerpt.first is not None
            code = Content.styled(line.plain, signs.MUTED) if dim else line
            lines += _folded(number, code, max(20, cells), ran=ran)
        return lines


def _folded(number: int, line: Content, cells: int, *, ran: bool) -> list[Cell]:
    """A line of code with its number; the part that does not fit goes on below, indented further."""
    bar = signs.RAN.content if ran else Content(" ")
    return [
        Content.assemble(bar, (f"{number if not place else '':>4} ", signs.MUTED), piece)
        for place, piece in enumerate(_pieces(line, cells - MARGIN))
    ]


def _pieces(line: Content, cells: int) -> list[Content]:
    """A line cut into pieces of at most `cells` cells, between words where there is a blank."""
    indent = min(len(line) - len(line.plain.lstrip()) + INDENT, cells // 2)
    pieces: list[Content] = []
    while len(line) > cells:
        space = line.plain.rfind(" ", indent, cells + 1)
        end = space if space > indent else cells
        pieces.append(line[:end])
        rest = line.plain[end:]
        line = Content(" " * indent) + line[end + len(rest) - len(rest.lstrip()) :]
    return [*pieces, line]


def highlighted(source: str) -> Sequence[Content]:
    """The lines of a Python program, in the colours of the theme."""
    from textual.highlight import HighlightTheme, highlight  # imports pygments, which nothing else needs

    theme = type("Theme", (HighlightTheme,), {"STYLES": STYLES})
    return highlight(source, language="python", theme=theme).split("\n")

"""The last word on what is drawn: nothing a terminal obeys, and in ASCII mode nothing beyond ASCII."""

import pytest
from rich.cells import cell_len
from textual.color import Color
from textual.scrollbar import ScrollBarRender

from kafkatui.domain.text import printable
from kafkatui.terminal import TerminalApp
from kafkatui.widgets import signs
from kafkatui.widgets.last_filters import AsciiFilter, in_ascii, inert
from tests.ui.hostile import EVIL


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("╭─ a ─╮", "+- a -+"),
        ("cut…", "cut."),
        ("≤ 5, ≥ 7, ≤9", "<=5, >=7, <9"),
        ("█▇ −3", "## -3"),
        ("␛]0;x", "?]0;x"),
        ("日本", "????"),  # two cells each
        ("e\u0301", "e"),  # a mark that sits on its letter takes no cell
    ],
)
def test_in_ascii(text: str, shown: str) -> None:
    assert in_ascii(text) == shown
    assert cell_len(in_ascii(text)) == cell_len(text)


@pytest.mark.parametrize("text", ["plain", "│ 日本 é", printable(EVIL)])
def test_what_is_printable_stays(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize("text", [EVIL, *EVIL, "\x1b[31mred", "a\u200bb", "\ue000\n"])
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    assert inert(text).isprintable()
    assert cell_len(inert(text)) == cell_len(text)


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_line_that_did_not_change_is_not_filtered_anew(ascii_only: bool) -> None:
    """Textual keeps what it filtered by the filter itself."""
    signs.use_ascii(ascii_only)
    app = TerminalApp()
    first, second = app.get_line_filters(), app.get_line_filters()
    assert [id(one) for one in first] == [id(one) for one in second]


@pytest.mark.parametrize("vertical", [True, False])
def test_in_ascii_a_scrollbar_is_drawn_by_colour_alone(vertical: bool) -> None:
    """The part of a cell at its ends would be a ``#`` that looks like one of the program's signs."""
    for position in range(100):
        bar = ScrollBarRender.render_bar(
            size=20, virtual_size=120, window_size=20, position=position, vertical=vertical
        )
        drawn = AsciiFilter().apply(bar.segments, Color(0, 0, 0))
        assert {text.strip(" \n") for text, _, _ in drawn} == {""}

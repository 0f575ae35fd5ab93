"""The common part of the pages that show lines about one thing: a frame with its name, and a text that
scrolls.
"""

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from kafkatui.domain.cluster.marks import Mark
from kafkatui.screens.cluster_screen import ClusterScreen, Places
from kafkatui.watch.view import ClusterView, the_same
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.page import Page


class LinesScreen(ClusterScreen):
    """Lines that are laid out again when something in them changed, and every second for ages.

    A subclass defines `parts` and `lines`.
    """

    DEFAULT_CSS = """
    LinesScreen > .page {
        border: heavy $primary; border-title-color: $foreground; height: 1fr; padding: 0 1;
    }
    LinesScreen.-ascii > .page { border: ascii $primary; }
    """
    KEYS_WANTED: ClassVar[tuple[str, ...]] = ("move", "open", "pane", "problem", "go to")

    page = getters.query_one(Page)

    def __init__(self, places: Places, title: str, name: str) -> None:
        """`title`: already printable; `name`: what the page is about, as it came from outside."""
        super().__init__(places)
        self._frame_title = title
        self._copied = name
        self._made_of: tuple[object, ...] = ()
        """The parts of the view from which the lines were laid out last."""

    def parts(self, view: ClusterView) -> tuple[object, ...]:
        """The objects of the view that the lines are made of."""
        raise NotImplementedError

    def lines(self, cells: int) -> list[Cell]:
        """The lines, for this width of the page."""
        raise NotImplementedError

    def compose_page(self) -> ComposeResult:
        with Vertical(classes="page") as box:
            box.border_title = Content.styled(self._frame_title, "bold")
            yield Page()

    def begin(self) -> None:
        self.page.focus()

    def wants_focus(self) -> Widget | None:
        return self.page

    def see(self, view: ClusterView) -> None:
        parts = self.parts(view)
        if not the_same(parts, self._made_of):
            self._made_of = parts
            self.tick()

    def tick(self) -> None:
        self.page.show(self.lines, keep_place=True)

    def action_copy(self) -> None:
        """Copy the name of what the page is about."""
        self.app.copy_to_clipboard(self._copied)
        self.notify("copied the name", timeout=2)


def not_there(*, asked: bool) -> list[Cell]:
    """The line for something that is not in the newest answer; `asked`: there was an answer."""
    text = " it is not there any more, or is not listed" if asked else f" asking {signs.ELLIPSIS}"
    return [Content.assemble(signs.sign(Mark.BROKEN if asked else Mark.MOVING), text)]

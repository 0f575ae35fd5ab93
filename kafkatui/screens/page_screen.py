"""The common part of the screens that show one page of lines: a heavy frame, a title, a row of keys below."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from kafkatui.widgets import signs
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.overlay import Overlay
from kafkatui.widgets.page import Page


class PageScreen(Overlay[None]):
    """A `Page` in a frame over the screen below. A subclass sets its place, its title and its lines."""

    DEFAULT_CSS = """
    PageScreen > Vertical {
        border: heavy $primary; border-title-color: $foreground;
        background: $background; width: 100%; height: 100%; padding: 0 1;
    }
    PageScreen.-ascii > Vertical { border: ascii $primary; }
    """

    AUTO_FOCUS: ClassVar[str] = "Page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.keys", "help", id="page.help", key_display="?"),
        Binding("f1", "app.keys", "help", id="page.help.f1", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.set_class(signs.ascii_only(), "-ascii")
        self.box = Vertical()
        self.page = Page()
        """The lines inside the frame."""

    def compose(self) -> ComposeResult:
        with self.box:
            yield from self.compose_above()
            yield self.page
        yield KeyRow(("move", "open", "next", "previous", "raw", "code", "copy"), always=("back", "help"))

    def compose_above(self) -> ComposeResult:
        """The widgets in the frame above the page."""
        return ()

    def frame(self, title: str) -> None:
        """Write the title, which is already `printable`.

        If this is called before the page is composed, the first frame already shows the title.
        """
        self.box.border_title = Content.styled(title, "bold")

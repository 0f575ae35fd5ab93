"""What the screens that show one page of lines share: a heavy frame, a title, the keys in its lower edge."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from kafkatui.widgets import signs
from kafkatui.widgets.page import Page


class PageScreen(ModalScreen[None]):
    """A `Page` in a frame over what was shown before. A subclass says where, and draws it."""

    DEFAULT_CSS = """
    PageScreen > Vertical {
        border: heavy $primary; border-title-color: $foreground; border-subtitle-color: $text-muted;
        background: $background; width: 100%; height: 100%; padding: 0 1;
    }
    PageScreen.-ascii > Vertical { border: ascii $primary; }
    """

    AUTO_FOCUS: ClassVar[str] = "Page"

    def __init__(self) -> None:
        super().__init__()
        self.set_class(signs.ascii_only(), "-ascii")
        self.box = Vertical()
        self.page = Page()
        """The lines."""

    def compose(self) -> ComposeResult:
        with self.box:
            yield from self.compose_above()
            yield self.page

    def compose_above(self) -> ComposeResult:
        """What stands in the frame above the page."""
        return ()

    def frame(self, title: str, keys: Iterable[tuple[str, str]]) -> None:
        """Write the title, which is printable already, and the keys that work with what they do.

        Called before the page is composed it makes the first frame say what this is.
        """
        self.box.border_title = Content.styled(title, "bold")
        self.box.border_subtitle = Content("  ").join(
            [Content.assemble((key, "$primary bold"), f" {name}") for key, name in keys]
        )

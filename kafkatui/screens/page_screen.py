"""What the screens that show one page of lines share: a heavy frame, a title, the keys in its lower edge."""

from collections.abc import Iterable

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

    def __init__(self) -> None:
        super().__init__()
        self.set_class(signs.ascii_only(), "-ascii")

    def compose(self) -> ComposeResult:
        with Vertical():
            yield from self.compose_above()
            yield Page()

    def compose_above(self) -> ComposeResult:
        """What stands in the frame above the page."""
        return ()

    def on_mount(self) -> None:
        self.page.focus()

    @property
    def page(self) -> Page:
        """The lines."""
        return self.query_one(Page)

    def frame(self, title: str, keys: Iterable[tuple[str, str]]) -> None:
        """Write the title, which is printable already, and the keys that work with what they do."""
        box = self.query_one(Vertical)
        box.border_title = Content.styled(title, "bold")
        box.border_subtitle = Content("  ").join(
            [Content.assemble((key, "$primary bold"), f" {name}") for key, name in keys]
        )

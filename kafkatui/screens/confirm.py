"""A question before something is made or deleted; the focus is on the answer that changes nothing."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import Button, Static

from kafkatui.widgets import signs
from kafkatui.widgets.overlay import Overlay


class Confirm(Overlay[bool]):
    """A question with two buttons; its result is ``True`` only if the button `yes` was pressed."""

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm Horizontal { height: 1; margin: 1 0; align-horizontal: center; }
    #confirm Button { margin: 0 2; min-width: 14; background: $panel; text-style: none; }
    #confirm Button:focus {
        background: $cursor-row; background-tint: $cursor-row 100%; color: $foreground; text-style: bold;
    }
    """
    AUTO_FOCUS: ClassVar[str] = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "back", id="confirm.no"),
    ]

    def __init__(self, title: str, text: Content, *, yes: str, no: str) -> None:
        """`title` is already `printable`; `yes` and `no` are the labels of the buttons."""
        super().__init__()
        self._title, self._text = title, text
        self._yes, self._no = yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="confirm") as box:
            yield Static(self._text, markup=False)
            with Horizontal():
                yield Button(Content(self._yes), id="yes", compact=True)
                yield Button(Content(self._no), id="no", compact=True)
        box.border_title = Content(self._title)
        box.border_subtitle = Content.assemble(
            (f"{signs.LEFT} {signs.RIGHT}", "$primary bold"), " choose  ", ("enter", "$primary bold"),
            " answer  ", ("esc", "$primary bold"), " no",
        )  # fmt: skip

    def on_key(self, event: Key) -> None:
        """Arrows move between the answers, as tab does."""
        if event.key in {"left", "right"}:
            self.focus_next()

    def on_descendant_focus(self) -> None:
        """Mark the answer that enter gives by signs, not by its colour alone."""
        for button, label in (
            (self.query_one("#yes", Button), self._yes),
            (self.query_one("#no", Button), self._no),
        ):
            marks = (signs.CHOICE_RIGHT, signs.CHOICE_LEFT) if button.has_focus else (" ", " ")
            button.label = Content(f"{marks[0]} {label} {marks[1]}")

    @on(Button.Pressed)
    def _answer(self, message: Button.Pressed) -> None:
        self.dismiss(message.button.id == "yes")

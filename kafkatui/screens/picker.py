"""A list to pick one name from: the groups of a topic, the topics of a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from kafkatui.widgets.long_list import Column, LongList


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a picker."""

    name: str
    """What is picked, as the cluster spells it."""
    cells: Sequence[Content | str]
    """What is drawn, already harmless for a terminal."""


class Picker(ModalScreen[str | None]):
    """Dismissed with the name picked, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "back", id="picker.back")]

    def __init__(
        self, title: str, columns: Sequence[Column], choices: Sequence[Choice], chosen: str | None
    ) -> None:
        super().__init__()
        self._title = title
        self._columns = columns
        self._choices = {choice.name: choice for choice in choices}
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield LongList()

    def on_mount(self) -> None:
        box = self.query_one(".dialog")
        box.border_title = Content(self._title)
        box.styles.height = min(len(self._choices) + 3, 20)
        names = self.query_one(LongList)
        names.columns(*self._columns)
        names.show(tuple(self._choices), lambda name: self._choices[name].cells)
        if self._chosen in self._choices:
            names.cursor = self._chosen
        names.focus()

    @on(LongList.Chosen)
    def _pick(self, message: LongList.Chosen) -> None:
        self.dismiss(message.key)

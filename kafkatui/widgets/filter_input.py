"""A line in which the user types a filter."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterInput(Input):
    """The text that listed names must contain; the line stands at the lower edge of the pane."""

    DEFAULT_CSS = """
    FilterInput, FilterInput:focus {
        display: none; dock: bottom; height: 1; border: none; padding: 0 1; background: $background;
    }
    FilterInput.-on { display: block; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "open", id="filter.open", tooltip="select the first name"),
        Binding("escape", "clear", "back", id="filter.clear", tooltip="show all names again"),
    ]

    class Cleared(Message):
        """The user gave up the filter."""

    def action_clear(self) -> None:
        """Tell the owner that the user gives up the filter."""
        self.post_message(self.Cleared())

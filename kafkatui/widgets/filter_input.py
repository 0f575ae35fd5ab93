"""A line to type a filter in."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterInput(Input):
    """The text that names must contain; a line at the lower edge of the pane."""

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
        """The filter is given up."""

    def action_clear(self) -> None:
        """Give the filter up."""
        self.post_message(self.Cleared())

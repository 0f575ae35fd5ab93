"""The four panes beside a lesson: one at a time with tabs, or all four where there is room."""

from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from kafkatui.panes.pane import Pane
from kafkatui.screens.pane_grid import PaneGrid

FOUR = Size(110, 26)
"""The size of the grid, in cells, from which all four panes are shown at once."""


class LabGrid(PaneGrid):
    """The panes of a lab's cluster."""

    DEFAULT_CSS = "LabGrid { min-height: 6; }"

    class Left(Message):
        """The user left the panes for the lesson."""

    class Zoomed(Message):
        """The focused pane has all the room, or gives it back."""

    def __init__(self, *panes: Pane, first: int) -> None:
        """`first`: the number of the pane that is shown first."""
        super().__init__(*panes)
        self.set_reactive(PaneGrid.tab, first)
        self._here = first

    @property
    def sharing(self) -> tuple[Pane, ...]:
        """The panes that share one place."""
        return self.panes

    @property
    def _four(self) -> bool:
        return self.size.width >= FOUR.width and self.size.height >= FOUR.height

    def on_resize(self, event: Resize) -> None:
        self.resized()

    def watch_zoomed(self) -> None:
        super().watch_zoomed()
        self.post_message(self.Zoomed())

    def fit(self) -> None:
        """Give every pane its place and size; focus and selection stay as they are."""
        if not self._four:
            shown = {self.tab}
            self._set_grid(["1fr"], ["1fr"])
        elif self.zoomed is not None:
            shown = {self.zoomed}
            self._set_grid(["1fr"], ["1fr"])
        else:
            shown = {1, 2, 3, 4}
            self._set_grid(["1fr", "1fr"], ["1fr", "1fr"])
        beside = self.screen.has_class("-beside")
        self.set_class(not beside, "-narrow")
        for pane in self.panes:
            pane.display = pane.NUMBER in shown
            pane.framed = beside
        self.draw_tabs()

    def action_next(self, by: int) -> None:
        """Focus the next pane (`by` = 1) or the one before (-1); after the last one the lesson."""
        place = self.here + by
        if 1 <= place <= len(self.panes):
            self.go(place)
        else:
            self.post_message(self.Left())

    def action_back(self) -> None:
        """Go one step back: end the zoom, or else go to the lesson."""
        if self.zoomed is not None:
            self.zoomed = None
        else:
            self.post_message(self.Left())

"""The page of the brokers: the list of them above, the replicas of partitions below."""

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kafkatui.panes.brokers import BrokersPane
from kafkatui.panes.replicas import ReplicasPane
from kafkatui.screens.cluster_screen import ClusterScreen, Places
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams
from kafkatui.watch.view import ClusterView

LIST_MOST = 12
"""Lines that the list of brokers takes at most."""


class BrokersScreen(ClusterScreen):
    """Both, one above the other. The stream of the brokers is read while the page is open."""

    KEYS_WANTED: ClassVar[tuple[str, ...]] = ("move", "pane", "more rows", "sort", "problem", "go to")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "other", "pane", id="brokers.other", tooltip="the other list"),
        Binding(
            "i",
            "all",
            "more rows",
            id="brokers.all",
            tooltip="all partitions of the selected topic, or all that are not fully in sync",
        ),
        Binding("shift+tab", "other", "pane", id="brokers.other.back", show=False),
    ]

    brokers = getters.query_one(BrokersPane)
    replicas = getters.query_one(ReplicasPane)

    def __init__(self, places: Places, streams: Streams, interval: float) -> None:
        """`interval`: seconds between two looks at the topics, from which most is known."""
        super().__init__(places)
        self._streams = streams
        self._interval = interval

    def compose_page(self) -> ComposeResult:
        brokers = BrokersPane(
            self._streams.brokers, Pace(2 * self._interval), self.places.model.take_brokers, id="brokers"
        )
        brokers.border_title = f"{brokers.NUMBER} {brokers.NAME}"
        yield brokers
        yield ReplicasPane(Pace(2 * self._interval), id="replicas")

    def begin(self) -> None:
        self.brokers.restart()
        self.brokers.focus_list()
        self._fit()

    def on_resize(self) -> None:
        if not self._is_incomplete:
            self._fit()

    def _fit(self) -> None:
        """Give the list of brokers as many lines as it has, up to a third of the screen."""
        rows = len(self.brokers.listed.rows)
        self.brokers.styles.height = min(max(rows, 1) + 3, max(5, self.size.height // 3), LIST_MOST)

    def wants_focus(self) -> Widget | None:
        return self.brokers.focus_place()

    def see(self, view: ClusterView) -> None:
        before = len(self.brokers.listed.rows)
        self.brokers.see(view)
        self.replicas.see(view)
        if len(self.brokers.listed.rows) != before:
            self._fit()

    def tick(self) -> None:
        self.brokers.tick()
        self.replicas.tick()

    def action_all(self) -> None:
        """Show all partitions of the selected topic, or all that are in trouble."""
        self.replicas.show_all()

    def action_other(self) -> None:
        """Focus the other list."""
        (self.replicas if self.brokers.has_focus_within else self.brokers).focus_list()

"""The common part of the pages that cover the four panes: the two headlines above, the row of keys below.

The main screen goes on below a page: its panes read their streams and feed the model.
"""

from typing import ClassVar, Protocol

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kafkatui.screens.headlines import Headlines
from kafkatui.watch.model import Model
from kafkatui.watch.survive import BUG, surviving
from kafkatui.watch.view import ClusterView
from kafkatui.widgets import signs
from kafkatui.widgets.focus import FocusKeeper
from kafkatui.widgets.key_row import KeyRow


class Places(Protocol):
    """The main screen, as its pages know it: they draw from its model, and ask it to go somewhere."""

    @property
    def model(self) -> Model:
        """All that is known of the cluster."""
        ...

    def new_headlines(self) -> Headlines:
        """Two new headlines of this cluster."""
        ...

    def draw_headlines(self, headlines: Headlines) -> None:
        """Draw headlines with the newest facts."""
        ...

    def open_groups(self, group: str | None = None) -> None:
        """Show the list of all groups, with the cursor on `group`."""
        ...

    def go_to_group(self, group: str) -> None:
        """Close all pages, and select a group and a topic that it reads; show the page of one that reads
        none.
        """
        ...

    def open_group(self, group: str) -> None:
        """Show the page of one group, above the page that is open."""
        ...

    def open_topic(self, topic: str) -> None:
        """Show the page of one topic, above the page that is open."""
        ...

    def open_brokers(self) -> None:
        """Show the brokers, and where replicas are."""
        ...

    def go_to_panes(
        self, *, topic: str | None = None, group: str | None = None, pane: int | None = None
    ) -> None:
        """Close all pages, select a topic or a group, and focus a pane; ``None``: as it was."""
        ...

    def action_history(self) -> None:
        """Show the rebalances of all groups and the changes of brokers."""
        ...

    def action_next_problem(self) -> None:
        """Show the worst problem in the panes, then the next one."""
        ...


class ClusterScreen(FocusKeeper[None]):
    """A page. A subclass composes its widgets in `compose_page` and draws them in `see`."""

    DEFAULT_CSS = "ClusterScreen > Pane { height: 1fr; }"
    KEYS_WANTED: ClassVar[tuple[str, ...]] = ("move", "open", "filter", "sort", "pane", "problem", "go to")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="page.back", tooltip="back to where you came from"),
        *(
            Binding(
                str(number),
                f"pane({number})",
                "pane",
                id=f"page.pane{number}",
                show=number == 1,
                key_display="1-4",
                tooltip="back to the four panes",
            )
            for number in (1, 2, 3, 4)
        ),
        Binding(
            "5", "groups", "all groups", id="page.groups", show=False, tooltip="all groups, the worst first"
        ),
        Binding("H", "history", "history", id="page.history", show=False, tooltip="rebalances and changes"),
        Binding("6", "brokers", "brokers", id="page.brokers", show=False, tooltip="brokers and replicas"),
        Binding(
            "exclamation_mark",
            "problem",
            "problem",
            id="page.problem",
            key_display="!",
            tooltip="show the worst problem in the panes",
        ),
    ]

    headlines = getters.query_one(Headlines)

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places
        self.set_class(signs.ascii_only(), "-ascii")
        self._has_begun = False
        """Whether all widgets were composed, those within others too."""
        self._has_failed = False
        """Whether drawing failed by a bug."""
        self._stop_listening = places.model.listen(self._view_changed)

    def compose(self) -> ComposeResult:
        yield self.places.new_headlines()
        yield from self.compose_page()
        yield KeyRow(self.KEYS_WANTED, always=("back", "help", "quit"))

    def compose_page(self) -> ComposeResult:
        """The widgets between headlines and keys."""
        raise NotImplementedError

    def see(self, view: ClusterView) -> None:
        """Draw what is new in a view of the cluster."""
        raise NotImplementedError

    def tick(self) -> None:
        """Called once a second: draw ages again."""

    def begin(self) -> None:
        """Called once, when the widgets of the page are there and drawn."""

    def on_mount(self) -> None:
        if self in self.app.screen_stack:  # else the user left the page before it was composed
            self.set_interval(1.0, self._tick)
            self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._has_begun = True
        if not self._is_incomplete:
            self._view_changed(self.places.model.view)
            self.begin()

    @property
    def _is_incomplete(self) -> bool:
        """Whether some widgets may be missing: the page is not composed yet, or it is being removed."""
        there = self._has_begun and self.display and self.is_attached
        return not there or self.query_one_optional(KeyRow) is None

    def on_unmount(self) -> None:
        self._stop_listening()

    def _view_changed(self, view: ClusterView) -> None:
        if not self._is_incomplete:
            self.places.draw_headlines(self.headlines)
            with surviving(f"page {type(self).__name__}", self._say_bug):
                self.see(view)

    def _tick(self) -> None:
        if not self._is_incomplete:
            self.places.draw_headlines(self.headlines)
            with surviving(f"page {type(self).__name__}", self._say_bug):
                self.tick()

    def _say_bug(self) -> None:
        """Say once that drawing failed: it may fail at every view."""
        if not self._has_failed:
            self._has_failed = True
            self.notify(BUG.text, severity="error", timeout=10)

    def action_leave(self) -> None:
        """Go back to what was shown before this page."""
        self.dismiss(None)

    def action_pane(self, number: int) -> None:
        """Close all pages and focus one of the four panes."""
        self.places.go_to_panes(pane=number)

    def action_groups(self) -> None:
        """Show the list of all groups."""
        self.places.open_groups()

    def action_brokers(self) -> None:
        """Show the brokers."""
        self.places.open_brokers()

    def action_history(self) -> None:
        """Show what happened; a rebalance that is opened selects its group."""
        self.places.action_history()

    def action_problem(self) -> None:
        """Close all pages and show the worst problem."""
        self.places.go_to_panes()
        self.places.action_next_problem()

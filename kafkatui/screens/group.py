"""The page of one group: its state, its topics, its members."""

from collections.abc import Callable
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from kafkatui.domain.cluster.marks import Mark
from kafkatui.panes.group_pane import name_of, time_of_day
from kafkatui.screens.cluster_screen import ClusterScreen, Places
from kafkatui.screens.group_text import GroupSource, group_lines
from kafkatui.watch.view import ClusterView, the_same
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.page import Page


class GroupScreen(ClusterScreen):
    """The lines of a group; they are laid out again when something in them changed, and every second for
    ages.
    """

    DEFAULT_CSS = """
    GroupScreen > .page {
        border: heavy $primary; border-title-color: $foreground; height: 1fr; padding: 0 1;
    }
    GroupScreen.-ascii > .page { border: ascii $primary; }
    """
    KEYS_WANTED: ClassVar[tuple[str, ...]] = ("move", "open", "pane", "problem", "go to")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "open", id="group.show", tooltip="show the group in the four panes"),
        Binding("y", "copy", "copy", id="group.copy", show=False, tooltip="copy the name of the group"),
    ]

    page = getters.query_one(Page)

    def __init__(
        self,
        places: Places,
        group: str,
        now: Callable[[], float],
        clock: Callable[[float], str] = time_of_day,
    ) -> None:
        """`now`: gives monotonic seconds; `clock`: gives the time of day of a monotonic second."""
        super().__init__(places)
        self.group = group
        self._now = now
        self._clock = clock
        self._made_of: tuple[object, ...] = ()
        """The parts of the view from which the lines were laid out last."""

    def compose_page(self) -> ComposeResult:
        with Vertical(classes="page") as box:
            box.border_title = Content.styled(f"Group {name_of(self.group, 60)}", "bold")
            yield Page()

    def begin(self) -> None:
        self.page.focus()

    def wants_focus(self) -> Widget | None:
        return self.page

    def see(self, view: ClusterView) -> None:
        parts = (
            view.groups.rows.get(self.group),
            view.groups.standings,
            view.groups.value,
            view.topics.value,
        )
        if not the_same(parts, self._made_of):
            self._made_of = parts
            self._draw()

    def tick(self) -> None:
        self._draw()

    def _draw(self) -> None:
        self.page.show(self._lines, keep_place=True)

    def _lines(self, cells: int) -> list[Cell]:
        view = self.places.model.view
        groups, row = view.groups, view.groups.rows.get(self.group)
        known = groups.value
        group = next((one for one in known.groups if one.group_id == self.group), None) if known else None
        if row is None or group is None or known is None:
            gone = known is not None
            text = " it is not there any more, or is not listed" if gone else f" asking {signs.ELLIPSIS}"
            return [Content.assemble(signs.sign(Mark.BROKEN if gone else Mark.MOVING), text)]
        timeline = view.happened.timeline
        story = timeline.story(self.group) if timeline.last_rebalance(self.group) is not None else None
        standings = [one for one in groups.standings if one.group == self.group]
        return group_lines(
            GroupSource(
                row,
                group,
                known.commits.get(self.group),
                view.topics.value,
                standings,
                story,
                self._now(),
                self._clock,
                cells,
            )
        )

    def action_show(self) -> None:
        """Show the group in the four panes, on its worst topic."""
        row = self.places.model.view.groups.rows.get(self.group)
        topic = None if row is None or row.worst is None else row.worst.topic
        self.places.go_to_panes(topic=topic, group=self.group, pane=3)

    def action_copy(self) -> None:
        """Copy the name of the group."""
        self.app.copy_to_clipboard(self.group)
        self.notify("copied the name", timeout=2)

"""The page with the list of all groups."""

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kafkatui.domain.lag.group_standing import GroupStanding
from kafkatui.domain.sorted_rows import SortedRows
from kafkatui.panes.groups import GroupsPane
from kafkatui.screens.cluster_screen import ClusterScreen, Places
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import ClusterView


class GroupsScreen(ClusterScreen):
    """All groups. One that is opened is selected in the four panes; one that reads no topic has only its
    page.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "details", "page", id="groups.page", tooltip="the page of the group: members, topics"),
        Binding("y", "copy", "copy", id="groups.copy", show=False, tooltip="copy the name under the cursor"),
    ]

    pane = getters.query_one(GroupsPane)

    def __init__(
        self,
        places: Places,
        rows: SortedRows[GroupStanding],
        interval: float,
        group: str | None = None,
        *,
        ends_filter: bool = False,
    ) -> None:
        """`rows`: keep their order and filter while this page is closed; `interval`: seconds between two
        looks; `group`: the cursor begins there, ``None``: on the worst. `ends_filter`: so that this group is
        listed; else the cursor begins on the worst if the filter leaves the group out.
        """
        super().__init__(places)
        self._rows = rows
        self._pace = Pace(interval)
        self._first = group
        self._ends_filter = ends_filter

    def compose_page(self) -> ComposeResult:
        pane = GroupsPane(self._pace, self._rows, id="groups")
        pane.border_title = f"{pane.NUMBER} {pane.NAME}"
        yield pane

    def begin(self) -> None:
        listed = self.pane.listed
        there = listed.rows if self._ends_filter else listed.keys
        first = self._first if self._first in there else next(iter(listed.keys), None)
        if first is not None:
            self.pane.select(first)
            self.pane.lines.scroll_to_row(self.pane.lines.cursor_row or 0)
            self.pane.draw_edges()
        self.pane.focus_list()

    def wants_focus(self) -> Widget | None:
        return self.pane.focus_place()

    def see(self, view: ClusterView) -> None:
        self.pane.see(view)

    def tick(self) -> None:
        self.pane.tick()

    @property
    def cursor(self) -> str | None:
        """The group under the cursor; ``None``: the cursor is on no row."""
        return self.pane.lines.cursor

    @on(GroupsPane.Opened)
    def _opened(self, message: GroupsPane.Opened) -> None:
        row = self.pane.listed.rows.get(message.opened)
        if row is not None and row.worst is None:
            self.places.open_group(message.opened)
            return
        topic = None if row is None or row.worst is None else row.worst.topic
        self.places.go_to_panes(topic=topic, group=message.opened, pane=3)

    def action_details(self) -> None:
        """Show the page of the group under the cursor."""
        if self.cursor is not None:
            self.places.open_group(self.cursor)

    def action_copy(self) -> None:
        """Copy the name under the cursor."""
        if self.cursor is not None:
            self.app.copy_to_clipboard(self.cursor)
            self.notify("copied the name", timeout=2)

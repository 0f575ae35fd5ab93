"""The page of one group: its state, its topics, its members."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from kafkatui.panes.group_pane import name_of, time_of_day
from kafkatui.screens.cluster_screen import Places
from kafkatui.screens.group_text import GroupSource, group_lines
from kafkatui.screens.lines_screen import LinesScreen, not_there
from kafkatui.watch.view import ClusterView
from kafkatui.widgets.columns import Cell


class GroupScreen(LinesScreen):
    """The lines of a group."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "open", id="group.show", tooltip="show the group in the four panes"),
        Binding("y", "copy", "copy", id="group.copy", show=False, tooltip="copy the name of the group"),
    ]

    def __init__(
        self,
        places: Places,
        group: str,
        now: Callable[[], float],
        clock: Callable[[float], str] = time_of_day,
    ) -> None:
        """`now`: gives monotonic seconds; `clock`: gives the time of day of a monotonic second."""
        super().__init__(places, f"Group {name_of(group, 60)}", group)
        self.group = group
        self._now = now
        self._clock = clock

    def parts(self, view: ClusterView) -> tuple[object, ...]:
        row = view.groups.rows.get(self.group)
        return row, view.groups.standings, view.groups.value, view.topics.value, view.past

    def lines(self, cells: int) -> list[Cell]:
        view = self.places.model.view
        groups, row = view.groups, view.groups.rows.get(self.group)
        known = groups.value
        group = next((one for one in known.groups if one.group_id == self.group), None) if known else None
        if row is None or group is None or known is None:
            return not_there(asked=known is not None)
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
                view.past,
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

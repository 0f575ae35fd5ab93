"""Panes 2 and 3 alone in a small app, over readings that were prepared; time stands still at `NOW`."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

import kafkatui
from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import ClusterGroups, Group
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.verdicts import Readers
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.panes.assignments import AssignmentsPane
from kafkatui.panes.entry_lines import LogEntry
from kafkatui.panes.group_pane import GroupPane
from kafkatui.panes.offsets import OffsetsPane
from kafkatui.panes.pane import Pane
from kafkatui.watch.pace import Pace
from kafkatui.widgets import themes
from tests.ui.shop_data import NOW


def clock(at: float) -> str:
    """14:22:07 is `NOW`."""
    seconds = round(14 * 3600 + 22 * 60 + 7 + at - NOW)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def stream(readings: Sequence[Reading[Any]]) -> Callable[..., AsyncGenerator[Reading[Any]]]:
    """A stream that gives these readings and ends."""

    async def follow(*_: object) -> AsyncGenerator[Reading[Any]]:
        for reading in readings:
            yield reading

    return follow


class PaneApp(App[None]):
    """One pane that fills the screen."""

    CSS_PATH = str(Path(kafkatui.__file__).with_name("app.tcss"))
    ENABLE_COMMAND_PALETTE = False
    CSS: ClassVar[str] = "Pane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "focus_pane", priority=True)]

    def __init__(self, pane: GroupPane, *, theme: str = "kafkatui-dark", **selection: object) -> None:
        super().__init__()
        self.pane = pane
        self._theme = theme
        self._selection = {
            "topic": "orders",
            "group": "billing",
            "groups": ("billing", "audit", "ledger"),
        } | selection
        self.steps: list[int] = []
        self.opened: list[LogEntry] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"frame": "#5b6470", "cursor-row": "#24405e"}

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = self._theme
        for name, value in self._selection.items():
            setattr(self.pane, name, value)
        self.pane.restart()

    def action_focus_pane(self) -> None:
        """What the grid of the main screen does with this key."""
        self.pane.focus_list()

    def on_assignments_pane_open_entry(self, message: AssignmentsPane.OpenEntry) -> None:
        self.opened.append(message.entry)

    def on_pane_group_step(self, message: Pane.GroupStep) -> None:
        self.steps.append(message.by)


def topics(partitions: int = 6) -> ClusterTopics:
    """orders with so many partitions."""
    return ClusterTopics(
        topics=(Topic("orders", tuple(Partition(n, 1, 0, (1,), (1,)) for n in range(partitions))),)
    )


def looks(*groups: tuple[float, Group]) -> list[Reading[ClusterGroups]]:
    """Readings at seconds before `NOW`."""
    return [Reading(ClusterGroups((group,)), taken_at=NOW - before) for before, group in groups]


def assignments(
    readings: Sequence[Reading[ClusterGroups]],
    *,
    partitions: int = 6,
    theme: str = "kafkatui-dark",
    timeline: Timeline | None = None,
    log_faults: Sequence[Fault] = (),
    **selection: object,
) -> PaneApp:
    """Pane 2 after these readings; `timeline` has what happened before, `log_faults` are why the group's log
    is not read.
    """
    faults: list[Reading[Any]] = [Reading(None, fault, NOW) for fault in log_faults]
    pane = AssignmentsPane(
        stream(readings), Pace(1.0), clock=clock, timeline=timeline, follow_log=stream(faults)
    )
    return PaneApp(pane, theme=theme, **({"topics": topics(partitions)} | selection))


def offsets(
    readings: Sequence[Reading[GroupLag]],
    *,
    owners: Mapping[int, str] | None = None,
    theme: str = "kafkatui-dark",
    **selection: object,
) -> PaneApp:
    """Pane 3 after these readings."""
    pane = OffsetsPane(stream(readings), Pace(1.0), clock=clock)
    readers = None if owners is None else Readers(owners=frozenset(owners))
    return PaneApp(pane, theme=theme, **({"owners": owners, "readers": readers} | selection))

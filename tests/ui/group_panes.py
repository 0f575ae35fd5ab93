"""Panes 2 and 3 alone in a small app, over readings that were prepared; time stands still at `NOW`."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

import kafkatui
from kafkatui.domain.cluster.groups import ClusterGroups, Group
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.panes.assignments import AssignmentsPane, FollowLog
from kafkatui.panes.entry_lines import LogEntry
from kafkatui.panes.group_pane import GroupPane
from kafkatui.panes.offsets import OffsetsPane
from kafkatui.panes.pane import Pane
from kafkatui.watch.model import Model
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import ClusterView
from kafkatui.widgets import themes
from tests.group_builders import classic, member
from tests.ui.shop_data import NOW, SOON


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

    def __init__(
        self,
        make: Callable[[Model], GroupPane],
        model: Model | None = None,
        *,
        theme: str = "kafkatui-dark",
        topic: str | None = "orders",
        group: str | None = "billing",
        groups: tuple[str, ...] | None = ("billing", "audit", "ledger"),
        **shown: object,
    ) -> None:
        """`groups` are told to read the topic, whoever does; so is what else is `shown`."""
        super().__init__()
        self.model = Model(lambda: SOON) if model is None else model
        self.pane = make(self.model)
        self._theme = theme
        self._selection = topic, group
        self._shown = {"groups": groups} | shown
        self.steps: list[int] = []
        self.opened: list[LogEntry] = []

    def see(self, view: ClusterView) -> None:
        """What the main screen does with each view."""
        self.pane.see(replace(view, shown=replace(view.shown, **self._shown)))  # type: ignore[arg-type]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"frame": "#5b6470", "cursor-row": "#24405e"}

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = self._theme
        self.model.listen(self.see)
        self.model.select(*self._selection)
        if self._selection == (None, None):
            self.see(self.model.view)
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
    partitions: int | None = 6,
    timeline: Timeline | None = None,
    log: Sequence[Reading[GroupLogNews]] = (),
    follow_log: FollowLog | None = None,
    deck_states: Mapping[str, str] | None = None,
    lag: GroupLag | None = None,
    **selection: Any,
) -> PaneApp:
    """Pane 2 after these readings; `timeline` has what happened before, `log` comes in the group's log.
    `partitions` of orders; ``None``: not known.
    """
    model = Model(lambda: SOON, timeline)
    if partitions is not None:
        model.take_topics(Reading(topics(partitions), taken_at=NOW))
    if deck_states is not None:
        model.take_deck(None, (), deck_states)
    if lag is not None:
        model.select(lag.topic, lag.group_id)
        model.take_lag(Reading(lag, taken_at=NOW))

    def make(model: Model) -> AssignmentsPane:
        return AssignmentsPane(
            stream(readings),
            Pace(1.0),
            model.take_groups,
            follow_log=follow_log or stream(log),
            take_log=model.take_log,
            clock=clock,
        )

    return PaneApp(make, model, **selection)


def offsets(
    readings: Sequence[Reading[GroupLag]],
    *,
    owners: Mapping[int, str] | None = None,
    follow: Callable[[str, str, Pace], AsyncGenerator[Reading[GroupLag]]] | None = None,
    group: str | None = "billing",
    **selection: Any,
) -> PaneApp:
    """Pane 3 after these readings; `owners`: client id of the member that has each partition."""
    model = Model(lambda: SOON)
    if owners is not None and group is not None:
        has: dict[str, list[int]] = {}
        for number, client in owners.items():
            has.setdefault(client, []).append(number)
        members = [member(client, *numbers) for client, numbers in has.items()]
        known = ClusterGroups((classic(*members, group_id=group),))
        model.take_topics(Reading(topics(1 + max(owners)), taken_at=NOW - 200))
        model.take_groups(Reading(known, taken_at=NOW - 200))
        for _ in model.digest():
            pass
    return PaneApp(
        lambda model: OffsetsPane(follow or stream(readings), Pace(1.0), model.take_lag, clock=clock),
        model,
        group=group,
        **selection,
    )

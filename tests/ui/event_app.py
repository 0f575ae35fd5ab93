"""The event, timeline and code screens alone in a small app, over stories that were prepared."""

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from kafkatui.app import KafkaTui
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.panes.entry_lines import LogEntry
from kafkatui.screens.event import EventScreen
from kafkatui.screens.events import EventsScreen
from kafkatui.widgets import signs
from tests.ui.group_panes import clock
from tests.ui.pane_app import PaneApp
from tests.ui.shop_data import SOON


class ScreenApp(PaneApp):
    """Shows one screen over an empty one, in the look of the program."""

    get_theme_variable_defaults = KafkaTui.get_theme_variable_defaults

    def __init__(
        self, make: Callable[[], Screen[Any]], *, ascii_only: bool = False, theme: str = "kafkatui-dark"
    ) -> None:
        super().__init__(ascii_only=ascii_only, theme=theme)
        self._screen = make
        self.answers: list[object] = []

    async def on_mount(self) -> None:
        await super().on_mount()
        await self.push_screen(self._screen(), self.answers.append)


def event(
    timeline: Timeline,
    place: int = 0,
    *,
    group: str = "billing",
    ascii_only: bool = False,
    theme: str = "kafkatui-dark",
) -> ScreenApp:
    """The event screen at one of the newest entries."""

    def make() -> EventScreen:
        story = timeline.story(group)
        entry: LogEntry = story.entries[place]
        return EventScreen(group, story, entry, clock=clock, now=lambda: SOON)

    return ScreenApp(make, ascii_only=ascii_only, theme=theme)


def events(timeline: Timeline) -> ScreenApp:
    """The list of the rebalances of all groups."""
    signs.use_ascii(False)
    return ScreenApp(lambda: EventsScreen(timeline, clock=clock))

"""Every screen: it may be left before anything is in it, and its first frame says what it is."""

import asyncio
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

import kafkatui.screens
from kafkatui.deck.code import lines_of
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.panes.groups import group_rows
from kafkatui.screens.brokers import BrokersScreen
from kafkatui.screens.cluster_screen import ClusterScreen
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.confirm import Confirm
from kafkatui.screens.connect import ConnectScreen
from kafkatui.screens.event import EventScreen
from kafkatui.screens.events import EventsScreen
from kafkatui.screens.group import GroupScreen
from kafkatui.screens.groups import GroupsScreen
from kafkatui.screens.headlines import Headlines
from kafkatui.screens.help import HelpScreen
from kafkatui.screens.lab import LabScreen
from kafkatui.screens.labs import LabsScreen
from kafkatui.screens.lines_screen import LinesScreen
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.screens.page_screen import PageScreen
from kafkatui.screens.picker import Picker
from kafkatui.screens.record import RecordScreen
from kafkatui.screens.selection import SelectionScreen
from kafkatui.screens.start import StartScreen
from kafkatui.screens.topic import TopicScreen
from kafkatui.watch.model import Model
from tests.ui.group_stories import crashed, timeline_of
from tests.ui.lab_app import lab_screen
from tests.ui.monitor_app import MonitorApp, shop
from tests.ui.shop_data import record


class NoPlaces:
    """A main screen that knows nothing yet."""

    def __init__(self) -> None:
        self.model = Model()

    def new_headlines(self) -> Headlines:
        return Headlines("shop :9092", lambda: (0, 0), read_only=False)

    def draw_headlines(self, headlines: Headlines) -> None:
        """Nothing is known."""

    def open_groups(self, group: str | None = None) -> None:
        raise AssertionError

    def go_to_group(self, group: str) -> None:
        raise AssertionError

    def open_group(self, group: str) -> None:
        raise AssertionError

    def open_topic(self, topic: str) -> None:
        raise AssertionError

    def open_brokers(self) -> None:
        raise AssertionError

    def go_to_panes(
        self, *, topic: str | None = None, group: str | None = None, pane: int | None = None
    ) -> None:
        raise AssertionError

    def action_history(self) -> None:
        raise AssertionError

    def action_next_problem(self) -> None:
        raise AssertionError


async def never() -> None:
    await asyncio.Event().wait()


def event_screen() -> EventScreen:
    story = timeline_of(*crashed()).story("billing")
    return EventScreen("billing", story, story.entries[0])


MADE: dict[type[Screen[Any]], tuple[Callable[[], Screen[Any]], str]] = {
    BrokersScreen: (lambda: BrokersScreen(NoPlaces(), shop(), 1.0), "6 Brokers"),
    CodeScreen: (lambda: CodeScreen(lines_of(Act.JOIN, "classic")), "actors/consumer.py"),
    Confirm: (lambda: Confirm("Sure?", Content("really"), yes="Yes", no="No"), "Sure?"),
    ConnectScreen: (lambda: ConnectScreen("127.0.0.1:1", never), "Not connected"),
    EventScreen: (event_screen, "billing · "),
    EventsScreen: (lambda: EventsScreen(Timeline()), "Rebalances of all groups"),
    GroupScreen: (lambda: GroupScreen(NoPlaces(), "billing", lambda: 1.0), "Group billing"),
    GroupsScreen: (lambda: GroupsScreen(NoPlaces(), group_rows(), 1.0), "5 Groups"),
    HelpScreen: (lambda: HelpScreen([]), "Help"),
    LabScreen: (lambda: lab_screen("fan-out"), "Reading takes nothing away"),
    LabsScreen: (lambda: LabsScreen("en"), "Labs: "),
    MonitorScreen: (lambda: MonitorScreen(shop(), name="shop :9092"), ""),
    Picker: (lambda: Picker("Groups that read orders", "group", [], None), "Groups that read orders"),
    RecordScreen: (lambda: RecordScreen(record(16_768), lambda _: None), "orders/2 @ 16,768"),
    StartScreen: (lambda: StartScreen(1), "Demo"),
    TopicScreen: (lambda: TopicScreen(NoPlaces(), shop(), "orders", 1.0), "Topic orders"),
}
"""How each is made, and what its frame says."""
SHARED = {ClusterScreen, LinesScreen, PageScreen, SelectionScreen}
"""What others are made of."""


def test_every_screen_is_here() -> None:
    found = set()
    for module in pkgutil.iter_modules(kafkatui.screens.__path__):
        for thing in vars(importlib.import_module(f"kafkatui.screens.{module.name}")).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, Screen)
                and thing.__module__.endswith(module.name)
            ):
                found.add(thing)
    assert found == {*MADE, *SHARED}


async def test_every_screen_may_be_left_before_anything_is_in_it_and_says_at_once_what_it_is() -> None:
    app = MonitorApp(shop())
    async with app.run_test(size=(120, 40)) as pilot:
        for make, title in MADE.values():
            app.push_screen(make())
            app.pop_screen()
            await pilot.pause()
            screen = make()
            await app.push_screen(screen)
            framed = [
                str(widget.border_title) for widget in screen.walk_children(Widget) if widget.border_title
            ]
            assert any(title in text for text in framed), screen
            assert app.focused is not None or not screen.focus_chain, screen
            await app.pop_screen()


@pytest.mark.parametrize("kind", [CodeScreen, Confirm, EventsScreen, HelpScreen, Picker], ids=str)
async def test_what_is_smaller_than_the_screen_hides_nothing_beside_it(kind: type[Screen[Any]]) -> None:
    app = MonitorApp(shop())
    async with app.run_test(size=(200, 60)) as pilot:
        await pilot.pause()
        await app.push_screen(MADE[kind][0]())
        await pilot.pause()
        assert app.screen._compositor.render_strips()[0].text.startswith(" kafkatui ")

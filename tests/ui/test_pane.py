"""What every pane does with a bug of ours: it says so, goes on by itself, and takes nothing else with it."""

import logging
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from kafkatui.app import KafkaTui
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topic_facts import TopicFacts
from kafkatui.panes.pane import Pane
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.screens.topic import TopicScreen
from kafkatui.watch.pace import Pace
from kafkatui.watch.survive import BUG, UNDER_TEST
from kafkatui.watch.view import ClusterView
from kafkatui.widgets.long_list import LongList
from tests.ui.monitor_app import MonitorApp, shop
from tests.ui.waiting import until


class Stumbling(Pane):
    """Its first stream ends in a bug, its second gives a value."""

    NUMBER = 1
    NAME = "Stumbling"
    streams = 0

    def compose_body(self) -> ComposeResult:
        yield LongList()

    def focused_part(self) -> Widget:
        return self.query_one(LongList)

    async def stream(self) -> AsyncGenerator[Reading[str]]:
        self.streams += 1
        yield Reading(f"value {self.streams}", taken_at=1.0)
        if self.streams == 1:
            raise ZeroDivisionError("a bug")

    def show(self, reading: Reading[str]) -> None:
        self.say(str(reading.value))


class PaneApp(App[None]):
    """That pane alone."""

    get_theme_variable_defaults = KafkaTui.get_theme_variable_defaults

    def compose(self) -> ComposeResult:
        yield Stumbling(Pace(1.0))


async def test_a_bug_is_said_logged_and_survived(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(UNDER_TEST, raising=False)
    faults = []
    async with PaneApp().run_test() as pilot:
        monkeypatch.delenv(UNDER_TEST, raising=False)
        pane = pilot.app.query_one(Stumbling)
        pane.restart()
        while pane.streams < 2 or pane.reading.fault is not None:
            await pilot.pause(0.01)
            faults.append(pane.reading.fault)
        assert BUG in faults
        assert pane.reading.value == "value 2"
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "pane Stumbling"
    ]


async def test_a_bug_of_the_model_is_said_logged_and_survived(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kafkatui.screens.selection.BUG_AGAIN", (0.0, 0.0))
    app = MonitorApp(shop(), anew=True)
    async with app.run_test() as pilot:
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        monkeypatch.delenv(UNDER_TEST, raising=False)
        digest, runs = screen.model.digest, 0

        def fails_once() -> Iterator[None]:
            nonlocal runs
            runs += 1
            if runs == 1:
                raise ZeroDivisionError("a bug")
            return digest()

        monkeypatch.setattr(screen.model, "digest", fails_once)
        await until(pilot, lambda: runs > 1 and screen.view.digested)
        assert BUG.text in [notice.message for notice in app._notifications]
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == ["the model"]


@pytest.mark.parametrize("drawing", [False, True])
async def test_a_bug_of_a_page_is_said_logged_and_survived(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, drawing: bool
) -> None:
    """In its stream, or where it draws."""
    failed = 0

    async def facts(topic: str, pace: Pace) -> AsyncGenerator[Reading[TopicFacts]]:
        nonlocal failed
        yield Reading(None)
        if not drawing and not failed:
            failed += 1
            raise ZeroDivisionError("a bug")

    def see(view: ClusterView) -> None:
        nonlocal failed
        failed += 1
        raise ZeroDivisionError("a bug")

    app = MonitorApp(replace(shop(), topic_page=facts))
    async with app.run_test() as pilot:
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        monkeypatch.delenv(UNDER_TEST, raising=False)
        screen.open_topic("orders")
        await until(pilot, lambda: isinstance(app.screen, TopicScreen))
        if drawing:
            monkeypatch.setattr(app.screen, "see", see)
            screen.model.take_topic_page("orders", Reading(None))
            screen.model.take_topic_page("orders", Reading(None))
            await until(pilot, lambda: failed > 1)
            assert [notice.message for notice in app._notifications].count(BUG.text) == 1
        else:
            await until(pilot, lambda: screen.view.topic_page[1].fault is BUG)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
    assert {record.message for record in caplog.records if record.levelno == logging.ERROR} == {
        "page TopicScreen" if drawing else "the page of a topic"
    }


async def stumble() -> None:
    async with PaneApp().run_test() as pilot:
        pilot.app.query_one(Stumbling).restart()
        await pilot.app.workers.wait_for_complete()


async def test_under_test_a_bug_fails_the_test() -> None:
    with pytest.raises(Exception, match="a bug"):
        await stumble()


async def test_a_reading_that_comes_while_the_program_ends_is_nobodys_trouble() -> None:
    async with PaneApp().run_test() as pilot:
        pane = pilot.app.query_one(Stumbling)
        await pane.query("Pane > *").remove()
        pane.reading = Reading("late", taken_at=2.0)
        pane.tick()
        await pilot.pause()
        assert pane.reading.value == "late"

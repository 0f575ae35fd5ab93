"""The deck's row and keys: when it is out, whom keys act on, and what is asked before."""

import pytest
from textual.pilot import Pilot

from kafkatui.domain.deeds import Act
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.confirm import Confirm
from kafkatui.screens.deck_row import DeckRow
from kafkatui.screens.event import EventScreen
from kafkatui.screens.events import EventsScreen
from kafkatui.screens.monitor import MonitorScreen
from tests.ui.deck_app import DeckApp, NotedDealer
from tests.ui.monitor_app import shop
from tests.ui.test_monitor import settle

WIDE = (200, 60)


async def quiet(pilot: Pilot[None]) -> None:
    """Wait until keys have done what they do."""
    while at_work := [worker for worker in pilot.app.workers if worker.group == "deck"]:
        await pilot.app.workers.wait_for_complete(at_work)
        await pilot.pause()


def row(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one(DeckRow).render())


async def test_on_a_cluster_of_ours_it_is_out_from_the_start() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=WIDE) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        assert screen.deck_out
        assert row(pilot).startswith("DECK  j join  l leave  x crash  f freeze  a assignor  r restore")
        assert "2 consumers · range · 20 rec/s" in row(pilot)
        assert "kill broker" not in row(pilot)


async def test_at_80_columns_the_most_wanted_keys_are_there() -> None:
    async with DeckApp(shop(), NotedDealer()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        for key in ("j join", "l leave", "x crash", "f freeze", "a assignor", "r restore", "D put away"):
            assert key in row(pilot)


async def test_its_letters_are_its_own_while_it_is_out() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        before = screen.topics_pane.topic
        await pilot.press("j", "s", "r", "greater_than_sign")
        await quiet(pilot)
        acts = [act for act, _ in app.deck.acts]
        assert acts == [Act.JOIN, Act.STATIC, Act.RESTORE, Act.FASTER]
        assert screen.topics_pane.topic == before
        assert "50 rec/s" in row(pilot) or "faster of the newest" in row(pilot)
        await pilot.press("D")
        assert not screen.deck_out
        await pilot.press("1", "j")
        assert app.deck.acts[-1][0] is Act.FASTER
        assert screen.topic != before


async def test_keys_act_on_the_consumer_under_the_cursor_of_pane_2() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("1", "x", "2", "down", "down", "x")
        await quiet(pilot)
        assert app.deck.acts == [(Act.CRASH, None), (Act.CRASH, "c2")]


async def test_a_key_shows_the_decks_topic_and_group() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        await pilot.press("up", "j")
        await quiet(pilot)
        assert (screen.topic, screen.group) == ("orders", "billing")
        assert screen.assignments_pane.display


async def test_letters_typed_into_a_filter_are_text() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        await pilot.press("1", "slash", "j", "x", "r")
        assert not app.deck.acts
        assert not screen.topics_pane.has_focus_within or app.focused is not None
        await pilot.press("escape")


async def test_what_cannot_be_done_is_said() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("p")
        await quiet(pilot)
        assert "no consumer: j lets one join" in row(pilot)


async def test_a_click_on_a_key_of_the_row_presses_it() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.click(DeckRow, offset=(row(pilot).index("x crash") + 1, 0))
        await quiet(pilot)
        assert app.deck.acts == [(Act.CRASH, None)]


async def test_brokers_have_keys_where_there_are_several() -> None:
    app = DeckApp(shop(), NotedDealer(brokers=3))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("b", "t", "u")
        await quiet(pilot)
        assert [act for act, _ in app.deck.acts] == [Act.KILL_BROKER, Act.STOP_BROKER, Act.START_BROKER]


@pytest.mark.parametrize("answer", ["yes", "no", "escape"])
async def test_on_another_cluster_it_comes_out_only_after_a_yes(answer: str) -> None:
    app = DeckApp(shop(), NotedDealer(ours=False))
    async with app.run_test(size=WIDE) as pilot:
        screen = await settle(pilot)
        assert not screen.deck_out
        await pilot.press("D")
        await pilot.pause()
        question = app.screen
        assert isinstance(question, Confirm)
        assert "kafkatui-deck-7f2a" in str(question._text)
        assert app.focused is not None
        assert app.focused.id == "no"
        await pilot.press(*{"yes": ("left", "enter"), "no": ("enter",), "escape": ("escape",)}[answer])
        await quiet(pilot)
        assert screen.deck_out is (answer == "yes")
        assert screen.query_one(DeckRow).foreign is (answer == "yes")


@pytest.mark.parametrize("remove", [True, False])
async def test_what_a_crash_left_is_offered_to_be_removed(remove: bool) -> None:
    app = DeckApp(shop(), NotedDealer(ours=False, left=["kafkatui-deck-0a1b"]))
    async with app.run_test(size=WIDE) as pilot:
        for _ in range(50):
            await pilot.pause()
            if isinstance(app.screen, Confirm):
                break
        assert isinstance(app.screen, Confirm)
        await pilot.press(*(["left", "enter"] if remove else ["enter"]))
        await quiet(pilot)
        assert app.dealer.cleared == (["kafkatui-deck-0a1b"] if remove else [])


async def test_the_code_behind_the_last_key_and_the_history_open() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("v")
        assert isinstance(app.screen, MonitorScreen)
        await pilot.press("j")
        await quiet(pilot)
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, CodeScreen)
        await pilot.press("v", "H")
        await pilot.pause()
        assert isinstance(app.screen, EventsScreen)
        await pilot.press("escape")


async def test_a_deed_is_an_entry_of_the_log_that_opens() -> None:
    app = DeckApp(shop(), NotedDealer())
    async with app.run_test(size=WIDE) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        await pilot.press("2", "x")
        await quiet(pilot)
        await pilot.press("down", "down", "down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, EventScreen)
        assert app.screen.group == screen.group

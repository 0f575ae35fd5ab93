"""The deck's row and keys: when it is out, whom keys act on, and what is asked before."""

import pytest
from textual.pilot import Pilot

from kafkatui.domain.deck.acts import Act
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.confirm import Confirm
from kafkatui.screens.deck_row import DeckRow
from kafkatui.screens.event import EventScreen
from kafkatui.screens.events import EventsScreen
from kafkatui.screens.monitor import MonitorScreen
from tests.ui.deck_app import DeckApp, NotedFactory
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
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=WIDE) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        assert screen.deck_area.out
        assert row(pilot).startswith(
            "DECK  2 to use  j join  l leave  x crash  f freeze  a assignor  r restore"
        )
        await pilot.press("2")
        await pilot.pause()
        assert row(pilot).startswith("DECK  j join  l leave  x crash  f freeze  a assignor  r restore")
        assert "2 consumers · range · 20 rec/s" in row(pilot)
        assert "kill broker" not in row(pilot)


@pytest.mark.parametrize("brokers", [1, 3])
async def test_what_the_row_shows_and_that_there_is_more(brokers: int) -> None:
    app = DeckApp(shop(), NotedFactory(brokers=brokers))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("2")
        await pilot.pause()
        wanted = "DECK  j join  l leave  x crash  f freeze  a assignor  r restore  …"
        assert row(pilot) == f"{wanted}  D put away"
        await pilot.press("j")
        await quiet(pilot)
        await pilot.resize_terminal(120, 40)
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        screen.query_one(DeckRow).said = None
        await pilot.pause()
        words = ["G protocol", "</> rate", "v code", "…"] + (["b/t/u broker"] if brokers > 1 else [])
        assert not [word for word in words if word not in row(pilot)]
        await pilot.resize_terminal(200, 60)
        await pilot.pause()
        assert "…" not in row(pilot)
        assert "< slower  > faster" in row(pilot)


async def test_what_comes_of_a_key_later_is_said_and_the_brokers_looked_at_at_once() -> None:
    app = DeckApp(shop(), NotedFactory(brokers=3))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        screen.topics_pane.pace._asked.clear()
        await pilot.press("2", "b")
        await quiet(pilot)
        assert app.deck.acts[-1][0] is Act.KILL_BROKER
        assert screen.topics_pane.pace._asked.is_set()
        screen.topics_pane.pace._asked.clear()
        assert app.deck.on_word is not None
        app.deck.on_word("broker 1 now leads orders 0–3")
        await pilot.pause()
        assert [note.message for note in app._notifications] == ["broker 1 now leads orders 0–3"]
        assert screen.topics_pane.pace._asked.is_set()


async def test_its_letters_are_its_own_where_the_map_has_the_focus() -> None:
    """Elsewhere a letter means what it means without a deck; one that means nothing there says so."""
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        topic, column = screen.topic, screen.topics_pane.listed.column
        await pilot.press("1", "k", "s", "r")
        assert screen.topic != topic
        assert screen.topics_pane.listed.column != column
        await pilot.press("x")
        assert "2 to use x crash" in row(pilot)
        await pilot.press("4", "up", "f")
        assert screen.tail_pane.lines.following
        await quiet(pilot)
        assert not app.deck.acts
        topic = screen.topic
        await pilot.press("2", "j", "s", "r", "greater_than_sign")
        await quiet(pilot)
        acts = [act for act, _ in app.deck.acts]
        assert acts == [Act.JOIN, Act.STATIC, Act.RESTORE, Act.FASTER]
        assert "50 rec/s" in row(pilot) or "faster of the newest" in row(pilot)
        await pilot.press("D")
        assert not screen.deck_area.out
        await pilot.press("1", "j", "2", "j", "x")
        await quiet(pilot)
        await pilot.press("D")
        await quiet(pilot)
        await pilot.press("x")  # taken out to be used
        await quiet(pilot)
        assert [act for act, _ in app.deck.acts] == [*acts, Act.CRASH]


async def test_the_palette_has_the_decks_keys_and_what_they_cover() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        places = {*dict(screen.deck_area.places()), *dict(screen.covered_keys())}
        covered = ("look at once", "sort topics", "follow the newest", "pick a topic", "the last row")
        for name in (*covered, "a consumer joins"):
            assert [place for place in places if name in place], name
        offered = [command.title for command in app.get_system_commands(screen)]
        assert offered == [
            "Help",
            "Labs",
            "Theme",
            "Screenshot",
            "Quit",
        ]  # esc would not end Textual's own help
        dict(screen.deck_area.places())["deck: it is killed and says nothing (SIGKILL)  x"]()
        await quiet(pilot)
        assert app.deck.acts == [(Act.CRASH, None)]
        assert screen.assignments_pane.has_focus_within


async def test_keys_act_on_the_consumer_under_the_cursor_of_pane_2() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("2", "x", "down", "down", "x")
        await quiet(pilot)
        assert app.deck.acts == [(Act.CRASH, None), (Act.CRASH, "c2")]


async def test_a_key_shows_the_decks_topic_and_group() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        await pilot.press("up", "2", "j")
        await quiet(pilot)
        assert (screen.topic, screen.group) == ("orders", "billing")
        assert screen.assignments_pane.display


async def test_letters_typed_into_a_filter_are_text() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        await pilot.press("1", "slash", "j", "x", "r")
        assert not app.deck.acts
        assert not screen.topics_pane.has_focus_within or app.focused is not None
        await pilot.press("escape")


async def test_what_cannot_be_done_is_said() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("2", "p")
        await quiet(pilot)
        assert "no consumer: j lets one join" in row(pilot)


async def test_a_click_on_a_key_of_the_row_presses_it() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.click(DeckRow, offset=(row(pilot).index("x crash") + 1, 0))
        await quiet(pilot)
        assert app.deck.acts == [(Act.CRASH, None)]


async def test_brokers_have_keys_where_there_are_several() -> None:
    app = DeckApp(shop(), NotedFactory(brokers=3))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("2", "b", "t", "u")
        await quiet(pilot)
        assert [act for act, _ in app.deck.acts] == [Act.KILL_BROKER, Act.STOP_BROKER, Act.START_BROKER]


@pytest.mark.parametrize("answer", ["yes", "no", "escape"])
async def test_on_another_cluster_it_comes_out_only_after_a_yes(answer: str) -> None:
    app = DeckApp(shop(), NotedFactory(ours=False))
    async with app.run_test(size=WIDE) as pilot:
        screen = await settle(pilot)
        assert not screen.deck_area.out
        await pilot.press("D")
        await pilot.pause()
        question = app.screen
        assert isinstance(question, Confirm)
        assert "kafkatui-deck-7f2a" in str(question._text)
        assert app.focused is not None
        assert app.focused.id == "no"
        await pilot.press(*{"yes": ("left", "enter"), "no": ("enter",), "escape": ("escape",)}[answer])
        await quiet(pilot)
        assert screen.deck_area.out is (answer == "yes")
        assert screen.query_one(DeckRow).foreign is (answer == "yes")


@pytest.mark.parametrize("remove", [True, False])
async def test_what_a_crash_left_is_offered_to_be_removed(remove: bool) -> None:
    app = DeckApp(shop(), NotedFactory(ours=False, left=["kafkatui-deck-0a1b"]))
    async with app.run_test(size=WIDE) as pilot:
        for _ in range(50):
            await pilot.pause()
            if isinstance(app.screen, Confirm):
                break
        assert isinstance(app.screen, Confirm)
        await pilot.press(*(["left", "enter"] if remove else ["enter"]))
        await quiet(pilot)
        assert app.factory.cleared == (["kafkatui-deck-0a1b"] if remove else [])


async def test_the_code_behind_the_last_key_and_the_history_open() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await quiet(pilot)
        await pilot.press("v")
        assert isinstance(app.screen, MonitorScreen)
        await pilot.press("2", "j")
        await quiet(pilot)
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, CodeScreen)
        await pilot.press("v", "H")
        await pilot.pause()
        assert isinstance(app.screen, EventsScreen)
        await pilot.press("escape")


async def test_a_deed_is_an_entry_of_the_log_that_opens() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=WIDE) as pilot:
        screen = await settle(pilot)
        await quiet(pilot)
        await pilot.press("2", "x")
        await quiet(pilot)
        await pilot.press("down", "down", "down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, EventScreen)
        assert app.screen.group == screen.group


async def test_the_program_may_end_while_a_key_does_what_it_does() -> None:
    app = DeckApp(shop(), NotedFactory())
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await quiet(pilot)
        app.deck.endless = True
        await pilot.press("2", "r")
        assert app.deck.acts == [(Act.RESTORE, None)]

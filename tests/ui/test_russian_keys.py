"""Keys on a Russian layout."""

import pytest
from textual.events import Key
from textual.keys import _character_to_key
from textual.widgets import Input

from kafkatui.screens.help import HelpScreen
from kafkatui.widgets.filter_input import FilterInput
from kafkatui.widgets.russian_keys import RUSSIAN, SAME_PLACE, latin
from tests.ui.deck_app import DeckApp, NotedFactory
from tests.ui.monitor_app import MonitorApp, shop
from tests.ui.test_monitor import settle
from tests.ui.waiting import until


@pytest.mark.parametrize("russian", RUSSIAN)
def test_every_key_has_the_name_that_textual_gives_it(russian: str) -> None:
    key = latin(Key(_character_to_key(russian), russian))
    assert key.character == SAME_PLACE[russian]
    assert key.key == _character_to_key(SAME_PLACE[russian])


@pytest.mark.parametrize("character", ["j", "5", "?", "!", "ß", "日"])
def test_other_keys_are_themselves(character: str) -> None:
    key = Key(_character_to_key(character), character)
    assert latin(key) is key
    enter = Key("enter", None)
    assert latin(enter) is enter


async def test_keys_open_pages_and_leave_them() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("comma")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("я")  # z, zoom
        await pilot.pause()
        assert screen.grid.zoomed is not None
        await pilot.press("й")
        await until(pilot, lambda: pilot.app._exit)


async def test_in_a_text_field_a_letter_is_a_letter() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("full_stop", *"заказ")
        await until(pilot, lambda: isinstance(screen.focused, FilterInput))
        field = screen.focused
        assert isinstance(field, Input)
        await until(pilot, lambda: field.value == "заказ")


async def test_the_deck_takes_them_too() -> None:
    factory = NotedFactory(brokers=3)
    async with DeckApp(shop(), factory).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("2", "о")
        await until(pilot, lambda: factory.deck is not None and bool(factory.deck.acts))

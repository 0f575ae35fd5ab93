"""What every key of every pane opens can be left again, and there is always a focus."""

import pytest

from kafkatui.widgets.filter_input import FilterInput
from tests.ui.deck_app import DeckApp, NotedDealer
from tests.ui.monitor_app import shop
from tests.ui.test_monitor import settle

LEAVES = {"quit", "suspend_process", "change_theme", "command_palette", "help_quit"}
"""Actions that leave the program, and Textual's own pages."""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_from_every_key_of_every_pane_there_is_a_way_back(size: tuple[int, int]) -> None:
    app = DeckApp(shop(), NotedDealer(brokers=3))
    done = set()
    async with app.run_test(size=size) as pilot:
        screen = await settle(pilot)
        for pane in "1234":
            await pilot.press(pane)
            for key, active in list(screen.active_bindings.items()):
                what = (type(active.node), active.binding.action)
                if what in done or active.binding.action in LEAVES or not active.enabled:
                    continue
                done.add(what)
                await pilot.press(pane, key)
                for _ in range(4):
                    if app.screen is screen and not isinstance(app.focused, FilterInput):
                        break
                    await pilot.press("escape")
                assert app.screen is screen, (pane, key)
                if screen.grid.zoomed:
                    await pilot.press("z")
                if not screen.deck_out:
                    await pilot.press("D")
                assert app.focused is not None, (pane, key)
    assert len(done) > 40

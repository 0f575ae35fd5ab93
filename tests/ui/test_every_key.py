"""Every key of every pane is answered, what it opens can be left again, and there is always a focus."""

from contextlib import suppress

import pytest
from textual.pilot import Pilot

from kafkatui.widgets.filter_input import FilterInput
from tests.ui.deck_app import DeckApp, NotedFactory
from tests.ui.monitor_app import shop
from tests.ui.test_monitor import settle
from tests.ui.waiting import until

LEAVES = {"quit", "labs", "suspend_process", "change_theme", "command_palette", "help_quit"}
"""Actions that leave the program or the cluster, and Textual's own pages."""
MOVES = ("step(", "page(", "top", "bottom", "go(")
"""Actions that move, and have nothing to say where there is no further to go."""


def seen(app: DeckApp) -> tuple[object, ...]:
    """What the user has before them: the screen, what has the focus, notices, all characters."""
    return (
        app.screen,
        app.focused,
        len(app._notifications),
        *(strip.text for strip in app.screen._compositor.render_strips()),
    )


async def changes(pilot: Pilot[None], before: tuple[object, ...]) -> bool:
    """Whether the user sees something else than before; on a busy machine it is drawn a moment later."""
    app = pilot.app
    assert isinstance(app, DeckApp)
    with suppress(TimeoutError):
        await until(pilot, lambda: seen(app) != before)
    return seen(app) != before


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_every_key_of_every_pane_is_answered_and_leads_back(size: tuple[int, int]) -> None:
    app = DeckApp(shop(), NotedFactory(brokers=3))
    done = set()
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await settle(pilot)
        for pane in "1234":
            await pilot.press(pane)
            keys = {
                key: (type(active.node), active.binding.action)
                for key, active in screen.active_bindings.items()
                if active.enabled
            }
            for key in ("slash", "i", "left"):  # of one pane only
                keys.setdefault(key, (type(screen), f"{key} in {pane}"))
            for key, what in keys.items():
                action = what[1]
                if what in done or action in LEAVES:
                    continue
                done.add(what)
                app.clear_notifications()
                await pilot.press(pane)
                before = seen(app)
                await pilot.press(key)
                assert action.startswith(MOVES) or await changes(pilot, before), (pane, key)
                for _ in range(4):
                    if app.screen is screen and not isinstance(app.focused, FilterInput):
                        break
                    await pilot.press("escape")
                assert app.screen is screen, (pane, key)
                if screen.grid.zoomed:
                    await pilot.press("z")
                if not screen.deck_area.out:
                    await pilot.press("D")
                assert app.focused is not None, (pane, key)
    assert len(done) > 40

"""The picture in the README, made from the running program.

    python -m bench.picture

Starts the demo on a screen that nobody sees, lets three consumers join and one of them crash, and writes
``docs/kafkatui.svg`` when the others have its partitions. Takes about a minute.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from textual.pilot import Pilot

from kafkatui.app import KafkaTui
from kafkatui.config import Config
from kafkatui.local.demo import DemoStart
from kafkatui.screens.monitor import MonitorScreen
from tests.integration.eventually import eventually

PICTURE = Path(__file__).parents[1] / "docs" / "kafkatui.svg"
SIZE = (120, 40)


async def main() -> None:
    async with AsyncExitStack() as owned:
        app = KafkaTui(Config(), owned, demo=DemoStart(1, owned))
        async with app.run_test(size=SIZE) as pilot:
            screen = await eventually(lambda: _deck_out(app), deadline=90)
            await pilot.press("2")  # the deck's letters act where the map has the focus
            for _ in range(3):
                await pilot.press("j")
                await asyncio.sleep(4)
            await asyncio.sleep(20)
            await pilot.press("x")
            await eventually(lambda: _settled(screen), deadline=30)
            await asyncio.sleep(4)
            await _save(pilot)


def _deck_out(app: KafkaTui) -> MonitorScreen | None:
    screen = app.screen
    return screen if isinstance(screen, MonitorScreen) and screen.deck is not None else None


def _settled(screen: MonitorScreen) -> bool:
    """The crash was noticed: two members own everything."""
    found = screen.view.shown.map
    owners = {} if found is None else found.owners
    return len(owners) == 6 and len(set(owners.values())) == 2


async def _save(pilot: Pilot[None]) -> None:
    await pilot.pause()
    PICTURE.write_text(pilot.app.export_screenshot(title="kafkatui demo"), encoding="utf-8")
    print(f"{PICTURE.stat().st_size:,} bytes in {PICTURE.name}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""Waits until a screen shows something."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot


async def until(pilot: Pilot[Any], there: Callable[[], bool]) -> None:
    """Wait until `there` returns true, at most a minute."""
    async with asyncio.timeout(60):
        while not there():
            await pilot.pause(0.02)

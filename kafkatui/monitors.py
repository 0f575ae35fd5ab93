"""One endless stream of readings a pane: poll(), its pace, and what each stream asks how often.

Owns no connection and knows no widget. Each stream is the only asker of its facts and asks through connections of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from time import monotonic
from typing import TypeVar

from kafkatui.domain.reading import Reading
from kafkatui.errors import ClusterError

T = TypeVar("T")

LONGEST_PAUSE = 15.0
"""Seconds between two tries at the most, however often they failed."""


class Pace:
    """When to look again: `every` so many seconds, later after faults and slow answers, at once when asked."""

    def __init__(self, every: float) -> None:
        self.every = every
        self._asked = asyncio.Event()

    def now(self) -> None:
        """Look again at once."""
        self._asked.set()

    def pause(self, spent: float, faults: int) -> float:
        """Seconds until the next look after one that took `spent` seconds, the last `faults` of them failed.

        A look that takes longer than its interval is followed by a pause as long as itself, so that asking never
        takes more than half of the time.
        """
        pause = max(self.every, spent)
        return pause if not faults else min(max(pause, self.every * 2**faults), max(LONGEST_PAUSE, pause))

    async def rest(self, seconds: float) -> None:
        """Wait `seconds`, or until `now()` is called."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            pass
        self._asked.clear()


async def poll(read: Callable[[], Awaitable[T]], pace: Pace) -> AsyncGenerator[Reading[T]]:
    """Yield a reading now, then one after each pause.

    A `ClusterError` becomes the fault beside the last good value; any other exception is a bug, and passes.
    It never overlaps itself, and it waits while the pane paints.
    """
    value: T | None = None
    taken_at: float | None = None
    faults = 0
    while True:
        fault: str | None = None
        began = monotonic()
        try:
            value, taken_at, faults = await read(), monotonic(), 0
        except ClusterError as error:
            fault, faults = str(error), faults + 1
        pause = pace.pause(monotonic() - began, faults)
        yield Reading(value, fault, taken_at, monotonic() + pause if fault is not None else None)
        await pace.rest(pause)

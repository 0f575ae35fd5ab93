"""When to look again: a question becomes an endless stream of readings; large ones are asked seldom."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from random import random
from time import monotonic
from typing import TypeVar

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.reading import Reading
from kafkatui.errors import ClusterError

T = TypeVar("T")

SOON = 0.25
"""Seconds between the first two looks of a stream; twice as long each time, up to the usual pause."""
LONGEST_PAUSE = 15.0
"""Seconds between two tries at the most, however often they failed."""


class Pace:
    """When to look again: every so many seconds, later after faults and slow answers, at once when asked."""

    def __init__(self, every: float, draw: Callable[[], float] = random) -> None:
        """`draw`: see `Backoff`."""
        self.every = every
        self._random = draw
        self._asked = asyncio.Event()

    def now(self) -> None:
        """Look again at once."""
        self._asked.set()

    def pause(self, spent: float, wait: float = 0.0) -> float:
        """Seconds until the next look after one that took `spent` seconds; `wait`: the least of them.

        A look that takes longer than its interval is followed by a pause as long as itself: asking never
        takes more than half of the time.
        """
        return max(self.every, spent, wait)

    def backoff(self) -> Backoff:
        """Pauses between looks that fail one after the other."""
        return Backoff(2 * self.every, LONGEST_PAUSE, self._random)

    def first_looks(self) -> Backoff:
        """Pauses between the first looks, which are short."""
        return Backoff(SOON, LONGEST_PAUSE, self._random)

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
    It never overlaps itself, and it waits while the pane paints. The first pauses are short: rates need a
    second look, and in a cluster that has just started what is not there yet soon will be.
    """
    value: T | None = None
    taken_at: float | None = None
    backoff: Backoff | None = None
    first_looks = pace.first_looks()
    while True:
        fault: Fault | None = None
        began = monotonic()
        try:
            value, taken_at, backoff = await read(), monotonic(), None
        except ClusterError as error:
            fault, backoff = error.fault, backoff or pace.backoff()
        pause = pace.pause(monotonic() - began, 0.0 if backoff is None else backoff.failed())
        if backoff is None or taken_at is None:
            pause = min(pause, first_looks.failed())
        yield Reading(value, fault, taken_at, monotonic() + pause if fault is not None else None)
        await pace.rest(pause)


class Seldom:
    """A question about the whole cluster: the larger the answer, the more seldom it is asked.

    The first pauses are short, where the answer is small: see `poll`.
    """

    PER_ITEM = 0.001
    """Seconds of pause for each item of the answer: 10,000 partitions every 10 s, a small cluster always."""

    def __init__(self, least: float = 0.0, most: float = 15.0) -> None:
        """Seconds that pass in any case before it is asked again, and after which it is."""
        self._least, self._most = least, most
        self._soon = SOON
        self._due_at = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to ask."""
        return monotonic() >= self._due_at

    def asked(self, items: int) -> None:
        """It was answered now, with so many items."""
        pause = min(
            max(items * self.PER_ITEM, self._least), self._most, max(self._soon, items * self.PER_ITEM)
        )
        self._due_at = monotonic() + pause
        self._soon *= 2

    def now(self) -> None:
        """Ask at the next look."""
        self._due_at = 0.0

"""When to look again: `poll` makes a question into an endless stream of readings; `Schedule` says when to ask
again for large answers.
"""

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
"""Seconds between the first two looks of a stream; each pause is twice the one before, up to the
usual pause.
"""
LONGEST_PAUSE = 15.0
"""Seconds between two tries at most, however many tries failed."""


class Pace:
    """When to look again: every `every` seconds, later after faults and slow answers, at once when `now` is
    called.
    """

    def __init__(self, every: float, draw: Callable[[], float] = random) -> None:
        """`every`: seconds between two looks; `draw`: see `Backoff`."""
        self.every = every
        self.hurry: float | None = None
        """Seconds between two looks while something is wrong, if that is less than `every`; ``None``: nothing
        is.
        """
        self._random = draw
        self._asked = asyncio.Event()

    def now(self) -> None:
        """Look again at once."""
        self._asked.set()

    def pause(self, spent: float, wait: float = 0.0) -> float:
        """Seconds until the next look, after a look that took `spent` seconds; at least `wait` seconds.

        After a look that took longer than the interval, the pause is as long as the look: asking never takes
        more than half of the time.
        """
        every = self.every if self.hurry is None else min(self.every, self.hurry)
        return max(every, spent, wait)

    def backoff(self) -> Backoff:
        """Pauses between looks while they fail: each is longer than the one before."""
        return Backoff(2 * self.every, LONGEST_PAUSE, self._random)

    def first_looks(self) -> Backoff:
        """Pauses between the first looks of a stream: short at first, each longer than the one before."""
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

    A `ClusterError` becomes the fault of the reading, beside the last good value; any other exception is a
    bug and is raised. Two looks never overlap: the next one waits until the caller, e.g. a pane that paints,
    is done with the reading. The first pauses are short: a rate needs two looks, and in a cluster that has
    just started, missing facts appear soon.
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


class Schedule:
    """When a question about the whole cluster is asked again: the larger the answer, the later.

    While the answer is small the first pauses are short: see `poll`.
    """

    PER_ITEM = 0.001
    """Seconds of pause for each item of the answer: 10,000 partitions are asked for every 10 s, a few at
    every look.
    """

    def __init__(self, least: float = 0.0, most: float = 15.0) -> None:
        """`least` and `most`: seconds of the shortest pause and of the longest; the first pauses may be
        shorter.
        """
        self._least, self._most = least, most
        self._soon = SOON
        self._due_at = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to ask."""
        return monotonic() >= self._due_at

    def asked(self, items: int) -> None:
        """The question was answered now, with this many items: the next pause begins."""
        pause = min(
            max(items * self.PER_ITEM, self._least), self._most, max(self._soon, items * self.PER_ITEM)
        )
        self._due_at = monotonic() + pause
        self._soon *= 2

    def now(self) -> None:
        """Ask at the next look."""
        self._due_at = 0.0

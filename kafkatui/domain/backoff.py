"""How long to wait before the next of several tries. It has no clock: the caller waits."""

import random
from collections.abc import Callable

JITTER = 0.25
"""The part of a pause that may be cut off at random, so that many who failed together do not try together."""
MOST_DOUBLINGS = 30


class Backoff:
    """Pauses between tries of something that fails: twice as long each time, up to a most."""

    __slots__ = ("_failures", "_first", "_most", "_random")

    def __init__(self, first: float, most: float, draw: Callable[[], float] = random.random) -> None:
        """`first` and `most`: seconds of the first pause and of the longest; `draw` gives a number from 0 to
        1, which decides how much of a pause is cut off."""
        self._first, self._most, self._random = first, most, draw
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many tries have failed since the last success."""
        return self._failures

    def failed(self) -> float:
        """A try has failed: seconds until the next one, at most `JITTER` of them cut off."""
        pause = min(self._first * 2.0 ** min(self._failures, MOST_DOUBLINGS), self._most)
        self._failures += 1
        return pause * (1 - JITTER * self._random())

    def succeeded(self) -> None:
        """A try has succeeded: the next pause is the first again."""
        self._failures = 0

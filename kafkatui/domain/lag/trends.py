"""Rates out of figures that move in steps.

Consumers commit every so often (every 5 s by default), so a committed offset stands still and jumps, and lag
is a sawtooth: a rate over two looks is 0 or far too high. What does not lie is the *floor* of the sawtooth:
the least lag in a window at least as long as the pause between two commits. The floor of one window against
the floor of the window before it is how fast lag really grows, however the commits fall. So windows are 15 s,
longer where commits come less often, shorter (at least 6 s) only while there is no longer history; before 12
s nothing is said.
"""

from dataclasses import dataclass

SHORTEST_WINDOW = 6.0
USUAL_WINDOW = 15.0
LONGEST_WINDOW = 60.0
"""Seconds of the window in which lag is compared that grows too slowly for the usual window."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What the looks at one partition, or at the sum of several, tell. Rates in offsets per second; ``None``:
    not looked at for long enough.
    """

    rate_in: float | None
    rate_out: float | None
    growth: float | None
    """How fast lag grows (negative: falls)."""
    floor: int | None
    """The smallest lag in the newest window; ``None``: not known."""
    grew: int | None
    """By how many offsets the floor is higher than in the window before (negative: lower)."""
    direction: int
    """1: lag grows, -1: it falls, 0: it stays the same, as far as looks can show."""
    standing: float
    """Seconds up to the newest look for which there was lag and no commit grew."""
    longest_step: float
    """The longest time, in seconds, that lag waited for a commit; 0.0: no commit was seen."""

    @property
    def empty_in(self) -> float | None:
        """Seconds until nothing is left to read, if it goes on like this; ``None``: not falling, or not
        known.
        """
        if self.growth is None or self.floor is None or self.growth >= 0:
            return None
        return self.floor / -self.growth


@dataclass(frozen=True, slots=True)
class LongRates:
    """Rates over all the time that is remembered: two minutes, longer where commits come seldom."""

    seconds: float
    """How long that is."""
    rate_in: float
    """Offsets written per second."""
    rate_out: float
    """Offsets committed per second."""


NOTHING_KNOWN = Trend(None, None, None, None, None, 0, 0.0, 0.0)

"""One partition that a tail follows: where it is, where to go on, and what is wrong with it."""

from dataclasses import dataclass
from time import monotonic

AGAIN = 1.0
"""Seconds until a partition that failed is tried again; sooner at first: a new topic soon has leaders."""
SOON = 0.1
"""Seconds until the first of several tries that wait longer each time."""
LAST = 1
"""Offsets before the end that are not jumped over, for the newest record lies there."""


@dataclass(slots=True)
class Followed:
    """One partition on its way."""

    number: int
    leader: int | None
    offset: int = -1
    """Where to fetch from next; -1: not known."""
    read: int | None = None
    """The next offset neither read nor counted as jumped over: `offset`, or below it while it jumps."""
    end: int = 0
    last: int = LAST
    """Offsets before the end that are not jumped over."""
    fault: str | None = None
    faults: int = 0
    """How often it failed, one after the other."""
    retry_at: float = 0.0

    def place(self, offset: int, end: int) -> None:
        """Go on at `offset`."""
        self.offset = self.read = offset
        self.end = end

    def failed(self, why: str) -> None:
        self.fault = why
        self.retry_at = monotonic() + min(AGAIN, SOON * 2**self.faults)
        self.faults = min(self.faults + 1, 10)

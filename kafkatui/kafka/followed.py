"""One partition that a tail follows: where it is, where to go on, and what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from operator import attrgetter
from time import monotonic

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.records.records import TransactionEnd, Unreadable

AGAIN = 1.0
"""Seconds until a partition that failed is tried again; sooner at first: a new topic soon has leaders."""
SOON = 0.1
"""Seconds until the first of several tries that wait longer each time."""
LAST = 1
"""Offsets before the end that are not jumped over, for the newest record lies there."""
MOST_PRODUCERS = 1000
"""Producers of transactions that are remembered of a partition."""


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
    fault: Fault | None = None
    backoff: Backoff = field(default_factory=lambda: Backoff(SOON, AGAIN))
    """Pauses between tries that fail one after the other."""
    retry_at: float = 0.0
    since: int = 0
    """Everything was read from this offset on, so that a marker tells of all its producer wrote since."""
    ended: dict[int, int] = field(default_factory=dict)
    """By producer: the offset after the newest marker of its transactions."""

    def place(self, offset: int, end: int) -> None:
        """Go on at `offset`."""
        self.offset = self.read = offset
        self.end = end
        self.jumped(offset)

    def jumped(self, offset: int) -> None:
        """What lies before `offset` was not all read: there may have been markers."""
        self.since = offset
        self.ended.clear()

    def ends(self, told: Iterable[TransactionEnd], unreadable: Iterable[Unreadable]) -> list[TransactionEnd]:
        """What markers that were read one after the other mean for the records before them."""
        meant: list[TransactionEnd] = []
        both: list[TransactionEnd | Unreadable] = [*told, *unreadable]
        for one in sorted(both, key=attrgetter("offset")):
            if isinstance(one, Unreadable):
                self.jumped(one.last_offset + 1)
                continue
            first = max(self.since, self.ended.get(one.producer_id, 0))
            meant.append(replace(one, first=first))
            self.ended[one.producer_id] = one.offset + 1
            if len(self.ended) > MOST_PRODUCERS:
                self.jumped(one.offset + 1)
        return meant

    def failed(self, why: Fault) -> None:
        self.fault = why
        self.retry_at = monotonic() + self.backoff.failed()

    def answered(self) -> None:
        self.fault = None
        self.backoff.succeeded()

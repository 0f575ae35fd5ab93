"""One partition that a tail follows: its leader, the next offset to fetch, and its fault."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from operator import attrgetter
from time import monotonic

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.records.records import TransactionEnd, Unreadable

AGAIN = 1.0
"""The longest pause, in seconds, before a partition that failed is tried again."""
SOON = 0.1
"""The first pause, in seconds: the leaders of a new topic are often known soon."""
LAST = 1
"""How many offsets before the end are never jumped over: the newest record is there."""
MOST_PRODUCERS = 1000
"""How many transactional producers are remembered for one partition."""


@dataclass(slots=True)
class Followed:
    """One partition, and how far the tail has read it."""

    number: int
    leader: int | None
    """Node id; ``None``: the partition has no leader."""
    offset: int = -1
    """The next offset to fetch; -1: not known."""
    read: int | None = None
    """The next offset that was neither read nor counted as jumped over: `offset`, or less while the offsets
    before `offset` are being jumped over; ``None``: nothing was read yet."""
    end: int = 0
    """The log end offset in the newest answer."""
    last: int = LAST
    """How many offsets before the end are not jumped over."""
    fault: Fault | None = None
    """Why it cannot be read now; ``None``: it can."""
    backoff: Backoff = field(default_factory=lambda: Backoff(SOON, AGAIN))
    """The pauses between tries that fail one after the other."""
    retry_at: float = 0.0
    """Monotonic seconds: not fetched before."""
    since: int = 0
    """Every record from this offset on was read: a marker ends all that its producer wrote since."""
    ended: dict[int, int] = field(default_factory=dict)
    """By producer: the offset after the newest marker of its transactions."""

    def place(self, offset: int, end: int) -> None:
        """Read on from `offset`; `end` is the log end offset."""
        self.offset = self.read = offset
        self.end = end
        self.jumped(offset)

    def jumped(self, offset: int) -> None:
        """Note that some records before `offset` were not read: markers among them are not known."""
        self.since = offset
        self.ended.clear()

    def transaction_ends(
        self, markers: Iterable[TransactionEnd], unreadable: Iterable[Unreadable]
    ) -> list[TransactionEnd]:
        """`markers` with their `first` set to the first offset of the transaction they end; both lists are
        from one answer, `unreadable` may hide markers."""
        ended: list[TransactionEnd] = []
        entries: list[TransactionEnd | Unreadable] = [*markers, *unreadable]
        for entry in sorted(entries, key=attrgetter("offset")):
            if isinstance(entry, Unreadable):
                self.jumped(entry.last_offset + 1)
                continue
            first = max(self.since, self.ended.get(entry.producer_id, 0))
            ended.append(replace(entry, first=first))
            self.ended[entry.producer_id] = entry.offset + 1
            if len(self.ended) > MOST_PRODUCERS:
                self.jumped(entry.offset + 1)
        return ended

    def failed(self, why: Fault) -> None:
        """Note that the partition could not be read, and when it is tried again."""
        self.fault = why
        self.retry_at = monotonic() + self.backoff.failed()

    def answered(self) -> None:
        """Note that the partition could be read."""
        self.fault = None
        self.backoff.succeeded()

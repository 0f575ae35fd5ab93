"""How many records a log holds, told by the headers of its batches.

The range of its offsets is only an upper bound: markers of transactions, aborted records and what compaction
removed take offsets, too, and that none of them shows at the end of a log says nothing of what lies before.
"""

from typing import NamedTuple

OPEN_MOST = 10_000
"""Producers with a transaction that has not ended yet that are remembered."""


class BatchHeader(NamedTuple):
    """What the header of one batch says. (A named tuple: a log may have a million of them.)"""

    base_offset: int
    last_offset: int
    records: int
    producer_id: int
    transactional: bool
    ends: bool | None = None
    """A marker: ``True`` where it commits the transaction of its producer, ``False`` where it aborts it."""


class LogCount:
    """Counts the records of one partition, batch by batch from where its log starts."""

    __slots__ = ("_open", "_records", "_sure", "next_offset", "start")

    def __init__(self, start: int) -> None:
        self._begin(start)

    def _begin(self, start: int) -> None:
        self.start = start
        self.next_offset = start
        """Where the next batch is expected."""
        self._records = 0
        self._open: dict[int, int] = {}
        """By producer id: records of a transaction that has not ended yet."""
        self._sure = True

    @property
    def records(self) -> int | None:
        """Records from the start up to `next_offset`, those of open transactions too, but not aborted ones.

        ``None``: a batch does not tell.
        """
        return self._records if self._sure else None

    def add(self, batch: BatchHeader | None) -> None:
        """Take in the next batch; one that lies below `next_offset` is passed over. ``None``: a batch that
        tells nothing.
        """
        if batch is None:
            self._sure = False
            return
        base, last, records, producer_id, transactional, ends = batch
        if last < self.next_offset:
            return
        span = last - base + 1
        if not 0 <= records <= span:
            self._sure = False
        if base < self.next_offset:  # the log begins within it
            self._sure = self._sure and records == span
            records = last + 1 - self.next_offset
        self.next_offset = last + 1
        if ends is not None:
            aborted = self._open.pop(producer_id, 0)
            self._records -= 0 if ends else aborted
            return
        self._records += records
        if transactional:
            self._open[producer_id] = self._open.get(producer_id, 0) + records
            self._sure = self._sure and len(self._open) <= OPEN_MOST

    def begin_at(self, start: int) -> None:
        """The log starts there now, for older records were deleted. Where offsets have had no holes so far
        that takes no new count.
        """
        if start == self.start:
            return
        plain = self._sure and not self._open and self._records == self.next_offset - self.start
        if plain and self.start < start <= self.next_offset:
            self.start, self._records = start, self.next_offset - start
        else:
            self._begin(start)

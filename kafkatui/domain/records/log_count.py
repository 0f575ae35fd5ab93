"""How many records a log holds, counted by the headers of its batches.

The difference of its end and start offsets is only an upper bound: markers of transactions, aborted records
and records that compaction removed have offsets too. That the end of a log has none of them does not mean
that the rest of the log has none.
"""

from typing import NamedTuple

OPEN_MOST = 10_000
"""So many producers with an open transaction are remembered; if there are more, the count is not known."""


class BatchHeader(NamedTuple):
    """The header of one batch of records. (A named tuple: a log may have a million of them.)"""

    base_offset: int
    last_offset: int
    records: int
    producer_id: int
    transactional: bool
    ends: bool | None = None
    """For the marker that ends a transaction: ``True`` if it commits it, ``False`` if it aborts it; ``None``:
    the batch is no marker.
    """


class LogCount:
    """Counts the records of one partition, batch by batch from where its log starts."""

    __slots__ = ("_open", "_records", "_sure", "next_offset", "start")

    def __init__(self, start: int) -> None:
        self._begin(start)

    def _begin(self, start: int) -> None:
        self.start = start
        self.next_offset = start
        """The offset at which the next batch is expected."""
        self._records = 0
        self._open: dict[int, int] = {}
        """By producer id: how many records its open transaction has."""
        self._sure = True

    @property
    def records(self) -> int | None:
        """Records from `start` up to `next_offset`, those of open transactions included, without aborted
        ones; ``None``: not known, for one of the batches does not say how many it holds.
        """
        return self._records if self._sure else None

    def add(self, batch: BatchHeader | None) -> None:
        """Take in the next batch; it is ignored if it lies below `next_offset`. ``None``: a batch whose
        header does not say how many records it holds.
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
        """Take in that the log starts at `start` now, for older records were deleted. The count begins again,
        unless all offsets counted so far are records: then those deleted are known without counting.
        """
        if start == self.start:
            return
        plain = self._sure and not self._open and self._records == self.next_offset - self.start
        if plain and self.start < start <= self.next_offset:
            self.start, self._records = start, self.next_offset - start
        else:
            self._begin(start)

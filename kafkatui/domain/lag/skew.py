"""Lag that lies in one partition: whether more is written there than elsewhere, or less is read."""

from array import array
from dataclasses import dataclass
from heapq import nlargest
from operator import sub

from kafkatui.domain.cluster.member_view import SMALL_LAG
from kafkatui.domain.lag.calculate import MISSING, Lags

MOST = 0.9
"""One of two partitions must have so great a part, for twice its share would be all."""


@dataclass(frozen=True, slots=True)
class Skew:
    """The partition with most of a group's lag on a topic."""

    partition: int
    lag: float
    """Its part of the lag of all partitions, from 0 to 1."""
    written: float | None
    """Its part of the offsets written lately to all partitions, from 0 to 1; ``None``: not known, or nothing
    was written.
    """
    partitions: int
    """How many partitions there are."""

    @property
    def sentence(self) -> str:
        """What it means: ``partition 2 has 83% of the lag and 80% of what is written: …``."""
        text = f"partition {self.partition} has {self.lag:.0%} of the lag"
        if self.written is None:
            return text
        text = f"{text} and {self.written:.0%} of what is written"
        if self.written >= min(MOST, 2 / self.partitions):
            return f"{text}: probably many records have one key"
        return f"{text}: its reader is slow there" if self.written <= 1.25 / self.partitions else text


def skew(lags: Lags, before: "array[int] | None") -> Skew | None:
    """The partition with at least half of the lag, twice its share, and twice as much as any other; ``None``:
    there is none. `before`: log end offsets some time ago, ``None``: not known.
    """
    if lags.counted < 2 or lags.lag is None or lags.lag < SMALL_LAG:
        return None
    second, most = nlargest(2, lags.lags)[::-1]
    if most < 2 * second or most < max(0.5, min(MOST, 2 / lags.counted)) * lags.lag:
        return None
    number = lags.lags.index(most)
    written = None
    if before is not None and len(before) == len(lags.ends) and MISSING not in before:
        grown = list(map(sub, lags.ends, before))
        if min(grown) >= 0 and (total := sum(grown)) > 0:
            written = grown[number] / total
    return Skew(number, most / lags.lag, written, lags.counted)

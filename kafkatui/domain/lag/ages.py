"""Lag in time: how long ago the record was written at which a group stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.figures import AT_LEAST, AT_MOST, age
from kafkatui.domain.lag.lag import GroupLag, PartitionLag

MOST = 100
"""Partitions whose records are looked up, at most: those with most lag."""


@dataclass(frozen=True, slots=True)
class WrittenAt:
    """When the record at an offset was written."""

    offset: int
    """The committed offset that was looked up."""
    timestamp: int | None
    """Milliseconds since the epoch, from the header of the batch: of the record at that offset or of one
    before it in the same batch. ``None``: there is no such record, its leader did not answer, or this user
    may not read it.
    """


class Bound(Enum):
    """How an age is meant."""

    EXACT = ""
    AT_MOST = "at most"
    """The commit has moved since: the record is not older."""
    AT_LEAST = "at least"
    """The record was there when the partition was looked at first, or the age of some partitions is not
    known.
    """
    ABOUT = "about"
    """From when a look first showed the log end beyond that record: wrong by the time between two looks."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old the oldest record is that a group has not committed."""

    seconds: float
    bound: Bound = Bound.EXACT


@dataclass(frozen=True, slots=True)
class Seen:
    """When the oldest record was written that a group has not committed, as the looks at the log end tell."""

    at: float
    """Monotonic seconds."""
    bound: Bound
    """`Bound.ABOUT`, or `Bound.AT_LEAST`: it was there at the first look, which was at `at`."""

    def age(self, now: float) -> Age:
        """Its age at monotonic second `now`."""
        return Age(max(0.0, now - self.at), self.bound)


def age_text(found: Age, *, ascii: bool = False) -> str:  # noqa: A002 - as in `domain.text`
    """An age in words, after the sign of its bound: ``~41 s``, ``≥3 min``."""
    sign = {
        Bound.EXACT: "",
        Bound.AT_MOST: "<=" if ascii else AT_MOST,
        Bound.AT_LEAST: ">=" if ascii else AT_LEAST,
        Bound.ABOUT: "~",
    }
    return f"{sign[found.bound]}{age(found.seconds).strip()}"


def places(lag: GroupLag | None) -> dict[TopicPartition, int]:
    """Where the records are to be looked up: by partition, the committed offset of those that lag."""
    behind = [one for one in (() if lag is None else lag.partitions) if (one.lag or 0) > 0]
    behind.sort(key=lambda one: -(one.lag or 0))
    return {one.partition: one.committed_offset for one in behind[:MOST] if one.committed_offset is not None}


def age_of(lag: PartitionLag, written: Mapping[TopicPartition, WrittenAt], now: float) -> Age | None:
    """The age at `now`, in seconds since the epoch; 0: all is committed; ``None``: not known (yet)."""
    if lag.lag is None:
        return None
    if lag.lag <= 0:
        return Age(0.0)
    found = written.get(lag.partition)
    if found is None or found.timestamp is None or lag.committed_offset is None:
        return None
    if found.offset > lag.committed_offset:
        return None
    bound = Bound.EXACT if found.offset == lag.committed_offset else Bound.AT_MOST
    return Age(max(0.0, now - found.timestamp / 1000), bound)


def oldest(
    lags: Iterable[PartitionLag], written: Mapping[TopicPartition, WrittenAt], now: float
) -> Age | None:
    """The greatest age of several partitions that have a commit; ``None``: not known. If it is not known of
    one of them, the greatest of those that are exact is a lower bound.
    """
    found = [age_of(one, written, now) for one in lags if one.committed_offset is not None]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        exact = [one.seconds for one in known if one.bound is Bound.EXACT and one.seconds]
        return Age(max(exact), Bound.AT_LEAST) if exact else None
    return max(known, key=lambda one: one.seconds, default=None)

"""Lag of one group on one topic: one pure function, for the figures of every place that shows lag.

Figures lie in columns, one place a partition, because a topic may have 10,000 partitions and 300 groups on
it.
"""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

MISSING = -1
"""Stands in a column of offsets for an offset that is not known, or not there: no offset is negative."""
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Lags:
    """Where a group stands on a topic. Each column has a place for every partition, by number."""

    committed: "array[int]"
    """Committed offsets: the next offset to be read; `MISSING`: nothing committed, or not known."""
    ends: "array[int]"
    """Log end offsets: the high watermark; `MISSING`: not known."""
    starts: "array[int]"
    """Log start offsets: the oldest offset still kept; `MISSING`: not known."""
    lags: "array[int]"
    """Offsets still to be read: never below 0, and 0 where the commit is past the end. `MISSING`: commit or
    end is not known.
    """
    unknown: frozenset[int] = NONE
    """Partitions that the group reads, or may read, whose commit or end is not known."""
    unset: frozenset[int] = NONE
    """Partitions that have an owner and no commit."""
    unconsumed: frozenset[int] = NONE
    """Partitions of a topic the group reads that have no owner and no commit."""
    lag: int | None = None
    """The lag of all partitions whose lag is known, summed; ``None``: there is none."""
    end: int = 0
    """The log end offsets of these partitions, summed."""
    counted: int = 0
    """How many partitions have a known lag."""


def column(offsets: Sequence[int | None]) -> "array[int]":
    """A column of offsets, with `MISSING` for ``None``."""
    return array("q", [MISSING if offset is None else offset for offset in offsets])


def calculate(
    commits: "array[int]",
    ends: "array[int]",
    starts: "array[int]",
    *,
    subscription: bool,
    assignment: Collection[int] | None,
    unanswered: Iterable[int] = (),
) -> Lags:
    """Lag over the partitions that are committed, assigned or subscribed to.

    `subscription`: the group reads the topic, so that all of its partitions count. `assignment`: partitions
    with an owner; ``None``: not known, any may have one. `unanswered`: partitions whose commit is
    not known, because there was no answer.
    """
    unknown = set(unanswered)
    size = max(len(commits), len(ends), 1 + max(assignment or (), default=-1), 1 + max(unknown, default=-1))
    commits, ends, starts = padded(commits, size), padded(ends, size), padded(starts, size)
    lags = array(
        "q",
        [MISSING if c < 0 or e < 0 else e - c if e > c else 0 for c, e in zip(commits, ends, strict=True)],
    )
    missing = lags.count(MISSING)
    if not missing:
        return Lags(commits, ends, starts, lags, lag=sum(lags), end=sum(ends), counted=size)
    bare: list[int] = []
    end = 0
    owned = range(size) if assignment is None else frozenset(assignment)
    for place, lag in enumerate(lags):
        if lag >= 0:
            end += ends[place]
        elif commits[place] >= 0 or (ends[place] < 0 and (subscription or place in owned)):
            unknown.add(place)
        elif place not in unknown:
            bare.append(place)
    unset = frozenset(place for place in bare if place in owned)
    return Lags(
        commits,
        ends,
        starts,
        lags,
        frozenset(unknown),
        unset,
        frozenset(bare) - unset if subscription else NONE,
        sum(lags) + missing if missing < size else None,  # each that is missing stands there as -1
        end,
        size - missing,
    )


def padded(offsets: "array[int]", size: int) -> "array[int]":
    """The column, with `MISSING` added at its end until it has at least `size` places."""
    lacking = size - len(offsets)
    return offsets if lacking <= 0 else offsets + array("q", [MISSING]) * lacking

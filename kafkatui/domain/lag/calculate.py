"""Lag of one group on one topic: one pure function, for the figures of every place that shows lag.

Figures lie in columns, one place a partition, because a topic may have 10,000 partitions and 300 groups on
it.
"""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

MISSING = -1
"""In a column: not known, or not there. No offset is negative."""
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Lags:
    """Where a group stands on a topic. Each column has a place for every partition, by number."""

    committed: "array[int]"
    """The next offset to be read; `MISSING`: nothing committed, or not told."""
    ends: "array[int]"
    """The high watermark; `MISSING`: not told."""
    starts: "array[int]"
    """The oldest offset still kept; `MISSING`: not told."""
    lags: "array[int]"
    """Offsets still to be read: never below 0, and 0 where the commit is past the end. `MISSING`: commit or
    end is not known.
    """
    unknown: frozenset[int] = NONE
    """Partitions the group reads, or may read, of which the commit or the end was not told."""
    unset: frozenset[int] = NONE
    """Partitions with an owner and without a commit."""
    unconsumed: frozenset[int] = NONE
    """Partitions of a topic the group reads that have no owner and no commit."""
    lag: int | None = None
    """Sum over the partitions whose lag is known; ``None``: none is."""
    end: int = 0
    """Sum of the ends of the same partitions."""
    counted: int = 0
    """How many partitions these are."""


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
    untold: Iterable[int] = (),
) -> Lags:
    """Lag over the partitions that are committed, assigned or subscribed to.

    `subscription`: the group reads the topic, so that all of its partitions count. `assignment`: partitions
    with an owner; ``None``: not told, any may have one. `untold`: partitions whose commit was not told.
    """
    unknown = set(untold)
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
    """The column with at least `size` places."""
    lacking = size - len(offsets)
    return offsets if lacking <= 0 else offsets + array("q", [MISSING]) * lacking

"""Where to begin to read: earliest, latest, the last n, an offset, a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kafkatui.domain.cluster.faults import Fault
from kafkatui.errors import FilterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import read_offsets
from kafkatui.search.moments import span_of


class StartKind(Enum):
    """The sorts of starts."""

    EARLIEST = "earliest"
    LATEST = "latest"
    LAST = "last"
    OFFSET = "offset"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin in each partition."""

    kind: StartKind
    number: int = 0
    """Of `LAST`: how many offsets before the end; of `OFFSET`: the offset; of `TIME`: milliseconds since the
    epoch."""


WORDS = (
    "earliest, latest, -100 (the last 100 of each partition), an offset, or a time: 14:00, 2026-11-27, 2h ago"
)


def parse_start(text: str, now: datetime) -> Start:
    """The start that `text` says; times count from `now`. Raises `FilterError`."""
    text = text.strip()
    if text in {"earliest", "latest"}:
        return Start(StartKind(text))
    if found := re.fullmatch(r"(-?)(\d{1,18})", text, re.ASCII):
        return Start(StartKind.LAST if found[1] else StartKind.OFFSET, int(found[2]))
    if (span := span_of(text, now)) is not None:
        return Start(StartKind.TIME, max(span.first, 0))
    raise FilterError(f"a start is {WORDS}", 0, len(text))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where to begin and to end in one partition; with `fault` it is not known."""

    first: int
    end: int
    """The log end offset: the high watermark."""
    fault: Fault | None = None


async def resolve(asker: Asker, topic: str, partitions: Sequence[int], start: Start) -> dict[int, Bounds]:
    """The bounds of each partition, by its number. Raises `ClusterError`. Source: ListOffsets."""
    wanted = {topic: partitions}
    ends, faults = (await read_offsets(asker, wanted, LATEST))[topic]
    firsts, more = (await read_offsets(asker, wanted, EARLIEST))[topic]
    times: list[int | None] = []
    if start.kind is StartKind.TIME:
        times, others = (await read_offsets(asker, wanted, start.number))[topic]
        more = more | others
    bounds: dict[int, Bounds] = {}
    for number in partitions:
        first, end = firsts[number], ends[number]
        fault = faults.get(number) or more.get(number)
        if first is None or end is None or fault is not None:
            bounds[number] = Bounds(0, 0, fault)
            continue
        match start.kind:
            case StartKind.EARLIEST:
                begin = first
            case StartKind.LATEST:
                begin = end
            case StartKind.LAST:
                begin = end - start.number
            case StartKind.OFFSET:
                begin = start.number
            case StartKind.TIME:
                found = times[number]
                begin = end if found is None else found  # no record is that new
        bounds[number] = Bounds(min(max(begin, first), end), end)
    return bounds

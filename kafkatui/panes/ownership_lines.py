"""The parts of the map of members × partitions, in cells of fixed widths: its head, its rows, the lanes, and
the signs under the lanes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby

from textual.content import Content, Span

from kafkatui.domain.cluster.groups import Group
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.members import ranges
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.figures import count
from kafkatui.domain.rebalance.lanes import Lane, Lanes
from kafkatui.domain.rebalance.ownership import Cell, MapRow, OwnershipMap, Presence, is_out
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.panes.entry_lines import LogEntry, began, sign_of
from kafkatui.panes.group_pane import WIDE, dashed, name_of, shown
from kafkatui.widgets import signs

SHORTEST_LANE = 14
"""A lane gets at least so many cells, or none: a shorter one shows too little."""


LEAST_HAS = 4
"""Cells of the column HAS, at least."""


class Shape(Enum):
    """How one row of the map is drawn."""

    SPACED = "spaced"
    """A cell and a blank for each partition: up to 32 partitions."""
    DENSE = "dense"
    """A cell for each partition: up to 64 partitions."""
    SPANS = "spans"
    """Each cell stands for several partitions."""
    RANGES = "ranges"
    """The partition numbers as text, ``0–1 4``: for narrow panes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The width of each column, in cells; 0: the column is left out."""

    member: int
    host: int
    shape: Shape
    map: int
    """Width of the partitions' cells together."""
    lag: int
    lane: int
    epoch: int = 0
    has: int = LEAST_HAS
    """Wide enough for the number of all partitions of the topic."""

    @classmethod
    def fit(cls, width: int, partitions: int, longest: int, *, lags: bool, epochs: bool = False) -> "Layout":
        """The columns that have room in a pane `width` cells wide; `longest`: cells of the longest member
        name; `lags`, `epochs`: whether these columns are wanted.
        """
        epoch = 5 if epochs and width >= WIDE else 0
        has = max(LEAST_HAS, len(f"{partitions:,}"))
        room = width - (1 + epoch if epoch else 0) - (has - LEAST_HAS)
        return replace(cls._fit(room, partitions, longest, lags=lags), epoch=epoch, has=has)

    @classmethod
    def _fit(cls, width: int, partitions: int, longest: int, *, lags: bool) -> "Layout":
        """As `fit`, without the column of epochs and with the narrowest column HAS."""
        wide = width >= WIDE
        member = (24 if longest > 16 else 21) if wide else 10 if width < 60 else 16
        host = 16 if wide else 0
        lag = 10 if wide and lags else 0
        # One blank before every column, two before the lane.
        room = width - (1 + member) - (1 + host if host else 0) - (1 + lag if lag else 0)
        room -= (1 + LEAST_HAS) + 1
        lane = 3 + SHORTEST_LANE
        for shape, cells, most in ((Shape.SPACED, 2 * partitions - 1, 32), (Shape.DENSE, partitions, 64)):
            cells = max(cells, 3)
            if partitions <= most and cells + lane <= room:
                return cls(member, host, shape, cells, lag, room - cells - 3)
        if partitions <= 64 and partitions <= room:
            spaced = partitions <= 32 and 2 * partitions - 1 <= room
            return cls(
                member,
                host,
                Shape.SPACED if spaced else Shape.DENSE,
                2 * partitions - 1 if spaced else partitions,
                lag,
                0,
            )
        if width < 52:
            return cls(member, 0, Shape.RANGES, room, 0, 0)
        cells = min(room - lane, 64) if room - lane >= 32 else room
        return cls(member, host, Shape.SPANS, cells, lag, room - cells - 3 if cells < room else 0)


def map_head(layout: Layout, partitions: int) -> str:
    """The head of the map: partition numbers."""
    if layout.shape is Shape.RANGES:
        return "PARTITIONS"
    if layout.shape is Shape.SPANS:
        last = str(partitions - 1)
        return "0" + signs.rule(heavy=False) * (layout.map - 1 - len(last)) + last
    pitch = 2 if layout.shape is Shape.SPACED else 1
    if partitions <= 10:
        return (" " if layout.shape is Shape.SPACED else "").join(str(number) for number in range(partitions))
    cells = [" "] * layout.map
    for number in range(0, partitions, 5 if pitch == 2 else 10):
        place = number * pitch
        if place + len(str(number)) <= layout.map:
            cells[place : place + len(str(number))] = str(number)
    return "".join(cells)


SIGNS = {
    Cell.NONE: signs.NOT_OWNED,
    Cell.OWNS: signs.OWNS,
    Cell.CAME: signs.MOVED_HERE,
    Cell.LEFT: signs.WAS_HERE,
    Cell.HELD: signs.HELD,
}


def row_map(row: MapRow, layout: Layout, partitions: int) -> Content:
    """The cells of one member, or text of numbers, for the column of the map."""
    if layout.shape is Shape.RANGES:
        return Content(dashed(ranges(row.owns or sorted(row.held))))
    if layout.shape is Shape.SPANS:
        return _spans(row, layout.map, partitions)
    return _cells((SIGNS[row.cell(number)] for number in range(partitions)), layout)


def nobody_map(found: OwnershipMap, layout: Layout) -> Content:
    """The cells of the row ``nobody``."""
    if layout.shape is Shape.RANGES:
        return Content(dashed(ranges(found.nobody)))
    waits, missing = signs.MARKS[Mark.NOTHING], signs.MARKS[Mark.BROKEN]
    if layout.shape is Shape.SPANS:
        cells = [signs.NOT_OWNED] * layout.map
        for number in found.nobody:
            place = number * layout.map // found.partitions
            if cells[place] is not missing:
                cells[place] = missing if number in found.unowned else waits
        return joined(cells)
    nobody = frozenset(found.nobody)
    return _cells(
        (
            missing if number in found.unowned else waits if number in nobody else signs.NOT_OWNED
            for number in range(found.partitions)
        ),
        layout,
    )


def _cells(row: Iterable[signs.Sign], layout: Layout) -> Content:
    return joined(row, " " if layout.shape is Shape.SPACED else "")


def joined(row: Iterable[signs.Sign], between: str = "") -> Content:
    """A row of signs as one text, `between` them a blank or nothing; equal neighbours become one span, which
    is faster.
    """
    texts: list[str] = []
    spans: list[Span] = []
    length = 0
    for _, run in groupby(row, key=id):
        alike = list(run)
        sign = alike[0]
        text = (str(sign) + between) * len(alike)
        style = signs.MUTED if sign is signs.NOT_OWNED else sign.style
        if style:
            spans.append(Span(length, length + len(text), style))
        length += len(text)
        texts.append(text)
    cells = Content("".join(texts), spans)
    return cells[: -len(between)] if between and texts else cells


def _spans(row: MapRow, width: int, partitions: int) -> Content:
    """One member's cells where each stands for several partitions: all owned, some, or none; but a partition
    that moved or has lost its owner is shown first. Partition number ``p`` falls into cell
    ``p*width//partitions``.
    """
    owned, sizes = [0] * width, [0] * width
    for number in range(partitions):
        sizes[number * width // partitions] += 1
    for number in row.owns:
        owned[number * width // partitions] += 1
    cells = [
        signs.NOT_OWNED if not some else signs.SPAN_ALL if some == whole else signs.SPAN_SOME
        for some, whole in zip(owned, sizes, strict=True)
    ]
    for numbers, sign in ((row.held, signs.HELD), (row.left, signs.WAS_HERE), (row.came, signs.MOVED_HERE)):
        for number in numbers:
            if number < partitions and (sign is not signs.WAS_HERE or number not in row.owned):
                cells[number * width // partitions] = sign
    return joined(cells)


LANES = {
    Lane.UNSEEN: signs.Sign(" ", " "),
    Lane.IDLE: signs.LANE_IDLE,
    Lane.OWNING: signs.LANE_OWNING,
    Lane.REBALANCING: signs.LANE_REBALANCING,
    Lane.PAUSED: signs.LANE_PAUSED,
    Lane.JOINED: signs.LANE_JOINED,
    Lane.GONE: signs.LANE_GONE,
}


def lane_cells(lanes: Lanes, key: str, width: int, span: float) -> Content:
    """The cells of one member's lane for the last `span` seconds."""
    return joined(LANES[lane] for lane in lanes.lane(key, width, span))


def lane_signs(entries: Sequence[LogEntry], lanes: Lanes, width: int, span: float) -> Content:
    """The line under the lanes: numbers of rebalances and keys of deeds, each at its time. Where two would
    overlap, a rebalance comes before a deed, then the newer before the older; rebalances have a blank between
    them.
    """
    cells = [" "] * width
    for wanted in (Rebalance, Deed):
        for entry in entries:
            place = lanes.cell_of(began(entry), width, span) if isinstance(entry, wanted) else None
            if place is None:
                continue
            sign = sign_of(entry)
            place = max(0, min(place, width - len(sign)))
            beside = int(wanted is Rebalance)
            if not "".join(cells[max(0, place - beside) : place + len(sign) + beside]).strip():
                cells[place : place + len(sign)] = sign[:width]
    return Content.styled("".join(cells), "bold")


def has_cell(row: MapRow) -> Content:
    """How many partitions a member has."""
    if row.presence is Presence.IDLE:
        return Content.styled("idle", signs.MUTED)
    if row.gone_at is not None or row.held or row.presence is Presence.ELSEWHERE:
        return signs.NONE.content
    return Content(f"{len(row.owns):,}")


STATE_COLOURS: Mapping[str, str] = {"crashed": "$error", "frozen": "$warning", "stuck": "$warning"}
"""Colours of the states of the deck's consumers."""


def member_cell(row: MapRow, layout: Layout, deck_state: str = "") -> Content:
    """The cell of a member: its name, then its state, or its host if there is room and no column for hosts.
    `deck_state`: the states that the deck shows for it.
    """
    note = deck_state
    if row.gone_at is not None:
        note = f"{deck_state}, out" if is_out(row, deck_state) else "gone"
    if row.presence is Presence.ELSEWHERE:
        note = "elsewhere"
    style = signs.MUTED if row.presence in {Presence.GONE, Presence.ELSEWHERE, Presence.IDLE} else ""
    name = name_of(row.name, max(4, layout.member - (len(note) + 1 if note else 0)))
    colour = STATE_COLOURS.get(note.partition(",")[0], signs.MUTED)
    host = shown(row.member.host)
    if not note and not layout.host and len(name) + 1 + len(host) <= layout.member:
        note = host
    return Content.assemble((name, style), (f" {note}" if note else "", colour))


def epoch_cell(row: MapRow, group: Group) -> Content:
    """KIP-848: a member's epoch, coloured while it is lower than the group's: the member is in transition."""
    if row.member.epoch is None or row.gone_at is not None:
        return signs.NONE.content
    behind = group.epoch is not None and row.member.epoch < group.epoch
    return Content.styled(count(row.member.epoch, 5), signs.MOVING if behind else "")

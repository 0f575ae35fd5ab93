"""The map of one group on one topic as it is drawn now: columns, rows, the row ``nobody``, the log."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import count
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.rebalance.ownership import MapRow, OwnershipMap, Presence, is_out
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.panes import ownership_lines as draw
from kafkatui.panes.entry_lines import LogEntry, began, entry_key, entry_line, sign_cells
from kafkatui.panes.group_pane import name_of
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell, Column
from kafkatui.widgets.fitting import shortened

SHARED = {
    "\0elsewhere": (Presence.ELSEWHERE, "elsewhere, they read other topics:"),
    "\0idle": (Presence.IDLE, "idle, no partition is left for them:"),
}
"""Rows that many members share, by key; no member id has a NUL in it."""


def lags_of(lag: GroupLag | None) -> Mapping[int, int] | None:
    """Lag by partition, never below 0; ``None``: nothing is known."""
    if lag is None or lag.fault is not None:
        return None
    found = ((one.partition.partition, one.lag) for one in lag.partitions)
    return {number: max(0, behind) for number, behind in found if behind is not None}


@dataclass(frozen=True, slots=True)
class Fold:
    """Which rows there is room for."""

    keys: tuple[str, ...]
    """Rows of the list, which may scroll."""
    shown: int
    """How many of them are seen at once."""
    shared: tuple[str, ...] = ()
    """Rows that many share and that have no row of the list, for it scrolls."""

    @property
    def scrolls(self) -> bool:
        """There are more rows than are seen: a line of their own says how many."""
        return len(self.keys) > self.shown or bool(self.shared)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything a drawing needs."""

    found: OwnershipMap
    story: GroupStory
    layout: draw.Layout
    width: int
    """Cells of a line."""
    seconds: int
    """What the lanes show."""
    lags: Mapping[int, int] | None
    deck_states: Mapping[str, str]
    """How consumers of ours fare, by client id."""
    clock: Callable[[float], str]
    stale: bool
    rows: Mapping[str, MapRow]
    entries: Mapping[str, LogEntry]
    """The log, newest first, by key."""

    @classmethod
    def of(
        cls,
        found: OwnershipMap,
        story: GroupStory,
        entries: Sequence[LogEntry],
        width: int,
        seconds: int,
        lags: Mapping[int, int] | None,
        deck_states: Mapping[str, str],
        clock: Callable[[float], str],
        *,
        stale: bool,
        out: Sequence[MapRow] = (),
    ) -> "Drawing":
        """The drawing for a pane so many cells wide; `out` are rows the map has forgotten."""
        longest = max((len(row.name) for row in found.rows), default=0)
        epochs = found.group.kind is GroupKind.CONSUMER
        layout = draw.Layout.fit(width, found.partitions, longest, lags=lags is not None, epochs=epochs)
        rows = {row.key: row for row in (*found.rows, *out)}
        log = {entry_key(entry): entry for entry in entries}
        return cls(found, story, layout, width, seconds, lags, deck_states, clock, stale, rows, log)

    def fold(self, most: int) -> Fold:
        """The rows for so many lines: members, in order of first sight, then consumers of ours that are out
        but stand still, then those that are gone, the last ones, as far as there is room.

        Where there are too many members, those elsewhere share a row, then the idle ones.
        """
        rows = self.rows.values()
        keys = [row.key for row in rows if row.gone_at is None]
        there = {self.rows[key].member.client_id for key in keys}
        out = {row.member.client_id: row.key for row in rows if is_out(row, self.state_of(row))}
        keys += [key for who, key in out.items() if who not in there]
        if len(keys) <= most:
            return Fold((*keys, *self._gone(keys, most - len(keys))), most)
        shared: list[str] = []
        for key, (presence, _) in SHARED.items():
            alike = {row.key for row in rows if row.presence is presence}
            if len(keys) + len(shared) > most and len(alike) > 1:
                keys = [key for key in keys if key not in alike]
                shared.append(key)
        if len(keys) + len(shared) <= most:
            return Fold((*keys, *shared), most)
        return Fold(tuple(keys), most - 1, tuple(shared))

    def _gone(self, shown: Collection[str], most: int) -> list[str]:
        """Those that were last there, but for whom another member with the same client id came."""
        clients = Counter(self.rows[key].member.client_id for key in shown)
        gone = [
            row
            for row in self.rows.values()
            if row.gone_at is not None and row.key not in shown and clients[row.member.client_id] != 1
        ]
        newest = sorted(gone, key=lambda row: row.gone_at or 0.0)[max(0, len(gone) - most) :]
        chosen = {row.key for row in newest}
        return [row.key for row in gone if row.key in chosen]

    def state_of(self, row: MapRow) -> str:
        """How a consumer of ours fares, in words; empty: as usual, or it is none of ours."""
        return self.deck_states.get(row.member.client_id, "")

    def beyond(self, fold: Fold, top: int) -> Content:
        """``2 more below · 2 idle: c7 c8``: what the list does not show while `top` is its first row."""
        below = max(0, len(fold.keys) - top - fold.shown)
        parts = [f"{top} more above"] if top else []
        parts += [f"{below} more below"] if below else []
        for key in fold.shared:
            presence, words = SHARED[key]
            names = self._alike(presence)
            parts.append(f"{len(names)} {words.partition(',')[0]}: {' '.join(names[:20])}")
        text = f" {f' {signs.SEPARATOR} '.join(parts)}"
        return shortened(Content.styled(text, signs.MUTED), self.width)

    def columns(self) -> list[Column]:
        """The columns of the rows."""
        layout = self.layout
        columns = [Column("member", "MEMBER", layout.member)]
        if layout.host:
            columns.append(Column("host", "HOST", layout.host))
        if layout.epoch:
            columns.append(Column("epoch", "EPOCH", layout.epoch, right=True))
        columns.append(Column("map", draw.map_head(layout, self.found.partitions), layout.map))
        columns.append(Column("has", "HAS", layout.has, right=True))
        if layout.lag:
            columns.append(Column("lag", "LAG", layout.lag, right=True))
        if layout.lane:
            title = f"{self.seconds} S" if self.seconds < 120 else f"{self.seconds // 60} MIN"
            title += f"{'NOW':>{layout.lane - len(title)}}"
            columns.append(Column("lane", f"  {title}", layout.lane + 2))
        return columns

    def cells(self, key: str) -> list[Cell]:
        """One row, a cell a column."""
        if key in SHARED:
            return [self._shared(*SHARED[key])]
        row, layout = self.rows[key], self.layout
        cells: list[Cell] = [draw.member_cell(row, layout, self.state_of(row))]
        if layout.host:
            cells.append(Content.styled(name_of(row.member.host, layout.host), signs.MUTED))
        if layout.epoch:
            cells.append(draw.epoch_cell(row, self.found.group))
        cells += [draw.row_map(row, layout, self.found.partitions), draw.has_cell(row)]
        if layout.lag:
            known = [lag for number in row.owns if (lag := (self.lags or {}).get(number)) is not None]
            cells.append(count(sum(known), layout.lag) if known else signs.NONE.content)
        if layout.lane:
            lane = draw.lane_cells(self.story.lanes, key, layout.lane, self.seconds)
            cells.append(Content.assemble("  ", lane))
        return [Content.styled(str(cell), signs.MUTED) for cell in cells] if self.stale else cells

    def _shared(self, presence: Presence, words: str) -> Content:
        names = self._alike(presence)
        return Content.styled(f"{len(names)} {words} {' '.join(names[:20])}", signs.MUTED)

    def _alike(self, presence: Presence) -> list[str]:
        return [name_of(row.name, 20) for row in self.found.rows if row.presence is presence]

    def nobody(self) -> Content:
        """The last row, in the columns of the others."""
        found, layout = self.found, self.layout
        name = Content.styled("nobody", signs.MUTED)
        if found.unowned:
            name = Content.assemble(signs.sign(Mark.BROKEN), (" nobody", "$error bold"))
        amount = Content(f"{len(found.nobody):,}") if found.nobody else signs.NONE.content
        parts: list[Content | str] = [" ", name.truncate(layout.member, pad=True)]
        parts.append(" " * (1 + layout.host) if layout.host else "")
        parts.append(" " * (1 + layout.epoch) if layout.epoch else "")
        parts += [" ", draw.nobody_map(found, layout).truncate(layout.map, pad=True)]
        parts += [
            " " * (1 + layout.has - amount.cell_length),
            amount,
            " " * (1 + layout.lag) if layout.lag else "",
        ]
        if layout.lane:
            lanes, entries = self.story.lanes, list(self.entries.values())
            parts += ["   ", draw.lane_signs(entries, lanes, layout.lane, self.seconds)]
        return Content.assemble(*parts)

    def line(self, key: str) -> list[Cell]:
        """One line of the log; its sign is there while it stands under the lanes too."""
        entry = self.entries[key]
        sign = self.story.lanes.cell_of(began(entry), self.layout.lane, self.seconds) is not None
        cells = sign_cells(self.entries.values())
        line = entry_line(entry, self.found.topic, self.clock, self.width - 1, sign=sign, cells=cells)
        return [shortened(line, self.width - 1)]

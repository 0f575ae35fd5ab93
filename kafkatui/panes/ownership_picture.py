"""The map of one group on one topic as it is drawn now: columns, rows, the row ``nobody``, the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain.figures import count
from kafkatui.domain.groups import GroupKind
from kafkatui.domain.marks import Mark
from kafkatui.domain.ownership import MapRow, OwnershipMap, Presence
from kafkatui.domain.story import GroupStory
from kafkatui.panes import ownership_lines as draw
from kafkatui.panes.entry_lines import Entry, began, entry_key, entry_line, took_part
from kafkatui.panes.group_pane import name_of
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell, Column

SHARED = {
    "\0elsewhere": (Presence.ELSEWHERE, "elsewhere, they read other topics:"),
    "\0idle": (Presence.IDLE, "idle, no partition is left for them:"),
}
"""Rows that many members share, by key; no member id has a NUL in it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a drawing needs."""

    found: OwnershipMap
    story: GroupStory
    layout: draw.Layout
    width: int
    """Cells of a line."""
    seconds: int
    """What the lanes show."""
    lags: Mapping[int, int] | None
    players: Mapping[str, str]
    """How consumers of ours fare, by client id."""
    clock: Callable[[float], str]
    stale: bool
    rows: Mapping[str, MapRow]
    entries: Mapping[str, Entry]
    """The log, newest first, by key."""

    @classmethod
    def of(
        cls,
        found: OwnershipMap,
        story: GroupStory,
        width: int,
        seconds: int,
        lags: Mapping[int, int] | None,
        players: Mapping[str, str],
        clock: Callable[[float], str],
        *,
        stale: bool,
    ) -> "Picture":
        """The picture for a pane so many cells wide."""
        longest = max((len(row.name) for row in found.rows), default=0)
        epochs = found.group.kind is GroupKind.CONSUMER
        layout = draw.Layout.fit(width, found.partitions, longest, lags=lags is not None, epochs=epochs)
        rows = {row.key: row for row in found.rows}
        entries = {entry_key(entry): entry for entry in story.entries}
        return cls(found, story, layout, width, seconds, lags, players, clock, stale, rows, entries)

    def keys(self, most: int) -> list[str]:
        """Every member has a row; where there are too many, those elsewhere share one, then the idle ones."""
        keys = list(self.rows)
        for shared, (presence, _) in SHARED.items():
            alike = {row.key for row in self.found.rows if row.presence is presence}
            if len(keys) > most and len(alike) > 1:
                keys = [*(key for key in keys if key not in alike), shared]
        return keys

    def columns(self) -> list[Column]:
        """The columns of the rows."""
        layout = self.layout
        columns = [Column("member", "MEMBER", layout.member)]
        if layout.host:
            columns.append(Column("host", "HOST", layout.host))
        if layout.epoch:
            columns.append(Column("epoch", "EPOCH", layout.epoch, right=True))
        columns.append(Column("map", draw.map_head(layout, self.found.partitions), layout.map))
        columns.append(Column("has", "HAS", 4, right=True))
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
        cells: list[Cell] = [draw.member_cell(row, layout, self.players.get(row.member.client_id))]
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
        names = [name_of(row.name, 20) for row in self.found.rows if row.presence is presence]
        return Content.styled(f"{len(names)} {words} {' '.join(names[:20])}", signs.MUTED)

    def nobody(self) -> Content:
        """The last row, in the columns of the others."""
        found, layout = self.found, self.layout
        name = Content.styled("nobody", signs.MUTED)
        if found.unowned:
            name = Content.assemble(signs.sign(Mark.BROKEN), (" nobody", "$error bold"))
        amount = Content(count(len(found.nobody), 4)) if found.nobody else signs.NONE.content
        parts: list[Content | str] = [" ", name.truncate(layout.member, pad=True)]
        parts.append(" " * (1 + layout.host) if layout.host else "")
        parts.append(" " * (1 + layout.epoch) if layout.epoch else "")
        parts += [" ", draw.nobody_map(found, layout).truncate(layout.map, pad=True)]
        parts += [" " * (5 - amount.cell_length), amount, " " * (1 + layout.lag) if layout.lag else ""]
        if layout.lane:
            lanes, entries = self.story.lanes, list(self.entries.values())
            parts += ["   ", draw.lane_signs(entries, lanes, layout.lane, self.seconds)]
        return Content.assemble(*parts)

    def line(self, key: str) -> list[Cell]:
        """One line of the log; its sign is there while it stands under the lanes too."""
        entry = self.entries[key]
        sign = self.story.lanes.cell_of(began(entry), self.layout.lane, self.seconds) is not None
        line = entry_line(entry, self.found.topic, self.clock, self.width - 1, sign=sign)
        return [line.truncate(self.width - 1, ellipsis=True)]

    def newest_of(self, key: str) -> str | None:
        """The newest entry in which a member took part, else the newest; ``None``: the log is empty."""
        row = self.rows.get(key)
        if row is not None:
            for place, entry in self.entries.items():
                if took_part(entry, row.name, row.member.client_id):
                    return place
        return next(iter(self.entries), None)

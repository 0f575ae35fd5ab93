"""The map of one group on one topic as it is drawn now: columns, rows, the row ``nobody``, the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain.figures import count
from kafkatui.domain.marks import Mark
from kafkatui.domain.ownership import MapRow, OwnershipMap, Presence
from kafkatui.domain.rebalances import GroupStory
from kafkatui.panes import group_lines
from kafkatui.panes import ownership_lines as draw
from kafkatui.panes.group_pane import name_of, shown
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
    clock: Callable[[float], str]
    stale: bool
    rows: Mapping[str, MapRow]

    @classmethod
    def of(
        cls,
        found: OwnershipMap,
        story: GroupStory,
        width: int,
        seconds: int,
        lags: Mapping[int, int] | None,
        clock: Callable[[float], str],
        *,
        stale: bool,
    ) -> "Picture":
        """The picture for a pane so many cells wide."""
        longest = max((len(row.name) for row in found.rows), default=0)
        layout = draw.Layout.fit(width, found.partitions, longest, lags=lags is not None)
        rows = {row.key: row for row in found.rows}
        return cls(found, story, layout, width, seconds, lags, clock, stale, rows)

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
        cells: list[Cell] = [draw.member_cell(row, layout)]
        if layout.host:
            cells.append(Content.styled(name_of(row.member.host, layout.host), signs.MUTED))
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
        parts += [" ", draw.nobody_map(found, layout).truncate(layout.map, pad=True)]
        parts += [" " * (5 - amount.cell_length), amount, " " * (1 + layout.lag) if layout.lag else ""]
        if layout.lane:
            lanes = self.story.lanes
            parts += ["   ", draw.lane_numbers(self.story.events, lanes, layout.lane, self.seconds)]
        return Content.assemble(*parts)

    def log(self, lines: int, fault: str | None) -> Content:
        """What is going on or wrong, then the rebalances seen, newest first."""
        said: list[Content] = []
        if fault is not None:
            said.append(Content.assemble(signs.UNKNOWN.content, f" not told: {shown(fault)}"))
        if (notice := group_lines.notice(self.found)) is not None:
            said.append(notice)
        for event in self.story.events[: max(0, lines - len(said))]:
            lane = self.layout.lane if not event.first else 0
            number = self.story.lanes.cell_of(event.started_at, lane, self.seconds) is not None
            said.append(group_lines.log_line(event, self.found.topic, self.clock, self.width, number=number))
        return Content("\n").join(line.truncate(self.width, ellipsis=True) for line in said)

    def moves(self) -> dict[str, Content]:
        """All rebalances seen with all their moves, a line each."""
        lines: dict[str, Content] = {}
        topic = self.found.topic
        for event in self.story.events:
            listed = group_lines.moves(event, topic)
            number = not event.first
            lines[f"{event.number}"] = group_lines.log_line(
                event, topic, self.clock, self.width, number=number
            )
            for move in listed:
                lines[f"{event.number} {move[0]}"] = Content(f"           {group_lines.move_text(*move)}")
            if (missing := event.moved.get(topic, 0) - len(listed)) > 0:
                lines[f"{event.number} more"] = Content(f"           {missing:,} more")
        return lines

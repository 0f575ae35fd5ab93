"""The map of one group on one topic as drawn at one moment: columns, rows, the row ``nobody``, the log."""

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
"""Rows that stand for several members: presence of these members and text, by key of the row; a member id
contains no NUL.
"""


def lags_of(lag: GroupLag | None) -> Mapping[int, int] | None:
    """Lag by partition number, never below 0; ``None``: no lag is known."""
    if lag is None or lag.fault is not None:
        return None
    found = ((one.partition.partition, one.lag) for one in lag.partitions)
    return {number: max(0, behind) for number, behind in found if behind is not None}


@dataclass(frozen=True, slots=True)
class Fold:
    """The rows that a list of limited height shows."""

    keys: tuple[str, ...]
    """Keys of the rows of the list, which may scroll."""
    shown: int
    """How many rows are on screen at once."""
    shared: tuple[str, ...] = ()
    """Keys of `SHARED` whose members are named in the line below the list, because the list scrolls."""

    @property
    def scrolls(self) -> bool:
        """Whether some rows are out of sight: then a line below the list says how many."""
        return len(self.keys) > self.shown or bool(self.shared)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is needed to draw the map, the lanes and the log."""

    found: OwnershipMap
    story: GroupStory
    layout: draw.Layout
    width: int
    """Cells of a line."""
    seconds: int
    """Seconds that the lanes show."""
    lags: Mapping[int, int] | None
    """See `lags_of`."""
    deck_states: Mapping[str, str]
    """States of the deck's consumers, by client id."""
    clock: Callable[[float], str]
    """Monotonic seconds → time of day."""
    stale: bool
    """Whether the figures are older than they should be."""
    rows: Mapping[str, MapRow]
    """The rows of members, by key."""
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
        """The drawing for a pane `width` cells wide; `out`: see `kafkatui.watch.view.Shown.out`."""
        longest = max((len(row.name) for row in found.rows), default=0)
        epochs = found.group.kind is GroupKind.CONSUMER
        layout = draw.Layout.fit(width, found.partitions, longest, lags=lags is not None, epochs=epochs)
        rows = {row.key: row for row in (*found.rows, *out)}
        log = {entry_key(entry): entry for entry in entries}
        return cls(found, story, layout, width, seconds, lags, deck_states, clock, stale, rows, log)

    def fold(self, most: int) -> Fold:
        """The rows for a list of at most `most` lines: the members of the group, in the order in which they
        were first seen; then consumers of the deck that lost their membership but still run; then, as far as
        there is room, the members that left last.

        Where there are too many members, those that read other topics share a row, then the idle ones.
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
        """Keys of the members that left last, at most `most`; not those whose client id exactly one shown
        member has, as it took their place.
        """
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
        """The states that the deck shows for a member, e.g. ``slow, frozen``; empty: nothing special, or no
        consumer of the deck.
        """
        return self.deck_states.get(row.member.client_id, "")

    def beyond(self, fold: Fold, top: int) -> Content:
        """``2 more below · 2 idle: c7 c8``: the members that are out of sight while `top` is the first row on
        screen.
        """
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
        """The columns of the list of members."""
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
        """The cells of the row with this key, one for each column."""
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
        """The row ``nobody`` below the members, in the same columns: the partitions without an owner."""
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
        """One line of the log. It begins with the entry's sign only while the sign is also under the
        lanes.
        """
        entry = self.entries[key]
        sign = self.story.lanes.cell_of(began(entry), self.layout.lane, self.seconds) is not None
        cells = sign_cells(self.entries.values())
        line = entry_line(entry, self.found.topic, self.clock, self.width - 1, sign=sign, cells=cells)
        return [shortened(line, self.width - 1)]

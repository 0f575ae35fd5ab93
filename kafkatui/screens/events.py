"""The list of what happened: the newest rebalances of all groups, also of groups that were not on the screen,
and changes of brokers, leaders and replicas.
"""

from collections.abc import Callable, Iterator
from heapq import merge
from itertools import islice
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from kafkatui.domain.cluster.changes import ClusterChange
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.panes.entry_lines import entry_key, pause_at_most, took_text, who
from kafkatui.panes.group_pane import name_of, shown, time_of_day
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.fitting import out_of_sight
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.long_list import Column, LongList, Scrolled
from kafkatui.widgets.overlay import Overlay

Entry = tuple[float, str, tuple[str, Rebalance] | ClusterChange]
"""When it happened, the key of its row, and the group with its rebalance, or the change."""
MOST = 500
"""The largest number of rebalances in the list."""


def columns(width: int, *, time: int = 8, group: int = 20, moved: int = 12) -> list[Column]:
    """The columns for a terminal `width` cells wide. `time`, `group`, `moved`: the cells of the longest text
    in that column.
    """
    wide = width >= 80
    found = [
        Column("time", "TIME", max(time, 8)),
        Column("group", "GROUP", min(max(group, 5), 20 if wide else 12)),
        Column("who", "WHO OR WHAT", 0),
        Column("moved", "MOVED", max(moved, 5), right=True),
        Column("took", "TOOK", 10, right=True),
    ]
    return [*found, Column("pause", "PAUSE", 9, right=True)] if wide else found


def _key(group: str, event: Rebalance) -> str:
    return f"{entry_key(event)} {group}"


def _moved(event: Rebalance) -> str:
    """Moved partitions of all owned ones, ``3 of 6``; empty: not known, or no member owned a partition."""
    if event.moves is None or not event.owned:
        return ""
    return f"{sum(event.moved.values()):,} of {sum(event.owned.values()):,}"


class EventsScreen(Overlay[tuple[str, Rebalance] | None]):
    """Its result is the group id and the rebalance to be opened, or ``None``."""

    DEFAULT_CSS = """
    EventsScreen { align: center middle; }
    EventsScreen > .dialog { border-subtitle-color: $text-muted; }
    EventsScreen #none { display: none; padding: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", id="events.back"),
        Binding("H", "dismiss(None)", "history", id="events.close", show=False),
        Binding("q", "dismiss(None)", "quit", id="events.quit", show=False, tooltip="close this page"),
    ]

    def __init__(
        self,
        timeline: Timeline,
        begin: tuple[str, Rebalance] | None = None,
        *,
        clock: Callable[[float], str] = time_of_day,
    ) -> None:
        """`begin`: the group id and the rebalance on which the cursor stands at first; ``None``: on the
        newest.
        """
        super().__init__()
        self._timeline = timeline
        self._clock = clock
        self._events: dict[str, tuple[str, Rebalance] | ClusterChange] = {}
        self.rows = LongList()
        if begin is not None:
            self.rows.cursor = _key(*begin)
        self.none = Static(
            "No group has rebalanced, and no leader has moved, since kafkatui runs.", id="none", markup=False
        )

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            yield from (self.rows, self.none)
        yield KeyRow(("move", "open"), always=("back",))
        box.styles.width, box.styles.height = 104, "80%"  # inline styles win over the app's style of dialogs
        box.border_title = Content("Rebalances of all groups, changes of brokers and leaders, newest first")
        box.border_subtitle = self._more()
        self._refresh()

    def on_mount(self) -> None:
        self.set_interval(1.0, self._refresh)

    def on_resize(self) -> None:
        """Choose the columns for the new width: a narrow terminal shows no pauses."""
        self._refresh()

    def _more(self) -> Content:
        """How many rows the list has above and below the visible ones, in words."""
        return Content(out_of_sight(*self.rows.out_of_sight))

    @on(Scrolled)
    def _scrolled(self) -> None:
        self.query_one(".dialog").border_subtitle = self._more()

    def _refresh(self) -> None:
        rebalances: Iterator[Entry] = (
            (event.started_at, _key(group, event), (group, event))
            for group, event in self._timeline.recent(MOST)
        )
        changes: Iterator[Entry] = (
            (one.at, f"change {one.at} {one.sentence}", one) for one in self._timeline.changes
        )
        found = merge(rebalances, changes, key=lambda entry: -entry[0])
        self._events = {key: what for _, key, what in islice(found, MOST)}
        rows = self.rows
        rows.columns(*self._columns())
        rows.cursor = rows.cursor if rows.cursor in self._events else next(iter(self._events), None)
        rows.show(list(self._events), self._cells)
        rows.display = rows.opens = bool(self._events)
        self.none.display = not self._events
        if self._events and self.is_mounted and self.focused is None:
            self.set_focus(rows)

    def _columns(self) -> list[Column]:
        """The columns, each only as wide as its texts: as little as possible of WHO OR WHAT is cut."""
        events = [one for one in self._events.values() if not isinstance(one, ClusterChange)]
        changes = [one for one in self._events.values() if isinstance(one, ClusterChange)]
        times = [*(event.started_at for _, event in events), *(change.at for change in changes)]
        names = [*(group for group, _ in events), *(change.subject for change in changes)]
        return columns(
            self.app.size.width,
            time=max((cell_len(self._clock(at)) for at in times), default=0),
            group=max((cell_len(name_of(name, 20)) for name in names), default=0),
            moved=max((len(_moved(event)) for _, event in events), default=0),
        )

    def _cells(self, key: str) -> list[Cell]:
        entry = self._events[key]
        if isinstance(entry, ClusterChange):
            return self._cells_of_change(entry)
        group, event = entry
        moved: Cell = _moved(event)
        if not moved:
            moved = signs.UNKNOWN.content if event.moves is None else signs.NONE.content
        if event.ended_at is None:
            took: Cell = Content.assemble(signs.sign(Mark.MOVING), " goes on")
        else:
            took = took_text(event) or signs.UNKNOWN.content
        pause: Cell = event.longest or pause_at_most(event.at_most, words=False) or signs.UNKNOWN.content
        if event.at_most == 0:
            pause = signs.NONE.content
        at, what = self._clock(event.started_at), who(event, None, wide=False)
        widths = dict(zip(self.rows.column_keys, self.rows.column_widths(), strict=True))
        cells: dict[str, Cell] = {
            "time": at,
            "group": name_of(group, widths["group"]),
            "who": what,
            "moved": moved,
        }
        cells |= {"took": took, "pause": pause}
        return [cells[key] for key in widths]

    def _cells_of_change(self, change: ClusterChange) -> list[Cell]:
        widths = dict(zip(self.rows.column_keys, self.rows.column_widths(), strict=True))
        cells: dict[str, Cell] = {
            "time": self._clock(change.at),
            "group": Content.styled(change.subject, "bold"),
            "who": shown(change.sentence),
            "moved": f"{change.partitions:,}" if change.partitions else "",
        }
        return [cells.get(key, signs.NONE.content) for key in widths]

    @on(LongList.Chosen)
    def _open(self, message: LongList.Chosen) -> None:
        entry = self._events[message.key]
        if isinstance(entry, ClusterChange):
            self.notify(shown(entry.sentence), title=self._clock(entry.at), timeout=15)
        else:
            self.dismiss(entry)

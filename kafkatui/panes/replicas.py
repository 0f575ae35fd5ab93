"""The grid of partitions and brokers: which broker leads a partition, which replicas are in sync."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget

from kafkatui.domain.cluster.brokers import Replica, ReplicaRow, replica_rows
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.text import clip_middle, printable_name
from kafkatui.panes.pane import Pane
from kafkatui.panes.view_pane import ViewPane
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import ClusterView
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell, Column
from kafkatui.widgets.long_list import LongList

SIGNS = {
    Replica.NONE: signs.NOT_OWNED,
    Replica.LEADER: signs.LEADS,
    Replica.IN_SYNC: signs.IN_SYNC,
    Replica.LAGGING: signs.LAGS,
    Replica.DEAD: signs.DEAD,
    Replica.ADDED: signs.MOVED_HERE,
    Replica.REMOVED: signs.WAS_HERE,
}
NAME_CELLS = 40
"""Cells of the column of names, at most."""


class ReplicasPane(ViewPane):
    """One line for each partition, one column for each broker; a broker that is gone keeps its column. If
    there is no room for all brokers, each line names only those that hold a replica.
    """

    NUMBER = 0
    NAME = "Replicas"

    def __init__(self, pace: Pace, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(pace, lambda reading: None, id=id)
        self._wants_all: bool | None = None
        """Whether the user asked for all partitions of the selected topic; ``None``: the user did not choose.
        """
        self._rows: dict[str, ReplicaRow] = {}
        self._broker_ids: Sequence[int] = ()
        """The brokers that have a column, left to right."""

    def compose_body(self) -> ComposeResult:
        yield LongList(cursor_before=0)

    @property
    def lines(self) -> LongList:
        """The list."""
        return self.query_one(LongList)

    def focused_part(self) -> Widget:
        return self.lines

    def stream(self) -> AsyncGenerator[Reading[Any]] | None:
        return None

    def see(self, view: ClusterView) -> None:
        self.set_reactive(Pane.reading, view.topics_reading)
        super().see(view)

    def watch_topic(self) -> None:
        """The page that is open keeps its topic; the view has it."""

    def watch_group(self) -> None:
        """Nothing changes."""

    def parts(self) -> tuple[object, ...]:
        topics = self.view.topics
        return topics.value, topics.brokers_seen, self.view.brokers_reading.value, self._wants_all

    @property
    def _shows_all(self) -> bool:
        """Whether all partitions of the selected topic are shown: the user asked for it, or none is in
        trouble.
        """
        if self._wants_all is not None or self.view.topics.value is None:
            return bool(self._wants_all)
        return next(replica_rows(self.view.topics.value, None), None) is None

    def show(self, reading: Reading[Any]) -> None:
        topics = self.view.topics.value
        if topics is None:
            self.say(f"asking the brokers {signs.ELLIPSIS} {self.loading_for:.0f} s", Mark.MOVING)
            return
        topic = self.view.shown.topic
        rows = replica_rows(topics, topic) if self._shows_all else replica_rows(topics, None)
        if self._shows_all and topic is None:
            rows = iter(())
        self._rows = {f"{row.topic}/{row.partition}": row for row in rows}
        nodes = {node for row in self._rows.values() for node in row.replicas}
        self._broker_ids = sorted(nodes | self.view.topics.brokers_seen)
        self._lay_out()
        self.lines.show(list(self._rows), self._cells)
        bad = [row for row in self._rows.values() if not row.is_whole or row.refuses]
        if self._rows:
            self.say(None)
            broken = any(row.is_offline or row.refuses for row in bad)
            self.mark = Mark.BROKEN if broken else Mark.WORSE if bad else Mark.OK
        elif self._shows_all:
            self.say("No topic is selected.")
        else:
            self.say("All partitions have a leader and all their replicas in sync.", Mark.OK)
        self.draw_edges()

    def _lay_out(self) -> None:
        names = (
            cell_len(printable_name(row.topic)) + 1 + len(str(row.partition)) for row in self._rows.values()
        )
        name = min(max(max(names, default=0), len("PARTITION")), NAME_CELLS)
        fits = 4 * len(self._broker_ids) + name + 2 <= self.size.width
        self.lines.columns(
            Column("name", "PARTITION", name),
            *(Column(str(node), str(node), 3, right=True) for node in (self._broker_ids if fits else ())),
            Column("rest", "" if fits else "REPLICAS", 0),
        )

    def on_resize(self, _: Resize) -> None:
        self._lay_out()
        self.draw_edges()

    def _cells(self, key: str) -> list[Cell]:
        row, width = self._rows[key], self.lines.column_widths()[0]
        number = f"/{row.partition}"
        name = printable_name(row.topic, ascii=signs.ascii_only())
        text = clip_middle(name, max(4, width - len(number)), ellipsis=str(signs.ELLIPSIS)) + number
        broken = row.is_offline or row.refuses
        style = f"{signs.ERROR if broken else signs.WARNING} bold"
        nodes = [int(key) for key in self.lines.column_keys[1:-1]]
        replicas = (
            []
            if nodes
            else [Content.assemble(SIGNS[what].content, str(node)) for node, what in in_order(row)]
        )
        return [
            text if row.is_whole and not broken else Content.styled(text, style),
            *(SIGNS[row.replicas.get(node, Replica.NONE)].content for node in nodes),
            Content("  ").join([*replicas, self._words(row)]) if replicas else self._words(row),
        ]

    def _words(self, row: ReplicaRow) -> Content:
        """What the signs of a row do not tell: that writes are refused, how far a reassignment is."""
        said: list[Content] = []
        if row.refuses:
            text = "acks=all refused: below min.insync.replicas"
            said.append(Content.styled(text, f"{signs.ERROR} bold"))
        leader = next((node for node, what in row.replicas.items() if what is Replica.LEADER), None)
        more = self.view.brokers_reading.value
        for node in row.added:
            copied = None if more is None else more.copied(row.topic, row.partition, leader, node)
            said.append(Content(f"{signs.UNKNOWN if copied is None else f'{copied:.0%}'} copied to {node}"))
        return Content.assemble("  ", Content("  ").join(said)) if said else Content("")

    # edges and keys

    def title(self) -> Content:
        if self._shows_all:
            topic = self.view.shown.topic
            name = "" if topic is None else printable_name(topic, ascii=signs.ascii_only())
            return Content(clip_middle(name, 40, ellipsis=str(signs.ELLIPSIS)))
        topics = self.view.topics.value
        total = 0 if topics is None else sum(len(topic.partitions) for topic in topics.topics)
        rows = self._rows.values()
        thin, moving = sum(not row.is_whole for row in rows), sum(row.is_moving for row in rows)
        said = [f"{thin:,} of {total:,} partitions not fully in sync"] if thin else []
        said += [f"{moving:,} being reassigned"] if moving else []
        return Content(", ".join(said))

    def where(self) -> Content:
        return Content("  ").join(
            Content.assemble(SIGNS[one].content, f" {one.value}") for one in self._legend()
        )

    def _legend(self) -> Iterator[Replica]:
        """The signs that are explained: those of a reassignment only where one goes on."""
        yield from (Replica.LEADER, Replica.IN_SYNC, Replica.LAGGING, Replica.DEAD)
        there = {what for row in self._rows.values() for what in row.replicas.values()}
        yield from (one for one in (Replica.ADDED, Replica.REMOVED) if one in there)

    def wheres(self) -> list[Content]:
        return [self.where(), Content("")]

    def show_all(self) -> None:
        """Show all partitions of the selected topic, or those of all topics that are in trouble."""
        self._wants_all = not self._shows_all
        self.redraw()


def in_order(row: ReplicaRow) -> list[tuple[int, Replica]]:
    """The replicas of a partition: the leader first, then by node id."""
    return sorted(row.replicas.items(), key=lambda one: (one[1] is not Replica.LEADER, one[0]))

"""The list of all groups of the cluster: the one that does worst first."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.group_standing import GroupStanding, totals
from kafkatui.domain.sorted_rows import SortedRows
from kafkatui.domain.text import clip_middle, printable, printable_name
from kafkatui.panes.groups_lines import TABLE, TROUBLE, GroupSource, searched
from kafkatui.panes.list_columns import sort_values
from kafkatui.panes.list_pane import ListPane, list_bindings
from kafkatui.panes.pane import Pane
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import ClusterView
from kafkatui.widgets import signs
from kafkatui.widgets.long_list import LongList


def group_rows() -> SortedRows[GroupStanding]:
    """Rows for a `GroupsPane`; whoever keeps them keeps the order and the filter."""
    rows = SortedRows(sort_values(TABLE), TROUBLE, searched=searched)
    rows.descending = True
    return rows


class GroupsPane(ListPane[GroupStanding, GroupSource]):
    """One line for each group. It has no stream of its own: it draws from the view."""

    NUMBER = 5
    NAME = "Groups"
    BINDINGS: ClassVar[list[BindingType]] = list_bindings("groups", "names, kinds, states and verdicts")

    class Opened(Message):
        """The user opened a group."""

        def __init__(self, group: str) -> None:
            super().__init__()
            self.opened = group

    def __init__(self, pace: Pace, rows: SortedRows[GroupStanding], *, id: str | None = None) -> None:  # noqa: A002
        """`rows`: see `group_rows`. They are sorted anew by the first view."""
        super().__init__(pace, lambda reading: None, TABLE, rows, id=id)
        self._sorted_rows: Mapping[str, GroupStanding] = {}
        """The rows as they were when the list was sorted last."""
        self._sorted_at: float | None = None
        self._worse = 0
        """How many groups have a worse mark than when the list was sorted last."""
        self._is_new = True

    def stream(self) -> AsyncGenerator[Reading[Any]] | None:
        return None

    def see(self, view: ClusterView) -> None:
        self.set_reactive(Pane.reading, view.groups_reading)
        super().see(view)

    def watch_topic(self) -> None:
        """Nothing changes: the list is the same whichever topic is selected."""

    def watch_group(self) -> None:
        """Nothing changes: the cursor is the user's."""

    def parts(self) -> tuple[object, ...]:
        groups = self.view.groups
        return groups.rows, groups.value is None, groups.left_out, self.view.past.value

    def show(self, reading: Reading[Any]) -> None:
        groups = self.view.groups
        if groups.value is None:
            self._say_nothing_known(reading)
            return
        self.put(groups.rows, reading.taken_at or 0.0)
        if self._is_new:
            self._is_new = False
            self.resort()

    def draw_lines(self) -> None:
        listed = self.listed
        if listed.sorted_at != self._sorted_at:
            self._sorted_at, self._sorted_rows = listed.sorted_at, listed.rows
        before = self._sorted_rows
        self._worse = sum(
            row.mark > Mark.MOVING and key in before and row.mark > before[key].mark
            for key, row in listed.rows.items()
        )
        super().draw_lines()

    def _say_nothing_known(self, reading: Reading[Any]) -> None:
        fault = reading.fault
        if fault is None:
            self.say(f"asking the brokers {signs.ELLIPSIS} {self.loading_for:.0f} s", Mark.MOVING)
        else:
            mark = Mark.DENIED if fault.kind is FaultKind.DENIED else Mark.BROKEN
            self.say(printable(fault.text, ascii=signs.ascii_only()), mark)

    def nothing_listed(self) -> str:
        left_out = self.view.groups.left_out
        if left_out is None:
            return "No groups yet: nobody reads with a group, or has committed an offset."
        return f"No group is listed: {printable(left_out, ascii=signs.ascii_only())}."

    def source(self) -> GroupSource:
        return GroupSource(self.view.last_rebalance, self.reading.taken_at or 0.0)

    def mark_of(self, row: GroupStanding) -> Mark:
        return row.mark

    # edges

    def title(self) -> Content:
        words = totals(self.listed.rows.values())
        parts = [super().title(), Content(words)]
        if self._worse:
            parts.append(Content.styled(f"{self._worse:,} got worse: s sorts", f"{signs.WARNING} bold"))
        return Content(f" {signs.SEPARATOR} ").join(part for part in parts if part.cell_length)

    def footnote(self) -> Content:
        """The whole name of the group under the cursor, and how it does on its worst topic."""
        lines = self.query_one_optional(LongList)  # none before `compose`
        row = None if lines is None or lines.cursor is None else self.listed.rows.get(lines.cursor)
        if row is None:
            left_out = self.view.groups.left_out
            return Content("" if left_out is None else printable(left_out, ascii=signs.ascii_only()))
        said = self._how(row)
        name = printable_name(row.group, ascii=signs.ascii_only())
        room = max(12, self.foot_room - len(said))
        return Content(clip_middle(name, room, ellipsis=str(signs.ELLIPSIS)) + said)

    def _how(self, row: GroupStanding) -> str:
        ascii_only = signs.ascii_only()
        if row.group in self.listed.gone:
            return " is gone"
        if row.fault is not None:
            return f": {printable(row.fault.text, ascii=ascii_only)}"
        if row.worst is None:
            return ": it reads no topic, as far as known" if row.topics is not None else ""
        return f": {row.worst.phrase} on {printable_name(row.worst.topic, ascii=ascii_only)}"

    # keys and mouse

    def moved_to(self, key: str) -> None:
        """Nothing else changes: the four panes keep their selection until a group is opened."""

    def opened(self, key: str) -> None:
        self.post_message(self.Opened(key))

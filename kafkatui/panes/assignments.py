"""Pane 2: who owns which partition of the topic in the selected group, who did before, and why that
changed.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from kafkatui.domain.groups import ClusterGroups, Group
from kafkatui.domain.marks import Mark
from kafkatui.domain.members import ranges
from kafkatui.domain.ownership import OwnershipMap
from kafkatui.domain.partitions import ClusterTopics
from kafkatui.domain.reading import Reading
from kafkatui.domain.rebalances import GroupStory
from kafkatui.domain.verdicts import Readers
from kafkatui.pace import Pace
from kafkatui.panes import group_lines
from kafkatui.panes import ownership_lines as draw
from kafkatui.panes.group_pane import WIDE, GroupPane, Recent, dashed, name_of, shown, time_of_day
from kafkatui.panes.ownership_picture import Picture
from kafkatui.panes.pane import put
from kafkatui.widgets import signs
from kafkatui.widgets.long_list import Column, LongList

SPANS = (30, 60, 300, 900)
"""Seconds that the lanes may show."""


class AssignmentsPane(GroupPane):
    """Members × partitions, lanes, and the log. Its stream is of all groups and does not depend on the
    selection.
    """

    NUMBER = 2
    NAME = "Assignments"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+right", "span(1)", "span", id="lanes.longer", show=False),
        Binding("shift+left", "span(-1)", "span", id="lanes.shorter", show=False),
        Binding("escape", "close_moves", "back", id="moves.close", show=False),
    ]
    DEFAULT_CSS = """
    AssignmentsPane .line { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    AssignmentsPane .log { height: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    AssignmentsPane #moves { display: none; }
    AssignmentsPane.-moves #moves { display: block; }
    AssignmentsPane.-moves #members, AssignmentsPane.-moves .below { display: none; }
    """

    topics: reactive[ClusterTopics | None] = reactive(None, init=False)
    """What the topics task knows: how many partitions the topic has. Set by the screen."""
    lags: reactive[Mapping[int, int] | None] = reactive(None, init=False)
    """Lag of the shown group by partition; ``None``: not told. Set by the screen."""
    span: reactive[int | None] = reactive(None, init=False)
    """Seconds that the lanes show; ``None``: what suits the width."""

    def __init__(
        self,
        follow: Callable[[Callable[[], str | None], Pace], AsyncGenerator[Reading[ClusterGroups]]],
        pace: Pace,
        *,
        clock: Callable[[float], str] = time_of_day,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(pace, id=id)
        self._follow_groups = follow
        self._clock = clock
        self._stories = Recent(GroupStory)
        self._found: OwnershipMap | None = None
        self._picture: Picture | None = None
        self._known: set[str] = set()
        self.vanished: dict[str, float] = {}
        """Groups that were there and are not any more: since which monotonic second."""

    def compose_body(self) -> ComposeResult:
        yield Static(classes="line", id="state", markup=False)
        yield LongList(id="members")
        yield Static(classes="line below", id="nobody", markup=False)
        yield Static(classes="log below", id="log", markup=False)
        yield LongList(id="moves")

    @property
    def members(self) -> LongList:
        """The rows of the map."""
        return self.query_one("#members", LongList)

    @property
    def moves(self) -> LongList:
        """All moves of all rebalances, in the place of the map."""
        return self.query_one("#moves", LongList)

    def focused_part(self) -> Widget:
        return self.moves if self.has_class("-moves") else self.members

    # the stream

    def stream(self) -> AsyncGenerator[Reading[ClusterGroups]]:
        return self._follow_groups(lambda: self.group, self.pace)

    def watch_topic(self) -> None:
        """The stream goes on: it is of all groups."""
        self._selection_changed()

    def watch_group(self) -> None:
        """The stream goes on: it asks for the selected group at every look."""
        self._selection_changed()

    def _selection_changed(self) -> None:
        self.remove_class("-moves")
        self._found = self._picture = None
        self.redraw()

    def note(self, reading: Reading[ClusterGroups]) -> None:
        """Remember every look at the selected group, and at those one key away from it."""
        if reading.value is None or reading.fault is not None or reading.taken_at is None:
            return
        watched = {*self.groups, self.group}
        names = set()
        for group in reading.value.groups:
            names.add(group.group_id)
            if group.group_id in watched:
                at = reading.taken_at if group.described_at is None else group.described_at
                self._stories.at(group.group_id).observe(group, at)
        if not reading.value.notes:
            for name in self._known - names:
                self.vanished.setdefault(name, reading.taken_at)
            self._known |= names
        for name in names & self.vanished.keys():
            del self.vanished[name]

    @property
    def owners(self) -> Mapping[int, str] | None:
        """Partition → short name of its owner, for other panes; ``None``: not told."""
        return None if self._found is None else self._found.owners

    @property
    def readers(self) -> Readers | None:
        """Who reads the topic in the group, for verdicts; ``None``: not told."""
        if self._found is None:
            return None
        return Readers(
            owners=frozenset(self._found.owners),
            empty=self._found.members == 0,
            settled=not self._found.group.rebalancing,
        )

    # drawing

    def watch_topics(self) -> None:
        if self._found is None or self._found.partitions != self._partitions():
            self.redraw()

    def watch_lags(self) -> None:
        if self.room.width >= WIDE:
            self.redraw()

    def watch_span(self) -> None:
        self.redraw()

    def show(self, reading: Reading[ClusterGroups]) -> None:
        self._found = self._picture = None
        if reading.value is None or self.topic is None:
            self.say_nothing_known(reading)
            return
        if self.group is None:
            self.say_no_group()
            return
        group = next((one for one in reading.value.groups if one.group_id == self.group), None)
        if group is None:
            self._say_missing(self.group, reading.value)
            return
        story = self._stories.at(self.group)
        if story.looked_at is None and reading.taken_at is not None:
            story.observe(group, group.described_at or reading.taken_at)
        self._found = story.map(self.topic, self._partitions() or _owned(group, self.topic))
        if self._found is None:
            if group.fault is not None:
                self.say_refused(self.group, group.fault)
            else:
                self.say(f"asking the coordinator of {name_of(self.group, 40)} {signs.ELLIPSIS}", Mark.MOVING)
            return
        self.say(None)
        self._draw(self._found, story, group.fault)

    def _say_missing(self, group: str, value: ClusterGroups) -> None:
        if group in self.vanished:
            self.say_vanished(group, self._clock(self.vanished[group]))
        elif value.notes:
            self.say(f"Group {name_of(group, 40)} is not listed: {shown(value.notes[0])}", Mark.UNKNOWN)
        else:
            self.say(
                f"There is no group {name_of(group, 40)}, or this user may not describe it.", Mark.UNKNOWN
            )

    def _partitions(self) -> int | None:
        topics = self.topics.topics if self.topics is not None else ()
        topic = next((one for one in topics if one.name == self.topic), None)
        return None if topic is None else len(topic.partitions) or None

    def _draw(self, found: OwnershipMap, story: GroupStory, fault: str | None) -> None:
        width, height = self.room
        picture = Picture.of(found, story, width, self.seconds, self.lags, self._clock, stale=self.stale)
        self._picture = picture
        log = 6 if height >= 17 else 3 if height >= 12 else 2
        most = max(2, height - 3 - log)
        keys = picture.keys(most)
        rows = min(len(keys), most)
        self.members.styles.height = 1 + rows
        put(self.query_one("#state", Static), group_lines.state_line(found, width, stale=self.stale))
        self.members.columns(*picture.columns())
        self.members.show(keys, picture.cells)
        put(self.query_one("#nobody", Static), picture.nobody())
        put(self.query_one("#log", Static), picture.log(height - 3 - rows, fault))
        if self.has_class("-moves"):
            self._draw_moves(picture)
        self.mark = Mark.BROKEN if found.unowned else group_lines.state_mark(found.group)

    @property
    def seconds(self) -> int:
        """What the lanes show."""
        return self.span or (300 if self.room.width >= WIDE else 60)

    # edges

    def title(self) -> Content:
        found = self._found
        if found is None:
            return Content("")
        if found.group.rebalancing:
            return Content("rebalancing")
        return Content(
            f"{found.partitions} partitions"
            if self._picture is not None and self._picture.layout.shape is draw.Shape.SPANS
            else ""
        )

    def footnote(self) -> Content:
        """What the row with the cursor cannot say: its whole name, and its partitions in numbers."""
        row = self._picture.rows.get(self.members.cursor or "") if self._picture is not None else None
        if row is None or not self.members.has_focus:
            return Content("")
        member = row.member
        parts = [shown(row.name), shown(member.host)]
        if member.client_id != row.name:
            parts.append(f"client {shown(member.client_id)}")
        if row.gives_up or row.waits_for:
            parts += [f"gives up {dashed(ranges(row.gives_up))}"] if row.gives_up else []
            parts += [f"waits for {dashed(ranges(row.waits_for))}"] if row.waits_for else []
        elif row.owns:
            parts.append(f"owns {dashed(ranges(row.owns))}")
        return Content(f" {signs.SEPARATOR} ".join(parts))

    # keys

    def action_span(self, by: int) -> None:
        """Let the lanes show a longer or a shorter time."""
        place = SPANS.index(self.seconds) + by
        self.span = SPANS[max(0, min(place, len(SPANS) - 1))]

    @on(LongList.Moved)
    def _moved(self, message: LongList.Moved) -> None:
        message.stop()
        self.draw_edges()

    @on(LongList.Chosen)
    def _chosen(self, message: LongList.Chosen) -> None:
        """Show all moves of the rebalances seen, or the map again."""
        message.stop()
        if self.has_class("-moves"):
            self.action_close_moves()
        elif self._picture is not None:
            self._draw_moves(self._picture)
            self.add_class("-moves")
            self.moves.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """``esc`` is the screen's unless the moves are shown."""
        return self.has_class("-moves") if action == "close_moves" else True

    def action_close_moves(self) -> None:
        """Show the map again."""
        self.remove_class("-moves")
        self.members.focus()

    def _draw_moves(self, picture: Picture) -> None:
        lines = picture.moves()
        self.moves.columns(Column("line", "ALL REBALANCES SEEN, newest first", 0))
        self.moves.cursor = self.moves.cursor if self.moves.cursor in lines else next(iter(lines), None)
        self.moves.show(list(lines), lambda key: [lines[key]])


def _owned(group: Group, topic: str) -> int:
    """How many partitions the topic has at least, as long as the topics task has not told."""
    return 1 + max(
        (one.partition for member in group.members or () for one in member.assignment if one.topic == topic),
        default=0,
    )

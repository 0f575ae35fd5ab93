"""Pane 2: which member of the selected group owns which partition of the topic now, which did before, and why
that changed.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.figures import age
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.ownership import OwnershipMap, is_out
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.domain.text import visible_name
from kafkatui.panes import group_lines
from kafkatui.panes import ownership_lines as draw
from kafkatui.panes.entry_lines import LogEntry, entry_line
from kafkatui.panes.group_pane import WIDE, GroupPane, name_of, shown, time_of_day
from kafkatui.panes.ownership_drawing import Drawing, Fold, lags_of
from kafkatui.watch.pace import Pace
from kafkatui.watch.survive import take_all
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened
from kafkatui.widgets.long_list import Beyond, Column, LongList
from kafkatui.widgets.text_line import TextLine

SPANS = (30, 60, 300, 900)
"""The spans of time that the lanes can show, in seconds."""

Follow = Callable[[Callable[[], str | None], Pace], AsyncGenerator[Reading[ClusterGroups]]]
FollowLog = Callable[[Callable[[], str | None], Pace], AsyncGenerator[Reading[GroupLogNews]]]


class AssignmentsPane(GroupPane):
    """The map of members × partitions, the lanes, and the log of rebalances and deeds. Its stream reads all
    groups, so another selection does not end it.
    """

    NUMBER = 2
    NAME = "Assignments"
    SHORT_NAME = "Assign"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "shift+right",
            "span(1)",
            "span",
            id="lanes.longer",
            show=False,
            tooltip="lanes show a longer time",
        ),
        Binding(
            "shift+left",
            "span(-1)",
            "span",
            id="lanes.shorter",
            show=False,
            tooltip="lanes show a shorter time",
        ),
        Binding("escape", "leave_log", "back", id="log.leave", show=False, tooltip="back to the members"),
        Binding("y", "copy_line", "copy", id="copy.line", show=False, tooltip="copy the line of the log"),
    ]
    DEFAULT_CSS = """
    AssignmentsPane #notice, AssignmentsPane #more { display: none; }
    """

    span: reactive[int | None] = reactive(None, init=False, repaint=False)
    """Seconds that the lanes show; ``None``: chosen by the width of the pane, see `seconds`."""

    class OpenEntry(Message):
        """The user opened an entry of a group's log."""

        def __init__(self, group: str, entry: LogEntry) -> None:
            super().__init__()
            self.group = group
            self.entry = entry

    def __init__(
        self,
        follow: Follow,
        pace: Pace,
        take: Callable[[Reading[ClusterGroups]], None],
        *,
        follow_log: FollowLog | None = None,
        take_log: Callable[[Reading[GroupLogNews]], None] | None = None,
        clock: Callable[[float], str] = time_of_day,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`follow` and `take`: the stream of all groups, and the model's method that takes in its readings;
        `follow_log` and `take_log`: the same for the log of the selected group, ``None``: it is not read.
        `clock` makes a time of day of monotonic seconds.
        """
        super().__init__(pace, take, id=id)
        self._follow_groups = follow
        self._follow_log = follow_log
        self._take_log = take_log
        self._clock = clock
        self._drawing: Drawing | None = None
        self._in_log = False
        self._fold: Fold | None = None

    def compose_body(self) -> ComposeResult:
        yield TextLine(id="state")
        yield LongList(id="members")
        yield TextLine(id="more")
        yield TextLine(id="nobody")
        yield TextLine(id="notice")
        yield LongList(head=False, id="log")

    def on_mount(self) -> None:
        super().on_mount()
        self.log_list.columns(Column("line", "", 0))
        self.watch(self.members, "top", self._list_scrolled, init=False)
        self.watch(self.log_list, "top", self._list_scrolled, init=False)

    @property
    def members(self) -> LongList:
        """The list of members, with the rows of the map."""
        return self.query_one("#members", LongList)

    @property
    def log_list(self) -> LongList:
        """The list of rebalances and deeds, newest first."""
        return self.query_one("#log", LongList)

    def goes_on(self) -> tuple[int, int]:
        return 0, 0  # the line below the members says how many are out of sight

    def focused_part(self) -> Widget:
        return self.log_list if self._in_log else self.members

    @property
    def client_under_cursor(self) -> str | None:
        """Client id of the member in the row with the cursor; ``None``: no row has it, or the member is gone
        and `is_out` is not true of it.
        """
        drawing = self._drawing
        row = None if drawing is None else drawing.rows.get(self.members.cursor or "")
        if drawing is None or row is None:
            return None
        there = row.gone_at is None or is_out(row, drawing.state_of(row))
        return row.member.client_id if there else None

    # the streams

    def restart(self) -> None:
        super().restart()
        if self._follow_log is not None and self._take_log is not None:
            self._read_log(self._follow_log, self._take_log)

    def stream(self) -> AsyncGenerator[Reading[ClusterGroups]]:
        return self._follow_groups(lambda: self.group, self.pace)

    @work(exclusive=True, group="log")
    async def _read_log(self, follow: FollowLog, take: Callable[[Reading[GroupLogNews]], None]) -> None:
        # A second `Pace`: a call of `now` on the pane's own must not end the pauses of this stream.
        pace = Pace(self.pace.every)
        await take_all(lambda: follow(lambda: self.group, pace), take, f"pane {self.NAME}")

    def watch_topic(self) -> None:
        """The stream is not begun anew: it reads all groups."""
        self._selection_changed()

    def watch_group(self) -> None:
        """The stream is not begun anew: at every look it asks for the group that is selected then."""
        self._selection_changed()

    def _selection_changed(self) -> None:
        self._drawing = None
        # The first look at the newly selected group is drawn even while the pane is held.
        self._awaited = self.view.shown.map is None
        if self.is_mounted:
            self.log_list.cursor = None
            self.log_list.top = 0
        self.paint_selection()

    # drawing

    def watch_span(self) -> None:
        self.redraw()

    def parts(self) -> tuple[object, ...]:
        view, shown = self.view, self.view.shown
        known = view.topics.value is None, view.groups.value is None
        of_group = shown.map, shown.entries, shown.deck_news, shown.out, shown.fault, shown.log_fault
        lag = shown.lag if self.room.width >= WIDE else None
        there = shown.listed, shown.vanished_at, shown.partitions, shown.groups, self.left_out
        return *known, *of_group, lag, *there, view.deck

    def show(self, reading: Reading[ClusterGroups]) -> None:
        self._drawing = None
        value, shown = self.view.groups.value, self.view.shown
        if value is None or self.topic is None:
            self.say_nothing_known(reading)
        elif self.group is None:
            self.say_no_group(reading)
        elif not shown.listed:
            self._say_missing(self.group, value)
        elif shown.partitions is None:
            self._say_no_topic(reading)
        elif shown.map is not None and shown.story is not None:
            self.say(None)
            self._draw(shown.map, shown.story)
        elif shown.fault is not None:
            self.say_refused(self.group, shown.fault)
        else:
            self.say(f"asking the coordinator of {name_of(self.group, 40)} {signs.ELLIPSIS}", Mark.MOVING)

    def _say_missing(self, group: str, value: ClusterGroups) -> None:
        if (at := self.view.shown.vanished_at) is not None:
            self.say_vanished(group, self._clock(at))
        elif value.notes:
            self.say(f"Group {name_of(group, 40)} is not listed: {shown(value.notes[0])}", Mark.UNKNOWN)
        else:
            denied = "" if value.lists_all else ", or this user may not describe it"
            self.say(f"There is no group {name_of(group, 40)}{denied}.", Mark.UNKNOWN)

    def _say_no_topic(self, reading: Reading[ClusterGroups]) -> None:
        """Say why there is no map: the topic is not known, or not known yet."""
        if self.view.topics.value is None:
            self.say_nothing_known(replace(reading, fault=None))
        elif self.group == self.view.deck.group:
            self.say("The deck has no topic yet: j lets a consumer join, and makes it.", Mark.NOTHING)
        else:
            topic = name_of(self.topic or "", 40)
            self.say(f"There is no topic {topic}, or this user may not describe it.", Mark.UNKNOWN)

    def _draw(self, found: OwnershipMap, story: GroupStory) -> None:
        """Draw the map with the time of the newest look: while only time passes, `found` stays the same
        object with an old time.
        """
        width, height = self.room
        stale, view = self.stale, self.view
        found = replace(found, at=found.at if story.looked_at is None else story.looked_at)
        self._drawing = drawing = Drawing.of(
            found,
            story,
            view.shown.entries,
            width,
            self.seconds,
            lags_of(view.shown.lag),
            view.deck.states,
            self._clock,
            stale=stale,
            out=view.shown.out,
        )
        log = 6 if height >= 17 else 3 if height >= 12 else 2
        self._fold = fold = drawing.fold(max(2, height - 3 - log))
        self.members.styles.height = 1 + min(len(fold.keys), fold.shown)
        line = group_lines.state_line(found, story, width, self.pace.every, stale=stale)
        self.query_one("#state", TextLine).show(shortened(line, width))
        self.members.columns(*drawing.columns())
        self.members.show(fold.keys, drawing.cells)
        self.query_one("#nobody", TextLine).show(drawing.nobody())
        self._draw_more()
        self._draw_notice(drawing)
        self._draw_log(drawing)
        self.mark = Mark.BROKEN if found.unowned else group_lines.state_mark(found.group)

    def _draw_more(self) -> None:
        """Draw the line that says which members are out of sight."""
        drawing, fold, place = self._drawing, self._fold, self.query_one("#more", TextLine)
        place.display = fold is not None and fold.scrolls
        if drawing is not None and fold is not None:
            place.show(drawing.beyond(fold, self.members.top))

    def _draw_log(self, drawing: Drawing) -> None:
        """Draw the log. If the user has scrolled in it, the same lines stay on screen when new ones come in
        above.
        """
        self.members.opens = bool(drawing.entries)
        rows = self.log_list
        first = rows.keys[rows.top] if 0 < rows.top < rows.end_row else None
        rows.show(list(drawing.entries), drawing.line)
        if first is not None and first in rows.keys:
            rows.top = rows.keys.index(first)

    def _list_scrolled(self) -> None:
        if self._drawing is not None:
            self._draw_more()
            self.draw_edges()

    def _draw_notice(self, drawing: Drawing) -> None:
        """Draw the notice: a fault, a problem, a rebalance under way, or a deed without effect yet. Without
        any of them the line is hidden.
        """
        found, place = drawing.found, self.query_one("#notice", TextLine)
        said: list[Content] = []
        fault = self.view.shown.fault
        if fault is not None:
            said.append(Content.assemble(signs.UNKNOWN.content, f" not known: {shown(fault.text)}"))
        now = found.at if self.age is None else (self.reading.taken_at or found.at) + self.age
        waiting = None if self.stale else group_lines.waiting(found, drawing.story, now, fault=fault)
        cooperative = any(event.cooperative for event in drawing.story.events[:1])
        notice = group_lines.notice(found, drawing.deck_states, cooperative=cooperative)
        said += [text for text in (notice, waiting) if text is not None][:1]
        place.display = bool(said)
        if said:
            place.styles.height = len(said)
            lines = (shortened(text, drawing.width) for text in said)
            place.show(Content("\n").join(lines))

    def tick(self) -> None:
        """Draw ages and lanes for the present time, even when no reading came."""
        if self._drawing is not None and not self.held:
            self.redraw(ages=True)
        else:
            super().tick()

    @property
    def seconds(self) -> int:
        """Seconds that the lanes show."""
        return self.span or (300 if self.room.width >= WIDE else 60)

    # edges

    def title(self) -> Content:
        if self._drawing is None:
            return Content("")
        found = self._drawing.found
        if found.group.rebalancing:
            return Content("rebalancing")
        return Content(
            f"{found.partitions} partitions" if self._drawing.layout.shape is draw.Shape.SPANS else ""
        )

    def footnote(self) -> Content:
        """The whole name of the member in the row with the cursor, and its partitions as numbers; without a
        cursor how the pane knows what it shows.
        """
        drawing = self._drawing
        if drawing is None:
            return Content("")
        newer = self.log_list.top
        above = Content.styled(f"{newer} newer above {signs.SEPARATOR} ", "bold") if newer else Content("")
        row = drawing.rows.get(self.members.cursor or "")
        if row is None or not self.members.has_focus:
            log_fault = self.view.shown.log_fault
            known = group_lines.known_from(drawing.found, drawing.story, self.pace.every, log_fault)
            return above + Content.styled(known, signs.MUTED)
        member = row.member
        parts = [shown(row.name), shown(member.host)]
        if member.client_id != row.name:
            parts.append(f"client {shown(visible_name(member.client_id))}")
        parts += group_lines.row_facts(drawing.found, row)
        return above + Content(f" {signs.SEPARATOR} ".join(parts))

    # keys

    def action_span(self, by: int) -> None:
        """Let the lanes show a longer or a shorter time."""
        place = SPANS.index(self.seconds) + by
        limit = "" if 0 <= place < len(SPANS) else ", the most" if by > 0 else ", the least"
        self.span = SPANS[max(0, min(place, len(SPANS) - 1))]
        self.notify(f"the lanes show {age(self.span)}{limit}", timeout=2)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The pane handles ``y`` and ``esc`` only while the log has the focus; else the screen does."""
        return self.log_list.has_focus if action in {"copy_line", "leave_log"} else True

    def action_leave_log(self) -> None:
        """Focus the list of members; the log then shows its newest lines again."""
        self.screen.set_focus(self.members)

    def action_copy_line(self) -> None:
        """Copy the log's line under the cursor, not shortened."""
        entry = self._drawing.entries.get(self.log_list.cursor or "") if self._drawing is not None else None
        if entry is not None:
            line = entry_line(entry, self.topic, self._clock, 1000).plain
            self.app.copy_to_clipboard(line)
            self.notify("copied the line", timeout=2)

    @on(LongList.Moved)
    def _moved(self, message: LongList.Moved) -> None:
        message.stop()
        if message.rows is self.members:
            self.log_list.top = 0
        self.draw_edges()

    @on(Beyond, "#members")
    def _into_log(self, message: Beyond) -> None:
        """Move the cursor from the last member to the first line of the log."""
        message.stop()
        if message.by > 0 and (keys := self.log_list.keys):
            self.log_list.cursor = keys[0]
            self.screen.set_focus(self.log_list)

    @on(Beyond, "#log")
    def _out_of_log(self, message: Beyond) -> None:
        message.stop()
        if message.by < 0 and (keys := self.members.keys):
            self.members.cursor = keys[-1]
            self.screen.set_focus(self.members)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Keep the cursor only in the list that has the focus, or had it last."""
        lists = (self.members, self.log_list)
        if event.widget in lists:
            self._in_log = event.widget is self.log_list
            lists[not self._in_log].cursor = None
            if not self._in_log:
                self.log_list.top = 0
        super().on_descendant_focus(event)

    @on(LongList.Chosen)
    def _chosen(self, message: LongList.Chosen) -> None:
        """Open the entry under the cursor if the log has it; else the newest entry."""
        message.stop()
        entries = self._drawing.entries if self._drawing is not None else {}
        newest = next(iter(entries), None)
        key = message.key if message.rows is self.log_list else newest
        if key is not None and key in entries and self.group is not None:
            self.post_message(self.OpenEntry(self.group, entries[key]))
        else:
            self.notify("nothing to open: the log below the members is empty so far", timeout=4)

"""Pane 4: the newest records of a topic as they arrive, one line each."""

from collections.abc import AsyncGenerator, Callable
from operator import attrgetter
from time import monotonic, time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kafkatui.domain import figures
from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.records.records import Record, TailNews, Unreadable
from kafkatui.domain.records.tail_log import MadeAnew, NotKept, Skipped, TailEntry, TailLog, TailView
from kafkatui.domain.text import printable, printable_name
from kafkatui.panes.pane import Pane
from kafkatui.panes.record_lines import between, record_cells
from kafkatui.watch.pace import Pace
from kafkatui.widgets import signs
from kafkatui.widgets.stream import Cell, Column, Stream

PAINT_EVERY = 0.5
"""Seconds between two paintings at least: painting costs more than reading."""


class TailPane(Pane):
    """The newest records of all partitions of the selected topic. Moving the cursor up holds the tail; ``f``
    or ``end`` follows the newest records again.
    """

    NUMBER = 4
    NAME = "Tail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "follow", "follow", id="tail.follow", tooltip="the newest records as they come")
    ]

    compacted: reactive[bool | None] = reactive(None, init=False, repaint=False)
    """Whether the topic is compacted, so that a null value is a tombstone; set by the screen; ``None``: not
    known.
    """

    class OpenRecord(Message):
        """The user opened a record."""

        def __init__(self, record: Record) -> None:
            super().__init__()
            self.record = record

    def __init__(
        self,
        follow: Callable[[str, Pace], AsyncGenerator[Reading[TailNews]]],
        pace: Pace,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(pace, id=id)
        self._follow_tail = follow
        self.lines = Stream()
        """The list of records. Kept as an attribute: the stream may still use it after it was removed from
        the screen.
        """
        self._painted_at = float("-inf")
        self._paint_due = False
        self._today = figures.day(time())
        self._held_from: int | None = None
        """`TailLog.seen` when the tail was held; ``None``: it follows."""
        self._offset_width = 10
        self._partition_width = 1
        self.log_of_topic = TailLog()
        """The entries that are kept; a new log for each topic."""
        self._shown = TailView()
        """The entries that the lines show; the log may be newer."""

    def compose_body(self) -> ComposeResult:
        yield self.lines

    def focused_part(self) -> Widget:
        return self.lines

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.lines, "cursor", self._cursor_moved, init=False)

    def _cursor_moved(self) -> None:
        entry = self.under_cursor
        self.lines.opens = entry is None or isinstance(entry, Record)

    # the stream

    def stream(self) -> AsyncGenerator[Reading[TailNews]] | None:
        return None if self.topic is None else self._follow_tail(self.topic, self.pace)

    def restart(self) -> None:
        self.log_of_topic, self._shown = TailLog(), TailView()
        self._held_from = None
        self._painted_at = float("-inf")
        self._offset_width, self._partition_width = 10, 1
        self._draw_columns()
        self.lines.clear()
        super().restart()

    def watch_group(self) -> None:
        """The group does not matter: the tail shows the topic."""

    def watch_compacted(self) -> None:
        if self.is_mounted:
            self.lines.repaint_all()

    def note(self, reading: Reading[TailNews]) -> None:
        news = reading.value
        if news is None or reading.fault is not None or reading.taken_at is None:
            return
        self._hold()
        self.log_of_topic.add(news, reading.taken_at)
        if news.came:
            furthest = max(map(attrgetter("offset"), news.came))
            highest = max(map(attrgetter("partition"), news.came))
            self._offset_width = max(self._offset_width, len(f"{furthest:,}"))
            self._partition_width = max(self._partition_width, len(str(highest)))

    def _hold(self) -> None:
        """While the user holds the tail or the pane, keep the entries on screen in the log, the one under the
        cursor first of all.
        """
        lines, row = self.lines, self.lines.cursor
        if row is None or (lines.following and not self.held):
            self.log_of_topic.hold(None)
            return
        bottom = lines.top + lines.rows_shown - 1
        around = max(0, row - lines.top), max(0, bottom - row)
        self.log_of_topic.hold(self.under_cursor, *around)

    def draw(self, reading: Reading[TailNews]) -> bool:
        self.show(reading)
        return not len(self.log_of_topic)  # else the edges are drawn with the lines

    def show(self, reading: Reading[TailNews]) -> None:
        if not len(self.log_of_topic):
            self._say_nothing_there(reading)
            return
        self.say(None)
        log = self.log_of_topic
        self.mark = Mark.WORSE if log.faults or log.unreadable else Mark.OK
        following = self.lines.following  # while the tail is held, the lines on screen hardly change
        wait = self._painted_at + PAINT_EVERY - monotonic() if following else 0.0
        if wait <= 0:
            self._paint_lines()
        elif not self._paint_due:
            self._paint_due = True
            self.set_timer(wait, self._paint_late)

    def _paint_late(self) -> None:
        self._paint_due = False
        if not self.held:
            self._paint_lines()

    def _paint_lines(self) -> None:
        self._painted_at = monotonic()
        self._draw_columns()
        before, now = self._shown, self.log_of_topic.view()
        self._shown = now
        self.lines.show(now.first, now.end, self._cells, cursor=self.log_of_topic.held)
        both = range(max(before.first, now.first), min(before.end, now.end))
        seen = range(self.lines.top, self.lines.top + self.lines.rows_shown)
        self.lines.repaint_rows(*(row for row in seen if row in both and before[row] is not now[row]))
        self.draw_edges()

    def _say_nothing_there(self, reading: Reading[TailNews]) -> None:
        if self.topic is None:
            self.say("No topic chosen.")
        elif reading.fault is not None:
            self._say_why(reading.fault)
        elif reading.value is None:
            self.say(f"asking the brokers {signs.ELLIPSIS} {self.loading_for:.0f} s", Mark.MOVING)
        elif reading.value.faults and len(reading.value.faults) >= reading.value.partitions:
            partition, why = reading.value.faults[0]
            self._say_why(why.within(f"partition {partition}"))
        else:
            self.say(f"No records. New ones show up here {signs.SEPARATOR} {self.loading_for:.0f} s so far")

    def _say_why(self, fault: Fault) -> None:
        ascii_only = signs.ascii_only()
        if fault.kind is FaultKind.DENIED:
            topic = printable_name(self.topic or "", ascii=ascii_only)
            self.say(f"Not allowed: READ on topic {topic}. Ask for it, or pick another topic.", Mark.DENIED)
        else:
            self.say(printable(fault.text, ascii=ascii_only), Mark.BROKEN)

    def tick(self) -> None:
        """After midnight, draw the times again: those of the day before now need a date."""
        super().tick()
        if (today := figures.day(time())) != self._today:
            self._today = today
            self.lines.repaint_changed()

    # drawing

    def _draw_columns(self) -> None:
        width = self.size.width
        joined = [
            Column("time", " TIME", 1 + figures.MOMENT_WIDTH),
            Column("partition", "P", self._partition_width, right=True),
            Column("offset", "OFFSET", self._offset_width, right=True),
            Column("key", "KEY", 14 if width >= 76 else 10),
            Column("value", "VALUE", 0),
        ]
        if width >= 160:
            joined += [
                Column("size", "SIZE", figures.SIZE_WIDTH, right=True),
                Column("headers", "HEADERS", 42 if width >= 190 else 30),
            ]
        self.lines.columns(*joined)

    def on_resize(self, _: Resize) -> None:
        self._draw_columns()
        self.draw_edges()

    def _cells(self, number: int) -> list[Cell]:
        entry = self._shown[number]
        if not isinstance(entry, Record):
            return [between(entry, self.log_of_topic.per_second, self.lines.size.width - 1)]
        widths = dict(zip(self.lines.column_keys, self.lines.column_widths(), strict=True))
        return record_cells(entry, widths, compacted=self.compacted, now=time())

    # edges

    def where(self) -> Content:
        if self.topic is None:
            return Content("")
        if self.lines.following:
            topic = printable_name(self.topic, ascii=signs.ascii_only())
            return Content.assemble(
                signs.sign(Mark.OK),
                (" following", signs.MUTED),
                f" {signs.SEPARATOR} {topic} {signs.SEPARATOR} all partitions",
            )
        newer = self.log_of_topic.seen - (self._held_from or 0)
        return Content.assemble(
            signs.HELD_STILL.content, (f" held {signs.SEPARATOR} {newer:,} newer", "bold")
        )

    def footnote(self) -> Content:
        log = self.log_of_topic
        if not self.lines.following:
            dropped = f"{log.not_kept:,} not kept {signs.SEPARATOR} " if log.not_kept else ""
            return Content(f"{dropped}end follows again")
        if log.faults:
            partition, why = log.faults[0]
            more = f" and {len(log.faults) - 1} more" if len(log.faults) > 1 else ""
            return Content.styled(f"partition {partition}: {printable(why.text)}{more}", "$warning bold")
        if not len(log):
            return Content("")
        rate = "" if log.rate is None else f"{figures.rate(log.rate)} rec/s, "
        everything = log.rate is not None and log.rate <= log.per_second
        shown = Content.styled("all shown" if everything else f"{log.per_second}/s shown", signs.MUTED)
        if log.unreadable:
            shown = Content.styled(f"{log.unreadable:,} cannot be read", "$warning bold")
        return Content.assemble(
            (rate, signs.MUTED), shown, (f" {signs.SEPARATOR} {log.most:,} kept", signs.MUTED)
        )

    # keys

    def action_follow(self) -> None:
        """Show the newest records as they come."""
        if self.lines.following:
            self.notify("it follows already", timeout=2)
        self.lines.following = True

    @on(Stream.FollowChanged)
    def _follow_changed(self, message: Stream.FollowChanged) -> None:
        message.stop()
        self._held_from = None if message.following else self.log_of_topic.seen
        self.draw_edges()

    @on(Stream.Chosen)
    def _chosen(self, message: Stream.Chosen) -> None:
        message.stop()
        match self.under_cursor:
            case Record() as record:
                self.post_message(self.OpenRecord(record))
            case Unreadable() | Skipped() | MadeAnew() | NotKept() as entry:
                self.notify(between(entry, self.log_of_topic.per_second, 1000).plain)

    @property
    def under_cursor(self) -> TailEntry | None:
        """The entry under the cursor; ``None``: there is no cursor."""
        row, shown = self.lines.cursor, self._shown
        return shown[row] if row is not None and shown.first <= row < shown.end else None

    def step(self, by: int) -> Record | None:
        """Move the cursor to the next record (`by` = 1) or the one before (-1), and return that record;
        ``None``: there is none.
        """
        shown, place = self._shown, self.lines.cursor
        while place is not None and shown.first <= (place := place + by) < shown.end:
            if isinstance(entry := shown[place], Record):
                self.lines.go_to(place)
                return entry
        return None

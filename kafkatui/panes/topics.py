"""Pane 1: the topics, how many records they hold, how fast they grow, who reads them and how far behind."""

from collections.abc import AsyncGenerator, Callable, Collection
from time import monotonic
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topics_view import Made, TopicsView, topic_rows
from kafkatui.domain.text import clip_middle, printable, printable_name
from kafkatui.panes.topic_lines import TITLES, LineSource, cells, columns, words
from kafkatui.panes.view_pane import ViewPane
from kafkatui.watch.pace import Pace
from kafkatui.widgets import signs
from kafkatui.widgets.filter_input import FilterInput
from kafkatui.widgets.long_list import Cell, HeadClicked, LongList

AT_START = 60.0
"""Seconds in which the list scrolls to the worst topic by itself: verdicts take some looks."""


class TopicsPane(ViewPane):
    """One line a topic. Its stream does not depend on the selection."""

    NUMBER = 1
    NAME = "Topics"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "filter",
            id="topics.filter",
            key_display="/",
            tooltip="only names with what is typed in them",
        ),
        Binding("s", "sort", "sort", id="topics.sort", tooltip="sort by the next column"),
        Binding("S", "reverse", "reverse", id="topics.reverse", show=False, tooltip="turn the order round"),
        Binding(
            "i",
            "internal",
            "internal",
            id="topics.internal",
            show=False,
            tooltip="list Kafka's own topics, or not",
        ),
        Binding("escape", "clear_filter", "back", id="topics.clear-filter", show=False),
    ]

    class Selected(Message):
        """The user moved to another topic."""

        def __init__(self, topic: str) -> None:
            super().__init__()
            self.topic = topic

    class Opened(Message):
        """The user opened a topic."""

        def __init__(self, topic: str) -> None:
            super().__init__()
            self.topic = topic

    def __init__(
        self,
        follow: Callable[[Callable[[], Collection[str]], Pace], AsyncGenerator[Reading[ClusterTopics]]],
        pace: Pace,
        take: Callable[[Reading[ClusterTopics]], None],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(pace, take, id=id)
        self._follow_topics = follow
        self._view = TopicsView()
        self._made: dict[str, Made] = {}
        self._most_partitions = 0
        self._touched = False
        """The user has moved in the list, or changed what is listed."""
        self._left_at: int | None = None
        """Where the list was scrolled to by itself."""

    def compose_body(self) -> ComposeResult:
        yield LongList(cursor_before=1)

    def compose_foot(self) -> ComposeResult:
        yield FilterInput(placeholder="filter", compact=True)

    @property
    def lines(self) -> LongList:
        """The lines."""
        return self.query_one(LongList)

    def focused_part(self) -> Widget:
        return self.lines

    # the stream

    def stream(self) -> AsyncGenerator[Reading[ClusterTopics]]:
        return self._follow_topics(self.wanted, self.pace)

    def wanted(self) -> frozenset[str]:
        """Topics whose figures are on screen, and the selected one: they are asked for first."""
        keys = self._view.keys[self.lines.top : self.lines.top + self.lines.rows_shown]
        return frozenset(keys) if self.topic is None else frozenset((*keys, self.topic))

    def parts(self) -> tuple[object, ...]:
        return (self.view.topics,)

    def show(self, reading: Reading[ClusterTopics]) -> None:
        topics = self.view.topics
        if topics.value is None:
            self._say_nothing_known(reading)
            return
        rows = topic_rows(topics.value, topics.rates.rates, topics.usage, made=self._made)
        self._view.show(rows, reading.taken_at or 0.0)
        self._draw_lines()

    def tick(self) -> None:
        if self._view.gone and not self.held and self.view.topics.value is not None:
            self._view.forget(monotonic())
            self._draw_lines()
        super().tick()

    def watch_group(self) -> None:
        """Topics are listed the same whichever group is selected."""

    def watch_topic(self) -> None:
        """Only the cursor moves; the stream goes on."""
        self._left_at = None
        if self.is_mounted:
            self.lines.cursor = self.topic
            self.draw_edges()

    def select(self, topic: str) -> None:
        """Put the cursor on a topic; a filter that hides it is given up."""
        row = self._view.rows.get(topic)
        if row is not None and topic not in self._view.keys:
            self._view.show_internal(self._view.internal or row.internal)
            self._end_filter()
        self.lines.cursor = topic

    # drawing

    def _say_nothing_known(self, reading: Reading[ClusterTopics]) -> None:
        if reading.fault is None:
            self.say(f"asking the brokers {signs.ELLIPSIS} {self.loading_for:.0f} s", Mark.MOVING)
        else:
            denied = reading.fault.kind is FaultKind.DENIED
            self.say(
                printable(reading.fault.text, ascii=signs.ascii_only()),
                Mark.DENIED if denied else Mark.BROKEN,
            )

    def _draw_lines(self) -> None:
        """Put the lines on screen, or say why there are none."""
        view, lines = self._view, self.lines
        lines.sorted_by = (view.column, view.descending)
        sizes = (row.partitions or 0 for row in view.rows.values())
        self._most_partitions = max(sizes, default=self._most_partitions)
        self._draw_columns()
        self._touched = self._touched or self._left_at not in {None, lines.top}
        lines.show(view.keys, self._cells, struck=view.gone)
        self._keep_worst_in_sight()
        self._left_at = lines.top
        mark = max(
            (row.mark for row in view.rows.values() if view.internal or not row.internal), default=Mark.OK
        )
        if view.keys:
            self.say(None)
            self.mark = mark
        elif view.pattern:
            self.say(
                f"No name has '{printable(view.pattern, ascii=signs.ascii_only())}' in it. esc shows all."
            )
        elif view.hidden:
            self.say(f"No topics yet. i shows {view.hidden:,} internal.")
        else:
            self.say("No topics, or none that this user may describe.")
        self.draw_edges()

    def _keep_worst_in_sight(self) -> None:
        """At the start the list scrolls to the worst topic, until the user moves in it."""
        view = self._view
        if self._touched or self.loading_for > AT_START or not view.keys:
            return
        worst = max(view.keys, key=lambda name: view.rows[name].mark)
        if view.rows[worst].mark >= Mark.WORSE:
            self.lines.scroll_to_row(view.keys.index(worst))

    def _draw_columns(self) -> None:
        self.lines.columns(*columns(self.size.width, self._most_partitions))

    def on_resize(self, _: Resize) -> None:
        self._left_at = None
        self._draw_columns()
        self.draw_edges()

    def _cells(self, name: str) -> list[Cell]:
        source = LineSource(
            widths=dict(zip(self.lines.column_keys, self.lines.column_widths(), strict=True)),
            logs=(self.view.topics.value or ClusterTopics()).logs,
            rates=self.view.topics.rates,
            taken_at=self.reading.taken_at or 0.0,
            stale=self.stale,
        )
        return cells(self._view.rows[name], source)

    # edges

    def title(self) -> Content:
        view = self._view
        shown = len(view.keys) - len(view.gone)
        return Content(
            f"{shown:,} of {view.total:,}" if view.pattern else f"{view.total:,}" if view.rows else ""
        )

    def where(self) -> Content:
        arrow = signs.DESCENDING if self._view.descending else signs.ASCENDING
        text = Content.assemble((f"{TITLES[self._view.column]} ", signs.MUTED), arrow.content)
        if self._view.pattern:
            text = Content.assemble(
                f"/{printable(self._view.pattern, ascii=signs.ascii_only())} {signs.SEPARATOR} ", text
            )
        elif self._view.hidden and self.size.width >= 68:
            text = Content.assemble(
                text, (f" {signs.SEPARATOR} {self._view.hidden:,} internal hidden", signs.MUTED)
            )
        return text

    def footnote(self) -> Content:
        """What the cursor's line cannot say: why it is marked, its whole name; else what is wrong."""
        row = self._view.rows.get(self.lines.cursor or "") if self.lines.cursor_row is not None else None
        if row is None:
            return Content(f" {signs.SEPARATOR} ".join(self._everywhere()))
        name = printable_name(row.name, ascii=signs.ascii_only())
        note = " is gone" if row.name in self._view.gone else f": {said}" if (said := words(row)) else ""
        if not note and cell_len(name) <= self._name_width:
            return Content(f" {signs.SEPARATOR} ".join(self._everywhere()))
        room = max(12, self.foot_room - cell_len(note))
        return Content.styled(
            clip_middle(name, room, ellipsis=str(signs.ELLIPSIS)) + note, "bold" if note else ""
        )

    @property
    def _name_width(self) -> int:
        return dict(zip(self.lines.column_keys, self.lines.column_widths(), strict=True)).get("name", 0)

    def _everywhere(self) -> list[str]:
        """What is wrong with partitions anywhere, and what is not listed."""
        view = self._view
        offline = sum(row.offline for row in view.rows.values() if row.name not in view.gone)
        under = sum(row.under_replicated for row in view.rows.values() if row.name not in view.gone)
        said = []
        if offline:
            said.append(f"{offline:,} offline")
        if under:
            said.append(f"{under:,} under-replicated")
        if view.pattern:
            said.append("esc shows all")
        elif not said:
            said.append("/ filter")
        if view.hidden:
            said.append(f"{view.hidden:,} internal hidden")
        return said

    # keys and mouse

    @on(LongList.Moved)
    def _moved(self, message: LongList.Moved) -> None:
        message.stop()
        self._touched = True
        self.draw_edges()
        self.post_message(self.Selected(message.key))

    @on(LongList.Chosen)
    def _chosen(self, message: LongList.Chosen) -> None:
        message.stop()
        self.post_message(self.Opened(message.key))

    @on(HeadClicked)
    def _head_clicked(self, message: HeadClicked) -> None:
        message.stop()
        if message.column == self._view.column:
            self.action_reverse()
        else:
            self._sort(message.column)

    def action_sort(self) -> None:
        """Sort by the next column; by lag also where it has no room."""
        keys = [column.key for column in columns(self.size.width) if column.sortable]
        keys += [] if "lag" in keys else ["lag"]
        place = keys.index(self._view.column) + 1 if self._view.column in keys else 0
        self._sort(keys[place % len(keys)])

    def _sort(self, column: str) -> None:
        """Names from a, figures from the largest."""
        self._touched = True
        self._view.sort(column, column != "name")
        self._draw_lines()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._view.sort(descending=not self._view.descending)
        self._draw_lines()

    def resort(self) -> None:
        """Sort again by the figures of now."""
        self._view.sort()
        self._draw_lines()

    def action_internal(self) -> None:
        """List Kafka's own topics, or hide them."""
        before = self._view.keys
        self._view.show_internal(not self._view.internal)
        self._draw_lines()
        if self._view.keys == before:
            self.notify("no internal topic is known here", timeout=2)

    def action_filter(self) -> None:
        """Type what names must contain."""
        line = self.query_one(FilterInput)
        line.add_class("-on")
        line.focus()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._touched = True
        self._view.filter(message.value)
        if self.view.topics.value is not None:
            self._draw_lines()

    @on(Input.Submitted)
    def _typed_all(self, message: Input.Submitted) -> None:
        message.stop()
        self.query_one(FilterInput).remove_class("-on")
        self.focus_list()
        if self._view.pattern and self._view.keys:
            self.lines.action_top()

    @on(FilterInput.Cleared)
    def _cleared(self, message: FilterInput.Cleared) -> None:
        message.stop()
        self._end_filter()
        self.focus_list()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """``esc`` is the screen's unless there is a filter to give up."""
        return bool(self._view.pattern) if action == "clear_filter" else True

    def action_clear_filter(self) -> None:
        """Show all names again."""
        self._end_filter()

    def _end_filter(self) -> None:
        line = self.query_one(FilterInput)
        line.remove_class("-on")
        line.value = ""
        self._view.filter("")
        if self.view.topics.value is not None:
            self._draw_lines()

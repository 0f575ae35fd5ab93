"""Pane 1: the topics, how many records they hold, how fast they grow, how many groups read them and how far
these are behind.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topics_view import Made, TopicRow, topic_rows, when_gone
from kafkatui.domain.sorted_rows import SortedRows
from kafkatui.domain.text import clip_middle, printable, printable_name
from kafkatui.panes.list_columns import sort_values
from kafkatui.panes.list_pane import ListPane, list_bindings
from kafkatui.panes.topic_lines import TABLE, LineSource, least_widths, words
from kafkatui.watch.pace import Pace
from kafkatui.widgets import signs


class TopicsPane(ListPane[TopicRow, LineSource]):
    """One line for each topic. The stream reads all topics, so another selection does not end it."""

    NUMBER = 1
    NAME = "Topics"
    HIDDEN = "internal"
    SAYS_AGE_OF_ORDER = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *list_bindings("topics"),
        Binding(
            "i",
            "internal",
            "more rows",
            id="topics.internal",
            show=False,
            tooltip="list Kafka's own topics, or not",
        ),
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
        listed = SortedRows(sort_values(TABLE), "name", hidden=lambda row: row.internal, when_gone=when_gone)
        super().__init__(pace, take, TABLE, listed, id=id)
        self._follow_topics = follow
        self._made: dict[str, Made] = {}
        self._most_partitions = 0

    # the stream

    def stream(self) -> AsyncGenerator[Reading[ClusterTopics]]:
        return self._follow_topics(self.wanted, self.pace)

    def wanted(self) -> frozenset[str]:
        """The topics on screen and the selected one: the stream asks for their end offsets at every look."""
        keys = self.in_sight
        return frozenset(keys) if self.topic is None else frozenset((*keys, self.topic))

    def parts(self) -> tuple[object, ...]:
        return (self.view.topics,)

    def show(self, reading: Reading[ClusterTopics]) -> None:
        topics = self.view.topics
        if topics.value is None:
            self._say_nothing_known(reading)
            return
        rows = topic_rows(topics.value, topics.rates.rates, topics.usage, made=self._made)
        sizes = (row.partitions or 0 for row in rows.values())
        self._most_partitions = max(sizes, default=self._most_partitions)
        self.put(rows, reading.taken_at or 0.0)

    def watch_group(self) -> None:
        """Nothing changes: the list is the same whichever group is selected."""

    def watch_topic(self) -> None:
        """Move the cursor; the stream is not begun anew."""
        self.put_cursor(self.topic)

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

    def nothing_listed(self) -> str:
        if self.listed.hidden:
            return f"No topics yet. i shows {self.listed.hidden:,} internal."
        return "No topics, or none that this user may describe."

    def mark_of(self, row: TopicRow) -> Mark:
        return row.mark

    def least_widths(self) -> Mapping[str, int]:
        return least_widths(self._most_partitions)

    def source(self) -> LineSource:
        return LineSource(
            logs=(self.view.topics.value or ClusterTopics()).logs,
            rates=self.view.topics.rates,
            taken_at=self.reading.taken_at or 0.0,
            stale=self.stale,
        )

    # edges

    def footnote(self) -> Content:
        """The whole name of the topic under the cursor, with its faults; if the row shows it whole and there
        are no faults, or without a cursor, the faults of all topics.
        """
        row = self.listed.rows.get(self.lines.cursor or "") if self.lines.cursor_row is not None else None
        if row is None:
            return Content(f" {signs.SEPARATOR} ".join(self._everywhere()))
        name = printable_name(row.name, ascii=signs.ascii_only())
        note = " is gone" if row.name in self.listed.gone else f": {said}" if (said := words(row)) else ""
        if not note and cell_len(name) <= self.width_of("name"):
            return Content(f" {signs.SEPARATOR} ".join(self._everywhere()))
        room = max(12, self.foot_room - cell_len(note))
        return Content.styled(
            clip_middle(name, room, ellipsis=str(signs.ELLIPSIS)) + note, "bold" if note else ""
        )

    def _everywhere(self) -> list[str]:
        """Texts about faulty partitions of all topics, and about topics that are not listed."""
        listed = self.listed
        offline = sum(row.offline for row in listed.rows.values() if row.name not in listed.gone)
        under = sum(row.under_replicated for row in listed.rows.values() if row.name not in listed.gone)
        said = []
        if offline:
            said.append(f"{offline:,} offline")
        if under:
            said.append(f"{under:,} under-replicated")
        if listed.pattern:
            said.append("esc shows all")
        elif not said:
            said.append("/ filter")
        if listed.hidden:
            said.append(f"{listed.hidden:,} internal hidden")
        return said

    # keys and mouse

    def moved_to(self, key: str) -> None:
        self.post_message(self.Selected(key))

    def opened(self, key: str) -> None:
        self.post_message(self.Opened(key))

    def action_internal(self) -> None:
        """List Kafka's own topics, or hide them."""
        before = self.listed.keys
        self.listed.show_hidden(not self.listed.shows_hidden)
        self.draw_lines()
        if self.listed.keys == before:
            self.notify("no internal topic is known here", timeout=2)

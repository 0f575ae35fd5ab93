"""The page of one topic."""

from collections.abc import Callable
from functools import partial
from time import time
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from kafkatui.panes.group_pane import name_of
from kafkatui.screens.cluster_screen import Places
from kafkatui.screens.lines_screen import LinesScreen, not_there
from kafkatui.screens.topic_text import TopicSource, topic_lines
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams
from kafkatui.watch.survive import take_all
from kafkatui.watch.view import ClusterView
from kafkatui.widgets.columns import Cell

EVERY = 5
"""Looks at the topic are so many intervals apart."""


class TopicScreen(LinesScreen):
    """The lines of a topic. Its stream is read while the page is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "open", id="topic.show", tooltip="show the topic in the four panes"),
        Binding("y", "copy", "copy", id="topic.copy", show=False, tooltip="copy the name of the topic"),
    ]

    def __init__(
        self,
        places: Places,
        streams: Streams,
        topic: str,
        interval: float,
        wall: Callable[[], float] = time,
    ) -> None:
        """`interval`: seconds between two looks at the panes; `wall`: gives seconds since the epoch."""
        super().__init__(places, f"Topic {name_of(topic, 60)}", topic)
        self.topic = topic
        self._streams = streams
        self._interval = interval
        self._wall = wall

    def begin(self) -> None:
        super().begin()
        self._follow()

    @work(exclusive=True)
    async def _follow(self) -> None:
        """Read the stream of the topic, and hand each reading to the model."""
        stream, pace = self._streams.topic_page, Pace(EVERY * self._interval)
        await take_all(
            lambda: None if stream is None else stream(self.topic, pace),
            partial(self.places.model.take_topic_page, self.topic),
            "the page of a topic",
        )

    def parts(self, view: ClusterView) -> tuple[object, ...]:
        stale = view.topics_reading.fault
        return view.topics.value, view.topic_page, view.groups.standings, view.groups.value, stale

    def lines(self, cells: int) -> list[Cell]:
        view = self.places.model.view
        known = view.topics.value
        topic = next((one for one in known.topics if one.name == self.topic), None) if known else None
        if known is None or topic is None:
            return not_there(asked=known is not None)
        name, reading = view.topic_page
        groups = () if view.groups.value is None else view.groups.value.groups
        mine = name == self.topic
        return topic_lines(
            TopicSource(
                topic,
                known.logs.get(self.topic),
                reading.value if mine else None,
                reading.fault if mine else None,
                view.topics_reading.fault,
                known.min_isr.get(self.topic),
                known.refusing(topic) or (),
                [one for one in view.groups.standings if one.topic == self.topic],
                [one for one in groups if one.sharing is not None and self.topic in one.sharing.topics],
                self._wall(),
                cells,
            )
        )

    def action_show(self) -> None:
        """Show the topic in the four panes."""
        self.places.go_to_panes(topic=self.topic, pane=1)

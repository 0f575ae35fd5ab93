"""The page of one topic."""

from collections.abc import Callable
from time import time
from typing import ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from kafkatui.domain.cluster.marks import Mark
from kafkatui.panes.group_pane import name_of
from kafkatui.screens.cluster_screen import ClusterScreen, Places
from kafkatui.screens.topic_text import TopicSource, topic_lines
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams
from kafkatui.watch.view import ClusterView, the_same
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.page import Page

EVERY = 5
"""Looks at the topic are so many intervals apart."""


class TopicScreen(ClusterScreen):
    """The lines of a topic. Its stream is read while the page is open."""

    DEFAULT_CSS = """
    TopicScreen > .page {
        border: heavy $primary; border-title-color: $foreground; height: 1fr; padding: 0 1;
    }
    TopicScreen.-ascii > .page { border: ascii $primary; }
    """
    KEYS_WANTED: ClassVar[tuple[str, ...]] = ("move", "open", "pane", "problem", "go to")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "open", id="topic.show", tooltip="show the topic in the four panes"),
        Binding("y", "copy", "copy", id="topic.copy", show=False, tooltip="copy the name of the topic"),
    ]

    page = getters.query_one(Page)

    def __init__(
        self,
        places: Places,
        streams: Streams,
        topic: str,
        interval: float,
        wall: Callable[[], float] = time,
    ) -> None:
        """`interval`: seconds between two looks at the panes; `wall`: gives seconds since the epoch."""
        super().__init__(places)
        self.topic = topic
        self._streams = streams
        self._interval = interval
        self._wall = wall
        self._made_of: tuple[object, ...] = ()
        """The parts of the view from which the lines were laid out last."""

    def compose_page(self) -> ComposeResult:
        with Vertical(classes="page") as box:
            box.border_title = Content.styled(f"Topic {name_of(self.topic, 60)}", "bold")
            yield Page()

    def begin(self) -> None:
        self.page.focus()
        self._follow()

    def wants_focus(self) -> Widget | None:
        return self.page

    @work(exclusive=True)
    async def _follow(self) -> None:
        """Read the stream of the topic, and hand each reading to the model."""
        if self._streams.topic_page is not None:
            async for reading in self._streams.topic_page(self.topic, Pace(EVERY * self._interval)):
                self.places.model.take_topic_page(self.topic, reading)

    def see(self, view: ClusterView) -> None:
        parts = (view.topics.value, view.topic_page, view.groups.standings)
        if not the_same(parts, self._made_of):
            self._made_of = parts
            self._draw()

    def tick(self) -> None:
        self._draw()

    def _draw(self) -> None:
        self.page.show(self._lines, keep_place=True)

    def _lines(self, cells: int) -> list[Cell]:
        view = self.places.model.view
        known = view.topics.value
        topic = next((one for one in known.topics if one.name == self.topic), None) if known else None
        if known is None or topic is None:
            gone = known is not None
            text = " it is not there any more, or is not listed" if gone else f" asking {signs.ELLIPSIS}"
            return [Content.assemble(signs.sign(Mark.BROKEN if gone else Mark.MOVING), text)]
        name, reading = view.topic_page
        mine = name == self.topic
        return topic_lines(
            TopicSource(
                topic,
                known.logs.get(self.topic),
                reading.value if mine else None,
                reading.fault if mine else None,
                [one for one in view.groups.standings if one.topic == self.topic],
                self._wall(),
                cells,
            )
        )

    def action_show(self) -> None:
        """Show the topic in the four panes."""
        self.places.go_to_panes(topic=self.topic, pane=1)

    def action_copy(self) -> None:
        """Copy the name of the topic."""
        self.app.copy_to_clipboard(self.topic)
        self.notify("copied the name", timeout=2)

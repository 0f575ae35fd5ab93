"""One pane, or one screen, in a small app: for tests and snapshots."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from textual.app import ComposeResult
from textual.screen import Screen

from kafkatui.app import KafkaTui
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.panes.pane import Pane
from kafkatui.panes.topics import TopicsPane
from kafkatui.terminal import TerminalApp
from kafkatui.watch.model import Model
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import ClusterView
from kafkatui.widgets import signs, themes
from tests.ui.shop_data import SOON

T = TypeVar("T")


class PaneApp(TerminalApp):
    """Shows one pane at full size, in the look of the program."""

    CSS_PATH = KafkaTui.CSS_PATH
    get_theme_variable_defaults = KafkaTui.get_theme_variable_defaults

    def __init__(
        self,
        pane: Callable[[], Pane] | None = None,
        *,
        topic: str | None = None,
        narrow: bool = False,
        ascii_only: bool = False,
        theme: str = themes.DARK.name,
    ) -> None:
        signs.use_ascii(ascii_only)
        super().__init__()
        self._make = pane
        self._topic = topic
        self._narrow = narrow
        self._wanted_theme = theme
        self.set_class(ascii_only, "-ascii")

    def get_default_screen(self) -> Screen[None]:
        screen = super().get_default_screen()
        screen.set_class(self._narrow, "-narrow")
        return screen

    def compose(self) -> ComposeResult:
        if self._make is not None:
            yield self._make()

    async def on_mount(self) -> None:
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = self._wanted_theme

    def on_ready(self) -> None:
        """Begin once everything is composed, as the monitor does."""
        if self._make is not None:
            pane = self.query_one(Pane)
            if isinstance(pane, TopicsAlone):
                pane.model.select(self._topic, None)
            else:
                pane.topic = self._topic
            if self._topic is None or isinstance(pane, TopicsPane):  # the others follow their topic
                pane.restart()
            pane.query("LongList, Stream").first().focus()


class TopicsAlone(TopicsPane):
    """Pane 1 over these readings, with a model of its own; `usage` tells who reads each topic."""

    def __init__(
        self,
        readings: Sequence[Reading[ClusterTopics]],
        pace: Pace,
        usage: Mapping[str, TopicUsage] | None = None,
    ) -> None:
        self.model = Model(lambda: SOON)
        super().__init__(lambda visible, pace: stream_of(readings), pace, self.model.take_topics)
        self._usage = usage
        self.model.listen(self._tell)

    def _tell(self, view: ClusterView) -> None:
        self.see(replace(view, topics=replace(view.topics, usage=self._usage)))

    def tell_usage(self, usage: Mapping[str, TopicUsage] | None) -> None:
        """From now on others read the topics."""
        self._usage = usage
        self._tell(self.model.view)


async def stream_of(readings: Iterable[Reading[T]]) -> AsyncGenerator[Reading[T]]:
    """A stream that ends."""
    for reading in readings:
        yield reading

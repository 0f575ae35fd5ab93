"""The palette (``:`` and ctrl+p): go to any topic or group by some of its letters, or do what a key does."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import FuzzySearch

from kafkatui.domain.text import printable, visible_name
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.widgets import signs

Places = Iterator[tuple[str, Callable[[], object]]]
"""The labels of the palette's entries, each with the function that it calls."""
FIRST = 50
"""The largest number of entries that are listed before the user types."""


class GoTo(Provider):
    """Topics and groups of the cluster on the screen, the acts of the deck, and the keys that the deck's
    letters cover.
    """

    def _places(self) -> Places:
        for label, go in self._named():
            yield printable(label, ascii=signs.ascii_only()), go

    def _named(self) -> Places:
        screen = self.screen
        if not isinstance(screen, MonitorScreen):
            return
        for name in screen.topic_names():
            yield f"topic {visible_name(name)}", partial(screen.show_topic, name)
        for name in screen.group_names():
            yield f"group {visible_name(name)}", partial(screen.go_to_group, name)
        if screen.deck_area.out:
            yield from (*screen.deck_area.places(), *screen.covered_keys())

    async def discover(self) -> Hits:
        """The first `FIRST` entries, before the user types."""
        for label, go in islice(self._places(), FIRST):
            yield DiscoveryHit(Content(label), go, text=label)

    async def search(self, query: str) -> Hits:
        """Entries that contain the letters in this order. (Textual's own highlighting would take names for
        markup.)
        """
        letters = FuzzySearch()
        for label, go in self._places():
            score, places = letters.match(query, label)
            if score > 0:
                shown = Content(label)
                for place in places:
                    shown = shown.stylize("bold underline", place, place + 1)
                yield Hit(score, shown, go, text=label)

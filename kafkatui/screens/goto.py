"""``:`` and ctrl+p: go to any topic or group by some of its letters, or do what a key does."""

from collections.abc import Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import FuzzySearch

from kafkatui.domain.text import printable, visible_name
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.widgets import signs

Places = list[tuple[str, Callable[[], object]]]
"""What can be gone to or done, and how."""


class GoTo(Provider):
    """Topics and groups of the cluster on screen, the deck, and what its letters cover."""

    def _places(self) -> Places:
        screen = self.screen
        if not isinstance(screen, MonitorScreen):
            return []
        places: Places = []
        places += [
            (f"topic {visible_name(name)}", partial(screen.show_topic, name)) for name in screen.topic_names()
        ]
        places += [
            (f"group {visible_name(name)}", partial(screen.show_group, name)) for name in screen.group_names()
        ]
        if screen.deck_area.out:
            places += [*screen.deck_area.places(), *screen.covered_keys()]
        return [(printable(label, ascii=signs.ascii_only()), go) for label, go in places]

    async def discover(self) -> Hits:
        """The first few, before anything is typed."""
        for label, go in self._places()[:50]:
            yield DiscoveryHit(Content(label), go, text=label)

    async def search(self, query: str) -> Hits:
        """Names with these letters in this order. (Textual's own highlighting takes them for markup.)"""
        letters = FuzzySearch()
        for label, go in self._places():
            score, places = letters.match(query, label)
            if score > 0:
                shown = Content(label)
                for place in places:
                    shown = shown.stylize("bold underline", place, place + 1)
                yield Hit(score, shown, go, text=label)

"""The palette (``:`` and ctrl+p): go to any topic, group or broker by some of its letters, or do what a key
does.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, zip_longest

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import FuzzySearch

from kafkatui.domain.text import printable, visible_name
from kafkatui.screens.cluster_screen import ClusterScreen
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.widgets import signs

Places = Iterator[tuple[str, Callable[[], object]]]
"""The labels of the palette's entries, each with the function that it calls."""
FIRST = 50
"""The largest number of entries that are listed before the user types."""


class GoTo(Provider):
    """Pages, topics, groups and brokers of the cluster on the screen, the acts of the deck, and the keys that
    the deck's letters cover.
    """

    def _places(self) -> Places:
        for label, go in self._named():
            yield printable(label, ascii=signs.ascii_only()), go

    def _named(self) -> Places:
        """Pages, then topics, groups and brokers in turn, so that none of them is below all of the others."""
        screen = self.screen
        places = screen.places if isinstance(screen, ClusterScreen) else screen
        if not isinstance(places, MonitorScreen):
            return
        view = places.view
        yield "all groups  5", places.open_groups
        yield "brokers and replicas  6", places.open_brokers
        named = (
            [
                (f"topic {visible_name(name)}", partial(places.go_to_panes, topic=name))
                for name in view.topics.names
            ],
            [
                (f"group {visible_name(name)}", partial(places.go_to_group, name))
                for name in view.groups.names
            ],
            [(f"broker {node}", places.open_brokers) for node in sorted(view.topics.brokers_seen)],
        )
        for several in zip_longest(*named):
            yield from (one for one in several if one is not None)
        if not isinstance(screen, ClusterScreen) and places.deck_area.out:
            yield from (*places.deck_area.places(), *places.covered_keys())

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

"""``:`` and ctrl+p: go to any topic or group by some of its letters, or run a command."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from kafkatui.domain.text import printable
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.widgets import signs


class GoTo(Provider):
    """Topics and groups of the cluster on screen."""

    def _places(self) -> list[tuple[str, partial[None]]]:
        screen = self.screen
        if not isinstance(screen, MonitorScreen):
            return []
        topics = [(f"topic {name}", partial(screen.show_topic, name)) for name in screen.topic_names()]
        groups = [(f"group {name}", partial(screen.show_group, name)) for name in screen.group_names()]
        return [(printable(label, ascii=signs.ascii_only()), go) for label, go in topics + groups]

    async def discover(self) -> Hits:
        """The first few, before anything is typed."""
        for label, go in self._places()[:50]:
            yield DiscoveryHit(label, go)

    async def search(self, query: str) -> Hits:
        """Names with these letters in this order."""
        matcher = self.matcher(query)
        for label, go in self._places():
            if (score := matcher.match(label)) > 0:
                yield Hit(score, matcher.highlight(label), go, text=label)

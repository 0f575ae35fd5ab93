"""The program with prepared streams and a deck that only notes what it is asked."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from kafkatui.deck.deck import Deck
from kafkatui.deck.factory import DeckFactory
from kafkatui.deck.ledger import Leftover
from kafkatui.deck.state import DeckConsumer, DeckState
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.errors import DeckError
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.watch.streams import Streams
from tests.ui.monitor_app import MonitorApp, look_back
from tests.ui.shop_data import NOW


class NotedDeck:
    """A deck whose keys are written down."""

    group = "billing"

    def __init__(self, on_news: Callable[[Deed | Report], None]) -> None:
        self.topics = {"orders": 6}
        self.state = DeckState((DeckConsumer("c1"), DeckConsumer("c2", frozen=True)))
        self.on_change: Callable[[], None] | None = None
        self.on_word: Callable[[str], None] | None = None
        self.acts: list[tuple[Act, str | None]] = []
        self.endless = False
        """A key takes until it is cancelled, and then tells of a change."""
        self._on_news = on_news

    async def act(self, act: Act, who: str | None = None) -> str:
        if act is Act.STUCK:
            raise DeckError("no consumer: j lets one join")
        self.acts.append((act, who))
        if self.endless:
            try:
                await asyncio.Event().wait()
            finally:
                if self.on_change is not None:
                    self.on_change()
        self._on_news(Deed(act, NOW, self.group, who or "c2"))
        if act is Act.FASTER:
            self.state = replace(self.state, rate=50)
            if self.on_change is not None:
                self.on_change()
        return f"{act} of {who or 'the newest'}"


class NotedFactory:
    """Opens it."""

    def __init__(self, *, ours: bool = True, brokers: int = 1, left: Sequence[str] = ()) -> None:
        self.name = "kafkatui-deck-7f2a"
        self.cluster_name = "shop :9092"
        self.ours = ours
        self.brokers = brokers
        self.left = [Leftover(Path(name), name, (name,)) for name in left]
        self.cleared: list[str] = []
        self.deck: NotedDeck | None = None

    async def open(self, on_news: Callable[[Deed | Report], None]) -> Deck:
        self.deck = NotedDeck(on_news)
        return cast(Deck, self.deck)

    def left_behind(self) -> Sequence[Leftover]:
        return self.left

    async def clear(self, leftover: Leftover) -> None:
        self.cleared.append(leftover.name)


class DeckApp(MonitorApp):
    """Shows the main screen with that deck at once."""

    def __init__(self, streams: Streams, factory: NotedFactory, *, ascii_only: bool = False) -> None:
        super().__init__(streams, ascii_only=ascii_only)
        self.factory = factory

    def begin(self) -> None:
        factory = cast(DeckFactory, self.factory)
        screen = MonitorScreen(self._streams, name="shop :9092", factory=factory)
        look_back(screen)
        self.push_screen(screen)

    @property
    def deck(self) -> NotedDeck:
        assert self.factory.deck is not None
        return self.factory.deck

"""A deck in a screen of any kind: composed around what the screen shows, nothing inherited."""

from collections.abc import Collection
from typing import cast

from textual.app import App, ComposeResult
from textual.widgets import Button

from kafkatui.deck.deck import Deck
from kafkatui.deck.factory import DeckFactory
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.screens.deck_area import DeckArea
from kafkatui.screens.deck_row import DeckRow
from tests.ui.deck_app import NotedFactory
from tests.ui.test_deck import quiet, row


class OneMap(App[None]):
    """A map, another widget, and a deck around them."""

    def __init__(self, factory: NotedFactory | None) -> None:
        super().__init__()
        self.factory = factory
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        factory = cast(DeckFactory | None, self.factory)
        yield DeckArea(factory, self, Button("map", id="map"), Button("other", id="other"))

    # DeckHost

    @property
    def on_map(self) -> bool:
        return self.query_one("#map").has_focus

    def go_to_map(self) -> None:
        self.query_one("#map").focus()

    def chosen_consumer(self) -> str | None:
        return "c2"

    def knows_deck(self, deck: Deck) -> bool:
        return False

    def show_deck(self, deck: Deck) -> None:
        self.heard.append(f"show {deck.group}")

    def deck_opened(self, deck: Deck) -> None:
        self.heard.append("opened")

    def deck_news(self, news: Deed | Report) -> None:
        self.heard.append(f"news {news.act}" if isinstance(news, Deed) else "report")

    def deck_changed(self, deck: Deck) -> None:
        self.heard.append("changed")

    def deck_moved(self) -> None:
        self.heard.append("moved")

    def deck_cleared(self, topics: Collection[str]) -> None:
        self.heard.append("cleared")

    def brokers_changed(self) -> None:
        self.heard.append("brokers")


async def test_any_screen_can_hold_a_deck() -> None:
    app = OneMap(NotedFactory())
    async with app.run_test(size=(120, 10)) as pilot:
        await quiet(pilot)
        assert app.heard == ["opened", "moved"]
        app.query_one("#other").focus()
        await pilot.press("x")
        await quiet(pilot)
        assert "2 to use x crash" in row(pilot)
        app.query_one("#map").focus()
        await pilot.press("x")
        await quiet(pilot)
        assert app.factory is not None
        assert app.factory.deck is not None
        assert app.factory.deck.acts == [(Act.CRASH, "c2")]
        assert app.heard[2:] == ["news crash", "show billing"]


async def test_where_kafkatui_only_reads_there_is_no_deck_and_its_key_says_so() -> None:
    app = OneMap(None)
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.press("tab", "D")
        assert not app.query_one(DeckArea).out
        assert not app.query_one(DeckRow).display
        assert "--read-only" in next(iter(app._notifications)).message

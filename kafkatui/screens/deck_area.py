"""The part of a screen in which the deck's keys work: the keys, the row that shows them, and the question
before anything is made.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import ClassVar, Protocol

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from kafkatui.deck.code import lines_of
from kafkatui.deck.deck import Deck
from kafkatui.deck.factory import DeckFactory
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import Target
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.domain.text import printable
from kafkatui.errors import DeckError, KafkaTuiError
from kafkatui.panes.group_pane import dashed
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.confirm import Confirm
from kafkatui.screens.deck_row import LETTERS, DeckRow, deck_bindings
from kafkatui.widgets import signs


class DeckHost(Protocol):
    """The screen around a `DeckArea`: it shows the effects of the deck's keys, and knows which consumer is
    chosen.
    """

    @property
    def on_map(self) -> bool:
        """Whether the map of members and partitions has the focus: only there do the deck's letters act."""
        ...

    def go_to_map(self) -> None:
        """Give the map the focus."""
        ...

    def chosen_consumer(self) -> str | None:
        """Client id of the deck's consumer under the cursor; ``None``: none is chosen."""
        ...

    def knows_deck(self, deck: Deck) -> bool:
        """Whether the deck's topic exists, and is listed on the screen."""
        ...

    def show_deck(self, deck: Deck) -> None:
        """Select the deck's topic and group."""
        ...

    def deck_opened(self, deck: Deck) -> None:
        """The deck was opened."""
        ...

    def deck_news(self, news: Deed | Report) -> None:
        """A key did something, or a consumer of the deck reported something."""
        ...

    def deck_changed(self, deck: Deck) -> None:
        """The state of the deck's consumers, writer or brokers has changed."""
        ...

    def deck_moved(self) -> None:
        """The deck's row was shown or hidden, so the panes have less room, or more."""
        ...

    def deck_cleared(self, topics: Collection[str]) -> None:
        """These topics were deleted; a kafkatui that crashed had left them on the cluster."""
        ...

    def brokers_changed(self) -> None:
        """One of our own brokers went down or came up, or partitions have other leaders."""
        ...


class DeckArea(Vertical):
    """A container in which the deck's keys work, with the deck's row at its lower edge.

    A screen that wants a deck puts its panes into a `DeckArea`, and is its `DeckHost`.
    """

    DEFAULT_CSS = """
    DeckArea { height: 1fr; }
    DeckArea.-out DeckRow { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *deck_bindings(),
        Binding("D", "take_out", "deck", id="deck.out", tooltip="take out the deck"),
        Binding("D", "put_away", "put away", id="deck.away", show=False, tooltip="put the deck away"),
        Binding("v", "code", "code", id="deck.code", show=False, tooltip="the code that the last key ran"),
    ]

    out: reactive[bool] = reactive(False, init=False, repaint=False)
    """Whether the deck's row is shown; then its letters act where the map has the focus."""

    def __init__(self, factory: DeckFactory | None, host: DeckHost, *inside: Widget) -> None:
        """`factory` opens the deck; ``None``: there is no deck (read-only). `inside`: the widgets above the
        row.
        """
        self.row = DeckRow()
        super().__init__(*inside, self.row)
        self.deck: Deck | None = None
        """``None``: the deck is not open yet."""
        self._factory = factory
        self._host = host
        self._last_act: Act | None = None

    # showing and hiding the deck

    def on_mount(self) -> None:
        if self.screen not in self.app.screen_stack:
            return  # the user left the screen before it was composed
        if self._factory is not None and self._factory.ours:
            self._open(self._factory)
        elif self._factory is not None:
            self._offer_to_clear(self._factory)

    def watch_out(self) -> None:
        self.set_class(self.out, "-out")
        self._host.deck_moved()
        self.refresh_bindings()

    def action_put_away(self) -> None:
        """Hide the deck's row; what the deck's keys have begun goes on."""
        self.out = False

    def action_take_out(self) -> None:
        """Show the deck and focus the map, so that its letters work at once. If the deck is not open yet, ask
        the user first.
        """
        if self._factory is None:
            return
        if self.deck is not None:
            self._open(self._factory, use=True)
        else:
            self._ask(self._factory)

    def _ask(self, factory: DeckFactory) -> None:
        """Ask the user whether the deck may be opened; if yes, open it."""
        name = printable(factory.name, ascii=signs.ascii_only())
        text = Content.assemble(
            "It makes a topic and a group named ", (name, "bold"), " on this cluster, writes some 20 records "
            "a second there, and lets small consumers join, leave and crash. It touches nothing else, and "
            "removes both at the end.",
        )  # fmt: skip
        title = f"Take out the deck on {factory.cluster_name}?"
        question = Confirm(title, text, yes="Take it out", no="Leave it")

        def answered(yes: bool | None) -> None:
            if yes:
                self._open(factory, use=True)

        self.app.push_screen(question, answered)

    @work(group="deck")
    async def _open(self, factory: DeckFactory, *, use: bool = False) -> None:
        """Open the deck if it is not open, and show its row; `use`: also focus the map."""
        self.row.foreign = not factory.ours
        if self.deck is None:
            try:
                self.deck = await factory.open(self._host.deck_news)
            except KafkaTuiError as error:
                self._say_fault(error)
                return
            self.deck.on_change = self._deck_changed
            self.deck.on_word = self._deck_said
            self._host.deck_opened(self.deck)
        self.row.state = self.deck.state
        self.out = True
        self.row.acts = self.acts()
        if use:
            self._host.go_to_map()

    def _deck_changed(self) -> None:
        # At the end of the program this widget is removed before the last key of the deck has ended.
        if self.deck is not None and self.is_attached:
            self.row.state = self.deck.state
            self._host.deck_changed(self.deck)

    def _deck_said(self, text: str) -> None:
        """Show what a key waits for, or an effect that came later."""
        if self.is_mounted:
            self.notify(dashed(text), timeout=10)
            self._host.brokers_changed()

    @work(group="deck")
    async def _offer_to_clear(self, factory: DeckFactory) -> None:
        """Offer to remove the topics and groups that a crashed kafkatui has left on this cluster."""
        left = factory.left_behind()
        if not left:
            return
        names = ", ".join(printable(one.name, ascii=signs.ascii_only()) for one in left)
        text = Content.assemble(
            "kafkatui ended without clearing away the topic and the group that its deck had made here: ",
            (names, "bold"), ". Nobody uses them any more.",
        )  # fmt: skip
        question = Confirm(f"Left behind on {factory.cluster_name}", text, yes="Remove", no="Leave it")
        remove: bool = await self.app.push_screen_wait(question)
        if not remove:
            return
        try:
            for one in left:
                await factory.clear(one)
        except KafkaTuiError as error:
            self._say_fault(error)
        else:
            self._host.deck_cleared([topic for one in left for topic in one.topics])
            self.notify(f"removed {names}", timeout=3)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key works: a letter of the deck works while the deck is shown and the map has
        the focus.
        """
        if action == "deck":
            return self._possible(Act[str(parameters[0])]) and self._host.on_map
        if action == "take_out":
            return self._factory is not None and not self.out
        if action == "put_away":
            return self.out
        if action == "code":
            return self._last_act is not None
        return super().check_action(action, parameters)

    def on_key(self, event: Key) -> None:
        """Answer a letter of the deck also where it does nothing: say which key leads to the map."""
        screen = self.screen
        act = LETTERS.get(event.character or "")
        button = act.key.button if act is not None and self._possible(act) else None
        if event.key == "D" and self._factory is None and not isinstance(screen.focused, Input):
            self.notify("no deck: kafkatui runs with --read-only, and writes nothing", timeout=4)
        means_nothing = event.key not in screen.active_bindings and not isinstance(screen.focused, Input)
        if act is not None and button is not None and means_nothing:
            self.row.say(f"2 to use {act.key.letter} {button.word}", "$warning")

    def _possible(self, act: Act) -> bool:
        several = self._factory is not None and self._factory.brokers > 1
        return self.out and (several or act.key.on is not Target.BROKERS)

    def acts(self) -> list[Act]:
        """What the deck can do here, the most wanted first; none while the deck is hidden."""
        return [act for act in LETTERS.values() if self._possible(act)]

    def help(self) -> list[tuple[str, str]]:
        """The deck's letters and what each does; the same wherever the focus is."""
        return [(letter, meaning) for letter, meaning, _ in self._offered()]

    def places(self) -> list[tuple[str, Callable[[], object]]]:
        """What the deck can do, as entries of the palette: label and function."""
        return [
            (f"deck: {meaning}  {letter}", partial(self._press, act))
            for letter, meaning, act in self._offered()
        ]

    def _offered(self) -> list[tuple[str, str, Act]]:
        """Letter and meaning of each act that has a button."""
        return [
            (act.key.letter, act.key.button.tooltip, act) for act in self.acts() if act.key.button is not None
        ]

    def action_deck(self, name: str) -> None:
        """Do the act with this name: a key of the deck was pressed."""
        self._press(Act[name])

    @on(DeckRow.Pressed)
    def _pressed(self, message: DeckRow.Pressed) -> None:
        message.stop()
        self._press(message.act)

    def _press(self, act: Act) -> None:
        """Do an act wherever the focus is, and focus the map, which shows the effect."""
        if not self._host.on_map:
            self._host.go_to_map()
        self._act(act, self._host.chosen_consumer())

    @work(group="deck")
    async def _act(self, act: Act, who: str | None) -> None:
        deck, host = self.deck, self._host
        if deck is None:
            return
        if act.key.on is not Target.BROKERS and host.knows_deck(deck):
            host.show_deck(deck)
        try:
            said = await deck.act(act, who)
        except DeckError as error:
            self.row.say(str(error), "$warning")
            return
        except KafkaTuiError as error:
            self._say_fault(error)
            return
        self._last_act = act
        self.row.say(said)
        if act.key.on is Target.BROKERS:
            host.brokers_changed()
        else:
            host.show_deck(deck)
        self.refresh_bindings()

    def action_code(self) -> None:
        """Show the lines of our own programs that the last key ran."""
        if self._last_act is not None and self.deck is not None:
            self.app.push_screen(CodeScreen(lines_of(self._last_act, self.deck.state.protocol)))

    def _say_fault(self, error: KafkaTuiError) -> None:
        self.notify(printable(str(error), ascii=signs.ascii_only()), severity="error")

"""The part of a screen in which the deck's keys work: the keys, the row that shows them, and asking before
anything is made.
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
    """The screen around a `DeckArea`: it shows what the keys lead to, and knows which consumer is chosen."""

    @property
    def on_map(self) -> bool:
        """The map of members and partitions has the focus: there the deck's letters act."""
        ...

    def go_to_map(self) -> None:
        """Give the map the focus."""
        ...

    def chosen_consumer(self) -> str | None:
        """Client id of the deck's consumer under the cursor; ``None``: none is chosen."""
        ...

    def knows_deck(self, deck: Deck) -> bool:
        """The deck's topic exists, and is listed on the screen."""
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
        """Its consumers, its writer or its brokers are in another state."""
        ...

    def deck_moved(self) -> None:
        """The deck's row was shown or hidden: the panes have less room, or more."""
        ...

    def deck_cleared(self, topics: Collection[str]) -> None:
        """These topics, left by a kafkatui that crashed, were deleted."""
        ...

    def brokers_changed(self) -> None:
        """A broker of ours went down or came up, or partitions have other leaders."""
        ...


class DeckArea(Vertical):
    """What is inside it has the deck's keys; below stands the deck's row.

    A screen that wants a deck composes one around its panes and is its `DeckHost`.
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
    """The row is shown, and its letters act where the map has the focus."""

    def __init__(self, factory: DeckFactory | None, host: DeckHost, *inside: Widget) -> None:
        """`factory` opens the deck; ``None``: there is no deck (read-only)."""
        self.row = DeckRow()
        super().__init__(*inside, self.row)
        self.deck: Deck | None = None
        """``None`` until it is opened."""
        self._factory = factory
        self._host = host
        self._last_act: Act | None = None

    # taking it out

    def on_mount(self) -> None:
        if self.screen not in self.app.screen_stack:
            return  # the screen was left before anything was in it
        if self._factory is not None and self._factory.ours:
            self._open(self._factory)
        elif self._factory is not None:
            self._offer_to_clear(self._factory)

    def watch_out(self) -> None:
        self.set_class(self.out, "-out")
        self._host.deck_moved()
        self.refresh_bindings()

    def action_put_away(self) -> None:
        """Hide the row; what its keys have begun goes on."""
        self.out = False

    def action_take_out(self) -> None:
        """Take the deck out; on a cluster that is not ours only after a yes. Its letters work at once."""
        if self._factory is None:
            return
        if self.deck is not None:
            self._open(self._factory, use=True)
        else:
            self._ask(self._factory)

    def _ask(self, factory: DeckFactory) -> None:
        """Ask whether it may be taken out."""
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
        """Open the deck and show its row; `use`: the map gets the focus."""
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
        if self.deck is not None and self.is_attached:  # as the program ends it goes first, and keys end last
            self.row.state = self.deck.state
            self._host.deck_changed(self.deck)

    def _deck_said(self, text: str) -> None:
        """Show what a key waits for, or what it led to later."""
        if self.is_mounted:
            self.notify(dashed(text), timeout=10)
            self._host.brokers_changed()

    @work(group="deck")
    async def _offer_to_clear(self, factory: DeckFactory) -> None:
        """Offer to remove what a kafkatui that crashed has left on this cluster."""
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
        """The deck's letters work while it is out and the map has the focus."""
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
        """A letter of the deck that means nothing where it is pressed is answered, too."""
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
        """What the deck can do here, most wanted first; none while it is put away."""
        return [act for act in LETTERS.values() if self._possible(act)]

    def help(self) -> list[tuple[str, str]]:
        """The letters and what each does, wherever the focus is."""
        return [(letter, meaning) for letter, meaning, _ in self._offered()]

    def places(self) -> list[tuple[str, Callable[[], object]]]:
        """What the deck can do, for the palette."""
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
        """A key of the deck."""
        self._press(Act[name])

    @on(DeckRow.Pressed)
    def _pressed(self, message: DeckRow.Pressed) -> None:
        message.stop()
        self._press(message.act)

    def _press(self, act: Act) -> None:
        """Do it from wherever it was asked for; what it leads to is seen on the map."""
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
        """The lines of our own programs that the last key ran."""
        if self._last_act is not None and self.deck is not None:
            self.app.push_screen(CodeScreen(lines_of(self._last_act, self.deck.state.protocol)))

    def _say_fault(self, error: KafkaTuiError) -> None:
        self.notify(printable(str(error), ascii=signs.ascii_only()), severity="error")

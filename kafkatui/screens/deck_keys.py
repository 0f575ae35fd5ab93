"""What a screen needs to have a deck: its keys, who they act on, and asking before anything is made."""

from collections.abc import Callable, Collection
from functools import partial

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key
from textual.reactive import reactive
from textual.widgets import Input

from kafkatui.deck.code import lines_of
from kafkatui.deck.deck import Deck
from kafkatui.deck.factory import DeckFactory
from kafkatui.domain.deck.deeds import KEYS, Act, Deed, Report
from kafkatui.domain.text import printable
from kafkatui.errors import DeckError, KafkaTuiError
from kafkatui.panes.group_pane import dashed
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.confirm import Confirm
from kafkatui.screens.deck_row import LETTERS, OF_BROKERS, WORDS, DeckRow, deck_bindings
from kafkatui.widgets import signs
from kafkatui.widgets.focus import FocusKeeper

DECK_BINDINGS: list[BindingType] = [
    *deck_bindings(),
    Binding("D", "take_out", "deck", id="deck.out", tooltip="take out the deck"),
    Binding("D", "put_away", "put away", id="deck.away", show=False, tooltip="put the deck away"),
    Binding("v", "code", "code", id="deck.code", show=False, tooltip="the code that the last key ran"),
]
"""For the list of the subclass itself: one of its own keys would replace an inherited one, and none of these
may be."""


class DeckScreen(FocusKeeper[None]):
    """A screen with a deck. A subclass has `DECK_BINDINGS` among its bindings, shows what the deck works on,
    and says which consumer is chosen.
    """

    deck_out: reactive[bool] = reactive(False, init=False)
    """The row is there, and its letters are its own where the map has the focus."""

    def __init__(self, factory: DeckFactory | None) -> None:
        """`factory` lays the deck out; ``None``: there is none (read-only)."""
        super().__init__()
        self._factory = factory
        self.deck: Deck | None = None
        self._last_act: Act | None = None

    # what a subclass gives

    def deck_news(self, news: Deed | Report) -> None:
        """A key did something, or a consumer of ours told something."""
        raise NotImplementedError

    def deck_opened(self) -> None:
        """There is a deck now."""
        raise NotImplementedError

    def deck_changed(self) -> None:
        """Consumers, producer or brokers of ours stand otherwise now."""
        raise NotImplementedError

    def knows_deck(self) -> bool:
        """The deck's topic has been made, and seen."""
        raise NotImplementedError

    def show_deck(self) -> None:
        """Show the deck's topic and group."""
        raise NotImplementedError

    def deck_cleared(self, topics: Collection[str]) -> None:
        """These topics are gone."""
        raise NotImplementedError

    def brokers_changed(self) -> None:
        """A broker of ours went or came back, or partitions have other leaders."""
        raise NotImplementedError

    def deck_moved(self) -> None:
        """The deck's row came, or went: others have less room, or more."""
        raise NotImplementedError

    def chosen_consumer(self) -> str | None:
        """The consumer of ours under the cursor; ``None``: none is chosen."""
        raise NotImplementedError

    @property
    def on_map(self) -> bool:
        """The map has the focus."""
        raise NotImplementedError

    def go_to_map(self) -> None:
        """Give it the focus."""
        raise NotImplementedError

    # taking it out

    def on_mount(self) -> None:
        if self not in self.app.screen_stack:
            return  # it was left before anything was in it
        if self._factory is not None and self._factory.ours:
            self._deal()
        elif self._factory is not None:
            self._offer_to_clear(self._factory)

    def watch_deck_out(self) -> None:
        self.set_class(self.deck_out, "-deck")
        self.deck_moved()
        self.refresh_bindings()

    def action_put_away(self) -> None:
        """Put the row away; what it has begun goes on."""
        self.deck_out = False

    def action_take_out(self) -> None:
        """Take the deck out; on a cluster that is not ours only after a yes. Its letters work at once."""
        if self.deck is not None:
            self._deal(use=True)
        else:
            self._ask()

    def _ask(self) -> None:
        """Ask whether it may be taken out."""
        assert self._factory is not None
        name = printable(self._factory.name, ascii=signs.ascii_only())
        text = Content.assemble(
            "It makes a topic and a group named ", (name, "bold"), " on this cluster, writes some 20 records "
            "a second there, and lets small consumers join, leave and crash. It touches nothing else, and "
            "removes both at the end.",
        )  # fmt: skip
        title = f"Take out the deck on {self._factory.cluster_name}?"
        question = Confirm(title, text, yes="Take it out", no="Leave it")

        def answered(yes: bool | None) -> None:
            if yes:
                self._deal(use=True)

        self.app.push_screen(question, answered)

    @work(group="deck")
    async def _deal(self, *, use: bool = False) -> None:
        """Lay it out; to be used: the map gets the focus."""
        assert self._factory is not None
        row = self.query_one(DeckRow)
        row.foreign = not self._factory.ours
        if self.deck is None:
            try:
                self.deck = await self._factory.open(self.deck_news)
            except KafkaTuiError as error:
                self._say_fault(error)
                return
            self.deck.on_change = self._deck_changed
            self.deck.on_word = self._deck_said
            self.deck_opened()
        row.state = self.deck.state
        self.deck_out = True
        row.acts = self.acts()
        if use:
            self.go_to_map()

    def _deck_changed(self) -> None:
        row = self.query_one_optional(DeckRow)  # as the program ends it goes first, and what keys do last
        if self.deck is not None and row is not None:
            row.state = self.deck.state
            self.deck_changed()

    def _deck_said(self, text: str) -> None:
        """What a key waits for, or what came of it later."""
        if self.is_mounted:
            self.notify(dashed(text), timeout=10)
            self.brokers_changed()

    @work(group="deck")
    async def _offer_to_clear(self, factory: DeckFactory) -> None:
        """What a kafkatui that crashed has left on this cluster is offered to be removed."""
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
            self.deck_cleared([topic for one in left for topic in one.topics])
            self.notify(f"removed {names}", timeout=3)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The deck's letters work while it is out and the map has the focus."""
        if action == "deck":
            return self._possible(Act[str(parameters[0])]) and self.on_map
        if action == "take_out":
            return self._factory is not None and not self.deck_out
        if action == "put_away":
            return self.deck_out
        if action == "code":
            return self._last_act is not None
        return super().check_action(action, parameters)

    def on_key(self, event: Key) -> None:
        """A letter of the deck that means nothing where it is pressed is answered, too."""
        act = LETTERS.get(event.character or "")
        if event.key == "D" and self._factory is None and not isinstance(self.focused, Input):
            self.notify("no deck: kafkatui runs with --read-only, and writes nothing", timeout=4)
        means_nothing = event.key not in self.active_bindings and not isinstance(self.focused, Input)
        if act is not None and self._possible(act) and means_nothing:
            self.query_one(DeckRow).say(f"2 to use {event.character} {WORDS[act][0]}", "$warning")

    def _possible(self, act: Act) -> bool:
        several = self._factory is not None and self._factory.brokers > 1
        return self.deck_out and (several or act not in OF_BROKERS)

    def acts(self) -> list[Act]:
        """What the deck can do here, most wanted first; none while it is put away."""
        return [act for act in WORDS if self._possible(act)]

    def deck_help(self) -> list[tuple[str, str]]:
        """The letters and what each does, wherever the focus is: for the help."""
        return [(KEYS[act], WORDS[act][1]) for act in self.acts()]

    def deck_places(self) -> list[tuple[str, Callable[[], object]]]:
        """What the deck can do, for the palette."""
        return [(f"deck: {WORDS[act][1]}  {KEYS[act]}", partial(self._play, act)) for act in self.acts()]

    def action_deck(self, name: str) -> None:
        """A key of the deck."""
        self._play(Act[name])

    @on(DeckRow.Pressed)
    def _pressed(self, message: DeckRow.Pressed) -> None:
        self._play(message.act)

    def _play(self, act: Act) -> None:
        """From wherever it was asked for, what comes of it is seen on the map."""
        if not self.on_map:
            self.go_to_map()
        self._act(act, self.chosen_consumer())

    @work(group="deck")
    async def _act(self, act: Act, who: str | None) -> None:
        if self.deck is None:
            return
        row = self.query_one(DeckRow)
        if act not in OF_BROKERS and self.knows_deck():
            self.show_deck()
        try:
            said = await self.deck.act(act, who)
        except DeckError as error:
            row.say(str(error), "$warning")
            return
        except KafkaTuiError as error:
            self._say_fault(error)
            return
        self._last_act = act
        row.say(said)
        if act in OF_BROKERS:
            self.brokers_changed()
        else:
            self.show_deck()
        self.refresh_bindings()

    def action_code(self) -> None:
        """The lines of aiokafka that the last key ran."""
        if self._last_act is not None and self.deck is not None:
            self.app.push_screen(CodeScreen(lines_of(self._last_act, self.deck.state.protocol)))

    def _say_fault(self, error: KafkaTuiError) -> None:
        self.notify(printable(str(error), ascii=signs.ascii_only()), severity="error")

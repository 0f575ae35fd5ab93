"""The deck's row: the keys that act on consumers, a producer and brokers of our own.

The letters work only while the map has the focus: then the row is bright. Else the row is dim, and says which
key leads to the map.
"""

from collections.abc import Mapping, Sequence

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.style import Style

from kafkatui.deck.state import DeckState
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.text import printable
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened
from kafkatui.widgets.key_row import long
from kafkatui.widgets.text_line import TextLine

LETTERS: Mapping[str, Act] = {act.key.letter: act for act in Act if act.key.button is not None}
"""The act of each letter."""

NAMES = {"<": "less_than_sign", ">": "greater_than_sign"}
"""By character, Textual's name of a key that is no letter."""


def deck_bindings() -> list[BindingType]:
    """A binding for each key of the deck; it goes before the meaning that the letter has in a list."""
    return [
        Binding(
            NAMES.get(letter, letter),
            f"deck('{act.name}')",
            button.word,
            id=f"deck.{act.name.lower()}",
            key_display=letter,
            show=False,
            priority=True,
            tooltip=button.tooltip,
        )
        for letter, act in LETTERS.items()
        if (button := act.key.button) is not None
    ]


SAID_FOR = 5.0
"""Seconds for which the row shows what the last key did."""


class DeckRow(TextLine):
    """``DECK  j join  l leave …``, then the state of the deck, or what the last key did. Every word can be
    clicked.
    """

    DEFAULT_CSS = "DeckRow { padding: 0 1; display: none; }"

    state: reactive[DeckState | None] = reactive(None, repaint=False)
    """The state of the deck; ``None``: the deck is not open yet."""
    said: reactive[Content | None] = reactive(None, repaint=False)
    """What the last key did, or why it could not, shown in place of the state; ``None``: the
    state is shown.
    """
    foreign: reactive[bool] = reactive(False, repaint=False)
    """Whether the cluster is not ours: then the label has the colour of errors."""
    bright: reactive[bool] = reactive(False, repaint=False)
    """Whether the deck's letters work now."""
    has_code: reactive[bool] = reactive(False, repaint=False)
    """Whether a key has run code that can be shown."""
    acts: reactive[Sequence[Act]] = reactive((), repaint=False)
    """What the deck can do here, the most wanted first."""

    class Pressed(Message):
        """The user clicked on a key of the row."""

        def __init__(self, act: Act) -> None:
            super().__init__()
            self.act = act

    def say(self, text: str, style: str = "") -> None:
        """Show for `SAID_FOR` seconds what the last key did, or why it could not."""
        said = self.said = Content.styled(printable(text, ascii=signs.ascii_only()), style)
        self.set_timer(SAID_FOR, lambda: self._unsay(said))

    def _unsay(self, said: Content) -> None:
        if self.said is said:
            self.said = None

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self.app.screen_change_signal.subscribe(self, self._bindings_changed)
        for name in ("state", "said", "foreign", "bright", "has_code", "acts"):
            self.watch(self, name, self.redraw, init=False)

    def _bindings_changed(self, _: Screen[object]) -> None:
        screen = self.screen
        self.redraw()
        keys = [
            one.binding
            for one in screen.active_bindings.values()
            if one.enabled and self.app.screen is screen
        ]
        self.bright = any(binding.action.startswith("deck(") for binding in keys)
        self.has_code = any(binding.action == "code" for binding in keys)

    def fitted(self, width: int) -> Content:
        if self.app.screen is not self.screen:
            return Content("")  # another screen is open above, where no letter of the deck works
        said = self.said or Content("")
        style = "bold $error" if self.foreign else "bold" if self.bright else signs.MUTED
        label = Content.styled("DECK", style)
        if not self.bright and not said:
            label = Content.assemble(label, "  ", ("2", "$primary bold"), (" to use", signs.MUTED))
        # The message is shown whole where that is possible: keys are left out instead.
        room = width - label.cell_length - (said.cell_length + 3 if said else 0)
        ends = [self._place(word, [("D", {"key": "D"})]) for word in ("put away", "away")]
        found = [(self._fitting(room - end.cell_length - 2), end) for end in ends]
        places, end = max(found, key=lambda pair: len(pair[0]))
        row = Content("  ").join([label, *places])
        room = width - row.cell_length - end.cell_length - 2
        if said and said.cell_length + 2 > room:
            return shortened(Content.assemble(label, "  ", said), width)
        right = said or self._standing(room - 3)
        return Content.assemble(row, " " * max(0, room - right.cell_length), right, "  ", end)

    def _fitting(self, room: int) -> list[Content]:
        """The most wanted keys that fit into `room` cells, and an ellipsis if there are more."""
        for shared in (False, True):
            places = self._places(shared=shared)
            if long(places) <= room:
                return places
        more = Content.styled(str(signs.ELLIPSIS), signs.MUTED)
        while places and long([*places, more]) > room:
            places.pop()
        return [*places, more]

    def _places(self, *, shared: bool) -> list[Content]:
        """A place for every key with its word, the most wanted first; `shared`: several keys may have one
        word.
        """
        keys: dict[str, list[tuple[str, dict[str, str]]]] = {}
        for act in self.acts:
            button = act.key.button
            if button is None:
                continue
            if button.rare and self.has_code:
                keys.setdefault("code", [("v", {"key": "v"})])
            word = (button.shared_word if shared else "") or button.word
            keys.setdefault(word, []).append((act.key.letter, {"act": act.name}))
        return [self._place(word, found) for word, found in keys.items()]

    def _place(self, word: str, keys: Sequence[tuple[str, dict[str, str]]]) -> Content:
        """One word of the row with its keys, each of which can be clicked."""
        bright = self.bright or "key" in keys[0][1]
        parts = [
            Content.styled(key, "$primary bold" if bright else signs.MUTED).stylize(Style.from_meta(meta))
            for key, meta in keys
        ]
        name = Content.styled(f" {word}", signs.MUTED).stylize(Style.from_meta(keys[0][1]))
        return Content("/").join(parts) + name

    def on_click(self, event: Click) -> None:
        """Press the key under the pointer."""
        if name := event.style.meta.get("act"):
            self.post_message(self.Pressed(Act[name]))
        elif key := event.style.meta.get("key"):
            self.app.simulate_key(key)

    def _standing(self, room: int) -> Content:
        """The state of the deck, in as many parts as fit into `room` cells."""
        parts = [] if self.state is None else standing(self.state)
        while parts and len(f" {signs.SEPARATOR} ".join(parts)) > room:
            parts.pop()
        return Content.styled(f" {signs.SEPARATOR} ".join(parts), signs.MUTED)


def standing(state: DeckState) -> list[str]:
    """The state of the deck in parts: ``2 consumers``, ``range``, ``static``, ``20 rec/s``."""
    alive = sum(one.alive for one in state.consumers)
    parts = [f"{alive} consumer{'s' if alive != 1 else ''}", state.assignor]
    parts += ["KIP-848"] if state.protocol == "consumer" else []
    parts += ["static"] if state.static else []
    parts.append(f"{state.rate} rec/s")
    return parts

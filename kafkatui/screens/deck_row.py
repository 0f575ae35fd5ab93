"""The deck: a visible row of keys that act on consumers, a producer and brokers of our own.

While it is out its letters are its own, whatever else they mean; that has a second key which always works.
"""

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive

from kafkatui.deck.state import DeckState
from kafkatui.domain.deeds import KEYS, Act
from kafkatui.domain.text import printable
from kafkatui.widgets import signs
from kafkatui.widgets.key_row import KeyRow

WORDS: Mapping[Act, tuple[str, str]] = {
    Act.JOIN: ("join", "a consumer joins the group"),
    Act.LEAVE: ("leave", "it leaves, and says so"),
    Act.CRASH: ("crash", "it is killed and says nothing (SIGKILL)"),
    Act.FREEZE: ("freeze", "it freezes, or goes on (SIGSTOP, SIGCONT)"),
    Act.ASSIGNOR: ("assignor", "the next assignor: range, round-robin, sticky"),
    Act.RESTORE: ("restore", "back to the start: undoes every other key"),
    Act.KILL_BROKER: ("kill broker", "a broker is killed (SIGKILL)"),
    Act.STOP_BROKER: ("stop broker", "a broker is stopped politely (SIGTERM)"),
    Act.START_BROKER: ("broker up", "brokers that are down come back"),
    Act.STUCK: ("stuck", "it works longer than max.poll.interval"),
    Act.STATIC: ("static", "static membership on or off"),
    Act.SLOW: ("slow", "slow or quick to give up its partitions (2 s)"),
    Act.PARTITION: ("partition", "one more partition"),
    Act.SLOWER: ("slower", "the producer writes less"),
    Act.FASTER: ("faster", "the producer writes more"),
    Act.PROTOCOL: ("protocol", "the group protocol: classic, or KIP-848"),
}
"""The word in the row and what it does, most wanted first; thawing is the key of freezing."""

OF_BROKERS = frozenset({Act.KILL_BROKER, Act.STOP_BROKER, Act.START_BROKER})
"""Acts that need several brokers of ours."""

NAMES = {"<": "less_than_sign", ">": "greater_than_sign"}
"""What Textual calls keys that are no letters."""


def deck_bindings() -> list[BindingType]:
    """A binding for each key of the deck, stronger than what the letter means elsewhere."""
    return [
        Binding(
            NAMES.get(KEYS[act], KEYS[act]),
            f"deck('{act.name}')",
            word,
            id=f"deck.{act.name.lower()}",
            key_display=KEYS[act],
            show=False,
            priority=True,
            tooltip=meaning,
        )
        for act, (word, meaning) in WORDS.items()
    ]


SAID_FOR = 5.0
"""Seconds for which the row tells what the last key did."""


class DeckRow(KeyRow, inherit_css=False):
    """``DECK  j join  l leave …``, what stands, and what the last key did."""

    DEFAULT_CSS = "DeckRow { height: 1; width: 1fr; padding: 0 1; display: none; }"
    ALWAYS: ClassVar[tuple[str, ...]] = ("put away",)

    state: reactive[DeckState | None] = reactive(None)
    """How the deck stands; ``None``: there is none yet."""
    said: reactive[Content | None] = reactive(None)
    """What the last key did, or why it could not, in place of the state."""
    foreign: reactive[bool] = reactive(False)
    """The cluster is not ours: the row says so by its colour."""

    def say(self, text: str, style: str = "") -> None:
        """Tell for some seconds what the last key did, or why it could not."""
        said = self.said = Content.styled(printable(text, ascii=signs.ascii_only()), style)
        self.set_timer(SAID_FOR, lambda: self._unsay(said))

    def _unsay(self, said: Content) -> None:
        if self.said is said:
            self.said = None

    def render(self) -> Content:
        label = Content.styled("DECK", "bold $error" if self.foreign else "bold")
        keys = {
            binding.description: binding
            for _, binding, enabled, _ in self.screen.active_bindings.values()
            if enabled and (binding.id or "").startswith("deck.")
        }
        ends = [self._button(name, [keys[name]]) for name in self.ALWAYS if name in keys]
        words = [word for word in (*(word for word, _ in WORDS.values()), "code") if word in keys]
        room = self.content_size.width - label.cell_length - sum(2 + end.cell_length for end in ends)
        said = self.said or self._standing()
        # What is said stands there whole; the least wanted keys give way.
        reserve = said.cell_length + 3 if self.said else 0
        parts: list[Content] = []
        for word in words:
            button = self._button(word, [keys[word]])
            if button.cell_length + 2 > room - reserve:
                break
            room -= button.cell_length + 2
            parts.append(button)
        told = said.truncate(room - 3, ellipsis=True) if room >= 12 else Content("")
        row = Content("  ").join([label, *parts])
        gap = " " * max(1, room - told.cell_length - 1)
        return Content.assemble(row, gap, told, *(Content("  ") + end for end in ends))

    def _standing(self) -> Content:
        """How the deck stands, in a few words."""
        state = self.state
        if state is None:
            return Content("")
        return Content.styled(f" {signs.SEPARATOR} ".join(standing(state)), signs.MUTED)


def standing(state: DeckState) -> list[str]:
    """``2 consumers``, ``range``, ``static``, ``20 rec/s``: what the next key starts from."""
    alive = sum(player.alive for player in state.players)
    parts = [f"{alive} consumer{'s' if alive != 1 else ''}", state.assignor]
    parts += ["KIP-848"] if state.protocol == "consumer" else []
    parts += ["static"] if state.static else []
    parts.append(f"{state.rate} rec/s")
    return parts

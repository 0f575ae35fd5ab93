"""The last line of a screen: the keys that work now, each of them also a button."""

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Input

from kafkatui.widgets import signs
from kafkatui.widgets.text_line import TextLine


@runtime_checkable
class Offers(Protocol):
    """A widget or screen with keys that lead nowhere at times. Such a key is not listed then, but it is
    answered if it is pressed.
    """

    def offers(self, action: str) -> bool:
        """Whether an action of its bindings leads somewhere now."""
        ...


class KeyRow(TextLine):
    """The keys that work now, the most wanted first. Keys that do not fit are left out, and an ellipsis shows
    that there are more; the `always` keys stay.

    Only bindings with ``show`` are listed; bindings with the same description share one place (``↑↓ move``).
    While the user types text, keys that write a character are not listed.
    """

    DEFAULT_CSS = """
    KeyRow { padding: 0 1; }
    KeyRow.-over { dock: bottom; background: $background; }
    """

    def __init__(
        self,
        wanted: Iterable[str] = (),
        always: Iterable[str] = ("help", "quit"),
        words: Mapping[str, str] = {},
    ) -> None:
        """`wanted` and `always` are descriptions of bindings, in the order of the row; `words`: what is shown
        in place of a description, in another language.
        """
        super().__init__()
        self._words = words
        self._wanted = tuple(wanted)
        self._always = tuple(always)

    def on_mount(self) -> None:
        self.set_class(self.screen.is_modal, "-over")
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self.app.screen_change_signal.subscribe(self, self._changed)

    def _changed(self, _: Screen[object]) -> None:
        self.redraw()

    def fitted(self, width: int) -> Content:
        if self.app.screen is not self.screen:
            return Content("")  # another screen is open above, and shows its own keys
        keys: dict[str, list[Binding]] = {}
        typing = isinstance(self.screen.focused, Input)
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            text = typing and is_text(binding)
            offered = not isinstance(node, Offers) or node.offers(binding.action)
            if binding.show and enabled and offered and not text:
                keys.setdefault(binding.description, []).append(binding)
        rank = {name: place for place, name in enumerate(self._wanted)}
        order = sorted(
            (name for name in keys if name not in self._always), key=lambda name: rank.get(name, 99)
        )
        ends = [self._button(name, keys[name]) for name in self._always if name in keys]
        room = width - sum(2 + end.cell_length for end in ends)
        parts = [self._button(name, keys[name]) for name in order]
        if long(parts) - 2 > room:
            more = Content.styled(str(signs.ELLIPSIS), signs.MUTED)
            while parts and long([*parts, more]) - 2 > room:
                parts.pop()
            parts.append(more)
        return Content("  ").join(parts + ends)

    def _button(self, name: str, bindings: list[Binding]) -> Content:
        """One place in the row: keys and their description. A click on it presses the first key."""
        shown = dict.fromkeys(self.app.get_key_display(binding) for binding in bindings)
        meta = Style.from_meta({"key": bindings[0].key})
        button = Content.assemble(
            ("/".join(shown), "$primary bold"), " ", (self._words.get(name, name), "$text-muted")
        )
        return button.stylize(meta)

    def on_click(self, event: Click) -> None:
        """Press the key under the pointer."""
        if key := event.style.meta.get("key"):
            self.app.simulate_key(key)


def is_text(binding: Binding) -> bool:
    """Whether the key of a binding writes a character."""
    return len(binding.key) == 1 or len(binding.key_display or "") == 1 or binding.key == "space"


def long(places: Iterable[Content]) -> int:
    """Width of places in a row, in cells, with the two blanks before each."""
    return sum(2 + place.cell_length for place in places)

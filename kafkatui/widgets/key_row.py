"""The last line of a screen: the keys that work now, each of them also a button."""

from collections.abc import Iterable

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget


class KeyRow(Widget):
    """The keys that work now, most wanted first; what does not fit is left out, but the `always` ones stay.

    Only bindings with ``show`` stand here; bindings with the same description share one place (``↑↓ move``).
    """

    DEFAULT_CSS = "KeyRow { height: 1; width: 1fr; padding: 0 1; }"

    def __init__(self, wanted: Iterable[str] = (), always: Iterable[str] = ("help", "quit")) -> None:
        """`wanted` and `always` are descriptions of bindings, in the order they are to be shown."""
        super().__init__()
        self._wanted = tuple(wanted)
        self._always = tuple(always)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        keys: dict[str, list[Binding]] = {}
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and enabled:
                keys.setdefault(binding.description, []).append(binding)
        rank = {name: place for place, name in enumerate(self._wanted)}
        order = sorted(
            (name for name in keys if name not in self._always), key=lambda name: rank.get(name, 99)
        )
        ends = [self._button(name, keys[name]) for name in self._always if name in keys]
        room = self.content_size.width - sum(2 + end.cell_length for end in ends)
        parts: list[Content] = []
        for name in order:
            button = self._button(name, keys[name])
            if button.cell_length > room:
                break
            room -= button.cell_length + 2
            parts.append(button)
        return Content("  ").join(parts + ends)

    def _button(self, name: str, bindings: list[Binding]) -> Content:
        """One place in the row; a click is a press of its first key."""
        shown = dict.fromkeys(self.app.get_key_display(binding) for binding in bindings)
        meta = Style.from_meta({"key": bindings[0].key})
        button = Content.assemble(("/".join(shown), "$primary bold"), " ", (name, "$text-muted"))
        return button.stylize(meta)

    def on_click(self, event: Click) -> None:
        """Press the key under the pointer."""
        if key := event.style.meta.get("key"):
            self.app.simulate_key(key)

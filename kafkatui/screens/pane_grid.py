"""The layout of the four panes: which are shown, how large they are, and which has the focus."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.style import Style

from kafkatui.domain.cluster.marks import Mark
from kafkatui.panes.pane import Pane
from kafkatui.widgets import signs

FOUR = Size(100, 30)
"""The size of the terminal, in cells, from which all four panes are shown at once."""
WIDE = 160
"""The width of the terminal, in cells, from which Topics is wider too."""


class PaneGrid(Container):
    """On a large screen Topics at the left, 2 and 3 at the right, Tail below; on a small one Topics above one
    other pane.
    """

    DEFAULT_CSS = "PaneGrid { height: 1fr; layout: grid; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next(1)", "pane", id="pane.next", tooltip="next pane"),
        Binding("shift+tab", "next(-1)", "pane", id="pane.previous", show=False, tooltip="the pane before"),
        Binding("1", "go(1)", "pane", id="pane.topics", key_display="1-4"),
        Binding("2", "go(2)", "pane", id="pane.assignments", show=False, key_display="1-4"),
        Binding("3", "go(3)", "pane", id="pane.offsets", show=False, key_display="1-4"),
        Binding("4", "go(4)", "pane", id="pane.tail", show=False, key_display="1-4"),
        Binding("m", "go(4)", "tail", id="pane.messages", show=False, tooltip="the records of the topic"),
        Binding("z", "zoom", "zoom", id="pane.zoom", tooltip="give the pane all the room, or give it back"),
        Binding("escape", "back", "back", id="pane.back", show=False, tooltip="one step back"),
    ]

    zoomed: reactive[int | None] = reactive(None, init=False, repaint=False)
    """Number of the pane that has all the room; ``None``: no pane has."""
    tab: reactive[int] = reactive(3, init=False, repaint=False)
    """On a small screen, the number of the pane below Topics."""
    deck_out: reactive[bool] = reactive(False, init=False, repaint=False)
    """Whether the deck's row stands below the panes; Tail has one row less then."""

    def __init__(self, *panes: Pane) -> None:
        """`panes` in the order of their numbers."""
        super().__init__()
        self.panes = panes
        self._here = 1

    def compose(self) -> ComposeResult:
        yield from self.panes

    @property
    def here(self) -> int:
        """Number of the pane that has the focus, or had it last."""
        self._here = next((pane.NUMBER for pane in self.panes if pane.has_focus_within), self._here)
        return self._here

    def on_descendant_focus(self) -> None:
        """Note which pane has the focus: it may be hidden before `here` is read."""
        _ = self.here

    @property
    def sharing(self) -> tuple[Pane, ...]:
        """On a small screen, the panes that share one place, with tabs."""
        return self.panes[1:]

    @property
    def _tabbed(self) -> bool:
        return self.zoomed is None and not self._four

    @property
    def _four(self) -> bool:
        screen = self.screen.size
        return screen.width >= FOUR.width and screen.height >= FOUR.height

    def on_mount(self) -> None:
        self.fit()

    def pane_with(self, key: str) -> tuple[Pane, Binding] | None:
        """The first pane that has a binding of its own for a key, and the binding; ``None``:
        there is none.
        """
        for pane in self.panes:
            for kind in type(pane).__mro__:
                for binding in vars(kind).get("BINDINGS", ()):
                    if binding.key == key and binding.tooltip:
                        return pane, binding
        return None

    @property
    def pane_here(self) -> Pane:
        """The pane that has the focus, or had it last."""
        return self.panes[self.here - 1]

    def watch_zoomed(self) -> None:
        self.resized()

    def watch_tab(self) -> None:
        self.fit()

    def watch_deck_out(self) -> None:
        self.fit()

    def resized(self) -> None:
        """The terminal or the zoom changed: fit the panes, so that the focused one stays visible."""
        if self._tabbed and self.here != 1:
            self.tab = self.here
        self.fit()

    def fit(self) -> None:
        """Give every pane its place and size; focus, selection and zoom stay as they are."""
        self.set_class(not self._four, "-narrow")
        width, room = self.screen.size.width, self.screen.size.height - 3
        if self.zoomed is not None:
            shown = {self.zoomed}
            self._set_grid(["1fr"], ["1fr"])
        elif self._tabbed:
            shown = {1, self.tab}
            self._set_grid(["1fr"], [f"{max(6, room * 2 // 5)}", "1fr"])
        else:
            shown = {1, 2, 3, 4}
            tail = max(7, 10 + round((room - 37) * 7 / 20))  # 10 of 40 lines, 17 of 60
            self._set_grid(
                ["66" if width >= WIDE else "50", "1fr"],
                [f"{(room - tail + 1) // 2}", "1fr", f"{tail - self.deck_out}"],
            )
        for pane in self.panes:
            pane.display = pane.NUMBER in shown
            pane.framed = self._four
            pane.styles.row_span = 2 if len(shown) == 4 and pane.NUMBER == 1 else 1
            pane.styles.column_span = 2 if len(shown) == 4 and pane.NUMBER == 4 else 1
        self.draw_tabs()

    def _set_grid(self, columns: list[str], rows: list[str]) -> None:
        self.styles.grid_size_columns, self.styles.grid_size_rows = len(columns), len(rows)
        self.styles.grid_columns, self.styles.grid_rows = " ".join(columns), " ".join(rows)

    def draw_tabs(self) -> None:
        """On a small screen, draw the tabs into the title of the panes that share a place, each with its
        pane's mark.
        """
        tabs = Content("  ").join(map(self._tab_of, self.sharing)) if self._tabbed else None
        for pane in self.sharing:
            pane.tabs = tabs

    def _tab_of(self, pane: Pane) -> Content:
        chosen = self.tab == pane.NUMBER
        label = f"{pane.NUMBER} {pane.SHORT_NAME or pane.NAME}"
        tab = Content.styled(label, "bold" if chosen else signs.MUTED)
        if pane.mark != Mark.NOTHING:
            tab = Content.assemble(tab, " ", signs.sign(pane.mark))
        if chosen:
            tab = Content.assemble("[", tab, "]")
        return tab.stylize(Style.from_meta({"@click": f"screen.go({pane.NUMBER})"}))

    # keys

    def action_next(self, by: int) -> None:
        """Focus the next pane (`by` = 1) or the one before (-1); on a small screen in the order
        of the tabs.
        """
        order = [1, 2, 3, 4] if self._tabbed else [pane.NUMBER for pane in self.panes if pane.display]
        self.go(order[(order.index(self.here) + by) % len(order)])

    def action_go(self, number: int) -> None:
        """Focus the pane with this number."""
        self.go(number)

    def go(self, number: int) -> None:
        """Focus the pane with this number; where not all panes are shown, show this one."""
        if number != 1:
            self.tab = number
        if self.zoomed is not None:
            self.zoomed = number
        self.panes[number - 1].focus_list()

    def action_zoom(self) -> None:
        """Give the focused pane all the room, or show the other panes again."""
        self.zoomed = self.here if self.zoomed is None else None

    def action_back(self) -> None:
        """Go one step back: end the zoom, or else focus Topics."""
        if self.zoomed is not None:
            self.zoomed = None
        elif self.here != 1:
            self.go(1)
        else:
            self.notify("nothing to go back to: q quits", timeout=2)

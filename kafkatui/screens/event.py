"""The page of one entry of a group's log (a rebalance or a deed): which member owned what before
and after.
"""

from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size

from kafkatui.deck.code import lines_of
from kafkatui.deck.state import Protocol
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.panes.entry_lines import LogEntry, entry_key
from kafkatui.panes.group_pane import time_of_day
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.event_lines import PageSource, entry_lines, entry_title
from kafkatui.screens.page_screen import PageScreen
from kafkatui.widgets.columns import Cell

FOUR = (100, 30)
"""The size of the terminal, in cells, from which the page leaves the upper panes free: the map and the lanes
stay visible.
"""


class EventScreen(PageScreen):
    """One entry of the log; ``n`` and ``N`` go to its neighbours. It is drawn again each second, as it may
    still go on.
    """

    DEFAULT_CSS = """
    EventScreen { align: right bottom; }
    EventScreen.-low > Vertical { height: 60%; max-width: 134; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(1)", "next", id="event.next", tooltip="the next entry of the log: newer"),
        Binding("N", "step(-1)", "previous", id="event.previous", tooltip="the entry before: older"),
        Binding("v", "code", "code", id="event.code", tooltip="the code behind it"),
        Binding("y", "copy", "copy", id="event.copy", tooltip="copy the text"),
        Binding("escape", "dismiss(None)", "back", id="event.back"),
        Binding("q", "dismiss(None)", "quit", id="event.quit", show=False, tooltip="close this page"),
    ]

    def __init__(
        self,
        group: str,
        story: GroupStory,
        entry: LogEntry,
        *,
        clock: Callable[[float], str] = time_of_day,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`entry` is one of the story's entries; `clock` writes a monotonic second as a time of day; `now`
        gives the monotonic second.
        """
        super().__init__()
        self.group = group
        self.entry = entry
        self._story = story
        self._clock = clock
        self._now = now
        # An inline style wins over the style that the app has for every screen.
        self.styles.background = "transparent"

    def compose(self) -> ComposeResult:
        self._fit(self.app.size)
        self._draw()
        yield from super().compose()

    def on_mount(self) -> None:
        self.set_interval(1.0, self._refresh)

    def on_resize(self, event: Resize) -> None:
        """Choose the place of the page for the new size."""
        self._fit(event.size)

    def _fit(self, size: Size) -> None:
        self.set_class(size.width >= FOUR[0] and size.height >= FOUR[1], "-low")

    def _refresh(self) -> None:
        key = entry_key(self.entry)
        self.entry = next((one for one in self._story.entries if entry_key(one) == key), self.entry)
        self._draw(keep_place=True)

    def _draw_title(self) -> None:
        """Write into the title which entry it is."""
        self.frame(entry_title(self.entry, self.group, self._clock))

    def _draw(self, *, keep_place: bool = False) -> None:
        self._draw_title()
        self.refresh_bindings()
        self.page.show(self._lines, keep_place=keep_place)

    def _lines(self, cells: int) -> list[Cell]:
        return entry_lines(PageSource(self.entry, self._story, self._now(), self._clock, max(20, cells)))

    def offers(self, action: str) -> bool:
        """Whether a key leads somewhere now: there may be no neighbour, and no code of ours
        behind the entry.
        """
        if action == "code":
            return act_behind(self.entry) is not None
        neighbours = {"step(1)": 1, "step(-1)": -1}
        return action not in neighbours or self._next(neighbours[action]) is not None

    def _next(self, by: int) -> LogEntry | None:
        """The next entry of the log (`by` = 1, newer), or the one before (-1, older); ``None``: there is
        none.
        """
        entries = list(reversed(self._story.entries))
        key = entry_key(self.entry)
        here = next((place for place, one in enumerate(entries) if entry_key(one) == key), -1)
        return entries[here + by] if here >= 0 and 0 <= here + by < len(entries) else None

    def action_step(self, by: int) -> None:
        """Show the next entry of the log (`by` = 1, newer), or the one before (-1, older)."""
        if (entry := self._next(by)) is None:
            self.notify("no newer entry yet" if by > 0 else "no older entry is kept", timeout=2)
            return
        self.entry = entry
        self._draw()

    def action_code(self) -> None:
        """Show the lines of our own programs that led to the entry."""
        act = act_behind(self.entry)
        if act is None:
            self.notify("no key of the deck led to it: there is no code of ours behind it", timeout=4)
            return
        self.app.push_screen(CodeScreen(lines_of(act, self._protocol(self.entry))))

    def _protocol(self, entry: LogEntry) -> Protocol:
        event = self._story.effect(entry) if isinstance(entry, Deed) else entry
        return "classic" if event is None or event.classic else "consumer"

    def action_copy(self) -> None:
        """Copy the title and the text of the page."""
        lines = [line if isinstance(line, str) else line.plain for line in self.page.lines]
        title = entry_title(self.entry, self.group, self._clock)
        self.app.copy_to_clipboard("\n".join(line.rstrip() for line in (title, *lines)))
        self.notify("copied the text", timeout=2)


def act_behind(entry: LogEntry) -> Act | None:
    """The act of the deck that led to an entry; ``None``: none did."""
    if isinstance(entry, Deed):
        return entry.act
    return entry.deeds[-1].act if entry.deeds else None

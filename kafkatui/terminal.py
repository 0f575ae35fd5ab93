"""The part of the app that concerns the terminal: escaping all output, suspending, crashing, and notices
about failures.
"""

import io
import logging
import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.events import DeliveryComplete, DeliveryFailed, Event, Key
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from kafkatui import console
from kafkatui.domain.text import printable
from kafkatui.logfile import LogFile
from kafkatui.widgets import signs
from kafkatui.widgets.key_order import KeyOrder
from kafkatui.widgets.last_filters import ASCII, PRINTABLE
from kafkatui.widgets.narrow_update import narrowed
from kafkatui.widgets.russian_keys import latin, takes_text

log = logging.getLogger(__name__)

LONG = 30.0
"""Seconds an important notice stays on the screen."""

ARROWS = {"up": signs.UP, "down": signs.DOWN, "left": signs.LEFT, "right": signs.RIGHT}
"""The sign drawn for each arrow key."""

SUSPEND = Binding(
    "ctrl+z",
    "suspend_process",
    "suspend",
    id="app.suspend",
    show=False,
    priority=True,
    tooltip="fg comes back",
)


class TerminalApp(KeyOrder[None]):
    """An app that escapes every text before it reaches the terminal."""

    farewell: tuple[str, ...] = ()
    """Lines to write to standard error after the screen has ended: why the program could not go on. Empty:
    the user ended it."""

    def __init__(self, log_file: LogFile | None = None) -> None:
        super().__init__()
        self._log_file = log_file
        self._awake_since = 0.0
        """Monotonic seconds: when the program was last continued after it was suspended."""

    def watch_log(self) -> None:
        """Show a notice from now on when the log cannot be written."""
        if self._log_file is not None:
            self._log_file.listen(self._say_log_fault)

    def meant(self, key: Key) -> Key:
        """On a Russian layout the Latin key on the same place, outside of text fields."""
        return key if takes_text(self.focused) else latin(key)

    # what reaches the terminal

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a notice; control characters are escaped, and it is never read as markup."""
        super().notify(
            printable(message, ascii=signs.ascii_only()),
            title=printable(title, ascii=signs.ascii_only()),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is drawn: arrows as signs, or by name where only ASCII is drawn; enter always by
        name."""
        if binding.key_display is None and binding.key in ARROWS:
            return str(ARROWS[binding.key])
        return "enter" if binding.key == "enter" else super().get_key_display(binding)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters of every drawn line: the last ones remove control characters, and in ASCII mode every
        other sign.
        """
        last = (PRINTABLE, ASCII) if signs.ascii_only() else (PRINTABLE,)
        return [*super().get_line_filters(), *last]

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Draw a frame; only the cells that changed are sent to the terminal."""
        super()._display(screen, narrowed(renderable))

    # how it ends

    def _fatal_error(self) -> None:
        """End because of a bug; without the local variables Textual would show, as one may be a password."""
        log.critical("bug in kafkatui", exc_info=True)
        self.panic("\n".join(console.bug_lines()))

    def panic(self, *renderables: RenderableType) -> None:
        """End the app, and write why to standard error, with control characters escaped."""
        output = io.StringIO()
        plain = Console(
            file=output, width=10_000, color_system=None, markup=False, highlight=False, emoji=False
        )
        for renderable in renderables:
            plain.print(renderable)
        lines = [printable(line.rstrip(), ascii=signs.ascii_only()) for line in output.getvalue().split("\n")]
        super().panic(Text("\n".join(lines).rstrip("\n")))

    # notices about failures

    def _say_log_fault(self, fault: str) -> None:
        """Show a notice that the log cannot be written; called in the thread that logs."""
        self.call_later(self.notify, fault, title="Log", severity="error", timeout=LONG)

    @on(DeliveryComplete)
    def _saved(self, event: DeliveryComplete) -> None:
        event.prevent_default()
        self.notify(f"saved {event.path}", title="Screenshot")

    @on(DeliveryFailed)
    def _not_saved(self, event: DeliveryFailed) -> None:
        event.prevent_default()
        log.warning("screenshot: %s", event.exception)
        self.notify(f"not saved: {event.exception}", title="Screenshot", severity="error", timeout=LONG)

    def action_help_quit(self) -> None:
        """Show how to quit: ctrl+c does not, as it is easily pressed by accident."""
        self.notify("q quits")

    # suspending

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell and stop, as programs do at ctrl+z.

        The whole process group stops, because the shell may wait for a program that started this one. Where
        no shell could continue it, the system ignores the signal, and the program goes on at once.
        """
        if self._driver is None or not self._driver.can_suspend:
            self.notify("this terminal cannot suspend a program", severity="warning")
            return
        with self.suspend():
            handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(0, signal.SIGTSTP)
            time.sleep(0.05)  # the signal may stop another thread first
            signal.signal(signal.SIGTSTP, handler)
            self._awake_since = time.monotonic()
        self._waiting.clear()
        self.refresh(layout=True)

    async def on_event(self, event: Event) -> None:
        """Ignore keys that were typed before the program was continued: they were meant for the shell."""
        if not (isinstance(event, Key) and event.time < self._awake_since):
            await super().on_event(event)

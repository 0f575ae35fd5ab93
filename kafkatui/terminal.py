"""What the program is to its terminal, whatever it shows: what it may write there, how it is suspended, how
it crashes, and that whatever fails says why.
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

log = logging.getLogger(__name__)

LONG = 30.0
"""Seconds a notice stays that nobody is to miss."""

ARROWS = {"up": signs.UP, "down": signs.DOWN, "left": signs.LEFT, "right": signs.RIGHT}
"""Keys drawn as signs."""

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
    """An app through which no text from outside reaches the terminal as it is."""

    farewell: tuple[str, ...] = ()
    """Lines to be said on standard error once the screen is gone: why the program could not go on."""

    def __init__(self, log_file: LogFile | None = None) -> None:
        super().__init__()
        self._log_file = log_file
        self._awake_since = 0.0
        """When the program was last continued after it was suspended."""

    def watch_log(self) -> None:
        """Say from now on where the log cannot be written."""
        if self._log_file is not None:
            self._log_file.listen(self._say_log_fault)

    # what is shown

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """The one way to a notice: printable, and never markup, whoever asks for it."""
        super().notify(
            printable(message, ascii=signs.ascii_only()),
            title=printable(title, ascii=signs.ascii_only()),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    def get_key_display(self, binding: Binding) -> str:
        """Enter by its name; arrows as signs, or by name where only ASCII is drawn."""
        if binding.key_display is None and binding.key in ARROWS:
            return str(ARROWS[binding.key])
        return "enter" if binding.key == "enter" else super().get_key_display(binding)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Nothing a terminal would obey leaves the program, and in ASCII mode nothing beyond ASCII, whoever
        draws it.
        """
        last = (PRINTABLE, ASCII) if signs.ascii_only() else (PRINTABLE,)
        return [*super().get_line_filters(), *last]

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Every frame on its way to the terminal."""
        super()._display(screen, narrowed(renderable))

    # how it ends

    def _fatal_error(self) -> None:
        """A bug: say so without local variables, which Textual would show: one may be a password."""
        log.critical("bug in kafkatui", exc_info=True)
        self.panic("\n".join(console.bug_lines()))

    def panic(self, *renderables: RenderableType) -> None:
        """End, and say why on standard error; printable, whoever says it."""
        said = io.StringIO()
        plain = Console(
            file=said, width=10_000, color_system=None, markup=False, highlight=False, emoji=False
        )
        for renderable in renderables:
            plain.print(renderable)
        lines = [printable(line.rstrip(), ascii=signs.ascii_only()) for line in said.getvalue().split("\n")]
        super().panic(Text("\n".join(lines).rstrip("\n")))

    # what fails says why

    def _say_log_fault(self, fault: str) -> None:
        """In whatever thread logs."""
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
        """ctrl+c does not quit: it would end what is watched by accident."""
        self.notify("q quits")

    # suspending

    def action_suspend_process(self) -> None:
        """Hand the terminal back to the shell and stop, as the terminal itself would do at ctrl+z.

        The whole process group stops: the shell waits for the program that started this one. Where no shell
        could continue it, the system ignores the signal, and the program goes on at once.
        """
        if self._driver is None or not self._driver.can_suspend:
            self.notify("this terminal cannot suspend a program", severity="warning")
            return
        with self.suspend():
            handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(0, signal.SIGTSTP)
            time.sleep(0.05)  # another thread may be the one to be stopped first
            signal.signal(signal.SIGTSTP, handler)
            self._awake_since = time.monotonic()
        self._waiting.clear()
        self.refresh(layout=True)

    async def on_event(self, event: Event) -> None:
        """What was typed before the program was continued was meant for the shell."""
        if not (isinstance(event, Key) and event.time < self._awake_since):
            await super().on_event(event)

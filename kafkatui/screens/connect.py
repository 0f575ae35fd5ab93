"""The screen while there is no connection: which addresses were tried, what each answered, the cause in
words, and what the user can do.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.text import printable
from kafkatui.kafka.diagnosis import Attempt, ConnectError
from kafkatui.widgets import signs
from kafkatui.widgets.key_row import KeyRow

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0
"""Seconds before the second try, and the longest time between two tries."""
PATIENCE = 0.4
"""Seconds before the dialog is shown: a cluster that is up answers sooner."""


class Centre(VerticalScroll, inherit_bindings=False):
    """Scrolls by pages only. The up and down keys are left to the screen, whose row of keys shows them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", "page up", id="connect.page-up", show=False),
        Binding("pagedown", "page_down", "page down", id="connect.page-down", show=False),
    ]


class Address(Input):
    """An input whose up and down keys move the focus, and are shown in the screen's row of keys. In Textual's
    `Input` they would scroll one line of text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "move", id="address.previous"),
        Binding("down", "app.focus_next", "move", id="address.next"),
    ]


class ConnectScreen(Screen[None]):
    """Tries to connect until it succeeds, and shows meanwhile what each address answered."""

    AUTO_FOCUS: ClassVar[str] = "#try"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", "refresh", id="connect.retry", tooltip="try now"),
        Binding("ctrl+r", "retry", "refresh", id="connect.retry.ctrl", show=False),
        Binding("up", "app.focus_previous", "move", id="connect.previous"),
        Binding("down", "app.focus_next", "move", id="connect.next"),
    ]

    class Connected(Message):
        """The cluster answered, and is connected."""

    class NewAddress(Message):
        """The user entered another address."""

        def __init__(self, address: str) -> None:
            super().__init__()
            self.address = address

    class DemoWanted(Message):
        """The user wants to start a Kafka on this machine."""

    def __init__(
        self,
        address: str,
        connect: Callable[[], Awaitable[None]],
        draw: Callable[[], float] = random.random,
    ) -> None:
        """`connect` raises `ConnectError` if no address can be connected; `draw`: see `Backoff`."""
        super().__init__()
        self.address = address
        self._connect = connect
        self._backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE, draw)
        self._again = asyncio.Event()
        self._began = monotonic()
        self._tries = 0
        self._next_at: float | None = None
        self.headline = Static(id="headline", markup=False)
        self.attempts = Static(id="attempts", markup=False)
        self.countdown = Static(id="countdown", markup=False)

    def compose(self) -> ComposeResult:
        with (
            Centre(classes="centre", can_focus=False),
            Vertical(classes="dialog", id="connect") as box,
        ):
            box.border_title = "Not connected"
            yield from (self.headline, self.attempts, self.countdown)
            yield Button("Try now", id="try", compact=True)
            yield Address(
                placeholder="another address: host:port",
                id="address",
                compact=True,
                select_on_focus=False,
                suggester=None,
            )
            yield Button("Start the demo: a real Kafka on this machine", id="demo", compact=True)
            yield Button("Quit", id="quit", compact=True)
        yield KeyRow(("move", "refresh"))

    def on_mount(self) -> None:
        self.set_interval(0.25, self._count)
        self._count()
        self._keep_trying()

    @work(exclusive=True)
    async def _keep_trying(self) -> None:
        while True:
            self._next_at, self._began = None, monotonic()
            self._tries += 1
            try:
                await self._connect()
            except ConnectError as error:
                self._tell(error.attempts)
            else:
                self.post_message(self.Connected())
                return
            pause = self._backoff.failed()
            self._next_at = monotonic() + pause
            self._count()
            self._again.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._again.wait()

    def _tell(self, attempts: Sequence[Attempt]) -> None:
        """Show what each address answered, then what the user can do."""
        self.add_class("-failed")
        now = datetime.now().astimezone()
        address = printable(self.address, ascii=signs.ascii_only())
        self.headline.update(Content.assemble(signs.sign(Mark.BROKEN), (f" No Kafka at {address}", "bold")))
        lines: list[Content] = []
        width = max((len(attempt.address) for attempt in attempts), default=0)
        for attempt in attempts:
            tried = printable(attempt.address, ascii=signs.ascii_only())
            said = printable(attempt.outcome, ascii=signs.ascii_only())
            lines.append(Content.assemble((f"{now:%H:%M:%S}  ", "$text-muted"), f"{tried:<{width}}  {said}"))
        advice = dict.fromkeys(attempt.advice for attempt in attempts if attempt.advice)
        if advice:
            lines.append(Content(""))
        lines += [
            Content.assemble((f"{signs.ARROW} ", "$primary"), printable(text, ascii=signs.ascii_only()))
            for text in advice
        ]
        self.attempts.update(Content("\n").join(lines))

    def _count(self) -> None:
        """Draw the seconds until the next try, or the seconds since this try began."""
        ordinal = {1: "2nd", 2: "3rd"}.get(self._tries, f"{self._tries + 1}th")
        if self._next_at is not None:
            seconds = max(0, round(self._next_at - monotonic()))
            text = Content.styled(f"next try in {seconds} s ({ordinal})", "$text-muted")
        else:
            waited = monotonic() - self._began
            self.set_class(waited > PATIENCE, "-slow")
            text = Content.styled(f"asking {signs.ELLIPSIS} {waited:.0f} s", "$text-muted")
            if self._tries <= 1:
                address = printable(self.address, ascii=signs.ascii_only())
                self.headline.update(Content.assemble(signs.sign(Mark.MOVING), f" Connecting to {address}"))
        self.countdown.update(text)

    def action_retry(self) -> None:
        """Try at once."""
        self._again.set()

    @on(Button.Pressed, "#try")
    def _try(self) -> None:
        self.action_retry()

    @on(Button.Pressed, "#demo")
    def _demo(self) -> None:
        self.post_message(self.DemoWanted())

    @on(Button.Pressed, "#quit")
    def _quit(self) -> None:
        self.app.exit()

    @on(Input.Submitted, "#address")
    def _address(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.post_message(self.NewAddress(event.value.strip()))

"""One record: whole screen where there is little room, else over the left half."""

import asyncio
from collections.abc import Callable
from functools import partial
from time import time
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.events import Resize

from kafkatui.domain.records import Record
from kafkatui.domain.text import printable_name
from kafkatui.screens.page_screen import PageScreen
from kafkatui.screens.record_text import FIRST_OCTETS, Form, forms, payload_lines, record_lines
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

WIDE = 100
"""Cells from which it leaves the right half free."""
SLOW_OCTETS = 32 * 1024
"""From this size on a value is laid out beside the event loop."""


class RecordScreen(PageScreen):
    """A record, and by ``n`` and ``N`` its neighbours in the tail."""

    DEFAULT_CSS = """
    RecordScreen { align: left top; }
    RecordScreen.-wide > Vertical { width: 50%; height: 1fr; margin: 2 0 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(1)", "next", id="record.next", tooltip="the next record"),
        Binding("N", "step(-1)", "previous", id="record.previous", tooltip="the record before"),
        Binding("b", "raw", "raw", id="record.raw", tooltip="the value as JSON, text or bytes"),
        Binding("y", "copy", "copy", id="record.copy", tooltip="copy the value"),
        Binding("enter", "whole", "open", id="record.whole", show=False, tooltip="all of a long value"),
        Binding("escape", "dismiss(None)", "back", id="record.back"),
        Binding("q", "dismiss(None)", "quit", id="record.quit", show=False, tooltip="close this page"),
    ]

    def __init__(
        self,
        record: Record,
        step: Callable[[int], Record | None],
        *,
        compacted: bool | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        """`step` gives the record after (1) or before (-1) the one shown last, ``None``: none there."""
        super().__init__()
        self.record = record
        self._step = step
        self._compacted = compacted
        self._clock = clock
        self._form: Form | None = None
        self._whole = False
        self._say_which()

    def on_mount(self) -> None:
        self.styles.background = "transparent"  # stronger than what the program says of every screen

    def on_resize(self, event: Resize) -> None:
        """Lines are cut to the width anew."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self._draw, keep_place=True)

    def _say_which(self) -> None:
        """Say which record it is."""
        record = self.record
        topic = printable_name(record.topic, ascii=signs.ascii_only())
        keys = [("n N", "record"), ("b", "raw"), ("y", "copy"), ("esc", "back")]
        self.frame(f"{topic}/{record.partition} @ {record.offset:,}", keys)

    def _draw(self, *, keep_place: bool = False) -> None:
        record = self.record
        self._say_which()
        lay_out = partial(
            record_lines,
            record,
            self._form,
            cells=max(20, self.page.size.width - 1),
            whole=self._whole,
            compacted=self._compacted,
            now=self._clock(),
        )
        if max(record.key_size, record.value_size) > SLOW_OCTETS:
            self._lay_out_aside(lay_out, keep_place)
        else:
            self.page.show(lay_out(), keep_place=keep_place)

    @work(exclusive=True)
    async def _lay_out_aside(self, lay_out: Callable[[], list[Cell]], keep_place: bool) -> None:
        self.page.show(await asyncio.to_thread(lay_out), keep_place=keep_place)

    def action_step(self, by: int) -> None:
        """The next record of the tail, or the one before."""
        record = self._step(by)
        if record is None:
            self.notify("no newer record yet" if by > 0 else "no older record is kept", timeout=2)
            return
        self.record, self._form, self._whole = record, None, False
        self._draw()

    def action_raw(self) -> None:
        """The value as it was sent: JSON, text, bytes, in turn."""
        possible = self._forms()
        if possible:
            here = possible.index(self._form) if self._form in possible else 0
            self._form = possible[(here + 1) % len(possible)]
            self._draw()

    def _forms(self) -> list[Form]:
        data = self.record.value
        return forms(data if data is None or self._whole else data[:FIRST_OCTETS])

    def action_whole(self) -> None:
        """Lay out all of a long value."""
        if not self._whole and max(len(self.record.key or b""), len(self.record.value or b"")) > FIRST_OCTETS:
            self._whole = True
            self._draw(keep_place=True)

    def action_copy(self) -> None:
        """Copy the value as it is shown."""
        data, possible = self.record.value, self._forms()
        if data is None or not possible:
            self.notify("null is nothing to copy", timeout=2)
            return
        form = self._form if self._form in possible else possible[0]
        shown = data if self._whole else data[:FIRST_OCTETS]
        self.app.copy_to_clipboard("\n".join(payload_lines(shown, form, cells=10**9)))
        self.notify(f"copied the value, {len(shown):,} B as {form.value}", timeout=2)

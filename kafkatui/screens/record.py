"""The page of one record: over the whole screen where there is little room, else over the left half."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from time import time
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size

from kafkatui.domain.records.records import Record
from kafkatui.domain.text import printable_name
from kafkatui.screens.page_screen import PageScreen
from kafkatui.screens.record_text import (
    FIRST_OCTETS,
    Form,
    Laid,
    in_form,
    is_cut,
    octets_to_lay_out,
    payload_lines,
    record_lines,
)
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

WIDE = 100
"""Width of the terminal, in cells, from which the page leaves the right half free."""
SLOW_OCTETS = 8 * 1024
"""In bytes: a larger record is laid out in a thread, so that it does not block the event loop."""


class RecordScreen(PageScreen):
    """One record; ``n`` and ``N`` go to its neighbours in the tail."""

    DEFAULT_CSS = """
    RecordScreen { align: left top; }
    RecordScreen.-wide > Vertical { width: 50%; height: 1fr; margin: 2 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(1)", "next", id="record.next", tooltip="the next record"),
        Binding("N", "step(-1)", "previous", id="record.previous", tooltip="the record before"),
        Binding("b", "raw", "raw", id="record.raw", tooltip="the value as JSON, text or bytes"),
        Binding("y", "copy", "copy", id="record.copy", tooltip="copy the value"),
        Binding("enter", "whole", "open", id="record.whole", tooltip="all of a long value"),
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
        """`step` gives the record after (1) or before (-1) the one shown last; ``None``: there is none.
        `compacted`: whether the topic is compacted; ``None``: not known. `clock` gives seconds since the
        epoch.
        """
        super().__init__()
        self.record = record
        self._step = step
        self._compacted = compacted
        self._clock = clock
        self._form: Form | None = None
        """The form in which the value was laid out last; ``None``: it was not yet."""
        self._turns = 0
        """How many forms after `_form` the user wants to see."""
        self._laid_out: Record | None = None
        """The record that the page shows; ``None``: none yet."""
        self._ready: tuple[int, Laid] | None = None
        """The lines that were laid out in a thread, and for how many cells; ``None``: there are none."""
        self._whole = False
        # An inline style wins over the style that the app has for every screen.
        self.styles.background = "transparent"

    def compose(self) -> ComposeResult:
        self._fit(self.app.size)
        self._draw()
        yield from super().compose()

    def on_resize(self, event: Resize) -> None:
        """Fit the page to the new size: over the left half, or over the whole screen."""
        self._fit(event.size)

    def _fit(self, size: Size) -> None:
        self.set_class(size.width >= WIDE, "-wide")

    def _draw_title(self) -> None:
        """Write into the title which record it is."""
        record = self.record
        topic = printable_name(record.topic, ascii=signs.ascii_only())
        self.frame(f"{topic}/{record.partition} @ {record.offset:,}")

    def _draw(self, *, keep_place: bool = False) -> None:
        self._draw_title()
        self.refresh_bindings()
        self._ready = None
        self.page.show(self._lines, keep_place=keep_place)

    def _lines(self, cells: int) -> Sequence[Cell]:
        """The record laid out for `cells` cells; a large one is laid out in a thread, and shown when that is
        done.
        """
        record = self.record
        self.workers.cancel_group(self, "lay out")
        if self._ready is not None and self._ready[0] == cells:
            return self._ready[1].lines
        lay_out = partial(
            record_lines,
            record,
            self._form,
            self._turns,
            cells=max(20, cells),
            whole=self._whole,
            compacted=self._compacted,
            now=self._clock(),
        )
        size = octets_to_lay_out(record, whole=self._whole)
        if size <= SLOW_OCTETS:
            return self._take(lay_out()).lines
        self._lay_out_aside(lay_out, cells)
        return self.page.lines if record is self._laid_out else [f"laying out {size:,} B {signs.ELLIPSIS}"]

    @work(group="lay out")
    async def _lay_out_aside(self, lay_out: Callable[[], Laid], cells: int) -> None:
        self._ready = cells, self._take(await asyncio.to_thread(lay_out))
        self.page.show(self._lines, keep_place=True)

    def _take(self, laid: Laid) -> Laid:
        self._form, self._turns, self._laid_out = laid.form, 0, self.record
        return laid

    def action_step(self, by: int) -> None:
        """Show the next record of the tail (`by` = 1), or the one before (-1)."""
        record = self._step(by)
        if record is None:
            self.notify("no newer record yet" if by > 0 else "no older record is kept", timeout=2)
            return
        self.record, self._form, self._turns, self._whole = record, None, 0, False
        self._draw()

    def action_raw(self) -> None:
        """Show the value in its next form: JSON, text, bytes, in turn."""
        if self.record.value:
            self._turns += 1
            self._draw()
        else:
            self.notify("the value is null or empty", timeout=2)

    def offers(self, action: str) -> bool:
        """Whether a key leads somewhere now: there is nothing to open if the whole record is shown."""
        return action != "whole" or (not self._whole and is_cut(self.record))

    def action_whole(self) -> None:
        """Show all that is kept of a long key or value, or of many headers."""
        if self._whole or not is_cut(self.record):
            self.notify("all that is kept of it is shown", timeout=2)
            return
        self._whole = True
        self._draw(keep_place=True)

    def action_copy(self) -> None:
        """Copy the value in the form in which it is shown."""
        data = self.record.value
        if data is None:
            self.notify("null is nothing to copy", timeout=2)
        else:
            self._copy(data if self._whole else data[:FIRST_OCTETS])

    @work(exclusive=True, group="copy")
    async def _copy(self, data: bytes) -> None:
        def copied() -> tuple[Form, str]:
            form, text = in_form(data, self._form, self._turns)
            return form, "\n".join(payload_lines(data, form, text, cells=10**9))

        form, text = copied() if len(data) <= SLOW_OCTETS else await asyncio.to_thread(copied)
        self.app.copy_to_clipboard(text)
        self.notify(f"copied the value, {len(data):,} B as {form.value}", timeout=2)

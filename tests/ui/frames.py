"""Every frame a program paints, as a terminal would show it."""

import re
from typing import Any

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.screen import Screen

from kafkatui.watch.streams import Streams
from kafkatui.widgets.narrow_update import NarrowUpdate, narrowed
from tests.ui.monitor_app import MonitorApp

CONTROL = re.compile(r"\x1b\[([\d;]*)([A-Za-z])")


class FramesApp(MonitorApp):
    """Keeps every frame: what a terminal shows after each piece that is written to it.

    What the widgets hold at that moment is another thing: they may have more to paint.
    """

    def __init__(self, streams: Streams, columns: int, rows: int, *, anew: bool = False) -> None:
        super().__init__(streams, anew=anew)
        self._cells = [[" "] * columns for _ in range(rows)]
        self.frames: list[list[str]] = []
        """Lines of each frame."""
        self.painted: list[list[tuple[int, int, int]] | None] = []
        """Of each frame what was painted: line, first column and the one after the last; ``None``: all."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        frame = narrowed(renderable)
        if isinstance(frame, CompositorUpdate) and not self._batch_count:
            self._write(frame.render_segments(self.console))
            self.frames.append(["".join(line) for line in self._cells])
            self.painted.append(frame.spans if isinstance(frame, NarrowUpdate) else None)
        super()._display(screen, renderable)

    def _write(self, text: str) -> None:
        """Texts of characters one cell wide, moves and colours: nothing else is written."""
        column = row = 0
        pieces = CONTROL.split(text)
        for number in range(0, len(pieces), 3):
            for line, piece in enumerate(pieces[number].split("\n")):
                if line:
                    column, row = 0, row + 1
                self._cells[row][column : column + len(piece)] = piece
                column += len(piece)
            if number + 2 < len(pieces) and pieces[number + 2] == "H":
                row, column = (int(place) - 1 for place in pieces[number + 1].split(";"))

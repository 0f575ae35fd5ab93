"""A list to pick one name from: the groups of a topic, or the topics of a group, each with lag
and verdict.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from kafkatui.domain.figures import count
from kafkatui.domain.lag.standings import Standing
from kafkatui.domain.text import printable_name
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.fitting import out_of_sight
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.long_list import Column, LongList, Scrolled
from kafkatui.widgets.overlay import Overlay


class Picker(Overlay[str | None]):
    """Its result is the picked name, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "back", id="picker.back")]

    def __init__(
        self, title: str, what: Literal["group", "topic"], standings: Sequence[Standing], chosen: str | None
    ) -> None:
        """`what`: whether the group or the topic of a standing is picked; the cursor begins at `chosen`."""
        super().__init__()
        self._title = title
        self._what = what
        self._standings = {
            standing.group if what == "group" else standing.topic: standing for standing in standings
        }
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            box.styles.height = min(len(self._standings) + 3, 20)
            yield self._listed()
        yield KeyRow(("move", "open"), always=("back",))

    def _listed(self) -> LongList:
        names = LongList()
        names.columns(
            Column("mark", "", 1),
            Column("name", self._what.upper(), 0),
            Column("lag", "LAG", 10, right=True),
            Column("verdict", "VERDICT", 9),
        )
        names.show(tuple(self._standings), self._cells)
        names.cursor = self._chosen if self._chosen in self._standings else next(iter(self._standings), None)
        return names

    @on(Scrolled)
    def _scrolled(self) -> None:
        """Show in the frame how many rows are above and below the visible ones."""
        more = out_of_sight(*self.query_one(LongList).out_of_sight)
        self.query_one(".dialog").border_subtitle = Content(more)

    def _cells(self, name: str) -> Sequence[Cell]:
        standing = self._standings[name]
        lag = signs.UNKNOWN.content if standing.lag is None else count(standing.lag, 10)
        label = printable_name(name, ascii=signs.ascii_only())
        return signs.sign(standing.verdict.mark), label, lag, standing.verdict.word

    @on(LongList.Chosen)
    def _pick(self, message: LongList.Chosen) -> None:
        self.dismiss(message.key)

"""A pane that draws its part of the `ClusterView`. It hands each reading of its stream to the model, which
publishes a view; it draws when its part of the view is another object than the one on screen.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kafkatui.domain.cluster.reading import Reading
from kafkatui.panes.pane import Pane
from kafkatui.watch.pace import Pace
from kafkatui.watch.survive import BUG, surviving
from kafkatui.watch.view import ClusterView, the_same


class ViewPane(Pane):
    """A pane that draws from `view`. A subclass defines `parts()` beside the methods that `Pane` asks for."""

    def __init__(
        self,
        pace: Pace,
        take: Callable[[Reading[Any]], None],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`take`: the model's method that takes in the readings of this pane's stream."""
        super().__init__(pace, id=id)
        self.view = ClusterView()
        """The newest view that the screen handed on."""
        self._take = take
        self._made_of: tuple[object, ...] = ()
        """The objects from which the widgets on screen were drawn."""

    def parts(self) -> tuple[object, ...]:
        """The objects of the view that the widgets are drawn from."""
        raise NotImplementedError

    def see(self, view: ClusterView) -> None:
        """Take a view, and draw what is new in it. The screen calls this with each view, also while the pane
        is held.
        """
        self.view = view
        shown = view.shown
        with surviving(f"pane {self.NAME}", self._note_bug):  # it may come from the reading of another pane
            if shown.topic != self.topic:
                self.set_reactive(Pane.group, shown.group)  # topic and group are drawn together
                self.topic = shown.topic
            elif shown.group != self.group:
                self.group = shown.group
            if self.is_mounted and (not self.held or self._awaited):
                self._paint(self.reading)

    def _note_bug(self) -> None:
        self.set_reactive(Pane.reading, replace(self.reading, fault=BUG))

    def note(self, reading: Reading[Any]) -> None:
        """Hand a reading to the model, but not the empty one with which a pane begins."""
        if reading.taken_at is not None or reading.fault is not None:
            self._take(reading)

    def redraw(self, *, ages: bool = False) -> None:
        """Draw again although the view is the same: drawing also depends e.g. on the size. `ages`: write the
        present age, too.
        """
        self._made_of = ()
        if self.is_mounted and not self.held:
            self._paint(self.reading, ages=ages)

    def draw(self, reading: Reading[Any]) -> bool:
        """Draw the body if its part of the view is another object; before the first answer, at every call."""
        parts = (self.topic, self.group, self.stale, *self.parts())
        if reading.taken_at is not None and the_same(parts, self._made_of):
            return False
        self._made_of = parts
        self.show(reading)
        return True

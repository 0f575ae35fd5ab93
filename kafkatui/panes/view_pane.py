"""A pane that draws its part of the `ClusterView`: it hands each reading of its stream to the model, which
publishes a view, and it draws where that part is another object than the one on the screen.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kafkatui.domain.cluster.reading import Reading
from kafkatui.panes.pane import BUG, Pane
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import ClusterView, the_same

log = logging.getLogger(__name__)


class ViewPane(Pane):
    """A subclass gives `parts()` beside what a `Pane` wants of it; its `show()` draws from `view`."""

    def __init__(
        self,
        pace: Pace,
        take: Callable[[Reading[Any]], None],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`take` is the model's, for the readings of this pane's stream."""
        super().__init__(pace, id=id)
        self.view = ClusterView()
        """What is known, as the screen handed it on last."""
        self._take = take
        self._made_of: tuple[object, ...] = ()
        """What the widgets on the screen were drawn from."""

    def parts(self) -> tuple[object, ...]:
        """The objects of the view that the widgets are drawn from."""
        raise NotImplementedError

    def see(self, view: ClusterView) -> None:
        """Draw what is new in a view. The screen calls it with each one, also while the pane is held."""
        self.view = view
        shown = view.shown
        try:
            if shown.topic != self.topic:
                self.set_reactive(Pane.group, shown.group)  # topic and group are drawn in one step
                self.topic = shown.topic
            elif shown.group != self.group:
                self.group = shown.group
            if self.is_mounted and (not self.held or self._awaited):
                self._paint(self.reading)
        # As in a pane's worker: a view comes with the reading of another pane, which did nothing wrong.
        except Exception:
            if "PYTEST_CURRENT_TEST" in os.environ:
                raise
            log.exception("pane %s", self.NAME)
            self.set_reactive(Pane.reading, replace(self.reading, fault=BUG))

    def note(self, reading: Reading[Any]) -> None:
        """Hand a reading to the model; the one a pane begins with is none."""
        if reading.taken_at is not None or reading.fault is not None:
            self._take(reading)

    def redraw(self) -> None:
        """Draw anew: what is drawn depends on more than the view, as on the size."""
        self._made_of = ()
        if self.is_mounted and not self.held:
            self._paint(self.reading)

    def draw(self, reading: Reading[Any]) -> None:
        """Draw the body where its part of the view is another; while nothing was answered, each time."""
        parts = (self.topic, self.group, self.stale, *self.parts())
        if reading.taken_at is None or not the_same(parts, self._made_of):
            self._made_of = parts
            self.show(reading)

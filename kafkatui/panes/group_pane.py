"""What panes 2 and 3 share: they show one group on one topic, and ask for another group on ``←`` and
``→``.
"""

from dataclasses import replace
from time import monotonic, time
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size

from kafkatui.domain import figures
from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.figures import at_least
from kafkatui.domain.text import clip_middle, printable, visible_name
from kafkatui.panes.view_pane import ViewPane
from kafkatui.widgets import signs

WIDE = 100
"""Cells of a pane from which on the wide columns are shown."""


class GroupPane(ViewPane):
    """A pane about the selected group on the selected topic."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left",
            "step_group(-1)",
            "group",
            id="group.previous",
            tooltip="the group before, of those that read the topic",
        ),
        Binding(
            "right", "step_group(1)", "group", id="group.next", tooltip="the next group that reads the topic"
        ),
    ]

    @property
    def groups(self) -> tuple[str, ...] | None:
        """The groups that read the topic, the worst first; ``None``: not known yet."""
        return self.view.shown.groups

    @property
    def left_out(self) -> str | None:
        """Why there may be more groups than are known; ``None``: there are none."""
        return self.view.groups.left_out

    def on_resize(self, _: Resize) -> None:
        self.redraw()

    @property
    def room(self) -> Size:
        """The cells that the body of the pane has, or will have when it is shown in place of a message."""
        return self.content_size - self.query_one(".body").gutter.totals

    def action_step_group(self, by: int) -> None:
        """Ask for the next group of the topic, or the one before."""
        self.post_message(self.GroupStep(by))

    def where(self) -> Content:
        return self._where(24)

    def wheres(self) -> list[Content]:
        return [self._where(cells) for cells in (24, 16, 12, 9)]

    def _where(self, cells: int) -> Content:
        """Topic and group, each in at most so many cells."""
        if self.topic is None:
            return Content("")
        parts: list[Content | str] = [name_of(self.topic, cells)]
        if self.group is not None:
            left, right = signs.CHOICE_LEFT.content, signs.CHOICE_RIGHT.content
            parts += [f" {signs.SEPARATOR} ", left, " ", name_of(self.group, cells), " ", right]
            if self.groups and self.group in self.groups:
                place, known = self.groups.index(self.group) + 1, len(self.groups)
                of = at_least(known, complete=self.left_out is None, ascii=signs.ascii_only())
                parts.append(f" {place}/{of}")
        return Content.assemble(*parts)

    def say_nothing_known(self, reading: Reading[Any]) -> None:
        """Nothing was answered yet: asking, or why not."""
        if self.topic is None:
            self.say("No topic is selected.")
        elif reading.fault is None:
            self.say(f"asking {signs.ELLIPSIS} {self.loading_for:.0f} s", Mark.MOVING)
        else:
            denied = reading.fault.kind is FaultKind.DENIED
            self.say(shown(reading.fault.text), Mark.DENIED if denied else Mark.BROKEN)

    def say_no_group(self, reading: Reading[Any]) -> None:
        """No group is known that reads the topic."""
        topic = name_of(self.topic or "", 40)
        if self.groups is None:
            self.say_nothing_known(replace(reading, fault=None))
        elif self.left_out is not None:
            self.say(f"It is not known whether a group reads {topic}: {shown(self.left_out)}.", Mark.UNKNOWN)
        else:
            self.say(f"No group reads {topic}.")

    def say_vanished(self, group: str, at: str | None) -> None:
        """The group was there and is not any more."""
        when = "" if at is None else f" at {at}"
        others = f" Next group: {signs.ARROW}" if set(self.groups or ()) - {group} else ""
        self.say(f"Group {name_of(group, 40)} was deleted{when}.{others}", Mark.BROKEN)

    def say_refused(self, group: str, fault: Fault) -> None:
        """The group's facts are not told."""
        if fault.kind is FaultKind.DENIED:
            self.say(
                f"Not allowed: DESCRIBE on group {name_of(group, 40)} ({shown(fault.text)})", Mark.DENIED
            )
        elif fault.kind is FaultKind.PASSING:
            self.say(f"Group {name_of(group, 40)}: {shown(fault.text)}", Mark.MOVING)
        else:
            self.say(f"Group {name_of(group, 40)}: {shown(fault.text)}", Mark.UNKNOWN)


def time_of_day(at: float) -> str:
    """The local time of day at a monotonic second, and the date where it was not today."""
    now = time()
    return figures.time_of_day(now - monotonic() + at, now)


def shown(text: str) -> str:
    """A text from outside as the terminal may have it."""
    return printable(text, ascii=signs.ascii_only())


def name_of(text: str, cells: int) -> str:
    """A name from outside, cut in the middle."""
    return clip_middle(shown(visible_name(text)), cells, ellipsis=str(signs.ELLIPSIS))


def dashed(text: str) -> str:
    """Figures with the dashes of this terminal."""
    return text.replace("–", str(signs.NONE))

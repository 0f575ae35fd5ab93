"""The common base of panes 2 and 3: they show one group on one topic, and ask the screen for another group on
``←`` and ``→``.
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
from kafkatui.domain.lag.ages import Age, Seen, age_text
from kafkatui.domain.text import clip_middle, printable, visible_name
from kafkatui.panes.view_pane import ViewPane
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

WIDE = 100
"""A pane of at least so many cells has the wide columns too."""


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
        """Why groups may be missing among those known; ``None``: all are known."""
        return self.view.groups.left_out

    def on_resize(self, _: Resize) -> None:
        self.redraw()

    @property
    def room(self) -> Size:
        """Size of the pane's body in cells; while a message stands in its place, the size it will have."""
        return self.content_size - self.query_one(".body").gutter.totals

    def action_step_group(self, by: int) -> None:
        """Ask the screen to select the next group of the topic, or the one before."""
        self.post_message(self.GroupStep(by))

    def where(self) -> Content:
        return self._where(24)

    def wheres(self) -> list[Content]:
        return [self._where(cells) for cells in (24, 16, 12, 9)]

    def _where(self, cells: int) -> Content:
        """Topic and group for the title, each name in at most `cells` cells."""
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
        """Show the message for a pane without any answer yet: that it asks, or why it got none."""
        if self.topic is None:
            self.say("No topic is selected.")
        elif reading.fault is None:
            self.say(f"asking {signs.ELLIPSIS} {self.loading_for:.0f} s", Mark.MOVING)
        else:
            denied = reading.fault.kind is FaultKind.DENIED
            self.say(shown(reading.fault.text), Mark.DENIED if denied else Mark.BROKEN)

    def say_no_group(self, reading: Reading[Any]) -> None:
        """Show the message that no group reads the topic, as far as known."""
        topic = name_of(self.topic or "", 40)
        if self.groups is None:
            self.say_nothing_known(replace(reading, fault=None))
        elif self.left_out is not None:
            self.say(f"It is not known whether a group reads {topic}: {shown(self.left_out)}.", Mark.UNKNOWN)
        else:
            self.say(f"No group reads {topic}.")

    def say_vanished(self, group: str, at: str | None) -> None:
        """Show the message that the group was deleted, at the time of day `at`."""
        when = "" if at is None else f" at {at}"
        others = f" Next group: {signs.ARROW}" if set(self.groups or ()) - {group} else ""
        self.say(f"Group {name_of(group, 40)} was deleted{when}.{others}", Mark.BROKEN)

    def say_refused(self, group: str, fault: Fault) -> None:
        """Show the message that the cluster did not describe the group, and why."""
        if fault.kind is FaultKind.DENIED:
            self.say(
                f"Not allowed: DESCRIBE on group {name_of(group, 40)} ({shown(fault.text)})", Mark.DENIED
            )
        elif fault.kind is FaultKind.PASSING:
            self.say(f"Group {name_of(group, 40)}: {shown(fault.text)}", Mark.MOVING)
        else:
            self.say(f"Group {name_of(group, 40)}: {shown(fault.text)}", Mark.UNKNOWN)


def shown_age(found: Age) -> str:
    """An age, with the sign of its bound."""
    return age_text(found, ascii=signs.ascii_only())


def oldest_cell(oldest: Seen | None, lag: int | None, now: float) -> Cell:
    """How old the oldest record is that is not committed, at monotonic second `now`; ``–``: there is no lag,
    ``?``: not known.
    """
    if oldest is None:
        return (signs.NONE if lag == 0 else signs.UNKNOWN).content
    return shown_age(oldest.age(now))


def time_of_day(at: float) -> str:
    """The local time of day for a time in monotonic seconds, with the date if that is not today."""
    now = time()
    return figures.time_of_day(now - monotonic() + at, now)


def shown(text: str) -> str:
    """A text from outside with everything escaped that the terminal must not get."""
    return printable(text, ascii=signs.ascii_only())


def name_of(text: str, cells: int) -> str:
    """A name from outside, escaped and cut in the middle to at most `cells` cells."""
    return clip_middle(shown(visible_name(text)), cells, ellipsis=str(signs.ELLIPSIS))


def dashed(text: str) -> str:
    """A text with its dashes replaced by the sign this terminal can draw."""
    return text.replace("–", str(signs.NONE))

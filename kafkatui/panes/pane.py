"""The common base of the four panes: a frame, the task that follows the stream, and the texts about how old
and how sure the figures are.
"""

from collections.abc import AsyncGenerator
from time import monotonic
from typing import Any, ClassVar, Self

from textual import messages, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus, Resize
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.figures import age
from kafkatui.domain.text import printable
from kafkatui.watch.pace import Pace
from kafkatui.watch.survive import take_all
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import out_of_sight, shortened
from kafkatui.widgets.long_list import LongList, Scrolled
from kafkatui.widgets.text_line import changed_cells

STALE_AFTER = 2.5
"""Figures younger than so many seconds are never stale, however short the interval is."""

YOUNGER = 0.9
"""If a new reading is younger by so many seconds than the age written in the lower edge, the age is drawn at
once and not only at the next `Pane.tick`.
"""


class Pane(Vertical):
    """One pane. It follows one stream of readings for the selection that the screen sets, and shows the
    newest reading.

    A subclass defines `NUMBER`, `NAME`, `compose_body()`, `focused_part()`, `stream()` and `show()`; where it
    needs them also `note()`, `where()`, `title()` and `footnote()`.
    """

    NUMBER: ClassVar[int]
    """The key that leads to the pane; 0: none does."""
    NAME: ClassVar[str]
    SHORT_NAME: ClassVar[str] = ""
    """The name where there is little room; empty: `NAME`."""

    topic: reactive[str | None] = reactive(None, init=False, repaint=False)
    """The selected topic, set by the screen."""
    group: reactive[str | None] = reactive(None, init=False, repaint=False)
    """The selected group, set by the screen."""
    reading: reactive[Reading[Any]] = reactive(Reading, init=False, repaint=False, always_update=True)
    """The newest reading of the stream."""
    mark: reactive[Mark] = reactive(Mark.NOTHING, init=False, repaint=False)
    """The worst mark in the pane, shown in its title, and in the tab titles of a small screen."""
    held: reactive[bool] = reactive(False, init=False, repaint=False)
    """Whether the user holds the pane: it is not drawn again, but the stream is still read and `note()` still
    called.
    """
    framed: reactive[bool] = reactive(True, init=False, repaint=False)
    """Whether a frame is around the pane; in a small screen it has only a line above."""
    tabs: reactive[Content | None] = reactive(None, init=False, repaint=False)
    """The row of tabs in place of the title, in a small screen; ``None``: the title."""

    class MarkChanged(Message):
        """The `mark` of a pane has changed."""

    class GroupStep(Message):
        """The user asks for the next group of the topic (`by` = 1) or the one before it (-1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class ReadingChanged(Message):
        """A pane has a new reading; the screen hands on what other panes need of it."""

        def __init__(self, pane: "Pane") -> None:
            super().__init__()
            self.pane = pane

        def can_replace(self, message: Message) -> bool:
            """A newer message of the same pane replaces one that waits."""
            return isinstance(message, Pane.ReadingChanged) and message.pane is self.pane

    def __init__(self, pace: Pace, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.pace = pace
        self._followed_since = monotonic()
        self._awaited = False
        """Whether no answer came yet for the present selection: the first answer is drawn even while the pane
        is held.
        """
        self._edges: tuple[Content, Content, bool] = (Content(""), Content(""), False)
        """The title and the text of the lower edge on screen, and whether the latter is aligned to
        the left.
        """
        self._edges_fault: tuple[Fault | None, float | None] = (None, None)
        """The fault of the reading, and the time of the next try, with which the edges were drawn."""
        self._age_shown: float | None = None
        """The age written on the edge, in seconds; ``None``: none is written. `tick` updates it."""
        self._edges_changed: list[Region] | None = None
        """The changed parts of the edges, while only these are to be painted; ``None``: everything is
        painted.
        """

    # a subclass defines these

    def compose_body(self) -> ComposeResult:
        """The widgets of the pane."""
        raise NotImplementedError

    def compose_foot(self) -> ComposeResult:
        """The widgets below the body. They stay while a message replaces the body."""
        return ()

    def focused_part(self) -> Widget:
        """The widget that takes the focus: the list in which the keys of the pane move the cursor."""
        raise NotImplementedError

    def stream(self) -> AsyncGenerator[Reading[Any]] | None:
        """The stream of readings for the present selection; ``None``: there is nothing to follow."""
        raise NotImplementedError

    def note(self, reading: Reading[Any]) -> None:
        """Remember what later drawings need; called for every reading, also while the pane is held."""

    def show(self, reading: Reading[Any]) -> None:
        """Draw a reading in the widgets; muted if `stale`."""
        raise NotImplementedError

    def where(self) -> Content:
        """The right part of the title: the pane's selection, e.g. ``orders · ‹ billing › 1/3``."""
        return Content("")

    def wheres(self) -> list[Content]:
        """The same text as `where()`, then shorter and shorter ones."""
        return [self.where()]

    def title(self) -> Content:
        """The text after number and name in the title, e.g. a count."""
        return Content("")

    def footnote(self) -> Content:
        """The text of the lower edge while the newest reading has no fault."""
        return Content("")

    # frame

    def compose(self) -> ComposeResult:
        with Vertical(classes="body"):
            yield from self.compose_body()
        yield Static(classes="said", markup=False)
        yield from self.compose_foot()

    def on_mount(self) -> None:
        self.draw_edges()

    @property
    def age(self) -> float | None:
        """Seconds since the newest answer; ``None`` before the first."""
        return None if self.reading.taken_at is None else max(0.0, monotonic() - self.reading.taken_at)

    @property
    def stale(self) -> bool:
        """Whether the figures are older than they should be: the newest try failed, or the newest answer is
        older than five intervals and than `STALE_AFTER`.
        """
        if self.reading.taken_at is None:
            return False
        return self.reading.fault is not None or (self.age or 0.0) > max(5 * self.pace.every, STALE_AFTER)

    @property
    def loading_for(self) -> float:
        """Seconds since the present selection was first followed."""
        return monotonic() - self._followed_since

    def say(self, text: str | Content | None, mark: Mark = Mark.NOTHING) -> None:
        """Show a message instead of the body (loading, empty, denied, vanished); ``None``: the body again.

        The focus stays in the pane: a hidden widget loses it, and then the keys of the pane would not work.
        """
        said, body = self.query_one(".said", Static), self.query_one(".body")
        self.set_class(text is not None, "-said")
        said.can_focus = said.display = text is not None
        if text is not None:
            put(said, Content.assemble(signs.sign(mark), " ", text))
            self.mark = mark
            if body.has_focus_within:
                self.screen.set_focus(said, scroll_visible=False)
        body.display = text is None
        if text is None and said.has_focus:
            self.screen.set_focus(self.focused_part(), scroll_visible=False)

    def focus_list(self) -> None:
        """Focus the pane's list, or the message that stands in its place.

        `Widget.focus` does it only after the messages that wait: keys pressed before that are lost.
        """
        self.screen.set_focus(self.focus_place())

    def focus_place(self) -> Widget:
        """The widget that takes the focus now: the message if there is one, else the list."""
        return self.query_one(".said") if self.has_class("-said") else self.focused_part()

    def draw_edges(self, *, ages: bool = False) -> None:
        """Draw title and lower edge. `ages`: write the present age; else the age on screen stays, unless the
        figures are younger by `YOUNGER`.
        """
        if ages or self._is_younger:
            self._age_shown = self.age
        focused = self.has_focus_within
        style = "$primary" if focused else "$frame"
        rule = signs.rule(heavy=focused)
        width = self._edge
        blank = "" if self.framed else " "
        lower = self._lower_left()
        left, right = self._title_ends(width)
        title = Content.assemble(blank, spread(left, right, width, rule, style), blank)
        subtitle = spread(lower, self._age_text(), width, rule, style)
        self._put_edges(title, subtitle, at_left=bool(lower.cell_length))

    @property
    def _is_younger(self) -> bool:
        """The figures are younger by `YOUNGER` than the edge says, or it says no age."""
        age, shown = self.age, self._age_shown
        return age is None or shown is None or shown - age >= YOUNGER

    def _put_edges(self, title: Content, lower: Content, *, at_left: bool) -> None:
        """Paint the parts of both edges that changed; `at_left`: the text of the lower edge is aligned to the
        left.
        """
        old_title, old_lower, was_at_left = self._edges
        if title.is_same(old_title) and lower.is_same(old_lower) and at_left == was_at_left:
            return
        self._edges = title, lower, at_left
        (width, height), (x, y) = self.outer_size, self.content_offset
        upper_cells = changed_cells(self._edge_cells(old_title), self._edge_cells(title))
        lower_cells = changed_cells(
            self._edge_cells(old_lower, at_left=was_at_left), self._edge_cells(lower, at_left=at_left)
        )
        changed = [
            Region(first - x, line - y, end - first, 1)
            for line, (first, end) in ((0, upper_cells), (height - 1, lower_cells))
            if first < end
        ]
        if not changed:
            return
        self._edges_changed = changed if width else None  # a hidden pane has no width, and no parts to paint
        self.border_title, self.border_subtitle = title, lower
        self.styles.border_subtitle_align = "left" if at_left else "right"
        self._edges_changed = None

    def _edge_cells(self, text: Content, *, at_left: bool = True) -> Content:
        """A whole edge with its text, to find the cells that changed."""
        rule = signs.rule(heavy=False)
        label = Content.assemble(" ", text, " ") if self.framed and text.cell_length else text
        ends = 2 if self.framed else 1
        gap = rule * (self.outer_size.width - 2 * ends - label.cell_length)
        return Content.assemble(rule * ends, *((label, gap) if at_left else (gap, label)), rule * ends)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """While edges are drawn paint only their changed parts: Textual, when a title is set, asks for the
        whole pane.
        """
        if self._edges_changed is not None:
            regions = tuple(self._edges_changed)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    @property
    def _edge(self) -> int:
        """Cells that an edge has for text: the first and the last rule take two, the blanks around the text
        two, and with a frame the corners two.
        """
        return self.outer_size.width - (6 if self.framed else 4)

    @property
    def foot_room(self) -> int:
        """Cells that the lower edge has for text beside the age and the count of rows out of sight."""
        others = self._age_text(), self._goes_on_text()
        return self._edge - sum(text.cell_length + 3 for text in others if text.cell_length)

    def _title_ends(self, width: int) -> tuple[Content, Content]:
        """The longest left and right part of the title that fit side by side. The left part, the pane's name,
        is shortened before the right one is left out.
        """
        for short in (False, True):
            left = self._title_left(short=short)
            room = width - left.cell_length - 3
            right = next((text for text in self._title_right() if text.cell_length <= room), None)
            if right is not None:
                return left, right
        return left, Content("")

    def _title_left(self, *, short: bool) -> Content:
        if self.tabs is not None:
            return self.tabs
        number = f"{self.NUMBER} " if self.NUMBER else ""
        parts = [Content.styled(f"{number}{self.SHORT_NAME or self.NAME if short else self.NAME}", "bold")]
        if not short and (title := self.title()).cell_length:
            parts.append(title)
        if self.mark > Mark.OK:
            parts.append(signs.sign(self.mark))
        if self.stale and self._age_shown is not None:
            parts += [
                signs.sign(Mark.BROKEN),
                Content.styled(f"stale {age(self._age_shown).strip()}", "$error bold"),
            ]
        return Content(" ").join(parts)

    def _title_right(self) -> list[Content]:
        """Texts for the right part of the title, the longest first. Without a frame there is no lower edge,
        so the age stands here too.
        """
        (where, *shorter), age = self.wheres(), self._age_text()
        if self.framed:
            return [where, *shorter]
        more = [Content.styled(out_of_sight(*self.goes_on(), short=short), "bold") for short in (False, True)]
        texts = [(more[0], where, age), (more[1], where, age), (more[1], where), (more[1], age), (where,)]
        texts = [*texts, *((one,) for one in shorter), (more[1],), (age,)]
        return [self._joined(*parts) for parts in texts]

    @staticmethod
    def _joined(*parts: Content) -> Content:
        return Content(f" {signs.SEPARATOR} ").join(part for part in parts if part.cell_length)

    def _lower_left(self) -> Content:
        fault = self.reading.fault
        if fault is None:
            return self._joined(self._goes_on_text(), self.footnote())
        retry = ""
        if self.reading.retry_at is not None:
            retry = f" · retry in {max(0, round(self.reading.retry_at - monotonic()))} s"
        return Content.styled(printable(fault.text) + retry, "$error")

    def goes_on(self) -> tuple[int, int]:
        """How many rows of the list lie above those that are shown, and how many below."""
        rows = self.query_one_optional(LongList)  # before the pane is composed it has no list
        return (0, 0) if rows is None else rows.out_of_sight

    def _goes_on_text(self) -> Content:
        return Content.styled(out_of_sight(*self.goes_on()), "bold") if self.framed else Content("")

    @on(Scrolled)
    def _scrolled(self, message: Scrolled) -> None:
        message.stop()
        self.draw_edges()

    def _age_text(self) -> Content:
        seconds = self._age_shown
        if seconds is None:
            return Content("")
        style = "bold" if seconds > 2 * self.pace.every else "$text-muted"
        return Content.styled(f"{age(seconds).strip()} ago", style)

    # stream

    def watch_topic(self) -> None:
        self.restart()

    def watch_group(self) -> None:
        self.restart()

    def restart(self) -> None:
        """End the stream of the old selection and follow that of the present one."""
        self._followed_since = monotonic()
        self._awaited = True
        self.reading = Reading()
        self.paint_selection()
        self._follow()

    def paint_selection(self) -> None:
        """Draw another selection, even while the pane is held, all of it in one frame.

        Otherwise each widget asks to be painted when it is idle: then one frame may show the new title above
        the rows of the old selection.
        """
        if not self.is_mounted:
            return
        self._paint(self.reading)
        self.screen.post_message(messages.Layout(self.query_one(".body")))
        for widget in self.walk_children(Widget, with_self=True):
            self.screen.post_message(messages.Update(widget))

    @work(exclusive=True, group="stream")
    async def _follow(self) -> None:
        def take(reading: Reading[Any]) -> None:
            self.reading = reading

        await take_all(self.stream, take, f"pane {self.NAME}")

    def watch_reading(self, reading: Reading[Any]) -> None:
        if not self.is_mounted:
            return
        self.note(reading)
        self.post_message(self.ReadingChanged(self))
        if not self.held or self._awaited:
            self._paint(reading)
        if reading.value is not None:
            self._awaited = False

    def watch_held(self, held: bool) -> None:
        if not held and self.is_mounted:
            self._paint(self.reading, ages=True)

    def _paint(self, reading: Reading[Any], *, ages: bool = False) -> None:
        if self.query_one_optional(".said") is None:
            return  # the program ends: the pane's widgets are already removed, its stream is not
        if ages or self.stale != self.has_class("-stale"):
            self._age_shown = self.age
        self.set_class(self.stale, "-stale")
        fault = reading.fault, reading.retry_at
        if self.draw(reading) or ages or self._is_younger or fault != self._edges_fault:
            self._edges_fault = fault
            self.draw_edges()

    def draw(self, reading: Reading[Any]) -> bool:
        """Draw the body, where the reading may change it; ``True``: the edges are to be drawn, too."""
        self.show(reading)
        return True

    def watch_mark(self) -> None:
        self.post_message(self.MarkChanged())
        self.draw_edges()

    def watch_tabs(self) -> None:
        self.draw_edges()

    def tick(self) -> None:
        """Called by the screen's one timer each second: update the ages, and mark figures stale that got no
        new answer.
        """
        if self.held:
            return
        if self.reading.taken_at is None or self.stale != self.has_class("-stale"):
            self._paint(self.reading, ages=True)
        else:
            self.draw_edges(ages=True)

    def on_resize(self, _: Resize) -> None:
        self.draw_edges()

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        self.draw_edges()

    def on_descendant_blur(self, _: DescendantBlur) -> None:
        self.draw_edges()


def put(place: Static, text: Content) -> None:
    """Show a text in a widget of fixed size, if it differs from the one on screen. Layout is not computed
    again.
    """
    old = place.content
    if not isinstance(old, Content) or (old.plain, old.spans) != (text.plain, text.spans):
        place.update(text, layout=False)


def spread(left: Content, right: Content, width: int, rule: str, style: str) -> Content:
    """An edge `width` cells long: two texts at its ends, the rule between them. If they do not fit, the left
    text is shortened; a right text that is too long even so is left out.

    If only one text is left it is returned without a rule, as the edge itself is drawn as one.
    """
    if right.cell_length + 4 > width:
        right = Content("")
    if not right.cell_length or not left.cell_length:
        return shortened(left if left.cell_length else right, max(0, width))
    left = shortened(left, width - right.cell_length - 3)
    gap = width - left.cell_length - right.cell_length - 2
    return Content.assemble(left, " ", (rule * gap, style), " ", right)

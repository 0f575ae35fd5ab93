"""The screen of a lab: the lesson beside its pictures and the live panes of its cluster, and the keys of the
lab below.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Click, Key, Resize
from textual.message import Message
from textual.style import Style
from textual.widgets import Input, Static

from kafkatui.deck.code import excerpt
from kafkatui.domain.text import printable
from kafkatui.errors import KafkaTuiError
from kafkatui.labs.lesson import Answer, numbers
from kafkatui.labs.run import Phase, Run
from kafkatui.labs.texts import frame_texts, glossary, lesson_texts
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.lab_panes import LabGrid
from kafkatui.screens.lab_pictures import pictures
from kafkatui.screens.lab_text import LessonText, headed
from kafkatui.screens.selection import SelectionScreen
from kafkatui.watch.streams import Streams
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.page import Page
from kafkatui.widgets.text_line import TextLine

SIDE_BY_SIDE = (100, 30)
"""The size of the terminal, in cells, from which the lesson stands beside the pictures."""
WIDE = 160
MOST_TYPED = 24
"""Characters of an answer."""
INTERVAL = 1.0
"""Seconds between two looks of the panes."""
LEAST_OF_A_PANE = 9
"""Lines that a pane below the pictures has at least."""


class LessonPage(Page, inherit_bindings=False):
    """The text of the lesson; its letters are the lab's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page(-1)", "page up", id="lab.up", show=False),
        Binding("pagedown", "page(1)", "page down", id="lab.down", show=False),
    ]


class LabRow(TextLine):
    """The keys of the lab: bright where a key works now."""

    DEFAULT_CSS = "LabRow { padding: 0 1; }"

    class Pressed(Message):
        """The user clicked on a key."""

        def __init__(self, letter: str) -> None:
            super().__init__()
            self.letter = letter

    def on_click(self, event: Click) -> None:
        if letter := event.style.meta.get("letter"):
            self.post_message(self.Pressed(letter))


def _letters() -> dict[str, str]:
    """The action of each letter of the screen."""
    bindings = (one for one in LabScreen.BINDINGS if isinstance(one, Binding))
    return {one.key: one.action for one in bindings if len(one.key) == 1 and one.key.isalpha()}


class LabScreen(SelectionScreen):
    """One lab. Its owner has begun the lab, and closes it. The lesson has the focus until `tab` leads to the
    panes; the letters of the lab and of this screen work in both.
    """

    DEFAULT_CSS = """
    LabScreen #lab-body { height: 1fr; layout: vertical; }
    LabScreen #lesson { height: auto; border: heavy $primary; padding: 0 1; border-title-color: $foreground; }
    LabScreen #lesson LessonPage { height: 1fr; }
    LabScreen #prompt { height: auto; margin-top: 1; }
    LabScreen.-low #prompt { margin-top: 0; }
    LabScreen #pictures {
        height: 1fr; border: round $frame; padding: 0 1;
        overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-background: $background;
    }
    LabScreen #pictures Static { height: auto; }
    LabScreen #seen { height: 1fr; }
    LabScreen.-beside #lab-body { layout: horizontal; }
    LabScreen.-beside #lesson { width: 52; height: 1fr; }
    LabScreen.-beside.-wide #lesson { width: 66; }
    LabScreen.-beside #seen { width: 1fr; }
    LabScreen.-beside #pictures { height: auto; }
    LabScreen.-zoomed #pictures, LabScreen.-low.-panes #pictures { display: none; }
    LabScreen.-low LabGrid { display: none; }
    LabScreen.-low.-panes LabGrid { display: block; }
    LabScreen.-low #lesson { border: none; border-top: heavy $primary; }
    LabScreen.-low #pictures { border: none; border-top: solid $frame; }
    .-ascii LabScreen #lesson, LabScreen.-ascii #lesson { border: ascii $primary; }
    .-ascii LabScreen #pictures, LabScreen.-ascii #pictures { border: ascii $frame; }
    """
    AUTO_FOCUS: ClassVar[str] = "LessonPage"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "answer", id="lab.answer"),
        Binding("n", "go_on", "next", id="lab.next", tooltip="the next step, or skip the question"),
        Binding("h", "hint", "hint", id="lab.hint", tooltip="a hint for this step"),
        Binding("g", "glossary", "words", id="lab.glossary", tooltip="Kafka's words"),
        Binding("v", "code", "code", id="lab.code", show=False, tooltip="the code that the last key ran"),
        Binding("r", "reset", "begin anew", id="lab.reset", tooltip="mend everything and begin anew"),
        Binding("left", "choose(-1)", "choose", id="lab.left", show=False),
        Binding("right", "choose(1)", "choose", id="lab.right", show=False),
        Binding("up", "choose(-1)", "choose", id="lab.before", show=False),
        Binding("down", "choose(1)", "choose", id="lab.after", show=False),
        Binding("backspace", "erase", "erase", id="lab.erase", show=False),
        Binding("ctrl+down", "scroll_pictures(1)", "pictures", id="lab.pictures.down", show=False),
        Binding("ctrl+up", "scroll_pictures(-1)", "pictures", id="lab.pictures.up", show=False),
        Binding("tab", "panes", "pane", id="lab.panes", tooltip="the panes of the cluster"),
        Binding("shift+tab", "panes", "pane", id="lab.panes.back", show=False),
        *(
            Binding(str(number), f"go({number})", "pane", id=f"lab.pane{number}", show=False)
            for number in (1, 2, 3, 4)
        ),
        Binding("escape", "leave", "leave", id="lab.leave", tooltip="end the lab, and its cluster"),
    ]

    class Left(Message):
        """The user left the lab."""

    class Passed(Message):
        """One more step has passed."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(self, run: Run, language: str, where: str, streams: Streams) -> None:
        """`where` names the cluster in the headline; `streams` are those of the cluster."""
        super().__init__(streams, None, INTERVAL)
        self.run = run
        self.where = where
        self.frame: Mapping[str, Any] = frame_texts(language)
        self.texts = lesson_texts(run.lesson.name, language)
        self.language = language
        self.text = LessonText(run, self.texts, self.frame, language)
        self.said: Content | None = None
        """What the row of keys says in place of the keys; ``None``: nothing."""
        self.typed = ""
        self.cursor = 0
        self._words = False
        """Whether the glossary is shown in place of the lesson."""
        self._last_letter: str | None = None
        self._passed = 0
        """How many steps had passed when the screen was drawn last."""
        self._drawn: tuple[object, ...] = ()
        self._selected: tuple[str | None, ...] = ()
        """The topic and the group of the lesson that were selected last, by their names on the cluster."""
        self.headline = TextLine()
        self.lesson = Vertical(id="lesson")
        self.page = LessonPage()
        self.prompt = Static(id="prompt", markup=False)
        self.seen = Vertical(id="seen")
        """Pictures and panes."""
        self.pictures = Vertical(id="pictures")
        self.picture = Static(markup=False)
        self.lab_grid = LabGrid(*self.new_panes(), first=run.lesson.pane)
        self.row = LabRow()
        self.set_class(signs.ascii_only(), "-ascii")

    def compose(self) -> ComposeResult:
        yield self.headline
        with Container(id="lab-body"):
            self.lesson.border_title = Content.styled(self.texts.goal, "bold")
            with self.lesson:
                yield self.page
                yield self.prompt
            with self.seen:
                with self.pictures:
                    yield self.picture
                yield self.lab_grid
        yield self.row
        yield KeyRow(
            ("answer", "next", "hint", "words", "code", "begin anew", "pane"),
            always=("leave", "help", "quit"),
            words=self.frame["row"],
        )

    def on_mount(self) -> None:
        if self not in self.app.screen_stack:
            return  # the user left the screen before it was composed
        self.run.on_change = self.draw
        self.begin_panes()
        self._watch()
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self.draw)

    def on_resize(self, event: Resize) -> None:
        beside = event.size.width >= SIDE_BY_SIDE[0] and event.size.height >= SIDE_BY_SIDE[1]
        self.set_class(beside, "-beside")
        self.set_class(not beside, "-low")
        self.set_class(event.size.width >= WIDE, "-wide")
        self._drawn = ()
        self.call_after_refresh(self.draw)

    def wants_focus(self) -> LessonPage:
        return self.page

    @work(group="lab")
    async def _watch(self) -> None:
        await self.run.watch()

    def _tick(self) -> None:
        if not self.is_incomplete:
            for pane in self.panes:
                pane.tick()
        self.draw()

    def _select(self) -> None:
        """Select the first topic and the first group of the lesson in the panes, where they are not selected
        yet: at the begin, and after a reset, which gives them other names on the cluster.
        """
        run = self.run
        topic, group = next(iter(run.lesson.topics), None), next(iter(run.lesson.groups), None)
        wanted = tuple(None if name is None else run.lab.full(name) for name in (topic, group))
        if wanted != self._selected:
            self._selected = wanted
            self._chosen_group = wanted[1]
            if wanted[0] is not None:
                self.show_topic(wanted[0])

    # drawing

    def draw(self) -> None:
        """Draw everything that may have changed."""
        if self.is_incomplete or not self.page.is_mounted:
            return
        run = self.run
        head = Content.assemble(
            (f" {self.text.title()}  ", "bold"),
            (self.text.progress(), "$primary"),
            "  ",
            (self.where, signs.MUTED),
        )
        self.headline.show(head)
        shown = (run.place, run.phase, len(run.predicted), self.text.hinted, self._words, self.size)
        if shown != self._drawn:
            same_step = self._drawn[:1] == shown[:1] and self._drawn[1:2] == shown[1:2]
            self._drawn = shown
            self.page.show(self._lesson_lines, keep_place=same_step)
        width = max(20, self.lesson.content_size.width)
        lines = self.text.prompt(self.cursor, self.typed, width)
        self.prompt.update(Content("\n").join(lines))
        # The prompt stands below the text; where the text has no room, it scrolls and the prompt stays.
        low, wanted = self.has_class("-low"), max(1, len(self.page.lines))
        most = self.size.height * 6 // 10 - 1 if low else self.lesson.content_size.height
        self.page.styles.height = min(max(1, most - len(lines) - (not low)), wanted)
        if low:  # the pictures get the room that the lesson leaves
            self.lesson.styles.height = "auto"
        else:
            self.lesson.styles.height = "1fr"
        self._select()
        # Below the pictures a pane needs some lines; where the pictures have no room, they scroll.
        seen = self.seen.size.height
        self.pictures.styles.max_height = seen if low else max(1, seen - LEAST_OF_A_PANE)
        room = max(20, self.pictures.content_size.width)
        self.picture.update(Content("\n").join(pictures(run.lesson, run.now, self.frame, room)))
        self.row.show(self._keys())
        if sum(run.passed) > self._passed:
            self.post_message(self.Passed(run))
        self._passed = sum(run.passed)

    def _lesson_lines(self, width: int) -> list[Cell]:
        if self._words:
            lines: list[Cell] = []
            for word, meaning in glossary(self.language).items():
                lines += headed(word, meaning, width)
            return lines
        return list(self.text.lines(width))

    def _keys(self) -> Content:
        if self.said is not None:
            return self.said
        parts = []
        for letter, word in self.texts.keys.items():
            bright = self.run.allows(letter)
            part = Content.assemble(
                (letter, "$primary bold" if bright else signs.MUTED),
                (f" {word}", "" if bright else signs.MUTED),
            )
            parts.append(part.stylize(Style.from_meta({"letter": letter})))
        return Content.assemble(("LAB", "bold"), "  ", Content("  ").join(parts))

    def say(self, text: str, style: str = signs.WARNING) -> None:
        """Say something in the row of keys for some seconds."""
        said = self.said = Content.styled(printable(text, ascii=signs.ascii_only()), style)
        self.row.show(said)

        def unsay() -> None:
            if self.said is said:
                self.said = None
                self.draw()

        self.set_timer(5.0, unsay)

    # keys

    def on_key(self, event: Key) -> None:
        """A letter of the lab, or a character of an answer."""
        character = event.character or ""
        if isinstance(self.focused, Input):
            return  # the filter of a pane
        if self._typing and (character.isdecimal() or character in {" ", ",", "."}):
            event.stop()
            self.typed = (self.typed + character)[:MOST_TYPED]
            self.draw()
        elif character in self.run.lesson.keys:
            event.stop()
            self.press(character)
        elif self.lab_grid.has_focus_within and character in _letters():
            event.stop()
            self.run_worker(self.run_action(_letters()[character]), group="letter")

    @property
    def _typing(self) -> bool:
        question = self.run.question
        return question is not None and not question.options

    def on_lab_row_pressed(self, message: LabRow.Pressed) -> None:
        self.press(message.letter)

    def press(self, letter: str) -> None:
        """Do what a letter of the lab says, if it works now; else say why not."""
        if self.run.phase is Phase.PREDICT:
            self.say(self.frame["first_answer"])
        elif not self.run.allows(letter):
            self.say(self.frame["no_key"].format(letter=letter))
        else:
            self._press(letter)

    @work(group="act")
    async def _press(self, letter: str) -> None:
        self.draw()
        try:
            await self.run.press(letter, self._chosen() if self.run.over else self.run.step.on)
        except KafkaTuiError as error:
            self.say(str(error))
        else:
            self._last_letter = letter
            self.refresh_bindings()
        self.draw()

    def _chosen(self) -> str | None:
        """The program of the member under the cursor in pane 2, while that has the focus; ``None``: the one
        that was started last.
        """
        client = self.assignments_pane.client_under_cursor if self.assignments_pane.has_focus_within else None
        return client if client in self.run.now.programs else None

    def action_answer(self) -> None:
        """Answer the open question; where none is open, go on."""
        question = self.run.question
        if question is None:
            self.action_go_on()
            return
        answer: Answer | None = None
        if question.options:
            answer = question.options[self.cursor % len(question.options)]
        elif question.partitions:
            most = max((len(logs) for logs in self.run.now.topics.values()), default=1) - 1
            answer = numbers(self.typed, most)
        else:
            try:
                answer = float(self.typed.strip().replace(",", "."))
            except ValueError:
                answer = None
        if answer is None:
            self.say(self.frame["how_partitions" if question.partitions else "how_number"])
            return
        self._answered(answer)

    def _answered(self, answer: Answer | None) -> None:
        self.typed, self.cursor = "", 0
        self.run.answer(answer)

    def action_go_on(self) -> None:
        """Skip the question, or begin the next step."""
        if self.run.question is not None:
            self._answered(None)
        elif self.run.may_go_on():
            self.text.hinted = False
            self.run.go_on()
        elif self.run.phase is Phase.ACT:
            self.say(self.texts.steps[self.run.place].press)
        elif self.run.phase is Phase.OBSERVE:
            self.say(self.frame["not_yet"].format(what=self.text.waiting(self.run.waiting)))

    def action_choose(self, by: int) -> None:
        """Move the cursor over the options."""
        if (question := self.run.question) is not None and question.options:
            self.cursor = (self.cursor + by) % len(question.options)
            self.draw()

    def action_scroll_pictures(self, by: int) -> None:
        """Scroll the pictures by some lines, where they have no room."""
        self.pictures.scroll_to(y=self.pictures.scroll_y + 4 * by, animate=False, immediate=True)

    def action_erase(self) -> None:
        """Take back the last character of the answer."""
        self.typed = self.typed[:-1]
        self.draw()

    def action_hint(self) -> None:
        """Show or hide the hint."""
        self.text.hinted = not self.text.hinted
        self.draw()

    def action_glossary(self) -> None:
        """Show or hide Kafka's words, in place of the lesson."""
        self._words = not self._words
        self.draw()

    def action_code(self) -> None:
        """Show the lines of our own programs that the last key ran."""
        key = self.run.lesson.keys.get(self._last_letter or "")
        if key is not None and key.code is not None:
            file, names = key.code
            self.app.push_screen(CodeScreen(excerpt(file, names)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key works now."""
        if action == "code":
            key = self.run.lesson.keys.get(self._last_letter or "")
            return key is not None and key.code is not None
        return super().check_action(action, parameters)

    @work(group="act")
    async def action_reset(self) -> None:
        """Mend everything, and begin anew."""
        self.say(self.frame["resetting"], signs.MOVING)
        self.text.hinted, self.typed, self.cursor = False, "", 0
        try:
            await self.run.reset()
        except KafkaTuiError as error:
            self.say(str(error))
        self.draw()

    # the panes

    def action_panes(self) -> None:
        """Go to the panes."""
        self.action_go(self.lab_grid.here)

    def action_go(self, number: int) -> None:
        """Focus a pane."""
        self.add_class("-panes")
        self.lab_grid.go(number)

    def on_lab_grid_left(self) -> None:
        """Go back to the lesson."""
        self.remove_class("-panes")
        self.set_focus(self.page, scroll_visible=False)

    def on_lab_grid_zoomed(self) -> None:
        """Give the pictures' room to the focused pane, or give it back."""
        self.set_class(self.lab_grid.zoomed is not None, "-zoomed")

    def open_groups(self, group: str | None = None) -> None:
        """There is no list of groups in a lab."""

    def action_leave(self) -> None:
        """Close the glossary, or leave the lab."""
        if self._words:
            self.action_glossary()
        else:
            self.post_message(self.Left())

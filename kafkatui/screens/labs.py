"""The list of all labs: what each is about, how long it takes, how far the user has come."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from kafkatui.labs.lessons import lesson_named, lessons
from kafkatui.labs.progress import read_progress
from kafkatui.labs.texts import frame_texts, lesson_texts
from kafkatui.screens.lab_text import DONE, TO_DO
from kafkatui.widgets import signs
from kafkatui.widgets.focus import FocusKeeper
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.long_list import Cell, Column, LongList


class LabsScreen(FocusKeeper[None]):
    """A list of labs in the order in which a beginner does them."""

    DEFAULT_CSS = """
    LabsScreen > Vertical { border: heavy $primary; padding: 0 1; height: 1fr; }
    LabsScreen.-ascii > Vertical { border: ascii $primary; }
    LabsScreen LongList { height: 1fr; }
    LabsScreen #about { height: 4; padding-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="labs.leave", tooltip="one step back"),
    ]

    class Begin(Message):
        """The user wants to do a lab."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Left(Message):
        """The user does not want to do a lab."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.frame = frame_texts(language)
        self.names = LongList()
        self.about = Static(id="about", markup=False)
        self._progress = read_progress()
        self.set_class(signs.ascii_only(), "-ascii")

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content.styled(self.frame["labs"], "bold")
            box.border_subtitle = Content(self.frame["list_how"])
            self.names.columns(
                Column("progress", "", 12),
                Column("title", "LAB", 0),
                Column("minutes", "", 8, right=True),
                Column("cluster", "", 12, right=True),
            )
            keys = tuple(lesson.name for lesson in lessons())
            self.names.show(keys, self._cells)
            known = [name for name in keys if self._passed(name) < len(self._steps(name))]
            self.names.cursor = (known or list(keys))[0]
            yield self.names
            yield self.about
        yield KeyRow(("move", "open"), always=("back", "help", "quit"))

    def on_mount(self) -> None:
        self.names.focus()
        self._tell()

    def wants_focus(self) -> LongList:
        return self.names

    def _steps(self, name: str) -> Sequence[object]:
        lesson = lesson_named(name)
        return () if lesson is None else lesson.steps

    def _passed(self, name: str) -> int:
        return min(self._progress.get(name, 0), len(self._steps(name)))

    def _cells(self, name: str) -> Sequence[Cell]:
        lesson, texts = lesson_named(name), lesson_texts(name, self.language)
        assert lesson is not None
        passed = self._passed(name)
        signs_ = str(DONE) * passed + str(TO_DO) * (len(lesson.steps) - passed)
        brokers = lesson.brokers
        of = self.frame["brokers" if brokers == 1 else "brokers_many"].format(count=brokers)
        minutes = self.frame["minutes"].format(minutes=lesson.minutes)
        title = f"{lesson.number:>2}  {texts.title}"
        return Content.styled(signs_, "$primary"), title, minutes, Content.styled(of, signs.MUTED)

    @on(LongList.Moved)
    def _tell(self) -> None:
        """Say what one can say after the lab under the cursor."""
        if self.names.cursor is not None:
            texts = lesson_texts(self.names.cursor, self.language)
            head = (f"{self.frame['goal']}  ", "$primary bold")
            self.about.update(Content.assemble(head, texts.goal))

    @on(LongList.Chosen)
    def _begin(self, message: LongList.Chosen) -> None:
        self.post_message(self.Begin(message.key))

    def action_leave(self) -> None:
        """Go back to where the list was opened."""
        self.post_message(self.Left())

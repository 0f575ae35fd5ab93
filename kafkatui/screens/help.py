"""The help page: every key, read from the bindings so that it is never wrong; then the marks and Kafka's
words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from textual.binding import ActiveBinding, Binding, BindingType
from textual.content import Content

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.glossary import GLOSSARY
from kafkatui.screens.page_screen import PageScreen
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

NAME = 12
"""Width of the names of the sections, in cells."""
SIGN = 14
"""Width of keys, marks and words, in cells."""


def meanings() -> list[tuple[Content, str]]:
    """Every sign that a pane draws, and its meaning."""
    return [
        (signs.sign(Mark.OK), "healthy, in step"),
        (signs.sign(Mark.WORSE), "getting worse: lag grows, under-replicated"),
        (signs.sign(Mark.BROKEN), "broken: offline, stuck, unread, unowned"),
        (signs.sign(Mark.MOVING), "in transition: rebalancing, loading"),
        (signs.sign(Mark.NOTHING), "nothing there: idle, empty, no traffic"),
        (signs.sign(Mark.DENIED), "not allowed"),
        (signs.UNKNOWN.content, "not known: never drawn as 0"),
        (signs.UNSET.content, "nothing committed yet"),
        (signs.NONE.content, "not consumed, does not apply"),
        (signs.AT_MOST.content, "at most: not counted, not every offset is a record"),
        (signs.AT_LEAST.content, "at least: some are not known"),
        (signs.OWNS.content, "owns this partition"),
        (signs.HELD.content, "held it until now"),
        (
            Content.assemble(signs.MOVED_HERE.content, " ", signs.WAS_HERE.content),
            "just moved here; was here before",
        ),
        (
            Content.assemble(signs.LANE_OWNING.content, " ", signs.LANE_PAUSED.content),
            "a member's time: owning; the group rebalances, or, of ours, it is paused",
        ),
        (signs.LANE_IDLE.content, "a member's time: idle, it owns nothing"),
        (
            Content.assemble(signs.LANE_JOINED.content, " ", signs.LANE_GONE.content),
            "a member's time: joined, gone",
        ),
        (Content.styled("1 x", "bold"), "under the lanes and in the log: a rebalance, a key of the deck"),
        (signs.RAN.content, "beside code: these lines ran"),
    ]


class HelpScreen(PageScreen):
    """All keys that work where the page was opened, those of the focused pane first; then the deck's keys,
    the marks, and Kafka's own words.
    """

    DEFAULT_CSS = """
    HelpScreen > Vertical { width: 80; height: 90%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", id="help.back"),
        Binding("question_mark,f1", "dismiss(None)", "help", id="help.close", show=False),
        Binding("q", "dismiss(None)", "quit", id="help.quit", show=False, tooltip="close this page"),
    ]

    def __init__(self, bindings: Iterable[ActiveBinding], deck: Sequence[tuple[str, str]] = ()) -> None:
        """`deck`: the deck's letters and what each does, wherever the focus is."""
        super().__init__()
        self._groups: dict[str, list[Binding]] = {}
        for active in bindings:
            binding = active.binding
            if binding.description and binding.id and not binding.action.startswith("deck("):
                self._groups.setdefault(group_name(binding.id), []).append(binding)
        self._deck = deck
        self.frame("Help: keys, signs and words")
        self.page.show(self._lines)

    def _lines(self, cells: int) -> list[Cell]:
        lines: list[Cell] = []
        for section in self._sections():
            lines += [*([""] if section.apart else []), *section.lines(max(30, cells))]
        return lines

    def _sections(self) -> Iterable["Section"]:
        for group, bindings in self._groups.items():
            by_meaning: dict[str, list[str]] = {}
            for binding in bindings:
                meaning = binding.tooltip or binding.description
                by_meaning.setdefault(meaning, []).append(self.app.get_key_display(binding))
            yield Section(
                group,
                [(_key(" ".join(dict.fromkeys(keys))), meaning) for meaning, keys in by_meaning.items()],
                apart=False,
            )
        if self._deck:
            rows = [(_key(key), meaning) for key, meaning in self._deck]
            yield Section("deck", [(_key("2"), "its letters work where the map has the focus"), *rows])
        yield Section("marks", meanings())
        yield Section("words", [(Content.styled(word, "bold"), meaning) for word, meaning in GLOSSARY])


@dataclass(frozen=True, slots=True)
class Section:
    """Keys, marks or words that belong together."""

    name: str
    rows: Sequence[tuple[Content, str]]
    """Each row: a key, mark or word, and its meaning."""
    apart: bool = True
    """Whether a blank line stands before the section."""

    def lines(self, cells: int) -> list[Content]:
        """The lines of the section; a meaning that does not fit goes on in the next line, under its
        beginning.
        """
        lines: list[Content] = []
        for sign, meaning in self.rows:
            for place, piece in enumerate(wrap(meaning, cells - NAME - SIGN - 1)):
                name = "" if lines else self.name
                left = Content.assemble((f"{name:<{NAME}}", "bold"), "" if place else sign)
                lines.append(Content.assemble(left, " " * max(1, NAME + SIGN + 1 - left.cell_length), piece))
        return lines


def _key(text: str) -> Content:
    return Content.styled(text, "$primary")


def group_name(binding_id: str) -> str:
    """``topics.sort`` → ``topics``: the first word of a binding's id names its group."""
    return binding_id.split(".", 1)[0]

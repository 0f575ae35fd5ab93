"""Every key, made from the bindings themselves so that it cannot lie; then the marks."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from kafkatui.domain.marks import Mark
from kafkatui.widgets import signs


def meanings() -> list[tuple[Content, str]]:
    """Every mark that a pane draws, and what it means."""
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
        (signs.AT_MOST.content, "at most: not every offset is a record"),
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


class HelpScreen(ModalScreen[None]):
    """All keys that work where it was opened, those of the focused pane first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", id="help.back"),
        Binding("question_mark,f1", "dismiss(None)", "help", id="help.close", show=False),
        Binding("q", "dismiss(None)", "quit", id="help.quit", show=False, tooltip="close this page"),
    ]

    def __init__(self, bindings: Iterable[ActiveBinding]) -> None:
        super().__init__()
        self._groups: dict[str, list[Binding]] = {}
        for active in bindings:
            if active.binding.description and active.binding.id:
                self._groups.setdefault(group_name(active.binding.id), []).append(active.binding)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="help"):
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "Help"
        self.query_one("#help").focus()

    def _text(self) -> Content:
        lines: list[Content] = []
        for group, bindings in self._groups.items():
            by_action: dict[str, list[str]] = {}
            for binding in bindings:
                name = binding.tooltip or binding.description
                by_action.setdefault(name, []).append(self.app.get_key_display(binding))
            for place, (name, keys) in enumerate(by_action.items()):
                head = f"{group:<12}" if place == 0 else " " * 12
                shown = " ".join(dict.fromkeys(keys))
                lines.append(Content.assemble((head, "bold"), (f"{shown:<14}", "$primary"), " ", name))
        lines.append(Content(""))
        for place, (mark, meaning) in enumerate(meanings()):
            head = f"{'marks':<12}" if place == 0 else " " * 12
            lines.append(Content.assemble((head, "bold"), mark, " " * (15 - mark.cell_length), meaning))
        return Content("\n").join(lines)


def group_name(binding_id: str) -> str:
    """``topics.sort`` → ``topics``: the first word of a binding's id names its group."""
    return binding_id.split(".", 1)[0]

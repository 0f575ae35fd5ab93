"""Starting the demo: one line a step with what really happens; a failure says what to do."""

from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from kafkatui.domain.marks import Mark
from kafkatui.domain.text import printable
from kafkatui.local.steps import STEPS, Step
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened
from kafkatui.widgets.key_row import KeyRow

MARKS = {"waiting": Mark.NOTHING, "working": Mark.MOVING, "done": Mark.OK, "failed": Mark.BROKEN}


class StartScreen(Screen[None]):
    """What the start of the local cluster is doing. It is told each change of a step by `show_step`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="start.back", tooltip="cancel and clean up"),
    ]

    class Cancelled(Message):
        """The user does not want to wait, or has read why it failed."""

    def __init__(self, brokers: int) -> None:
        super().__init__()
        self.brokers = brokers
        self._steps = {name: (Step(name), monotonic()) for name in STEPS}
        """By name: the step, and when it was last told."""
        self._failure: str | None = None
        self.headline = Static(id="headline", markup=False)
        self.steps = Static(id="steps", markup=False)
        self.closing = Static(id="closing", markup=False)

    def compose(self) -> ComposeResult:
        with Container(classes="centre"), Vertical(classes="dialog", id="start") as box:
            box.border_title = "Demo"
            yield from (self.headline, self.steps, self.closing)
        yield KeyRow(("back",))

    def on_mount(self) -> None:
        self.set_interval(0.25, self._draw)
        self._draw()

    def show_step(self, step: Step) -> None:
        """A step has changed."""
        known, since = self._steps[step.name]
        self._steps[step.name] = (step, since if known.state == step.state else monotonic())

    def fail(self, reason: str) -> None:
        """The start has failed: `reason` is one sentence and what to do."""
        self._failure = reason
        self._draw()

    def _draw(self) -> None:
        noun = "1 broker" if self.brokers == 1 else f"{self.brokers} brokers and a controller"
        head = f"Starting Apache Kafka on this machine, {noun}"
        self.headline.update(Content.styled(head, "bold"))
        width = self.steps.content_size.width
        lines = [self._line(step, began, width) for step, began in self._steps.values()]
        for step, _ in self._steps.values():
            if step.state == "failed":
                lines += [
                    Content.styled(f"  {printable(line, ascii=signs.ascii_only())}", "$text-muted")
                    for line in step.log[-3:]
                ]
        self.steps.update(Content("\n").join(lines))
        usual = sum(step.usual_seconds or 0.0 for step, _ in self._steps.values())
        closing: Content | str = Content.styled(
            f"typically {usual:.0f} s {signs.SEPARATOR} esc cancels and cleans up" if usual >= 1 else "",
            "$text-muted",
        )
        if self._failure is not None:
            failure = printable(self._failure, ascii=signs.ascii_only())
            closing = Content.assemble(
                (failure, "$error bold"), "\n\n", ("esc leaves, nothing stays behind", "$text-muted")
            )
        self.closing.update(closing)

    def _line(self, step: Step, began: float, width: int) -> Content:
        """Mark, name, detail, a bar of elapsed against usual while at work, seconds."""
        seconds = step.seconds
        bar = Content("")
        if step.state == "working":
            seconds = monotonic() - began
            usual = step.usual_seconds or 0.0
            bar = signs.bar(min(seconds / usual, 0.95) if usual else None, 1.0, 8, "$primary")
        took = Content.styled("" if seconds is None else f"{seconds:5.1f} s", "$text-muted")
        left = Content.assemble(signs.sign(MARKS[step.state]), " ", (f"{step.name:<8} ", "bold"))
        room = max(0, width - left.cell_length - bar.cell_length - 9)
        detail = shortened(Content(printable(step.detail, ascii=signs.ascii_only())), room)
        gap = " " * max(
            1, width - left.cell_length - detail.cell_length - bar.cell_length - took.cell_length - 1
        )
        return Content.assemble(left, detail, gap, bar, " ", took)

    def action_cancel(self) -> None:
        """End what was begun."""
        self.post_message(self.Cancelled())

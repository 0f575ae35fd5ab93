"""The screen while the demo starts: one line for each step with what really happens; a failure says what to
do.
"""

from collections.abc import Sequence
from time import monotonic
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import size
from kafkatui.domain.text import printable
from kafkatui.local.steps import STEPS, StartStep
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened
from kafkatui.widgets.key_row import KeyRow

DEMO = "Demo"
MARKS = {"waiting": Mark.NOTHING, "working": Mark.MOVING, "done": Mark.OK, "failed": Mark.BROKEN}


class StartScreen(Screen[None]):
    """Shows the steps of the start of the local cluster. Its owner calls `show_step` at each change of a
    step.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="start.back", tooltip="cancel and clean up"),
        Binding("r", "retry", "refresh", id="start.retry", tooltip="try again what failed"),
    ]

    class Cancelled(Message):
        """The user does not want to wait any longer, or has read why the start failed."""

    class Retry(Message):
        """The user wants to try the failed start again."""

    def __init__(self, brokers: Literal[1, 3], steps: Sequence[str] = STEPS, title: str = DEMO) -> None:
        """`steps` are the names of the steps, in their order; `title`: what is started."""
        super().__init__()
        self.brokers = brokers
        self._title = title
        self._steps = {name: (StartStep(name), monotonic()) for name in steps}
        """By name: the step, and the monotonic second at which its state changed last."""
        self._failure: str | None = None
        self._began = monotonic()
        self.headline = Static(id="headline", markup=False)
        self.steps = Static(id="steps", markup=False)
        self.closing = Static(id="closing", markup=False)

    def compose(self) -> ComposeResult:
        with Container(classes="centre"), Vertical(classes="dialog", id="start") as box:
            box.border_title = self._title
            yield from (self.headline, self.steps, self.closing)
        yield KeyRow(("refresh", "back"))

    def on_mount(self) -> None:
        self.set_interval(0.25, self._draw)
        self.call_after_refresh(self._draw)

    def show_step(self, step: StartStep) -> None:
        """Take in a step that has changed, and draw it."""
        known, since = self._steps[step.name]
        self._steps[step.name] = (step, since if known.state == step.state else monotonic())
        if self.steps.is_mounted:
            self._draw()

    def fail(self, reason: str) -> None:
        """The start has failed: `reason` is one sentence with the cause, and what to do."""
        self._failure = reason
        self.refresh_bindings()
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
        usual = self._usual_text()
        closing: Content | str = Content.styled(
            f"{usual} {signs.SEPARATOR} esc cancels and cleans up" if usual else "esc cancels and cleans up",
            "$text-muted",
        )
        if self._title == DEMO:
            closing = Content.assemble(
                closing, "\nnew to Kafka? ", ("L", "$primary bold"), " opens guided labs"
            )
        if self._failure is not None:
            failure = printable(self._failure, ascii=signs.ascii_only())
            closing = Content.assemble(
                (failure, "$error bold"),
                "\n\n",
                (f"r tries again {signs.SEPARATOR} esc leaves, nothing stays behind", "$text-muted"),
            )
        self.closing.update(closing)

    def _line(self, step: StartStep, began: float, width: int) -> Content:
        """One line: mark, name, detail, seconds; for a step at work also a bar of the elapsed part of the
        usual time.
        """
        seconds = step.seconds
        bar = Content("")
        if step.state == "working":
            seconds = monotonic() - began
            done, whole = (seconds, step.usual_seconds) if step.fetched is None else (step.fetched, step.of)
            bar = signs.bar(min(done / whole, 0.95) if whole else None, 1.0, 8, "$primary")
            if step.fetched:
                so_far = size(step.fetched) + (f" of {size(step.of)}" if step.of else "")
                bar = Content.assemble(f"  {so_far} ", bar)
        took = Content.styled("" if seconds is None else f"{seconds:5.1f} s", "$text-muted")
        left = Content.assemble(signs.sign(MARKS[step.state]), " ", (f"{step.name:<8} ", "bold"))
        room = max(0, width - left.cell_length - bar.cell_length - 9)
        detail = shortened(Content(printable(step.detail, ascii=signs.ascii_only())), room)
        gap = " " * max(
            1, width - left.cell_length - detail.cell_length - bar.cell_length - took.cell_length - 1
        )
        return Content.assemble(left, detail, gap, bar, " ", took)

    def _usual_text(self) -> str:
        """How long the start usually takes, if that was measured on this machine; a first start and a
        download do not count.
        """
        steps = [step for step, _ in self._steps.values()]
        if any(step.fetched is not None for step in steps):
            return "downloads only this once"
        if not all(step.measured for step in steps):
            return ""
        usual = sum(step.usual_seconds or 0.0 for step in steps)
        so_far = monotonic() - self._began
        if so_far > 1.5 * usual:
            return f"{so_far:.0f} s so far, typically {usual:.0f} s"
        return f"typically {usual:.0f} s" if usual >= 1 else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key works: there is nothing to try again before the start has failed."""
        return action != "retry" or self._failure is not None

    def action_cancel(self) -> None:
        """Ask the owner to end what was begun."""
        self.post_message(self.Cancelled())

    def action_retry(self) -> None:
        """Ask the owner to start again."""
        self.post_message(self.Retry())

"""The two lines above the panes. Line 1: the cluster, what our requests cost, how old the figures are.
Line 2: the worst problem.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import age, at_least, counted, rate, size
from kafkatui.domain.lag.judging import Judging, backlog, summary
from kafkatui.domain.problems import Problem, sentence
from kafkatui.domain.text import clip_middle, printable
from kafkatui.panes.pane import Pane
from kafkatui.watch.view import ClusterView
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened
from kafkatui.widgets.text_line import TextLine


@dataclass(frozen=True, slots=True)
class Status:
    """The facts that line 1 shows; ``None``: not known."""

    name: str = ""
    """Name of the cluster: ``demo``, or the first address and how many more there are; already
    `printable`.
    """
    brokers_up: int | None = None
    brokers_known: int | None = None
    """Brokers seen since the program started; one that is gone is still counted."""
    version: str | None = None
    topics: int | None = None
    groups: int | None = None
    all_groups: bool = True
    """Whether `groups` counts all groups, as far as the cluster tells; else there may be more."""
    requests_per_second: float | None = None
    bytes_per_second: float | None = None
    interval: float = 1.0
    oldest: float | None = None
    """Age in seconds of the oldest figure on the screen."""
    held_for: float | None = None
    """Seconds since the user held the picture; ``None``: the picture is live."""
    read_only: bool = False


class StatusLine(TextLine):
    """Line 1. What does not fit is left out in this order: bytes, counts, version, requests; then the name is
    shortened.
    """

    DEFAULT_CSS = "StatusLine { padding: 0 1; }"
    status: reactive[Status] = reactive(Status(), init=False, repaint=False)

    def watch_status(self) -> None:
        self.redraw()

    def fitted(self, width: int) -> Content:
        for leave_out in range(5):
            left, right = self._left(leave_out), self._right(leave_out)
            if left.cell_length + right.cell_length + 2 <= width:
                break
        if (over := left.cell_length + right.cell_length + 1 - width) > 0:
            left = self._left(leave_out, over)
        gap = max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * gap, right)

    def _left(self, leave_out: int, over: int = 0) -> Content:
        """The left part of the line, without the first `leave_out` of the parts named above; the name is
        shortened by `over` cells.
        """
        status, bar = self.status, (f" {signs.COLUMN} ", "$frame")
        room = max(4, cell_len(status.name) - over)
        parts: list[Content | str | tuple[str, str]] = [
            ("kafkatui", "bold $primary"),
            "  ",
            (clip_middle(status.name, room, ellipsis=str(signs.ELLIPSIS)), "bold"),
        ]
        if status.read_only:
            parts += [" ", ("read-only", "$text-muted")]
        if status.brokers_up is not None and status.brokers_known is not None:
            well = status.brokers_up == status.brokers_known
            parts += [bar, signs.WELL.content if well else signs.sign(Mark.BROKEN)]
            up = f" {status.brokers_up:,}/{counted(status.brokers_known, 'broker')}"
            parts.append((up, "" if well else "$error bold"))
        if status.version and leave_out < 3:
            parts.append((f" {printable(status.version)}", "$text-muted"))
        if status.topics is not None and status.groups is not None and leave_out < 2:
            known = at_least(status.groups, complete=status.all_groups, ascii=signs.ascii_only())
            groups = f"{known} group{'s' if status.groups != 1 else ''}"
            counts = f"{counted(status.topics, 'topic')} {groups}"
            parts += [bar, (counts, "$text-muted")]
        return Content.assemble(*parts)

    def _right(self, leave_out: int) -> Content:
        status, bar = self.status, (f" {signs.COLUMN} ", "$frame")
        cost = f"ours {rate(status.requests_per_second)} req/s"
        if status.bytes_per_second is not None and leave_out < 1:
            cost += f" {size(round(status.bytes_per_second))}/s"
        parts: list[Content | str | tuple[str, str]] = [f"{status.interval:g}s", bar]
        if leave_out < 4:
            parts = [(cost, "$text-muted"), bar, *parts]
        if status.held_for is not None:
            minutes, seconds = divmod(int(status.held_for), 60)
            parts.append((f"{signs.HELD_STILL} HELD {minutes}:{seconds:02}", "bold $warning"))
        elif status.oldest is None:
            parts.append((str(signs.ELLIPSIS), "$text-muted"))
        else:
            parts.append(f"{age(status.oldest)} ago")
        return Content.assemble(*parts)


class ProblemLine(TextLine):
    """Line 2: that all is well, or the number of problems and the worst ones in words."""

    DEFAULT_CSS = "ProblemLine { padding: 0 1; }"
    problems: reactive[Sequence[Problem] | None] = reactive(None, repaint=False)
    """The worst problem first; ``None``: nothing is known yet."""
    judging: reactive[Judging | None] = reactive(None, repaint=False)
    """How many of the groups are judged so far; ``None``: nothing is known of the groups."""
    marked: reactive[tuple[Mark, str] | None] = reactive(None, repaint=False)
    """The worst mark of all panes, with number and name of its pane; ``None``: not known yet."""

    def on_mount(self) -> None:
        for name in ("problems", "judging", "marked"):
            self.watch(self, name, self.redraw, init=False)

    def fitted(self, width: int) -> Content:
        if self.problems is None or (not self.problems and self.judging is None):
            return Content.assemble(signs.sign(Mark.MOVING), (f" asking {signs.ELLIPSIS}", "$text-muted"))
        if not self.problems:
            return shortened(Content("   ").join(self._beside()), width)
        worst = max(problem.mark for problem in self.problems)
        style = signs.MARKS[worst].style
        amount = len(self.problems)
        head = Content.assemble(
            signs.sign(worst), (f" {amount} problem{'s' if amount > 1 else ''}", f"bold {style}"), "   "
        )
        tail = Content.assemble(("! ", "$primary bold"), ("next" if amount > 1 else "show", "$text-muted"))
        room = width - head.cell_length - tail.cell_length - 2
        said: list[Content] = []
        for problem in self.problems:
            text = Content(describe(problem))
            used = sum(one.cell_length + 5 for one in said)
            if said and used + text.cell_length > room:
                break
            said.append(shortened(text, max(0, room - used)))
        for text in self._beside() if self.judging is not None else ():
            if sum(one.cell_length + 5 for one in said) + text.cell_length <= room:
                said.append(text)
        line = Content.assemble(head, Content(f"  {signs.SEPARATOR}  ").join(said))
        return Content.assemble(line, " " * max(1, width - line.cell_length - tail.cell_length), tail)

    def _beside(self) -> list[Content]:
        """The texts that stand there if there is no problem, or beside a problem: how many groups are judged,
        and how much the groups that stopped still have to read.
        """
        judging = self.judging or Judging()
        mark, text = summary(judging, self.marked)
        said: list[Content] = []
        if not self.problems or mark is Mark.MOVING:
            sign = signs.WELL.content if mark is Mark.OK else signs.sign(mark)
            said.append(Content.assemble(sign, f" {printable(text, ascii=signs.ascii_only())}"))
        if (left := backlog(judging)) is not None:
            said.append(Content.assemble(signs.sign(Mark.NOTHING), (f" {left}", "$text-muted")))
        return said


def describe(problem: Problem) -> str:
    """A problem in one line: its topic and group, then the problem in words."""
    return sentence(problem, ascii=signs.ascii_only())


class Costs:
    """What our requests cost per second, over the last few seconds."""

    SAMPLES = 6
    APART = 0.9
    """The shortest time between two samples, in seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque(maxlen=self.SAMPLES)

    def note(self, at: float, requests: int, octets: int) -> None:
        """Take a sample: requests sent and bytes moved since the start, at monotonic second `at`."""
        if not self._samples or at - self._samples[-1][0] >= self.APART:
            self._samples.append((at, requests, octets))

    @property
    def per_second(self) -> tuple[float | None, float | None]:
        """Requests and bytes per second; ``None`` before the second sample."""
        if len(self._samples) < 2:
            return None, None
        (began, first_requests, first_octets), (now, requests, octets) = self._samples[0], self._samples[-1]
        return (requests - first_requests) / (now - began), (octets - first_octets) / (now - began)


class Headlines(Vertical):
    """Both lines, drawn from the view of the cluster."""

    DEFAULT_CSS = "Headlines { height: 2; }"

    def __init__(self, name: str, cost: Callable[[], tuple[int, int]], *, read_only: bool) -> None:
        """`name` is the cluster's; `cost` gives the requests sent and the bytes moved since the start."""
        super().__init__()
        self._name_of_cluster = name
        self._ask_cost = cost
        self._read_only = read_only
        self._costs = Costs()
        self._status = StatusLine()
        self._problem = ProblemLine()

    def compose(self) -> ComposeResult:
        yield self._status
        yield self._problem

    def show(
        self, view: ClusterView, panes: Sequence[Pane], *, interval: float, held_since: float | None
    ) -> None:
        """Draw both lines again, also while the picture is held: nothing else would show trouble then."""
        now = monotonic()
        self._costs.note(now, *self._ask_cost())
        requests, octets = self._costs.per_second
        topics, groups = view.topics.value, view.groups.value
        ages = [pane.age for pane in panes if pane.display and pane.age is not None]
        self._status.status = Status(
            name=self._name_of_cluster,
            brokers_up=len(topics.brokers) if topics else None,
            brokers_known=len(view.topics.brokers_seen) if topics else None,
            version=topics.version if topics else None,
            topics=sum(not topic.internal for topic in topics.topics) if topics else None,
            groups=len(groups.groups) if groups else None,
            all_groups=view.groups.left_out is None,
            requests_per_second=requests,
            bytes_per_second=octets,
            interval=interval,
            oldest=max(ages, default=None),
            held_for=None if held_since is None else now - held_since,
            read_only=self._read_only,
        )
        unsure = not_up_to_date(panes, now)
        if unsure or (topics is not None and groups is not None):
            line = self._problem
            worst = max(panes, key=lambda pane: pane.mark)
            line.marked = worst.mark, f"{worst.NUMBER} {worst.NAME}"
            line.judging, line.problems = view.judging, [*unsure, *view.problems]


def not_up_to_date(panes: Sequence[Pane], now: float) -> list[Problem]:
    """One problem that names the panes that are not up to date, or none. It stands before the problems of the
    cluster, because these may be out of date too.
    """
    unsure = [pane for pane in panes if pane.reading.fault is not None or pane.stale]
    if not unsure:
        return []
    why = next((pane.reading.fault for pane in unsure if pane.reading.fault), "no answer")
    names = ", ".join(pane.NAME for pane in unsure)
    return [Problem(Mark.BROKEN, None, None, f"{names} not up to date: {why}", now)]

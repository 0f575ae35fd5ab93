"""The main screen: two headlines, four panes, the keys. It hands a selection from one pane to the others."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

from kafkatui.domain.figures import count
from kafkatui.domain.groups import ClusterGroups
from kafkatui.domain.marks import Mark
from kafkatui.domain.outlook import Outlook, Standing
from kafkatui.domain.partitions import ClusterTopics
from kafkatui.domain.problems import Problem, Problems
from kafkatui.domain.text import printable
from kafkatui.monitors import Pace, Streams
from kafkatui.panes.assignments import AssignmentsPane
from kafkatui.panes.offsets import OffsetsPane
from kafkatui.panes.pane import Pane
from kafkatui.panes.tail import TailPane
from kafkatui.panes.topics import TopicsPane
from kafkatui.screens.headlines import Costs, ProblemLine, Status, StatusLine
from kafkatui.screens.picker import Choice, Picker
from kafkatui.screens.record import RecordScreen
from kafkatui.widgets import signs
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.long_list import Column, LongList

if TYPE_CHECKING:
    from kafkatui.app import KafkaTui

SHORT_NAMES = {2: "Assign"}
"""What a pane is called in the tabs of a small screen."""
SMALLEST = (60, 16)
"""Cells below which nothing useful can be drawn."""


class MonitorScreen(Screen[None]):
    """Four panes over one cluster."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane(1)", "pane", id="pane.next", tooltip="next pane"),
        Binding("shift+tab", "pane(-1)", "pane", id="pane.previous", show=False, tooltip="the pane before"),
        Binding("1", "go(1)", "pane", id="pane.topics", key_display="1-4"),
        Binding("2", "go(2)", "pane", id="pane.assignments", show=False, key_display="1-4"),
        Binding("3", "go(3)", "pane", id="pane.offsets", show=False, key_display="1-4"),
        Binding("4", "go(4)", "pane", id="pane.tail", show=False, key_display="1-4"),
        Binding("m", "go(4)", "tail", id="pane.messages", show=False, tooltip="the records of the topic"),
        Binding("z", "zoom", "zoom", id="pane.zoom", tooltip="give the pane all the room, or give it back"),
        Binding("space", "hold", "hold", id="picture.hold", tooltip="hold the picture; again: jump to now"),
        Binding(
            "exclamation_mark",
            "next_problem",
            "problem",
            id="problem.next",
            key_display="!",
            tooltip="show the worst problem, then the next",
        ),
        Binding("r", "refresh", "refresh", id="refresh.now", show=False, tooltip="look at once"),
        Binding("ctrl+r", "refresh", "refresh", id="refresh.now.ctrl", show=False, tooltip="look at once"),
        Binding(
            "plus",
            "interval(2)",
            "interval",
            id="interval.longer",
            key_display="+",
            show=False,
            tooltip="look less often, more often",
        ),
        Binding(
            "minus",
            "interval(0.5)",
            "interval",
            id="interval.shorter",
            key_display="-",
            show=False,
            tooltip="look less often, more often",
        ),
        Binding(
            "c", "pick_group", "groups", id="go.groups", tooltip="pick one of the groups that read the topic"
        ),
        Binding(
            "t",
            "pick_topic",
            "topics",
            id="go.topics",
            show=False,
            tooltip="pick one of the topics that the group reads",
        ),
        Binding("y", "copy", "copy", id="copy.name", show=False, tooltip="copy the name under the cursor"),
        Binding("escape", "back", "back", id="back.zoom", show=False),
    ]
    KEYS_WANTED = ("move", "open", "pane", "zoom", "filter", "sort", "groups", "problem", "hold", "go to")

    topic: reactive[str | None] = reactive(None, init=False)
    group: reactive[str | None] = reactive(None, init=False)
    held_since: reactive[float | None] = reactive(None, init=False)
    zoomed: reactive[int | None] = reactive(None, init=False)
    """Number of the pane that has all the room."""
    tab: reactive[int] = reactive(3, init=False)
    """In a small screen: the number of the pane below Topics."""

    def __init__(
        self, streams: Streams, *, name: str, topic: str | None = None, group: str | None = None
    ) -> None:
        """`name` is the cluster's, `topic` and `group` the selection to begin with."""
        super().__init__()
        self.streams = streams
        self.cluster_name = name
        self._first = (topic, group)
        self._chosen_group = group
        """The group the user chose: kept where the topic has it, else the worst one is shown."""
        self._outlook = Outlook()
        self._problems = Problems()
        self._problem_shown: tuple[str | None, str | None] | None = None
        """Topic and group that ``!`` jumped to last."""
        self._news = asyncio.Event()
        self._cost = Costs()
        self._brokers_seen: set[int] = set()

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield ProblemLine()
        every = self.tui.interval
        with Container(id="panes"):
            yield TopicsPane(self.streams.topics, Pace(2 * every), id="topics")
            yield AssignmentsPane(self.streams.groups, Pace(every / 2), id="assignments")
            yield OffsetsPane(self.streams.group_lag, Pace(every), id="offsets")
            yield TailPane(self.streams.tail, Pace(every), id="tail")
        yield Static("", id="too-small", markup=False)
        yield KeyRow(self.KEYS_WANTED)

    topics_pane = getters.query_one(TopicsPane)
    assignments_pane = getters.query_one(AssignmentsPane)
    offsets_pane = getters.query_one(OffsetsPane)
    tail_pane = getters.query_one(TailPane)

    @property
    def tui(self) -> "KafkaTui":
        """The app, by its own type."""
        return cast("KafkaTui", self.app)

    @property
    def panes(self) -> list[Pane]:
        """By number."""
        return [self.topics_pane, self.assignments_pane, self.offsets_pane, self.tail_pane]

    @property
    def narrow(self) -> bool:
        """Topics above, one of the other panes below."""
        return self.size.width < 100 or self.size.height < 30

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        for pane in self.panes:
            pane.restart()
        self._keep_outlook()
        self.topics_pane.focus_list()
        if self._first[0] is not None:
            self.show_topic(self._first[0])

    # arrangement

    def on_resize(self, _: Resize) -> None:
        self._arrange()

    def watch_zoomed(self) -> None:
        self._arrange()

    def watch_tab(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Give every pane its place; focus, selection and zoom stay as they are."""
        width, height = self.size
        small = width < SMALLEST[0] or height < SMALLEST[1]
        self.query_one("#too-small", Static).update(f"needs {SMALLEST[0]}x{SMALLEST[1]}")
        self.set_class(small, "-too-small")
        narrow = self.narrow
        self.set_class(narrow, "-narrow")
        grid = self.query_one("#panes").styles
        shown = {1, self.tab} if narrow else {1, 2, 3, 4}
        if self.zoomed is not None:
            shown = {self.zoomed}
        room = height - 3
        if self.zoomed is not None:
            grid.grid_size_columns, grid.grid_size_rows = 1, 1
            grid.grid_columns, grid.grid_rows = "1fr", "1fr"
        elif narrow:
            grid.grid_size_columns, grid.grid_size_rows = 1, 2
            grid.grid_columns, grid.grid_rows = "1fr", f"{max(6, room * 2 // 5)} 1fr"
        else:
            tail = max(7, 10 + round((room - 37) * 7 / 20))
            assignments = (room - tail + 1) // 2
            grid.grid_size_columns, grid.grid_size_rows = 2, 3
            grid.grid_columns = f"{66 if width >= 160 else 50} 1fr"
            grid.grid_rows = f"{assignments} 1fr {tail}"
        for pane in self.panes:
            pane.display = pane.NUMBER in shown
            pane.framed = not narrow
            spread = not narrow and self.zoomed is None
            pane.styles.row_span = 2 if spread and pane.NUMBER == 1 else 1
            pane.styles.column_span = 2 if spread and pane.NUMBER == 4 else 1
        self._draw_tabs()

    def _draw_tabs(self) -> None:
        """In a small screen the lower pane's title is the row of tabs, each with its pane's mark."""
        for pane in self.panes[1:]:
            pane.tabs = self._tabs() if self.narrow and self.zoomed is None else None

    def _tabs(self) -> Content:
        parts: list[Content] = []
        for pane in self.panes[1:]:
            label = f"{pane.NUMBER} {SHORT_NAMES.get(pane.NUMBER, pane.NAME)}"
            tab = Content.assemble((label, "bold" if self.tab == pane.NUMBER else "$text-muted"))
            if pane.mark != Mark.NOTHING:
                tab = Content.assemble(tab, " ", signs.sign(pane.mark))
            if self.tab == pane.NUMBER:
                tab = Content.assemble("[", tab, "]")
            parts.append(tab.stylize(Style.from_meta({"@click": f"screen.go({pane.NUMBER})"})))
        return Content("  ").join(parts)

    # selection

    @on(TopicsPane.Selected)
    def _select_topic(self, message: TopicsPane.Selected) -> None:
        self.topic = message.topic

    def watch_topic(self, topic: str | None) -> None:
        if self.group in self.assignments_pane.vanished:
            self.group = None
        self.assignments_pane.topic = topic
        self.tail_pane.topic = topic
        self.offsets_pane.topic = topic
        self.topics_pane.topic = topic
        self.tail_pane.compacted = self._compacted(topic)
        self._choose_group()

    def watch_group(self, group: str | None) -> None:
        self.assignments_pane.group = group
        self.offsets_pane.group = group
        self._hand_on_owners()
        self.assignments_pane.pace.now()

    def _choose_group(self) -> None:
        """The user's group where the topic has it, else the one shown, else the worst."""
        readers = self._readers()
        for pane in (self.assignments_pane, self.offsets_pane):
            pane.groups = readers
        if self._chosen_group in readers:
            self.group = self._chosen_group
        elif self.group not in readers and self.group not in self.assignments_pane.vanished:
            self.group = readers[0] if readers else None

    def _readers(self) -> tuple[str, ...]:
        """Groups that read the selected topic, the worst first."""
        return () if self.topic is None else self._outlook.readers(self.topic)

    @on(Pane.GroupStep)
    def _step_group(self, message: Pane.GroupStep) -> None:
        readers = self._readers()
        if readers:
            place = readers.index(self.group) + message.by if self.group in readers else 0
            self._chosen_group = self.group = readers[place % len(readers)]

    def _compacted(self, topic: str | None) -> bool | None:
        """Whether a null value deletes its key there."""
        topics: ClusterTopics | None = self.topics_pane.reading.value
        return topics.compacted.get(topic) if topics is not None and topic is not None else None

    def show_topic(self, name: str) -> None:
        """Select a topic by name."""
        self.topics_pane.select(name)
        self.topic = name

    def show_group(self, name: str) -> None:
        """Select a group, and a topic it reads."""
        self._chosen_group = name
        topics = [standing.topic for standing in self._outlook.standings() if standing.group == name]
        if topics and self.topic not in topics:
            self.show_topic(topics[0])
        else:
            self._choose_group()

    def topic_names(self) -> Sequence[str]:
        """Every topic there is."""
        topics: ClusterTopics | None = self.topics_pane.reading.value
        return [topic.name for topic in topics.topics] if topics else ()

    def group_names(self) -> Sequence[str]:
        """Every group there is."""
        groups: ClusterGroups | None = self.assignments_pane.reading.value
        return [group.group_id for group in groups.groups] if groups else ()

    # readings

    @on(Pane.ReadingChanged)
    def _reading_changed(self, message: Pane.ReadingChanged) -> None:
        """Hand on what others need of it."""
        topics: ClusterTopics | None = self.topics_pane.reading.value
        if message.pane is self.topics_pane and topics is not None:
            self._brokers_seen.update(broker.node_id for broker in topics.brokers)
            self.assignments_pane.topics = topics
            self.tail_pane.compacted = self._compacted(self.topic)
        if message.pane is self.assignments_pane:
            self._hand_on_owners()
        if message.pane is self.offsets_pane:
            self.assignments_pane.lags = self.offsets_pane.lags
        if message.pane in {self.topics_pane, self.assignments_pane}:
            self._news.set()

    def _hand_on_owners(self) -> None:
        """What pane 3 needs of pane 2: whose partitions they are."""
        offsets, assignments = self.offsets_pane, self.assignments_pane
        offsets.owners, offsets.readers = assignments.owners, assignments.readers
        offsets.vanished = dict(assignments.vanished)

    @work(group="outlook")
    async def _keep_outlook(self) -> None:
        """Reckon who reads what and what is wrong, in pieces, whenever topics or groups have news."""
        while True:
            await self._news.wait()
            self._news.clear()
            topics: ClusterTopics | None = self.topics_pane.reading.value
            groups: ClusterGroups | None = self.assignments_pane.reading.value
            if topics is not None and groups is not None:
                for _ in self._outlook.observe(topics, groups):
                    await asyncio.sleep(0)
            for _ in self._problems.observe(topics, groups, self._outlook, monotonic()):
                await asyncio.sleep(0)
            if groups is not None:
                self.topics_pane.usage = self._outlook.usage
            self._show_problems()
            answered = groups is not None or self.assignments_pane.reading.fault is not None
            if self.topic is None and topics is not None and answered:
                if (name := self._first_topic(topics)) is not None:
                    self.show_topic(name)
            else:
                self._choose_group()

    def _show_problems(self) -> None:
        """Line 2: what is wrong with the cluster, after what is wrong with knowing it."""
        if self.held_since is not None:
            return
        unsure = [pane for pane in self.panes if pane.reading.fault is not None or pane.stale]
        told = self.topics_pane.reading.value is not None and self.assignments_pane.reading.value is not None
        if not told and not unsure:
            return
        problems = list(self._problems.newest)
        if unsure:
            why = next((pane.reading.fault for pane in unsure if pane.reading.fault), "no answer")
            names = ", ".join(pane.NAME for pane in unsure)
            problems.insert(
                0, Problem(Mark.BROKEN, None, None, f"{names} not up to date: {why}", monotonic())
            )
        self.query_one(ProblemLine).problems = problems

    def _first_topic(self, topics: ClusterTopics) -> str | None:
        """Where there is trouble, else what most groups read, else the first in the list."""
        troubled = [problem.topic for problem in self._problems.newest if problem.topic is not None]
        usage = self._outlook.usage
        names = [topic.name for topic in topics.topics if not topic.internal]
        names.sort(key=lambda name: usage[name].groups if name in usage else 0, reverse=True)
        return next(iter(troubled + names), None)

    @on(Pane.MarkChanged)
    def _mark_changed(self) -> None:
        self._draw_tabs()

    def _tick(self) -> None:
        for pane in self.panes:
            pane.tick()
        self._show_problems()
        self._cost.note(monotonic(), *self.streams.cost())
        topics: ClusterTopics | None = self.topics_pane.reading.value
        groups: ClusterGroups | None = self.assignments_pane.reading.value
        ages = [pane.age for pane in self.panes if pane.display and pane.age is not None]
        requests, octets = self._cost.per_second
        self.query_one(StatusLine).status = Status(
            name=self.cluster_name,
            brokers_up=len(topics.brokers) if topics else None,
            brokers_known=len(self._brokers_seen) if topics else None,
            version=topics.version if topics else None,
            topics=len(topics.topics) if topics else None,
            groups=len(groups.groups) if groups else None,
            requests_per_second=requests,
            bytes_per_second=octets,
            interval=self.tui.interval,
            oldest=max(ages, default=None),
            held_for=None if self.held_since is None else monotonic() - self.held_since,
            read_only=self.tui.config.read_only,
        )

    @on(TailPane.OpenRecord)
    def _open_record(self, message: TailPane.OpenRecord) -> None:
        step = self.tail_pane.stepper(message.number)
        self.app.push_screen(RecordScreen(message.record, step, compacted=self._compacted(self.topic)))

    @on(TopicsPane.Opened)
    def _open_topic(self, message: TopicsPane.Opened) -> None:
        """Its records are what is inside a topic."""
        self.topic = message.topic
        self.action_go(4)

    # keys

    def action_pane(self, by: int) -> None:
        """Focus the next pane on screen, or the one before."""
        if self.narrow and self.zoomed is None:
            order = [1, self.tab]
        else:
            order = [pane.NUMBER for pane in self.panes if pane.display]
        here = next((pane.NUMBER for pane in self.panes if pane.has_focus_within), order[0])
        if self.narrow and here != 1 and by > 0 and self.zoomed is None and self.tab < 4:
            self.action_go(self.tab + 1)
        else:
            self.action_go(order[(order.index(here) + by) % len(order)] if here in order else order[0])

    def action_go(self, number: int) -> None:
        """Focus a pane; on a small screen it becomes the one that is shown."""
        if number != 1:
            self.tab = number
        if self.zoomed is not None:
            self.zoomed = number
        self.panes[number - 1].focus_list()

    def action_zoom(self) -> None:
        """Give the focused pane all the room, or give it back."""
        here = next((pane.NUMBER for pane in self.panes if pane.has_focus_within), 1)
        self.zoomed = here if self.zoomed is None else None

    def action_hold(self) -> None:
        """Let the picture stand still, or jump to now; reading goes on behind it."""
        self.held_since = monotonic() if self.held_since is None else None
        for pane in self.panes:
            pane.held = self.held_since is not None
        self._show_problems()
        self._tick()

    def action_back(self) -> None:
        """Give the room back."""
        self.zoomed = None

    def action_refresh(self) -> None:
        """Look at once, and sort by the figures of now."""
        self.topics_pane.resort()
        for pane in self.panes:
            pane.pace.now()

    def action_interval(self, factor: float) -> None:
        """Look less often, or more often."""
        interval = min(max(self.tui.interval * factor, 0.5), 30.0)
        for pane in self.panes:
            pane.pace.every *= interval / self.tui.interval
        self.tui.interval = interval
        self._tick()

    def action_next_problem(self) -> None:
        """Jump to the worst problem, then to the next one."""
        problems = [problem for problem in self._problems.newest if problem.topic or problem.group]
        if not problems:
            return
        places = [(problem.topic, problem.group) for problem in problems]
        here = places.index(self._problem_shown) if self._problem_shown in places else -1
        problem = problems[(here + 1) % len(problems)]
        self._problem_shown = (problem.topic, problem.group)
        if problem.group is not None:
            self._chosen_group = problem.group
        if problem.topic is not None:
            self.show_topic(problem.topic)
        self._choose_group()
        self.action_go(3 if problem.group is not None else 1)

    def action_copy(self) -> None:
        """Copy the name under the cursor."""
        focused = self.focused
        if isinstance(focused, LongList) and focused.cursor is not None:
            self.app.copy_to_clipboard(printable(focused.cursor))
            self.notify(f"copied {printable(focused.cursor)}", markup=False, timeout=2)

    @work(group="picker", exclusive=True)
    async def action_pick_group(self) -> None:
        """Choose one of the groups that read the topic."""
        standings = {s.group: s for s in self._outlook.standings() if s.topic == self.topic}
        await self._pick("group", [standings[name] for name in self._readers() if name in standings])

    @work(group="picker", exclusive=True)
    async def action_pick_topic(self) -> None:
        """Choose one of the topics that the group reads."""
        standings = [s for s in self._outlook.standings() if s.group == self.group]
        await self._pick("topic", sorted(standings, key=lambda standing: standing.topic))

    async def _pick(self, what: Literal["group", "topic"], standings: Sequence[Standing]) -> None:
        """Show groups of the topic, or topics of the group, with their lag; select what is picked."""
        other = self.topic if what == "group" else self.group
        if not standings or other is None:
            self.notify("nobody reads this topic" if what == "group" else "no group is selected", timeout=3)
            return
        choices = [choice(getattr(standing, what), standing) for standing in standings]
        named = printable(other, ascii=signs.ascii_only())
        title = f"Groups that read {named}" if what == "group" else f"Topics that {named} reads"
        picked = await self.app.push_screen_wait(
            Picker(title, picker_columns(what), choices, self.group if what == "group" else self.topic)
        )
        if picked is not None and what == "group":
            self._chosen_group = picked
            self._choose_group()
        elif picked is not None:
            self._chosen_group = self.group
            self.show_topic(picked)


def picker_columns(what: str) -> tuple[Column, ...]:
    """Mark, name, lag, verdict."""
    return (
        Column("mark", "", 1),
        Column("name", what.upper(), 0),
        Column("lag", "LAG", 10, right=True),
        Column("verdict", "VERDICT", 9),
    )


def choice(name: str, standing: Standing) -> Choice:
    """A line of a picker: one group on one topic."""
    lag = signs.UNKNOWN.content if standing.lag is None else count(standing.lag, 10)
    label = printable(name, ascii=signs.ascii_only())
    return Choice(name, (signs.sign(standing.verdict.mark), label, lag, standing.verdict.word))

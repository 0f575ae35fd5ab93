"""The main screen: two headlines, four panes, the keys. It hands a selection from one pane to the others."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import ClassVar, Literal

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Static

from kafkatui.deck.dealer import Dealer
from kafkatui.domain.deeds import Deed, Report
from kafkatui.domain.groups import ClusterGroups
from kafkatui.domain.lag import GroupLag
from kafkatui.domain.outlook import Outlook, Standing
from kafkatui.domain.partitions import ClusterTopics
from kafkatui.domain.problems import Problems
from kafkatui.domain.text import printable
from kafkatui.domain.timeline import Timeline
from kafkatui.monitors import Streams
from kafkatui.pace import Pace
from kafkatui.panes.assignments import AssignmentsPane
from kafkatui.panes.entry_lines import Entry
from kafkatui.panes.offsets import OffsetsPane
from kafkatui.panes.pane import Pane
from kafkatui.panes.tail import TailPane
from kafkatui.panes.topics import TopicsPane
from kafkatui.screens.deck_keys import DECK_BINDINGS, DeckScreen
from kafkatui.screens.deck_row import DeckRow
from kafkatui.screens.event import EventScreen
from kafkatui.screens.events import EventsScreen
from kafkatui.screens.headlines import Headlines
from kafkatui.screens.pane_grid import PaneGrid
from kafkatui.screens.picker import Picker
from kafkatui.screens.record import RecordScreen
from kafkatui.widgets import signs
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.long_list import LongList

WATCHED = 0.3
"""The watched group is looked at so many times an interval: a rebalance may be over in a second."""
SMALLEST = Size(60, 16)
"""Cells below which nothing useful can be drawn."""


class MonitorScreen(DeckScreen):
    """Four panes over one cluster, and a deck."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *DECK_BINDINGS,
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
        Binding("H", "history", "history", id="go.history", show=False, tooltip="rebalances of all groups"),
        Binding("y", "copy", "copy", id="copy.name", show=False, tooltip="copy the name under the cursor"),
    ]
    KEYS_WANTED = (
        "move",
        "open",
        "pane",
        "zoom",
        "filter",
        "sort",
        "groups",
        "problem",
        "hold",
        "go to",
        "deck",
    )

    topic: reactive[str | None] = reactive(None, init=False)
    group: reactive[str | None] = reactive(None, init=False)
    held_since: reactive[float | None] = reactive(None, init=False)

    def __init__(
        self,
        streams: Streams,
        *,
        name: str,
        interval: float = 1.0,
        topic: str | None = None,
        group: str | None = None,
        read_only: bool = False,
        dealer: Dealer | None = None,
    ) -> None:
        """`name` is the cluster's; `interval` in seconds; `topic` and `group`: what to begin with."""
        super().__init__(dealer)
        self.streams = streams
        self.cluster_name = name
        self.interval = interval
        self.read_only = read_only
        self._first = (topic, group)
        self._chosen_group = group
        """The group the user chose: kept where the topic has it, else the worst one is shown."""
        self._outlook = Outlook()
        self._problems = Problems()
        self._timeline = Timeline()
        self._problem_shown: tuple[str | None, str | None] | None = None
        """Topic and group that ``!`` jumped to last."""
        self._news = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Headlines(self.cluster_name, self.streams.cost, read_only=self.read_only)
        every = self.interval
        yield PaneGrid(
            TopicsPane(self.streams.topics, Pace(2 * every), id="topics"),
            AssignmentsPane(
                self.streams.groups,
                Pace(WATCHED * every),
                follow_log=self.streams.group_log,
                timeline=self._timeline,
                id="assignments",
            ),
            OffsetsPane(self.streams.group_lag, Pace(every), id="offsets"),
            TailPane(self.streams.tail, Pace(every), id="tail"),
        )
        yield Static(f"needs {SMALLEST.width}x{SMALLEST.height}", id="too-small", markup=False)
        yield DeckRow()
        yield KeyRow(self.KEYS_WANTED)

    grid = getters.query_one(PaneGrid)
    topics_pane = getters.query_one(TopicsPane)
    assignments_pane = getters.query_one(AssignmentsPane)
    offsets_pane = getters.query_one(OffsetsPane)
    tail_pane = getters.query_one(TailPane)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """By number."""
        return self.grid.panes

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        for pane in self.panes:
            pane.restart()
        self._keep_outlook()
        self.topics_pane.focus_list()
        if self._first[0] is not None:
            self.show_topic(self._first[0])

    def on_resize(self, event: Resize) -> None:
        small = event.size.width < SMALLEST.width or event.size.height < SMALLEST.height
        self.set_class(small, "-too-small")
        self.grid.fit()

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
        """Groups that read the selected topic, the worst first; the deck's, too, before anybody is in it."""
        if self.topic is None:
            return ()
        readers = self._outlook.readers(self.topic)
        if self.deck is None or self.topic not in self.deck.topics or self.deck.group in readers:
            return readers
        return (*readers, self.deck.group)

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
            self.assignments_pane.topics = topics
            self.tail_pane.compacted = self._compacted(self.topic)
        if message.pane is self.assignments_pane:
            self._hand_on_owners()
        if message.pane is self.offsets_pane:
            self.assignments_pane.lags = self.offsets_pane.lags
            self._note_ends(self.offsets_pane.reading.value)
        if message.pane in {self.topics_pane, self.assignments_pane}:
            self._news.set()

    def _note_ends(self, lag: GroupLag | None) -> None:
        """How much is written while nobody reads is told by where logs end."""
        if lag is not None:
            ends = {
                one.partition: one.log_end_offset for one in lag.partitions if one.log_end_offset is not None
            }
            self._timeline.story(lag.group_id).note_ends(lag.ends_taken_at, ends)

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
            now = monotonic()
            if groups is not None:
                for _ in self._timeline.observe(groups, self.assignments_pane.reading.taken_at or now):
                    await asyncio.sleep(0)
            if topics is not None and groups is not None:
                for _ in self._outlook.observe(topics, groups):
                    await asyncio.sleep(0)
            storms = self._timeline.storms(now)
            for _ in self._problems.observe(topics, groups, self._outlook, now, storms=storms):
                await asyncio.sleep(0)
            if groups is not None:
                self.topics_pane.usage = self._outlook.usage
            self._draw_headlines()
            answered = groups is not None or self.assignments_pane.reading.fault is not None
            if self.topic is None and topics is not None and answered:
                if (name := self._first_topic(topics)) is not None:
                    self.show_topic(name)
            else:
                self._choose_group()

    def _first_topic(self, topics: ClusterTopics) -> str | None:
        """Where there is trouble, else what most groups read, else the first in the list."""
        troubled = [problem.topic for problem in self._problems.newest if problem.topic is not None]
        usage = self._outlook.usage
        names = [topic.name for topic in topics.topics if not topic.internal]
        names.sort(key=lambda name: usage[name].groups if name in usage else 0, reverse=True)
        return next(iter(troubled + names), None)

    @on(Pane.MarkChanged)
    def _mark_changed(self) -> None:
        self.grid.draw_tabs()

    def _tick(self) -> None:
        for pane in self.panes:
            pane.tick()
        self._draw_headlines()

    def _draw_headlines(self) -> None:
        self.query_one(Headlines).show(
            self.panes,
            topics=self.topics_pane.reading.value,
            groups=self.assignments_pane.reading.value,
            problems=self._problems.newest,
            interval=self.interval,
            held_since=self.held_since,
        )

    @on(TailPane.OpenRecord)
    def _open_record(self, message: TailPane.OpenRecord) -> None:
        step = self.tail_pane.stepper(message.number)
        self.app.push_screen(RecordScreen(message.record, step, compacted=self._compacted(self.topic)))

    @on(AssignmentsPane.OpenEntry)
    def _open_entry(self, message: AssignmentsPane.OpenEntry) -> None:
        self._show_entry(message.group, message.entry)

    def _show_entry(self, group: str, entry: Entry) -> None:
        self.app.push_screen(EventScreen(group, self._timeline.story(group), entry))

    @on(TopicsPane.Opened)
    def _open_topic(self, message: TopicsPane.Opened) -> None:
        """Its records are what is inside a topic."""
        self.topic = message.topic
        self.grid.go(4)

    # the deck

    def deck_news(self, news: Deed | Report) -> None:
        self._timeline.note(news)
        if news.group == self.group:
            self.assignments_pane.redraw()

    def deck_dealt(self) -> None:
        assert self.deck is not None
        self.assignments_pane.playground = self.deck.group

    def deck_changed(self) -> None:
        assert self.deck is not None
        self.assignments_pane.players = self.deck.state.words

    def deck_moved(self) -> None:
        self.grid.fit()

    def knows_deck(self) -> bool:
        return self.deck is not None and next(iter(self.deck.topics)) in self.topic_names()

    def deck_cleared(self, topics: Collection[str]) -> None:
        self.topics_pane.pace.now()
        if self.topic in topics:
            self._chosen_group = self.group = None
            others = [name for name in self.topic_names() if name not in topics]
            if others:
                self.show_topic(others[0])
            else:
                self.topic = None

    def show_deck(self) -> None:
        assert self.deck is not None
        if self.group != self.deck.group or self.topic not in self.deck.topics:
            self._chosen_group = self.deck.group
            self.show_topic(next(iter(self.deck.topics)))
            self.group = self.deck.group
            self.topics_pane.pace.now()
            self.grid.go(2)

    def chosen_player(self) -> str | None:
        pane = self.assignments_pane
        shown = self.deck is not None and pane.group == self.deck.group
        return pane.client_under_cursor if shown and pane.members.has_focus else None

    def covered_keys(self) -> list[tuple[str, Callable[[], object]]]:
        """What letters do that the deck covers, and that has no other key: for the palette."""
        return [
            ("sort topics by the next column", self.topics_pane.action_sort),
            ("pick a topic that the group reads", self.action_pick_topic),
        ]

    # keys

    def action_go(self, number: int) -> None:
        """A click on a tab."""
        self.grid.go(number)

    def action_hold(self) -> None:
        """Let the picture stand still, or jump to now; reading goes on behind it."""
        self.held_since = monotonic() if self.held_since is None else None
        for pane in self.panes:
            pane.held = self.held_since is not None
        self._draw_headlines()

    def action_refresh(self) -> None:
        """Look at once, and sort by the figures of now."""
        self.topics_pane.resort()
        for pane in self.panes:
            pane.pace.now()

    def action_interval(self, factor: float) -> None:
        """Look less often, or more often."""
        interval = min(max(self.interval * factor, 0.5), 30.0)
        for pane in self.panes:
            pane.pace.every *= interval / self.interval
        self.interval = interval
        self._draw_headlines()

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
        self.grid.go(3 if problem.group is not None else 1)

    @work(group="picker", exclusive=True)
    async def action_history(self) -> None:
        """The rebalances of all groups: one of them is opened, and its group selected."""
        picked = await self.app.push_screen_wait(EventsScreen(self._timeline))
        if picked is not None:
            group, event = picked
            self.show_group(group)
            self._show_entry(group, event)

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
        named = printable(other, ascii=signs.ascii_only())
        title = f"Groups that read {named}" if what == "group" else f"Topics that {named} reads"
        chosen = self.group if what == "group" else self.topic
        picked = await self.app.push_screen_wait(Picker(title, what, standings, chosen))
        if picked is not None and what == "group":
            self._chosen_group = picked
            self._choose_group()
        elif picked is not None:
            self._chosen_group = self.group
            self.show_topic(picked)

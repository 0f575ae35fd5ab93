"""The main screen: two headlines, four panes, the deck, the row of keys. It hands the selection of one pane
to the others.
"""

from collections.abc import Callable, Collection
from functools import partial
from time import monotonic
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key, Resize
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from kafkatui.deck.deck import Deck
from kafkatui.deck.factory import DeckFactory
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.text import printable, visible_name
from kafkatui.panes.groups import group_rows
from kafkatui.panes.pane import Pane
from kafkatui.screens.brokers import BrokersScreen
from kafkatui.screens.deck_area import DeckArea
from kafkatui.screens.deck_row import LETTERS
from kafkatui.screens.events import EventsScreen
from kafkatui.screens.group import GroupScreen
from kafkatui.screens.groups import GroupsScreen
from kafkatui.screens.headlines import Headlines, ProblemLine, describe
from kafkatui.screens.pane_grid import PaneGrid
from kafkatui.screens.selection import SelectionScreen
from kafkatui.screens.topic import TopicScreen
from kafkatui.watch.streams import Streams
from kafkatui.watch.view import ClusterView, the_same
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.long_list import LongList

SMALLEST = Size(60, 16)
"""The smallest terminal, in cells, on which the panes are drawn."""


class MonitorScreen(SelectionScreen):
    """Four panes over one cluster, and a deck."""

    BINDINGS: ClassVar[list[BindingType]] = [
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
        Binding(
            "5", "groups", "all groups", id="go.all-groups", show=False, tooltip="all groups, the worst first"
        ),
        Binding(
            "6", "brokers", "brokers", id="go.brokers", show=False, tooltip="brokers, and where replicas are"
        ),
        Binding(
            "d",
            "details",
            "page",
            id="go.page",
            show=False,
            tooltip="the page of the topic, or in panes 2 and 3 of the group",
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

    held_since: reactive[float | None] = reactive(None, init=False, repaint=False)
    """Monotonic second at which the user held the picture; ``None``: the picture is live."""

    def __init__(
        self,
        streams: Streams,
        *,
        name: str,
        interval: float = 1.0,
        topic: str | None = None,
        group: str | None = None,
        read_only: bool = False,
        factory: DeckFactory | None = None,
    ) -> None:
        """`name` is the cluster's; `interval` in seconds; `topic` and `group`: the selection at the start."""
        super().__init__(streams, group, interval)
        self._factory = factory
        self.cluster_name = name
        self.read_only = read_only
        self._first = (topic, group)
        self._problem_shown: tuple[str | None, str | None, str] | None = None
        """Topic, group and text of the problem that ``!`` showed last; ``None``: it showed none yet."""
        self._headlines_of: tuple[object, ...] = ()
        """The parts of the view from which the headlines were drawn last, without ages."""
        self._faulty: tuple[object, ...] = ()
        """The fault of each pane's reading, as line 2 was drawn last."""
        self._group_rows = group_rows()
        """The rows of the list of all groups: they keep its order and its filter while it is closed."""
        self._headlines = self.new_headlines()

    def compose(self) -> ComposeResult:
        yield self._headlines
        yield DeckArea(self._factory, self, PaneGrid(*self.new_panes()))
        yield Static(f"needs {SMALLEST.width}x{SMALLEST.height}", id="too-small", markup=False)
        yield KeyRow(self.KEYS_WANTED)

    def on_mount(self) -> None:
        if self not in self.app.screen_stack:
            return  # the user left the screen before it was composed
        self.set_interval(1.0, self._tick)
        self.begin_panes()
        self.topics_pane.focus_list()
        if self._first[0] is not None:
            self.show_topic(self._first[0])

    def on_resize(self, event: Resize) -> None:
        small = event.size.width < SMALLEST.width or event.size.height < SMALLEST.height
        self.set_class(small, "-too-small")
        if (grid := self.query_one_optional(PaneGrid)) is not None:  # none before `compose`
            grid.resized()
        self.call_after_refresh(self.give_focus_back)

    def wants_focus(self) -> Widget | None:
        return self.grid.pane_here.focus_place()

    # its pages

    def new_headlines(self) -> Headlines:
        """Two new headlines of this cluster, for a page."""
        return Headlines(self.cluster_name, self.streams.cost, read_only=self.read_only)

    def draw_headlines(self, headlines: Headlines) -> None:
        """Draw headlines with the newest facts."""
        headlines.show(self.view, self.panes, interval=self.interval, held_since=self.held_since)

    def open_groups(self, group: str | None = None) -> None:
        """Show the list of all groups, with the cursor on `group`; ``None``: on the selected one."""
        self._close_pages()
        first = self.group if group is None else group
        page = GroupsScreen(self, self._group_rows, self.interval, first, ends_filter=group is not None)
        self.app.push_screen(page)

    def open_group(self, group: str) -> None:
        """Show the page of one group, above the page that is open."""
        self.app.push_screen(GroupScreen(self, group, lambda: monotonic()))

    def go_to_group(self, group: str) -> None:
        """Close all pages, and select a group and a topic that it reads; show the page of one that reads
        none.
        """
        self.go_to_panes(group=group)
        if not self.view.reads_a_topic(group):
            self.open_group(group)

    def open_topic(self, topic: str) -> None:
        """Show the page of one topic, above the page that is open."""
        self.app.push_screen(TopicScreen(self, self.streams, topic, self.interval))

    def action_details(self) -> None:
        """Show the page of the topic in panes 1 and 4, of the group in panes 2 and 3."""
        if self.grid.here in {1, 4}:
            if self.topic is None:
                self.notify("no topic is selected", timeout=3)
            else:
                self.open_topic(self.topic)
        elif self.group is None:
            self.notify("no group is selected", timeout=3)
        else:
            self.open_group(self.group)

    def open_brokers(self) -> None:
        """Show the brokers, and where replicas are."""
        self._close_pages()
        self.app.push_screen(BrokersScreen(self, self.streams, self.interval))

    def _close_pages(self) -> None:
        """Close the pages and dialogs above this screen."""
        while self.app.screen is not self and self in self.app.screen_stack:
            self.app.pop_screen()

    def go_to_panes(
        self, *, topic: str | None = None, group: str | None = None, pane: int | None = None
    ) -> None:
        """Close all pages, select a topic or a group, and focus a pane; ``None``: as it was."""
        self._close_pages()
        if group is not None:
            self._chosen_group = group
        if topic is not None:
            self.show_topic(topic)
        elif group is not None:
            self.show_group(group)
        self._choose_group()
        if pane is not None:
            self.grid.go(pane)

    def action_brokers(self) -> None:
        """Show the brokers."""
        self.open_brokers()

    def action_groups(self) -> None:
        """Show the list of all groups."""
        self.open_groups()

    # the view of the cluster

    def _view_changed(self, view: ClusterView) -> None:
        super()._view_changed(view)
        if self.is_incomplete:
            return
        drawn = view.problems, view.judging, view.topics.value, view.digested
        if not the_same(drawn, self._headlines_of):
            self._headlines_of = drawn
            self._draw_headlines()
        answered = view.groups.judged or view.groups_reading.fault is not None
        first = self._first_topic(view) if self.topic is None and view.digested and answered else None
        if first is not None:
            self.show_topic(first)

    def _first_topic(self, view: ClusterView) -> str | None:
        """The topic to select at the start: one with a problem, else the one that most groups read, else the
        first in the list; ``None``: there is none.
        """
        troubled = [problem.topic for problem in view.problems if problem.topic is not None]
        usage = view.topics.usage or {}
        topics = view.topics.value.topics if view.topics.value is not None else ()
        names = [topic.name for topic in topics if not topic.internal]
        names.sort(key=lambda name: usage[name].groups if name in usage else 0, reverse=True)
        return next(iter(troubled + names), None)

    @on(Pane.ReadingChanged)
    def _reading_changed(self) -> None:
        """Draw line 2 again if a fault changed: it names the panes that are not up to date."""
        faulty = tuple(pane.reading.fault for pane in self.panes)
        if not self.is_incomplete and faulty != self._faulty:
            self._faulty = faulty
            self._draw_headlines()

    def _tick(self) -> None:
        if self.is_incomplete:
            return
        for pane in self.panes:
            pane.tick()
        self._draw_headlines()

    def _draw_headlines(self) -> None:
        if not self.is_incomplete:
            self.draw_headlines(self._headlines)

    # the deck

    deck_area = getters.query_one(DeckArea)

    def knows_deck(self, deck: Deck) -> bool:
        """Whether the deck's topic exists, and is listed."""
        return next(iter(deck.topics)) in self.topic_names()

    def brokers_changed(self) -> None:
        """Look at topics and groups at once."""
        for pane in (self.topics_pane, self.assignments_pane):
            pane.pace.now()

    def deck_cleared(self, topics: Collection[str]) -> None:
        """These topics were deleted: if the selected one is among them, select another."""
        self.topics_pane.pace.now()
        if self.topic in topics:
            self._chosen_group = self.group = None
            others = [name for name in self.topic_names() if name not in topics]
            if others:
                self.show_topic(others[0])
            else:
                self.topic = None

    def show_deck(self, deck: Deck) -> None:
        """Select the deck's topic and group."""
        if self.group != deck.group or self.topic not in deck.topics:
            self._chosen_group = deck.group
            self.show_topic(next(iter(deck.topics)))
            self.group = deck.group
            self.topics_pane.pace.now()
            self.grid.go(2)

    def deck_news(self, news: Deed | Report) -> None:
        """A key of the deck did something, or a consumer of the deck reported something."""
        self.model.note(news)

    def deck_opened(self, deck: Deck) -> None:
        """Name the deck's group and topics to the model."""
        self.model.take_deck(deck.group, deck.topics, deck.state.words)

    def deck_changed(self, deck: Deck) -> None:
        """Give the new state of the deck's consumers to the model."""
        self.model.take_deck(deck.group, deck.topics, deck.state.words)

    def deck_moved(self) -> None:
        """The deck's row was shown or hidden: give the panes the room that is left."""
        self.grid.deck_out = self.deck_area.out

    def chosen_consumer(self) -> str | None:
        """Client id of the deck's consumer under the cursor; ``None``: none is chosen."""
        pane, deck = self.assignments_pane, self.deck_area.deck
        shown = deck is not None and pane.group == deck.group
        return pane.client_under_cursor if shown and pane.members.has_focus else None

    @property
    def on_map(self) -> bool:
        """Whether the map of members and partitions has the focus."""
        return self.assignments_pane.has_focus_within

    def go_to_map(self) -> None:
        """Give the map the focus."""
        self.grid.go(2)

    def deck_help(self) -> list[tuple[str, str]]:
        """The deck's letters and what each does, for the help page."""
        return self.deck_area.help()

    def covered_keys(self) -> list[tuple[str, Callable[[], object]]]:
        """For the palette: the actions whose letters the deck covers on the map."""
        return [
            ("look at once  ctrl+r", self.action_refresh),
            ("sort topics by the next column", self.topics_pane.action_sort),
            ("follow the newest records", self.tail_pane.action_follow),
            ("pick a topic that the group reads", self.action_pick_topic),
            ("go to the last row  end", partial(self.app.simulate_key, "end")),
        ]

    # keys

    def on_key(self, event: Key) -> None:
        """Answer a key that works only in another pane: say in which."""
        act = LETTERS.get(event.character or "")
        of_deck = act is not None and act in self.deck_area.acts()  # the deck answers it
        if of_deck or event.key in self.active_bindings or isinstance(self.focused, Input):
            return
        if (found := self.grid.pane_with(event.key)) is not None:
            pane, binding = found
            key = self.app.get_key_display(binding)
            self.notify(f"{key} works in {pane.NUMBER} {pane.NAME}: {binding.tooltip}", timeout=4)

    def action_go(self, number: int) -> None:
        """Focus a pane: the user clicked on its tab."""
        self.grid.go(number)

    def action_hold(self) -> None:
        """Hold the picture, or go on with the newest readings; while it is held the panes still read."""
        self.held_since = monotonic() if self.held_since is None else None
        for pane in self.panes:
            pane.held = self.held_since is not None
        self._draw_headlines()

    def action_refresh(self) -> None:
        """Look at once, and sort the topics by their newest figures."""
        self.topics_pane.resort()
        for pane in self.panes:
            pane.pace.now()
        self.notify("looking at once", timeout=2)

    def action_interval(self, factor: float) -> None:
        """Multiply the time between two looks by `factor`, within 0.5 to 30 seconds."""
        interval = min(max(self.interval * factor, 0.5), 30.0)
        if interval == self.interval:
            limit = "shortest" if factor < 1 else "longest"
            self.notify(f"{interval:g} s is the {limit} interval", timeout=2)
        for pane in self.panes:
            pane.pace.every *= interval / self.interval
        self.interval = interval
        self._draw_headlines()

    def action_next_problem(self) -> None:
        """Show the worst problem, then the next one; a problem without topic and group is shown in full."""
        problems = self.query_one(ProblemLine).problems
        if not problems:
            self.notify("no problem is known; the second line tells how far everything is judged", timeout=4)
            return
        places = [(problem.topic, problem.group, problem.text) for problem in problems]
        here = places.index(self._problem_shown) if self._problem_shown in places else -1
        problem = problems[(here + 1) % len(problems)]
        self._problem_shown = (problem.topic, problem.group, problem.text)
        if len(problems) == 1 or not (problem.topic or problem.group):
            self.notify(describe(problem), timeout=6)
        if not (problem.topic or problem.group):
            return
        if problem.group is not None:
            self._chosen_group = problem.group
        if problem.topic is not None:
            self.show_topic(problem.topic)
        self._choose_group()
        self.grid.go(3 if problem.group is not None else 1)

    def action_history(self) -> None:
        """Show the rebalances of all groups; one that is opened selects its group."""
        self._show_history(None)

    def _show_history(self, begin: tuple[str, Rebalance] | None) -> None:
        """`begin`: the group id and the rebalance opened before, on which the cursor stands again; ``None``:
        on the newest.
        """

        def show(picked: tuple[str, Rebalance] | None) -> None:
            if picked is not None:
                group, event = picked
                self.show_group(group)
                self._show_entry(group, event, lambda _: self._show_history(picked))

        self.app.push_screen(EventsScreen(self.view.happened.timeline, begin), show)

    def action_copy(self) -> None:
        """Copy the name under the cursor."""
        focused = self.focused
        if isinstance(focused, LongList) and focused.cursor is not None:
            self.app.copy_to_clipboard(printable(focused.cursor))
            self.notify(f"copied {visible_name(focused.cursor)}", timeout=2)

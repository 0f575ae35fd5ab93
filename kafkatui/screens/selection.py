"""The four panes of a screen, its model, and the selection of one topic and one group for all panes: how it
is chosen, kept, and handed on.
"""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Literal

from textual import getters, on, work
from textual.reactive import reactive

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.lag.standings import Standing
from kafkatui.domain.text import printable_name
from kafkatui.panes.assignments import AssignmentsPane
from kafkatui.panes.entry_lines import LogEntry
from kafkatui.panes.offsets import OffsetsPane
from kafkatui.panes.pane import Pane
from kafkatui.panes.tail import TailPane
from kafkatui.panes.topics import TopicsPane
from kafkatui.panes.view_pane import ViewPane
from kafkatui.screens.event import EventScreen
from kafkatui.screens.pane_grid import PaneGrid
from kafkatui.screens.picker import Picker
from kafkatui.screens.record import RecordScreen
from kafkatui.watch.follow import ALL, WATCHED, follow
from kafkatui.watch.model import Model
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams
from kafkatui.watch.survive import BUG, BUG_AGAIN, surviving
from kafkatui.watch.view import ClusterView, the_same
from kafkatui.widgets import signs
from kafkatui.widgets.focus import FocusKeeper


class SelectionScreen(FocusKeeper[None]):
    """A screen with four panes that show one selected topic and group. A subclass composes the panes."""

    topic: reactive[str | None] = reactive(None, init=False, repaint=False)
    group: reactive[str | None] = reactive(None, init=False, repaint=False)

    def __init__(self, streams: Streams, group: str | None, interval: float) -> None:
        """`group` is selected at the start; ``None``: the worst group of the topic. `interval` in seconds."""
        super().__init__()
        self.streams = streams
        self.interval = interval
        self._chosen_group = group
        """The group that the user chose; ``None``: the user chose none. See `_group_for`."""
        self.model = Model(lambda: monotonic())
        """All that is known of the cluster."""
        if streams.unread is not None:
            self.model.ask_unread()
        self.model.listen(self._view_changed)
        self._chosen_from: tuple[object, ...] = ()
        """The parts of the view from which the group was selected last."""

    grid = getters.query_one(PaneGrid)
    topics_pane = getters.query_one(TopicsPane)
    assignments_pane = getters.query_one(AssignmentsPane)
    offsets_pane = getters.query_one(OffsetsPane)
    tail_pane = getters.query_one(TailPane)

    def new_panes(self) -> tuple[Pane, ...]:
        """The four panes, each with its stream."""
        every, streams, model = self.interval, self.streams, self.model
        return (
            TopicsPane(streams.topics, Pace(2 * every), model.take_topics, id="topics"),
            AssignmentsPane(
                streams.groups,
                Pace(WATCHED * every),
                model.take_groups,
                follow_log=streams.group_log,
                take_log=model.take_log,
                id="assignments",
            ),
            OffsetsPane(streams.group_lag, Pace(every), model.take_lag, id="offsets"),
            TailPane(streams.tail, Pace(every), id="tail"),
        )

    def begin_panes(self) -> None:
        """Begin the streams of the panes, and run the model."""
        for pane in self.panes:
            pane.restart()
        self._view_changed(self.view)
        self._run_model()

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The four panes, in the order of their numbers."""
        return self.grid.panes

    @work(group="model")
    async def _run_model(self) -> None:
        """Run the model; the panes run all its streams. After a bug say so, and run the model again after a
        pause.
        """
        backoff = Backoff(*BUG_AGAIN)
        while True:
            with surviving("the model", lambda: self.notify(BUG.text, severity="error", timeout=10)):
                await follow(self.model, self.streams, elsewhere=ALL)
            await asyncio.sleep(backoff.failed())

    # choosing

    @on(TopicsPane.Selected)
    def _select_topic(self, message: TopicsPane.Selected) -> None:
        self.topic = message.topic

    @property
    def view(self) -> ClusterView:
        """The newest view of the cluster."""
        return self.model.view

    def _view_changed(self, view: ClusterView) -> None:
        """Hand a view to the panes that draw from it."""
        if self.is_incomplete:
            return
        for pane in self.panes:
            if isinstance(pane, ViewPane):
                pane.see(view)
        self.tail_pane.compacted = view.topics.compacted(self.topic)
        known = view.groups.standings, view.groups.vanished, view.groups.judged, view.deck, self._left_out
        if not the_same(known, self._chosen_from):
            self._chosen_from = known
            self._choose_group()

    @property
    def is_incomplete(self) -> bool:
        """Whether some widgets may be missing: the screen is not composed yet, it is being removed, or the
        program ends.
        """
        return not (self.display and self.is_attached) or self.query_one_optional(PaneGrid) is None

    def watch_topic(self, topic: str | None) -> None:
        """Another topic is selected: in the same step, select a group that reads it."""
        if self.group in self.view.groups.vanished:
            self.set_reactive(SelectionScreen.group, None)
        group, self._chosen_from = self.group, ()
        self.set_reactive(SelectionScreen.group, self._group_for(topic, elsewhere=True))
        self.model.select(topic, self.group)
        self.tail_pane.topic = topic
        self.tail_pane.compacted = self.view.topics.compacted(topic)
        if self.group != group:
            self.assignments_pane.pace.now()

    def watch_group(self, group: str | None) -> None:
        self.model.select(self.topic, group)
        self.assignments_pane.pace.now()

    def _choose_group(self) -> None:
        """Select the group that is to be shown now for the selected topic."""
        self.group = self._group_for(self.topic)

    def _group_for(self, topic: str | None, *, elsewhere: bool = False) -> str | None:
        """The group to show for a topic: the one that the user chose if it reads the topic, else the one
        shown now, else the worst.

        The chosen group stays selected also if it is not listed but may exist; and, unless another topic was
        selected (`elsewhere`), if it does not read the topic any more.
        """
        readers, chosen = self.view.readers(topic), self._chosen_group
        if chosen is not None and (chosen in readers or self._may_be_there(chosen)):
            return chosen
        if self.group in readers or self.group in self.view.groups.vanished:
            return self.group
        if elsewhere or self.group != chosen or self.group not in self.group_names():
            return readers[0] if readers else None
        return self.group

    @property
    def _left_out(self) -> str | None:
        """Why some groups may not be listed; ``None``: all are listed."""
        return self.view.groups.left_out

    def _may_be_there(self, group: str) -> bool:
        """Whether the group is not listed, and may still exist."""
        listed = group in self.group_names() or group in self.view.groups.vanished
        return self._left_out is not None and not listed

    def _readers(self) -> tuple[str, ...]:
        """Groups that read the selected topic, the worst first; also the deck's group, even before it has
        members.
        """
        return self.view.readers(self.topic) if self.topic is not None else ()

    @on(Pane.GroupStep)
    def _step_group(self, message: Pane.GroupStep) -> None:
        readers = self._readers()
        if not set(readers) - {self.group}:
            self.notify("no other group is known that reads this topic", timeout=2)
        if readers:
            place = readers.index(self.group) + message.by if self.group in readers else 0
            self._chosen_group = self.group = readers[place % len(readers)]

    def show_topic(self, name: str) -> None:
        """Select a topic by name."""
        self.topics_pane.select(name)
        self.topic = name

    def show_group(self, name: str) -> None:
        """Select a group, and a topic that it reads."""
        self._chosen_group = name
        topics = [standing.topic for standing in self.view.groups.standings if standing.group == name]
        if topics and self.topic not in topics:
            self.show_topic(topics[0])
            return
        self._choose_group()
        if not topics:
            self._say_what_it_is(name)

    def open_groups(self, group: str | None = None) -> None:
        """Show the list of all groups, with the cursor on `group`; ``None``: on the selected one."""
        raise NotImplementedError

    def _say_what_it_is(self, name: str) -> None:
        """Say the state of a group that reads no topic: the panes have nothing to show of it."""
        groups = self.view.groups.value
        group = next((one for one in (groups.groups if groups else ()) if one.group_id == name), None)
        if group is None:
            return
        members = "members not known" if group.members is None else f"{len(group.members)} members"
        state = group.state or "not described yet"
        named = printable_name(name, ascii=signs.ascii_only())
        self.notify(f"group {named} is {state}, {members}; as far as is known it reads no topic", timeout=6)

    def topic_names(self) -> Sequence[str]:
        """The names of all known topics."""
        return self.view.topics.names

    def group_names(self) -> Sequence[str]:
        """The ids of all known groups."""
        return self.view.groups.names

    # what a pane tells, and opens

    @on(Pane.MarkChanged)
    def _mark_changed(self) -> None:
        self.grid.draw_tabs()

    @on(TailPane.OpenRecord)
    def _open_record(self, message: TailPane.OpenRecord) -> None:
        compacted = self.view.topics.compacted(self.topic)
        self.app.push_screen(RecordScreen(message.record, self.tail_pane.step, compacted=compacted))

    @on(AssignmentsPane.OpenEntry)
    def _open_entry(self, message: AssignmentsPane.OpenEntry) -> None:
        self._show_entry(message.group, message.entry)

    def _show_entry(self, group: str, entry: LogEntry, left: Callable[[None], None] | None = None) -> None:
        """Open the page of an entry; `left` is called when the page is closed."""
        self.app.push_screen(EventScreen(group, self.view.happened.timeline.story(group), entry), left)

    @on(TopicsPane.Opened)
    def _open_topic(self, message: TopicsPane.Opened) -> None:
        """Go to the tail, which shows the records of the topic."""
        self.topic = message.topic
        self.grid.go(4)

    # from a list

    def action_pick_group(self) -> None:
        """Let the user pick one of the groups that read the selected topic."""
        standings = {s.group: s for s in self.view.groups.standings if s.topic == self.topic}
        self._pick("group", [standings[name] for name in self._readers() if name in standings])

    def action_pick_topic(self) -> None:
        """Let the user pick one of the topics that the selected group reads."""
        standings = [s for s in self.view.groups.standings if s.group == self.group]
        self._pick("topic", sorted(standings, key=lambda standing: standing.topic))

    def _pick(self, what: Literal["group", "topic"], standings: Sequence[Standing]) -> None:
        """List the groups of the topic, or the topics of the group, with their lag; select the one that is
        picked.
        """
        other = self.topic if what == "group" else self.group
        if not standings or other is None:
            nobody = "nobody reads this topic" if self._left_out is None else "no group is known to read it"
            self.notify(nobody if what == "group" else "no group is selected", timeout=3)
            if what == "group":
                self.open_groups()
            return
        named = printable_name(other, ascii=signs.ascii_only())
        title = f"Groups that read {named}" if what == "group" else f"Topics that {named} reads"
        chosen = self.group if what == "group" else self.topic

        def show(picked: str | None) -> None:
            if picked is not None and what == "group":
                self._chosen_group = picked
                self._choose_group()
            elif picked is not None:
                self._chosen_group = self.group
                self.show_topic(picked)

        self.app.push_screen(Picker(title, what, standings, chosen), show)

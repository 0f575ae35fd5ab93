"""One selection of topic and group for all panes: how it is chosen, kept, and handed on."""

from collections.abc import Collection, Sequence
from typing import Literal

from textual import getters, on
from textual.reactive import reactive

from kafkatui.deck.deck import Deck
from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.lag.standings import Outlook, Standing
from kafkatui.domain.text import printable_name
from kafkatui.panes.assignments import AssignmentsPane
from kafkatui.panes.offsets import OffsetsPane
from kafkatui.panes.pane import Pane
from kafkatui.panes.tail import TailPane
from kafkatui.panes.topics import TopicsPane
from kafkatui.screens.deck_area import DeckArea
from kafkatui.screens.pane_grid import PaneGrid
from kafkatui.screens.picker import Picker
from kafkatui.widgets import signs
from kafkatui.widgets.focus import FocusKeeper


class SelectionScreen(FocusKeeper[None]):
    """The four panes, and what they are about. A subclass composes them and tells `outlook` what is read."""

    topic: reactive[str | None] = reactive(None, init=False, repaint=False)
    group: reactive[str | None] = reactive(None, init=False, repaint=False)

    def __init__(self, group: str | None) -> None:
        """`group` is the one to begin with."""
        super().__init__()
        self._chosen_group = group
        """The group the user chose: kept where the topic has it, else the worst one is shown."""
        self.outlook = Outlook()
        """Who reads what, and how well."""

    grid = getters.query_one(PaneGrid)
    topics_pane = getters.query_one(TopicsPane)
    assignments_pane = getters.query_one(AssignmentsPane)
    offsets_pane = getters.query_one(OffsetsPane)
    tail_pane = getters.query_one(TailPane)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """By number."""
        return self.grid.panes

    # choosing

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
        self._choose_group(elsewhere=True)

    def watch_group(self, group: str | None) -> None:
        self.assignments_pane.group = group
        self.offsets_pane.group = group
        self.hand_on_owners()
        self.assignments_pane.pace.now()

    def _choose_group(self, *, elsewhere: bool = False) -> None:
        """The user's group where the topic has it, else the one shown, else the worst.

        What the user chose is waited for: where it may be there and is not listed now; and, unless the topic
        is another one (`elsewhere`), where it does not read the topic any more.
        """
        readers, chosen = self._readers(), self._chosen_group
        for pane in (self.assignments_pane, self.offsets_pane):
            pane.left_out = self._left_out
            pane.groups = readers if self.outlook.observed else None
        if chosen is not None and (chosen in readers or self._may_be_there(chosen)):
            self.group = chosen
        elif self.group in readers or self.group in self.assignments_pane.vanished:
            return
        elif elsewhere or self.group != chosen or self.group not in self.group_names():
            self.group = readers[0] if readers else None

    @property
    def _left_out(self) -> str | None:
        """Why there may be groups that are not listed; ``None``: all are."""
        groups: ClusterGroups | None = self.assignments_pane.reading.value
        return None if groups is None else groups.left_out

    def _may_be_there(self, group: str) -> bool:
        """The group is not listed, and that does not mean that it is not there."""
        listed = group in self.group_names() or group in self.assignments_pane.vanished
        return self._left_out is not None and not listed

    def _readers(self) -> tuple[str, ...]:
        """Groups that read the selected topic, the worst first; the deck's, too, before anybody is in it."""
        if self.topic is None:
            return ()
        readers = self.outlook.readers(self.topic)
        deck = self.query_one(DeckArea).deck
        if deck is None or self.topic not in deck.topics or deck.group in readers:
            return readers
        return (*readers, deck.group)

    @on(Pane.GroupStep)
    def _step_group(self, message: Pane.GroupStep) -> None:
        readers = self._readers()
        if not set(readers) - {self.group}:
            self.notify("no other group is known that reads this topic", timeout=2)
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
        topics = [standing.topic for standing in self.outlook.standings() if standing.group == name]
        if topics and self.topic not in topics:
            self.show_topic(topics[0])
            return
        self._choose_group()
        if not topics:
            self._say_what_it_is(name)

    def _say_what_it_is(self, name: str) -> None:
        """A group that reads no topic has nothing to show in the panes."""
        groups: ClusterGroups | None = self.assignments_pane.reading.value
        group = next((one for one in (groups.groups if groups else ()) if one.group_id == name), None)
        if group is None:
            return
        members = "members not told" if group.members is None else f"{len(group.members)} members"
        state = group.state or "not described yet"
        named = printable_name(name, ascii=signs.ascii_only())
        self.notify(f"group {named} is {state}, {members}; as far as is told it reads no topic", timeout=6)

    def topic_names(self) -> Sequence[str]:
        """Every topic there is."""
        topics: ClusterTopics | None = self.topics_pane.reading.value
        return [topic.name for topic in topics.topics] if topics else ()

    def group_names(self) -> Sequence[str]:
        """Every group there is."""
        groups: ClusterGroups | None = self.assignments_pane.reading.value
        return [group.group_id for group in groups.groups] if groups else ()

    def hand_on_owners(self) -> None:
        """What pane 3 needs of pane 2: whose partitions they are."""
        offsets, assignments = self.offsets_pane, self.assignments_pane
        offsets.owners, offsets.readers = assignments.owners, assignments.readers
        offsets.vanished = dict(assignments.vanished)

    # the deck's topic and group

    def knows_deck(self, deck: Deck) -> bool:
        """The deck's topic exists, and is listed."""
        return next(iter(deck.topics)) in self.topic_names()

    def brokers_changed(self) -> None:
        """Look at topics and groups at once."""
        for pane in (self.topics_pane, self.assignments_pane):
            pane.pace.now()

    def deck_cleared(self, topics: Collection[str]) -> None:
        """These topics were deleted: select another one."""
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

    # from a list

    def action_pick_group(self) -> None:
        """Choose one of the groups that read the topic."""
        standings = {s.group: s for s in self.outlook.standings() if s.topic == self.topic}
        self._pick("group", [standings[name] for name in self._readers() if name in standings])

    def action_pick_topic(self) -> None:
        """Choose one of the topics that the group reads."""
        standings = [s for s in self.outlook.standings() if s.group == self.group]
        self._pick("topic", sorted(standings, key=lambda standing: standing.topic))

    def _pick(self, what: Literal["group", "topic"], standings: Sequence[Standing]) -> None:
        """Show groups of the topic, or topics of the group, with their lag; select what is picked."""
        other = self.topic if what == "group" else self.group
        if not standings or other is None:
            nobody = "nobody reads this topic" if self._left_out is None else "no group is known to read it"
            self.notify(nobody if what == "group" else "no group is selected", timeout=3)
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

"""The model: it takes in every reading once, remembers what follows from it, and publishes a `ClusterView`.

Facts of the selection that a user waits for (the story of the selected group, its log, its lag) are taken in
at once. All other facts are digested by `run`, in pieces of a few milliseconds. The owner of the model runs
that: a screen, or a program without one. Times are monotonic seconds.
"""

import asyncio
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from operator import is_
from time import monotonic
from typing import Any

from kafkatui.domain.cluster.brokers import ClusterBrokers
from kafkatui.domain.cluster.changes import changes
from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import DEAD, ClusterGroups, Group, GroupKind
from kafkatui.domain.cluster.partitions import ClusterTopics, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topic_facts import TopicFacts
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.domain.lag.ages import WrittenAt, places
from kafkatui.domain.lag.group_standing import GroupStandings
from kafkatui.domain.lag.history import LagHistory
from kafkatui.domain.lag.judging import Judges
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.lag.unread import Answer, Doubt
from kafkatui.domain.problems import Problems
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.ownership import MapRow, OwnershipMap, is_out
from kafkatui.domain.rebalance.past import PastRebalances
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.watch.view import ClusterView, DeckPart, Shown, the_same

AT_LEAST_EVERY = 1.0
"""Seconds between two digests at most: verdicts and problems that depend on time change even when no reading
comes.
"""
LAGS_AT_ONCE = 300
"""How many partitions, at most, are judged in the step in which their lag was read: some 4 ms if all of them
lag. `Model.digest` judges the lag of more partitions later.
"""
KEPT_HISTORIES = 8
"""How many pairs of group and topic have their lag remembered; the pair used longest ago is dropped first."""


class Model:
    """Hand it every reading, the selection and the deeds of the deck; read `view`.

    Listeners are called in the same step of the event loop in which something becomes known, with a view
    whose version is higher than before.
    """

    def __init__(self, now: Callable[[], float] = monotonic, timeline: Timeline | None = None) -> None:
        """`now` is the clock. `timeline` holds earlier rebalances; ``None``: there are none."""
        self._now = now
        self._timeline = Timeline() if timeline is None else timeline
        self._rates = TopicRates()
        self._outlook = Outlook()
        self._problems = Problems()
        self._group_rows = GroupStandings()
        self._judges = Judges()
        self._histories: OrderedDict[tuple[str, str], LagHistory] = OrderedDict()
        self._listed: tuple[object, ...] = ()
        """The list of groups and the deck's group when `_vanished` last searched: while they are the same
        objects it does not search again.
        """
        self._group_names: set[str] = set()
        """The ids of all groups that were ever listed."""
        self._log_of: str | None = None
        """The group whose log is read."""
        self._log_fault: Fault | None = None
        self._deck_news = 0
        """See `Shown.deck_news`."""
        self._out: dict[str, MapRow] = {}
        """By client id: rows of members of the selected group that left it while the deck had consumers."""
        self._readers_from: tuple[object, ...] = ()
        """The objects from which `Shown.groups` of the view was made."""
        self._map_of: tuple[object, ...] = ()
        """The objects from which `Shown.map` of the view was made."""
        self._story_version: tuple[GroupStory | None, int] = (None, 0)
        """The story, and its version, from which `Shown.entries` of the view was made."""
        self._news = asyncio.Event()
        """Set when there is something to digest."""
        self._digested: tuple[ClusterTopics | None, ClusterGroups | None] = (None, None)
        """The topics and the groups that the newest digest took in."""
        self._changes = -1
        """`Outlook.changes` when its standings were published last."""
        self._published = 0
        """The version of the view with which the listeners were called last."""
        self._lags: list[GroupLag] = []
        """Lags that are still to be judged."""
        self._answers: list[Answer] = []
        """Answers to `doubts` that are still to be taken in."""
        self._digesting = False
        """Whether a digest has begun and not ended."""
        self._listeners: list[Callable[[ClusterView], None]] = []
        first = ClusterView()
        self.view = replace(
            first,
            topics=replace(first.topics, rates=self._rates),
            groups=replace(first.groups, outlook=self._outlook),
            happened=replace(first.happened, timeline=self._timeline),
        )
        """Everything known now."""

    def listen(self, listener: Callable[[ClusterView], None]) -> Callable[[], None]:
        """Call `listener` with each new view; calling the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # what is selected

    def select(self, topic: str | None, group: str | None) -> None:
        """Select this group and this topic from now on; ``None``: no group, or no topic."""
        shown = self.view.shown
        if (topic, group) == (shown.topic, shown.group):
            return
        if group != shown.group:
            self._out = {}
        self._readers_from = self._map_of = ()
        self._observe_selected(group)
        self._put(shown=Shown(shown.version + 1, topic, group), lag_reading=Reading())
        self._publish()

    def take_deck(
        self, group: str | None, topics: Collection[str] = (), states: Mapping[str, str] | None = None
    ) -> None:
        """Set what is known of the deck: `group`, the group of its consumers (``None``: there is no deck);
        `topics`, the topics they read; `states`, the state of each by client id.
        """
        deck = DeckPart(group, tuple(topics), dict(states or {}))
        if deck != self.view.deck:
            self._put(deck=deck)
            self._look_at_deck()
            self._publish()

    # what is read

    def take_topics(self, reading: Reading[ClusterTopics]) -> None:
        """Take in a reading of the topics."""
        value, part = reading.value, self.view.topics
        if value is not None and value is not part.value:
            self._rates.note(value)
            at = self._time_of(reading)
            self._timeline.observe_topics(value, at)
            if part.value is not None:
                before = self._time_of(self.view.topics_reading)
                self._timeline.note_changes(changes(part.value, value, before, at))
            seen = part.brokers_seen | {broker.node_id for broker in value.brokers}
            known = {**part.brokers_known, **{broker.node_id: broker for broker in value.brokers}}
            part = replace(
                part, version=part.version + 1, value=value, brokers_seen=seen, brokers_known=known
            )
            self._news.set()
        self._put(topics=part, topics_reading=reading)
        self._publish()

    def take_groups(self, reading: Reading[ClusterGroups]) -> None:
        """Take in a reading of the groups; facts about the selected group are published at once."""
        value, part = reading.value, self.view.groups
        if value is not None and value is not part.value:
            vanished = self._vanished(part.vanished, part.value, value, self._time_of(reading))
            part = replace(part, version=part.version + 1, value=value, vanished=vanished)
            self._news.set()
        self._put(groups=part, groups_reading=reading)
        self._look_at_deck()
        self._observe_selected(self.view.shown.group)
        self._publish()

    def take_lag(self, reading: Reading[GroupLag]) -> None:
        """Take in a reading of the lag of one group on one topic."""
        value, shown = reading.value, self.view.shown
        if value is not None and value is not self.view.lag_reading.value:
            if value.fault is None:
                self._history(value.group_id, value.topic).observe(value)
                if not self._is_unheard_of(value.group_id):
                    self._lags.append(value)
                    self._judge_lags()
            self._note_ends(value)
        if value is None or (value.group_id, value.topic) == (shown.group, shown.topic):
            self._put(lag_reading=reading, shown=_with_lag(shown, value))
            self._publish()

    def ages_wanted(self) -> Mapping[TopicPartition, int]:
        """Committed offsets of the selection whose records the caller looks up, by partition; the answers go
        to `take_ages`.
        """
        return places(self.view.shown.lag)

    def take_ages(self, reading: Reading[Mapping[TopicPartition, WrittenAt]]) -> None:
        """Take in when records were written."""
        if reading.value is not None and reading.value is not self.view.ages:
            self._put(ages=reading.value)
            self._publish()

    def take_past(self, reading: Reading[PastRebalances]) -> None:
        """Take in the last rebalances before the start."""
        self._put(past=reading)
        self._publish()

    def take_topic_page(self, topic: str, reading: Reading[TopicFacts]) -> None:
        """Take in a reading of the topic whose page is open."""
        self._put(topic_page=(topic, reading))
        self._publish()

    def take_brokers(self, reading: Reading[ClusterBrokers]) -> None:
        """Take in a reading of the brokers."""
        self._put(brokers_reading=reading)
        self._publish()

    def take_log(self, reading: Reading[GroupLogNews]) -> None:
        """Take in a reading of the log of a group. Without the log, the group's story is known from looks
        only.
        """
        news = reading.value if reading.fault is None else None
        of = None if news is None else news.group_id
        if self._log_of is not None and self._log_of != of:
            self._timeline.story(self._log_of).log_read_up_to(None)
        self._log_of, self._log_fault = of, reading.fault
        if news is not None and reading.taken_at is not None:
            self._timeline.observe_log(news, reading.taken_at)
        self._publish()

    def ask_unread(self) -> None:
        """From now on the caller looks up the `doubts` and hands the answers to `take_unread`."""
        self._outlook.asks_unread = True

    def doubts(self) -> tuple[Doubt, ...]:
        """Partitions to look up before some groups can be judged: does anything readable lie between the
        commit and the end? See `Outlook.doubts`.
        """
        return self._outlook.doubts()

    def take_unread(self, reading: Reading[tuple[Answer, ...]]) -> None:
        """Take in a reading of answers to `doubts`."""
        if reading.value is not None and reading.fault is None:
            self._answers += reading.value
            self._news.set()

    def note(self, news: Deed | Report) -> None:
        """Take in a deed of the deck or a report of one of its consumers."""
        self._timeline.note(news)
        self._deck_news += news.group == self.view.shown.group
        self._publish()

    # the rest, in pieces

    async def run(self) -> None:
        """Digest the readings, without end. The owner of the model runs this; after a bug it may run it
        again.
        """
        self._digesting = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(AT_LEAST_EVERY):
                    await self._news.wait()
            self._news.clear()
            for _ in self.digest():
                await asyncio.sleep(0)

    def digest(self) -> Iterator[None]:
        """Take in the newest readings of the whole cluster: update stories, standings and problems. Yields
        after each piece of work; a digest must be run to its end before the next begins.
        """
        topics, groups = self.view.topics.value, self.view.groups.value
        before, self._digested = self._digested, (topics, groups)
        new_topics, new_groups = topics is not before[0], groups is not before[1]
        now, self._digesting = self._now(), True
        if groups is not None and new_groups:
            yield from self._timeline.observe(groups, self._time_of(self.view.groups_reading))
        if topics is not None and groups is not None and (new_topics or new_groups):
            yield from self._outlook.observe(topics, groups)
        yield from self._observe_lags()
        answers, self._answers = self._answers, []
        yield from self._outlook.answer(answers)
        storms = self._timeline.storms(now)
        yield from self._problems.observe(topics, groups, self._outlook, now, storms=storms)
        if groups is not None:
            yield from self._group_rows.observe(groups, self._outlook)
        yield
        yield from self._observe_lags()
        self._digesting = False
        self._publish_digest(now)

    def _publish_digest(self, now: float) -> None:
        view, outlook = self.view, self._outlook
        topics, groups, judging = view.topics, view.groups, view.judging
        if outlook.observed and outlook.changes != self._changes:
            self._changes = outlook.changes
            topics = replace(topics, version=topics.version + 1, usage=outlook.usage)
            groups = replace(
                groups,
                version=groups.version + 1,
                standings=outlook.standings,
                readers_of=outlook.readers,
            )
        if groups.rows is not self._group_rows.rows:
            groups = replace(groups, version=groups.version + 1, rows=self._group_rows.rows)
        if outlook.observed:
            groups = groups if groups.judged else replace(groups, version=groups.version + 1, judged=True)
            judging = self._judges.observe(outlook.judgements(), now, groups.left_out)
        happened = replace(view.happened, version=view.happened.version + 1)
        self._put(
            topics=topics,
            groups=groups,
            problems=view.problems if self._problems.newest == view.problems else self._problems.newest,
            judging=view.judging if judging == view.judging else judging,
            happened=happened,
            digested=view.digested or self._digested[0] is not None,
        )
        self._publish()

    # what is known of groups

    def _judge_lags(self) -> None:
        """Judge the lag of the selected group at once, if it is little work and no digest is under way; else
        the next digest judges it.
        """
        if not self._digesting and sum(len(lag.partitions) for lag in self._lags) <= LAGS_AT_ONCE:
            for _ in self._observe_lags():
                pass
        self._news.set()  # a digest follows at once: problems and standings use the new verdict too

    def _observe_lags(self) -> Iterator[None]:
        while self._lags:
            yield from self._outlook.observe_lag(self._lags.pop(0))

    def _vanished(
        self,
        known: Mapping[str, float],
        before: ClusterGroups | None,
        groups: ClusterGroups,
        at: float,
    ) -> Mapping[str, float]:
        """Groups that no longer exist, with the time at which that was seen; `known`: those found before, at
        `at`: the time of this look. Searches only where the list of groups has changed.
        """
        if before is not None and groups.listed_at is not None and groups.listed_at == before.listed_at:
            return known
        listed = groups.groups, bool(groups.notes), self.view.deck.group
        if self._listed and all(map(is_, listed, self._listed)):
            return known
        self._listed = listed
        names = {group.group_id for group in groups.groups}
        gone = {name: since for name, since in known.items() if name not in names}
        if not groups.notes:
            for name in self._group_names - names - {self.view.deck.group}:
                gone.setdefault(name, at)
            self._group_names |= names
        return known if gone == known else gone

    def _observe_selected(self, name: str | None) -> None:
        """Hand the newest description of the selected group to its story."""
        group, groups = self._described(name), self.view.groups.value
        if group is not None and groups is not None and name is not None:
            looked_at = groups.looked_at(group)
            at = self._time_of(self.view.groups_reading) if looked_at is None else looked_at
            self._timeline.story(name).observe(group, at)

    def _look_at_deck(self) -> None:
        """If the deck's group does not exist, hand its story a description without members: no consumer has
        joined yet.
        """
        value, name = self.view.groups.value, self.view.deck.group
        if value is not None and name is not None and not value.notes and self._described(name) is None:
            nobody = Group(name, GroupKind.CLASSIC, DEAD, members=())
            self._timeline.story(name).observe(nobody, value.listed_at or 0.0)

    def _is_unheard_of(self, name: str) -> bool:
        """Whether all groups are known and this is not one of them: it then reads nothing."""
        value = self.view.groups.value
        return value is not None and not value.notes and self._described(name) is None

    def _described(self, name: str | None) -> Group | None:
        """The newest description of a group; ``None``: it is not listed."""
        groups = self.view.groups.value.groups if self.view.groups.value is not None else ()
        place = bisect_left(groups, name or "", key=lambda group: group.group_id)
        return groups[place] if place < len(groups) and groups[place].group_id == name else None

    def _note_ends(self, lag: GroupLag) -> None:
        """Hand end offsets to the group's story: from them follows how many records were written while no
        member read.
        """
        ends = {one.partition: one.log_end_offset for one in lag.partitions if one.log_end_offset is not None}
        self._timeline.story(lag.group_id).note_ends(lag.ends_taken_at, ends)

    def _history(self, group: str, topic: str) -> LagHistory:
        """The remembered lag of one group on one topic; begins it if there is none, and may drop the oldest
        pair.
        """
        found = self._histories.setdefault((group, topic), LagHistory())
        self._histories.move_to_end((group, topic))
        if len(self._histories) > KEPT_HISTORIES:
            self._histories.popitem(last=False)
        return found

    # the selected pair

    def _shown(self) -> Shown:
        """`Shown` of the selection as known now; the same object as before where nothing in it has
        changed.
        """
        before, groups = self.view.shown, self.view.groups
        group, topic = before.group, before.topic
        described = self._described(group)
        ours = group is not None and group == self.view.deck.group
        found = replace(
            before,
            groups=self._readers_of(before),
            listed=described is not None or (ours and groups.value is not None and not groups.value.notes),
            fault=None if described is None else described.fault,
            vanished_at=None if group is None else groups.vanished.get(group),
            partitions=self._partitions(topic, described),
            story=None if group is None else self._timeline.story(group),
            deck_news=self._deck_news,
            log_fault=self._log_fault,
            standing=None if before.lag is None else self._outlook.standing(group or "", topic or ""),
            history=None if before.lag is None else self._histories.get((group or "", topic or "")),
        )
        found = self._with_entries(self._with_map(found))
        if the_same(_values(found), _values(before)):
            return before
        return replace(found, version=before.version + 1)

    def _readers_of(self, shown: Shown) -> tuple[str, ...] | None:
        """The groups that read the selected topic; ``None``: not judged yet."""
        view = self.view
        if not view.groups.judged:
            return None
        sorted_from = (view.groups.standings, view.deck, shown.topic)
        if the_same(sorted_from, self._readers_from):
            return shown.groups
        self._readers_from = sorted_from
        readers = view.readers(shown.topic)
        return shown.groups if readers == shown.groups else readers

    def _partitions(self, topic: str | None, group: Group | None) -> int | None:
        """How many partitions the topic has; while that is not known, the highest number that a member owns,
        plus 1. ``None``: neither is known.
        """
        known = self.view.topics.partitions(topic)
        if known is not None or group is None:
            return known
        owned = (one for member in group.members or () for one in member.assignment)
        return 1 + max((one.partition for one in owned if one.topic == topic), default=-1) or None

    def _with_map(self, shown: Shown) -> Shown:
        """`shown` with its map: a new map where something in it may have changed."""
        story = shown.story
        if not shown.listed or story is None or shown.topic is None or shown.partitions is None:
            self._map_of = ()
            return replace(shown, map=None, out=())
        story.watch_owners(shown.topic, shown.partitions)
        made_of = (story, story.map_version, shown.topic, shown.partitions)
        old = shown.map
        if old is None or not the_same(made_of, self._map_of) or old.group.rebalancing:
            self._map_of = made_of
            shown = replace(shown, map=story.map(shown.topic, shown.partitions))
        return replace(shown, out=self._still_out(shown.map, shown.out))

    def _still_out(self, found: OwnershipMap | None, before: tuple[MapRow, ...]) -> tuple[MapRow, ...]:
        """Rows for `Shown.out`; `found` is the present map, `before` the rows so far, returned if nothing has
        changed.
        """
        if found is None or not self.view.deck.states:
            self._out = {}
            return before if before == () else ()
        present = {row.member.client_id for row in found.rows if row.gone_at is None}
        known = {row.key for row in found.rows}
        self._out |= {row.member.client_id: row for row in found.rows if row.gone_at is not None}
        states = self.view.deck.states
        self._out = {
            who: row
            for who, row in self._out.items()
            if who not in present and is_out(row, states.get(who, ""))
        }
        out = tuple(row for row in self._out.values() if row.key not in known)
        return before if out == before else out

    def _with_entries(self, shown: Shown) -> Shown:
        """`shown` with its entries: the log of the group."""
        story = shown.story
        if story is None:
            return replace(shown, entries=())
        if shown.entries and (story, story.version) == self._story_version:
            return shown
        self._story_version = story, story.version
        entries = story.entries
        return shown if the_same(entries, shown.entries) else replace(shown, entries=entries)

    # publishing

    def _time_of(self, reading: Reading[Any]) -> float:
        return self._now() if reading.taken_at is None else reading.taken_at

    def _put(self, **parts: object) -> None:
        """Put these parts into the view, if one of them is another object; listeners are not called yet."""
        if any(part is not getattr(self.view, name) for name, part in parts.items()):
            self.view = replace(self.view, version=self.view.version + 1, **parts)  # type: ignore[arg-type]

    def _publish(self) -> None:
        """Update `Shown`, and call the listeners with the view if it is a new one."""
        self._put(shown=self._shown())
        if self.view.version != self._published:
            self._published = self.view.version
            for listener in tuple(self._listeners):
                listener(self.view)


def _values(shown: Shown) -> tuple[object, ...]:
    return tuple(getattr(shown, one.name) for one in fields(Shown))


def _with_lag(shown: Shown, lag: GroupLag | None) -> Shown:
    return shown if lag is shown.lag else replace(shown, version=shown.version + 1, lag=lag)

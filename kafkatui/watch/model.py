"""What is known of a cluster: the model takes every reading once, remembers, and publishes a `ClusterView`.

What the user waits for (the story of the selected group, its log, its lag) is taken in at once. The rest is
digested in pieces of a few milliseconds by `run`. The owner of the model runs that: a screen, or a program
that has none. Times are monotonic seconds.
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

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import DEAD, ClusterGroups, Group, GroupKind
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.domain.lag.history import LagHistory
from kafkatui.domain.lag.judging import Judges
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.lag.unread import Answer, Doubt
from kafkatui.domain.problems import Problems
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.ownership import MapRow, OwnershipMap, is_out
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.watch.view import ClusterView, DeckPart, Shown, the_same

AT_LEAST_EVERY = 1.0
"""Seconds after which what depends on time alone is reckoned anew, though no reading came."""
LAGS_AT_ONCE = 300
"""Partitions whose lag is judged in the step in which it was read: some 4 ms where all of them lag. The lag
of more is digested.
"""
KEPT_HISTORIES = 8
"""Pairs of group and topic whose lag is remembered; the one shown longest ago goes."""


class Model:
    """Tell it every reading, what is selected and what the deck does; read `view`.

    Listeners are called in the very step in which something became known, with a view newer than the last.
    """

    def __init__(self, now: Callable[[], float] = monotonic, timeline: Timeline | None = None) -> None:
        """`now` is the clock. `timeline` has what happened before; ``None``: nothing is known."""
        self._now = now
        self._timeline = Timeline() if timeline is None else timeline
        self._rates = TopicRates()
        self._outlook = Outlook()
        self._problems = Problems()
        self._judges = Judges()
        self._histories: OrderedDict[tuple[str, str], LagHistory] = OrderedDict()
        self._listed: tuple[object, ...] = ()
        """What `_vanished` was found by."""
        self._group_names: set[str] = set()
        """All groups that were ever listed."""
        self._log_of: str | None = None
        """The group whose log is read."""
        self._log_fault: Fault | None = None
        self._told = 0
        self._out: dict[str, MapRow] = {}
        """Members of the selected group that went while the deck was there, by client id."""
        self._readers_from: tuple[object, ...] = ()
        """What the readers of the topic in the view were found in."""
        self._map_of: tuple[object, ...] = ()
        """What the map in the view was made of."""
        self._story_version: tuple[GroupStory | None, int] = (None, 0)
        """Of the log in the view."""
        self._news = asyncio.Event()
        self._digested: tuple[ClusterTopics | None, ClusterGroups | None] = (None, None)
        self._changes = -1
        """Of the outlook, when its standings were published."""
        self._published = 0
        """The version of the view that the listeners were told of last."""
        self._lags: list[GroupLag] = []
        """What is still to be judged."""
        self._answers: list[Answer] = []
        """What was found at `doubts`, and is still to be taken in."""
        self._digesting = False
        self._listeners: list[Callable[[ClusterView], None]] = []
        first = ClusterView()
        self.view = replace(
            first,
            topics=replace(first.topics, rates=self._rates),
            groups=replace(first.groups, outlook=self._outlook),
            happened=replace(first.happened, timeline=self._timeline),
        )
        """What is known now."""

    def listen(self, listener: Callable[[ClusterView], None]) -> Callable[[], None]:
        """Call `listener` with each new view; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # what is selected

    def select(self, topic: str | None, group: str | None) -> None:
        """Follow this group on this topic from now on; ``None``: none."""
        shown = self.view.shown
        if (topic, group) == (shown.topic, shown.group):
            return
        if group != shown.group:
            self._out = {}
        self._readers_from = self._map_of = ()
        self._observe_selected(group)
        self._put(shown=Shown(shown.version + 1, topic, group), lag_reading=Reading())
        self._publish()

    def tell_deck(
        self, group: str | None, topics: Collection[str] = (), states: Mapping[str, str] | None = None
    ) -> None:
        """Consumers of our own are in this group and read these topics; `states`: how each fares, by client
        id. ``None``: there are none.
        """
        deck = DeckPart(group, tuple(topics), dict(states or {}))
        if deck != self.view.deck:
            self._put(deck=deck)
            self._look_at_deck()
            self._publish()

    # what is read

    def take_topics(self, reading: Reading[ClusterTopics]) -> None:
        """Take in a look at the topics."""
        value, part = reading.value, self.view.topics
        if value is not None and value is not part.value:
            self._rates.note(value)
            self._timeline.observe_topics(value, self._time_of(reading))
            seen = part.brokers_seen | {broker.node_id for broker in value.brokers}
            part = replace(part, version=part.version + 1, value=value, brokers_seen=seen)
            self._news.set()
        self._put(topics=part, topics_reading=reading)
        self._publish()

    def take_groups(self, reading: Reading[ClusterGroups]) -> None:
        """Take in a look at the groups; what it tells of the selected one is known at once."""
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
        """Take in a look at the lag of one group on one topic."""
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

    def take_log(self, reading: Reading[GroupLogNews]) -> None:
        """Take in what came in the log of a group. Without the log its story goes by looks alone."""
        news = reading.value if reading.fault is None else None
        of = None if news is None else news.group_id
        if self._log_of is not None and self._log_of != of:
            self._timeline.story(self._log_of).log_read_up_to(None)
        self._log_of, self._log_fault = of, reading.fault
        if news is not None and reading.taken_at is not None:
            self._timeline.observe_log(news, reading.taken_at)
        self._publish()

    def ask_unread(self) -> None:
        """From now on `doubts` are looked up, and what is found is handed to `take_unread`."""
        self._outlook.asks_unread = True

    def doubts(self) -> tuple[Doubt, ...]:
        """What must be looked up before some groups can be judged; see `Outlook.doubts`."""
        return self._outlook.doubts()

    def take_unread(self, reading: Reading[tuple[Answer, ...]]) -> None:
        """Take in what was found at `doubts`."""
        if reading.value is not None and reading.fault is None:
            self._answers += reading.value
            self._news.set()

    def note(self, news: Deed | Report) -> None:
        """Take in what the deck did, or what a consumer of ours told."""
        self._timeline.note(news)
        self._told += news.group == self.view.shown.group
        self._publish()

    # the rest, in pieces

    async def run(self) -> None:
        """Digest for ever what was read. The owner of the model runs this, once."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(AT_LEAST_EVERY):
                    await self._news.wait()
            self._news.clear()
            for _ in self.digest():
                await asyncio.sleep(0)

    def digest(self) -> Iterator[None]:
        """Take in what the newest readings tell of the whole cluster: stories, standings, problems. Yields
        after each piece of work, and must be run to its end before the next begins.
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
            groups = replace(groups, version=groups.version + 1, standings=tuple(outlook.standings()))
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
        """Judge at once what was read of the selected pair, where that is little work and nothing else is
        being judged; else the digest does it.
        """
        if not self._digesting and sum(len(lag.partitions) for lag in self._lags) <= LAGS_AT_ONCE:
            for _ in self._observe_lags():
                pass
        self._news.set()  # what else shows the verdict follows at once

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
        """Groups that are gone, once the list of groups is another one."""
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
        """Tell the story of the selected group what the newest look told."""
        group, groups = self._described(name), self.view.groups.value
        if group is not None and groups is not None and name is not None:
            looked_at = groups.looked_at(group)
            at = self._time_of(self.view.groups_reading) if looked_at is None else looked_at
            self._timeline.story(name).observe(group, at)

    def _look_at_deck(self) -> None:
        """A group of ours that is not there has no members: nobody has joined yet."""
        value, name = self.view.groups.value, self.view.deck.group
        if value is not None and name is not None and not value.notes and self._described(name) is None:
            nobody = Group(name, GroupKind.CLASSIC, DEAD, members=())
            self._timeline.story(name).observe(nobody, value.listed_at or 0.0)

    def _is_unheard_of(self, name: str) -> bool:
        """All groups are known, and this is none of them: it reads nothing."""
        value = self.view.groups.value
        return value is not None and not value.notes and self._described(name) is None

    def _described(self, name: str | None) -> Group | None:
        """The newest description of a group; ``None``: it is not listed."""
        groups = self.view.groups.value.groups if self.view.groups.value is not None else ()
        place = bisect_left(groups, name or "", key=lambda group: group.group_id)
        return groups[place] if place < len(groups) and groups[place].group_id == name else None

    def _note_ends(self, lag: GroupLag) -> None:
        """Where logs end tells how much was written while nobody read."""
        ends = {one.partition: one.log_end_offset for one in lag.partitions if one.log_end_offset is not None}
        self._timeline.story(lag.group_id).note_ends(lag.ends_taken_at, ends)

    def _history(self, group: str, topic: str) -> LagHistory:
        """What is remembered of the lag of one group on one topic."""
        found = self._histories.setdefault((group, topic), LagHistory())
        self._histories.move_to_end((group, topic))
        if len(self._histories) > KEPT_HISTORIES:
            self._histories.popitem(last=False)
        return found

    # the selected pair

    def _shown(self) -> Shown:
        """What is known now of the selected pair; the same object where nothing is another than before."""
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
            told=self._told,
            log_fault=self._log_fault,
            standing=None if before.lag is None else self._outlook.standing(group or "", topic or ""),
            history=None if before.lag is None else self._histories.get((group or "", topic or "")),
        )
        found = self._with_entries(self._with_map(found))
        if the_same(_values(found), _values(before)):
            return before
        return replace(found, version=before.version + 1)

    def _readers_of(self, shown: Shown) -> tuple[str, ...] | None:
        """Groups that read the selected topic."""
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
        """How many partitions the topic has; while that is not told, at least those that members own."""
        known = self.view.topics.partitions(topic)
        if known is not None or group is None:
            return known
        owned = (one for member in group.members or () for one in member.assignment)
        return 1 + max((one.partition for one in owned if one.topic == topic), default=-1) or None

    def _with_map(self, shown: Shown) -> Shown:
        """With the map: made anew where something in it may be another."""
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
        """Rows of consumers of ours that were put out and are still there, which the map has forgotten."""
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
        """With the log of the group."""
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
        """Put these parts into the view, if one of them is another; nobody is told yet."""
        if any(part is not getattr(self.view, name) for name, part in parts.items()):
            self.view = replace(self.view, version=self.view.version + 1, **parts)  # type: ignore[arg-type]

    def _publish(self) -> None:
        """Bring the selected pair up to date, and tell the listeners of the view, if it is another one."""
        self._put(shown=self._shown())
        if self.view.version != self._published:
            self._published = self.view.version
            for listener in tuple(self._listeners):
                listener(self.view)


def _values(shown: Shown) -> tuple[object, ...]:
    return tuple(getattr(shown, one.name) for one in fields(Shown))


def _with_lag(shown: Shown, lag: GroupLag | None) -> Shown:
    return shown if lag is shown.lag else replace(shown, version=shown.version + 1, lag=lag)

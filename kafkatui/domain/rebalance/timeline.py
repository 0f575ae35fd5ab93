"""The stories of all groups of a cluster. They are kept, within bounds, as long as the program runs, so that
a person can see later what happened in a group that was not on the screen. Times are monotonic seconds; the
caller gives them.

A story (`GroupStory`) begins with the first change of its group, or when `Timeline.story` asks for it. Most
groups of a large cluster never change: of such a group only the first and the newest description are kept.
"""

from collections import OrderedDict, deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from heapq import merge
from itertools import compress, islice
from operator import is_not

from kafkatui.domain.cluster.changes import ClusterChange
from kafkatui.domain.cluster.groups import ClusterGroups, Group
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.vanished import Vanished
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.happening import GroupHappening, Happening
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory

KEPT_STORIES = 2000
"""The largest number of stories; beyond it, the stories of the groups that changed least recently are
dropped.
"""
KEPT_WEIGHT = 50_000
"""The largest number of members in all rebalances of all groups, summed: about 40 MB."""
SPARED = 10
"""Rebalances that each group keeps, even if all groups together are above `KEPT_WEIGHT`."""
LIVELY = 60.0
"""Seconds after a change of a group in which its story takes in every look: the next look may have to confirm
a change, and a rebalance may have a second step.
"""
STORM_SPAN = 60.0
STORM_FROM = 3
"""From this number of rebalances in `STORM_SPAN` seconds on, a group is in a rebalance storm."""
KEPT_CHANGES = 500
"""Changes of brokers, leaders and replicas that are kept."""
PIECE = 1000
"""Partitions taken in before `Timeline.observe` yields: about 3 ms of work."""
GROUP = 100
"""One group costs as much work as this number of partitions."""
MEMBER = 20
"""One member costs as much work as this number of partitions."""


class Timeline:
    """The stories by group. The caller feeds every reading of the groups to `observe`, every reading of the
    topics to `observe_topics`, news of the watched group's log to `observe_log`, and deeds and reports to
    `note`.
    """

    def __init__(self) -> None:
        self._stories: OrderedDict[str, GroupStory] = OrderedDict()
        """By group id; the story that changed most recently stands last."""
        self._vanished = Vanished()
        self._newest = ClusterGroups()
        """The newest reading of all groups."""
        self._at: float | None = None
        """The time of `_newest`; ``None``: there was no reading yet."""
        self._seen: dict[str, Group] = {}
        """By group id: the newest description of the group that contains its members."""
        self._first: dict[str, tuple[Group, float]] = {}
        """By id of a group without a story: the first description that contains its members, and its time."""
        self._last: dict[str, float] = {}
        """By id of a group that cannot be described now: the time of its description in `_seen`."""
        self._lively: dict[str, float] = {}
        """By id of a group that changed lately: the time until which its story takes in every look."""
        self._listed: frozenset[str] = frozenset()
        """The ids of the groups in `_listed_of`."""
        self._listed_of: tuple[Group, ...] = ()
        """All groups of the newest reading that listed every group of the cluster."""
        self._listed_at: float | None = None
        """The time of that reading; ``None``: there was none."""
        self._changes: deque[ClusterChange] = deque(maxlen=KEPT_CHANGES)
        """The newest stands first."""
        self._log_of: str | None = None
        """The id of the group whose log is followed; ``None``: no log is followed."""

    def story(self, group_id: str) -> GroupStory:
        """The story of a group. If there is none, a new one begins with the first and the newest description
        of the group.
        """
        found = self._stories.get(group_id)
        if found is None:
            found = self._stories[group_id] = GroupStory(self._vanished)
            if self._listed_at is not None and group_id not in self._listed:
                found.absent(self._listed_at)
            if (first := self._first.pop(group_id, None)) is not None:
                found.observe(*first)
            if (last := self._last_look(group_id)) is not None:
                found.observe(*last)
            while len(self._stories) > KEPT_STORIES:
                gone, _ = self._stories.popitem(last=False)
                self._lively.pop(gone, None)
        return found

    def _last_look(self, group_id: str) -> tuple[Group, float] | None:
        """The newest description of a group that contains its members, and its time; ``None``:
        there is none.
        """
        group = self._seen.get(group_id)
        if group is None or self._at is None:
            return None
        return group, self._last.get(group_id, _time(self._newest, group, self._at))

    def observe(self, groups: ClusterGroups, at: float) -> Iterator[None]:
        """Take in a reading of all groups, made at `at`. The iterator yields after each bounded piece of
        work, and the caller must run it to its end. A group that is the same object as in the reading before
        takes no time.
        """
        weight = 0
        moved = self._newest.groups is not groups.groups
        for group in self._others(groups.groups) if moved else ():
            weight += 1
            looked = yield from self._look(group, _time(groups, group, at))
            if looked:
                weight += GROUP + sum(MEMBER + len(member.assignment) for member in group.members or ())
            if weight >= PIECE:
                weight = 0
                yield
        yield from self._look_at_lively(groups, at)
        if not groups.notes:
            self._list(groups.groups, at)
        self._newest, self._at = groups, at
        self._bound()

    def _others(self, now: tuple[Group, ...]) -> Iterator[Group]:
        """The groups of `now` that are not the same objects as in the reading before."""
        before = self._newest.groups
        if len(before) != len(now):
            return (group for group in now if self._seen.get(group.group_id) is not group)
        return compress(now, map(is_not, before, now))

    def _look(self, group: Group, at: float) -> Generator[None, None, bool]:
        """Take in the description of a group, made at `at`; return whether it went into a story."""
        name = group.group_id
        if group.members is None or group.fault is not None:
            if (last := self._last_look(name)) is not None:
                self._last.setdefault(name, last[1])
            return False
        old, story = self._seen.get(name), self._stories.get(name)
        if story is None:
            begun = old is None and self._listed_at is not None and name not in self._listed
            if not begun and (old is None or _same(old, group)):
                self._seen[name] = group
                self._last.pop(name, None)
                if old is None:
                    self._first[name] = group, at
                return False
            story = self.story(name)
        elif name not in self._lively and (last := self._last_look(name)) is not None:
            yield from story.look(*last)
        weight = story.weight
        yield from story.look(group, at)
        self._seen[name] = group
        self._last.pop(name, None)
        if old is None or not _same(old, group):
            self._lively[name] = at + LIVELY
        if story.weight != weight:
            self._stories.move_to_end(name)
        return True

    def _look_at_lively(self, groups: ClusterGroups, at: float) -> Iterator[None]:
        """Give the newest description, even if it shows no change, to the stories of groups that changed
        lately (`LIVELY`).
        """
        for name, until in list(self._lively.items()):
            group = self._seen.get(name)
            if group is None or name not in self._stories:
                del self._lively[name]
            elif name not in self._last:
                yield from self._stories[name].look(group, _time(groups, group, at))
                if at > until and not group.rebalancing:
                    del self._lively[name]

    def _list(self, groups: tuple[Group, ...], at: float) -> None:
        """Take in that `groups` were all groups of the cluster at `at`: forget the others, and note in each
        story that never saw its group that the group did not exist.
        """
        moved = self._listed_of is not groups
        self._listed_at, self._listed_of = at, groups
        if moved:
            self._listed = frozenset(group.group_id for group in groups)
            for name in self._seen.keys() - self._listed:
                for known in (self._seen, self._first, self._last, self._lively):
                    known.pop(name, None)
        for group_id, story in self._stories.items():
            if story.looked_at is None and group_id not in self._listed:
                story.absent(at)

    def observe_topics(self, topics: ClusterTopics, at: float) -> None:
        """Take in a reading of all topics, made at `at`: a partition that was deleted needs no owner any
        more.
        """
        lost = self._vanished.observe(topics, at)
        for story in self._stories.values() if lost else ():
            story.topics_lost_partitions(lost)

    def observe_log(self, news: GroupLogNews, at: float) -> bool:
        """Take in news of the watched group's log, read at `at`; they contain generations of other groups in
        the same partition of ``__consumer_offsets`` too. Return whether a rebalance may have changed.
        """
        if news.group_id != self._log_of:
            if self._log_of is not None and self._log_of in self._stories:
                self._stories[self._log_of].forget_commits()
            self._log_of = news.group_id
        for generation in news.generations:
            if generation.group_id == news.group_id or self._knows(generation.group_id):
                self.story(generation.group_id).observe_generation(generation)
        if news.group_id is not None:
            whole = news.up_to_date and not news.skipped
            self.story(news.group_id).log_read_up_to(at if whole else None)
            if news.commits and self.story(news.group_id).note_commits(news.commits, at):
                return True
        return bool(news.generations)

    def _knows(self, group_id: str) -> bool:
        return group_id in self._stories or group_id in self._seen

    def note(self, news: Deed | Report) -> None:
        """Take in a deed of the deck, or a report of one of the deck's consumers."""
        self.story(news.group).note(news)

    def recent(self, most: int) -> list[tuple[str, Rebalance]]:
        """The newest rebalances of all groups, at most `most`, as (group id, rebalance), the newest first.
        The entry made from the first look at a group is left out.
        """
        found = [_rebalances(group_id, story) for group_id, story in self._stories.items()]
        return list(islice(merge(*found, key=lambda pair: -pair[1].started_at), most))

    def happened(self, most: int) -> list[Happening]:
        """The newest rebalances and deeds of all groups, and changes of the cluster, at most `most`, the
        newest first. The entry made from the first look at a group is left out.
        """
        found = [_happenings(group_id, story) for group_id, story in self._stories.items()]
        return list(islice(merge(*found, self._changes, key=lambda one: -one.at), most))

    def note_changes(self, changes: Iterable[ClusterChange]) -> None:
        """Take in changes of brokers, leaders and replicas."""
        self._changes.extendleft(changes)

    @property
    def changes(self) -> Sequence[ClusterChange]:
        """The newest changes of brokers, leaders and replicas, at most `KEPT_CHANGES`, the newest first."""
        return self._changes

    def last_rebalance(self, group_id: str) -> float | None:
        """When the newest rebalance of a group began; ``None``: there was none since the program began."""
        story = self._stories.get(group_id)
        newest = None if story is None else next((one for one in story.events if not one.first), None)
        return None if newest is None else newest.started_at

    def storms(self, now: float) -> dict[str, int]:
        """By group id, the number of rebalances in the last `STORM_SPAN` seconds; only groups that had
        `STORM_FROM` or more.
        """
        counts = {group_id: story.begun_since(now - STORM_SPAN) for group_id, story in self._stories.items()}
        return {group_id: count for group_id, count in counts.items() if count >= STORM_FROM}

    def _bound(self) -> None:
        """Forget the oldest rebalances of the groups that changed least recently, until `KEPT_WEIGHT` is
        reached; each group keeps `SPARED`.
        """
        weight = sum(story.weight for story in self._stories.values())
        for story in self._stories.values():
            if weight <= KEPT_WEIGHT:
                return
            weight -= story.weight
            story.forget(SPARED)
            weight += story.weight


def _rebalances(group_id: str, story: GroupStory) -> Iterator[tuple[str, Rebalance]]:
    return ((group_id, event) for event in story.events if not event.first)


def _happenings(group_id: str, story: GroupStory) -> Iterator[Happening]:
    return (
        GroupHappening(group_id, entry, story)
        for entry in story.entries
        if isinstance(entry, Deed) or not entry.first
    )


def _time(groups: ClusterGroups, group: Group, at: float) -> float:
    """The time at which a group of a reading made at `at` was described."""
    looked_at = groups.looked_at(group)
    return at if looked_at is None else looked_at


def _same(one: Group, other: Group) -> bool:
    """Whether two descriptions of a group show no event between them. (A new coordinator is no event.)"""
    return (
        one.state == other.state
        and one.epoch == other.epoch
        and one.assignment_epoch == other.assignment_epoch
        and one.assignor == other.assignor
        and one.kind is other.kind
        and (one.members is other.members or one.members == other.members)
    )

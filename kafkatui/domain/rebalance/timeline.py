"""The stories of all groups of a cluster, for as long as the program runs, within bounds: one can look back
at what happened while one looked elsewhere. Times are monotonic seconds, given by the caller.
"""

from collections import OrderedDict
from collections.abc import Iterator
from heapq import merge
from itertools import islice

from kafkatui.domain.cluster.groups import ClusterGroups, Group
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.vanished import Vanished
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory

KEPT_STORIES = 2000
"""Groups; the ones that changed least recently go."""
KEPT_WEIGHT = 50_000
"""Members of all rebalances of all groups, one by one: some 40 MB."""
SPARED = 10
"""Rebalances that a group keeps whatever the others do."""
STORM_SPAN = 60.0
STORM_FROM = 3
"""So many rebalances of a group in `STORM_SPAN` seconds are a storm."""
PIECE = 1000
"""Partitions looked at in one piece of work, some 3 ms; a group and a member weigh as much as so many."""
GROUP = 100
MEMBER = 20


class Timeline:
    """Feed every reading of the groups to `observe`."""

    def __init__(self) -> None:
        self._stories: OrderedDict[str, GroupStory] = OrderedDict()
        """The one that changed last is last."""
        self._vanished = Vanished()
        self._seen: dict[str, Group] = {}
        self._listed: frozenset[str] = frozenset()
        """The groups there were at the newest look that told of all of them …"""
        self._log_of: str | None = None
        """The group whose log is followed."""
        self._listed_at: float | None = None
        """… and when that was."""

    def story(self, group_id: str) -> GroupStory:
        """The story of a group; a new one begins where there is none."""
        found = self._stories.get(group_id)
        if found is None:
            found = self._stories[group_id] = GroupStory(self._vanished)
            if self._listed_at is not None and group_id not in self._listed:
                found.absent(self._listed_at)
            while len(self._stories) > KEPT_STORIES:
                gone, _ = self._stories.popitem(last=False)
                self._seen.pop(gone, None)
        return found

    def observe(self, groups: ClusterGroups, at: float) -> Iterator[None]:
        """Take in a reading of all groups, made at `at`; yields after each bounded piece of work, and must be
        run to its end.
        """
        weight = 0
        for group in groups.groups:
            weight += 1
            if self._seen.get(group.group_id) is not group:
                story = self.story(group.group_id)
                before = story.weight
                yield from story.look(group, at if group.described_at is None else group.described_at)
                self._seen[group.group_id] = group
                if story.weight != before:
                    self._stories.move_to_end(group.group_id)
                weight += GROUP + sum(MEMBER + len(member.assignment) for member in group.members or ())
            if weight >= PIECE:
                weight = 0
                yield
        if not groups.notes:
            self._listed, self._listed_at = frozenset(group.group_id for group in groups.groups), at
            for group_id, story in self._stories.items():
                if story.looked_at is None and group_id not in self._listed:
                    story.absent(at)
        self._bound()

    def observe_topics(self, topics: ClusterTopics, at: float) -> None:
        """Take in a reading of all topics, made at `at`: what is not there any more misses no owner."""
        lost = self._vanished.observe(topics, at)
        for story in self._stories.values() if lost else ():
            story.topics_lost_partitions(lost)

    def observe_log(self, news: GroupLogNews, at: float) -> bool:
        """Take in what came at `at` in the log of the watched group and of those written down beside it;
        whether it tells more of a rebalance.
        """
        if news.group_id != self._log_of:
            if self._log_of is not None and self._log_of in self._stories:
                self._stories[self._log_of].forget_commits()
            self._log_of = news.group_id
        for generation in news.generations:
            if generation.group_id in self._stories or generation.group_id == news.group_id:
                self.story(generation.group_id).observe_generation(generation)
        if news.group_id is not None:
            whole = news.up_to_date and not news.skipped
            self.story(news.group_id).log_read_up_to(at if whole else None)
            if news.commits and self.story(news.group_id).note_commits(news.commits, at):
                return True
        return bool(news.generations)

    def note(self, news: Deed | Report) -> None:
        """Take in what the deck did, or what a consumer of ours told."""
        self.story(news.group).note(news)

    def recent(self, most: int) -> list[tuple[str, Rebalance]]:
        """The newest rebalances of all groups with the group's name, newest first; first looks are none."""
        told = [_rebalances(group_id, story) for group_id, story in self._stories.items()]
        return list(islice(merge(*told, key=lambda pair: -pair[1].started_at), most))

    def storms(self, now: float) -> dict[str, int]:
        """How many rebalances each group had in the last minute, where they are too many."""
        counts = {group_id: story.begun_since(now - STORM_SPAN) for group_id, story in self._stories.items()}
        return {group_id: count for group_id, count in counts.items() if count >= STORM_FROM}

    def _bound(self) -> None:
        """Forget the oldest rebalances of the groups that changed least recently."""
        weight = sum(story.weight for story in self._stories.values())
        for story in self._stories.values():
            if weight <= KEPT_WEIGHT:
                return
            weight -= story.weight
            story.forget(SPARED)
            weight += story.weight


def _rebalances(group_id: str, story: GroupStory) -> Iterator[tuple[str, Rebalance]]:
    return ((group_id, event) for event in story.events if not event.first)

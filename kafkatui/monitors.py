"""One endless stream of readings a pane: poll(), its pace, and what each stream asks how often.

Knows no widget. Each stream is the only asker of its facts, and asks through connections of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import TypeVar

from kafkatui.domain.groups import ClusterGroups
from kafkatui.domain.lag import GroupLag
from kafkatui.domain.partitions import ClusterTopics, Topic, TopicLog
from kafkatui.domain.reading import Reading
from kafkatui.domain.records import TailNews
from kafkatui.errors import ClusterError
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups, read_commits, read_group_list
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.markers import read_transactional
from kafkatui.kafka.records import tail
from kafkatui.kafka.requests import Asker
from kafkatui.kafka.topics import read_cleanup_policies, read_ends, read_metadata

T = TypeVar("T")

SOON = 0.25
"""Seconds between the first two looks of a stream; twice as long each time, up to the usual pause."""
LONGEST_PAUSE = 15.0
"""Seconds between two tries at the most, however often they failed."""
PARTITIONS_A_LOOK = 2_500
"""Partitions whose ends are asked for in one look, beside those on screen: a pane takes 1 ms for each 300."""


class Pace:
    """When to look again: every so many seconds, later after faults and slow answers, at once when asked."""

    def __init__(self, every: float) -> None:
        self.every = every
        self._asked = asyncio.Event()

    def now(self) -> None:
        """Look again at once."""
        self._asked.set()

    def pause(self, spent: float, faults: int) -> float:
        """Seconds until the next look after one that took `spent` seconds, the last `faults` of them failed.

        A look that takes longer than its interval is followed by a pause as long as itself: asking never
        takes more than half of the time.
        """
        pause = max(self.every, spent)
        return pause if not faults else min(max(pause, self.every * 2**faults), max(LONGEST_PAUSE, pause))

    async def rest(self, seconds: float) -> None:
        """Wait `seconds`, or until `now()` is called."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            pass
        self._asked.clear()


async def poll(read: Callable[[], Awaitable[T]], pace: Pace) -> AsyncGenerator[Reading[T]]:
    """Yield a reading now, then one after each pause.

    A `ClusterError` becomes the fault beside the last good value; any other exception is a bug, and passes.
    It never overlaps itself, and it waits while the pane paints. The first pauses are short: rates need a
    second look, and a cluster that has just started changes fast.
    """
    value: T | None = None
    taken_at: float | None = None
    faults = 0
    soon = SOON
    while True:
        fault: str | None = None
        began = monotonic()
        try:
            value, taken_at, faults = await read(), monotonic(), 0
        except ClusterError as error:
            fault, faults = str(error), faults + 1
        pause = pace.pause(monotonic() - began, faults)
        if not faults and soon < pause:
            pause, soon = soon, 2 * soon
        yield Reading(value, fault, taken_at, monotonic() + pause if fault is not None else None)
        await pace.rest(pause)


class Seldom:
    """A question about the whole cluster: the larger the answer, the more seldom it is asked.

    The first pauses are short, where the answer is small: see `poll`.
    """

    PER_ITEM = 0.001
    """Seconds of pause for each item of the answer: 10,000 partitions every 10 s, a small cluster always."""

    def __init__(self, least: float = 0.0, most: float = 15.0) -> None:
        """Seconds that pass in any case before it is asked again, and after which it is."""
        self._least, self._most = least, most
        self._soon = SOON
        self._due_at = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to ask."""
        return monotonic() >= self._due_at

    def asked(self, items: int) -> None:
        """It was answered now, with so many items."""
        pause = min(
            max(items * self.PER_ITEM, self._least), self._most, max(self._soon, items * self.PER_ITEM)
        )
        self._due_at = monotonic() + pause
        self._soon *= 2

    def now(self) -> None:
        """Ask at the next look."""
        self._due_at = 0.0


class TopicsWatch:
    """What the topics task asks: topics and all ends seldom, the ends of what is on screen at every look."""

    STARTS_EVERY = 15.0
    POLICIES_EVERY = 60.0
    TOPIC = 10
    """The settings of a topic weigh as much as so many offsets."""
    TRANSACTIONS_EVERY = 60.0

    def __init__(self, asker: Asker, visible: Callable[[], Collection[str]]) -> None:
        self._asker = asker
        self._visible = visible
        self._value = ClusterTopics()
        self._metadata = Seldom()
        self._ends = Seldom()
        self._round: dict[str, int] = {}
        """Topics whose ends are still to be asked for in this round over all, with their partitions."""
        self._with_starts = False
        """In this round it is asked where logs start, too."""
        self._starts = Seldom(self.STARTS_EVERY, 2 * self.STARTS_EVERY)
        self._policies = Seldom(self.POLICIES_EVERY, 2 * self.POLICIES_EVERY)
        self._transactions = Seldom(self.TRANSACTIONS_EVERY, 2 * self.TRANSACTIONS_EVERY)
        self._looked_at: dict[str, tuple[int | None, ...] | None] = {}
        """Where logs ended when transactions were looked for; ``None``: in vain."""

    async def read(self) -> ClusterTopics:
        """Look once. Raises `ClusterError` where nothing at all was told."""
        if self._metadata.due:
            brokers, topics, cluster_id, notes = await read_metadata(self._asker)
            self._metadata.asked(sum(len(topic.partitions) for topic in topics))
            self._value = replace(
                self._value,
                brokers=brokers,
                topics=topics,
                cluster_id=cluster_id,
                version=self._asker.cluster.version,
                notes=notes,
            )
        topics = self._value.topics
        names = {topic.name for topic in topics}
        logs = {name: log for name, log in self._value.logs.items() if name in names}
        logs.update(await self._read_ends(topics, logs))
        self._value = replace(
            self._value,
            logs=logs,
            compacted=await self._read_policies(names),
            transactional=await self._read_transactional(topics, logs),
        )
        return self._value

    async def _read_ends(
        self, topics: tuple[Topic, ...], logs: Mapping[str, TopicLog]
    ) -> dict[str, TopicLog]:
        if not self._round and self._ends.due:
            self._round = {topic.name: len(topic.partitions) for topic in topics}
            self._with_starts = self._starts.due
            partitions = sum(self._round.values())
            self._ends.asked(partitions)
            if self._with_starts:
                self._starts.asked(partitions)
        turn = set(first_few(self._round, PARTITIONS_A_LOOK))
        visible = self._visible()
        asked = tuple(
            topic for topic in topics if topic.name in turn or topic.name in visible or topic.name not in logs
        )
        try:
            found = await read_ends(self._asker, asked, starts=None if self._with_starts else logs)
        except ClusterError:
            self._metadata.now()
            raise
        self._round = {
            name: size for name, size in self._round.items() if name not in turn and name not in found
        }
        if not self._round:
            self._with_starts = False
        if any(log.faults for log in found.values()):
            self._metadata.now()
        return found

    async def _read_policies(self, names: Collection[str]) -> dict[str, bool | None]:
        """``cleanup.policy`` of new topics at once, of all seldom; not being told it is no reason to stop."""
        known = {name: policy for name, policy in self._value.compacted.items() if name in names}
        everything = self._policies.due
        todo = names if everything else names - known.keys()
        if todo:
            try:
                known.update(await read_cleanup_policies(self._asker, sorted(todo)))
            except ClusterError:
                known.update((name, known.get(name)) for name in todo)
            if everything:
                self._policies.asked(self.TOPIC * len(names))
        return known

    async def _read_transactional(
        self, topics: tuple[Topic, ...], logs: Mapping[str, TopicLog]
    ) -> dict[str, bool | None]:
        """Of what is on screen: at first sight, then seldom, where something was written or nothing was told.

        A transaction once seen is not looked for again.
        """
        known = {name: told for name, told in self._value.transactional.items() if name in logs}
        ends = {name: self._looked_at.get(name) for name in known}
        visible, again = self._visible(), self._transactions.due
        todo = [
            topic
            for topic in topics
            if (name := topic.name) in visible
            and name in logs
            and (name not in known or (again and not known[name] and logs[name].ends != ends[name]))
        ]
        if todo:
            told = await read_transactional(self._asker, todo, logs)
            known.update(told)
            ends.update((name, None if seen is None else logs[name].ends) for name, seen in told.items())
            if again:
                self._transactions.asked(sum(len(topic.partitions) for topic in todo))
        self._looked_at = ends
        return known


def first_few(sizes: Mapping[str, int], most: int) -> Iterator[str]:
    """The first names whose sizes make up `most`, one at least."""
    total = 0
    for name, size in sizes.items():
        total += size
        if total > most and total > size:
            return
        yield name


class GroupsWatch:
    """What the groups task asks: the watched group at every look; the list, all groups and commits seldom."""

    LIST_EVERY = 2.0
    GROUP = 20
    """A group weighs as much as so many commits."""

    def __init__(self, asker: Asker, watched: Callable[[], str | None]) -> None:
        self._asker = asker
        self._watched = watched
        self._value = ClusterGroups()
        self._all = Seldom(self.LIST_EVERY, 10.0)

    async def read(self) -> ClusterGroups:
        """Look once. Raises `ClusterError` where nothing at all was told."""
        watched = self._watched()
        if self._all.due:
            listed, notes = await read_group_list(self._asker)
            commits, groups = await asyncio.gather(
                read_commits(self._asker, [group.group_id for group in listed]),
                describe_groups(self._asker, listed),
            )
            offsets = sum(len(commit.offsets) for commit in commits.values())
            self._all.asked(offsets + self.GROUP * len(groups))
            self._value = ClusterGroups(groups, commits, notes)
            return self._value
        known = next((group for group in self._value.groups if group.group_id == watched), None)
        if known is not None:
            (described,) = await describe_groups(self._asker, [known])
            groups = tuple(described if group is known else group for group in self._value.groups)
            self._value = replace(self._value, groups=groups)
        return self._value


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of the four panes over one cluster, and what asking has cost."""

    topics: Callable[[Callable[[], Collection[str]], Pace], AsyncGenerator[Reading[ClusterTopics]]]
    groups: Callable[[Callable[[], str | None], Pace], AsyncGenerator[Reading[ClusterGroups]]]
    group_lag: Callable[[str, str, Pace], AsyncGenerator[Reading[GroupLag]]]
    tail: Callable[[str, Pace], AsyncGenerator[Reading[TailNews]]]
    cost: Callable[[], tuple[int, int]]
    """Requests sent and bytes moved since the start."""


def streams(cluster: Cluster) -> Streams:
    """Each stream opens connections of its own when it begins and closes them when it ends."""

    async def topics(
        visible: Callable[[], Collection[str]], pace: Pace
    ) -> AsyncGenerator[Reading[ClusterTopics]]:
        async with (
            cluster.asker("topics") as asker,
            aclosing(poll(TopicsWatch(asker, visible).read, pace)) as read,
        ):
            async for reading in read:
                yield reading

    async def groups(watched: Callable[[], str | None], pace: Pace) -> AsyncGenerator[Reading[ClusterGroups]]:
        async with (
            cluster.asker("groups") as asker,
            aclosing(poll(GroupsWatch(asker, watched).read, pace)) as read,
        ):
            async for reading in read:
                yield reading

    async def group_lag(group_id: str, topic: str, pace: Pace) -> AsyncGenerator[Reading[GroupLag]]:
        async with (
            cluster.asker("lag") as asker,
            aclosing(poll(partial(read_group_lag, asker, group_id, topic), pace)) as read,
        ):
            async for reading in read:
                yield reading

    async def follow_tail(topic: str, pace: Pace) -> AsyncGenerator[Reading[TailNews]]:
        faults = 0
        taken_at: float | None = None
        while True:
            fault: str | None = None
            try:
                async with (
                    cluster.asker("tail") as asker,
                    aclosing(tail(asker, topic, limit=cluster.config.tail_limit)) as read,
                ):
                    async for news in read:
                        faults, taken_at = 0, monotonic()
                        yield Reading(news, None, taken_at)
            except ClusterError as error:
                fault, faults = str(error), faults + 1
            pause = pace.pause(0.0, faults)
            yield Reading(None, fault, taken_at, monotonic() + pause)
            await pace.rest(pause)

    return Streams(topics, groups, group_lag, follow_tail, lambda: (cluster.requests, cluster.bytes))

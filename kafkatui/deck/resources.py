"""The deck's topics and group: they are made when they are needed, reset by a key, and removed at the end."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.groups import DEAD, Group
from kafkatui.domain.cluster.partitions import Topic
from kafkatui.errors import ClusterError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups
from kafkatui.kafka.topics import read_metadata

PREFIX = "kafkatui-"
"""Only topics and groups whose names begin with this are ever removed."""

MIB = 2**20
KEEP = {"segment.bytes": f"{4 * MIB}", "retention.bytes": f"{16 * MIB}"}
"""Settings of the topics that keep few bytes, so that the deck does not fill the disk."""

SEEN_WITHIN = 5.0
"""Seconds to wait until all brokers know a new topic, or none knows a deleted one."""
EMPTY_WITHIN = 8.0
"""Seconds to wait until a group is empty: where members cannot be removed, their sessions must end first."""
MOVED_WITHIN = 30.0
"""Seconds to wait until the partitions of a dead broker have new leaders, or a restarted broker is listed."""
LOOK_EVERY = 0.05


class Resources:
    """The deck's topics and group on a cluster. Every method may raise `ClusterError`."""

    def __init__(self, cluster: Cluster, group: str, topics: Mapping[str, int]) -> None:
        """`topics`: name → number of partitions at the start."""
        self.group = group
        self.topics = dict(topics)
        """Name → number of partitions now."""
        self._start = dict(topics)
        self._admin = Admin(cluster)
        self._asker = cluster.asker("deck")

    @property
    def as_at_start(self) -> bool:
        """Whether every topic has as many partitions as at the start."""
        return self.topics == self._start

    async def read_topics(self) -> tuple[Topic, ...]:
        """The deck's topics that exist."""
        _, topics, *_ = await read_metadata(self._asker, list(self.topics))
        return tuple(topic for topic in topics if topic.error is None)

    async def read_all_topics(self) -> tuple[Topic, ...]:
        """All topics of the cluster but Kafka's own; empty where no broker answers."""
        try:
            _, topics, *_ = await read_metadata(self._asker)
        except ClusterError:
            return ()
        return tuple(topic for topic in topics if not topic.internal)

    async def wait_for_all_topics(self, right: Callable[[Sequence[Topic]], bool]) -> tuple[Topic, ...]:
        """All topics but Kafka's own, once `right` is true for them, or after the time to wait is over."""
        topics: tuple[Topic, ...] = ()
        with suppress(TimeoutError):
            async with asyncio.timeout(MOVED_WITHIN):
                while not topics or not right(topics):
                    await asyncio.sleep(5 * LOOK_EVERY)
                    topics = await self.read_all_topics() or topics
        return topics

    async def lists_brokers(self, nodes: Collection[int]) -> bool:
        """Wait until the cluster lists the brokers `nodes`; ``False``: the time to wait is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(MOVED_WITHIN):
                while True:
                    with suppress(ClusterError):
                        brokers, *_ = await read_metadata(self._asker, [])
                        if {broker.node_id for broker in brokers}.issuperset(nodes):
                            return True
                    await asyncio.sleep(LOOK_EVERY)
        return False

    async def make(self) -> None:
        """Create the topics that do not exist, and wait until each partition has a leader."""
        there = {topic.name: len(topic.partitions) for topic in await self.read_topics()}
        self.topics |= there
        for name, partitions in self.topics.items():
            if name not in there:
                await self._admin.create_topics([name], partitions=partitions, configs=KEEP)
        await self._until(self._all_led)

    async def add_partition(self, topic: str) -> int:
        """Add one partition to `topic`; returns how many it has now."""
        total = self.topics[topic] + 1
        await self._admin.create_partitions(topic, total)
        self.topics[topic] = total
        return total

    async def remove_members(self) -> None:
        """Remove all members of the group: killed consumers would stay members until their sessions end."""
        group = await self._describe()
        await self._admin.remove_members(
            self.group, [member.member_id for member in group.members or ()], group.kind
        )

    async def reset(self) -> None:
        """Remove the members, the group, and the topics that got more partitions; create these topics
        again."""
        await self._remove_group()
        if not self.as_at_start:
            await self._remove_topics([name for name, now in self.topics.items() if now != self._start[name]])
            self.topics = dict(self._start)
        await self.make()

    async def remove(self) -> None:
        """Remove the group and the topics; it is no fault if they do not exist."""
        await asyncio.gather(self._remove_group(), self._remove_topics(list(self.topics)))

    async def _remove_group(self) -> None:
        """Delete the group; tries again while its coordinator moves, or the sessions of its members have not
        ended."""
        ours(self.group)
        last = ClusterError(f"deleting {self.group}: no answer")
        try:
            async with asyncio.timeout(EMPTY_WITHIN):
                while True:
                    try:
                        await self.remove_members()
                        return await self._admin.delete_groups([self.group])
                    except ClusterError as error:
                        if error.kind not in (FaultKind.PASSING, FaultKind.NOT_EMPTY):
                            raise
                        last = error
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise last from None

    async def _remove_topics(self, names: Sequence[str]) -> None:
        there = {topic.name for topic in await self.read_topics()}
        names = [ours(name) for name in names if name in there]
        if names:
            await self._admin.delete_topics(names)
            await self._until(lambda topics: not {topic.name for topic in topics}.intersection(names))

    async def _until(self, right: Callable[[Sequence[Topic]], bool]) -> None:
        """Wait until `right` is true for the topics, or the time to wait is over: then the next request
        fails."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SEEN_WITHIN):
                while True:
                    if right(await self.read_topics()):
                        return
                    await asyncio.sleep(LOOK_EVERY)

    async def _describe(self) -> Group:
        (group,) = await describe_groups(self._asker, [Group(self.group)])
        if group.fault is not None and group.state != DEAD:
            raise ClusterError(f"reading the group {self.group}: {group.fault}", group.fault.kind)
        return group

    def _all_led(self, topics: Sequence[Topic]) -> bool:
        return {topic.name: len(topic.partitions) for topic in topics} == self.topics and all(
            partition.leader is not None for topic in topics for partition in topic.partitions
        )


def ours(name: str) -> str:
    """`name`, if it may be removed as it was made for the deck; else raises `ValueError`, as that is a
    bug."""
    if not name.startswith(PREFIX):
        raise ValueError(f"{name!r} is not the deck's")
    return name

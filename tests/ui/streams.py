"""Streams for the tests of the screens: prepared readings instead of a cluster."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind, Member
from kafkatui.domain.cluster.partitions import (
    Broker,
    ClusterTopics,
    Partition,
    Topic,
    TopicLog,
    TopicPartition,
)
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag, PartitionLag
from kafkatui.domain.records.records import Record, TailNews
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams


def shop_topics(
    at: float, names: Sequence[str] = ("audit", "clicks", "orders", "payments", "scratch"), less: int = 0
) -> ClusterTopics:
    """A cluster of one broker with a few topics of 6 partitions, 100 records each; ``scratch`` is empty.
    `less`: so many records of each partition were not written yet.
    """
    topics = tuple(
        Topic(name, tuple(Partition(number, 1, 0, (1,), (1,)) for number in range(6))) for name in names
    )
    logs = {name: TopicLog((0,) * 6, ((0 if name == "scratch" else 100 - less),) * 6, at) for name in names}
    return ClusterTopics(
        brokers=(Broker(1, "127.0.0.1", 9092),),
        topics=topics,
        logs=logs,
        compacted=dict.fromkeys(names, False),
        counted={name: 0 if name == "scratch" else 600 for name in names},
        cluster_id="shop",
        version="4.1",
    )


def shop_groups(at: float, name: str = "billing", topic: str = "orders", less: int = 0) -> ClusterGroups:
    """One group of two members that share a topic of 6 partitions; 10 records behind on each. `less`: so many
    records of each partition were not read yet.
    """
    members = tuple(
        Member(
            member_id=f"c{number}-{number * 4}a2e",
            client_id=f"c{number}",
            host="10.0.0.7",
            assignment=tuple(TopicPartition(topic, partition) for partition in partitions),
            subscription=(topic,),
        )
        for number, partitions in ((1, range(3)), (2, range(3, 6)))
    )
    group = Group(name, GroupKind.CLASSIC, "Stable", "range", 1, members, described_at=at)
    commits = GroupCommits(
        {TopicPartition(topic, partition): 90 - less for partition in range(6)}, taken_at=at
    )
    return ClusterGroups((group,), {name: commits})


def shop_lag(at: float, group: str = "billing", topic: str = "orders") -> GroupLag:
    """10 records behind on each of 6 partitions."""
    partitions = tuple(PartitionLag(TopicPartition(topic, number), 90, 0, 100) for number in range(6))
    return GroupLag(group, topic, partitions, at)


def shop_records(topic: str = "orders", count: int = 5) -> TailNews:
    """A few records of an order each."""
    records = tuple(
        Record(
            topic,
            number % 6,
            95 + number,
            1_795_000_000_000 + 40 * number,
            "CreateTime",
            f"user-{number:02}".encode(),
            b'{"id":%d,"total":12.40}' % number,
            (("protocol", b"http"), ("trace-id", b"4bf92f35")),
            7,
            22,
        )
        for number in range(count)
    )
    return TailNews(records, rate=5.0, partitions=6)


def prepared(
    *,
    topics: Sequence[Reading[ClusterTopics]] = (),
    groups: Sequence[Reading[ClusterGroups]] = (),
    lags: Callable[[str, str], Sequence[Reading[GroupLag]]] = lambda group, topic: (),
    tails: Callable[[str], Sequence[Reading[TailNews]]] = lambda topic: (),
) -> Streams:
    """Streams that give these readings, then nothing more."""

    async def give(readings: Sequence[Reading[Any]]) -> AsyncGenerator[Reading[Any]]:
        for reading in readings:
            yield reading
        await asyncio.Event().wait()

    def give_topics(
        visible: Callable[[], Collection[str]], pace: Pace
    ) -> AsyncGenerator[Reading[ClusterTopics]]:
        return give(topics)

    def give_groups(watched: Callable[[], str | None], pace: Pace) -> AsyncGenerator[Reading[ClusterGroups]]:
        return give(groups)

    return Streams(
        give_topics,
        give_groups,
        lambda group, topic, pace: give(lags(group, topic)),
        lambda topic, pace: give(tails(topic)),
        lambda watched, pace: give(()),
        lambda: (0, 0),
    )


class Feed:
    """Readings that a test gives one after the other, while the program runs; the tail's and the lag's are of
    whatever is selected.
    """

    def __init__(self) -> None:
        self.topics: asyncio.Queue[Reading[ClusterTopics]] = asyncio.Queue()
        self.groups: asyncio.Queue[Reading[ClusterGroups]] = asyncio.Queue()
        self.lags: asyncio.Queue[Reading[GroupLag]] = asyncio.Queue()
        self.tail: asyncio.Queue[Reading[TailNews]] = asyncio.Queue()

    def streams(self, lags: Callable[[str, str], Sequence[Reading[GroupLag]]] | None = None) -> Streams:
        """Streams that give them; `lags`: all readings of a group on a topic, in place of `self.lags`."""

        async def give(readings: asyncio.Queue[Reading[Any]]) -> AsyncGenerator[Reading[Any]]:
            while True:
                yield await readings.get()

        found = replace(
            prepared(),
            topics=lambda visible, pace: give(self.topics),
            groups=lambda watched, pace: give(self.groups),
            group_lag=lambda group, topic, pace: give(self.lags),
            tail=lambda topic, pace: give(self.tail),
        )
        return found if lags is None else replace(found, group_lag=prepared(lags=lags).group_lag)

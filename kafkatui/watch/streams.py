"""The endless streams of readings: each fact is asked for by one stream only, and each stream has its own
connections.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from time import monotonic

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.brokers import ClusterBrokers
from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.partitions import ClusterTopics, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topic_facts import TopicFacts
from kafkatui.domain.lag.ages import WrittenAt
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.unread import Answer, Doubt
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.past import PastRebalances
from kafkatui.domain.records.records import TailNews
from kafkatui.errors import ClusterError
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.group_log import GroupLog
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.log_scan import LogScan
from kafkatui.kafka.past_rebalances import RATE, search
from kafkatui.kafka.records import tail
from kafkatui.kafka.unread import UnreadSearch
from kafkatui.watch.ages import AgesWatch
from kafkatui.watch.brokers import BrokersWatch
from kafkatui.watch.groups import GroupsWatch
from kafkatui.watch.pace import SOON, Pace, poll
from kafkatui.watch.topic_page import TopicPageWatch
from kafkatui.watch.topics import TopicsWatch

MOST_DOUBTS = 500
"""How many doubts, each about one partition, are looked up in one search, at most."""
HURRY = 1.0
"""Seconds between two looks at the topics, at most, while a broker or a replica is missing: leaders may move
at any moment.
"""
LOG_AGAIN = 5.0
"""Seconds between two tries to follow the log of a group, at most."""
PAST_AGAIN, PAST_AGAIN_MOST = 5.0, 300.0
"""Seconds between two tries to find the rebalances before the start, the first time and at most."""
LOG_DENIED = 60.0
"""Seconds between two tries where this user may not read the log."""


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one cluster, and how much asking has cost."""

    topics: Callable[[Callable[[], Collection[str]], Pace], AsyncGenerator[Reading[ClusterTopics]]]
    groups: Callable[[Callable[[], str | None], Pace], AsyncGenerator[Reading[ClusterGroups]]]
    group_lag: Callable[[str, str, Pace], AsyncGenerator[Reading[GroupLag]]]
    tail: Callable[[str, Pace], AsyncGenerator[Reading[TailNews]]]
    group_log: Callable[[Callable[[], str | None], Pace], AsyncGenerator[Reading[GroupLogNews]]]
    """News from the log of the selected group, if it is a classic group; for other groups no news is
    yielded.
    """
    cost: Callable[[], tuple[int, int]]
    """Requests sent and bytes sent and received since the start."""
    unread: (
        Callable[[Callable[[], Sequence[Doubt]], Pace], AsyncGenerator[Reading[tuple[Answer, ...]]]] | None
    ) = None
    """Answers to doubts: whether anything readable lies between a commit and the end of the log; ``None``: no
    stream looks this up.
    """
    brokers: (
        Callable[[Callable[[], Mapping[str, int]], Pace], AsyncGenerator[Reading[ClusterBrokers]]] | None
    ) = None
    """The state of the brokers themselves, for their page; the first argument gives the topics with a
    partition that is being reassigned, and how many partitions each has. ``None``: no stream reads it.
    """
    ages: (
        Callable[
            [Callable[[], Mapping[TopicPartition, int]], Pace],
            AsyncGenerator[Reading[Mapping[TopicPartition, WrittenAt]]],
        ]
        | None
    ) = None
    """When records were written, by partition; ``None``: no stream looks this up."""
    topic_page: Callable[[str, Pace], AsyncGenerator[Reading[TopicFacts]]] | None = None
    """The facts that only the page of a topic shows; ``None``: no stream reads them."""
    past: Callable[[], AsyncGenerator[Reading[PastRebalances]]] | None = None
    """The last rebalances before the start; it ends once they are found. ``None``: no stream looks them
    up.
    """


def streams(cluster: Cluster) -> Streams:
    """The streams of `cluster`. Each opens its own connections when it begins and closes them when it
    ends.
    """

    async def topics(
        visible: Callable[[], Collection[str]], pace: Pace
    ) -> AsyncGenerator[Reading[ClusterTopics]]:
        async with cluster.asker("topics") as asker, cluster.asker("count") as counter:
            scan = LogScan(counter, limit=cluster.config.tail_limit)
            watch = TopicsWatch(asker, visible, scan)

            async def look() -> ClusterTopics:
                try:
                    return await watch.read()
                finally:
                    pace.hurry = HURRY if watch.unwell else None

            read = poll(look, pace)
            async with scan.running(), aclosing(read):
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
        backoff: Backoff | None = None
        first_looks = pace.first_looks()
        taken_at: float | None = None
        while True:
            fault: Fault | None = None
            try:
                async with (
                    cluster.asker("tail") as asker,
                    aclosing(tail(asker, topic, limit=cluster.config.tail_limit)) as read,
                ):
                    async for news in read:
                        backoff, taken_at = None, monotonic()
                        yield Reading(news, None, taken_at)
            except ClusterError as error:
                fault, backoff = error.fault, backoff or pace.backoff()
            pause = pace.pause(0.0, 0.0 if backoff is None else backoff.failed())
            if taken_at is None:
                pause = min(pause, first_looks.failed())
            yield Reading(None, fault, taken_at, monotonic() + pause)
            await pace.rest(pause)

    async def group_log(
        watched: Callable[[], str | None], pace: Pace
    ) -> AsyncGenerator[Reading[GroupLogNews]]:
        backoff = Backoff(SOON, LOG_AGAIN)
        taken_at: float | None = None
        async with cluster.asker("group log") as asker:
            log = GroupLog(asker, watched, limit=cluster.config.tail_limit)
            while True:
                try:
                    news = await log.news()
                except ClusterError as error:
                    pause = backoff.failed()
                    if error.kind is FaultKind.DENIED:
                        pause = LOG_DENIED
                    yield Reading(None, error.fault, taken_at, monotonic() + pause)
                    await pace.rest(pause)
                else:
                    backoff.succeeded()
                    taken_at = monotonic()
                    if news.group_id is not None:
                        yield Reading(news, None, taken_at)

    async def unread(
        doubts: Callable[[], Sequence[Doubt]], pace: Pace
    ) -> AsyncGenerator[Reading[tuple[Answer, ...]]]:
        async with cluster.asker("unread") as asker:
            search = UnreadSearch(asker)
            while True:
                if answers := await search.answers(doubts()[:MOST_DOUBTS]):
                    yield Reading(answers, None, monotonic())
                await pace.rest(pace.every)

    async def brokers(
        moving: Callable[[], Mapping[str, int]], pace: Pace
    ) -> AsyncGenerator[Reading[ClusterBrokers]]:
        async with (
            cluster.asker("brokers") as asker,
            aclosing(poll(BrokersWatch(asker, moving).read, pace)) as read,
        ):
            async for reading in read:
                yield reading

    async def ages(
        wanted: Callable[[], Mapping[TopicPartition, int]], pace: Pace
    ) -> AsyncGenerator[Reading[Mapping[TopicPartition, WrittenAt]]]:
        async with (
            cluster.asker("ages") as asker,
            aclosing(poll(AgesWatch(asker, wanted).read, pace)) as read,
        ):
            async for reading in read:
                yield reading

    async def topic_page(topic: str, pace: Pace) -> AsyncGenerator[Reading[TopicFacts]]:
        async with (
            cluster.asker("topic page") as asker,
            aclosing(poll(TopicPageWatch(asker, topic).read, pace)) as read,
        ):
            async for reading in read:
                yield reading

    async def past() -> AsyncGenerator[Reading[PastRebalances]]:
        backoff = Backoff(PAST_AGAIN, PAST_AGAIN_MOST)
        rate = min(RATE, cluster.config.tail_limit)
        while True:
            try:
                async with cluster.asker("past") as asker, aclosing(search(asker, rate=rate)) as found:
                    async for value in found:
                        yield Reading(value, None, monotonic())
            except ClusterError as error:
                yield Reading(None, error.fault)
                await asyncio.sleep(backoff.failed())
            else:
                return

    def cost() -> tuple[int, int]:
        return cluster.requests, cluster.bytes

    return Streams(
        topics,
        groups,
        group_lag,
        follow_tail,
        group_log,
        cost,
        unread=unread,
        brokers=brokers,
        ages=ages,
        topic_page=topic_page,
        past=past,
    )

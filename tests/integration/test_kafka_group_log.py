"""Every generation of a real group, read from ``__consumer_offsets``, against the story from
DescribeGroups."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka import TopicPartition as Commit
from confluent_kafka.admin import AdminClient

from kafkatui.config import load_config
from kafkatui.domain.cluster.groups import ClusterGroups, Group, Member
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.rebalance.generations import Generation, GroupLogNews, group_partition
from kafkatui.domain.rebalance.rebalances import Rebalance, Source
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.group_log import TOPIC
from kafkatui.kafka.listing import LATEST
from kafkatui.kafka.topics import read_metadata, read_offsets
from kafkatui.local import LocalCluster
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, connected
from tests.patience import PATIENCE

pytestmark = pytest.mark.kafka

Unique = Callable[[str], str]

LOOK = 0.3
"""Seconds between two looks at the watched group."""
SETTLED = 0.7
"""Seconds in which several looks see a change."""


class Log:
    """All that the stream of a group's log has yielded so far."""

    def __init__(self) -> None:
        self.group_id: str | None = None
        """The group to watch."""
        self.readings: list[Reading[GroupLogNews]] = []

    @property
    def news(self) -> list[GroupLogNews]:
        return [reading.value for reading in self.readings if reading.value is not None]

    def generations(self, group_id: str | None = None) -> list[Generation]:
        """The generations of the watched group, or of another one."""
        group_id = group_id or self.group_id
        return [one for news in self.news for one in news.generations if one.group_id == group_id]

    def late(self, number: int) -> float:
        """Seconds from writing a generation to its arrival in the stream."""
        return next(
            (reading.taken_at or 0.0) - one.at
            for reading in self.readings
            for one in (reading.value.generations if reading.value else ())
            if (one.group_id, one.number) == (self.group_id, number)
        )

    def up_to_date(self, group_id: str) -> bool:
        return bool(self.news) and self.news[-1].up_to_date and self.news[-1].group_id == group_id


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` until the block ends; it must not end before."""
    task = asyncio.create_task(work)
    try:
        yield
        assert not task.done(), task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def following(cluster: Cluster, group_id: str | None) -> AsyncIterator[Log]:
    """The log of that group, followed during the block."""
    log = Log()
    log.group_id = group_id

    async def follow() -> None:
        async with aclosing(streams(cluster).group_log(lambda: log.group_id, Pace(1.0))) as stream:
            async for reading in stream:
                log.readings.append(reading)

    async with meanwhile(follow()):
        yield log


@asynccontextmanager
async def looking(cluster: Cluster, group_id: str) -> AsyncIterator[list[Group]]:
    """The group as looks of the program showed it during the block; equal looks that follow each other
    once."""
    seen: list[Group] = []

    async def look() -> None:
        async with aclosing(streams(cluster).groups(lambda: group_id, Pace(LOOK))) as stream:
            reading: Reading[ClusterGroups]
            async for reading in stream:
                for group in reading.value.groups if reading.value else ():
                    if group.group_id == group_id and (not seen or group is not seen[-1]):
                        seen.append(group)

    async with meanwhile(look()):
        yield seen


@pytest.fixture
async def topic(admin: Admin, unique: Unique) -> AsyncIterator[str]:
    """A topic of six partitions."""
    name = unique("orders")
    await admin.create_topics([name], partitions=6)
    yield name
    await admin.delete_topics([name])


def sizes(generation: Generation) -> list[int]:
    """How many partitions each member owns."""
    return sorted(len(member.assignment) for member in generation.members)


def picture(of: Generation | Group) -> tuple[Any, ...]:
    """The partitions of each member, and the assignor: to compare a generation with a group."""
    members: tuple[Member, ...] = of.members or ()
    owned = [(member.member_id, member.client_id, member.host, member.assignment) for member in members]
    return (of.assignor if members else None, *owned)


def stable(looks: list[Group]) -> list[tuple[Any, ...]]:
    """The pictures that looks showed while the group did not rebalance, without repetitions."""
    shown: list[tuple[Any, ...]] = []
    for group in looks:
        if group.state in {"Stable", "Empty"} and (not shown or shown[-1] != picture(group)):
            shown.append(picture(group))
    return shown


def in_order(few: list[Any], many: list[Any]) -> bool:
    """Whether all of `few` are in `many`, in that order."""
    rest: Iterator[Any] = iter(many)
    return all(one in rest for one in few)


def told(event: Rebalance) -> tuple[Any, ...]:
    """The fields of a rebalance but its times."""
    return (
        event.joined,
        event.gone,
        sorted(event.moves or (), key=str),
        event.members,
        event.assignor,
        event.owned,
    )


def story(looks: list[Group], log: Log | None = None) -> GroupStory:
    """A group's story from looks, and from the log, each taken in at its time."""
    events: list[tuple[float, Group | Reading[GroupLogNews]]] = [
        (look.described_at or 0.0, look) for look in looks
    ]
    if log is not None:
        events += [(reading.taken_at or 0.0, reading) for reading in log.readings if reading.value]
    found = GroupStory()
    for at, event in sorted(events, key=lambda pair: pair[0]):
        if isinstance(event, Group):
            found.observe(event, at)
        elif event.value is not None:
            for generation in event.value.generations:
                if log is not None and generation.group_id == log.group_id:
                    found.observe_generation(generation)
            found.log_read_up_to(at if event.value.up_to_date else None)
    return found


async def test_the_log_and_looks_tell_the_same_story(
    kafka: Kafka, cluster: Cluster, admin: Admin, topic: str, unique: Unique
) -> None:
    group_id = unique("billing")
    first, second = (
        {"partition_assignment_strategy": (assignor,)}
        for assignor in (RangePartitionAssignor, RoundRobinPartitionAssignor)
    )

    async with AsyncExitStack() as stack:
        members: dict[str, AsyncExitStack] = {}

        async def join(client_id: str, strategy: dict[str, Any]) -> None:
            members[client_id] = await stack.enter_async_context(AsyncExitStack())
            await members[client_id].enter_async_context(
                classic_member(kafka.bootstrap_servers, group_id, topic, client_id, **strategy)
            )

        await join("c1", first)
        log = await stack.enter_async_context(following(cluster, group_id))
        looks = await stack.enter_async_context(looking(cluster, group_id))

        async def settled(number: int, *partitions: int) -> None:
            """Wait until the log and several looks show the generation."""

            def shown() -> bool:
                newest = log.generations()[-1:]
                return [(one.number, sizes(one)) for one in newest] == [
                    (number, sorted(partitions))
                ] and stable(looks)[-1:] == [picture(one) for one in newest]

            await eventually(shown)
            await asyncio.sleep(SETTLED)

        await settled(1, 6)
        await join("c2", first)
        await settled(2, 3, 3)
        await join("c3", first)
        await settled(3, 2, 2, 2)
        await members["c1"].aclose()
        await settled(4, 3, 3)
        await members["c2"].aclose()
        await settled(5, 6)
        await members["c3"].aclose()
        await settled(6)
        await join("c4", second)
        await settled(7, 6)
        await join("c5", second)
        await settled(8, 3, 3)
        await members["c5"].aclose()
        await settled(9, 6)
        await members["c4"].aclose()
        await settled(10)
        await admin.delete_groups([group_id])
        await eventually(lambda: log.generations()[-1:][0].number == 0)

    generations = log.generations()
    assert [one.number for one in generations] == [*range(11), 0]
    assert [one.assignor for one in generations[1:10]] == ["range"] * 5 + [None] + ["roundrobin"] * 3
    assert all(not news.skipped for news in log.news)
    for one in generations:
        owned = [partition for member in one.members for partition in member.assignment]
        assert sorted(owned) == ([(topic, number) for number in range(6)] if one.members else [])
        assert all(member.host and member.subscription == (topic,) for member in one.members)
    assert in_order(stable(looks), [picture(one) for one in generations])

    by_looks, by_both = story(looks), story(looks, log)
    assert [told(event) for event in by_looks.events] == [told(event) for event in by_both.events]
    assert {event.source for event in by_looks.events} == {Source.LOOKS}
    assert {event.source for event in by_both.events if not event.first} == {Source.LOG}
    numbers = [event.generation for event in reversed(by_both.events)]
    assert numbers == [one.number for one in generations[1:-1]]
    looked_at = [look.described_at or 0.0 for look in looks]
    for mine, other in zip(by_both.events, by_looks.events, strict=True):
        if not mine.first:
            assert mine.ended_at is not None
            assert other.ended_at is not None
            # the look before did not show it, and was asked for after the answer to the one before that
            place = looked_at.index(other.ended_at)
            before = looked_at[place - 2] if place >= 2 else float("-inf")
            assert before < mine.ended_at <= other.ended_at, "within the bracket of the looks"


async def test_changes_too_quick_for_looks(
    kafka: Kafka, cluster: Cluster, topic: str, unique: Unique
) -> None:
    """Looks miss some generations; those they show stable are in the log, in the same order."""
    group_id = unique("busy")

    async def come_and_go(client_id: str) -> None:
        for pause in (0.1, 0.3, 0.5, 0.8):
            async with classic_member(kafka.bootstrap_servers, group_id, topic, client_id):
                await asyncio.sleep(pause)

    async with (
        classic_member(kafka.bootstrap_servers, group_id, topic, "c0"),
        following(cluster, group_id) as log,
        looking(cluster, group_id) as looks,
    ):
        await asyncio.gather(*(come_and_go(f"c{number}") for number in range(1, 4)))
        await eventually(lambda: log.generations() and sizes(log.generations()[-1]) == [6])
        await eventually(lambda: stable(looks)[-1:] == [picture(log.generations()[-1])])
    numbers = [one.number for one in log.generations()]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert in_order(stable(looks), [picture(one) for one in log.generations()])
    times = [one.at for one in log.generations()]
    assert times == sorted(times)
    by_both = story(looks, log)
    exact = [event.generation for event in reversed(by_both.events) if event.source is Source.LOG]
    assert exact == numbers[-len(exact) :]
    assert len(exact) >= 4
    assert by_both.events[0].ended_at == times[-1]


async def test_a_static_member_that_rejoins_starts_no_new_generation(
    kafka: Kafka, cluster: Cluster, topic: str, unique: Unique
) -> None:
    group_id, place = unique("static"), {"group_instance_id": "place-1"}
    async with following(cluster, group_id) as log:
        for _ in range(2):
            async with classic_member(kafka.bootstrap_servers, group_id, topic, "c1", **place):
                pass
        await eventually(lambda: len(log.generations()) == 3)
    _, before, after = log.generations()
    assert (before.number, after.number) == (1, 1)
    (old,), (new,) = before.members, after.members
    assert (old.group_instance_id, new.group_instance_id) == ("place-1", "place-1")
    assert old.member_id != new.member_id
    assert old.assignment == new.assignment


async def test_a_generation_comes_at_once_with_the_time_it_was_written(
    kafka: Kafka, cluster: Cluster, topic: str, unique: Unique
) -> None:
    group_id, assigned = unique("exact"), list[float]()

    class Listener(ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None: ...

        def on_partitions_assigned(self, partitions: set[TopicPartition]) -> None:
            assigned.append(monotonic())

    def told_to_both(rebalances: int) -> bool:
        return len(assigned) == log.generations()[-1].number == rebalances + 1

    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers, group_id=group_id, heartbeat_interval_ms=200
    )
    consumer.subscribe([topic], listener=Listener())
    async with following(cluster, group_id) as log, AsyncExitStack() as stack:
        await eventually(lambda: log.up_to_date(group_id))
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        await eventually(lambda: log.generations() and log.generations()[-1].members)
        for rebalances in (2, 4, 6):
            async with classic_member(kafka.bootstrap_servers, group_id, topic, "c2"):
                pass
            await eventually(partial(told_to_both, rebalances))
    written = [one for one in log.generations() if one.members]  # not the last, when the consumer left
    late = [log.late(one.number) for one in written]
    assert sorted(late)[len(late) // 2] < 0.3, "it is told when it is written, not at the next look"
    for one, at in zip(written, assigned, strict=True):
        assert -0.02 < at - one.at < PATIENCE, "it is written just before the members are told"


async def test_another_group_is_watched_for_a_while(
    kafka: Kafka, cluster: Cluster, admin: Admin, topic: str, unique: Unique
) -> None:
    here = unique("here")
    there, beside = unique("there"), unique("beside")
    while group_partition(there, 3) == group_partition(here, 3):
        there = unique("there")
    while group_partition(beside, 3) != group_partition(here, 3):
        beside = unique("beside")
    servers = kafka.bootstrap_servers
    async with (
        classic_member(servers, here, topic, "c1"),
        classic_member(servers, there, topic, "c2"),
        following(cluster, None) as log,
    ):
        await asyncio.sleep(0.5)
        assert log.readings == []
        log.group_id = here
        await eventually(lambda: log.up_to_date(here))
        assert [one.number for one in log.generations()] == [0, 1], "what is written down already is told"
        assert log.generations(there) == []
        log.group_id = there
        await eventually(lambda: log.up_to_date(there))
        assert [one.number for one in log.generations()] == [0, 1]
        async with classic_member(servers, here, topic, "c3"):
            pass
        async with classic_member(servers, beside, topic, "c4"):
            pass
        log.group_id = here
        await eventually(lambda: len(log.generations()) >= 4)
        assert [one.number for one in log.generations()] == [0, 1, 2, 3], "nothing is told twice"
        await eventually(lambda: log.generations(beside)[-1:] and not log.generations(beside)[-1].members)
        log.group_id = beside
        await eventually(lambda: log.up_to_date(beside))
        assert [one.number for one in log.generations()] == [0, 1, 2], "groups of one partition come together"
    assert all(not news.skipped for news in log.news)
    await admin.delete_groups([here, there, beside])


async def test_more_is_written_than_may_be_downloaded(
    kafka: Kafka, admin: Admin, topic: str, unique: Unique
) -> None:
    group_id, other = unique("calm"), unique("wild")
    while group_partition(other, 3) != group_partition(group_id, 3):
        other = unique("wild")
    config = load_config(kafka.bootstrap_servers, environ={}, tail_limit=64 * 1024)
    commits = [Commit(topic, number % 6, number, "m" * 500) for number in range(6)]
    client = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})

    def commit(times: int) -> None:
        for _ in range(times):
            client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(other, commits)])[other].result(
                20
            )

    async with Cluster(config) as cluster:
        await cluster.connect()
        async with following(cluster, group_id) as log:
            async with classic_member(kafka.bootstrap_servers, group_id, topic, "c1"):
                await eventually(lambda: log.generations() and log.up_to_date(group_id))
                before, began = cluster.bytes, monotonic()
                await asyncio.to_thread(commit, 200)
                so_far = len(log.news)
                await eventually(lambda: sum(news.skipped for news in log.news) > 0)
                await eventually(lambda: len(log.news) > so_far + 1 and log.up_to_date(group_id))
                # half a second's worth at once, one answer more than that, then as much as the limit
                assert cluster.bytes - before < (monotonic() - began + 0.5) * 64 * 1024 + 600 * 1024
                async with classic_member(kafka.bootstrap_servers, group_id, topic, "c2"):
                    await eventually(lambda: sizes(log.generations()[-1]) == [3, 3])
            await eventually(lambda: log.generations()[-1].members == ())
    await admin.delete_groups([group_id, other])


async def test_a_cluster_without_groups_gets_its_first_and_following_writes_nothing() -> None:
    """``__consumer_offsets`` does not exist yet, and following does not create it."""
    async with (
        LocalCluster() as local,
        connected(local.bootstrap_servers) as cluster,
        cluster.asker("test") as asker,
    ):

        async def ends() -> list[int | None]:
            return (await read_offsets(asker, {TOPIC: range(3)}, LATEST))[TOPIC][0]

        await Admin(cluster).create_topics(["orders"], partitions=6)
        async with following(cluster, "billing") as log:
            await eventually(lambda: len(log.news) >= 2)
            assert log.news[-1] == GroupLogNews((), "billing", up_to_date=True)
            assert TOPIC not in [topic.name for topic in (await read_metadata(asker))[1]]
            async with classic_member(local.bootstrap_servers, "billing", "orders", "c1"):
                await eventually(lambda: log.generations() and sizes(log.generations()[-1]) == [6])
            await eventually(lambda: [one.number for one in log.generations()] == [0, 1, 2])
            before, told_before = await ends(), len(log.news)
            log.group_id = "nobody"
            await eventually(lambda: log.up_to_date("nobody") and len(log.news) > told_before + 2)
            assert await ends() == before

"""The pauses shown for groups of other clients, against the times of their members' own callbacks.

A bound of a pause is never below the true pause and never above the time the rebalance took; the lower bound
is 0, as nothing better can be known from outside.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import product
from time import monotonic
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.lanes import Lane
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.listing import LATEST
from kafkatui.kafka.topics import read_offsets
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected
from tests.integration.reporting_clients import Diary, Member, make, unread
from tests.patience import PATIENCE

pytestmark = pytest.mark.kafka

Kind = tuple[str, bool]
"""A kind of client, and whether the group's log is followed."""

LOOK = 0.3
PARTITIONS = 3
RATE = 50.0
"""How many records a second are written, to all partitions in turn."""
HEARD_LATE = 0.1 * PATIENCE
"""Seconds after the coordinator has written an assignment down until a client on a busy machine has heard of
it: from outside nobody knows of them.
"""
SETTLED = 1.0
"""Seconds of reading and committing before and after a change."""
ALONE = frozenset(range(PARTITIONS))


@asynccontextmanager
async def meanwhile(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` until the block ends; none of it must end before."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def feed(admin: Admin, topic: str) -> None:
    """Write the same number of records to all partitions, for ever."""
    async with admin.producer() as producer:
        number = 0
        while True:
            await producer.send(topic, b"value", partition=number % PARTITIONS)
            number += 1
            await asyncio.sleep(1 / RATE)


async def watch(cluster: Cluster, timeline: Timeline, group: str, topic: str, *, log: bool) -> None:
    """Feed a timeline with the readings of a group, as the program does."""

    async def look() -> None:
        async with aclosing(streams(cluster).groups(lambda: group, Pace(LOOK))) as stream:
            async for reading in stream:
                for one in reading.value.groups if reading.value else ():
                    if one.group_id == group:
                        timeline.story(group).observe(one, one.described_at or reading.taken_at or 0.0)

    async def follow() -> None:
        async with aclosing(streams(cluster).group_log(lambda: group, Pace(1.0))) as stream:
            async for reading in stream:
                if reading.value is not None and reading.taken_at is not None:
                    timeline.observe_log(reading.value, reading.taken_at)

    async def measure() -> None:
        async with cluster.asker("ends") as asker:
            while True:
                at = monotonic()
                ends, _ = (await read_offsets(asker, {topic: range(PARTITIONS)}, LATEST))[topic]
                known = {
                    TopicPartition(topic, number): end for number, end in enumerate(ends) if end is not None
                }
                timeline.story(group).note_ends(at, known)
                await asyncio.sleep(LOOK)

    await asyncio.gather(look(), measure(), *([follow()] if log else []))


@dataclass(frozen=True, slots=True)
class Run:
    """One group: c1 alone, then c2 joins, then c2 leaves."""

    diaries: dict[str, Diary]
    joined: Rebalance
    left: Rebalance
    join: tuple[float, float]
    """Monotonic seconds before and after the join, each while nothing else happened."""
    leave: tuple[float, float]
    before: int
    """Number of the newest event before the join."""
    lanes: frozenset[Lane]
    """The drawn lines of its members."""
    waited: int | None
    """The shown number of records that waited because of the join."""


async def run(cluster: Cluster, servers: str, kind: str, topic: str, group: str, *, log: bool) -> Run:
    timeline, members = Timeline(), dict[str, Member]()
    story = timeline.story(group)

    def settled(joined: tuple[str, ...], gone: tuple[str, ...], owned: list[int]) -> bool:
        """Wait until every member reported its partitions and the story knows them."""
        event = story.events[0] if story.events else None
        assert event is not None
        assert sorted(len(member.diary.owned) for member in members.values()) == owned
        assert (event.joined, event.gone, event.ended_at is None) == (joined, gone, False)
        assert sum(event.owned.values()) == PARTITIONS
        return True

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(meanwhile(watch(cluster, timeline, group, topic, log=log)))
        members["c1"] = make(kind, servers, group, topic, "c1")
        stack.push_async_callback(members["c1"].stop)
        await eventually(lambda: members["c1"].diary.owned == ALONE and told_all(story), 30)
        await asyncio.sleep(SETTLED)
        begin, before = monotonic(), story.events[0].number
        members["c2"] = make(kind, servers, group, topic, "c2")
        stop = stack.push_async_exit(AsyncExitStack())
        stop.push_async_callback(members["c2"].stop)
        await eventually(lambda: settled(("c2",), (), [1, 2]), 30)
        await asyncio.sleep(SETTLED)
        end, joined = monotonic(), story.events[0]
        if log and kind == "cooperative-sticky":  # it is known as soon as the ends after it were looked at
            await eventually(lambda: story.waited(joined) is not None, 10)
        waited = story.waited(joined)
        await stop.aclose()
        gone = members.pop("c2")
        await eventually(lambda: settled((), ("c2",), [PARTITIONS]), 30)
        diaries = {"c1": members["c1"].diary, "c2": gone.diary}
        picture = story.map(topic, PARTITIONS)
        assert picture is not None
        lanes = frozenset(lane for row in picture.rows for lane in story.lanes.lane(row.key, 300, 30))
        return Run(diaries, joined, story.events[0], (begin, end), (end, monotonic()), before, lanes, waited)


def told_all(story: GroupStory) -> bool:
    """Whether the story knows an owner of every partition."""
    return bool(story.events) and sum(story.events[0].owned.values()) == PARTITIONS


async def runs(kafka: Kafka, kinds: Iterable[Kind]) -> dict[Kind, Run]:
    """A group of each kind of client, with its log followed or not, all at the same time on one topic."""
    async with connected(kafka.bootstrap_servers) as cluster:
        admin, topic = Admin(cluster), f"pauses-{uuid.uuid4().hex[:8]}"
        await admin.create_topics([topic], partitions=PARTITIONS)
        async with meanwhile(feed(admin, topic)):
            wanted = list(kinds)
            done = await asyncio.gather(
                *(
                    run(
                        cluster,
                        kafka.bootstrap_servers,
                        kind,
                        topic,
                        f"{topic}-{kind}-{log}".replace(" ", "-"),
                        log=log,
                    )
                    for kind, log in wanted
                )
            )
        await admin.delete_topics([topic])
        return dict(zip(wanted, done, strict=True))


EAGER = ("range", "slow range", "aiokafka")
INCREMENTAL = ("cooperative-sticky", "consumer")


@pytest.fixture(scope="module")
def newer(kafka: Kafka) -> dict[Kind, Run]:
    """The runs on the Kafka of the session."""
    return asyncio.run(runs(kafka, product((*EAGER, *INCREMENTAL), (True, False))))


@pytest.fixture(scope="module")
def older(kafka_39: Kafka) -> dict[Kind, Run]:
    """The runs on Kafka 3.9, without groups of KIP-848."""
    return asyncio.run(runs(kafka_39, product((*EAGER, "cooperative-sticky"), (True, False))))


def cases(*clients: str) -> Iterator[ParameterSet]:
    """Each kind of client on each Kafka, with the group's log and from looks only."""
    for version, client, log in product(("newer", "older"), clients, (True, False)):
        if (version, client) != ("older", "consumer"):
            yield pytest.param(version, (client, log), id=f"{version} {client} {'log' if log else 'looks'}")


@pytest.mark.parametrize(("version", "kind"), cases(*EAGER))
def test_every_member_gives_up_all_its_partitions(
    request: pytest.FixtureRequest, version: str, kind: Kind
) -> None:
    found: dict[Kind, Run] = request.getfixturevalue(version)
    run = found[kind]
    for event, span in ((run.joined, run.join), (run.left, run.leave)):
        pauses = run.diaries["c1"].pauses(*span)
        assert pauses
        assert event.took_at_most is not None
        assert event.at_most is not None
        assert event.at_least == 0
        assert max(pauses) - HEARD_LATE <= event.at_most <= event.took_at_most
        assert event.stops_all
        assert run.waited is None, "they may have read on all the time"
        assert {share.name: share.at_most for share in event.shares if share.at_most} == {"c1": event.at_most}


@pytest.mark.parametrize(("version", "kind"), cases(*INCREMENTAL))
def test_only_partitions_that_move_are_given_up(
    request: pytest.FixtureRequest, version: str, kind: Kind
) -> None:
    found: dict[Kind, Run] = request.getfixturevalue(version)
    run, event = found[kind], found[kind].joined
    true = unread(run.diaries, *run.join)
    assert event.took_at_most is not None
    assert event.at_most is not None
    assert event.at_least == 0
    assert max(true.values()) - HEARD_LATE <= event.at_most <= event.took_at_most
    mine, other = event.shares
    assert {one.partition for one in mine.gave_up} == {one.partition for one in other.got} == true.keys()
    assert sum(event.moved.values()) == len(true) == 1
    assert not event.stops_all
    assert event.cooperative == (kind[0] == "cooperative-sticky")
    assert run.left.at_most == 0, "who stays gives up nothing"
    between = event.cooperative and kind[1]
    assert (run.waited is not None) == between, "known only between two generations that the log tells"
    assert (run.waited or 0) <= event.at_most * RATE


@pytest.mark.parametrize(("version", "kind"), cases(*EAGER, *INCREMENTAL))
def test_one_change_is_one_event(request: pytest.FixtureRequest, version: str, kind: Kind) -> None:
    """Even if a cooperative group needs two generations for it."""
    found: dict[Kind, Run] = request.getfixturevalue(version)
    run = found[kind]
    assert (run.joined.number, run.left.number) == (run.before + 1, run.before + 2)
    assert (run.joined.joined, run.left.gone) == (("c2",), ("c2",))
    assert Lane.PAUSED not in run.lanes, "from outside nobody knows"

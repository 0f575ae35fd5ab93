"""The deck's keys for brokers, on a local cluster of three."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from kafkatui.actors.bus import producer
from kafkatui.config import load_config
from kafkatui.domain.deck.acts import Act
from kafkatui.errors import DeckError
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.decks import RunningDeck, running_deck
from tests.integration.eventually import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
async def trio() -> AsyncIterator[LocalCluster]:
    async with LocalCluster(3) as local:
        yield local


async def test_brokers_die_and_come_back(trio: LocalCluster) -> None:
    """The sentences of the deck about brokers and leaders agree with the cluster."""
    async with Cluster(load_config(trio.bootstrap_servers, None, (), {})) as cluster:
        await cluster.connect()
        async with running_deck(cluster, local=trio) as running, followed(cluster) as seen:
            words: list[str] = []
            running.deck.on_word = words.append
            with pytest.raises(DeckError, match="all brokers are up"):
                await running.deck.act(Act.START_BROKER)
            await running.join(2)
            leads = await leaders(cluster, running)
            kill = await running.act(Act.KILL_BROKER)
            victim = int(kill.who or 0)
            assert leads.count(victim) == max(map(leads.count, leads))
            assert victim not in trio.pids
            await running.settled(within=90)  # the group goes on, wherever its coordinator is now
            lost = [number for number, leader in enumerate(leads) if leader == victim]
            await eventually(lambda: words, 30)
            told = words.pop()
            topic = next(iter(running.deck.topics))
            assert f"broker {victim}" not in told
            assert all(
                re.search(rf"broker \d now leads [^;]*{topic} [^;]*", part) for part in told.split("; ")
            )
            new = await leaders(cluster, running)
            assert {leader for number, leader in enumerate(new) if number in lost} == {
                int(node) for node in re.findall(r"broker (\d) now leads", told)
            }
            await eventually(lambda: victim not in seen.brokers, 10)

            stop = await running.act(Act.STOP_BROKER)
            assert not {victim, int(stop.who or 0)} & trio.pids.keys()
            with pytest.raises(DeckError, match="the last broker is left alone"):
                await running.deck.act(Act.KILL_BROKER)
            assert re.fullmatch(r"brokers \d and \d back", await running.deck.act(Act.START_BROKER))
            assert set(trio.pids) == {1, 2, 3, 100}
            assert cluster.brokers.keys() == {1, 2, 3}
            seen.pace.now()
            await eventually(lambda: seen.brokers == {1, 2, 3}, 5)
            await running.settled(within=90)

            coordinator = (await running.group()).coordinator
            assert coordinator is not None
            await trio.kill(coordinator)
            said = await running.deck.act(Act.JOIN)
            assert f", and waits: broker {coordinator}, the group's coordinator, is down" in said
            await running.settled(within=90)
            await running.act(Act.FREEZE)
            await running.act(Act.RESTORE)
            assert set(trio.pids) == {1, 2, 3, 100}
            await running.join(1)
            for broker in (1, 2, 3):
                await trio.freeze(broker)  # closing waits for none of them


async def test_a_client_whose_last_known_broker_dies(trio: LocalCluster) -> None:
    """It does not know yet that the other brokers run again, and finds them nevertheless."""
    bus = producer(trio.bootstrap_servers, "writer", metadata_max_age_ms=600_000)
    async with bus:

        async def known() -> set[int]:
            await bus.client.force_metadata_update()
            return {broker.nodeId for broker in bus.client.cluster.brokers()}

        async def knows(*brokers: int) -> bool:
            return await known() == set(brokers)

        assert await known() == {1, 2, 3}
        await trio.kill(1)
        await trio.kill(2)
        await eventually(lambda: knows(3), 60)
        await trio.restart(1)
        await trio.restart(2)
        assert {broker.nodeId for broker in bus.client.cluster.brokers()} == {3}
        await trio.kill(3)
        await eventually(lambda: knows(1, 2), 60)


class Seen:
    """The readings of the topics, as pane 1 gets them."""

    def __init__(self) -> None:
        self.pace = Pace(2.0)
        self.brokers: set[int] = set()


@asynccontextmanager
async def followed(cluster: Cluster) -> AsyncIterator[Seen]:
    """The topics, as pane 1 follows them."""
    seen = Seen()

    async def follow() -> None:
        async with aclosing(streams(cluster).topics(lambda: (), seen.pace)) as readings:
            async for reading in readings:
                if reading.value is not None:
                    seen.brokers = {broker.node_id for broker in reading.value.brokers}

    following = asyncio.create_task(follow())
    try:
        yield seen
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def leaders(cluster: Cluster, running: RunningDeck) -> list[int | None]:
    """The leader of each of the deck's partitions."""
    _, topics, *_ = await read_metadata(cluster.asker("leaders"), list(running.deck.topics))
    return [partition.leader for topic in topics for partition in topic.partitions]

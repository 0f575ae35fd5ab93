"""The deck's keys for brokers, on three of our own."""

from collections.abc import AsyncIterator

import pytest

from kafkatui.config import load_config
from kafkatui.domain.deeds import Act
from kafkatui.errors import DeckError
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from tests.integration.decks import Game, game

pytestmark = pytest.mark.kafka


@pytest.fixture
async def trio() -> AsyncIterator[LocalCluster]:
    async with LocalCluster(3) as local:
        yield local


async def test_brokers_die_and_come_back(trio: LocalCluster) -> None:
    async with Cluster(load_config(trio.bootstrap_servers, None, (), {})) as cluster:
        await cluster.connect()
        async with game(cluster, local=trio) as play:
            with pytest.raises(DeckError, match="all brokers are up"):
                await play.deck.act(Act.START_BROKER)
            await play.join(2)
            leads = await leaders(cluster, play)
            kill = await play.act(Act.KILL_BROKER)
            victim = int(kill.who or 0)
            assert leads.count(victim) == max(map(leads.count, leads))
            assert victim not in trio.pids
            await play.settled(within=30)  # the group goes on, wherever its coordinator is now

            stop = await play.act(Act.STOP_BROKER)
            assert play.deck.state.brokers_down == tuple(sorted((victim, int(stop.who or 0))))
            with pytest.raises(DeckError, match="the last broker is left alone"):
                await play.deck.act(Act.KILL_BROKER)
            await play.act(Act.START_BROKER)
            assert play.deck.state.brokers_down == ()
            await play.settled(within=30)

            await play.act(Act.KILL_BROKER)
            await play.act(Act.FREEZE)
            await play.act(Act.RESTORE)
            assert play.deck.state.brokers_down == ()
            assert set(trio.pids) == {1, 2, 3, 100}
            await play.join(1)
            for broker in (1, 2, 3):
                await trio.freeze(broker)  # closing waits for none of them


async def leaders(cluster: Cluster, play: Game) -> list[int | None]:
    """Of each partition of the deck."""
    _, topics, *_ = await read_metadata(cluster.asker("leaders"), list(play.deck.topics))
    return [partition.leader for topic in topics for partition in topic.partitions]

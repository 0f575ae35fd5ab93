"""Of three brokers one dies and one hangs: what the others answer is still shown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio

from kafkatui.domain.cluster.partitions import TopicLog, TopicPartition
from kafkatui.domain.rebalance.generations import Generation, GroupLogNews, group_partition
from kafkatui.errors import ClusterError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.groups import read_group_list
from kafkatui.kafka.topics import read_ends, read_metadata
from kafkatui.local import LocalCluster
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, connected, write

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def local() -> AsyncIterator[LocalCluster]:
    async with LocalCluster(3) as local:
        yield local


async def test_one_dies_one_hangs_all_come_back(local: LocalCluster) -> None:
    async with connected(local.bootstrap_servers, "request.timeout.ms=1500") as cluster:
        asker, admin = cluster.asker("test"), Admin(cluster)
        await admin.create_topics(["single"], partitions=6, replicas=1)
        await admin.create_topics(["safe"], partitions=3, replicas=3)
        await eventually(lambda: _led(asker, "single"), 20)
        await write(admin, "single", {number: [b"x"] for number in range(6)})
        groups = [f"g{number}" for number in range(6)]
        for group_id in groups:
            async with classic_member(local.bootstrap_servers, group_id, "safe", "c") as member:
                await member.commit(dict.fromkeys(member.assignment(), 1))
        listed, notes = await read_group_list(asker)
        assert [group.group_id for group in listed if group.group_id in groups] == groups
        assert notes == ()

        dead = cluster.topics["single"].partitions[0].leader
        assert dead is not None
        lost = [part.number for part in cluster.topics["single"].partitions if part.leader == dead]
        assert 0 < len(lost) < 6
        await local.kill(dead)

        log = await _log(asker, "single")
        assert [number for number, _ in log.faults] == lost
        assert [log.ends[number] for number in range(6) if number not in lost] == [1] * (6 - len(lost))
        _, notes = await read_group_list(asker)
        assert (
            any(note.startswith(f"groups of broker {dead} are missing: ") for note in notes)
            or dead not in cluster.brokers
        )

        async def told_of_all() -> bool:
            """Leaders and coordinators have moved; partitions with one replica are offline."""
            _, topics, *_ = await read_metadata(asker)
            safe, single = (
                next(topic for topic in topics if topic.name == name) for name in ("safe", "single")
            )
            commits = await read_commits(asker, groups)
            return (
                all(part.leader not in (None, dead) for part in safe.partitions)
                and [part.number for part in single.partitions if part.offline] == lost
                and all(commits[group_id].offsets.get(TopicPartition("safe", 0)) == 1 for group_id in groups)
            )

        await eventually(told_of_all, 20)

        frozen = next(node_id for node_id in cluster.brokers if node_id != dead)
        await local.restart(dead)
        await eventually(lambda: _led(asker, "single"), 20)
        await local.freeze(frozen)
        try:
            await eventually(lambda: _notes(asker), 20)
            brokers, *_ = await read_metadata(asker)  # of another broker, that answers
            assert brokers
        finally:
            await local.thaw(frozen)
        await eventually(lambda: _led(asker, "single"), 30)
        log = await _log(asker, "single")
        assert (log.faults, log.ends) == ((), (1,) * 6)


async def test_all_come_back(local: LocalCluster) -> None:
    """No known broker answers for a while; once one does, everything is read again."""
    async with connected(local.bootstrap_servers, "request.timeout.ms=1500") as cluster:
        asker = cluster.asker("test")
        await Admin(cluster).create_topics(["spread"], partitions=6, replicas=1)
        await eventually(lambda: _led(asker, "spread"), 20)
        for node_id in (1, 2, 3):
            await local.kill(node_id)
        with pytest.raises(ClusterError, match=r"reading the topics: broker \d at 127.0.0.1:\d+: refused"):
            await read_metadata(asker)
        await local.restart(2)
        await eventually(lambda: _answers(asker), 30)
        for node_id in (1, 3):
            await local.restart(node_id)
        await eventually(lambda: _led(asker, "spread"), 30)


async def test_a_groups_log_is_followed_where_it_goes(local: LocalCluster) -> None:
    """The leader of its partition, also the group's coordinator, is stopped by SIGTERM: another takes
    over."""
    async with connected(local.bootstrap_servers, "request.timeout.ms=1500") as cluster:
        asker = cluster.asker("test")
        await Admin(cluster).create_topics(["moving"], partitions=6, replicas=3)
        generations: list[Generation] = []
        news: list[GroupLogNews] = []

        async def follow() -> None:
            async with aclosing(streams(cluster).group_log(lambda: "mover", Pace(1.0))) as stream:
                async for reading in stream:
                    if reading.value is not None:
                        news.append(reading.value)
                        generations.extend(
                            one for one in reading.value.generations if one.group_id == "mover"
                        )

        following = asyncio.create_task(follow())
        async with classic_member(local.bootstrap_servers, "mover", "moving", "c1"):
            await eventually(lambda: generations and len(generations[-1].members) == 1, 20)
            # after another test the leader may be the only replica in sync: none could take over from it
            await eventually(lambda: _in_sync(asker, "__consumer_offsets"), 30)
            topic = cluster.topics["__consumer_offsets"]
            leader = topic.partitions[group_partition("mover", len(topic.partitions))].leader
            assert leader is not None
            await local.terminate(leader)
            async with classic_member(local.bootstrap_servers, "mover", "moving", "c2"):
                await eventually(lambda: len(generations[-1].members) == 2, 30)
        await eventually(lambda: generations[-1].members == (), 30)
        await local.restart(leader)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    numbers = [one.number for one in generations]
    assert numbers == sorted(set(numbers)), "nothing is told twice"
    assert all(not one.skipped for one in news)


async def _log(asker: Asker, topic: str) -> TopicLog:
    return (await read_ends(asker, [asker.cluster.topics[topic]]))[topic]


async def _answers(asker: Asker) -> bool:
    try:
        await read_metadata(asker)
    except ClusterError:
        return False
    return True


async def _led(asker: Asker, topic: str) -> bool:
    try:
        _, (found,), *_ = await read_metadata(asker, [topic])
    except ClusterError:
        return False
    return bool(found.partitions) and not any(partition.offline for partition in found.partitions)


async def _in_sync(asker: Asker, topic: str) -> bool:
    _, (found,), *_ = await read_metadata(asker, [topic])
    return all(partition.leader and not partition.under_replicated for partition in found.partitions)


async def _notes(asker: Asker) -> tuple[str, ...]:
    _, notes = await read_group_list(asker)
    return notes

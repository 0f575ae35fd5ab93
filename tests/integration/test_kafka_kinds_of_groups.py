"""Share groups (KIP-932) on the demo's release of Kafka, whose brokers send no lag, and on the newest, whose
brokers send it; streams groups (KIP-1071) on the newest; groups of Kafka Connect.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.groups import Group, GroupKind
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.lag.group_standing import kind_of
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.share_groups import OFF
from kafkatui.local import LocalCluster, jars
from kafkatui.watch.follow import follow
from kafkatui.watch.model import Model
from kafkatui.watch.streams import streams
from tests.integration import other_kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected, join_as_connect, streams_heartbeat, write
from tests.integration.kafka_tools import SHARE_SETTINGS, features_tool, share_consumer, share_groups_tool

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True, slots=True)
class Release:
    """A cluster of a release in which share groups are on."""

    version: str
    cluster: Cluster
    bootstrap_servers: str
    tells_lag: bool


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[jars.VERSION, other_kafka.NEWEST])
async def release(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Release]:
    environ = {}
    if request.param != jars.VERSION:
        made = tmp_path_factory.mktemp("newest")
        home = await asyncio.to_thread(other_kafka.kafka_home, request.param, made)
        environ = {"KAFKA_HOME": os.fspath(home)}
    local = LocalCluster(1, SHARE_SETTINGS)
    try:
        with other_kafka.environment(environ):
            await local.start()
        if request.param == jars.VERSION:  # later releases turn it on by themselves
            upgrade = ("upgrade", "--feature", "share.version=1")
            await asyncio.to_thread(features_tool, local.bootstrap_servers, *upgrade)
        async with connected(local.bootstrap_servers) as cluster:
            tells = request.param != jars.VERSION
            yield Release(request.param, cluster, local.bootstrap_servers, tells)
    finally:
        await local.stop()


async def described(asker: Asker, group: str) -> Group | None:
    """The group as the program describes it; ``None``: it is not listed."""
    listed, _ = await read_group_list(asker)
    found = [one for one in await describe_groups(asker, listed) if one.group_id == group]
    return found[0] if found else None


async def test_members_offsets_and_lag_agree_with_kafkas_own_tool(release: Release) -> None:
    cluster, servers = release.cluster, release.bootstrap_servers
    admin = Admin(cluster)
    await admin.create_topics(["orders"], partitions=2)
    async with cluster.asker("test") as asker:
        with share_consumer(servers, "points", "orders"), share_consumer(servers, "points", "orders"):

            async def both() -> Group | None:
                group = await described(asker, "points")
                if group is None or group.sharing is None or len(group.sharing.members) < 2:
                    return None
                return group if all(member.assignment for member in group.sharing.members) else None

            await eventually(both, 60)
            await write(admin, "orders", {0: [b"x"] * 5, 1: [b"y"] * 3})

            async def begun() -> bool:
                group = await described(asker, "points")
                offsets = {} if group is None or group.sharing is None else group.sharing.offsets
                return any(one.start_offset is not None for one in offsets.values())

            await eventually(begun, 30)
            group = await eventually(both, 60)
            assert (group.kind, group.state, group.members) == (GroupKind.SHARE, "Stable", None)
            sharing = group.sharing
            assert sharing is not None
            assert {member.subscription for member in sharing.members} == {("orders",)}
            owned = [place for member in sharing.members for place in member.assignment]
            assert {place.topic for place in owned} == {"orders"}
        left = await eventually(lambda: without_members(asker, "points"), 60)
        assert left.sharing is not None
        tool = await asyncio.to_thread(
            share_groups_tool, servers, "--describe", "--group", "points", version=release.version
        )
        ours = {place: (one.start_offset, one.lag) for place, one in left.sharing.offsets.items()}
        assert rows_of(tool, lag=release.tells_lag) == ours, tool
        assert (left.sharing.lag is not None) == release.tells_lag


async def without_members(asker: Asker, group: str) -> Group | None:
    found = await described(asker, group)
    return found if found is not None and found.sharing is not None and not found.sharing.members else None


def rows_of(tool: str, *, lag: bool) -> dict[TopicPartition, tuple[int | None, int | None]]:
    """START-OFFSET and LAG of each row that the tool printed; ``-``: none."""
    head, *lines = [line.split() for line in tool.splitlines() if line.strip()]
    rows = [dict(zip(head, line, strict=False)) for line in lines]

    def number(text: str) -> int | None:
        return None if text == "-" else int(text)

    return {
        TopicPartition(row["TOPIC"], int(row["PARTITION"])): (
            number(row["START-OFFSET"]),
            number(row["LAG"]) if lag else None,
        )
        for row in rows
    }


async def test_a_share_group_is_no_group_without_a_verdict(release: Release) -> None:
    """Line 2 does not wait for its verdict, GRP counts it, and no verdict is made up."""
    cluster = release.cluster
    admin = Admin(cluster)
    await admin.create_topics(["clicks"], partitions=1)
    model = Model()
    model.select("clicks", None)
    with share_consumer(release.bootstrap_servers, "counts", "clicks"):
        following = asyncio.create_task(follow(model, streams(cluster)))
        try:

            def known() -> bool:
                row, usage = model.view.groups.rows.get("counts"), model.view.topics.usage or {}
                return row is not None and row.members == 1 and usage.get("clicks") is not None

            await eventually(known, 60)
            row = model.view.groups.rows["counts"]
            assert (row.kind, row.topics, row.verdict, row.word) == ("share", 1, None, "unjudged")
            usage = model.view.topics.usage or {}
            assert (usage["clicks"].groups, usage["clicks"].lag) == (1, None)
            await eventually(lambda: model.view.judging is not None and not model.view.judging.pending, 30)
            assert model.view.judging is not None
            assert model.view.judging.not_known == 0
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def test_what_workers_of_kafka_connect_tell_each_other_is_not_read_as_partitions(
    release: Release,
) -> None:
    async with release.cluster.asker("worker") as worker, release.cluster.asker("test") as asker:
        await read_commits(asker, ["connect-sink"])  # looks up the coordinator: that makes the groups' log

        async def joined() -> str:
            return await join_as_connect(worker, "connect-sink")

        member_id = await eventually(joined, 20)
        group = await described(asker, "connect-sink")
        assert group is not None
        assert (group.kind, group.protocol_type, group.state) == (GroupKind.CLASSIC, "connect", "Stable")
        (member,) = group.members or ()
        assert (member.member_id, member.assignment, member.subscription) == (member_id, (), ())
        assert kind_of(group) == "connect"


@pytest.mark.asyncio(loop_scope="function")
async def test_where_share_groups_are_off_it_is_said(asker: Asker) -> None:

    async def said() -> bool:
        (found,) = await describe_groups(asker, [Group("points", GroupKind.SHARE)])
        fault = found.fault
        if fault is None or fault.kind is FaultKind.PASSING:
            return False  # the log of the groups is being made
        assert (fault.kind, fault.text) == (FaultKind.UNSUPPORTED, OFF.text)
        return True

    await eventually(said, 20)


@pytest.mark.parametrize("release", [other_kafka.NEWEST], indirect=True)
async def test_a_task_of_a_streams_group_is_a_partition_of_its_source_topic(release: Release) -> None:
    cluster = release.cluster
    admin = Admin(cluster)
    await admin.create_topics(["clicks-in"], partitions=3)
    async with cluster.asker("member") as member, cluster.asker("test") as asker:
        state: tuple[int, tuple[int, ...]] = (0, ())

        async def owns_all() -> Group | None:
            nonlocal state
            await read_commits(asker, ["word-count"])  # looks up the coordinator: that makes the groups' log
            state = await streams_heartbeat(member, "word-count", "clicks-in", "stream-1", *state)
            group = await described(asker, "word-count")
            own = [
                place
                for one in (group.members or () if group is not None else ())
                for place in one.assignment
            ]
            return group if len(own) == 3 else None

        group = await eventually(owns_all, 30, every=0.3)
        assert (group.kind, group.state, group.fault) == (GroupKind.STREAMS, "Stable", None)
        (one,) = group.members
        assert one.assignment == tuple(TopicPartition("clicks-in", number) for number in range(3))
        assert one.target == one.assignment
        assert (one.subscription, one.epoch) == (("clicks-in",), group.epoch)
        commits = (await read_commits(asker, ["word-count"]))["word-count"]
        assert (commits.fault, commits.offsets) == (None, {})

"""A missing right is reported where its figures would be, with Kafka's name of the error; all else works."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.partitions import TopicPartition as Place
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.records.records import TailNews
from kafkatui.errors import ClusterError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.ages import read_times
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.past_rebalances import search
from kafkatui.kafka.reassignments import read_reassignments
from kafkatui.kafka.topics import NO_POLICY, Policy, read_metadata, read_policies
from kafkatui.local import LocalCluster
from kafkatui.watch.brokers import BrokersWatch
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.faults import coded
from tests.integration.commands import done
from tests.integration.group_watch import Watch, three_commits
from tests.integration.kafka_clients import classic_member, connected, new_member, write
from tests.json_schema import faults, schema
from tests.patience import PATIENCE

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
READ, DESCRIBE = AclOperation.READ, AclOperation.DESCRIBE
TOPIC, GROUP = ResourceType.TOPIC, ResourceType.GROUP

ALLOWED = {
    ("ann", TOPIC, "open"): [READ, AclOperation.DESCRIBE_CONFIGS],
    ("ann", TOPIC, "described"): [DESCRIBE],
    ("ann", GROUP, "told"): [DESCRIBE],
    ("ann", GROUP, "told-848"): [DESCRIBE],
    ("bob", TOPIC, "__consumer_offsets"): [DESCRIBE],
    ("dan", TOPIC, "unreadable"): [DESCRIBE],
    ("dan", GROUP, "hung"): [DESCRIBE],
    ("eve", TOPIC, "__consumer_offsets"): [READ],
    ("eve", ResourceType.BROKER, "kafka-cluster"): [DESCRIBE],
}
"""The rights of each user. READ includes DESCRIBE; of the topic ``hidden`` and the group ``untold`` ann may
know nothing.
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def local() -> AsyncIterator[LocalCluster]:
    """A cluster with users."""
    listener = "listener.name.login"
    users = " ".join(f'user_{name}="hush"' for name in ("ann", "bob", "dan", "eve"))
    properties = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        f"{listener}.sasl.enabled.mechanisms": "PLAIN",
        f"{listener}.plain.sasl.jaas.config": f"{PLAIN} {users};",
    }
    async with LocalCluster(properties=properties, extra_listeners={"LOGIN": "SASL_PLAINTEXT"}) as local:
        await fill(local.bootstrap_servers)
        await asyncio.to_thread(allow, local.bootstrap_servers)
        yield local


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ann(local: LocalCluster) -> AsyncIterator[Cluster]:
    """The cluster as ann sees it."""
    async with logged_in(local, "ann") as cluster:
        yield cluster


@asynccontextmanager
async def logged_in(local: LocalCluster, user: str) -> AsyncIterator[Cluster]:
    """The cluster as that user sees it."""
    login = ("sasl.mechanism=PLAIN", f"sasl.username={user}", "sasl.password=hush")
    async with connected(local.servers("LOGIN"), "security.protocol=SASL_PLAINTEXT", *login) as cluster:
        yield cluster


async def fill(bootstrap_servers: str) -> None:
    """Make topics with a record, and groups that have committed on all of them."""
    topics = ["open", "described", "hidden"]
    async with connected(bootstrap_servers) as cluster:
        admin = Admin(cluster)
        await admin.create_topics(topics, partitions=2)
        await admin.create_topics(["unreadable"], partitions=1)
        await write(admin, "unreadable", {0: [b"x"]})
        for topic in topics:
            await write(admin, topic, {0: [b"x"], 1: [b"y"]})
    for group in ("told", "untold"):
        async with classic_member(bootstrap_servers, group, "open", f"{group}-client") as consumer:
            await consumer.getone()
            await consumer.commit()
        await asyncio.to_thread(commit, bootstrap_servers, group, topics)
    async with classic_member(bootstrap_servers, "hung", "unreadable", "c1") as consumer:
        await consumer.getone()
        await consumer.commit()
    async with new_member(bootstrap_servers, "told-848", "open", "new-client") as read:
        await asyncio.to_thread(read, 1)


def commit(bootstrap_servers: str, group: str, topics: list[str]) -> None:
    commits = [TopicPartition(topic, number, 1) for topic in topics for number in range(2)]
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    future = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, commits)])[group]
    future.result(20)


def allow(bootstrap_servers: str) -> None:
    """Give each user its rights."""
    kind, yes = ResourcePatternType.LITERAL, AclPermissionType.ALLOW
    rules = [
        AclBinding(resource, name, kind, f"User:{user}", "*", operation, yes)
        for (user, resource, name), operations in ALLOWED.items()
        for operation in operations
    ]
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    for future in admin.create_acls(rules).values():
        future.result(20)


async def first(stream: Any, seconds: float = 3.0 * PATIENCE) -> Any:
    """The newest reading of a stream with a value or a fault."""
    async with asyncio.timeout(seconds), aclosing(stream):
        async for reading in stream:
            if reading.value is not None or reading.fault is not None:
                return reading
    raise AssertionError("it ended")


async def test_topics_that_may_not_be_described_are_absent_and_named_when_asked_for(ann: Cluster) -> None:
    async with ann.asker("topics") as asker:
        _, topics, _, notes = await read_metadata(asker)
        assert [topic.name for topic in topics] == ["described", "open"]
        assert notes == ()
        _, (hidden, there), *_ = await read_metadata(asker, ["hidden", "open"])
        assert (hidden.name, hidden.error) == ("hidden", coded("TOPIC_AUTHORIZATION_FAILED"))
        assert there.error is None
        _, (missing,), *_ = await read_metadata(asker, ["nowhere"])  # Kafka does not tell which
        assert missing.error == coded("TOPIC_AUTHORIZATION_FAILED")


async def test_a_policy_that_is_denied_is_not_known(ann: Cluster) -> None:
    async with ann.asker("topics") as asker:
        policies = await read_policies(asker, ["open", "described", "hidden"])
    assert policies == {"open": Policy(False, 1), "described": NO_POLICY, "hidden": NO_POLICY}


async def test_reassignments_need_a_right_on_the_cluster(local: LocalCluster, ann: Cluster) -> None:
    async with ann.asker("topics") as asker:
        with pytest.raises(ClusterError) as failed:
            await read_reassignments(asker)
    assert failed.value.kind is FaultKind.DENIED
    async with logged_in(local, "eve") as cluster, cluster.asker("topics") as asker:
        assert await read_reassignments(asker) == {}


async def test_the_topics_pane_shows_the_topics_that_may_be_described(ann: Cluster) -> None:
    reading: Reading[ClusterTopics] = await first(
        streams(ann).topics(lambda: frozenset({"described"}), Pace(1.0))
    )
    assert reading.fault is None
    assert reading.value is not None
    assert reading.value.notes == ()
    assert {name: log.ends for name, log in reading.value.logs.items()} == {
        "open": (1, 1),
        "described": (1, 1),
    }
    assert all(log.faults == () for log in reading.value.logs.values())
    assert reading.value.compacted == {"open": False, "described": None}


async def test_groups_that_may_not_be_described_are_absent_and_named_when_asked_for(ann: Cluster) -> None:
    reading: Reading[ClusterGroups] = await first(streams(ann).groups(lambda: "told", Pace(1.0)))
    assert reading.fault is None
    assert reading.value is not None
    assert reading.value.notes == ()
    assert [(group.group_id, group.fault) for group in reading.value.groups] == [
        ("told", None),
        ("told-848", None),
    ]
    assert reading.value.left_out == "only groups that this user may describe are listed"
    # commits on topics that may not be described are left out
    commits = reading.value.commits["told"]
    assert commits.fault is None
    assert {partition.topic for partition in commits.offsets} == {"open", "described"}
    async with ann.asker("groups") as asker:
        listed, _ = await read_group_list(asker)
        untold = listed[0].__class__("untold")
        told, denied = await describe_groups(asker, [listed[0], untold])
        assert (told.fault, denied.fault) == (None, coded("GROUP_AUTHORIZATION_FAILED"))
        assert denied.members is None
        found = await read_commits(asker, ["told", "untold"])
        assert found["told"].fault is None
        assert found["untold"].fault == coded("GROUP_AUTHORIZATION_FAILED")


@pytest.mark.parametrize(
    ("user", "groups", "lists_all"),
    [("bob", [], False), ("eve", ["hung", "told", "told-848", "untold"], True)],
)
async def test_the_list_holds_all_groups_only_with_the_right_to_describe_the_cluster(
    local: LocalCluster, user: str, groups: list[str], lists_all: bool
) -> None:
    """bob gets an empty list and no error: that must not be shown as "there are no groups"."""
    async with logged_in(local, user) as cluster:
        reading: Reading[ClusterGroups] = await first(streams(cluster).groups(lambda: None, Pace(1.0)))
    assert reading.fault is None
    assert reading.value is not None
    assert [group.group_id for group in reading.value.groups] == groups
    assert (reading.value.notes, reading.value.lists_all) == ((), lists_all)
    assert (reading.value.left_out is None) is lists_all


async def test_the_lag_of_a_group_that_may_not_be_described(ann: Cluster) -> None:
    reading: Reading[GroupLag] = await first(streams(ann).group_lag("untold", "open", Pace(1.0)))
    assert reading.fault is None
    assert reading.value is not None
    assert reading.value.fault == coded("GROUP_AUTHORIZATION_FAILED")
    assert [(lag.committed_offset, lag.log_end_offset) for lag in reading.value.partitions] == [
        (None, 1),
        (None, 1),
    ]
    whole: Reading[GroupLag] = await first(streams(ann).group_lag("told", "described", Pace(1.0)))
    assert whole.value is not None
    assert [lag.lag for lag in whole.value.partitions] == [0, 0]


async def test_the_lag_on_a_topic_that_may_not_be_described(ann: Cluster) -> None:
    reading: Reading[GroupLag] = await first(streams(ann).group_lag("told", "hidden", Pace(1.0)))
    assert reading.fault == coded("TOPIC_AUTHORIZATION_FAILED").within("reading the lag of told: hidden")


async def test_the_tail_of_a_topic_that_may_be_described_and_not_read(ann: Cluster) -> None:
    began = monotonic()
    async with aclosing(streams(ann).tail("described", Pace(1.0))) as stream:
        faults: tuple[tuple[int, Fault], ...] = ()
        async for reading in stream:
            assert reading.fault is None
            news: TailNews | None = reading.value
            assert news is not None
            assert news.records == ()
            faults = news.faults
            if len(faults) == news.partitions or monotonic() - began > 5:
                break
    assert dict(faults) == dict.fromkeys((0, 1), coded("TOPIC_AUTHORIZATION_FAILED"))


async def test_rebalances_before_the_start_need_the_right_to_read_their_log(ann: Cluster) -> None:
    async with ann.asker("past") as asker:
        with pytest.raises(ClusterError) as failed:
            _ = [value async for value in search(asker)]
    assert failed.value.kind is FaultKind.DENIED


async def test_the_tail_of_a_topic_that_may_not_be_described(ann: Cluster) -> None:
    reading: Reading[TailNews] = await first(streams(ann).tail("hidden", Pace(1.0)))
    assert reading.fault == coded("TOPIC_AUTHORIZATION_FAILED").within("tailing hidden")


async def test_whether_a_group_is_stuck_is_not_known_without_the_right_to_read_its_topic(
    local: LocalCluster,
) -> None:
    """All between the commit and the end may be markers, which only a reader of the topic can tell."""
    async with (
        connected(local.bootstrap_servers) as everything,
        logged_in(local, "dan") as cluster,
        cluster.asker("watch") as asker,
    ):
        admin = Admin(everything)
        watch = Watch(asker, "hung", "unreadable")
        async with classic_member(local.bootstrap_servers, "hung", "unreadable", "c1") as consumer:
            await three_commits(watch, consumer, admin)
            await write(admin, "unreadable", {0: [b"x"] * 5})
            standing = await watch.looks(60)
    assert (standing.verdict, standing.denied, standing.lag) == (Verdict.UNKNOWN, True, 5)
    assert standing.phrase == "not known, without READ on the topic"
    assert Verdict.STUCK not in watch.seen


async def test_the_state_of_brokers_needs_a_right_on_the_cluster(local: LocalCluster, ann: Cluster) -> None:
    watch = BrokersWatch(ann.asker("brokers"), dict)
    async with ann.asker("topics") as asker:
        await read_metadata(asker)
    found = await watch.read()
    assert (found.quorum, found.disks) == (None, {})
    assert found.quorum_fault is not None
    assert found.quorum_fault.kind is FaultKind.DENIED
    assert {fault.kind for fault in found.disk_faults.values()} == {FaultKind.DENIED}
    async with logged_in(local, "eve") as cluster, cluster.asker("topics") as asker:
        await read_metadata(asker)
        found = await BrokersWatch(asker, dict).read()
        assert found.quorum is not None
        assert sum(disk.size for disk in found.disks.values()) > 0


async def test_partitions_that_may_not_be_read_hide_no_age_of_the_others(
    ann: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request names only partitions that are denied."""
    monkeypatch.setattr("kafkatui.kafka.ages.PARTITIONS", 2)
    async with ann.asker("ages") as asker:
        await read_metadata(asker)
        wanted = {Place(topic, number): 0 for topic in ("described", "open") for number in (0, 1)}
        found = await read_times(asker, wanted)
    assert set(found) == {Place("open", 0), Place("open", 1)}


@pytest.mark.parametrize("user", ["ann", "bob"])
async def test_the_log_of_a_group_that_may_not_be_read(local: LocalCluster, user: str) -> None:
    """Without DESCRIBE and READ, and with DESCRIBE only: the missing right is named, and tries become
    rare."""
    async with logged_in(local, user) as cluster:
        began = monotonic()
        reading: Reading[GroupLogNews] = await first(streams(cluster).group_log(lambda: "told", Pace(1.0)))
    assert reading.value is None
    assert (
        str(reading.fault)
        == "following __consumer_offsets: this user may not READ it (TOPIC_AUTHORIZATION_FAILED)"
    )
    assert reading.retry_at is not None
    assert reading.retry_at > began + 30


async def test_the_log_of_a_group_needs_no_right_but_to_read_it(local: LocalCluster) -> None:
    async with logged_in(local, "eve") as cluster:
        reading: Reading[GroupLogNews] = await first(streams(cluster).group_log(lambda: "told", Pace(1.0)))
    assert reading.fault is None
    assert reading.value is not None
    assert [one.number for one in reading.value.generations if one.group_id == "told"] == [0, 1, 2]


async def test_the_commands_without_a_screen_say_what_may_not_be_seen(local: LocalCluster) -> None:
    login = [
        part
        for one in ("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=ann")
        for part in ("-X", one)
    ]
    words = ("-b", local.servers("LOGIN"), *login)
    code, out, err = await done("status", *words, "--json", "--wait", "5", KAFKATUI_SASL_PASSWORD="hush")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert faults(found, schema("status.schema.json")) == []
    groups = {group["group"]: group for group in found["groups"]}
    assert "untold" not in groups
    assert "hidden" not in {one["topic"] for one in groups["told"]["topics"]}
    assert any("may describe" in line for line in found["not_known"])
    hidden = ("--group", "untold", "--max-lag", "0", "--wait", "3")
    code, out, err = await done("check", *words, *hidden, KAFKATUI_SASL_PASSWORD="hush")
    assert (code, err) == (3, "")
    assert out.startswith("UNKNOWN - ")
    assert "may describe" in out  # it does not claim that there is no such group

"""Records what a real broker answers: ``python -m tests.record_answers`` (needs Java, takes half a minute).

Every answer that kafkatui decodes is asked for once in the newest version both sides speak and once in the
oldest one kafkatui asks for, from an Apache Kafka of its own with topics, records in every codec, a
transaction and members of groups of both kinds. ``tests/unit/answers/<Api>-<version>.bin`` is the body of
the answer, without the frame's length and the response header. `tests.unit.test_lying_answers` mutates them.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kafkatui.domain.cluster.groups import Group, GroupKind
from kafkatui.domain.rebalance.generations import group_partition
from kafkatui.kafka import requests
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.cluster_state import read_log_dirs, read_quorum
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.fetch import fetch
from kafkatui.kafka.groups import describe_groups, lists_all_groups, read_group_list
from kafkatui.kafka.reassignments import read_reassignments
from kafkatui.kafka.requests import Api, RawRequest, Request
from kafkatui.kafka.share_groups import describe_share_groups
from kafkatui.kafka.streams_groups import describe_streams_groups
from kafkatui.kafka.topic_facts import read_open_transactions, read_settings
from kafkatui.kafka.topics import read_ends, read_metadata, read_policies
from kafkatui.local import LocalCluster
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, connected, new_member, streams_heartbeat, write
from tests.integration.kafka_tools import SHARE_SETTINGS, begin_to_move, share_consumer
from tests.integration.other_kafka import NEWEST, environment, kafka_home

ANSWERS = Path(__file__).parent / "unit" / "answers"
OLDEST = {
    Api.METADATA: 4, Api.FETCH: 4, Api.FIND_COORDINATOR: 4, Api.OFFSET_FETCH: 8, Api.LIST_GROUPS: 0,
    Api.DESCRIBE_GROUPS: 0, Api.DESCRIBE_CONFIGS: 1, Api.DESCRIBE_CLUSTER: 0,
    Api.DESCRIBE_LOG_DIRS: 1, Api.DESCRIBE_QUORUM: 0,
}  # fmt: skip


@contextmanager
def keeping() -> Iterator[None]:
    """Write down every answer that is decoded."""
    decode, raw = Request.decode, RawRequest.decode

    def keep(request: Request | RawRequest, data: bytes, note: str = "") -> None:
        (ANSWERS / f"{request.api.label}-{request.version}{note}.bin").write_bytes(data)

    def kept(self: Request, data: bytes) -> object:
        note = "-offsets" if self.api is Api.FETCH and b"__consumer_offsets" in data else ""
        keep(self, data, note)
        return decode(self, data)

    def kept_raw(self: RawRequest, data: bytes) -> bytes:
        keep(self, data)
        return raw(self, data)

    Request.decode, RawRequest.decode = kept, kept_raw  # type: ignore[method-assign]
    try:
        yield
    finally:
        Request.decode, RawRequest.decode = decode, raw  # type: ignore[method-assign]


@contextmanager
def oldest() -> Iterator[None]:
    """Ask in the oldest versions."""
    choose = requests.choose_version

    def choose_oldest(api: Api, versions: dict[int, tuple[int, int]], lowest: int = 0) -> int:
        low, high = versions.get(api, (0, -1))
        return choose(api, {api: (low, min(high, max(low, OLDEST.get(api, high))))}, lowest)

    requests.choose_version = choose_oldest
    try:
        yield
    finally:
        requests.choose_version = choose


async def ask_everything(cluster: Cluster) -> None:
    """What the screens ask."""
    asker = cluster.asker("record")
    await cluster.connect()
    _, topics, *_ = await read_metadata(asker)
    await read_ends(asker, topics)
    await read_policies(asker, ["orders", "codecs"])
    await read_settings(asker, "orders")
    (pending,) = (topic for topic in topics if topic.name == "pending")
    (one,) = await read_open_transactions(asker, pending)
    assert one.transactional_id == "open"
    await read_quorum(asker)
    await read_log_dirs(asker)
    groups, _ = await read_group_list(asker)
    cluster.coordinators.clear()
    await describe_groups(asker, groups)
    await read_commits(asker, [group.group_id for group in groups])
    await lists_all_groups(asker)
    (leader,) = cluster.brokers
    wanted = [("codecs", 0, 0), ("orders", 0, 0), ("orders", 1, 0)]
    await fetch(asker, leader, wanted, wait=0.1, size=1 << 20, each=1 << 20)
    (offsets,) = (topic for topic in topics if topic.name == "__consumer_offsets")
    number = group_partition("classic", len(offsets.partitions))
    await fetch(asker, leader, [(offsets.name, number, 0)], wait=0.1, size=1 << 20, each=1 << 20)
    asker.close()


async def main() -> None:
    """Start a Kafka, fill it, ask."""
    for old in ANSWERS.glob("*.bin"):
        old.unlink()
    async with AsyncExitStack() as stack:
        local = await stack.enter_async_context(LocalCluster(1, {"offsets.topic.num.partitions": "2"}))
        servers = local.bootstrap_servers
        cluster = await stack.enter_async_context(connected(servers))
        admin = Admin(cluster)
        await admin.create_topics(["orders"], partitions=3)
        await admin.create_topics(["codecs"], partitions=1, configs={"cleanup.policy": "compact"})
        await write(admin, "orders", {0: [b"1", b"2", None], 1: [b"3"]})
        for codec in ("gzip", "snappy", "lz4", "zstd"):
            await write(admin, "codecs", {0: [b"value" * 20]}, compression_type=codec)
        async with admin.producer(transactional_id="t") as producer, producer.transaction():
            await producer.send_and_wait("codecs", b"v", b"k", partition=0, headers=[("h", b"x")])
        await admin.create_topics(["pending"], partitions=1)
        pending = await stack.enter_async_context(admin.producer(transactional_id="open"))
        await pending.begin_transaction()
        await pending.send_and_wait("pending", b"v", b"k", partition=0)
        member = await stack.enter_async_context(classic_member(servers, "classic", "orders", "one"))
        await member.commit(dict.fromkeys(member.assignment(), 1))
        read = await stack.enter_async_context(new_member(servers, "new", "orders", "two"))
        await asyncio.to_thread(read, 3)

        async def all_there() -> bool:
            groups, _ = await read_group_list(cluster.asker("look"))
            return {group.group_id for group in groups} == {"classic", "new"}

        await eventually(all_there, 20)
        with keeping():
            async with connected(servers) as another:
                await ask_everything(another)
            with oldest():
                async with connected(servers) as another:
                    await ask_everything(another)
    await record_a_reassignment()
    await record_other_kinds_of_groups()


async def record_a_reassignment() -> None:
    """A reassignment takes two brokers; it is throttled, so that it goes on."""
    async with LocalCluster(3) as local, connected(local.bootstrap_servers) as cluster:
        admin = Admin(cluster)
        await admin.create_topics(["orders"], partitions=1, replicas=1)
        await write(admin, "orders", {0: [random.randbytes(100_000) for _ in range(40)]})
        async with cluster.asker("record") as asker:
            _, (topic,), *_ = await read_metadata(asker, ["orders"])
            move = await asyncio.to_thread(begin_to_move, local.bootstrap_servers, topic)
            with keeping():
                moves = await read_reassignments(asker)
    assert [one.adding for one in moves.values()] == [(move,)]


async def record_other_kinds_of_groups() -> None:
    """A share group and a streams group, of the newest release: older ones tell less."""
    with TemporaryDirectory() as made:
        home = await asyncio.to_thread(kafka_home, NEWEST, Path(made))
        local = LocalCluster(1, SHARE_SETTINGS)
        with environment({"KAFKA_HOME": str(home)}):
            await local.start()
        try:
            async with connected(local.bootstrap_servers) as cluster, cluster.asker("record") as asker:
                admin = Admin(cluster)
                await admin.create_topics(["orders"], partitions=2)
                with share_consumer(local.bootstrap_servers, "points", "orders"):
                    state: tuple[int, tuple[int, ...]] = (0, ())

                    async def all_there() -> bool:
                        nonlocal state
                        groups = (await read_group_list(asker))[0]
                        await read_commits(asker, ["words"])
                        state = await streams_heartbeat(asker, "words", "orders", "stream-1", *state)
                        described = {group.group_id: group for group in await describe_groups(asker, groups)}
                        assert described.keys() == {"points", "words"}
                        sharing = described["points"].sharing
                        own = [one.assignment for one in described["words"].members or ()]
                        taken = [one.assignment for one in sharing.members] if sharing is not None else [()]
                        return all(taken) and all(own) and bool(sharing and sharing.offsets)

                    await eventually(all_there, 30, every=0.3)
                    share, streams = Group("points", GroupKind.SHARE), Group("words", GroupKind.STREAMS)
                    async with cluster.asker("anew") as anew:  # the other keeps what it decoded already
                        with keeping():
                            await describe_share_groups(anew, 1, [share])
                            await describe_streams_groups(anew, 1, [streams])
        finally:
            await local.stop()


if __name__ == "__main__":
    asyncio.run(main())

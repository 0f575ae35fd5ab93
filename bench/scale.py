"""What watching a large cluster costs: 1,000 topics of 10 partitions and 200 groups with commits.

    python -m bench.scale [SECONDS] [--topics N] [--partitions N] [--groups N] [--keep | --at HOST:PORT]

Starts a real Kafka for it (or uses one that such a run left with ``--keep``), watches it first by the
streams alone, then by the whole program on a screen of 200x60 that nobody sees. Prints what was asked, what
it cost, and the steps that held the event loop longest with what was going on in them. All but the times to
filled panes is CPU time, so that a busy machine counts little; measuring itself takes about a tenth.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from textual.message import Message

from bench.loop_watch import Watch
from kafkatui.app import KafkaTui, spare_the_collector
from kafkatui.config import Config, load_config
from kafkatui.domain.cluster.reading import Reading
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from kafkatui.panes.pane import Pane
from kafkatui.panes.tail import TailPane
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.eventually import eventually

TOPICS_EACH = 5
"""Topics a group has committed on; the first group has on all."""


async def fill(bootstrap_servers: str, topics: int, partitions: int, groups: int) -> None:
    """Make topics, some records, and groups that have committed and have no members."""
    names = [f"topic-{number:04}" for number in range(topics)]
    async with Cluster(load_config(bootstrap_servers, None, ["request.timeout.ms=120000"], {})) as cluster:
        await cluster.connect()
        admin = Admin(cluster)
        for start in range(0, topics, 100):
            await admin.create_topics(names[start : start + 100], partitions=partitions)
        async with cluster.asker("leaders") as asker:
            await eventually(lambda: _served(asker, topics), deadline=120, every=1)
        async with admin.producer(linger_ms=20) as producer:
            for name in names[:: max(1, topics // 100)]:
                for number in range(10 * partitions):
                    await producer.send(name, b'{"some": "value"}', b"key", partition=number % partitions)
            await producer.flush()
    client = AdminClient({"bootstrap.servers": bootstrap_servers})
    for number in range(groups):
        first = number * TOPICS_EACH % topics
        read = names if number == 0 else (names + names)[first : first + TOPICS_EACH]
        commits = [TopicPartition(name, p, 0) for name in read for p in range(partitions)]
        wanted = ConsumerGroupTopicPartitions(f"group-{number:03}", commits)
        future = client.alter_consumer_group_offsets([wanted], request_timeout=60)[wanted.group_id]
        await asyncio.to_thread(future.result, 60)


async def _served(asker: Asker, wanted: int) -> bool:
    """All topics are there, and all their partitions have a leader."""
    _, topics, *_ = await read_metadata(asker)
    return len(topics) >= wanted and not any(p.offline for topic in topics for p in topic.partitions)


async def watch_streams(config: Config, seconds: float) -> None:
    """The four streams alone, as the screen has them."""
    async with Cluster(config) as cluster:
        await cluster.connect()
        own = streams(cluster)
        looks = dict.fromkeys(("topics", "groups", "lag", "tail"), 0)
        visible = frozenset(f"topic-{number:04}" for number in range(40))
        followed: dict[str, AsyncGenerator[Reading[Any]]] = {
            "topics": own.topics(lambda: visible, Pace(2.0)),
            "groups": own.groups(lambda: "group-000", Pace(0.5)),
            "lag": own.group_lag("group-000", "topic-0000", Pace(1.0)),
            "tail": own.tail("topic-0000", Pace(1.0)),
        }

        async def follow(name: str, stream: AsyncGenerator[Reading[Any]]) -> None:
            async for reading in stream:
                looks[name] += 1
                if reading.fault is not None:
                    print(f"  {name}: {reading.fault}")

        spare_the_collector()
        with Watch().measuring() as watch:
            began, cpu = time.monotonic(), time.process_time()
            async with AsyncExitStack() as stack:
                for stream in followed.values():
                    await stack.enter_async_context(aclosing(stream))
                tasks = [asyncio.create_task(follow(*item)) for item in followed.items()]
                await asyncio.sleep(seconds)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            spent, passed = time.process_time() - cpu, time.monotonic() - began
        print(f"streams alone, {passed:.0f} s: looks {looks}")
        tell_cost(cluster.requests, cluster.bytes, sum(looks.values()), passed, spent)
        watch.tell()
    await one_look(config)


async def one_look(config: Config) -> None:
    """What the first look of each stream asks, which is a look at everything."""
    for name in ("topics", "groups", "lag"):
        async with Cluster(config) as cluster:
            await cluster.connect()
            own = streams(cluster)
            before, cpu = own.cost(), time.process_time()
            stream: AsyncGenerator[Reading[Any]]
            if name == "topics":
                stream = own.topics(frozenset, Pace(2.0))
            elif name == "groups":
                stream = own.groups(lambda: None, Pace(0.5))
            else:
                stream = own.group_lag("group-000", "topic-0000", Pace(1.0))
            await anext(stream)
            requests, moved = (now - then for now, then in zip(own.cost(), before, strict=True))
            print(
                f"  one full look of {name}: {requests} requests with connecting, {moved / 1e3:,.0f} kB,"
                f" {(time.process_time() - cpu) * 1e3:.0f} ms CPU"
            )
            await stream.aclose()


def tell_cost(requests: int, moved: int, looks: int, passed: float, spent: float) -> None:
    print(
        f"  {requests} requests, {moved / 1e3:,.0f} kB; a look {requests / looks:.1f} and"
        f" {moved / 1e3 / looks:,.1f} kB; CPU {spent / passed * 60:.2f} s a minute"
    )


async def watch_screen(config: Config, seconds: float) -> None:
    """The whole program, its screen drawn for nobody."""
    filled: dict[str, float] = {}
    looks: set[tuple[str | None, float]] = set()
    began = time.monotonic()

    def count(message: Message) -> None:
        if isinstance(message, Pane.ReadingChanged) and not isinstance(message.pane, TailPane):
            looks.add((message.pane.id, message.time))  # it is met again at each parent

    async with AsyncExitStack() as owned:
        app = KafkaTui(config, owned)
        with Watch().measuring() as first:
            async with app.run_test(size=(200, 60), message_hook=count):
                while len(filled) < 4 and time.monotonic() - began < 60:
                    await asyncio.sleep(0.02)
                    if isinstance(app.screen, MonitorScreen):
                        for pane in app.screen.panes:
                            if pane.reading.value is not None and (
                                not pane.has_class("-said") or isinstance(pane, TailPane)
                            ):
                                filled.setdefault(pane.NAME, time.monotonic() - began)
                told = ", ".join(f"{name} {at:.2f}" for name, at in filled.items())
                print(f"screen, first panes filled after (s): {told}")
                first.tell()
                first.forget()
                looks.clear()
                cluster = app._cluster
                assert cluster is not None
                requests, moved = cluster.requests, cluster.bytes
                since, cpu = time.monotonic(), time.process_time()
                await asyncio.sleep(seconds)
                passed, spent = time.monotonic() - since, time.process_time() - cpu
                print(f"screen, then {passed:.0f} s: {len(looks)} looks")
                tell_cost(cluster.requests - requests, cluster.bytes - moved, len(looks), passed, spent)
                first.tell()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("seconds", type=float, nargs="?", default=30.0)
    parser.add_argument("--topics", type=int, default=1000)
    parser.add_argument("--partitions", type=int, default=10)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--at", help="a cluster that was filled before")
    parser.add_argument("--keep", action="store_true", help="leave the cluster running until ctrl+c")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

    async def watch(servers: str) -> None:
        config = load_config(servers, None, [], {})
        await watch_streams(config, options.seconds)
        await watch_screen(config, options.seconds)

    if options.at:
        await watch(options.at)
        return
    properties = {"log.index.size.max.bytes": "4096", "log.cleaner.enable": "false"}
    async with LocalCluster(properties=properties, heap="1g") as cluster:
        began = time.monotonic()
        await fill(cluster.bootstrap_servers, options.topics, options.partitions, options.groups)
        print(f"{cluster.bootstrap_servers} filled in {time.monotonic() - began:.0f} s", flush=True)
        if options.keep:
            await asyncio.Event().wait()
        await watch(cluster.bootstrap_servers)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

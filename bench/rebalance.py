"""What watching a restless group costs: 40 members, 200 partitions, a rebalance every second.

    python -m bench.rebalance [SECONDS] [--members N] [--partitions N]

Starts a real Kafka and a process with the members, of which each second one leaves or one comes; the whole
program watches on screens of 120x40 and 200x60 that nobody sees. Prints the rebalances it saw, what asking
cost, and the steps that held the event loop longest.
"""

import argparse
import asyncio
import logging
import sys
import time
from contextlib import AsyncExitStack, suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from bench.loop_watch import Watch
from kafkatui.app import KafkaTui
from kafkatui.config import Config, load_config
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.local import LocalCluster
from kafkatui.screens.monitor import MonitorScreen
from tests.integration.eventually import eventually

GROUP = TOPIC = "restless"


async def play(bootstrap_servers: str, members: int) -> None:
    """The members, in a process of their own: all join, then one of them leaves or comes back each second."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

    async def member(number: int) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            TOPIC,
            bootstrap_servers=bootstrap_servers,
            group_id=GROUP,
            client_id=f"m{number:02}",
            heartbeat_interval_ms=500,
            session_timeout_ms=10_000,
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        await consumer.start()
        return consumer

    living = list(await asyncio.gather(*(member(number) for number in range(members))))
    number = members
    while True:
        await asyncio.sleep(1)
        if len(living) == members:
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await living.pop(0).stop()
        else:
            living.append(await member(number))
            number += 1


async def watch(config: Config, size: tuple[int, int], seconds: float, members: int) -> None:
    """The whole program, its screen drawn for nobody."""
    async with AsyncExitStack() as owned:
        app = KafkaTui(config, owned, topic=TOPIC, group=GROUP)
        with Watch().measuring() as loop:
            async with app.run_test(size=size):
                await eventually(lambda: _shown(app, members - 1), deadline=120, every=0.1)
                assert isinstance(app.screen, MonitorScreen)
                cluster = app._cluster
                assert cluster is not None
                loop.forget()
                requests, moved = cluster.requests, cluster.bytes
                since, cpu = time.monotonic(), time.process_time()
                await asyncio.sleep(seconds)
                passed, spent = time.monotonic() - since, time.process_time() - cpu
                story = app.screen.view.happened.timeline.story(GROUP)
                seen = sum(event.started_at >= since for event in story.events)
                print(
                    f"{size[0]}x{size[1]}, {passed:.0f} s: {seen} rebalances seen,"
                    f" source {story.source}, generation {story.generation}"
                )
                print(
                    f"  {(cluster.requests - requests) / passed:.1f} requests/s,"
                    f" {(cluster.bytes - moved) / 1e3 / passed:,.1f} kB/s, CPU {spent / passed:.0%} of a core"
                )
                loop.tell()


async def _shown(app: KafkaTui, members: int) -> bool:
    """So many members are in the map."""
    screen = app.screen
    return isinstance(screen, MonitorScreen) and len(screen.assignments_pane.members.keys) >= members


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--members", type=int, default=40)
    parser.add_argument("--partitions", type=int, default=200)
    parser.add_argument("--play", metavar="HOST:PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if options.play:
        await play(options.play, options.members)
        return
    async with LocalCluster() as kafka:
        config = load_config(kafka.bootstrap_servers, None, [], {})
        async with Cluster(config) as cluster:
            await cluster.connect()
            await Admin(cluster).create_topics([TOPIC], partitions=options.partitions)
        players = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.rebalance", "--play", kafka.bootstrap_servers),
            *("--members", str(options.members)),
        )
        try:
            for size in ((120, 40), (200, 60)):
                await watch(config, size, options.seconds, options.members)
        finally:
            players.kill()
            await players.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

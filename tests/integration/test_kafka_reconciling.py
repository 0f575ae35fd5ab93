"""A KIP-848 group while it reconciles: epochs, assignments, target assignments, the member that delays."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from threading import Event
from typing import Any

import pytest
from confluent_kafka import Consumer

from kafkatui.domain.cluster.groups import Group, GroupKind, Member
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.kafka.admin import Admin
from kafkatui.local import LocalCluster
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected

pytestmark = pytest.mark.kafka

HEARTBEAT = {
    "group.consumer.heartbeat.interval.ms": "500",
    "group.consumer.min.heartbeat.interval.ms": "500",
}
AT_MOST = 60.0
"""Seconds after which the slow member gives up its partitions even if nobody has let it."""


@asynccontextmanager
async def member(
    bootstrap_servers: str, client_id: str, may_give_up: Event | None = None
) -> AsyncIterator[None]:
    """A member that polls until the block ends, and then leaves. It gives up partitions at once, or when the
    test allows it.
    """
    ended = Event()

    def give_up(*_: object) -> None:
        if may_give_up is not None:
            may_give_up.wait(AT_MOST)

    def run() -> None:
        consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": "next",
                "group.protocol": "consumer",
                "client.id": client_id,
            }
        )
        consumer.subscribe(["orders"], on_revoke=give_up)
        while not ended.is_set():
            consumer.poll(0.05)
        consumer.close()

    task = asyncio.create_task(asyncio.to_thread(run))
    try:
        yield
    finally:
        ended.set()
        if may_give_up is not None:
            may_give_up.set()
        await task


def by_client(group: Group) -> dict[str, Member]:
    return {member.client_id: member for member in group.members or ()}


def numbers(partitions: Any) -> list[int] | None:
    return None if partitions is None else [partition.partition for partition in partitions]


async def test_the_member_that_delays_a_rebalance_is_named() -> None:
    async with LocalCluster(properties=HEARTBEAT) as local, connected(local.bootstrap_servers) as cluster:
        await Admin(cluster).create_topics(["orders"], partitions=6)
        looks: list[Group] = []

        async def look() -> None:
            async with aclosing(streams(cluster).groups(lambda: "next", Pace(0.3))) as stream:
                async for reading in stream:
                    looks.extend(reading.value.groups if reading.value else ())

        def stable(clients: int) -> Callable[[], bool]:
            return lambda: bool(
                looks and looks[-1].state == "Stable" and len(looks[-1].members or ()) == clients
            )

        def held_up() -> int:
            """The looks that showed the new member waiting for the slow one."""
            return sum(
                group.state == "Reconciling"
                and len(group.members or ()) == 2
                and by_client(group)["slow"].epoch != group.epoch
                for group in looks
            )

        looking = asyncio.create_task(look())
        servers = local.bootstrap_servers
        may_give_up = Event()
        async with member(servers, "slow", may_give_up):
            await eventually(stable(1))
            first = looks[-1]
            async with member(servers, "new"):
                await eventually(lambda: held_up() >= 3)
                may_give_up.set()
                await eventually(stable(2))
                second = looks[-1]
            await eventually(stable(1))
            third = looks[-1]
        await eventually(lambda: looks[-1].state == "Empty")
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

    assert {group.kind for group in looks if group.members is not None} == {GroupKind.CONSUMER}
    for settled, shares in ((first, [6]), (second, [3, 3]), (third, [6])):
        assert settled.assignment_epoch == settled.epoch
        assert sorted(len(one.assignment) for one in settled.members or ()) == shares
        assert all(one.assignment == one.target for one in settled.members or ())
        assert {one.epoch for one in settled.members or ()} == {settled.epoch}
    assert first.epoch is not None
    assert (second.epoch, third.epoch) == (first.epoch + 1, first.epoch + 2)

    story = GroupStory()
    compared = 0
    for group in looks:
        if group.described_at is not None:
            story.observe(group, group.described_at)
        found = by_client(group)
        if group.epoch != second.epoch or len(found) < 2 or found["slow"].epoch == second.epoch:
            continue
        # what is to be given up is no longer counted as assigned; the epoch tells that it is still held
        slow, new = found["slow"], found["new"]
        assert (group.state, slow.epoch) == ("Reconciling", first.epoch)
        assert new.assignment == ()
        assert numbers(new.target) == numbers(by_client(second)["new"].assignment)
        assert numbers(slow.target) == numbers(by_client(second)["slow"].assignment)
        picture = story.map("orders", 6)
        assert picture is not None
        rows = {row.name: row for row in picture.rows}
        assert (rows["new"].holders, rows["slow"].holders) == (("slow",), ())
        assert list(rows["new"].waits_for) == list(rows["slow"].gives_up) == numbers(new.target)
        compared += 1
    assert compared >= 2, "for as long as the slow one gave up"
    epochs = [event.generation for event in reversed(story.events) if event.members]
    assert epochs == [first.epoch, second.epoch, third.epoch]

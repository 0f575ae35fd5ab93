"""Consumers outside kafkatui that record when their rebalance callbacks ran: the true pauses."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from confluent_kafka import Consumer, KafkaException

HEARTBEAT = 1.0
"""Seconds between two heartbeats: members may read on this long after a rebalance began."""
COMMITTED_EVERY = 0.1
GIVING_UP = 0.3
"""Seconds a slow member takes to give up its partitions."""


@dataclass(slots=True)
class Diary:
    """The partitions of each callback of one member, with the monotonic time of the call."""

    revoked: list[tuple[float, frozenset[int]]] = field(default_factory=list)
    assigned: list[tuple[float, frozenset[int]]] = field(default_factory=list)
    owned: frozenset[int] = frozenset()

    def give_up(self, partitions: Iterable[Any]) -> None:
        numbers = frozenset(one.partition for one in partitions)
        self.revoked.append((monotonic(), numbers))
        self.owned -= numbers

    def get(self, partitions: Iterable[Any]) -> None:
        numbers = frozenset(one.partition for one in partitions)
        self.assigned.append((monotonic(), numbers))
        self.owned |= numbers

    def pauses(self, since: float, until: float) -> list[float]:
        """Seconds from giving up partitions to getting partitions, for a member that gives up all of them."""
        return [
            next(got for got, _ in self.assigned if got >= at) - at
            for at, numbers in self.revoked
            if numbers and since < at < until
        ]


def unread(diaries: Mapping[str, Diary], since: float, until: float) -> dict[int, float]:
    """By partition that one member gave up between `since` and `until` and another got: seconds without an
    owner."""
    found: dict[int, float] = defaultdict(float)
    for who, diary in diaries.items():
        for at, numbers in diary.revoked:
            for number in numbers if since < at < until else ():
                for other, heir in diaries.items():
                    got = [when for when, partitions in heir.assigned if when >= at and number in partitions]
                    if other != who and got:
                        found[number] = max(found[number], min(got) - at)
    return dict(found)


class ConfluentMember:
    """A confluent-kafka consumer that polls in a thread of its own and commits while it reads; one that is
    `slow` commits each record, and again after the seconds it takes to give up its partitions.
    """

    def __init__(
        self, servers: str, group: str, topic: str, name: str, settings: Mapping[str, Any], slow: float = 0.0
    ) -> None:
        self.diary = Diary()
        self._slow = slow
        self._over = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": servers,
                "group.id": group,
                "client.id": name,
                "auto.offset.reset": "latest",
                "auto.commit.interval.ms": int(COMMITTED_EVERY * 1000),
                **settings,
            }
        )
        self._consumer.subscribe(
            [topic],
            on_assign=lambda _, partitions: self.diary.get(partitions),
            on_revoke=lambda _, partitions: self._give_up(partitions),
            on_lost=lambda _, partitions: self.diary.give_up(partitions),
        )
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def _give_up(self, partitions: Iterable[Any]) -> None:
        self.diary.give_up(partitions)
        if self._slow:
            sleep(self._slow)
            self._commit()

    def _commit(self) -> None:
        with suppress(KafkaException):  # nothing new is read, or the group rebalances
            self._consumer.commit(asynchronous=False)

    def _poll(self) -> None:
        while not self._over.is_set():
            if self._consumer.poll(0.05) is not None and self._slow:
                self._commit()
        self._consumer.close()

    async def stop(self) -> None:
        """Leave the group; returns when it has."""
        self._over.set()
        await asyncio.to_thread(self._thread.join)


class AioMember:
    """An aiokafka consumer that commits while it reads."""

    def __init__(self, servers: str, group: str, topic: str, name: str) -> None:
        self.diary = diary = Diary()

        class Listener(ConsumerRebalanceListener):
            def on_partitions_revoked(self, revoked: set[Any]) -> None:
                diary.give_up(revoked)

            def on_partitions_assigned(self, assigned: set[Any]) -> None:
                diary.get(assigned)

        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=servers,
            group_id=group,
            client_id=name,
            auto_offset_reset="latest",
            auto_commit_interval_ms=int(COMMITTED_EVERY * 1000),
            heartbeat_interval_ms=int(HEARTBEAT * 1000),
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        self._consumer.subscribe([topic], listener=Listener())
        self._task = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        await self._consumer.start()
        while True:
            await self._consumer.getmany(timeout_ms=50)

    async def stop(self) -> None:
        """Leave the group; returns when it has."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._consumer.stop()


Member = ConfluentMember | AioMember

CLASSIC = {"heartbeat.interval.ms": int(HEARTBEAT * 1000)}
CONFLUENT: Mapping[str, Mapping[str, Any]] = {
    "range": {**CLASSIC, "partition.assignment.strategy": "range"},
    "slow range": {**CLASSIC, "partition.assignment.strategy": "range", "enable.auto.commit": False},
    "cooperative-sticky": {**CLASSIC, "partition.assignment.strategy": "cooperative-sticky"},
    "consumer": {"group.protocol": "consumer"},
}
"""Settings of confluent-kafka, by the name of the kind of client."""


def make(kind: str, servers: str, group: str, topic: str, name: str) -> Member:
    """A member of that kind: ``aiokafka``, or one of `CONFLUENT`."""
    if kind == "aiokafka":
        return AioMember(servers, group, topic, name)
    slow = GIVING_UP if kind.startswith("slow") else 0.0
    return ConfluentMember(servers, group, topic, name, CONFLUENT[kind], slow)

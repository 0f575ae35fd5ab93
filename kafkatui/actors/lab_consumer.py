"""The consumer of the labs: it reads, works on each record, and commits as its settings say."""

import asyncio
import os
import signal
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from kafkatui.actors.bus import remember_brokers
from kafkatui.actors.consumer import assignor
from kafkatui.actors.lab_program import report, run_program


class LabConsumer:
    """One consumer. `settings` are those of `kafkatui.labs.lab.Lab.consumer`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.hand = asyncio.Lock()
        """Held while records are worked on: a rebalance waits for it."""
        self.done: dict[TopicPartition, int] = {}
        """By partition: the offset after the last record that was worked on, not committed yet."""
        self.finished = 0
        """How many records it has worked on."""
        self.slow = self.stuck = 0.0
        """Seconds that it takes to give up partitions; seconds for which it will not poll, once."""
        self.pause_at = settings["pause_at"]
        """It waits for the command ``go`` before it works on the record after so many."""
        self.going = asyncio.Event()
        self.consumer = make_consumer(settings)

    async def run(self) -> None:
        """Join the group, then read, work and commit until the command ``leave`` comes."""
        self.consumer.subscribe(self.settings["topics"], listener=Listener(self))
        await self.consumer.start()
        report("started")
        try:
            while True:
                await self.read()
        finally:
            await self.leave()

    async def read(self) -> None:
        """Poll once, and work on what came."""
        batches = await self.consumer.getmany(timeout_ms=100, max_records=self.settings["max_records"])
        if self.stuck:
            await self.get_stuck()
        async with self.hand:
            if batches and self.settings["batch_work"]:
                await asyncio.sleep(self.settings["batch_work"])
            if batches and self.settings["commit"] == "before":
                self.done = {partition: records[-1].offset + 1 for partition, records in batches.items()}
                await self.commit()
            for partition, records in batches.items():
                for record in records:
                    await self.work(partition, record)
                if self.settings["commit"] == "batch":
                    await self.commit()

    async def work(self, partition: TopicPartition, record: ConsumerRecord[bytes, bytes]) -> None:
        """Work on one record; it is done when that is reported."""
        if self.finished == self.pause_at:
            report("paused")
            self.going.clear()
            await self.going.wait()
        if self.finished == self.settings["die_at"]:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.settings["work"]:
            await asyncio.sleep(self.settings["work"])
        self.finished += 1
        self.done[partition] = record.offset + 1
        value = (record.value or b"").decode()
        report("done", topic=record.topic, partition=record.partition, offset=record.offset, value=value)
        if self.settings["commit"] == "record":
            await self.commit()

    async def commit(self) -> None:
        """Commit the offset after the last record that is done, in each partition."""
        ours = {where: self.done[where] for where in self.consumer.assignment() & self.done.keys()}
        self.done.clear()
        if not ours:
            return
        try:
            await self.consumer.commit(ours)
        except (CommitFailedError, IllegalStateError) as error:
            report("refused", detail=type(error).__name__)
        else:
            report("committed", partitions=[[where.topic, where.partition] for where in ours])

    async def get_stuck(self) -> None:
        """Do not poll for a while; heartbeats go on in a task of their own."""
        report("stuck", detail=str(self.stuck))
        seconds, self.stuck = self.stuck, 0.0
        await asyncio.sleep(seconds)
        report("back")

    async def leave(self) -> None:
        """Leave the group: `stop` sends LeaveGroup, unless the member is static."""
        if self.settings["commit"] in {"record", "batch"}:
            await self.commit()
        await self.consumer.stop()

    async def take(self, command: dict[str, Any]) -> None:
        """Do a command of the lab."""
        match command["do"]:
            case "commit":
                await self.commit()
            case "go":
                self.pause_at += command["records"]
                self.going.set()
            case "slow":
                self.slow = command["seconds"]
            case "stuck":
                self.stuck = command["seconds"]


def make_consumer(settings: dict[str, Any]) -> AIOKafkaConsumer:
    """A consumer of aiokafka."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings["bootstrap_servers"],
        client_id=settings["name"],
        group_id=settings["group"],
        group_instance_id=settings["instance"],  # None: no static member
        partition_assignment_strategy=[assignor(settings["assignor"])],
        auto_offset_reset=settings["reset"],  # only where the group has no usable commit
        enable_auto_commit=settings["commit"] == "auto",
        auto_commit_interval_ms=500,
        session_timeout_ms=int(1000 * settings["session"]),
        heartbeat_interval_ms=int(1000 * settings["heartbeat"]),
        max_poll_interval_ms=int(1000 * settings["max_poll"]),
        rebalance_timeout_ms=int(1000 * settings["max_poll"]),
        metadata_max_age_ms=int(1000 * settings["metadata_age"]),
    )
    remember_brokers(consumer._client)
    return consumer


class Listener(ConsumerRebalanceListener):
    """Called when the consumer gets partitions, and when it has to give them up."""

    def __init__(self, worker: LabConsumer) -> None:
        self.worker = worker

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """All others wait until this returns."""
        report("revoked", partitions=sorted(revoked))
        async with self.worker.hand:
            if self.worker.slow:
                await asyncio.sleep(self.worker.slow)
            if self.worker.settings["commit"] in {"record", "batch"}:
                await self.worker.commit()
        report("released", partitions=sorted(revoked))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """From now on it reads these, from their committed offsets."""
        report("assigned", partitions=sorted(assigned))


if __name__ == "__main__":
    run_program(LabConsumer)

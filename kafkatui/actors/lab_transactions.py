"""The worker of the labs that reads, writes its effects and commits its offsets in one transaction."""

import os
import signal
from typing import Any

from aiokafka import AIOKafkaProducer

from kafkatui.actors.bus import remember_brokers
from kafkatui.actors.lab_consumer import make_consumer
from kafkatui.actors.lab_program import report, run_program


class TransactionalWorker:
    """One worker. `settings` are those of `kafkatui.labs.lab.Lab.transactional`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.finished = 0
        """How many effects it has written."""
        self.consumer = make_consumer(settings)
        self.producer = make_transactional(settings)

    async def run(self) -> None:
        """Join the group, then work in transactions until the command ``leave`` comes."""
        await self.producer.start()  # this aborts what an earlier worker with its transactional.id left open
        self.consumer.subscribe(self.settings["topics"])
        await self.consumer.start()
        report("started")
        try:
            while True:
                await self.work()
        finally:
            await self.consumer.stop()
            await self.producer.stop()

    async def work(self) -> None:
        """One batch: its effects and its offsets become visible together, or never."""
        batches = await self.consumer.getmany(timeout_ms=100, max_records=self.settings["max_records"])
        for partition, records in batches.items():
            async with self.producer.transaction():
                for record in records:
                    if self.finished == self.settings["die_at"]:
                        os.kill(os.getpid(), signal.SIGKILL)
                    await self.producer.send_and_wait(self.settings["out"], record.value)
                    self.finished += 1
                    value = (record.value or b"").decode()
                    report(
                        "done",
                        topic=record.topic,
                        partition=record.partition,
                        offset=record.offset,
                        value=value,
                    )
                offsets = {partition: records[-1].offset + 1}
                await self.producer.send_offsets_to_transaction(offsets, self.settings["group"])

    async def take(self, command: dict[str, Any]) -> None:
        """It takes no commands."""


def make_transactional(settings: dict[str, Any]) -> AIOKafkaProducer:
    """A producer for transactions; the id is the same after a restart, so an old one is fenced off."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings["bootstrap_servers"],
        client_id=settings["name"],
        transactional_id=settings["transactional_id"],
        transaction_timeout_ms=20000,
    )
    remember_brokers(producer.client)
    return producer


if __name__ == "__main__":
    run_program(TransactionalWorker)

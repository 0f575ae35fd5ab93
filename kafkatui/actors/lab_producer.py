"""The producer of the labs: it writes records by command, and reports which were acknowledged."""

import asyncio
import json
from collections import Counter
from itertools import count
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from kafkatui.actors.bus import remember_brokers
from kafkatui.actors.lab_program import report, run_program

PAUSE = 0.05
"""Seconds between two sends of a producer that writes at a rate."""


class LabProducer:
    """One producer. `settings` are those of `kafkatui.labs.lab.Lab.producer`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.numbers: Counter[str] = Counter()
        """How many records it has sent, by key."""
        self.rate: dict[str, Any] | None = None
        """The last command ``rate``; ``None``: it writes only by the command ``send``."""
        self.started = asyncio.Event()
        self.producer = make_producer(settings)
        self.requests = 0
        """How many Produce requests were sent."""
        self.count_requests()

    def count_requests(self) -> None:
        """Count the requests that aiokafka's client sends for this producer."""
        send: Any = self.producer.client.send

        async def counted(node: Any, request: Any, **options: Any) -> Any:
            self.requests += type(request).__name__.startswith("Produce")
            return await send(node, request, **options)

        vars(self.producer.client)["send"] = counted

    async def flood(self, command: dict[str, Any]) -> None:
        """Write many records as quickly as it can; report the time and the requests it took."""
        began, before = monotonic(), self.requests
        waiting = [
            await self.producer.send(command["topic"], **self.record(f"key-{number % 20}"))
            for number in range(command["records"])
        ]
        await asyncio.gather(*waiting)
        facts = {"seconds": monotonic() - began, "requests": self.requests - before}
        report("flood", detail=json.dumps(facts))

    async def run(self) -> None:
        """Connect; then write at the rate that was asked for last."""
        await self.producer.start()
        self.started.set()
        report("started")
        try:
            for turn in count():
                if self.rate is not None and self.rate["a_second"]:
                    await self.write_at_rate(turn)
                await asyncio.sleep(PAUSE)
        finally:
            await self.producer.stop()

    async def write_at_rate(self, turn: int) -> None:
        """Write the records of one pause."""
        assert self.rate is not None
        due = self.rate["a_second"] * PAUSE
        for number in range(int(turn * due), int((turn + 1) * due)):
            keys = self.rate["keys"]
            await self.producer.send(self.rate["topic"], **self.record(keys[number % len(keys)]))

    def record(self, key: str | None, **other: Any) -> dict[str, Any]:
        """The arguments of a send. The value names the lab, the key and the record's number for its key."""
        number = self.numbers[key or ""]
        self.numbers[key or ""] += 1
        value = f"{self.settings['run']}:{key or ''}:{number}"
        return {"key": None if key is None else key.encode(), "value": value.encode()} | other

    async def take(self, command: dict[str, Any]) -> None:
        """Do a command of the lab."""
        await self.started.wait()
        if command["do"] == "rate":
            self.rate = command
        elif command["do"] == "send":
            await self.send(command)
        elif command["do"] == "flood":
            await self.flood(command)
        elif command["do"] == "learn":
            await self.learn(command)

    async def learn(self, command: dict[str, Any]) -> None:
        """Ask for the topic's metadata until it has as many partitions as the lab knows of."""
        while len(await self.producer.partitions_for(command["topic"])) < command["partitions"]:
            await self.producer.client.force_metadata_update()
            await asyncio.sleep(PAUSE)
        report("sent", detail=command["tag"])

    async def send(self, command: dict[str, Any]) -> None:
        """Write records, wait for all acknowledgements, and report them."""
        topic, sends = command["topic"], []
        for key in command["keys"]:
            record = self.record(key, **extra(command))
            said = (record["value"] or b"").decode()[:100]
            try:
                sends.append((said, await self.producer.send(topic, **record)))
            except KafkaError as error:
                report("failed", topic=topic, value=said, detail=type(error).__name__)
        for value, acknowledged in sends:
            try:
                done = await acknowledged
            except KafkaError as error:
                report("failed", topic=topic, value=value, detail=type(error).__name__)
                if command.get("again"):
                    await self.send_again(topic, value)
            else:
                where = {} if done is None else {"partition": done.partition, "offset": done.offset}
                report("acked", topic=topic, value=value, **where)
        report("sent", detail=command["tag"])

    async def send_again(self, topic: str, value: str) -> None:
        """Send a record once more whose send has failed, as many programs do, until it is acknowledged."""
        while True:
            try:
                done = await self.producer.send_and_wait(topic, value.encode())
            except KafkaError:
                continue
            report("acked", topic=topic, value=value, partition=done.partition, offset=done.offset)
            return


def extra(command: dict[str, Any]) -> dict[str, Any]:
    """The further arguments of each send of a command: partition, timestamp, value, headers."""
    made: dict[str, Any] = {}
    if command.get("partition") is not None:
        made["partition"] = command["partition"]
    if command.get("timestamp") is not None:
        made["timestamp_ms"] = command["timestamp"]
    if command.get("null"):
        made["value"] = None
    if command.get("size"):
        made["value"] = b"x" * command["size"]
    if command.get("headers"):
        made["headers"] = [(name, text.encode()) for name, text in command["headers"]]
    return made


def make_producer(settings: dict[str, Any]) -> AIOKafkaProducer:
    """A producer of aiokafka."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings["bootstrap_servers"],
        client_id=settings["name"],
        acks=settings["acks"],  # 0: waits for no answer; 1: for the leader; all: for all in sync
        enable_idempotence=settings["idempotent"],
        request_timeout_ms=int(1000 * settings["timeout"]),
        linger_ms=settings["linger"],
        max_batch_size=settings["batch"],
        compression_type=settings["compression"],
        metadata_max_age_ms=500,
    )
    remember_brokers(producer.client)
    return producer


if __name__ == "__main__":
    run_program(LabProducer)

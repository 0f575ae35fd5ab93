"""Clicks in the shop: many small, compressed records without a key, so that they go to any partition."""

import asyncio
import random
import time

from kafkatui.actors.bus import new_trace, producer
from kafkatui.actors.program import run_actor, write_event

PER_SECOND = 300
EVERY = 0.2
PAGES = ("/", "/cups", "/kettles", "/teapots", "/coffee", "/basket", "/pay", "/imprint")


async def write_clicks(bootstrap_servers: str, client_id: str) -> None:
    """Write clicks for ever, some at a time: more in the middle of each minute than at its ends."""
    async with producer(bootstrap_servers, client_id, compression_type="lz4", linger_ms=20) as bus:
        partitions = sorted(await bus.partitions_for("clicks"))
        write_event(actor=client_id, started=True)
        while True:
            partition = random.choice(partitions)  # one partition each time: fewer, larger batches
            crowd = 0.7 + 0.6 * abs((time.time() % 60) / 30 - 1)
            headers = new_trace("click/1")
            for _ in range(int(PER_SECOND * EVERY * crowd)):
                click = {"page": random.choice(PAGES), "visitor": random.randrange(10**6)}
                await bus.send("clicks", value=click, partition=partition, headers=headers)
            await asyncio.sleep(EVERY)


if __name__ == "__main__":
    run_actor(write_clicks, "clicks")

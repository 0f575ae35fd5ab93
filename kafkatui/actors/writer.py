"""The deck's writer: writes orders keyed by customer, N a second as its last command ``rate N`` says."""

import asyncio
import random
from itertools import count, cycle
from time import monotonic

from kafkatui.actors.bus import new_trace, producer
from kafkatui.actors.commands import Commands, connection, follow_commands

ARTICLES = {"espresso cups": 18.5, "kettle": 49.0, "teapot": 32.0, "coffee 1 kg": 21.9, "filter papers": 3.4}
PAUSE = 0.1
"""Seconds between two sends of several orders."""
AT_MOST = 1.0
"""After an outage of Kafka it writes at most the orders of this many seconds at once."""


async def write(commands: Commands) -> None:
    """Write orders for ever; a customer's orders go to one partition, so they keep their order."""
    options = commands.options
    async with producer(
        options.bootstrap_servers,
        options.client_id,
        metadata_max_age_ms=1000,  # new partitions get their share within a second
        **connection(options.bootstrap_servers, commands.properties),
    ) as bus:
        commands.report("started")
        topics, numbers = cycle(options.topics), count(1001)
        due, before = 0.0, monotonic()
        while True:
            now = monotonic()
            due, before = due + commands.rate * min(now - before, AT_MOST), now
            for _ in range(int(due)):
                order = take_order(next(numbers))
                await bus.send(next(topics), key=order["customer"], value=order, headers=new_trace("order/1"))
            due %= 1
            await asyncio.sleep(PAUSE)


def take_order(number: int) -> dict[str, object]:
    """The value of an order."""
    article, price = random.choice(list(ARTICLES.items()))
    quantity = random.randint(1, 4)
    return {
        "order": number,
        "customer": f"customer-{random.randrange(200):03}",
        "article": article,
        "quantity": quantity,
        "total": round(quantity * price, 2),
    }


if __name__ == "__main__":
    follow_commands(Commands("writer"), write)

"""Writes orders: some ten a second, keyed by customer, so that each customer's orders keep their order.

Customers register and go: their profiles are a compacted topic, where a null value deletes.
"""

import asyncio
import random
from itertools import count

from aiokafka import AIOKafkaProducer

from kafkatui.actors.bus import new_trace, producer
from kafkatui.actors.program import run_actor, write_event

PER_SECOND = 10
ARTICLES = {"espresso cups": 18.5, "kettle": 49.0, "teapot": 32.0, "coffee 1 kg": 21.9, "filter papers": 3.4}
NAMES = ("Ada", "Bram", "Chloé", "Dmitri", "Emre", "Freya", "Goran", "Hana", "Ines", "Jürgen", "Kofi", "李雷")


async def take_orders(bootstrap_servers: str, client_id: str) -> None:
    """Write orders for ever, and from time to time a customer's profile."""
    async with producer(bootstrap_servers, client_id) as bus:
        write_event(actor=client_id, started=True)
        for number in count(1001):
            customer = f"customer-{random.randrange(200):03}"
            if number % 20 == 1:
                await _profile(bus, customer, gone=number % 200 == 1)
            article, price = random.choice(list(ARTICLES.items()))
            quantity = random.randint(1, 4)
            order = {
                "order": number,
                "customer": customer,
                "article": article,
                "quantity": quantity,
                "total": round(quantity * price, 2),
            }
            await bus.send("orders", key=customer, value=order, headers=new_trace("order/1"))
            await asyncio.sleep(random.expovariate(PER_SECOND))


async def _profile(bus: AIOKafkaProducer, customer: str, gone: bool) -> None:
    profile = None if gone else {"name": random.choice(NAMES), "newsletter": random.random() < 0.3}
    await bus.send("customers", key=customer, value=profile, headers=new_trace("customer/1"))


if __name__ == "__main__":
    run_actor(take_orders, "orders")

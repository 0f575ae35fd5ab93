"""The shipping service: reads payments, packs a parcel for each, writes shipments. It falls behind.

One packer cannot keep up with the shop. When the pile is too high, help comes until it is gone.
"""

import asyncio
import json

from aiokafka import AIOKafkaConsumer

from kafkatui.actors.bus import carry_trace, commit, consumer, producer
from kafkatui.actors.program import run_actor, write_event

PACKING = 0.13
"""Seconds for each parcel: fewer than eight a second, while ten payments a second come."""
WITH_HELP = 0.01
TOO_HIGH, LOW_ENOUGH = 1500, 50


async def pack(bootstrap_servers: str, client_id: str) -> None:
    """Read payments as the only member of the group ``shipping-service``."""
    async with (
        producer(bootstrap_servers, client_id) as bus,
        consumer(bootstrap_servers, client_id, "shipping-service", "payments") as payments,
    ):
        write_event(actor=client_id, started=True)
        help_came = False
        while True:
            batches = await payments.getmany(timeout_ms=1000, max_records=10)
            for records in batches.values():
                for record in records:
                    await asyncio.sleep(WITH_HELP if help_came else PACKING)
                    shipment = {
                        "order": json.loads(record.value)["order"],
                        "parcels": 1,
                        "carrier": "bicycle",
                    }
                    headers = carry_trace(record, "shipment/1")
                    await bus.send("shipments", key=record.key.decode(), value=shipment, headers=headers)
            if batches:
                await bus.flush()
                await commit(payments)
                help_came = await _waiting(payments) > (LOW_ENOUGH if help_came else TOO_HIGH)


async def _waiting(payments: AIOKafkaConsumer) -> int:
    """How many payments are not packed yet, by the log ends in the last answers."""
    pile = 0
    for partition in payments.assignment():
        end = payments.highwater(partition)
        if end is not None:
            pile += end - await payments.position(partition)
    return pile


if __name__ == "__main__":
    run_actor(pack, "shipping")

"""The payments service: reads orders, charges the customer, writes payments. It keeps up."""

import json

from kafkatui.actors.bus import carry_trace, commit, consumer, producer
from kafkatui.actors.program import run_actor, write_event


async def charge(bootstrap_servers: str, client_id: str) -> None:
    """Read orders as one member of ``payments-service``; commit after the payments are written."""
    async with (
        producer(bootstrap_servers, client_id) as bus,
        consumer(bootstrap_servers, client_id, "payments-service", "orders") as orders,
    ):
        write_event(actor=client_id, started=True)
        while True:
            batches = await orders.getmany(timeout_ms=1000, max_records=200)
            for records in batches.values():
                for record in records:
                    order = json.loads(record.value)
                    payment = {"order": order["order"], "amount": order["total"], "method": "card"}
                    headers = carry_trace(record, "payment/1")
                    await bus.send("payments", key=f"order-{order['order']}", value=payment, headers=headers)
            if batches:
                await bus.flush()
                await commit(orders)


if __name__ == "__main__":
    run_actor(charge, "payments")

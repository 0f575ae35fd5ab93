"""Creates the shop's topics; existing ones are not changed."""

import asyncio
from contextlib import suppress

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

from kafkatui.actors.program import run_actor, write_event

MIB = 2**20
KEEP = {"segment.bytes": f"{4 * MIB}", "retention.bytes": f"{16 * MIB}"}
LATEST_ONLY = {"cleanup.policy": "compact", "segment.bytes": f"{MIB}", "max.compaction.lag.ms": "60000"}

SHOP = {
    "orders": (6, KEEP),
    "payments": (6, KEEP),
    "shipments": (3, KEEP),
    "clicks": (12, {"segment.bytes": f"{MIB}", "retention.bytes": f"{4 * MIB}", "retention.ms": "900000"}),
    "audit": (3, KEEP),
    "customers": (3, LATEST_ONLY),
}
"""By name: partitions and settings; each topic keeps few bytes, so that the demo does not fill the disk."""

TOPIC_ALREADY_EXISTS = 36


async def create(bootstrap_servers: str, client_id: str) -> None:
    """Create the missing topics, each with one replica for every broker, at most three."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, client_id=client_id)
    await admin.start()
    try:
        brokers = len((await admin.describe_cluster())["brokers"])
        replicas = min(3, brokers)
        safe = {"min.insync.replicas": "2"} if replicas == 3 else {}
        topics = [
            NewTopic(name, partitions, replicas, topic_configs={**settings, **safe})
            for name, (partitions, settings) in SHOP.items()
        ]
        with suppress(KafkaError):  # it has no coordinator yet, but the question makes __consumer_offsets
            await admin.find_coordinator("payments-service")
        answer = await admin.create_topics(topics)
        for topic in answer.to_object()["topic_errors"]:
            if topic["error_code"] not in (0, TOPIC_ALREADY_EXISTS):
                raise for_code(topic["error_code"])(f"creating {topic['topic']}: {topic['error_message']}")
        await _led(admin)
    finally:
        await admin.close()
    write_event(actor=client_id, created=list(SHOP))


async def _led(admin: AIOKafkaAdminClient) -> None:
    """Wait until every partition has a leader and groups have a coordinator: clients that start earlier lose
    more time."""
    for _ in range(100):
        described = await admin.describe_topics(list(SHOP))
        if all(
            topic["error_code"] == 0 and all(partition["leader"] >= 0 for partition in topic["partitions"])
            for topic in described
        ):
            with suppress(KafkaError):
                await admin.find_coordinator("payments-service")
                return
        await asyncio.sleep(0.03)
    raise KafkaError("the new topics have no leaders")


if __name__ == "__main__":
    run_actor(create, "topics")

"""The clients of the shop's services: JSON values, a header for the protocol and one for the trace."""

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import BrokerMetadata

from kafkatui.actors.program import write_event

Headers = list[tuple[str, bytes]]


def producer(bootstrap_servers: str, client_id: str, **options: Any) -> AIOKafkaProducer:
    """A producer that waits for every replica in sync, and writes JSON."""
    made = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        client_id=client_id,
        acks="all",
        key_serializer=lambda key: key and key.encode(),
        value_serializer=lambda value: None if value is None else json.dumps(value).encode(),
        **options,
    )
    remember_brokers(made.client)
    return made


def consumer(bootstrap_servers: str, client_id: str, group_id: str, *topics: str) -> AIOKafkaConsumer:
    """A member of a group that begins at the oldest record, and that has to commit its offsets itself."""
    made = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap_servers,
        client_id=client_id,
        group_id=group_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6000,
        heartbeat_interval_ms=1000,
        metadata_max_age_ms=5000,
    )
    remember_brokers(made._client)
    return made


def remember_brokers(client: AIOKafkaClient) -> None:
    """Let a client ask the brokers it once knew, too, where none of those it knows now answers.

    Without this a client whose other brokers went, came back and are not seen yet when its last one dies asks
    nobody but that one for ever: aiokafka does not go back to its bootstrap servers (#456, #992).
    """
    update: Callable[[ClusterMetadata, set[str] | None], Awaitable[bool]] = client._metadata_update
    known: dict[int | str, BrokerMetadata] = {}

    async def update_or_remember(cluster: ClusterMetadata, topics: set[str] | None) -> bool:
        brokers: set[BrokerMetadata] = client.cluster.brokers()
        known.update({broker.nodeId: broker for broker in brokers})
        updated = await update(cluster, topics)
        if not updated:
            client.cluster._brokers = known.copy()  # until one of them answers the next try
        return updated

    vars(client)["_metadata_update"] = update_or_remember


async def commit(consumer: AIOKafkaConsumer) -> None:
    """Commit the positions; after a rebalance it is refused, and the new owners read the last records
    again."""
    try:
        await consumer.commit()
    except (CommitFailedError, IllegalStateError) as error:
        write_event(error=f"not committed: {error}")


def new_trace(protocol: str) -> Headers:
    """The headers of a record that begins a new trace."""
    return [("protocol", protocol.encode()), ("trace-id", secrets.token_hex(8).encode())]


def carry_trace(record: ConsumerRecord[bytes, bytes], protocol: str) -> Headers:
    """The headers of a record that is the result of `record`: they have the same trace."""
    trace = [(name, value) for name, value in record.headers if name == "trace-id"]
    return [("protocol", protocol.encode()), *trace]

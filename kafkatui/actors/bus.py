"""How the shop's services speak on the bus: JSON values, a header for the protocol and one for the trace."""

import json
import secrets
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import CommitFailedError, IllegalStateError

from kafkatui.actors.stage import tell

Headers = list[tuple[str, bytes]]


def producer(bootstrap_servers: str, client_id: str, **options: Any) -> AIOKafkaProducer:
    """A producer that waits for every replica in sync, and writes JSON."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        client_id=client_id,
        acks="all",
        key_serializer=lambda key: key and key.encode(),
        value_serializer=lambda value: None if value is None else json.dumps(value).encode(),
        **options,
    )


def consumer(bootstrap_servers: str, client_id: str, group_id: str, *topics: str) -> AIOKafkaConsumer:
    """A member of a group that begins at the oldest record and commits what it has finished, itself."""
    return AIOKafkaConsumer(
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


async def commit(consumer: AIOKafkaConsumer) -> None:
    """Note what was finished; if a rebalance came between, the new owners do the last records once more."""
    try:
        await consumer.commit()
    except (CommitFailedError, IllegalStateError) as error:
        tell(error=f"not committed: {error}")


def new_trace(protocol: str) -> Headers:
    """The headers of a record with which something begins."""
    return [("protocol", protocol.encode()), ("trace-id", secrets.token_hex(8).encode())]


def carry_trace(record: ConsumerRecord[bytes, bytes], protocol: str) -> Headers:
    """The headers of a record that follows from another: the trace is carried along."""
    trace = [(name, value) for name, value in record.headers if name == "trace-id"]
    return [("protocol", protocol.encode()), *trace]

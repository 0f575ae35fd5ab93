"""Apache Kafka's image in a container, on whatever engine answers; see ``tests/container-engine``."""

import asyncio
import io
import os
import shlex
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from testcontainers.core.container import DockerContainer

from kafkatui.local.ready import brokers_listed

IMAGE = os.environ.get("KAFKATUI_TEST_IMAGE", "apache/kafka:4.1.1")
NETWORK = os.environ.get("KAFKATUI_TEST_NETWORK")
"""``network_mode`` of the container; unset: the engine's default."""
PORT = 9092
START_SECONDS = 90.0

SETTINGS = {
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_NODE_ID": "1",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:{PORT},CONTROLLER://localhost:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_LOG_DIRS": "/tmp/kafka-logs",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "3",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
}

# The port clients reach is known only when the container runs: Kafka waits for a file that names it.
COMMAND = "until [ -f /tmp/go ]; do sleep 0.1; done; . /tmp/go; exec /etc/kafka/docker/run"


@contextmanager
def kafka_container() -> Iterator[str]:
    """One broker in a container; gives its ``host:port`` once the broker has answered a request."""
    container = DockerContainer(IMAGE, command=shlex.join(["sh", "-c", COMMAND]))
    if NETWORK:
        container.with_kwargs(network_mode=NETWORK)
    container.with_exposed_ports(PORT)
    for name, value in SETTINGS.items():
        container.with_env(name, value)
    with container:
        host, port = container.get_container_host_ip(), int(container.get_exposed_port(PORT))
        address = "127.0.0.1" if host == "localhost" else host
        go = f"export KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://{address}:{port}\n"
        container.get_wrapped_container().put_archive("/tmp", _archive("go", go))
        _await_broker(address, port)
        yield f"{address}:{port}"


def _archive(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(text), 0o644
        archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def _await_broker(host: str, port: int) -> None:
    """Wait until the broker answers a request. An open port is not enough: the engine's proxy opens it
    first."""
    deadline = time.monotonic() + START_SECONDS
    while not asyncio.run(brokers_listed(port, host=host)):
        if time.monotonic() > deadline:
            raise AssertionError(f"no broker answers at {host}:{port}")
        time.sleep(0.2)

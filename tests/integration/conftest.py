"""Fixtures: one Kafka for the whole session, and unique names for each test."""

import asyncio
import re
import shutil
import subprocess
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.connection import Cluster
from kafkatui.local import LocalCluster
from tests.integration import other_kafka
from tests.integration.kafka_clients import connected
from tests.patience import PATIENCE


@dataclass(frozen=True, slots=True)
class Kafka:
    """The Kafka that the integration tests use."""

    bootstrap_servers: str
    kind: str
    """``local``, ``container`` or ``given``."""


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One broker for the whole session; ``--kafka`` says which."""
    choice: str = request.config.getoption("--kafka")
    if choice == "auto":
        choice = "container" if _engine_answers() else "local"
    if choice == "local":
        yield from _local()
    elif re.fullmatch(r"\d+\.\d+\.\d+", choice):
        yield from _release(choice, tmp_path_factory)
    elif choice == "container":
        from tests.integration.kafka_container import kafka_container  # testcontainers is slow to import

        with kafka_container() as bootstrap_servers:
            yield Kafka(bootstrap_servers, "container")
    else:
        yield Kafka(choice, "given")


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Makes names that no other test has: ``unique("orders")`` → ``orders-3f2a9c1e``."""
    return lambda name: f"{name}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the deck's ledger, for this test and the programs it starts only."""
    monkeypatch.setenv("KAFKATUI_CACHE", str(tmp_path))
    return tmp_path / "deck"


@pytest.fixture(scope="session")
def kafka_39(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One broker of Kafka 3.9 on this machine, whatever ``--kafka`` says; started for the first test that
    wants it.
    """
    yield from _release(other_kafka.OLD, tmp_path_factory)


def _release(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A local cluster of another release."""
    home = other_kafka.kafka_home(version, tmp_path_factory.mktemp(f"kafka-{version}"))
    yield from _local({"KAFKA_HOME": str(home)})


def _local(environ: Mapping[str, str] = MappingProxyType({})) -> Iterator[Kafka]:
    """A local cluster in an event loop of its own, as each test has a new loop and the cluster is used by
    all. Its start sees `environ` as the environment.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    cluster = LocalCluster()
    try:
        with other_kafka.environment(environ):
            asyncio.run_coroutine_threadsafe(cluster.start(), loop).result(90 * PATIENCE)
        yield Kafka(cluster.bootstrap_servers, "local")
    finally:
        asyncio.run_coroutine_threadsafe(cluster.stop(), loop).result(10 * PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _engine_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        return (
            subprocess.run(["docker", "info"], capture_output=True, timeout=10, check=False).returncode == 0
        )
    except subprocess.TimeoutExpired:
        return False


@pytest.fixture
async def cluster(kafka: Kafka) -> AsyncIterator[Cluster]:
    """A connected `Cluster` for the session's Kafka."""
    async with connected(kafka.bootstrap_servers) as cluster:
        yield cluster


@pytest.fixture
async def asker(cluster: Cluster) -> AsyncIterator[Asker]:
    """An asker of `cluster`."""
    async with cluster.asker("test") as asker:
        yield asker


@pytest.fixture
def admin(cluster: Cluster) -> Admin:
    """The `Admin` that changes `cluster`."""
    return Admin(cluster)

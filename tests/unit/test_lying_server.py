"""A hostile server over a real socket gives an error in words, and costs little."""

import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from kafkatui.config import load_config
from kafkatui.errors import ClusterError
from kafkatui.kafka.bounds import MOST_BROKERS, MOST_ROUNDS
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import read_group_list
from kafkatui.kafka.topics import LEFT_OUT, read_ends, read_metadata
from tests import lying_server as server
from tests.lying_server import LyingServer, lying

HOSTS = ("a..b", ".", "", "x" * 70, "a\0b", "é" * 64, ".a")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long time limits, so that a busy machine does not change the outcome."""
    monkeypatch.setattr("kafkatui.kafka.diagnosis.PATIENCE", 60.0)


@asynccontextmanager
async def at(liar: LyingServer, *properties: str) -> AsyncGenerator[Cluster]:
    settings = ("request.timeout.ms=60000", *properties)
    async with Cluster(load_config(f"127.0.0.1:{liar.port}", None, settings, {})) as cluster:
        yield cluster


async def fault_of_connecting(lies: dict[int, server.Answer], *properties: str) -> tuple[str, LyingServer]:
    """Why connecting fails, and the server that was lying."""
    async with lying(lies) as liar, at(liar, *properties) as cluster:
        with pytest.raises(ClusterError) as caught:
            await cluster.connect()
        return str(caught.value), liar


@pytest.mark.parametrize("port", [0, -1, 65_536, 70_000, 2**31 - 1, -(2**31)])
async def test_an_impossible_port(port: int) -> None:
    async with lying(server.with_brokers(server.broker(7, "127.0.0.1", port))) as liar, at(liar) as cluster:
        await cluster.connect()
        assert cluster.brokers.keys() == {0, 7}
        groups, notes = await read_group_list(cluster.asker("test"))
    assert groups == ()
    assert notes == (
        f"groups of broker 7 are missing: cannot be reached: port {port} is none: ports are 1 to 65535",
    )


@pytest.mark.parametrize("host", HOSTS, ids=repr)
async def test_an_impossible_host(host: str) -> None:
    async with lying(server.with_brokers(server.broker(7, host, 9092))) as liar, at(liar) as cluster:
        await cluster.connect()
        _, notes = await read_group_list(cluster.asker("test"))
    assert len(notes) == 1
    assert "groups of broker 7 are missing: cannot be reached: " in notes[0]


@pytest.mark.parametrize("host", HOSTS, ids=repr)
async def test_no_broker_that_can_be_reached(host: str) -> None:
    lies: dict[int, server.Answer] = {
        server.METADATA: lambda *_: server.metadata(
            server.array(server.broker(number, host, 9092) for number in range(5)), server.array([])
        )
    }
    told, _ = await fault_of_connecting(lies)
    assert "which cannot be reached from here" in told


@pytest.mark.parametrize("number", [1, -1, 2**31 - 1, -(2**31), 100_000])
async def test_a_partition_with_an_impossible_number(number: int) -> None:
    odd = server.topic("odd", server.array([server.partition(number)]))
    well = server.topic("well", server.array([server.partition(0)]))
    async with lying(server.with_topics(server.array([odd, well]))) as liar, at(liar) as cluster:
        await cluster.connect()
        asker = cluster.asker("test")
        _, topics, *_ = await read_metadata(asker)
        logs = await read_ends(asker, topics)
    assert [(topic.name, len(topic.partitions)) for topic in topics] == [("odd", 0), ("well", 1)]
    assert str(topics[0].error) == f"Metadata tells of 1 partitions, numbered {number} to {number}"
    assert {name: len(log.ends) for name, log in logs.items()} == {"well": 1}


@pytest.mark.parametrize(
    ("lie", "missing"),
    [("null-brokers", "brokers"), ("null-topics", "topics"), ("null-partitions", "partitions")],
)
async def test_an_array_that_must_not_be_null(lie: str, missing: str) -> None:
    told, _ = await fault_of_connecting(server.LIES[lie]())
    assert f"its answer to Metadata cannot be read: its {missing} are missing" in told


async def test_more_topics_than_asked_for() -> None:
    names = [f"t{number}" for number in range(1_000)]
    topics = server.array(server.topic(name, server.array([server.partition(0)])) for name in names)
    async with lying(server.with_topics(topics)) as liar, at(liar) as cluster:
        await cluster.connect()
        _, found, *_ = await read_metadata(cluster.asker("test"), ["t5", "none"])
        assert cluster.topics.keys() == {"t5", "none"}
    assert [(topic.name, topic.error) for topic in found] == [
        ("none", LEFT_OUT),
        ("t5", None),
    ]


@pytest.mark.parametrize("api", [server.API_VERSIONS, server.METADATA])
async def test_a_frame_that_never_ends(api: int) -> None:
    told, liar = await fault_of_connecting({api: lambda *_: server.ENDLESS})
    assert "it announces an answer of 2,147,483,647 bytes, kafkatui takes " in told
    assert liar.written < 32 << 20  # what fits into the sockets' buffers, and no more


async def test_an_answer_nobody_asked_for() -> None:
    twice = struct.pack(">ihi", 0, 0, 0)
    lies: dict[int, server.Answer] = {
        server.LIST_GROUPS: lambda *_: twice + struct.pack(">ii", 4, 99) + bytes(1 << 16)
    }
    async with lying(lies) as liar, at(liar) as cluster:
        await cluster.connect()
        asker = cluster.asker("test")
        groups, _ = await read_group_list(asker)
        assert groups == ()
        assert await read_metadata(asker)  # over a new connection, where need be


async def test_too_many_brokers_are_an_error() -> None:
    told, liar = await fault_of_connecting(server.crowd(MOST_BROKERS + 1))
    assert "it lists 1,001 brokers, kafkatui follows 1,000 at most" in told
    assert liar.asked[server.METADATA] == 1


async def test_many_brokers_are_not_all_connected_to_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafkatui.kafka.brokers.MOST_CONNECTIONS", 20)
    monkeypatch.setattr("kafkatui.kafka.brokers.MOST_OPENING", 5)
    async with lying(server.crowd(300)) as liar, at(liar) as cluster:
        await cluster.connect()
        asker = cluster.asker("test")
        groups, notes = await read_group_list(asker)
        assert (groups, notes) == ((), ())
        assert liar.asked[server.LIST_GROUPS] == 300
        assert sum(connection.connected() for connection in cluster._connections) <= 20
    # the server hears a little later of those that were closed
    assert liar.most_connections < 100


@pytest.mark.parametrize("rounds", [2**31 - 1, 0, -1, MOST_ROUNDS + 1, 10**30])
async def test_a_login_that_takes_for_ever(rounds: int) -> None:
    login = (
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=SCRAM-SHA-256",
        "sasl.username=a",
        "sasl.password=b",
    )
    told, _ = await fault_of_connecting(server.scram(rounds), *login)
    assert f"the login failed: the broker wants {rounds:,} rounds of SCRAM" in told


@pytest.mark.parametrize(
    "first",
    [b"", b"r=1", b"\xff\xfe", b"r=,s=,i=", b"e=other-error", b"r" * 100_000],
    ids=lambda one: repr(one[:9]),
)
async def test_a_login_that_makes_no_sense(first: bytes) -> None:
    login = (
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=SCRAM-SHA-256",
        "sasl.username=a",
        "sasl.password=b",
    )
    lies = server.scram(1) | {server.AUTHENTICATE: lambda *_: struct.pack(">hhi", 0, -1, len(first)) + first}
    told, _ = await fault_of_connecting(lies, *login)
    assert "the login failed: the broker's answer makes no sense" in told


@pytest.mark.parametrize("lie", [b"", b"\0", struct.pack(">hi", 0, -1), struct.pack(">hi", 0, 2**31 - 1)])
async def test_versions_that_make_no_sense(lie: bytes) -> None:
    told, _ = await fault_of_connecting({server.API_VERSIONS: lambda *_: lie})
    assert "makes no sense" in told

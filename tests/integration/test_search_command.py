"""``kafkatui search`` and ``kafkatui tail`` on a real cluster."""

import asyncio
import json
import signal
from collections.abc import Callable

import pytest

from kafkatui.kafka.admin import Admin
from tests.integration.commands import done, started
from tests.integration.conftest import Kafka
from tests.integration.kafka_clients import write
from tests.json_schema import faults, schema
from tests.patience import PATIENCE

pytestmark = pytest.mark.kafka


async def test_search(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    servers = ("-b", kafka.bootstrap_servers)
    await admin.create_topics([topic], partitions=2)
    hostile = ["a \x1b]0;pwned\x07 \x7f\u202e\x9b needle".encode(), b"\xff\xfe needle", b"x", None]
    await write(admin, topic, {0: hostile, 1: [b"needle"]})
    code, out, err = await done("search", topic, "needle", *servers)
    found = [json.loads(line) for line in out.splitlines()]
    assert (code, err, len(found)) == (0, "", 3)
    assert [fault for one in found for fault in faults(one, schema("record.schema.json"))] == []
    assert out.isascii()
    assert "\x7f" not in out
    values = {(one["partition"], one["offset"]): one for one in found}
    assert values[0, 0]["value"].encode() == hostile[0]
    assert values[0, 1]["value_base64"] == "//4gbmVlZGxl"
    assert values[1, 0]["key"] == "key"
    assert await done("search", topic, "nowhere", *servers) == (1, "", "")
    code, out, err = await done("search", topic, "needle", *servers, "--limit", "1", "--partitions", "0")
    assert (code, len(out.splitlines()), err) == (0, 1, "")
    code, out, err = await done("search", topic, "partition:1", *servers, "--from", "-1", "--rate", "1M")
    assert (code, json.loads(out)["offset"]) == (0, 0)
    code, out, err = await done("search", topic, "key:foo foo:bar", *servers)
    assert (code, out) == (2, "")
    assert err.splitlines()[1:] == ["  key:foo foo:bar", "          ^^^"]
    for words in (
        (unique("none"), "x"),
        (topic, "x", "--from", "then"),
        (topic, "x", "--partitions", "7"),
        (topic, "x", "--partitions", "b"),
        (topic, "x", "--limit", "0"),
        (topic,),
    ):
        code, out, err = await done("search", *words, *servers)
        assert (code, out, err.count("\n")) == (2, "", 1), words
        assert err.startswith("kafkatui: "), err
    code, out, err = await done("search", topic, "x", *servers, "--max-bytes", "1")
    assert code == 2
    assert "not everything was read" in err


async def test_tail_writes_what_comes(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    await write(admin, topic, {0: [b"old", b"last"]})
    words = ("tail", topic, "-b", kafka.bootstrap_servers, "--from", "-1")
    async with started(*words) as process, asyncio.timeout(60 * PATIENCE):
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(await process.stdout.readline())["value"] == "last"
        await write(admin, topic, {0: [b"new"]})
        assert json.loads(await process.stdout.readline())["value"] == "new"
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert await process.stderr.read() == b""


async def test_it_ends_when_nobody_reads(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    await write(admin, topic, {0: [b"x"]})
    words = ("tail", topic, "-b", kafka.bootstrap_servers, "--from", "earliest")
    async with started(*words) as process, asyncio.timeout(60 * PATIENCE):
        assert process.stdout is not None
        await process.stdout.readline()
        transport = process._transport.get_pipe_transport(1)  # type: ignore[attr-defined]
        transport.close()
        assert await process.wait() == 0  # though no other record comes


async def test_a_reader_that_is_slow_gets_every_record(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    async with admin.producer(linger_ms=20) as producer:
        for number in range(20_000):
            await producer.send(topic, b"%d " % number + b"x" * 300, partition=0)
        await producer.flush()
    async with (
        started("search", topic, "x", "-b", kafka.bootstrap_servers) as process,
        asyncio.timeout(60 * PATIENCE),
    ):
        assert process.stdout is not None
        offsets = []
        while line := await process.stdout.readline():
            offsets.append(json.loads(line)["offset"])
            if len(offsets) % 1000 == 0:
                await asyncio.sleep(0.02)
        assert offsets == list(range(20_000))
        assert await process.wait() == 0

"""The commands without a screen on a real cluster."""

import asyncio
import json
import os
import signal
import urllib.request
from collections.abc import Callable

import pytest
from aiokafka import TopicPartition

from kafkatui.kafka.admin import Admin
from tests.integration.commands import done, started
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, write
from tests.integration.kafka_tools import consumer_groups_tool
from tests.json_schema import faults, schema
from tests.patience import PATIENCE

pytestmark = pytest.mark.kafka


async def test_status_and_check(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic, group = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=2)
    await write(admin, topic, {0: [b"x"] * 10, 1: [b"x"] * 5})
    async with classic_member(kafka.bootstrap_servers, group, topic, "c1") as consumer:
        await consumer.getone()
        await consumer.commit()
        servers = ("-b", kafka.bootstrap_servers)
        code, out, err = await done("status", *servers, "--group", group, "--json", "--wait", "10")
        assert (code, err) == (0, "")
        assert faults(json.loads(out), schema("status.schema.json")) == []
        (found,) = json.loads(out)["groups"]
        assert (found["group"], found["kind"], found["members"]) == (group, "classic", 1)
        (on,) = found["topics"]
        assert on["topic"] == topic
        code, out, err = await done("status", *servers, "--group", group, "--wait", "1")
        assert (code, err) == (0, "")
        assert group in out
        code, out, _ = await done("check", *servers, "--group", group, "--max-age", "3600", "--wait", "30")
        assert "oldest unread record" in out
        assert code in {0, 1}, out
        code, out, _ = await done("check", *servers, "--group", group, "--max-lag", "0", "--wait", "30")
        assert code == 2, out
    code, out, err = await done("status", *servers, "--group", unique("nobody"), "--wait", "1")
    assert (code, out) == (1, "")
    assert "there is no such group" in err
    code, out, _ = await done("check", *servers, "--group", unique("nobody"), "--wait", "1")
    assert (code, out.startswith("UNKNOWN - ")) == (3, True)


async def test_watch_tells_a_rebalance_as_it_happens_and_ends_clean(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic, group = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=2)
    async with (
        classic_member(kafka.bootstrap_servers, group, topic, "c1"),
        started("watch", "-b", kafka.bootstrap_servers, "--json", "--group", group) as process,
        asyncio.timeout(60 * PATIENCE),
    ):
        assert process.stdout is not None
        found: list[dict[str, object]] = []

        async def rebalance() -> dict[str, object]:
            assert process.stdout is not None
            while True:
                found.append(json.loads(await process.stdout.readline()))
                if found[-1]["event"] == "rebalance ends" and found[-1]["members"] == 2:
                    return found[-1]

        reading = asyncio.create_task(rebalance())
        while not reading.done():  # until it has looked once, a member that joins is no news
            async with classic_member(kafka.bootstrap_servers, group, topic, "c2"):
                await asyncio.wait([reading], timeout=5.0)
        told = await reading
        assert told["group"] == group
        assert told["joined"] == ["c2"]
        assert [fault for line in found for fault in faults(line, schema("watch.schema.json"))] == []
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def test_watch_ends_when_nobody_reads_it(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic, group = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=2)
    async with (
        classic_member(kafka.bootstrap_servers, group, topic, "c1"),
        started("watch", "-b", kafka.bootstrap_servers, "--json", "--group", group) as process,
        asyncio.timeout(60 * PATIENCE),
    ):
        assert process.stdout is not None
        transport = process._transport.get_pipe_transport(1)  # type: ignore[attr-defined]
        transport.close()
        assert await process.wait() == 0  # though nothing happens that it could write


async def test_a_marker_of_a_transaction_is_no_unread_record(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic, group = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=1)
    async with admin.producer(transactional_id=unique("tx")) as producer, producer.transaction():
        await producer.send_and_wait(topic, b"x", b"key", partition=0)
    words = ("check", "-b", kafka.bootstrap_servers, "--group", group, "--max-age", "3600", "--wait", "30")
    async with classic_member(kafka.bootstrap_servers, group, topic, "c1") as consumer:
        await eventually(consumer.assignment, deadline=30)
        await consumer.commit({TopicPartition(topic, 0): 1})  # before the marker
        code, out, _ = await done(*words)
        assert "oldest unread record 0.0s old" in out
        assert (code, "lag 1," in out) == (0, True), out
        await consumer.commit({TopicPartition(topic, 0): 0})
        code, out, _ = await done(*words)
        assert "oldest unread record 0.0s old" not in out
        assert "age=" in out


async def test_the_lag_is_that_of_kafkas_own_tool(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic, group = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=3)
    await write(admin, topic, {0: [b"x"] * 10, 1: [b"x"] * 5, 2: [b"x"]})
    async with classic_member(kafka.bootstrap_servers, group, topic, "c1") as consumer:
        await eventually(consumer.assignment, deadline=30)
        await consumer.commit({TopicPartition(topic, number): number for number in range(2)})
    tool = ("--describe", "--group", group)
    lines = (await asyncio.to_thread(consumer_groups_tool, kafka.bootstrap_servers, *tool)).splitlines()
    lags = [int(line.split()[5]) for line in lines if line.startswith(group)]
    assert len(lags) == 2
    words = ("-b", kafka.bootstrap_servers, "--group", group, "--wait", str(30 * PATIENCE))
    code, out, _ = await done("status", *words, "--json")
    (found,) = json.loads(out)["groups"]
    assert (code, found["lag"], found["members"]) == (0, sum(lags), 0)
    code, out, _ = await done("check", *words, "--max-lag", str(sum(lags) - 1))
    assert (code, f"lag={sum(lags)};" in out) == (2, True), out


async def test_a_check_that_cannot_be_written_is_unknown(kafka: Kafka, unique: Callable[[str], str]) -> None:
    words = ("check", "-b", kafka.bootstrap_servers, "--group", unique("nobody"))
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        async with started(*words, stdout=full) as process, asyncio.timeout(60 * PATIENCE):
            assert await process.wait() == 3
    finally:
        os.close(full)


async def test_metrics(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic, group = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=2)
    await write(admin, topic, {0: [b"x"] * 10})
    async with classic_member(kafka.bootstrap_servers, group, topic, "c1") as consumer:
        await consumer.getone()
        await consumer.commit()
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    servers = ("-b", kafka.bootstrap_servers, "--listen", f"127.0.0.1:{port}")
    code, _, err = await done("metrics", *servers)
    assert (code, err) == (1, f"kafkatui: cannot listen at 127.0.0.1:{port}: Address already in use\n")
    server.close()
    await server.wait_closed()
    wanted = f'kafkatui_kafka_consumer_group_topic_lag{{group_id="{group}",topic_name="{topic}"}} 9.0'
    async with started("metrics", *servers) as process, asyncio.timeout(60 * PATIENCE):
        assert process.stdout is not None
        assert (await process.stdout.readline()).decode() == f"serving http://127.0.0.1:{port}/metrics\n"

        def scrape() -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                return str(answer.read().decode())

        async def there() -> str | None:
            text = await asyncio.to_thread(scrape)
            return text if wanted in text else None

        text = await eventually(there)
        assert 'kafkatui_kafka_exporter_up{what="groups"} 1.0' in text
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0

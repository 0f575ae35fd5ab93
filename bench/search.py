"""How quickly a search reads a topic, beside ``kcat | grep`` in the same run where kcat is installed.

    python -m bench.search [--records 1000000] [--codec none]

Starts a real Kafka, writes records of some 200 bytes into six partitions, one of 400 with the word
``FAILED``. Runs each command as people do, with its start and its end, three times, and prints the quickest:
records a second, the ratio to ``kcat | grep``, the matches, and the largest memory of all its processes.
"""

import argparse
import asyncio
import json
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
from confluent_kafka import Producer

from kafkatui.config import load_config
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.local import LocalCluster

TOPIC, PARTITIONS = "orders", 6
TIMES = 3


def values(count: int) -> Iterator[bytes]:
    """Orders as JSON, of some 200 bytes."""
    for number in range(count):
        status = "FAILED" if number % 400 == 0 else "PAID"
        order = {"id": number, "status": status, "amount": number % 1000, "customer": {"id": number % 5000}}
        yield json.dumps(order | {"note": f"{number:07}" * 14}).encode()


def write(servers: str, count: int, codec: str) -> None:
    """Write the records, spread evenly over the partitions."""
    producer = Producer({"bootstrap.servers": servers, "compression.type": codec, "linger.ms": 50})
    for number, value in enumerate(values(count)):
        while True:
            try:
                producer.produce(TOPIC, value, f"customer-{number % 5000}".encode(), number % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()


async def timed(command: str) -> tuple[float, int, int]:
    """Run a command of a shell; its seconds, its lines, and the most bytes of memory that it and the
    processes below it took together, by a look each 50 ms.
    """
    began, most = time.perf_counter(), 0
    process = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    reading = asyncio.create_task(process.stdout.read())
    root = psutil.Process(process.pid)
    while not reading.done():
        with suppress(psutil.NoSuchProcess):
            most = max(most, sum(one.memory_info().rss for one in (root, *root.children(recursive=True))))
        await asyncio.wait([reading], timeout=0.05)
    await process.wait()
    return time.perf_counter() - began, (await reading).count(b"\n"), most


async def main(count: int, codec: str) -> None:
    """Measure, and print a line for each command."""
    async with LocalCluster(1) as local:
        servers = local.bootstrap_servers
        async with Cluster(load_config(servers, None, [], {})) as cluster:
            await cluster.connect()
            await Admin(cluster).create_topics([TOPIC], partitions=PARTITIONS)
        await asyncio.to_thread(write, servers, count, codec)
        search = f"{shlex.quote(sys.executable)} -m kafkatui search -b {servers} {TOPIC} --max-bytes 100G "
        commands = {
            "FAILED": search + "FAILED",
            "value.amount > 998": search + "'value.amount > 998'",
        }
        if shutil.which("kcat"):
            kcat = f"kcat -C -q -e -b {servers} -t {TOPIC} -o beginning"
            commands = {"kcat | grep FAILED": f"{kcat} | grep FAILED", **commands}
        print(f"{count:,} records, codec {codec}")
        first = None
        for name, command in commands.items():
            seconds, lines, memory = min([await timed(command) for _ in range(TIMES)])
            first = first or seconds
            print(
                f"  {name:20} {count / seconds:10,.0f} rec/s  x {first / seconds:.2f}  {lines:,} matches"
                f"  {memory / 1e6:.0f} MB"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--codec", default="none", choices=["none", "gzip", "snappy", "lz4", "zstd"])
    arguments = parser.parse_args()
    asyncio.run(main(arguments.records, arguments.codec))

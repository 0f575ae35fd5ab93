"""The process of a search: ``python -m kafkatui.search.program``, started by `kafkatui.search.process`.

The first line of standard input is its order, with the settings of the connection, as JSON; secrets are never
in its arguments. The lines after it are ``go``, ``stop`` and ``on``. What it has to tell goes to standard
output (`kafkatui.search.news`). It ends when standard input closes, so also when kafkatui is killed.
"""

import asyncio
import json
import os
import signal
from contextlib import suppress
from typing import Any

from kafkatui.config import load_config
from kafkatui.errors import ClusterError, KafkaTuiError
from kafkatui.kafka.connection import Cluster
from kafkatui.search.begin import parts_of, plan_of, topic_of
from kafkatui.search.news import Failed, News, Wanted, encoded, wanted_of
from kafkatui.search.scan import Scan

MOST_WAITING = 1024 * 1024
"""Bytes of news that wait for the owner; while there are more, nothing is read."""


class Pipe:
    """Standard output as a pipe that is written without blocking."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def wait_for_all(self) -> None:
        """From now on `tell` returns when the system has taken all of the news."""
        self._writer.transport.set_write_buffer_limits(high=0)

    async def tell(self, news: News) -> None:
        """Send news; returns when the owner has taken enough. Ends the process where it has gone."""
        try:
            self._writer.write(encoded(news))
            await self._writer.drain()
        except ConnectionError:
            os._exit(0)


async def pipe_to(number: int) -> Pipe:
    """A pipe that writes to this descriptor."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(number, "wb", buffering=0)
    )
    transport.set_write_buffer_limits(high=MOST_WAITING)
    return Pipe(asyncio.StreamWriter(transport, protocol, None, loop))


async def lines_of_input() -> asyncio.StreamReader:
    """Standard input, line by line."""
    reader = asyncio.StreamReader(limit=16 * 1024 * 1024)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(0, "rb", buffering=0))
    return reader


async def run(number: int) -> None:
    """Take the order, tell the plan, wait for ``go``, and search."""
    pipe, lines = await pipe_to(number), await lines_of_input()
    order: dict[str, Any] = json.loads(await lines.readline())
    wanted = wanted_of(order["wanted"])
    try:
        config = load_config(order["servers"], None, order["properties"], {})
        async with Cluster(config) as cluster:
            await cluster.connect()
            await _search(cluster, wanted, pipe, lines)
    except ClusterError as error:
        await pipe.tell(Failed(error.kind.name, str(error)))
    except KafkaTuiError as error:
        await pipe.tell(Failed("", str(error)))
    await lines.read()  # the owner closes it when it has read everything


async def _search(cluster: Cluster, wanted: Wanted, pipe: Pipe, lines: asyncio.StreamReader) -> None:
    async with cluster.asker("search") as asker:
        topic = await topic_of(asker, wanted.topic)
        parts, missed, left_out = await parts_of(asker, topic, wanted)
        await pipe.tell(await plan_of(asker, topic, parts, left_out, wanted))
        scan = Scan(asker, topic, parts, wanted, pipe.tell)
        if any(part.filter.has_regex for part in parts):
            pipe.wait_for_all()
        if await lines.readline() != b"go\n":
            return
        for one in missed:
            await pipe.tell(one)
        listening = asyncio.create_task(_listen(scan, lines))
        try:
            await scan.run()
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening


async def _listen(scan: Scan, lines: asyncio.StreamReader) -> None:
    while line := await lines.readline():
        if line == b"stop\n":
            scan.stop()
        elif line == b"on\n":
            scan.go_on()
    os._exit(0)  # kafkatui has ended


def main() -> None:
    """Run the process. News goes to a copy of standard output, which itself is then standard error: a line
    that a library prints must not be among the news."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c at the terminal is for the owner, who ends this one
    number = os.dup(1)
    os.dup2(2, 1)
    asyncio.run(run(number))


if __name__ == "__main__":
    main()

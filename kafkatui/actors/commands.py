"""The parts of the deck's programs that are not Kafka: options, commands from the deck, reports to the deck.

Commands come as lines on standard input: ``slow on``, ``slow off``, ``stuck``, ``leave``, and
``join {"assignor": …, "instance_id": …}``, which joins again after a leave; ``rate 50`` for a writer.
Reports go out as JSON lines.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import fields
from time import monotonic
from typing import Any

from aiokafka.errors import KafkaError

from kafkatui.actors.program import LEAVE_SECONDS, write_event
from kafkatui.domain.deck.terms import TERMS, Terms
from kafkatui.errors import ClusterError

AGAIN_AFTER = 1.0
"""Seconds between a fault and the next try."""


class Commands:
    """The commands that the deck sent to one process, and the way to report back."""

    def __init__(self, name: str, argv: Sequence[str] | None = None) -> None:
        """Reads the options from the command line; with ``--secured`` the connection's properties from the
        first line of standard input."""
        parser = argparse.ArgumentParser(prog=f"python -m kafkatui.actors.{name}")
        parser.add_argument("--bootstrap-servers", default="localhost:9092")
        parser.add_argument("--client-id", default="c1")
        parser.add_argument("--group-id", default="kafkatui-deck")
        parser.add_argument("--topics", nargs="+", default=["kafkatui-deck"])
        parser.add_argument("--assignor", help="range, roundrobin, sticky; KIP-848: uniform, range")
        parser.add_argument("--instance-id", help="group.instance.id, for static membership")
        parser.add_argument(
            "--secured",
            action="store_true",
            help="the first line of standard input is a JSON object of client.properties",
        )
        for term in fields(Terms):
            option = f"--{term.name.replace('_', '-')}"
            parser.add_argument(option, type=float, default=getattr(TERMS, term.name), metavar="SECONDS")
        self.options = parser.parse_args(argv)
        self.properties: dict[str, str] = read_properties() if self.options.secured else {}
        """Settings of the connection by their names in client.properties; they hold secrets."""
        self.slow = False
        """Whether this consumer takes long to give up partitions."""
        self.stuck = False
        """Whether this consumer stops polling for a while, once, after its next poll."""
        self.wanted = True
        """Whether the deck wants this consumer to be a member of the group."""
        self.leaves = 0
        """How many ``leave`` commands came so far."""
        self.rate = 20
        """How many records a second a writer writes."""

    def take(self, line: str) -> None:
        """Change the fields as the command in `line` says."""
        word, _, rest = line.partition(" ")
        match word:
            case "slow":
                self.slow = rest == "on"
            case "stuck":
                self.stuck = True
            case "leave":
                self.wanted = self.stuck = False
                self.leaves += 1
            case "rate":
                self.rate = int(rest)
            case "join":
                vars(self.options).update(json.loads(rest))
                self.wanted = True

    def report(
        self,
        kind: str,
        partitions: Iterable[tuple[str, int]] = (),
        owned: Iterable[tuple[str, int]] = (),
        detail: str = "",
    ) -> None:
        """Report to the deck; `kind` is a `kafkatui.domain.deck.deeds.ReportKind`."""
        write_event(
            kind=kind, at=monotonic(), partitions=sorted(partitions), owned=sorted(owned), detail=detail
        )


def read_properties() -> dict[str, str]:
    """The JSON object in the first line of standard input; the lines after it are not read."""
    with open(0, "rb", buffering=0, closefd=False) as line:
        return dict(json.loads(line.readline()))


def connection(bootstrap_servers: str, properties: dict[str, str]) -> dict[str, Any]:
    """The arguments of aiokafka's clients for the login and TLS; the client id is not among them."""
    from kafkatui.config import load_config
    from kafkatui.kafka.security import connection_settings

    config = load_config(bootstrap_servers, None, [f"{name}={text}" for name, text in properties.items()], {})
    settings = connection_settings(config)
    del settings["client_id"]
    return settings


def follow_commands(commands: Commands, consume: Callable[[Commands], Awaitable[None]]) -> None:
    """Run `consume` while the deck wants this consumer in the group, until standard input closes."""
    asyncio.run(_follow_commands(commands, consume))


async def _follow_commands(commands: Commands, consume: Callable[[Commands], Awaitable[None]]) -> None:
    lines = lines_of_input()
    async with asyncio.TaskGroup() as tasks:  # a bug ends the process
        membership = tasks.create_task(_retry_for_ever(commands, consume))
        while (line := await lines.get()) is not None:
            commands.take(line)
            if commands.wanted and membership.done():
                membership = tasks.create_task(_retry_for_ever(commands, consume))
            elif not commands.wanted and not membership.done():
                await _end(membership)
                commands.report("stopped")
        await _end(membership)


def lines_of_input() -> asyncio.Queue[str | None]:
    """The lines of standard input; ``None`` at its end: the process then ends within `LEAVE_SECONDS`."""
    loop = asyncio.get_running_loop()
    commands: asyncio.Queue[str | None] = asyncio.Queue()
    rest = b""

    def read() -> None:
        nonlocal rest
        data = os.read(0, 65536)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            commands.put_nowait(line.decode())
        if not data:
            loop.remove_reader(0)
            loop.call_later(LEAVE_SECONDS, os._exit, 0)  # stop() may wait for its broker for ever
            commands.put_nowait(None)

    loop.add_reader(0, read)
    return commands


async def _retry_for_ever(commands: Commands, consume: Callable[[Commands], Awaitable[None]]) -> None:
    """Run `consume` again after each fault of Kafka; report a fault that differs from the one before."""
    reported = ""
    while True:
        try:
            await consume(commands)
        except (KafkaError, ClusterError) as error:
            if str(error) != reported:
                commands.report("fault", detail=str(error))
            reported = str(error)
            await asyncio.sleep(AGAIN_AFTER)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])

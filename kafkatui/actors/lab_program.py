"""The parts of the labs' programs that are not Kafka: settings, commands from the lab, reports to the lab.

The settings are one JSON object, the only argument. A command is a JSON object too, a line on standard input:
its field ``do`` names it. Reports go out as JSON lines. The program ends when its standard input closes.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol

from aiokafka.errors import KafkaError

from kafkatui.actors.commands import lines_of_input
from kafkatui.actors.program import write_event


class Program(Protocol):
    """A program of the labs."""

    async def run(self) -> None:
        """Do its work until it is cancelled."""

    async def take(self, command: dict[str, Any]) -> None:
        """Do a command of the lab, beside `run`."""


def report(kind: str, **facts: Any) -> None:
    """Tell the lab that something happened, at once: what a killed program had reported is known."""
    write_event(kind=kind, at=monotonic(), **facts)


def run_program(make: Callable[[dict[str, Any]], Program]) -> None:
    """Make a program from the settings on the command line, and run it until standard input closes or the
    command ``leave`` comes.
    """
    asyncio.run(_run(make))


async def _run(make: Callable[[dict[str, Any]], Program]) -> None:
    program = make(json.loads(sys.argv[1]))
    lines = lines_of_input()
    working = asyncio.create_task(_reporting(program))
    commands: set[asyncio.Task[None]] = set()
    while (line := await lines.get()) is not None:
        command = json.loads(line)
        if command["do"] == "leave":
            break
        taking = asyncio.create_task(program.take(command))
        commands.add(taking)
        taking.add_done_callback(commands.discard)
    working.cancel()
    await asyncio.wait([working])


async def _reporting(program: Program) -> None:
    """Run a program; an error of Kafka ends its work, and is reported."""
    try:
        await program.run()
    except KafkaError as error:
        report("fault", detail=type(error).__name__)
    finally:
        report("stopped")

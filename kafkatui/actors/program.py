"""The parts of every actor that are not Kafka: arguments, JSON lines, and ending."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from aiokafka.errors import KafkaError

Actor = Callable[[str, str], Awaitable[None]]
"""The main function of a service; its arguments: the bootstrap servers and the client id."""

LEAVE_SECONDS = 2.0
"""The most seconds a program may take to leave its group and close its clients."""


def write_event(**event: Any) -> None:
    """Write an event as a JSON line to standard output."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


def run_actor(actor: Actor, name: str, argv: Sequence[str] | None = None) -> None:
    """Run an actor until it is done, its standard input closes, or SIGTERM comes."""
    parser = argparse.ArgumentParser(prog=f"python -m kafkatui.actors.{name}")
    parser.add_argument("--bootstrap-servers", default="localhost:9092")
    parser.add_argument("--client-id", default=name)
    options = parser.parse_args(argv)
    asyncio.run(_until_end(actor, options.bootstrap_servers, options.client_id))


async def _until_end(actor: Actor, bootstrap_servers: str, client_id: str) -> None:
    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(_retry_for_ever(actor, bootstrap_servers, client_id))

    def end() -> None:
        loop.call_later(LEAVE_SECONDS, os._exit, 0)  # a consumer's stop() may wait for its broker for ever
        work.cancel()

    def read() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            end()

    loop.add_signal_handler(signal.SIGTERM, end)
    with suppress(PermissionError):  # standard input is a plain file: it never closes
        loop.add_reader(0, read)
    with suppress(asyncio.CancelledError):
        await work


async def _retry_for_ever(actor: Actor, bootstrap_servers: str, client_id: str) -> None:
    """Run `actor` again after each fault of Kafka."""
    while True:
        try:
            return await actor(bootstrap_servers, client_id)
        except KafkaError as error:
            write_event(actor=client_id, error=str(error))
            await asyncio.sleep(1)

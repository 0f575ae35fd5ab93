"""One process of the deck: its start, the commands sent to it, and its reports."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.deeds import Report, ReportKind
from kafkatui.domain.deck.terms import Terms
from kafkatui.local.processes import Process

CONSUMER = "kafkatui.actors.consumer"
NEW_CONSUMER = "kafkatui.actors.new_consumer"
WRITER = "kafkatui.actors.writer"
"""The modules of the deck's programs. They are started by name in processes of their own, not imported."""


class Spawn(Protocol):
    """A function like `LocalCluster.spawn`: starts a worker that ends when kafkatui ends."""

    def __call__(
        self, name: str, argv: list[str], *, env: Mapping[str, str] | None = None
    ) -> Awaitable[Process]: ...


@dataclass(frozen=True, slots=True)
class ProcessStarter:
    """Starts the processes of a deck; its fields are the same for all of them."""

    spawn: Spawn
    bootstrap_servers: str
    properties: Mapping[str, str] = field(repr=False)
    """Settings of a secured connection by their names in client.properties; empty: plaintext. They hold
    secrets."""
    group: str
    terms: Terms

    async def begin(
        self,
        module: str,
        name: str,
        topics: tuple[str, ...],
        on_report: Callable[[Report], None],
        on_end: Callable[["DeckProcess"], None],
        **options: str | None,
    ) -> "DeckProcess":
        """Start a process that runs `module`. Raises `LocalClusterError`."""
        argv = [sys.executable, "-m", module, "--bootstrap-servers", self.bootstrap_servers]
        argv += ["--client-id", name, "--group-id", self.group, "--topics", *topics]
        for term in fields(self.terms):
            argv += [f"--{term.name.replace('_', '-')}", str(getattr(self.terms, term.name))]
        for option, value in options.items():
            if value is not None:
                argv += [f"--{option.replace('_', '-')}", value]
        if self.properties:
            argv.append("--secured")
        process = await self.spawn(f"{self.group}-{name}", argv, env=environment())
        if self.properties:
            process.send(json.dumps(dict(self.properties)))
        return DeckProcess(name, self.group, process, on_report, on_end)


class DeckProcess:
    """One process of the deck: a consumer or the writer."""

    def __init__(
        self,
        name: str,
        group: str,
        process: Process,
        on_report: Callable[[Report], None],
        on_end: Callable[["DeckProcess"], None],
    ) -> None:
        """`on_end` is called once the process has ended, for whatever reason."""
        self.name = name
        self.frozen = self.slow = self.stuck = self.leaving = False
        self.killed = False
        """Whether `kill` was called."""
        self.owned: tuple[TopicPartition, ...] | None = None
        self.away = asyncio.Event()
        """Set when it has left the group, or has ended."""
        self._group = group
        self._process = process
        self._on_report = on_report
        self._on_end = on_end
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs and `kill` was not called."""
        return self.code is None and not self.killed

    @property
    def code(self) -> int | None:
        """Its exit code, minus the signal that ended it; ``None`` while it lives."""
        return self._process.code

    def send(self, command: str) -> None:
        """Send the process a command; see `kafkatui.actors.commands`."""
        self._process.send(command)

    def kill(self) -> None:
        """Send SIGKILL, which ends a frozen process too."""
        self.killed = True
        self._process.signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Send SIGSTOP: the process does not run until `thaw`."""
        self.frozen = True
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Send SIGCONT: the process goes on."""
        self.frozen = False
        self._process.signal(signal.SIGCONT)

    async def ended(self) -> None:
        """Wait until the process has ended and all its reports have been read."""
        await asyncio.shield(self._reading)

    def forget(self) -> None:
        """Stop reading its reports."""
        self._reading.cancel()

    async def _read(self) -> None:
        async for line in self._process.lines():
            with suppress(ValueError, TypeError, KeyError):  # a line that is no report
                self._take(json.loads(line))
        self.away.set()
        await self._process.ended.wait()
        self._on_end(self)

    def _take(self, news: Mapping[str, Any]) -> None:
        report = Report(
            ReportKind(news["kind"]),
            float(news["at"]),
            self._group,
            self.name,
            _partitions(news["partitions"]),
            _partitions(news["owned"]),
            str(news["detail"]),
        )
        match report.kind:
            case ReportKind.STUCK | ReportKind.BACK:
                self.stuck = report.kind is ReportKind.STUCK
            case ReportKind.RELEASED | ReportKind.ASSIGNED:
                self.owned = report.owned
            case ReportKind.STOPPED:
                self.owned, self.stuck = None, False
                self.away.set()
            case ReportKind.STARTED:
                self.away.clear()
        self._on_report(report)


def _partitions(pairs: Any) -> tuple[TopicPartition, ...]:
    return tuple(TopicPartition(str(topic), int(number)) for topic, number in pairs)


def environment() -> dict[str, str]:
    """The variable ``PYTHONPATH`` with the absolute path of kafkatui: the process runs in another
    directory."""
    package = str(Path(__file__).parents[2])
    return {"PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))}


async def end(processes: Iterable[DeckProcess]) -> None:
    """Kill processes; returns when they have ended."""
    processes = list(processes)
    for process in processes:
        process.kill()
    await asyncio.gather(*(process.ended() for process in processes))

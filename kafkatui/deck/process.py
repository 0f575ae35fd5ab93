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
"""By name: they run in processes of their own, and are not imported here."""


class Spawn(Protocol):
    """`LocalCluster.spawn`, or alike: starts a worker that ends with kafkatui."""

    def __call__(
        self, name: str, argv: list[str], *, env: Mapping[str, str] | None = None
    ) -> Awaitable[Process]: ...


@dataclass(frozen=True, slots=True)
class ProcessStarter:
    """What all processes of a deck have in common."""

    spawn: Spawn
    bootstrap_servers: str
    properties: Mapping[str, str] = field(repr=False)
    """Of a secured connection, by their names in client.properties; empty: plaintext. Holds secrets."""
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
        """Start a process of `module`. Raises `LocalClusterError`."""
        argv = [sys.executable, "-m", module, "--bootstrap-servers", self.bootstrap_servers]
        argv += ["--client-id", name, "--group-id", self.group, "--topics", *topics]
        for term in fields(self.terms):
            argv += [f"--{term.name.replace('_', '-')}", str(getattr(self.terms, term.name))]
        for option, value in options.items():
            if value is not None:
                argv += [f"--{option.replace('_', '-')}", value]
        if self.properties:
            argv.append("--secured")
        process = await self.spawn(f"{self.group}-{name}", argv, env=_environment())
        if self.properties:
            process.send(json.dumps(dict(self.properties)))
        return DeckProcess(name, self.group, process, on_report, on_end)


class DeckProcess:
    """A process of the deck that lives."""

    def __init__(
        self,
        name: str,
        group: str,
        process: Process,
        on_report: Callable[[Report], None],
        on_end: Callable[["DeckProcess"], None],
    ) -> None:
        """`on_end` is called once it has ended, however that came."""
        self.name = name
        self.frozen = self.slow = self.stuck = self.leaving = False
        self.killed = False
        """We have killed it."""
        self.owned: tuple[TopicPartition, ...] | None = None
        self.away = asyncio.Event()
        """It has left the group, or has ended."""
        self._group = group
        self._process = process
        self._on_report = on_report
        self._on_end = on_end
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """It has not ended, and nobody has ended it."""
        return self.code is None and not self.killed

    @property
    def code(self) -> int | None:
        """Its exit code, minus the signal that ended it; ``None`` while it lives."""
        return self._process.code

    def send(self, command: str) -> None:
        """Send it a command; see `kafkatui.actors.commands`."""
        self._process.send(command)

    def kill(self) -> None:
        """SIGKILL; a frozen one ends too."""
        self.killed = True
        self._process.signal(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP."""
        self.frozen = True
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.frozen = False
        self._process.signal(signal.SIGCONT)

    async def ended(self) -> None:
        """Wait until its process is gone, and all its reports have been read."""
        await asyncio.shield(self._reading)

    def forget(self) -> None:
        """Read its reports no longer."""
        self._reading.cancel()

    async def _read(self) -> None:
        async for line in self._process.lines():
            with suppress(ValueError, TypeError, KeyError):  # something else printed a line
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


def _environment() -> dict[str, str]:
    """It is run elsewhere, where a relative path to kafkatui leads nowhere."""
    package = str(Path(__file__).parents[2])
    return {"PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))}


async def end(processes: Iterable[DeckProcess]) -> None:
    """Kill processes; returns when they are gone."""
    processes = list(processes)
    for process in processes:
        process.kill()
    await asyncio.gather(*(process.ended() for process in processes))

"""Starting and using the process of a search."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from kafkatui.config import Config
from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.errors import ClusterError, KafkaTuiError, UsageError
from kafkatui.kafka.secured import properties_of
from kafkatui.search.news import SIZE, Ended, Failed, Missed, News, Plan, Trying, Wanted, decoded, order_of

MODULE = "kafkatui.search.program"
PIECE = 1024 * 1024
"""Bytes of news that are read ahead."""


class Search:
    """A search in a process of its own; made by `searching`."""

    def __init__(self, process: asyncio.subprocess.Process, wanted: Wanted) -> None:
        self.wanted = wanted
        self._process = process
        self._trying: Trying | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def plan(self) -> Plan:
        """What is going to be read: the first answer. Raises `KafkaTuiError`."""
        news = await self._next()
        if isinstance(news, Failed):
            raise _error(news)
        if not isinstance(news, Plan):
            raise KafkaTuiError("the search ended before it began")
        return news

    def begin(self) -> None:
        """Begin to read, after `plan`."""
        self._send("go")

    def stop(self) -> None:
        """Read nothing more until `go_on`. What was read already still comes."""
        self._send("stop")

    def go_on(self) -> None:
        """Go on after `stop`."""
        self._send("on")

    async def news(self) -> AsyncIterator[News]:
        """`Found`, `Progress` and `Missed`, as they come; `Ended` last. While nobody takes them, the process
        reads nothing. Raises `KafkaTuiError`.
        """
        while True:
            news = await self._next()
            if isinstance(news, Trying):
                self._trying = news
                continue
            if isinstance(news, Failed):
                raise _error(news)
            if news is None:
                missed, why = await self._died()
                if missed is not None:
                    yield missed
                yield Ended(why)
                return
            yield news
            if isinstance(news, Ended):
                return

    async def _next(self) -> News | None:
        """The next news; ``None``: the process has ended."""
        assert self._process.stdout is not None
        try:
            (size,) = SIZE.unpack(await self._process.stdout.readexactly(SIZE.size))
            return decoded(await self._process.stdout.readexactly(size))
        except asyncio.IncompleteReadError:
            return None

    async def _died(self) -> tuple[Missed | None, str]:
        """Why the process ended before its search did."""
        code = await self._process.wait()
        if code == -signal.SIGVTALRM and self._trying is not None:
            at = self._trying
            why = "the regular expression takes too long for one of these records: it was ended"
            return Missed(at.partition, at.first, at.last, why), f"{why}; write a simpler one"
        return None, f"its process ended ({'signal' if code < 0 else 'exit code'} {abs(code)})"

    def _send(self, command: str) -> None:
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(f"{command}\n".encode())

    async def close(self) -> None:
        """End the process at once."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def searching(config: Config, wanted: Wanted) -> AsyncGenerator[Search]:
    """Start the process of a search; it is ended after the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", MODULE),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        limit=PIECE,
    )
    search = Search(process, wanted)
    try:
        assert process.stdin is not None
        settings = [f"{name}={value}" for name, value in properties_of(config).items()]
        settings += [
            f"client.id={config.client_id}",
            f"request.timeout.ms={round(config.request_timeout * 1000)}",
        ]
        order = {
            "servers": ",".join(config.bootstrap_servers),
            "properties": settings,
            "wanted": order_of(wanted),
        }
        process.stdin.write(json.dumps(order).encode() + b"\n")
        yield search
    finally:
        await search.close()


def _error(failed: Failed) -> KafkaTuiError:
    return UsageError(failed.text) if not failed.kind else ClusterError(failed.text, FaultKind[failed.kind])


def _environment() -> dict[str, str]:
    """The environment of the process: without kafkatui's own settings, as one may be a password."""
    package = str(Path(__file__).parents[2])
    others = {name: value for name, value in os.environ.items() if not name.startswith("KAFKATUI_")}
    return others | {"PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))}

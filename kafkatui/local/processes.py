"""Starting and using a keeper: the processes it started by name, their lines, and how they ended."""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from kafkatui.errors import LocalClusterError
from kafkatui.local import keeper
from kafkatui.local.places import NO_LINK, opened

LOCK = "lock"
"""A file in the cluster's directory that the keeper holds locked while it lives."""

LINES_KEPT = 10_000
"""The most unread lines of a worker that are kept; the oldest are dropped."""
ENDING: list[subprocess.Popen[bytes]] = []
"""Keepers that had not ended when `Keeper.close` stopped waiting for them. They are kept here so that nothing
kills them, and so that those which have ended since can be reaped.
"""
GONE = "the local cluster's keeper process was killed, and the cluster with it: start it again"


class Process:
    """A process that the keeper started: a broker, a controller or a worker."""

    def __init__(self, name: str, pid: int, keeper: "Keeper") -> None:
        self.name = name
        self.pid = pid
        self.code: int | None = None
        """Its exit code, minus the signal that ended it; ``None`` while it lives."""
        self.ended = asyncio.Event()
        self._keeper = keeper
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(LINES_KEPT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and the processes it started; does nothing if it has ended."""
        self._keeper.command(do="signal", name=self.name, signal=int(number))

    def send(self, text: str) -> None:
        """Write a line to a worker's standard input."""
        self._keeper.command(do="send", name=self.name, text=text)

    async def lines(self) -> AsyncIterator[str]:
        """The lines a worker writes, until it ends."""
        while (line := await self._lines.get()) is not None:
            yield line

    def add_line(self, line: str | None) -> None:
        """Add a line the process wrote; ``None``: it has ended. Called by the keeper's reader only."""
        if self._lines.full():
            self._lines.get_nowait()
        self._lines.put_nowait(line)


class Keeper:
    """The keeper process of one cluster's directory: starts processes, and ends them when it ends itself."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.pid: int | None = None
        self._open = ExitStack()
        """Closes the descriptors of the directory and of its parent."""
        self._made: tuple[int, str, int] | None = None
        """The directory once it is made: (descriptor of its parent, name, its descriptor)."""
        self._process: subprocess.Popen[bytes] | None = None
        """Not a process of asyncio, as asyncio kills a process that is no longer waited for."""
        self._pipes: list[IO[bytes] | asyncio.BaseTransport | None] = []
        self._stdin: asyncio.WriteTransport | None = None
        self._reader: asyncio.Task[None] | None = None
        self._processes: dict[str, Process] = {}
        self._starting: dict[str, asyncio.Future[Process]] = {}

    async def start(self) -> None:
        """Make the directory and start the keeper for it. Raises `LocalClusterError` if that fails."""
        parent = self._open.enter_context(opened(self.directory.parent))
        try:
            own, lock = self._make(parent)
        except OSError as error:
            raise LocalClusterError(f"cannot make {self.directory}: {error.strerror}") from error
        try:
            self._process = self._run([str(self.directory), str(parent), str(own)], [lock, parent, own])
        finally:
            os.close(lock)
        self.pid = self._process.pid
        self._pipes = [self._process.stdin, self._process.stdout]
        await self._connect(self._process)

    def _run(self, arguments: list[str], descriptors: list[int]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_without_settings(os.environ),
            start_new_session=True,
            pass_fds=descriptors,
        )

    async def _connect(self, process: subprocess.Popen[bytes]) -> None:
        loop, lines = asyncio.get_running_loop(), asyncio.StreamReader(2**22)
        self._stdin, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, process.stdin)
        self._pipes[0] = self._stdin
        reading = asyncio.StreamReaderProtocol(lines)
        self._pipes[1], _ = await loop.connect_read_pipe(lambda: reading, process.stdout)
        self._reader = asyncio.create_task(self._read(lines))

    def _make(self, parent: int) -> tuple[int, int]:
        """Make the directory and the locked lock file in it; returns descriptors of both. The keeper inherits
        the lock, so it is held without a gap.
        """
        name = self.directory.name
        os.mkdir(name, 0o700, dir_fd=parent)
        own = os.open(name, NO_LINK, dir_fd=parent)
        self._open.callback(os.close, own)
        self._made = (parent, name, own)
        lock = os.open(LOCK, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=own)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return own, lock

    async def spawn(
        self,
        name: str,
        argv: Sequence[str | os.PathLike[str]],
        *,
        env: Mapping[str, str] | None = None,
        worker: bool = False,
        nice: int = 0,
    ) -> Process:
        """Start a process. Its output goes to its `log`; the output of a worker to `Process.lines`.

        Raises `LocalClusterError` if it cannot be started.
        """
        if name in self._processes or name in self._starting:
            raise ValueError(f"{name} runs already")
        if self._reader is None or self._reader.done():
            raise LocalClusterError(GONE)
        started: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
        self._starting[name] = started
        try:
            words = [os.fspath(word) for word in argv]
            spawn = {"argv": words, "env": dict(env or {}), "worker": worker, "nice": nice}
            self.command(do="spawn", name=name, **spawn)
            return await started
        finally:
            self._starting.pop(name, None)

    def log(self, name: str) -> Path:
        """The log file of a process: all output of a broker, the standard error of a worker."""
        return self.directory / f"{name}.log"

    def command(self, **fields: Any) -> None:
        """Send the keeper a command; does nothing if the keeper has ended."""
        if self._stdin is not None and not self._stdin.is_closing():
            self._stdin.write(json.dumps(fields).encode() + b"\n")

    async def close(self) -> None:
        """Let the keeper end every process and remove the directory; waits at most 2 s for it."""
        with self._open:
            if self._process is None:
                self._remove()
            else:
                await self._end(self._process)
        self._made = None

    async def _end(self, process: subprocess.Popen[bytes]) -> None:
        self.command(do="stop")
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, 2)
        for pipe in self._pipes:
            if pipe is not None:
                pipe.close()
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if process.returncode is None:
            ENDING.append(process)
        elif process.returncode != 0:  # it was killed and could not do so itself
            await asyncio.to_thread(self._remove)
        ENDING[:] = [ending for ending in ENDING if ending.poll() is None]

    def _remove(self) -> None:
        if self._made is not None:
            keeper.remove(*self._made)

    async def _read(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            self._take_event(json.loads(line))
        for started in self._starting.values():
            if not started.done():
                started.set_exception(LocalClusterError(GONE))
        for process in list(self._processes.values()):
            self._ended(process, -signal.SIGKILL)

    def _take_event(self, event: dict[str, Any]) -> None:
        if (name := event.get("started")) is not None:
            process = Process(name, event["pid"], self)
            self._processes[name] = process
            if (started := self._starting.get(name)) is not None and not started.done():
                started.set_result(process)
        elif (name := event.get("failed")) is not None:
            if (started := self._starting.get(name)) is not None and not started.done():
                started.set_exception(LocalClusterError(f"cannot start {name}: {event['error']}"))
        elif (name := event.get("line")) is not None:
            self._processes[name].add_line(event["text"])
        elif (name := event.get("exited")) is not None:
            self._ended(self._processes[name], event["code"])

    def _ended(self, process: Process, code: int) -> None:
        self._processes.pop(process.name, None)
        process.code = code
        process.add_line(None)
        process.ended.set()


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of every process that is started (Java, the consumers): without kafkatui's settings, as
    one may be a password.
    """
    return {name: value for name, value in environment.items() if not name.startswith("KAFKATUI_")}

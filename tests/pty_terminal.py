"""A program in a real pseudo-terminal: what it writes, byte for byte, and what a person would see of it."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tests.patience import PATIENCE

KEYS = {
    "down": "\x1b[B",
    "up": "\x1b[A",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "end": "\x1b[F",
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "space": " ",
}

UTF_8 = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
"""A locale that is there and shows every sign."""

RESTS = 0.15
"""Seconds after which a program that does nothing waits for the next key; an escape alone takes it 0.1."""

ANSWERS = {
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;c",
    b"\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]10;?": b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
}
"""What a terminal answers to the questions programs ask it."""

COLOURS = re.compile(rb"\x1b\[[\d;]*m")
"""Most of what is written, and seen in no text: left out, a screen is read in a third of the time."""
BEGUN = re.compile(rb"\x1b(\[[\d;]*)?\Z")
"""The rest of it is still to be read."""


OF_A_SHELL = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP, signal.SIGPIPE)


def default_signals() -> None:
    """In a child, before it runs a program: no signal is ignored or blocked, as in a child of a shell.

    Tests started by ``nohup`` or in the background of a script ignore some, which children inherit.
    """
    for number in OF_A_SHELL:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Terminal:
    """Runs a command; leaving the block kills it if it still runs."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.written = bytearray()
        """Every byte the program wrote."""
        self.exit_code: int | None = None
        """``None``: it still runs; negative: the signal that ended it."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._begun = b""
        self._open = True
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": UTF_8}
            default_signals()
            os.environ.update(settings, COLUMNS=str(columns), LINES=str(rows), **(env or {}))
            os.execvp(command[0], list(command))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.wait_for_end(5)
        self.hang_up()

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(self._screen.display)

    def pump(self, seconds: float) -> None:
        """Read what the program writes for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self._read(min(left, 0.05)):
                return

    def wait_for(self, pattern: str, seconds: float = 30.0) -> str:
        """Wait until the screen matches; returns it. Raises `AssertionError` with what stands there."""
        otherwise = f"{pattern!r} did not appear"
        return self._wait(lambda: re.search(pattern, self.text) is not None, otherwise, seconds)

    def wait_without(self, pattern: str, seconds: float = 30.0) -> str:
        """Wait until the screen does not match; returns it. Raises `AssertionError`, too."""
        return self._wait(lambda: re.search(pattern, self.text) is None, f"{pattern!r} did not go", seconds)

    def wait_for_bytes(self, data: bytes, times: int, seconds: float = 30.0) -> None:
        """Wait until these bytes were written so often. Raises `AssertionError`, too."""
        otherwise = f"{data!r} was not written {times} times"
        self._wait(lambda: self.written.count(data) >= times, otherwise, seconds)

    def wait_until(self, done: Callable[[], bool], otherwise: str, seconds: float = 30.0) -> None:
        """Wait until a condition outside the screen holds. Raises `AssertionError` that says `otherwise`."""
        self._wait(done, otherwise, seconds)

    def _wait(self, done: Callable[[], bool], otherwise: str, seconds: float) -> str:
        end = time.monotonic() + seconds * PATIENCE
        while not done():
            if not self._read(0.05) or time.monotonic() > end:
                raise AssertionError(f"{otherwise} in {seconds * PATIENCE} s:\n{self.text}")
        return self.text

    def press(self, *keys: str) -> None:
        """Type keys by name, the next one when the program has done what the one before asks for."""
        for key in keys:
            self.send(key)
            self.rest()

    def send(self, key: str) -> None:
        """Type one key by name, and wait for nothing."""
        os.write(self._fd, KEYS.get(key, key).encode())

    def rest(self, seconds: float = 20.0) -> None:
        """Read until the program has written nothing and waited for something all the time for `RESTS`."""
        end = time.monotonic() + seconds
        since = time.monotonic()
        while time.monotonic() < min(end, since + RESTS):
            before = len(self.written)
            if not self._read(0.02):
                return
            if len(self.written) > before or not self._waits():
                since = time.monotonic()

    def _waits(self) -> bool:
        """No thread of the program runs, or would on a quicker machine; true where nothing tells."""
        states = [
            stat.read_text().rpartition(")")[2].split()[0]
            for stat in Path(f"/proc/{self.pid}/task").glob("*/stat")
        ]
        return "R" not in states

    def wait_for_end(self, seconds: float) -> int:
        """Wait until the program has ended; returns its exit code. Raises `AssertionError` if it does not."""
        end = time.monotonic() + seconds * PATIENCE
        while self.exit_code is None:
            self._read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError(f"still running after {seconds * PATIENCE} s:\n{self.text}")
        return self.exit_code

    def hang_up(self) -> None:
        """Close the terminal, as closing its window does."""
        if self._open:
            self._open = False  # its number may soon be another file's
            os.close(self._fd)

    def _read(self, seconds: float) -> bool:
        """Read once; ``False``: the program has closed the terminal."""
        if not self._open:
            time.sleep(seconds)
            return False
        try:
            if not select.select([self._fd], [], [], seconds)[0]:
                return True
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self.written += data
        for question, answer in ANSWERS.items():
            if question in data:
                os.write(self._fd, answer)
        self._draw(data)
        return bool(data)

    def _draw(self, data: bytes) -> None:
        data = self._begun + data
        begun = BEGUN.search(data)
        self._begun = b"" if begun is None else begun[0]
        self._stream.feed(COLOURS.sub(b"", data[: len(data) - len(self._begun)]))

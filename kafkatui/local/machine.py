"""Ports, disk and memory of this machine for a broker, and the reason in Java's log when a broker ended."""

import random
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from kafkatui.errors import LocalClusterError

MEMORY_OF_A_BROKER = 350 * 2**20
DISK_OF_A_BROKER = 300 * 2**20


def free_ports(count: int) -> list[int]:
    """``count`` ports on 127.0.0.1 that no program uses. They are below the range from which the system gives
    ports to clients."""
    found: list[int] = []
    for port in random.SystemRandom().sample(range(20000, 32000), 2000):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise LocalClusterError(
        "no free ports between 20000 and 32000 on 127.0.0.1: end other programs and try again"
    )


def check_room(directory: Path, brokers: int) -> None:
    """Raises `LocalClusterError` where the disk of ``directory`` or the memory is too small."""
    free = shutil.disk_usage(directory).free
    if free < brokers * DISK_OF_A_BROKER:
        needed, there = brokers * DISK_OF_A_BROKER // 2**20, free // 2**20
        raise LocalClusterError(
            f"{needed} MB of disk are needed, {directory} has {there}: free some, or set TMPDIR"
        )
    with suppress(
        OSError, ValueError, IndexError
    ):  # macOS has no such file; there Java itself reports too little memory
        fields = Path("/proc/meminfo").read_text().partition("MemAvailable:")[2].split()
        available = int(fields[0]) * 1024
        if available < brokers * MEMORY_OF_A_BROKER:
            needed, there = brokers * MEMORY_OF_A_BROKER // 2**20, available // 2**20
            raise LocalClusterError(f"{needed} MB of memory are needed, {there} are free: end other programs")


def reason(what: str, log: Path, code: int | None) -> tuple[str, tuple[str, ...]]:
    """Why a Java process ended by itself, as one sentence, and the last lines of its log."""
    lines = last_lines(log, 40)
    text = "\n".join(lines).lower()
    if any(
        sign in text for sign in ("insufficient memory", "could not reserve enough", "cannot allocate memory")
    ):
        return f"{what}: not enough memory: end other programs and try again", lines[-3:]
    if "no space left on device" in text:
        return f"{what}: the disk is full: free some, or set TMPDIR to another", lines[-3:]
    if "address already in use" in text:
        return f"{what}: its port was taken meanwhile: try again", lines[-3:]
    return f"{what} ended with exit code {code}: see its last lines", lines[-3:]


def last_lines(log: Path, count: int = 3) -> tuple[str, ...]:
    """The last ``count`` lines of a log; empty lines and the lines of Java's stack traces are left out."""
    with suppress(OSError):
        lines = log.read_text(errors="replace").splitlines()
        return tuple(line for line in lines if line.strip() and not line.startswith("\tat "))[-count:]
    return ()

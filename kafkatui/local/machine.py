"""What this machine has for a broker, and what its Java said when that was not enough."""

import random
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from kafkatui.errors import LocalClusterError

MEMORY_OF_A_BROKER = 350 * 2**20
DISK_OF_A_BROKER = 300 * 2**20


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, and below those the system gives to clients, which might take one."""
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
    """Raises `LocalClusterError` where disk or memory will not do."""
    free = shutil.disk_usage(directory).free
    if free < brokers * DISK_OF_A_BROKER:
        needed, there = brokers * DISK_OF_A_BROKER // 2**20, free // 2**20
        raise LocalClusterError(
            f"{needed} MB of disk are needed, {directory} has {there}: free some, or set TMPDIR"
        )
    with suppress(OSError, ValueError, IndexError):  # no such file on macOS; then Java will say so itself
        told = Path("/proc/meminfo").read_text().partition("MemAvailable:")[2].split()
        available = int(told[0]) * 1024
        if available < brokers * MEMORY_OF_A_BROKER:
            needed, there = brokers * MEMORY_OF_A_BROKER // 2**20, available // 2**20
            raise LocalClusterError(f"{needed} MB of memory are needed, {there} are free: end other programs")


def reason(what: str, log: Path, code: int | None) -> tuple[str, tuple[str, ...]]:
    """One sentence about a Java that ended by itself, and the last lines it wrote."""
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
    """Without the steps of Java's stack traces, which say nothing to people."""
    with suppress(OSError):
        lines = log.read_text(errors="replace").splitlines()
        return tuple(line for line in lines if line.strip() and not line.startswith("\tat "))[-count:]
    return ()

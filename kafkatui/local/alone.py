"""A lock between several running kafkatui, for files that all of them may write."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from kafkatui.errors import LocalClusterError

AGAIN = 0.1
"""Seconds between two tries to get a lock that another process holds."""


@asynccontextmanager
async def alone(lock: Path, on_wait: Callable[[], None] | None = None) -> AsyncGenerator[None]:
    """Hold the lock file `lock` while the block runs; the file is made if it does not exist. The system
    releases the lock when the process ends.

    `on_wait` is called once where another process holds the lock. Raises `LocalClusterError` where the file
    cannot be opened.
    """
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalClusterError(f"cannot open {lock}: {error.strerror}") from error
    try:
        while not _taken(descriptor):
            if on_wait is not None:
                on_wait()
                on_wait = None
            await asyncio.sleep(AGAIN)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

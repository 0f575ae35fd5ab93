"""Clears away what a cluster left whose keeper was itself killed: processes and the directory."""

import fcntl
import os
import re
import signal
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kafkatui.local.keeper import LEDGER, remove, start_time
from kafkatui.local.places import NO_LINK, opened
from kafkatui.local.processes import LOCK

NAME = re.compile(r"[0-9a-f]{12}")
"""How the directory of a cluster is named."""
NO_FOLLOW = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def sweep(clusters: Path) -> None:
    """Clear every cluster's directory in ``clusters`` whose lock nobody holds; those of living keepers stay.

    A cluster's directory is told by three marks: its name, its lock, and its list of processes. Anything
    else is not ours and stays. Raises `LocalClusterError` where ``clusters`` is no directory of ours alone.
    """
    with opened(clusters) as parent:
        sweep_in(parent)


def sweep_in(parent: int) -> None:
    """The same in the directory behind a descriptor, whatever has its name by now."""
    for name in os.listdir(parent):
        if NAME.fullmatch(name):
            with suppress(OSError), ExitStack() as owned:  # gone meanwhile, a lock that is held, no mark
                directory = os.open(name, NO_LINK, dir_fd=parent)
                owned.callback(os.close, directory)
                if os.fstat(directory).st_uid != os.getuid():
                    continue
                lock = owned.enter_context(_file_of_ours(LOCK, directory))
                ledger = owned.enter_context(_file_of_ours(LEDGER, directory))
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _kill(os.read(ledger, 1 << 20))
                remove(parent, name, directory)


@contextmanager
def _file_of_ours(name: str, directory: int) -> Iterator[int]:
    """Raises `OSError` for anything but a plain file of this user."""
    descriptor = os.open(name, NO_FOLLOW, dir_fd=directory)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
            raise OSError(f"{name} is not ours")
        yield descriptor
    finally:
        os.close(descriptor)


def _kill(ledger: bytes) -> None:
    for line in ledger.decode(errors="replace").splitlines():
        number, _, born = line.partition(" ")
        if number.isdecimal() and born and start_time(int(number)) == born:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(int(number), signal.SIGKILL)

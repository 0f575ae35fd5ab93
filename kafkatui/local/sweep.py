"""Ends the processes and removes the directories of clusters whose keeper was itself killed."""

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
"""The form of the name of a cluster's directory."""
NO_FOLLOW = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def sweep(clusters: Path) -> None:
    """Remove every cluster's directory in ``clusters`` whose lock no process holds, and kill its processes.

    A directory is a cluster's if it has such a name, a lock file and a list of processes; everything else
    stays. Raises `LocalClusterError` where ``clusters`` is no directory that only this user may use.
    """
    with opened(clusters) as parent:
        sweep_in(parent)


def sweep_in(parent: int) -> None:
    """`sweep` in the directory behind the descriptor ``parent``, even if another has its name by now."""
    for name in os.listdir(parent):
        if NAME.fullmatch(name):
            with (
                suppress(OSError),
                ExitStack() as owned,
            ):  # removed meanwhile, its lock is held, or a file is missing
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
    """An open descriptor of a file in ``directory``. Raises `OSError` where it is not a plain file of this
    user."""
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

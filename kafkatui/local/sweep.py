"""Clears away what a cluster left whose keeper was itself killed: processes and the directory."""

import fcntl
import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from kafkatui.local.keeper import start_time
from kafkatui.local.processes import LOCK

JUST_MADE = 60.0
"""Seconds in which a directory without a lock may be one that is only being made."""


def sweep(clusters: Path) -> None:
    """Clear every directory under ``clusters`` whose lock nobody holds; those of living keepers stay."""
    for directory in clusters.iterdir():
        if directory.is_dir() and _abandoned(directory):
            _kill(directory / "processes")
            shutil.rmtree(directory, ignore_errors=True)


def _abandoned(directory: Path) -> bool:
    try:
        with (directory / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except FileNotFoundError:
        with suppress(FileNotFoundError):
            return time.time() - directory.stat().st_mtime > JUST_MADE
        return False
    except OSError:  # held
        return False


def _kill(ledger: Path) -> None:
    try:
        lines = ledger.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        number, _, born = line.partition(" ")
        if number.isdigit() and born and start_time(int(number)) == born:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(int(number), signal.SIGKILL)

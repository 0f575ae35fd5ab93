"""Jars from Maven Central for the tests: downloaded once, then from jgo's cache."""

import fcntl
import subprocess
from pathlib import Path

from kafkatui.local import jars
from kafkatui.local.cluster import FETCHING
from kafkatui.local.places import cache_directory


def fetched(endpoint: str) -> list[Path]:
    """The jars of an endpoint of jgo, and all that they need. Tests in several processes wait for each other:
    jgo fails where two write the same files.
    """
    with (cache_directory() / FETCHING).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            jars.resolve_command(endpoint), capture_output=True, text=True, timeout=300, check=False
        )
    return jars.resolved((done.stdout + done.stderr).splitlines(), done.returncode)

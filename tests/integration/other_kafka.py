"""Other releases of Kafka than the demo's: 3.9, which many still run (no KIP-848 groups by default, older
versions of answers), and the newest."""

import fcntl
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kafkatui.local import jars
from kafkatui.local.cluster import FETCHING
from kafkatui.local.places import cache_directory

OLD, NEWEST = "3.9.1", "4.3.0"


def kafka_home(version: str, directory: Path) -> Path:
    """A directory for ``KAFKA_HOME``, with the jars of a release from Maven Central: downloaded once, then
    from jgo's cache.
    """
    endpoint = f"org.apache.kafka:kafka_2.13:{version}+org.slf4j:slf4j-simple:1.7.36"
    with (cache_directory() / FETCHING).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # jgo's files take only one at a time
        done = subprocess.run(
            jars.resolve_command(endpoint), capture_output=True, text=True, timeout=300, check=False
        )
    paths = jars.resolved((done.stdout + done.stderr).splitlines(), done.returncode)
    (directory / "libs").mkdir()
    for path in paths:
        (directory / "libs" / path.name).symlink_to(path)
    return directory


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the process's environment for the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

"""Other releases of Kafka than the demo's: 3.9, which many still run (no KIP-848 groups by default, older
versions of answers), and the newest."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.integration import maven

OLD, NEWEST = "3.9.1", "4.3.0"


def kafka_home(version: str, directory: Path) -> Path:
    """A directory for ``KAFKA_HOME``, with the jars of a release from Maven Central."""
    paths = maven.fetched(f"org.apache.kafka:kafka_2.13:{version}+org.slf4j:slf4j-simple:1.7.36")
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

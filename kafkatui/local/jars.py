"""Apache Kafka's jars: from ``KAFKA_HOME``, or downloaded once through ``jgo`` and checked by their
SHA-256."""

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from kafkatui.errors import LocalClusterError
from kafkatui.local import fetch

VERSION = "4.1.1"
ENDPOINT = f"org.apache.kafka:kafka_2.13:{VERSION}+org.slf4j:slf4j-simple:1.7.36"
"""Maven coordinates of Kafka and of a logger: without one Kafka would end without a message; this one does
not slow its start."""
INSTEAD = "or unpack Apache Kafka and set KAFKA_HOME to its directory"


@dataclass(frozen=True, slots=True)
class Jars:
    """The class path of one version of Kafka."""

    version: str
    paths: tuple[Path, ...]
    """The jars in a fixed order: Java's class archive works only with the same order."""
    source: str
    """``cache``, ``download`` or ``KAFKA_HOME``."""

    @property
    def class_path(self) -> str:
        """The class path for ``java -cp``."""
        return os.pathsep.join(map(str, self.paths))

    @property
    def fingerprint(self) -> str:
        """A hash over the jars' names, sizes and times; files made from the jars have it in their names."""
        stamps = "\n".join(f"{path} {_stamp(path)}" for path in self.paths)
        return hashlib.sha256(stamps.encode()).hexdigest()[:16]


RECORDED = Path(__file__).with_name(f"kafka-{VERSION}.jars")
"""SHA-256, size in bytes and name of each jar of Apache Kafka 4.1.1, one a line."""


def recorded_sums() -> dict[str, str]:
    """The name and SHA-256 of each jar of Apache Kafka 4.1.1."""
    return {name: digest for digest, _, name in map(str.split, RECORDED.read_text().splitlines())}


def from_kafka_home() -> Jars | None:
    """The jars of ``KAFKA_HOME``; ``None`` if it is not set. Raises `LocalClusterError` where it holds no
    Kafka."""
    if not (home := os.environ.get("KAFKA_HOME")):
        return None
    paths = tuple(sorted((Path(home) / "libs").glob("*.jar")))
    for path in paths:
        if match := re.fullmatch(r"kafka_2\.\d+-(\d.*)\.jar", path.name):
            return Jars(match[1], paths, "KAFKA_HOME")
    raise LocalClusterError(f"KAFKA_HOME is {home}, but its libs/ holds no Kafka: correct it or unset it")


def from_cache(memory: Path) -> Jars | None:
    """The jars that an earlier start checked, if their sizes and times are the same since; else ``None``."""
    try:
        known = {Path(path): tuple(stamp) for path, stamp in json.loads(memory.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return None
    if {path.name for path in known} != set(recorded_sums()):
        return None
    if any(_stamp(path) != stamp for path, stamp in known.items()):
        return None
    return Jars(VERSION, tuple(known), "cache")


def check(paths: Sequence[Path], sums: Mapping[str, str], memory: Path) -> Jars:
    """Check every jar against its recorded sum, and remember that it was; blocks for some 0.1 s.

    Raises `LocalClusterError` that names the first jar that differs, is missing or not expected.
    """
    names = {path.name for path in paths}
    for name in sorted(names ^ set(sums)):
        what = "is missing" if name in sums else "is not a part of it"
        raise LocalClusterError(
            f"Kafka {VERSION} from jgo: {name} {what}: empty jgo's cache and try again, {INSTEAD}"
        )
    ordered = tuple(sorted(paths, key=lambda path: path.name))
    for path in ordered:
        with path.open("rb") as jar:
            if hashlib.file_digest(jar, "sha256").hexdigest() != sums[path.name]:
                raise LocalClusterError(
                    f"{path} is not the file of Kafka {VERSION}: delete it and try again, {INSTEAD}"
                )
    with suppress(OSError):  # then the next start checks again
        memory.write_text(json.dumps({str(path): _stamp(path) for path in ordered}))
    return Jars(VERSION, ordered, "download")


def resolve_command(endpoint: str = ENDPOINT) -> list[str]:
    """What to run to have ``jgo`` fetch the jars. Raises `LocalClusterError` without ``jgo``."""
    if find_spec("jgo") is None:
        raise LocalClusterError(
            "jgo is needed to fetch Apache Kafka: install the extra "
            f"(pip install 'kafkatui[demo]'), {INSTEAD}"
        )
    return [sys.executable, fetch.__file__, endpoint, str(RECORDED)]


def progress(line: str) -> tuple[int, int | None] | None:
    """Bytes fetched, and of how many, from a line of its output; ``None``: another line."""
    with suppress(ValueError, KeyError, TypeError):
        news = json.loads(line)
        return int(news["bytes"]), news["of"]
    return None


def resolved(output: Sequence[str], code: int | None) -> list[Path]:
    """The jars' paths from the output of `resolve_command`. Raises `LocalClusterError` if it failed."""
    if code == 0:
        for line in output:
            with suppress(ValueError, KeyError, TypeError):
                return [Path(path) for path in json.loads(line)["jars"]]
    said = next((line.strip() for line in reversed(output) if line.strip()), f"exit code {code}")
    raise LocalClusterError(
        f"cannot fetch Kafka's jars ({said[:200]}): check the network and try again, {INSTEAD}"
    )


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)

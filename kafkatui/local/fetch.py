"""Downloads Kafka's jars through ``jgo`` and writes its progress; run as a file, in a process of its own.

It is a process because `jgo` paints its progress on a terminal, and because a thread cannot be cancelled.
Arguments: the endpoint, and a file of sizes (`kafkatui.local.jars`). It writes JSON lines to standard output:
``{"bytes": n, "of": m}`` during the download, where ``m`` is null if a size is not known; at the end
``{"jars": […]}``.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

EVERY = 0.2
"""Seconds between two lines."""


def write_line(**news: Any) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


class Progress:
    """Counts the downloaded bytes of jars whose sizes are known."""

    def __init__(self, sizes: dict[str, int]) -> None:
        """`sizes`: bytes of each jar that has to be downloaded, by file name."""
        self._sizes = sizes
        self._all = sum(sizes.values()) or None
        self._fetched = 0
        self._written_at = 0.0

    @contextlib.contextmanager
    def of_file(self, name: str, _: int) -> Iterator[Callable[[int], None]]:
        """The callback for jgo: gives a function that jgo calls with the number of bytes of each piece."""
        yield self._count if name in self._sizes or self._all is None else lambda _: None

    def _count(self, count: int) -> None:
        self._fetched += count
        if (now := time.monotonic()) - self._written_at > EVERY or self._fetched == self._all:
            self._written_at = now
            write_line(bytes=self._fetched, of=self._all)


def missing(sizes: dict[str, int], paths: list[Path]) -> dict[str, int]:
    """The sizes of the jars that have to be downloaded; empty where one of these sizes is not known.

    A jar that is too short is deleted: its download was interrupted, and jgo would use it as it is.
    """
    found: dict[str, int] = {}
    for path in paths:
        size = sizes.get(path.name, 0)
        if path.exists() and path.stat().st_size < size:
            path.unlink()
        if not path.exists():
            found[path.name] = size
    return found if all(found.values()) else {}


def main(endpoint: str, sizes: str) -> None:
    import jgo
    from jgo.maven import PythonResolver

    lines = (line.split() for line in Path(sizes).read_text().splitlines())
    known = {name: int(size) for _, size, name in lines}
    artifacts = jgo.resolve(endpoint)  # downloads no jar, only the dependencies; `build` uses them again
    paths = [artifact.cached_path for artifact in artifacts if artifact.cached_path is not None]
    progress = Progress(missing(known, paths))
    found = jgo.build(endpoint, resolver=PythonResolver(progress_callback=progress.of_file)).all_jars
    write_line(jars=[str(path) for path in found])


if __name__ == "__main__":
    main(*sys.argv[1:])

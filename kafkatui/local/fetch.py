"""Fetches Kafka's jars through ``jgo``, and tells how far it is; run as a file, in a process of its own.

`jgo` paints its progress on a terminal, and a thread cannot be cancelled. Arguments: the endpoint, and a file
of sizes (`kafkatui.local.jars`). JSON lines go out on standard output: ``{"bytes": n, "of": m}`` while it
fetches, where ``m`` is null if a size is not known; at last ``{"jars": […]}``.
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


def tell(**news: Any) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


class Progress:
    """Counts what is fetched of files whose sizes are known."""

    def __init__(self, sizes: dict[str, int]) -> None:
        """`sizes`: in bytes, of the jars that are not there yet."""
        self._sizes = sizes
        self._all = sum(sizes.values()) or None
        self._fetched = 0
        self._told_at = 0.0

    @contextlib.contextmanager
    def of_file(self, name: str, _: int) -> Iterator[Callable[[int], None]]:
        """For jgo: gives a function that is told how many bytes have come."""
        yield self._more if name in self._sizes or self._all is None else lambda _: None

    def _more(self, count: int) -> None:
        self._fetched += count
        if (now := time.monotonic()) - self._told_at > EVERY or self._fetched == self._all:
            self._told_at = now
            tell(bytes=self._fetched, of=self._all)


def missing(sizes: dict[str, int], paths: list[Path]) -> dict[str, int]:
    """The sizes of the jars that are not there; empty where one is not known.

    One that is too short was cut off when its download was: jgo would take it for whole.
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
    artifacts = jgo.resolve(endpoint)  # asks for nothing but what needs what; kept for `build`
    paths = [artifact.cached_path for artifact in artifacts if artifact.cached_path is not None]
    progress = Progress(missing(known, paths))
    found = jgo.build(endpoint, resolver=PythonResolver(progress_callback=progress.of_file)).all_jars
    tell(jars=[str(path) for path in found])


if __name__ == "__main__":
    main(*sys.argv[1:])

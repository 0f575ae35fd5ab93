"""Files that name the topics and the group a deck makes on clusters that are not ours: each is written before
these are made, and deleted after they are removed.

So the next start finds what a crashed kafkatui left on a cluster, and offers to remove it.
"""

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kafkatui.deck.resources import PREFIX, Resources
from kafkatui.errors import DeckError, LocalClusterError
from kafkatui.kafka.connection import Cluster
from kafkatui.local.keeper import start_time
from kafkatui.local.places import cache_directory


@dataclass(frozen=True, slots=True)
class Leftover:
    """The topics and the group that a kafkatui process which has ended left on a cluster."""

    file: Path
    """The ledger's file that names them."""
    group: str
    topics: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name to show: that of the group; the names of its topics begin with it."""
        return self.group


def note(cluster_id: str | None, group: str, topics: Iterable[str]) -> Path:
    """Write a file that names the group and the topics that are about to be made, with the id of this
    process. Raises `DeckError` where it cannot be written.
    """
    entry = {
        "cluster_id": cluster_id,
        "group": group,
        "topics": sorted(topics),
        "pid": os.getpid(),
        "born": start_time(os.getpid()),
    }
    file = _directory() / f"{os.getpid()}-{group}.json"
    partial = file.with_suffix(".partial")
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        partial.write_text(json.dumps(entry))
        partial.replace(file)
    except OSError as error:
        raise DeckError(f"cannot write {file}: {error.strerror}; nothing was made") from error
    return file


def strike(file: Path) -> None:
    """Delete a file of the ledger: the topics and the group it names were removed."""
    with suppress(OSError):
        file.unlink()


def left_behind(cluster_id: str | None) -> Sequence[Leftover]:
    """The leftovers of ended processes on this cluster, sorted by name."""
    try:
        files = sorted(_directory().glob("*.json"))
    except LocalClusterError:  # without a cache directory there are no such files
        return []
    found = (_read(file, cluster_id) for file in files)
    return [leftover for leftover in found if leftover is not None]


async def remove(cluster: Cluster, leftover: Leftover) -> None:
    """Remove the topics and the group of `leftover`, and delete its file. Raises `ClusterError`."""
    await Resources(cluster, leftover.group, dict.fromkeys(leftover.topics, 0)).remove()
    strike(leftover.file)


def _read(file: Path, cluster_id: str | None) -> Leftover | None:
    """The leftover in a ledger's file; ``None``: it is on another cluster, its process still runs, or the
    file is no such file of ours."""
    try:
        entry = json.loads(file.read_text())
        if entry["cluster_id"] != cluster_id or start_time(int(entry["pid"])) == entry["born"]:
            return None
        leftover = Leftover(file, str(entry["group"]), tuple(map(str, entry["topics"])))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    ours = all(name.startswith(PREFIX) for name in (leftover.group, *leftover.topics))
    return leftover if ours else None


def _directory() -> Path:
    return cache_directory() / "deck"

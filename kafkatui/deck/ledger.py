"""What the deck made on clusters that are not ours: written down before it is made, struck after it is gone.

So what a kafkatui that crashed has left there is found, and offered to be removed at the next start.
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
    """What a kafkatui that is gone has left on a cluster."""

    file: Path
    """Where it is written down."""
    group: str
    topics: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person calls it: the group's name; its topics are named alike."""
        return self.group


def note(cluster_id: str | None, group: str, topics: Iterable[str]) -> Path:
    """Write down what is about to be made, under this process. Raises `DeckError` where it cannot be
    written.
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
    """Forget a file of the ledger: what it names was removed."""
    with suppress(OSError):
        file.unlink()


def left_behind(cluster_id: str | None) -> Sequence[Leftover]:
    """What processes that are gone have left on this cluster, by name."""
    try:
        files = sorted(_directory().glob("*.json"))
    except LocalClusterError:  # where nothing can be written nothing is written down
        return []
    found = (_read(file, cluster_id) for file in files)
    return [leftover for leftover in found if leftover is not None]


async def remove(cluster: Cluster, leftover: Leftover) -> None:
    """Remove it from the cluster, and strike it. Raises `ClusterError`."""
    await Resources(cluster, leftover.group, dict.fromkeys(leftover.topics, 0)).remove()
    strike(leftover.file)


def _read(file: Path, cluster_id: str | None) -> Leftover | None:
    """``None``: of another cluster, of a process that lives, or nothing of ours."""
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

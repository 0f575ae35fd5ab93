"""Where the local cluster keeps things: a cache that stays, and directories that go with their cluster."""

import os
import sys
import tempfile
from pathlib import Path

from kafkatui.errors import LocalClusterError


def cache_directory() -> Path:
    """What the next start can use again: verified jars, Java's class archive, usual times.

    ``KAFKATUI_CACHE``, else the user's cache directory; made if it is not there.
    Raises `LocalClusterError` where it cannot be written.
    """
    if given := os.environ.get("KAFKATUI_CACHE"):
        path = Path(given)
    elif sys.platform == "darwin":
        path = Path.home() / "Library" / "Caches" / "kafkatui"
    else:
        path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kafkatui"
    return _made(path, "set KAFKATUI_CACHE to a directory you may write to")


def clusters_directory() -> Path:
    """The directory of this user in which each running cluster has one of its own."""
    path = Path(tempfile.gettempdir()) / f"kafkatui-{os.getuid()}"
    made = _made(path, "set TMPDIR to a directory you may write to")
    if made.stat().st_uid != os.getuid():
        raise LocalClusterError(f"{path} belongs to another user: set TMPDIR to a directory of your own")
    return made


def _made(path: Path, advice: str) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LocalClusterError(f"cannot make {path}: {error.strerror}; {advice}") from error
    return path

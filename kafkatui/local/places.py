"""The directories of local clusters: a cache that stays, and a directory for each cluster that is removed
with it.

Only directories of this user are used. Every user may write to the temporary directory: so there a directory
is made exclusively, or checked without following a link, and its content is removed through its descriptor.
No link and no other directory of the same name is ever mistaken for it.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from kafkatui.errors import LocalClusterError

NO_LINK = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
TMPDIR_ADVICE = "set TMPDIR to a directory of your own"
CACHE_ADVICE = "set KAFKATUI_CACHE to a directory of your own"


def cache_directory() -> Path:
    """The directory of files that the next start uses again: checked jars, Java's class archive, usual times.

    It is ``KAFKATUI_CACHE``, else the user's cache directory; made if it does not exist. Programs in it are
    run, so no other user may be able to write to it. Raises `LocalClusterError` where it cannot be made, or
    others may write to it.
    """
    given = os.environ.get("KAFKATUI_CACHE")
    path = Path(given) if given else _user_cache_directory()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = path.stat()
    except (OSError, ValueError) as error:
        raise LocalClusterError(f"cannot make {path}: {_why(error)}; {CACHE_ADVICE}") from error
    if found.st_uid not in {0, os.getuid()}:
        raise LocalClusterError(f"{path} belongs to another user: {CACHE_ADVICE}")
    if found.st_mode & stat.S_IWOTH:
        raise LocalClusterError(f"every user may write to {path}: {CACHE_ADVICE}")
    return path


def clusters_directory() -> Path:
    """The directory of this user that contains a directory for each running cluster; made if it does not
    exist.

    Raises `LocalClusterError` where it cannot be made, or is not a directory that only this user may use.
    """
    try:
        path = Path(tempfile.gettempdir()).resolve() / f"kafkatui-{os.getuid()}"
    except OSError as error:
        raise LocalClusterError(
            f"no directory for temporary files can be written to: {TMPDIR_ADVICE}"
        ) from error
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise LocalClusterError(f"cannot make {path}: {_why(error)}; {TMPDIR_ADVICE}") from error
    with opened(path):
        return path


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """An open descriptor of the directory ``path``.

    Raises `LocalClusterError` where it is a link, belongs to another user, or is open to other users.
    """
    try:
        descriptor = os.open(path, NO_LINK)
    except OSError as error:
        what = "is no directory, or a link" if path.is_symlink() or path.exists() else _why(error)
        raise LocalClusterError(f"{path}: {what}; remove it, or {TMPDIR_ADVICE}") from error
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.getuid():
            raise LocalClusterError(f"{path} belongs to another user: {TMPDIR_ADVICE}")
        if stat.S_IMODE(found.st_mode) & 0o777 != 0o700:
            raise LocalClusterError(f"{path} is open to other users: remove it, or {TMPDIR_ADVICE}")
        yield descriptor
    finally:
        os.close(descriptor)


def _user_cache_directory() -> Path:
    """The user's directory for the cache: ``~/.cache/kafkatui``, or one under ``XDG_CACHE_HOME``; on macOS
    ``~/Library/Caches/kafkatui``."""
    try:
        path = Path(platformdirs.user_cache_dir("kafkatui", appauthor=False))
        if path.is_absolute():  # older releases of platformdirs give "~/.cache" to a user without a home
            return path
    except RuntimeError:  # newer ones raise
        pass
    raise LocalClusterError(f"no home directory is known: set HOME, or {CACHE_ADVICE}")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)

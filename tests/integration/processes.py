"""Whether a process lives."""

import psutil


def alive(pid: int) -> bool:
    """Whether the process runs; a process that ended and was not waited for (a zombie) does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

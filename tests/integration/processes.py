"""Whether a process lives."""

import psutil


def alive(pid: int) -> bool:
    """Not ended; one that ended and whose parent did not ask yet (a zombie) is not alive."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

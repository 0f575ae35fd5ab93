"""How every command ends in time, even if something hangs."""

import os
import threading

PATIENCE = 1.5
"""Seconds the program may take to end by itself before it is killed."""


def force_end_soon(code: int) -> None:
    """End the process with exit code `code` after `PATIENCE` seconds, if it has not ended by itself.

    Python waits for a thread in which a name lookup hangs. Textual may wait for ever to write to a terminal
    that was closed (the kernel sends SIGHUP and SIGCONT then). The demo's keeper removes the cluster in both
    cases.
    """
    last = threading.Timer(PATIENCE, os._exit, (code,))
    last.daemon = True
    last.start()

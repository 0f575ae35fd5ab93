"""The keeper: a small process, in a session of its own, that starts Kafka's processes and ends them.

It is run as a file by ``python -I -S``. Its arguments are the cluster's directory, and open descriptors of
the parent directory and of this directory: files are written and removed through these descriptors, even if
another directory has the same name by then. It imports only the standard library, so it starts at once.
Commands come as JSON lines on standard input, events go out on standard output:

- ``{"do": "spawn", "name", "argv", "env": {…}, "worker": bool, "nice": n}`` → ``{"started": name, "pid"}``
  or ``{"failed": name, "error"}``; later ``{"exited": name, "code"}``. Each line a worker writes comes as
  ``{"line": name, "text"}``; whatever else the processes write goes to ``NAME.log`` in the directory.
- ``{"do": "send", "name", "text"}`` writes a line to a worker; ``{"do": "signal", "name", "signal": n}``
  signals the process and whatever it started.

When standard input ends (kafkatui quit, was killed, lost its terminal), or a line ``{"do": "stop"}`` or
SIGTERM comes, every process is killed, frozen ones too, and the directory is removed. A keeper holds a lock
while it lives and writes each process into a file: if it is itself killed, `kafkatui.local.sweep` finds the
processes and the directory it left.
"""

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from typing import IO, Any

LEDGER = "processes"
"""A file in the cluster's directory: the id and the start time of each process, one process a line."""


class Keeper:
    """The processes of one cluster."""

    def __init__(self, directory: str, parent: int, own: int) -> None:
        self.directory = directory
        self.parent = parent
        self.own = own
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.selector = selectors.DefaultSelector()
        self.ledger = self.open_inside(LEDGER)

    def run(self) -> None:
        wake, waker = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        for ignored in (signal.SIGHUP, signal.SIGINT):
            signal.signal(ignored, lambda *_: None)  # not SIG_IGN, which the processes would inherit
        self.selector.register(wake, selectors.EVENT_READ, lambda data: True)
        self.selector.register(0, selectors.EVENT_READ, Lines(self.obey))
        try:
            while True:
                for key, _ in self.selector.select():
                    if not key.data(os.read(key.fd, 65536)):
                        if key.fd == 0:
                            return
                        self.selector.unregister(key.fileobj)
                self.reap()
        except BrokenPipeError:  # kafkatui has ended
            return
        finally:
            self.end()

    def obey(self, line: bytes) -> None:
        command = json.loads(line)
        what, name = command["do"], command.get("name", "")
        if what == "stop":
            sys.exit()
        elif what == "spawn":
            self.spawn(name, command)
        elif name in self.processes and what == "signal":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.processes[name].pid, command["signal"])
        elif name in self.processes and what == "send":
            stdin = self.processes[name].stdin
            with contextlib.suppress(BrokenPipeError, BlockingIOError):  # it ended, or its pipe is full
                if stdin is not None:
                    os.write(stdin.fileno(), command["text"].encode() + b"\n")

    def spawn(self, name: str, command: dict[str, Any]) -> None:
        worker = command["worker"]
        try:
            with self.open_inside(f"{name}.log") as log:
                process = subprocess.Popen(
                    command["argv"],
                    env={**os.environ, **command["env"]},
                    cwd=self.directory,
                    stdin=subprocess.PIPE if worker else subprocess.DEVNULL,
                    stdout=subprocess.PIPE if worker else log,
                    stderr=log,
                    process_group=0,
                    preexec_fn=lambda: prepare_process(command["nice"]),
                )
        except (OSError, subprocess.SubprocessError) as error:
            write_event(failed=name, error=str(error))
            return
        self.processes[name] = process
        self.ledger.write(f"{process.pid} {start_time(process.pid)}\n".encode())
        self.ledger.flush()
        write_event(started=name, pid=process.pid)
        if process.stdin is not None and process.stdout is not None:
            os.set_blocking(process.stdin.fileno(), False)
            os.set_blocking(process.stdout.fileno(), False)
            forward = Lines(lambda line: write_event(line=name, text=line.decode(errors="replace")))
            self.selector.register(process.stdout, selectors.EVENT_READ, forward)

    def reap(self) -> None:
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                del self.processes[name]
                self.drain(process)
                write_event(exited=name, code=process.returncode)

    def drain(self, process: subprocess.Popen[bytes]) -> None:
        """Pass on the last lines a worker wrote, before the event that it exited."""
        out = process.stdout
        if out is not None and out.fileno() in self.selector.get_map():
            forward = self.selector.unregister(out).data
            with contextlib.suppress(BlockingIOError):  # a process it started still holds the pipe
                while forward(os.read(out.fileno(), 65536)):
                    pass

    def end(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(
            ChildProcessError
        ):  # processes they started have become children of the keeper
            while LIBC is not None and time.monotonic() < deadline:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    time.sleep(0.005)
        remove(self.parent, os.path.basename(self.directory), self.own)  # noqa: PTH119

    def open_inside(self, name: str) -> IO[bytes]:
        """Open a file in the cluster's directory for appending; never through a link."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        return os.fdopen(os.open(name, flags, 0o600, dir_fd=self.own), "ab")


class Lines:
    """Splits incoming bytes into lines and calls ``take`` with each; a call returns ``False`` at the end of
    the input."""

    def __init__(self, take: Any) -> None:
        self.take = take
        self.rest = b""

    def __call__(self, data: bytes) -> bool:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.take(line)
        return bool(data)


def write_event(**event: Any) -> None:
    out: IO[str] = sys.stdout
    out.write(json.dumps(event) + "\n")
    out.flush()


def remove(parent: int, name: str, directory: int) -> None:
    """Remove the directory ``name`` with all its content, if it is the same as the one behind the descriptor
    ``directory``.

    ``parent`` is a descriptor of its parent directory. No link is followed, neither in the path nor inside.
    """
    with contextlib.suppress(OSError):
        if os.path.samestat(os.stat(name, dir_fd=parent, follow_symlinks=False), os.fstat(directory)):
            shutil.rmtree(name, ignore_errors=True, dir_fd=parent)


def prepare_process(nice: int) -> None:
    """Runs in a new process before its program is started: on Linux, let the system kill it when the keeper
    ends; and set its priority."""
    if LIBC is not None:
        LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if nice:
        os.nice(nice)


def start_time(pid: int) -> str:
    """When a process started, in the form the system gives; empty: no such process.

    A process id may be used again later; together with the start time it means one process only.
    """
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[19]
    except OSError:
        if os.path.isdir("/proc/self"):  # noqa: PTH112
            return ""
    listed = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "-".join(listed.stdout.split())


LIBC: Any = None
if __name__ == "__main__":
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError):
            LIBC = ctypes.CDLL(None)
            LIBC.prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
    Keeper(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])).run()

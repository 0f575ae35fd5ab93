"""However the program ends that holds a local cluster: no process and no directory stays."""

import asyncio
import gc
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from kafkatui.local.keeper import start_time
from kafkatui.local.places import clusters_directory
from kafkatui.local.processes import ENDING, Keeper
from kafkatui.local.sweep import sweep
from tests.integration.eventually import eventually
from tests.integration.processes import alive
from tests.pty_terminal import default_signals

pytestmark = pytest.mark.kafka

COMMAND = [sys.executable, "-m", "tests.integration.keep_a_cluster"]
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Holder:
    """The program that runs a cluster, and the values it printed."""

    pid: int
    stdin: int
    keeper: int
    broker: int
    pids: tuple[int, ...]
    """The process ids of the broker and the worker."""
    directory: Path

    def leftovers(self) -> list[str]:
        living = [f"process {pid}" for pid in (*self.pids, self.keeper) if alive(pid)]
        return [*living, *([str(self.directory)] if self.directory.exists() else [])]


@pytest.fixture
def holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Holder]:
    """The program, started in a pseudo-terminal of its own, as a shell would do it. It has a temporary
    directory of its own: another demo that starts on this machine sweeps the common one.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # `gettempdir` then reads TMPDIR again
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        default_signals()
        os.execv(COMMAND[0], COMMAND)
    said = b""
    while b"}" not in said:
        said += os.read(terminal, 4096)
    told = json.loads(said)
    held = Holder(
        pid, terminal, told["keeper"], told["pids"][0], tuple(told["pids"]), Path(told["directory"])
    )
    assert sorted(held.leftovers()) == sorted(
        [*(f"process {number}" for number in (*held.pids, held.keeper)), str(held.directory)]
    )
    yield held
    for number in (pid, held.keeper, *held.pids):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
    with suppress(OSError):
        os.close(terminal)


async def test_quitting(holder: Holder) -> None:
    os.write(holder.stdin, b"\n")
    await eventually(lambda: not holder.leftovers(), deadline=2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
async def test_a_signal(holder: Holder, number: signal.Signals) -> None:
    os.kill(holder.pid, number)
    await eventually(lambda: not holder.leftovers(), deadline=3)


async def test_the_terminal_is_closed(holder: Holder) -> None:
    os.close(holder.stdin)
    await eventually(lambda: not holder.leftovers(), deadline=3)


async def test_killed_while_a_broker_is_frozen(holder: Holder) -> None:
    os.kill(holder.broker, signal.SIGSTOP)
    os.kill(holder.pid, signal.SIGKILL)
    await eventually(lambda: not holder.leftovers(), deadline=3)


async def test_quitting_while_a_broker_is_frozen(holder: Holder) -> None:
    os.kill(holder.broker, signal.SIGSTOP)
    os.write(holder.stdin, b"\n")
    await eventually(lambda: not holder.leftovers(), deadline=2)


async def test_killed_with_its_keeper_the_next_start_sweeps(holder: Holder) -> None:
    os.kill(holder.keeper, signal.SIGSTOP)  # it must not see the end of its pipe first
    os.kill(holder.pid, signal.SIGKILL)
    os.kill(holder.keeper, signal.SIGKILL)
    await eventually(lambda: not alive(holder.keeper))
    assert holder.directory.exists()
    sweep(clusters_directory())
    await eventually(lambda: not holder.leftovers(), deadline=2)


async def test_the_sweep_leaves_a_living_cluster_alone(holder: Holder) -> None:
    before = holder.leftovers()
    sweep(clusters_directory())
    assert holder.leftovers() == before


def test_the_sweep_kills_only_processes_with_the_recorded_start_time(tmp_path: Path) -> None:
    """On a system where processes outlive their keeper; a process that got a used id later is left alone."""
    with (
        subprocess.Popen(["sleep", "60"], process_group=0) as ours,
        subprocess.Popen(["sleep", "60"], process_group=0) as others,
    ):
        abandoned = tmp_path / "0123456789ab"
        abandoned.mkdir()
        (abandoned / "lock").touch()
        (abandoned / "processes").write_text(f"{ours.pid} {start_time(ours.pid)}\n{others.pid} 1\n")
        ours.send_signal(signal.SIGSTOP)
        sweep(tmp_path)
        assert ours.wait(2) == -signal.SIGKILL
        assert others.poll() is None
        assert not abandoned.exists()
        others.kill()


async def test_a_keeper_that_ends_late_is_not_killed() -> None:
    """On a busy machine closing does not wait for it, and does not kill it during its work."""
    directory = clusters_directory() / uuid.uuid4().hex[:12]
    keeper = Keeper(directory)
    await keeper.start()
    pid = keeper.pid
    assert pid is not None
    worker = await keeper.spawn("worker", ["sleep", "60"])
    os.kill(pid, signal.SIGSTOP)
    await keeper.close()
    del keeper
    gc.collect()
    await asyncio.sleep(0)
    assert alive(worker.pid)
    assert directory.exists()
    process = next(one for one in ENDING if one.pid == pid)
    process.send_signal(signal.SIGCONT)
    await eventually(lambda: process.poll() is not None)
    assert process.returncode == 0
    assert not alive(worker.pid)
    assert not directory.exists()

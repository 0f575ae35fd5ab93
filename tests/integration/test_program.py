"""The installed program, as a person runs it: in a terminal, from the demo's start to its end."""

import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.integration.conftest import Kafka
from tests.patience import PATIENCE
from tests.pty_terminal import Terminal

pytestmark = pytest.mark.kafka


def kafkatui() -> str:
    """The console script of this environment."""
    found = shutil.which("kafkatui", path=str(Path(sys.executable).parent))
    assert found is not None, "kafkatui is not installed beside this Python"
    return found


def test_the_demo_from_start_to_end(tmp_path: Path) -> None:
    """It starts, four panes fill, keys work, ``q`` ends it with nothing left."""
    with Terminal([kafkatui(), "demo"], columns=120, rows=40, env={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.wait_for("Starting Apache Kafka", 20)
        terminal.wait_for(r"1/1 broker", 90)
        # four filled panes: a topic with records, an owner's cells, a committed offset, a record
        terminal.wait_for(r"orders +6 +(1 +)?[1-9]", 30)
        terminal.wait_for(r"■ .* \d ", 30)
        terminal.wait_for(r"\d [\w…-]+ +\d+ +\d+ +\d+ .*ok", 60)
        terminal.wait_for(r"\d\d:\d\d:\d\d\.\d{3} \d +\d+ customer-\d+ +\{", 30)
        started = processes(terminal)
        assert broker_of(started).is_running()

        terminal.press("z")
        terminal.wait_without("2 Assignments", 10)
        terminal.press("z")
        terminal.wait_for("2 Assignments", 10)
        terminal.press("down")
        terminal.wait_for(r"─ payments · ‹", 10)
        terminal.wait_for(r" order-\d+ +\{", 10)
        terminal.press("4", "up")
        terminal.wait_for(r"held · ", 10)
        terminal.press("enter")
        terminal.wait_for(r"HEADERS \d.*protocol", 10)
        terminal.press("escape")
        terminal.wait_without("HEADERS", 10)
        terminal.press("end")
        terminal.wait_for("● following", 10)
        terminal.press("?")
        terminal.wait_for("rebalances of all groups", 10)
        terminal.press("escape")
        terminal.wait_without("rebalances of all groups", 10)
        began = time.monotonic()
        terminal.press("q")
        assert terminal.wait_for_end(10) == 0
        took = time.monotonic() - began
    assert took <= 2 * PATIENCE  # 2 s is promised of a machine at rest
    _, alive = psutil.wait_procs(started, timeout=3 * PATIENCE)
    assert not alive
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_rebalance_in_the_demo_by_two_keys(demo: Terminal) -> None:
    """Two consumers join; the map, the log and the opened event show it, with the code that ran."""
    demo.wait_for(r"DECK  2 to use  j join", 10)
    demo.press("2", "j")
    demo.wait_for(r"c1 .*[■◆] [■◆] [■◆] [■◆] [■◆] [■◆] +6", 20)
    demo.press("j")
    demo.wait_for(r"c2 .*◆ ◆ ◆ +3", 20)
    demo.wait_for(r"c2 joined · gen 2 · 3 of 6 moved .*pause 0\.\d+s", 10)
    demo.press("down", "enter")
    demo.wait_for(r"generation 2", 10)
    demo.wait_for(r"c1 .* 3.5 ", 10)
    demo.press("escape", "v")
    demo.wait_for(r"actors/consumer\.py", 10)
    demo.wait_for(r"consumer\.subscribe\(", 10)
    demo.press("escape", "q")
    assert demo.wait_for_end(10) == 0


def test_the_deck_on_another_cluster_and_a_crash_of_ours(kafka_port: tuple[str, int], tmp_path: Path) -> None:
    """It opens after a question; the next start offers to remove what a killed kafkatui left."""
    command = [kafkatui(), "-b", "{}:{}".format(*kafka_port)]
    own = {"KAFKATUI_CACHE": str(tmp_path)}
    with Terminal(command, columns=120, rows=40, env=own) as terminal:
        terminal.wait_for(r"1/1 broker", 20)
        terminal.press("D")
        name = re.search(r"kafkatui-deck-\w{4}", terminal.wait_for(r"Take out the deck", 10))
        assert name is not None
        terminal.press("left", "enter")
        terminal.wait_for(r"DECK  j join", 10)
        terminal.press("j")
        terminal.wait_for(r"c1 .*[■◆] [■◆] [■◆] [■◆] [■◆] [■◆] +6", 20)
        started = processes(terminal)
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.wait_for_end(5)
    _, alive = psutil.wait_procs(started, timeout=5 * PATIENCE)
    assert not alive
    with Terminal(command, columns=120, rows=40, env=own) as terminal:
        terminal.wait_for(rf"without clearing away(.|\n)*{name[0]}", 20)
        terminal.press("left", "enter")
        terminal.wait_until(
            lambda: not any((tmp_path / "deck").iterdir()), "what was left is not removed", 15
        )
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
    with Terminal(command, columns=120, rows=40, env=own) as terminal:
        terminal.wait_for(r"1/1 broker", 20)
        terminal.pump(2)
        assert "without clearing away" not in terminal.text
        assert name[0] not in terminal.text
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


def test_after_a_failed_connection_another_address_can_be_given(kafka_port: tuple[str, int]) -> None:
    """The not-connected screen says why, and connects to the address that is typed."""
    host, port = kafka_port
    with Terminal([kafkatui(), "-b", "127.0.0.1:1"], columns=80, rows=24) as terminal:
        terminal.wait_for(r"No Kafka at 127.0.0.1:1", 20)
        terminal.wait_for(r"refused(.|\n)*next try in", 10)
        terminal.press("tab", *f"{host}:{port}", "enter")
        terminal.wait_for(r"1/1 broker", 20)
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


NO_HOME = """
import os, pwd
def getpwuid(uid): raise KeyError(uid)
pwd.getpwuid = getpwuid
for name in ("HOME", "KAFKATUI_CACHE", "XDG_CACHE_HOME"): os.environ.pop(name, None)
from kafkatui.cli.main import main
main()
"""


def test_without_a_home_it_watches_and_the_deck_says_what_it_needs(kafka_port: tuple[str, int]) -> None:
    """HOME is not set, and the user's number has no entry in passwd, as in many containers."""
    command = [sys.executable, "-c", NO_HOME, "-b", "{}:{}".format(*kafka_port)]
    with Terminal(command, columns=120, rows=40) as terminal:
        terminal.wait_for(r"1/1 broker", 20)
        terminal.press("D")
        terminal.wait_for(r"Take out the deck", 10)
        terminal.press("left", "enter")
        terminal.wait_for(r"DECK  j join", 10)
        terminal.press("j")
        terminal.wait_for(r"no home directory is known: set HOME", 10)
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


def test_a_directory_that_is_a_link_is_refused_with_a_reason(
    kafka_port: tuple[str, int], tmp_path: Path
) -> None:
    """The demo writes the reason to the shell; the deck on another cluster shows it."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "precious").touch()
    (tmp_path / f"kafkatui-{os.getuid()}").symlink_to(tmp_path / "documents")
    env = {"TMPDIR": str(tmp_path)}
    with Terminal([kafkatui(), "demo"], columns=120, rows=40, env=env) as terminal:
        terminal.wait_for(r"a link; remove it, or set TMPDIR", 20)
        terminal.press("escape")
        assert terminal.wait_for_end(10) == 1
    with Terminal([kafkatui(), "-b", "{}:{}".format(*kafka_port)], columns=120, rows=40, env=env) as terminal:
        terminal.wait_for(r"1/1 broker", 20)
        terminal.press("D")
        terminal.wait_for(r"Take out the deck", 10)
        terminal.press("left", "enter")
        terminal.wait_for("TMPDIR", 10)
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
    assert [path.name for path in (tmp_path / "documents").iterdir()] == ["precious"]


@pytest.fixture
def kafka_port(kafka: Kafka) -> tuple[str, int]:
    """Host and port of the session's Kafka."""
    host, _, port = kafka.bootstrap_servers.rpartition(":")
    return host, int(port)


def processes(terminal: Terminal) -> list[psutil.Process]:
    """All processes the program has started so far, brokers and services included."""
    return psutil.Process(terminal.pid).children(recursive=True)


def broker_of(started: list[psutil.Process]) -> psutil.Process:
    """The broker among them."""
    return next(process for process in started if "kafka.Kafka" in process.cmdline())


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Terminal]:
    """The demo, with its first records on the screen."""
    with Terminal([kafkatui(), "demo"], columns=120, rows=40, env={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.wait_for(r"customer-\d+ +\{", 90)
        yield terminal


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGHUP", "SIGKILL", "closed terminal"])
def test_nothing_stays_behind_however_it_ends(demo: Terminal, tmp_path: Path, ending: str) -> None:
    started = processes(demo)
    broker_of(started)
    if ending == "closed terminal":
        demo.hang_up()
    else:
        os.kill(demo.pid, getattr(signal, ending))
    demo.wait_for_end(5)
    _, alive = psutil.wait_procs(started, timeout=5 * PATIENCE)
    assert not alive
    deadline = time.monotonic() + 5 * PATIENCE
    while left := [path for path in tmp_path.rglob("*") if path.is_file()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_a_frozen_broker_is_reported_and_does_not_delay_quitting(demo: Terminal) -> None:
    """Figures stay and are marked stale, line 2 says why; they recover; with a frozen broker ``q`` still
    quits."""
    broker = broker_of(processes(demo))
    broker.suspend()
    demo.wait_for(r"not up to date: .*", 30)
    demo.wait_for(r"stale \d+s", 30)
    assert "orders" in demo.text
    broker.resume()
    demo.wait_without(r"stale|not up to date", 40)
    broker.suspend()
    demo.wait_for(r"not up to date", 30)
    began = time.monotonic()
    demo.press("q")
    demo.wait_for_end(10)
    assert time.monotonic() - began <= 2 * PATIENCE  # 2 s is promised of a machine at rest
    psutil.wait_procs([broker], timeout=3 * PATIENCE)
    assert not broker.is_running()

"""What any terminal program does: it is suspended and continued, it crashes legibly, it says why it fails."""

import asyncio
import logging
import os
import shutil
import sys
from pathlib import Path

import pytest

from kafkatui.logfile import LogFile
from kafkatui.widgets.last_filters import PrintableFilter
from tests.pty_terminal import Terminal
from tests.ui.hostile import EVIL
from tests.ui.monitor_app import MonitorApp, shop
from tests.ui.test_terminal_bytes import FORBIDDEN

PROGRAM = [sys.executable, "-m", "tests.ui.monitor_app"]
ON_SCREEN = "1 Topics"
SCREEN_ON = b"\x1b[?1049h"
SCREEN_OFF = b"\x1b[?1049l"
"""The program takes the terminal's other screen, and gives it back."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="a shell with job control is needed")
def test_ctrl_z_gives_the_terminal_back_to_the_shell_and_fg_continues() -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, columns=100, rows=30, env={"PS1": "ready> "}) as terminal:
        terminal.wait_for("ready>")
        terminal.press(" ".join(PROGRAM) + "\r")
        terminal.wait_for(ON_SCREEN)
        terminal.press("\x1a" + "q")  # what comes at once with it is for the shell, too
        terminal.wait_for_bytes(b"Stopped", 1)
        assert terminal.written.count(SCREEN_OFF) == 1
        terminal.press("\x15echo in the $((40 + 2))nd shell\r")
        terminal.wait_for_bytes(b"in the 42nd shell", 1)
        terminal.press("fg\r")
        terminal.wait_for_bytes(SCREEN_ON, 2)
        terminal.wait_for(ON_SCREEN)
        terminal.press("?")
        terminal.wait_for("Help")
        terminal.press("\x1a")
        terminal.wait_for_bytes(b"Stopped", 2)
        terminal.press("fg\r")
        terminal.wait_for_bytes(SCREEN_ON, 3)
        terminal.wait_for("Help")
        terminal.press("?")
        terminal.wait_without("Help")
        terminal.press("q")
        terminal.wait_for_bytes(SCREEN_OFF, 3)


def test_where_no_shell_could_continue_it_ctrl_z_does_nothing() -> None:
    """As in a terminal window that runs nothing but this program."""
    with Terminal(PROGRAM, columns=100, rows=30) as terminal:
        terminal.wait_for(ON_SCREEN)
        terminal.press("\x1a")
        terminal.wait_for_bytes(SCREEN_ON, 2)
        terminal.press("?")
        terminal.wait_for("Help")
        terminal.press("?")
        terminal.wait_without("Help")
        terminal.press("q")
        assert terminal.wait_for_end(10) == 0


def test_a_crash_is_told_printable_after_the_screen() -> None:
    code = (
        "from tests.ui.monitor_app import MonitorApp, shop\n"
        "from tests.ui.hostile import EVIL\n"
        "class Crashing(MonitorApp):\n"
        "    def action_keys(self): raise RuntimeError(EVIL)\n"
        "Crashing(shop()).run()\n"
    )
    with Terminal([sys.executable, "-c", code], columns=100, rows=30) as terminal:
        terminal.wait_for(ON_SCREEN)
        terminal.press("?")
        terminal.wait_for_end(10)
        terminal.wait_for("This is a bug in kafkatui")
        assert [name for name, attack in FORBIDDEN.items() if attack in terminal.written] == []
        assert b"[red]mark[/red]" in terminal.written


def test_watching_without_standard_output_and_without_a_home() -> None:
    code = (
        "import os, pwd\n"
        "def getpwuid(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = getpwuid\n"
        "del os.environ['HOME']\n"
        "from kafkatui.cli.main import main\n"
        "main(['-b', '127.0.0.1:1'])\n"
    )
    command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", code]
    with Terminal(command, columns=100, rows=30, env={"LC_ALL": "C"}) as terminal:
        terminal.wait_for("127.0.0.1:1 +refused")
        terminal.press("\x03")
        terminal.wait_for("q quits")
        terminal.press("q")
        assert terminal.wait_for_end(10) == 0
        assert terminal.written.isascii()  # the locale shows nothing else


def test_a_start_that_fails_may_be_tried_again_and_leaves_its_reason_in_the_shell(tmp_path: Path) -> None:
    blocked, empty = tmp_path / "blocked", tmp_path / "empty"
    blocked.touch()
    empty.mkdir()
    env = {"KAFKATUI_CACHE": str(blocked / "cache"), "KAFKA_HOME": str(empty)}
    with Terminal([sys.executable, "-m", "kafkatui", "demo"], columns=100, rows=30, env=env) as terminal:
        terminal.wait_for(r"cannot make .*(\n.*)*r tries again")
        blocked.unlink()
        terminal.press("r")
        terminal.wait_for("holds no Kafka")
        terminal.press("escape")
        assert terminal.wait_for_end(10) == 1
        said = bytes(terminal.written).rpartition(SCREEN_OFF)[2].decode()
    assert f"kafkatui: the demo did not start: KAFKA_HOME is {empty}, but its libs/ holds no Kafka" in said


async def test_what_fails_says_why_and_no_notice_is_markup_or_a_control(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    log = LogFile(tmp_path / "log")
    os.dup2(os.open(tmp_path / "log", os.O_RDONLY), log._descriptor)  # nothing can be written to it
    app = MonitorApp(shop())
    app._log_file = log
    async with app.run_test(size=(100, 30)) as pilot:
        log.handle(logging.LogRecord("a", logging.INFO, "file", 1, "lost", (), None))
        app.screen.notify(EVIL, title=EVIL)
        app.deliver_screenshot()
        async with asyncio.timeout(60):
            while "Screenshot" not in {notice.title for notice in app._notifications}:
                await pilot.pause(0.05)
        said = {notice.title: notice.message for notice in app._notifications}
        assert not any(notice.markup for notice in app._notifications)
        assert any(isinstance(last, PrintableFilter) for last in app.get_line_filters())
    log.close()
    assert all(text.isprintable() for notice in said.items() for text in notice)
    assert said["Screenshot"].startswith("not saved: ")
    assert "No such file or directory" in said["Screenshot"]
    assert str(tmp_path / "home" / "Downloads") in said["Screenshot"]
    assert said["Log"].startswith(f"log {tmp_path / 'log'}: Bad file descriptor")

"""The log file: escaped, new ones for their owner only, and failures of writing are reported."""

import logging
import os
import stat
from pathlib import Path

import pytest

from kafkatui.errors import KafkaTuiError, UsageError
from kafkatui.logfile import LogFile
from tests.ui.hostile import EVIL


def entry(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("a.logger", logging.WARNING, "file", 1, message, arguments, None)


def test_a_new_log_is_for_its_owner_only(tmp_path: Path) -> None:
    LogFile(tmp_path / "log").close()
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o666])
def test_an_existing_log_keeps_its_mode_and_text(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    path.chmod(mode)
    log = LogFile(path)
    log.handle(entry("after"))
    log.close()
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text().startswith("before\n")
    assert path.read_text().endswith("after\n")


def test_the_mode_of_a_device_stays() -> None:
    before = Path("/dev/null").stat().st_mode
    LogFile(Path("/dev/null")).close()
    assert Path("/dev/null").stat().st_mode == before


def test_a_pipe_nobody_reads_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(KafkaTuiError, match=r"^--log "):
        LogFile(tmp_path / "pipe")


def test_without_permission_it_is_one_sentence_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kafkatui.cli.main import main

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("kafkatui.logfile.os.open", refuse)
        with pytest.raises(SystemExit) as ended:
            main(["--log", str(tmp_path / "log")])
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"kafkatui: --log {tmp_path / 'log'}: Permission denied\n"


@pytest.mark.parametrize("name", ["x" * 300, "nul\0", "none/x", ""])
def test_an_impossible_path_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(KafkaTuiError, match=r"^--log "):
        LogFile(tmp_path / name)


def test_an_entry_is_printable_and_cannot_be_made_to_look_like_two(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log")
    try:
        raise RuntimeError(f"{EVIL}\n2026-01-01 00:00:00,000 ERROR forged: in a traceback")
    except RuntimeError as error:
        record = entry("said %s", f"{EVIL}\n2026-01-01 00:00:00,000 ERROR forged: in a text")
        record.exc_info = (type(error), error, error.__traceback__)
    log.handle(record)
    log.handle(entry("%d does not fit", "text", "more"))
    log.close()
    lines = (tmp_path / "log").read_text().removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines)
    assert [line[0] for line in lines].count(" ") == len(lines) - 2
    assert "Traceback" in "\n".join(lines)
    assert "does not fit" in lines[-1]


def test_a_full_disk_is_reported_once_and_lost_entries_are_counted(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    said: list[str] = []
    log = LogFile(Path("/dev/full"))
    log.handle(entry("before anybody listens"))
    log.listen(said.append)
    log.handle(entry("second"))
    assert said == ["log /dev/full: No space left on device; what happens is not written down"]
    with (tmp_path / "log").open("wb") as file:  # there is room again
        os.dup2(file.fileno(), log._descriptor)
    log.handle(entry("third"))
    log.handle(entry("fourth"))
    log.close()
    lost, third, fourth = (tmp_path / "log").read_text().strip().split("\n")
    assert lost.startswith("2 entries before this one were lost: log /dev/full: No space left")
    assert (third[-5:], fourth[-6:]) == ("third", "fourth")


def test_a_directory_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory"):
        LogFile(tmp_path)

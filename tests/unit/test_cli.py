"""The command line: its arguments, and one clear line with exit code 2 for wrong ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from kafkatui.cli.main import main, parser
from kafkatui.cli.options import byte_count
from kafkatui.console import wants_ascii


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--brokers", "3"], "kafkatui demo --brokers 3"),
        (["demo", "-b", "a:1"], "leave -b away"),
        (["--interval", "0"], "0.2 to 60"),
        (["--interval", "x"], "0.2 to 60"),
        (["--tail-limit", "lots"], "500K"),
        (["--nonsense"], "--help"),
        (["demo", "--brokers", "2"], "--help"),
        (["-X", "nonsense"], "key=value"),
        (["-b", "http://x"], "host:port"),
        (["--log", "/nonexistent/dir/x.log"], "--log"),
        (["--theme", "beige"], "kafkatui-light"),
        (["-b", "127.0.0.1:1"], "a terminal is needed"),
        (["-X", "security.protocol=SSL", "-X", "ssl.ca.location=/etc/hostname"], "PEM"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kafkatui: ")
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_fits_an_80_column_terminal(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([option])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    for word in ("kafkatui demo", "--command-config", "KAFKATUI_BOOTSTRAP_SERVERS", "--read-only"):
        assert word in out


def test_version_and_module() -> None:
    """``python -m kafkatui`` is the program."""
    done = subprocess.run(
        [sys.executable, "-m", "kafkatui", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("kafkatui ")


@pytest.mark.parametrize(
    ("text", "octets"),
    [("2M", 2 << 20), ("500K", 500 << 10), ("1048576", 1 << 20), ("1g", 1 << 30), ("64k", 65536)],
)
def test_byte_count(text: str, octets: int) -> None:
    assert byte_count(text) == octets


def test_ascii_is_asked_for_by_option_or_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKATUI_ASCII", raising=False)
    assert wants_ascii(True)
    monkeypatch.setenv("KAFKATUI_ASCII", "1")
    assert wants_ascii(False)


def test_the_log_is_for_its_owner_only(tmp_path: Path) -> None:
    from kafkatui.logfile import set_up_logging

    path = tmp_path / "kafkatui.log"
    set_up_logging(path)
    set_up_logging(None)
    assert path.stat().st_mode & 0o077 == 0

"""Text written outside of the screen: escaped, in the locale's characters, without tracebacks by Python."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kafkatui import console
from kafkatui.cli.main import begin, main
from kafkatui.domain.text import printable
from kafkatui.errors import KafkaTuiError
from tests.pty_terminal import UTF_8
from tests.ui.hostile import ATTACKS, EVIL

ARGUMENT = EVIL.replace("\0", "").replace("\ud800", "\udc9b")  # what an argument can hold


def run(*arguments: str, shell: str = "", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """`python -m kafkatui` with these arguments, in a shell that adds something to the command."""
    command = ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, "-m", "kafkatui", *arguments]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environ})


@pytest.mark.parametrize(
    "arguments",
    [
        ["-b", f"host{ARGUMENT}"],
        ["-b", "[::1]:" + ARGUMENT],
        ["--log", f"/nowhere{ARGUMENT}/x"],
        ["--command-config", f"/nowhere{ARGUMENT}"],
        ["--theme", ARGUMENT],
        ["--interval", ARGUMENT],
        ["--brokers", ARGUMENT],
        [f"--{ARGUMENT}"],
        [ARGUMENT],
        ["-X", ARGUMENT],
        ["-X", f"security.protocol={ARGUMENT}"],
        ["-X", f"ssl.ca.location=/nowhere{ARGUMENT}"],
        ["-X", f"ssl.key.location=/nowhere{ARGUMENT}"],
    ],
    ids=range(13),
)
@pytest.mark.parametrize("ascii_only", [False, True], ids=["unicode", "ascii"])
def test_wrong_arguments_are_repeated_printable(
    arguments: list[str],
    ascii_only: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAFKATUI_ASCII", str(int(ascii_only)))
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (said,) = capsys.readouterr().err.removesuffix("\n").split("\n")
    assert said.startswith("kafkatui: ")
    assert said.isprintable()
    assert said == printable(said)
    assert said.isascii() or not ascii_only


@pytest.mark.parametrize(
    ("arguments", "secret"),
    [
        (["-X", "sasl.password", "S3CRET"], "S3CRET"),
        (["-X", "sasl.password S3CRET"], "S3CRET"),
        (["--sasl.password", "S3CRET"], "S3CRET"),
        (["--password=S3CRET"], "S3CRET"),
        (["-pS3CRET"], "S3CRET"),
        (["--read-only=S3CRET"], "S3CRET"),
        (["demo", "S3CRET"], "S3CRET"),
        (["-b", "ann:S3CRET@kafka:9092"], "S3CRET"),
    ],
)
def test_no_argument_that_is_not_understood_is_repeated(
    arguments: list[str], secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert secret not in capsys.readouterr().err


def test_a_bug_outside_of_the_screen_is_written_with_escapes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exception's text may come from outside, and its local variables may hold a password."""

    def fail(argv: object) -> int:
        password = "S3CRET"
        raise RuntimeError(EVIL, len(password))

    monkeypatch.setattr("kafkatui.cli.main.begin", fail)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 1
    err = capsys.readouterr().err
    assert "This is a bug in kafkatui." in err
    assert "raise RuntimeError(EVIL, len(password))" in err
    assert all(line.isprintable() for line in err.split("\n"))
    assert begin is not fail


def test_errors_python_would_write_itself_go_to_the_log(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    class Bad:
        def __del__(self) -> None:
            raise ValueError("in a destructor")

    def fail() -> None:
        raise ValueError("in a thread")

    with console.python_errors_logged():
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        Bad()
    assert "in a thread" in caplog.text
    assert "in a destructor" in caplog.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("environ", "ascii_only"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": UTF_8}, True),
        ({"LANG": "C"}, True),
        ({}, True),
        ({"LC_ALL": UTF_8}, False),
        ({"LC_ALL": "C", "KAFKATUI_ASCII": "0"}, False),
        ({"LC_ALL": UTF_8, "KAFKATUI_ASCII": "1"}, True),
    ],
    ids=str,
)
def test_the_locale_is_asked(environ: dict[str, str], ascii_only: bool) -> None:
    """Standard output is not asked: in the C locale Python's UTF-8 mode calls it UTF-8."""
    code = "from kafkatui.console import wants_ascii; print(wants_ascii())"
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**path, **environ}, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == str(ascii_only)


def test_help_is_ascii_where_the_locale_is() -> None:
    assert run("--help", LC_ALL="C").stdout.isascii()


def test_standard_output_that_is_closed_or_full() -> None:
    closed = run("--help", shell=">&-")
    assert (closed.returncode, closed.stderr) == (0, b"")
    watching = run("-b", "127.0.0.1:1", shell=">&- <&-")
    assert watching.returncode == 2
    assert watching.stderr.startswith(b"kafkatui: a terminal is needed")
    unread = run("--help", shell="| head -c 10; true")
    assert unread.stderr == b""
    if Path("/dev/full").exists():
        full = run("--help", shell=">/dev/full")
        assert full.returncode == 1
        assert full.stderr == b"kafkatui: cannot write to standard output: No space left on device\n"


def test_a_closed_stream_gets_the_null_device() -> None:
    """Else the next opened file becomes standard output."""
    code = (
        "import os; from kafkatui.console import hold_descriptors, show; hold_descriptors(); "
        "show('x'); os._exit(os.open('/', os.O_RDONLY))"
    )
    done = subprocess.run(["sh", "-c", f'"{sys.executable}" -c "{code}" <&- >&- 2>&-'], check=False)
    assert done.returncode > 2


def test_show_raises_where_it_cannot_write(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        encoding = "utf-8"

        def write(self, text: str) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(KafkaTuiError, match="No space left"):
        console.show("x")


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_every_written_line_is_one_printable_line(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    console.write_error(f"a{attack}b", "c")
    first, second, end = capsys.readouterr().err.split("\n")
    assert first.isprintable()
    assert (second, end) == ("c", "")

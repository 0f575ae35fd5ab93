"""What the program writes to standard output and standard error before and after its screen.

Nothing else in the program writes there. Names, arguments and texts of errors come from outside: each line
passes `domain.text.printable` here, and is ASCII where the terminal can show nothing else.
"""

import locale
import logging
import os
import select
import shutil
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from kafkatui.domain.text import ASCII_TWINS, cell_count, clip_end, printable
from kafkatui.errors import KafkaTuiError

log = logging.getLogger(__name__)


def wants_ascii(asked: bool = False) -> bool:
    """Whether only ASCII may be written: it was asked for, or the locale cannot show other signs.

    ``KAFKATUI_ASCII=0`` means that the terminal can show every sign, whatever the locale is.
    """
    setting = os.environ.get("KAFKATUI_ASCII", "")
    if asked or setting not in {"", "0"}:
        return True
    return setting == "" and not speaks_utf8()


def speaks_utf8() -> bool:
    """Whether the locale in which the program was started uses UTF-8.

    The encoding of standard output does not show it: in the locales C and POSIX Python turns on its UTF-8
    mode, and may set ``LC_CTYPE`` to ``C.UTF-8`` itself.
    """
    utf8_was_asked_for = "utf8" in sys._xoptions or os.environ.get("PYTHONUTF8") == "1"
    if sys.flags.utf8_mode and not utf8_was_asked_for:
        return False
    return locale.getencoding().lower().replace("-", "") == "utf8"


def hold_descriptors() -> None:
    """Open the null device for each standard stream that is closed (``>&-``).

    Else the next file or connection that is opened gets the number of standard output, and text written to
    standard output goes into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it gets the lowest free number, which is this one
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115  # to the end
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def is_terminal() -> bool:
    """Whether standard input, for the keys, and standard error, where Textual draws, are both a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))


def show(text: str) -> bool:
    """Write requested text, such as that of ``--help``, to standard output; returns whether it is read.

    Raises `KafkaTuiError` where writing fails; a reader that closes the pipe early is no error.
    """
    try:
        _write(sys.stdout, text.removesuffix("\n").split("\n"))
        return True
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # else Python writes the rest at its exit and reports an error
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    except OSError as error:
        raise KafkaTuiError(f"cannot write to standard output: {error.strerror}") from error


def is_read() -> bool:
    """Whether somebody may still read standard output: ``False`` after the reader of a pipe has closed it."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return not any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
    except (OSError, ValueError):  # standard output is no file that can be asked
        return True


def write_error(*lines: str) -> None:
    """Write each of `lines` to standard error as one line: control characters in it are escaped."""
    with suppress(OSError):  # standard error is closed: there is nowhere to report it
        _write(sys.stderr, lines)


def is_shown() -> bool:
    """Whether standard output is a terminal: somebody reads it, not a program."""
    return sys.stdout is not None and sys.stdout.isatty()


def shows_progress() -> bool:
    """Whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def progress(line: str | None) -> None:
    """Replace the newest line of progress on standard error, a terminal; ``None``: only remove it."""
    with suppress(OSError):
        text = printable(line or "", ascii=wants_ascii())
        room = shutil.get_terminal_size().columns - 1
        if sys.stderr is not None and shows_progress():
            sys.stderr.write(f"\r{clip_end(text, room)}\x1b[K" if text else "\r\x1b[K")
            sys.stderr.flush()


def answer() -> str:
    """The next line of standard input; empty at its end."""
    return sys.stdin.readline() if sys.stdin is not None else ""


def width(text: str) -> int:
    """How many cells `text` takes where it is written."""
    return cell_count(_in_ascii(text) if wants_ascii() else printable(text))


def write_bug() -> None:
    """Write the exception that is being handled, a bug, to standard error and to the log."""
    log.critical("bug in kafkatui", exc_info=True)
    write_error(*bug_lines())


def bug_lines() -> list[str]:
    """The traceback of the exception that is being handled, a bug; without local variables, as one may be a
    password."""
    return [*traceback.format_exc().splitlines(), "", "This is a bug in kafkatui."]


@contextmanager
def python_errors_logged() -> Iterator[None]:
    """In the block, errors that Python itself would write to standard error, across the screen, go to the
    log."""
    logging.getLogger().addHandler(logging.NullHandler())  # without a handler warnings go to standard error
    thread, unraisable = threading.excepthook, sys.unraisablehook

    def of_thread(failure: threading.ExceptHookArgs) -> None:
        log.critical("bug in a thread of kafkatui", exc_info=failure.exc_value)

    def ignored(failure: "sys.UnraisableHookArgs") -> None:
        log.error("%s %r", failure.err_msg or "ignored in", failure.object, exc_info=failure.exc_value)

    threading.excepthook, sys.unraisablehook = of_thread, ignored
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = thread, unraisable


def _write(stream: TextIO | None, lines: list[str] | tuple[str, ...]) -> None:
    if stream is None:
        return
    ascii_only = wants_ascii()
    text = "".join(f"{_in_ascii(line) if ascii_only else printable(line)}\n" for line in lines)
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _in_ascii(line: str) -> str:
    return printable(line.translate(ASCII_TWINS), ascii=True)

"""What the program writes to standard output and standard error before and after its screen.

Nothing else in the program writes there. Names, arguments and texts of errors come from outside: each line
passes `domain.text.printable` here, and is ASCII where the terminal can show nothing else.
"""

import locale
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from kafkatui.domain.text import ASCII_TWINS, printable
from kafkatui.errors import KafkaTuiError

log = logging.getLogger(__name__)


def wants_ascii(asked: bool = False) -> bool:
    """Whether signs outside ASCII are to be avoided: asked for, or the locale cannot show them.

    ``KAFKATUI_ASCII=0`` says that the terminal shows every sign, whatever the locale is.
    """
    told = os.environ.get("KAFKATUI_ASCII", "")
    if asked or told not in {"", "0"}:
        return True
    return told == "" and not speaks_utf8()


def speaks_utf8() -> bool:
    """Whether the locale the program was started in is one of UTF-8.

    The encoding of standard output does not tell: in the locales C and POSIX Python turns on its UTF-8 mode,
    and may set ``LC_CTYPE`` to ``C.UTF-8`` itself.
    """
    utf8_was_asked_for = "utf8" in sys._xoptions or os.environ.get("PYTHONUTF8") == "1"
    if sys.flags.utf8_mode and not utf8_was_asked_for:
        return False
    return locale.getencoding().lower().replace("-", "") == "utf8"


def hold_descriptors() -> None:
    """Give a standard stream that was closed (``>&-``) the null device.

    Else the next file or connection that is opened becomes standard output, and whoever writes there writes
    into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115  # to the end
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def is_terminal() -> bool:
    """Whether keys come from a terminal and the screen goes to one: Textual draws on standard error."""
    return all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))


def show(text: str) -> None:
    """Write what was asked for, such as ``--help``, to standard output.

    Raises `KafkaTuiError` where that cannot be written to; whoever reads it may stop to at any time.
    """
    try:
        _write(sys.stdout, text.removesuffix("\n").split("\n"))
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # or Python tries again at its end, and complains
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise KafkaTuiError(f"cannot write to standard output: {error.strerror}") from error


def say(*lines: str) -> None:
    """Write each line to standard error; a line stays one line, whatever is in it."""
    with suppress(OSError):  # nobody is told anything any more
        _write(sys.stderr, lines)


def say_bug() -> None:
    """Write the exception that is being handled to standard error and to the log: it is a bug."""
    log.critical("bug in kafkatui", exc_info=True)
    say(*bug_lines())


def bug_lines() -> list[str]:
    """What is said of the exception that is being handled; without local variables: one may be a password."""
    return [*traceback.format_exc().splitlines(), "", "This is a bug in kafkatui."]


@contextmanager
def quiet() -> Iterator[None]:
    """What Python itself would write to standard error, in the middle of the screen, goes to the log."""
    logging.getLogger().addHandler(logging.NullHandler())  # or warnings go to standard error
    thread, unraisable = threading.excepthook, sys.unraisablehook

    def of_thread(told: threading.ExceptHookArgs) -> None:
        log.critical("bug in a thread of kafkatui", exc_info=told.exc_value)

    def ignored(told: "sys.UnraisableHookArgs") -> None:
        log.error("%s %r", told.err_msg or "ignored in", told.object, exc_info=told.exc_value)

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

"""The log file of ``--log``: events and errors that the screen does not show."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from kafkatui.domain.text import printable
from kafkatui.errors import KafkaTuiError, UsageError


class LogFile(logging.Handler):
    """Appends each entry to a file at once, without a buffer; a new file is readable by its owner only.

    When writing fails (the disk is full), a listener is called once, and lost entries are counted until
    writing succeeds again.
    """

    def __init__(self, path: Path) -> None:
        """Raises `UsageError` for an impossible path, `KafkaTuiError` where the file may not be written."""
        super().__init__()
        self.path = path
        self.setFormatter(Lines("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        self._descriptor = _opened(path)
        self._listener: Callable[[str], None] | None = None
        self._fault: str | None = None
        self._lost = 0

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the reason when writing fails, in the thread that logs."""
        self._listener = listener
        if self._fault is not None:
            listener(self._fault)

    def emit(self, record: logging.LogRecord) -> None:
        lost = f"{self._lost} entries before this one were lost: {self._fault}\n" if self._lost else ""
        try:
            self._write(f"{lost and chr(10)}{lost}{self._text(record)}\n")
        except OSError as error:
            self._lost += 1
            if self._fault is None:
                self._fault = f"log {self.path}: {error.strerror}; what happens is not written down"
                if self._listener is not None:
                    self._listener(self._fault)
        else:
            self._fault, self._lost = None, 0

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        super().close()

    def _text(self, record: logging.LogRecord) -> str:
        try:
            return self.format(record)
        except (TypeError, ValueError, KeyError):  # the arguments do not fit the text
            return printable(f"{record.levelname} {record.name}: {record.msg} {record.args}")

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self._descriptor, data) :]


class Lines(logging.Formatter):
    """Escapes control characters as the screen does, and indents all lines of an entry but its first."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n    ".join(map(printable, super().format(record).split("\n")))


def set_up_logging(path: Path | None) -> LogFile | None:
    """Log to the file `path`; ``None``: nowhere. Nothing goes to standard error, where the screen is drawn.

    Raises `KafkaTuiError` when the file cannot be written.
    """
    from kafkatui.kafka.patches import guard_logs

    file = None if path is None else LogFile(path)
    logging.basicConfig(handlers=[file or logging.NullHandler()], level=logging.INFO, force=True)
    logging.captureWarnings(True)
    guard_logs()
    return file


def _opened(path: Path) -> int:
    """A descriptor of the file for appending. A pipe without a reader is refused, not waited for; an existing
    file keeps its mode."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError) as error:
        raise UsageError(f"--log {path}: {getattr(error, 'strerror', None) or error}") from error
    except OSError as error:
        raise KafkaTuiError(f"--log {path}: {error.strerror}") from error

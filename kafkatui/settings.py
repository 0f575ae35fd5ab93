"""Settings by their names in ``client.properties``, each with its source: ``-X``, a file, the environment.

An error about a setting names the setting or its place; it shows the value only where that cannot be a
secret.
"""

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kafkatui.errors import UsageError

PEM = "-----BEGIN "


class Secret:
    """A password or token. Only `reveal()` returns it, so no log, traceback or screen can show it by
    accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the code that logs in."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


class Setting(NamedTuple):
    """The value of a setting, and where it was given."""

    value: str
    source: str
    """``-X``, or the name of the file."""
    number: int
    """The number of the ``-X`` on the command line, or the line of the file; from 1."""


class Settings:
    """Gives settings by name, and remembers the names that were asked for: the others are ignored settings.

    Strongest first: ``-X``, the file, the environment, where ``sasl.password`` is ``KAFKATUI_SASL_PASSWORD``.
    """

    def __init__(
        self, command_config: Path | None, properties: Sequence[str], environ: Mapping[str, str]
    ) -> None:
        """Raises `UsageError`."""
        self._given: dict[str, Setting] = {}
        self._environ = environ
        self._known: set[str] = set()
        self._secret: set[str] = set()
        if command_config is not None:
            self._given.update(_read_properties(command_config))
        for number, item in enumerate(properties, 1):
            name, equals, value = item.partition("=")
            if not equals or not name.strip():
                which = f"-X number {number} has " + ("no name before =" if equals else "no =")
                raise UsageError(f"-X takes key=value, e.g. -X security.protocol=SSL: {which}")
            self._given[name.strip()] = Setting(value.strip(), "-X", number)

    def _find(self, names: Sequence[str]) -> tuple[str, str] | None:
        """The name and value of the first of `names` that is set and not empty; ``None``: none is."""
        for name in names:
            if (setting := self._given.get(name)) is not None and setting.value:
                return name, setting.value
        if any(name in self._given for name in names):
            return None
        for name in names:
            if value := self._environ.get(variable(name)):
                return name, value
        return None

    def text(self, *names: str) -> str | None:
        """The value of the first of `names` that is set and not empty; ``None``: none is."""
        self._known.update(names)
        found = self._find(names)
        return found and found[1]

    def empty(self, name: str) -> bool:
        """Whether the setting is given with an empty value, which turns some settings off."""
        self._known.add(name)
        given = self._given.get(name)
        return (self._environ.get(variable(name)) if given is None else given.value) == ""

    def secret(self, *names: str) -> Secret | None:
        """Like `text`, for a secret; `notices` warn if it was given by ``-X``."""
        self._secret.update(names)
        value = self.text(*names)
        return None if value is None else Secret(value)

    def choice(self, name: str, allowed: Sequence[str], *more: str) -> str | None:
        """The value of a setting in capitals, which must be one of `allowed`."""
        value = self.text(name, *more)
        if value is None or value.upper() in allowed:
            return value and value.upper()
        raise UsageError(f"{name}{shown(value)}: must be one of {', '.join(allowed)}")

    def milliseconds(self, name: str, default: int) -> int:
        """A setting in milliseconds: a whole number, 100 to 3,600,000."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch("[0-9]{1,9}", value) or not 100 <= int(value) <= 3_600_000:
            raise UsageError(
                f"{name}{shown(value)}: must be a whole number of milliseconds, 100 to 3600000 (100 or more)"
            )
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """A setting that is ``true`` or ``false``."""
        value = self.choice(name, ("TRUE", "FALSE"))
        return default if value is None else value == "TRUE"

    def file(self, *names: str) -> tuple[str, Path] | None:
        """The name of the setting and its file, which must exist; ``None``: none of `names` is set."""
        self._known.update(names)
        found = self._find(names)
        if found is None:
            return None
        name, value = found
        if PEM in value:
            raise UsageError(f"{name}: is the path of a file, not the text of a certificate or key")
        try:
            path = Path(value).expanduser()
            there = path.is_file()
        except (OSError, RuntimeError) as error:  # the name is too long, or ~ has no home directory
            raise UsageError(f"{name}{shown(value)}: {getattr(error, 'strerror', None) or error}") from None
        if not there:
            raise UsageError(f"{name}{shown(value)}: no such file")
        if not os.access(path, os.R_OK):
            raise UsageError(f"{name}{shown(value)}: may not be read")
        return name, path

    @property
    def notices(self) -> tuple[str, ...]:
        """Warnings, each one line: settings that nothing asked for, named by their place, as an unknown name
        may be a mistyped secret; and secrets that were given by ``-X``.
        """
        notices, unused = [], dict[str, list[int]]()
        for name, (_, source, number) in self._given.items():
            if name in self._known:
                continue
            if close := difflib.get_close_matches(name, self._known, 1, 0.9):
                notices.append(f"{_place(source, [number])} is ignored; did you mean {close[0]}?")
            else:
                unused.setdefault(source, []).append(number)
        for source, numbers in unused.items():
            what = "1 setting is" if len(numbers) == 1 else f"{len(numbers)} settings are"
            notices.append(f"{_place(source, numbers)}: {what} not known here and ignored")
        if any(name.startswith("-----") for name in self._given):
            notices.append(r"a certificate or key of several lines needs \n\ at the end of each but the last")
        exposed = [name for name in self._secret if name in self._given and self._given[name].source == "-X"]
        if exposed:
            name = min(exposed)
            notices.append(
                f"{name} was given by -X, which every user of this machine can read: "
                f"use --command-config, or {variable(name)}"
            )
        return tuple(notices)


def variable(name: str) -> str:
    """The name of the environment variable for a setting."""
    return "KAFKATUI_" + name.upper().replace(".", "_")


def shown(value: str) -> str:
    """``=value`` for an error text; empty where the value may hold a secret: several words, or another
    setting."""
    return f"={value}" if re.fullmatch(r"[^\s=@]{1,200}", value) and PEM.strip() not in value else ""


def _place(source: str, numbers: Sequence[int]) -> str:
    """Where settings were given, for a text: ``client.properties: lines 3, 7 to 31``; ``-X number 2``."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    where = ", ".join(" to ".join(map(str, run)) for run in runs[:5])
    more = f" and {len(runs) - 5} other places" if len(runs) > 5 else ""
    if source == "-X":
        return f"-X number {where}{more}"
    return f"{source}: line{'s' if len(numbers) > 1 else ''} {where}{more}"


def _read_properties(path: Path) -> dict[str, Setting]:
    import javaproperties  # imported here: it takes time, and only a file of settings needs it

    found: dict[str, Setting] = {}
    line = 1
    try:
        with path.open("rb") as file:
            for element in javaproperties.parse(file):
                if isinstance(element, javaproperties.KeyValue):
                    found[element.key] = Setting(element.value.strip(), path.name, line)
                line += len(re.findall("\r\n|\n|\r", element.source))
    except OSError as error:
        raise UsageError(f"--command-config {path}: {error.strerror}") from None
    except ValueError:  # its text may quote a line of the file, and that line may be a secret
        raise UsageError(f"--command-config {path}: is no properties file") from None
    return found

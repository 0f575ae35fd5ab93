"""Options that several commands have, and the parser that reports wrong ones in a line."""

import argparse
import os
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kafkatui import console
from kafkatui.errors import UsageError

if TYPE_CHECKING:
    from kafkatui.config import Config


class Parser(argparse.ArgumentParser):
    """A parser that reports wrong usage as one line; the exit code is 2."""

    def error(self, message: str) -> NoReturn:
        message = re.sub("ignored explicit argument .*", "takes no value", message)
        raise UsageError(f"{message} ({self.prog} --help shows what there is)")

    def parse_or_refuse(self, argv: Sequence[str] | None) -> argparse.Namespace:
        """The arguments. Words it does not know are counted in the error and not repeated, as one may be part
        of a password."""
        arguments, unknown = self.parse_known_args(argv)
        if (word := getattr(arguments, "command", None)) not in {None, "demo", "lab", "labs"}:
            unknown.append(word)
        if (word := getattr(arguments, "lab", None)) is not None and arguments.command != "lab":
            unknown.append(word)
        options = [match[0] for word in unknown if (match := re.match("--[a-z][a-z-]{1,20}(?==|$)", word))]
        others = len(unknown) - len(options)
        words = "1 word is" if others == 1 else f"{others} words are"
        if options:
            self.error(f"there is no {' or '.join(options)}")
        if unknown:
            self.error(
                f"{words} not understood: brokers are given by -b HOST:PORT, properties by -X KEY=VALUE"
            )
        return arguments

    def _print_message(self, message: str, file: Any = None) -> None:
        console.show(message)


def add_connection(options: argparse.ArgumentParser) -> "argparse._ArgumentGroup":
    """Add the options that say how to reach a cluster. Returns their group."""
    connect = options.add_argument_group("connect")
    connect.add_argument(
        "-b",
        "--bootstrap-servers",
        metavar="HOST:PORT[,…]",
        help="brokers to ask first; default: localhost:9092",
    )
    connect.add_argument(
        "--command-config", type=Path, metavar="FILE", help="client.properties: TLS, mTLS, SASL"
    )
    connect.add_argument(
        "-X", action="append", default=[], dest="properties", metavar="KEY=VALUE", help="one such property"
    )
    connect.add_argument(
        "--tail-limit",
        type=byte_count,
        default=2 << 20,
        metavar="SIZE",
        help="most bytes a second the tail downloads, and the counting of records, e.g. 500K or 2M; "
        "default: 2M (2 MiB)",
    )
    return connect


def config_of(arguments: argparse.Namespace) -> "Config":
    """The configuration from arguments, files and environment. Raises `UsageError`."""
    from kafkatui.config import load_config

    return load_config(
        arguments.bootstrap_servers,
        arguments.command_config,
        arguments.properties,
        os.environ,
        read_only=getattr(arguments, "read_only", True),
        tail_limit=arguments.tail_limit,
        log=arguments.log,
    )


def command_among(words: Sequence[str], commands: Collection[str]) -> tuple[str, list[str]] | None:
    """The command among the arguments, if it is one of `commands`, and the other arguments; options may stand
    before it. ``None``: the first word that is no option, and belongs to none, is another one.
    """
    values = {"-b", "--bootstrap-servers", "--command-config", "-X", "--tail-limit", "--interval", "--log"}
    values |= {"--group", "--topic", "--theme", "--brokers", "--lang", "--speed", "--pictures"}
    left = list(words)
    place = 0
    while place < len(left) and left[place].startswith("-"):
        place += 2 if left[place] in values else 1
    if place >= len(left) or left[place] not in commands:
        return None
    return left.pop(place), left


def seconds(text: str) -> float:
    """An interval in seconds, 0.2 to 60."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.2 <= value <= 60:
        raise argparse.ArgumentTypeError("an interval is 0.2 to 60 seconds")
    return value


def speed(text: str) -> float:
    """How many times as quick as one reads: above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1000:
        raise argparse.ArgumentTypeError("a speed is a number above 0, at most 1000")
    return value


def byte_count(text: str) -> int:
    """A number of bytes, written as ``500K``, ``2M`` or plain bytes; K and M are powers of 1024."""
    match = re.fullmatch(r"(\d+)([KMG]?)(?:I?B)?", text.strip().upper())
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError("a size is written 500K, 2M or in bytes")
    return int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[match[2]]


def seconds_up_to(most: float) -> Callable[[str], float]:
    """A function that takes a time, written as ``30``, ``30s``, ``5m`` or ``2h``: above 0, at most `most`
    seconds.
    """

    def parse(text: str) -> float:
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(s|m|h|d|)", text.strip(), re.ASCII)
        value = float(match[1]) * {"m": 60, "h": 3600, "d": 86400}.get(match[2], 1) if match else 0.0
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"write seconds, e.g. 30 or 30s, at most {most:g}")
        return value

    return parse

"""The command line: makes the `Config` from the arguments, runs the app, and sets the exit code."""

import argparse
import asyncio
import contextlib
import gc
import importlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kafkatui import __version__, console
from kafkatui.cli.ending import force_end_soon
from kafkatui.cli.options import Parser, add_connection, command_among, config_of, seconds, speed
from kafkatui.errors import KafkaTuiError, UsageError
from kafkatui.logfile import LogFile, set_up_logging

if TYPE_CHECKING:
    from kafkatui.lab_host import LabWish

LAB_SIZE = (120, 40)
"""The size of the screen, in cells, of a lab that plays itself without a terminal."""

DESCRIPTION = """\
See a Kafka cluster live: topics, which consumer holds which partition, committed against
end offsets, the tail of every topic. Watching changes nothing: no group is joined, no
offset committed, no topic created.

  kafkatui -b kafka1:9093,kafka2:9093      watch your cluster
  kafkatui demo                            no cluster? a real one on this machine, to play with
  kafkatui labs                            learn Kafka by predicting, doing and seeing

Without a screen, for scripts and monitoring; --help after each says more:

  kafkatui status    what is wrong, and how every group does, in sentences or as JSON
  kafkatui check     one group against limits, with the exit codes of monitoring plug-ins
  kafkatui watch     rebalances and problems as they happen, a line of JSON each
  kafkatui metrics   the same figures for Prometheus
  kafkatui search    the records of a topic that fit a filter, as NDJSON
  kafkatui tail      the records of a topic as they come, as NDJSON
"""

EPILOG = """\
secured clusters
  The names are those of Kafka's own client.properties; -X beats the file.
    kafkatui -b kafka1:9093 --command-config client.properties
    kafkatui -b kafka1:9093 -X security.protocol=SSL -X ssl.ca.location=ca.pem
  A password belongs in the file or in the environment: every user of the machine can read -X.

environment
  KAFKATUI_BOOTSTRAP_SERVERS   used where -b is not given; so is every other setting: sasl.password
                               is KAFKATUI_SASL_PASSWORD; the file and -X beat it
  KAFKATUI_ASCII=1             no sign outside ASCII (also where the locale is not UTF-8); 0: all
  NO_COLOR                     no colour; signs and words say everything
  JAVA_HOME, KAFKA_HOME        the demo: Java 17 or newer; a Kafka of yours instead of a download

Inside: ? lists every key, q quits.
"""


WITHOUT_SCREEN = ("status", "check", "watch", "metrics", "search", "tail")
"""Commands that need no terminal; each is a module of `kafkatui.cli`."""


def parser() -> Parser:
    """The parser of the command line."""
    options = Parser(
        prog="kafkatui",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="kafkatui [-b HOST:PORT[,HOST:PORT]] [options]\n"
        "       kafkatui demo [--brokers 1|3] [options]\n"
        "       kafkatui labs | kafkatui lab NAME [--lang en|ru] [--auto] [options]\n"
        "       kafkatui status|check|watch|metrics [-b HOST:PORT[,HOST:PORT]] [options]\n"
        "       kafkatui search TOPIC FILTER | kafkatui tail TOPIC [-b HOST:PORT[,HOST:PORT]] [options]",
        add_help=False,
        allow_abbrev=False,
    )
    options.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    options.add_argument("lab", nargs="?", help=argparse.SUPPRESS)
    connect = add_connection(options)
    connect.add_argument(
        "--read-only", action="store_true", help="refuse everything that would change the cluster"
    )
    look = options.add_argument_group("look")
    look.add_argument(
        "--interval", type=seconds, default=1.0, metavar="S", help="seconds between two looks; default: 1"
    )
    look.add_argument("--topic", metavar="NAME", help="the topic to begin with")
    look.add_argument("--group", metavar="NAME", help="the group to begin with")
    look.add_argument(
        "--theme", metavar="NAME", help="kafkatui-dark (default), kafkatui-light, or any of Textual's"
    )
    look.add_argument("--ascii", action="store_true", help="no sign outside ASCII")
    demo = options.add_argument_group("demo")
    demo.add_argument("--brokers", type=int, choices=[1, 3], help="how many brokers to start; default: 1")
    labs = options.add_argument_group("labs")
    labs.add_argument("--lang", choices=["en", "ru"], help="the language of the lessons; default: the locale")
    labs.add_argument(
        "--auto", action="store_true", help="lab NAME plays itself; exit code 0: all checks held"
    )
    labs.add_argument(
        "--speed",
        type=speed,
        metavar="N",
        help="with --auto: times as quick as one reads; default: 1",
    )
    labs.add_argument(
        "--pictures", type=Path, metavar="DIR", help="with --auto: write an SVG of the screen after each step"
    )
    other = options.add_argument_group("other")
    other.add_argument("--log", type=Path, metavar="FILE", help="write what happens behind the screen there")
    other.add_argument("--version", action="version", version=f"kafkatui {__version__}")
    other.add_argument("-h", "--help", action="help", help="this page")
    return options


def lab_wish(arguments: argparse.Namespace) -> "LabWish | None":
    """What the arguments ask of the labs; ``None``: nothing. Raises `UsageError`."""
    if arguments.command not in {"lab", "labs"}:
        return None
    from kafkatui.lab_host import LabWish
    from kafkatui.labs.lessons import lesson_named, lessons
    from kafkatui.labs.texts import language_of

    lesson = None
    if arguments.command == "lab":
        lesson = lesson_named(arguments.lab or "")
        if lesson is None:
            names = ", ".join(one.name for one in lessons())
            raise UsageError(f"there is no such lab: kafkatui lab NAME, one of {names}")
    if arguments.auto and lesson is None:
        raise UsageError("--auto plays one lab: kafkatui lab NAME --auto")
    return LabWish(
        language_of(arguments.lang), lesson, arguments.auto, arguments.speed or 1.0, arguments.pictures
    )


async def run(arguments: argparse.Namespace, log_file: LogFile | None = None) -> int:
    """Run the program until it ends, and close all connections and processes. Returns the exit code."""
    config = config_of(arguments)
    wish = lab_wish(arguments)
    if arguments.command is None:  # report certificates that cannot be used before there is a screen
        from kafkatui.kafka.security import connection_settings

        connection_settings(config)
    async with contextlib.AsyncExitStack() as owned:
        demo = None
        if arguments.command == "demo":
            from kafkatui.local.demo import DemoStart

            # The broker takes longest to start: it begins before there is a screen.
            demo = DemoStart(arguments.brokers or 1, owned)
        gc.disable()  # importing makes no garbage
        program = await asyncio.to_thread(importlib.import_module, "kafkatui.app")
        gc.enable()
        app = program.KafkaTui(
            config,
            owned,
            demo=demo,
            labs=wish,
            language=arguments.lang,
            interval=arguments.interval,
            topic=arguments.topic,
            group=arguments.group,
            theme=arguments.theme,
            ascii_only=console.wants_ascii(arguments.ascii),
            log_file=log_file,
        )

        def end(number: int) -> None:
            force_end_soon(128 + number)
            app.exit()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end, number)
        headless = not console.is_terminal()
        if headless and (wish is None or not wish.auto):
            raise UsageError("a terminal is needed: standard input takes keys, standard error the screen")
        await app.run_async(headless=headless, size=LAB_SIZE if headless else None)
    code = int(app.return_code or 0)
    if app.farewell:
        reason, *more = app.farewell
        console.write_error(f"kafkatui: {reason}", *more)
        code = code or 1
    force_end_soon(code)
    return code


def main(argv: Sequence[str] | None = None) -> None:
    """The console script. Exit code 0: the user ended it; 1: an error ended it; 2: wrong usage."""
    console.hold_descriptors()
    try:
        with console.python_errors_logged():
            sys.exit(begin(argv))
    except KafkaTuiError as error:
        console.write_error(f"kafkatui: {error}")
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:  # noqa: BLE001  # a bug: Python would write the error's text unescaped
        console.write_bug()
        sys.exit(1)


def begin(argv: Sequence[str] | None) -> int:
    """Parse the arguments and run the program. Returns the exit code; raises `KafkaTuiError`."""
    words = sys.argv[1:] if argv is None else argv
    if (found := command_among(words, WITHOUT_SCREEN)) is not None:
        from kafkatui.cli.headless import run_command

        return run_command(*found)
    arguments = parser().parse_or_refuse(argv)
    if arguments.brokers is not None and arguments.command != "demo":
        raise UsageError("--brokers belongs to the demo: kafkatui demo --brokers 3")
    if arguments.command in {"lab", "labs"} and arguments.bootstrap_servers:
        raise UsageError("the labs start a cluster of their own: leave -b away")
    if arguments.command == "demo" and arguments.bootstrap_servers:
        raise UsageError("the demo starts a cluster of its own: leave -b away, or leave demo away")
    log_file = set_up_logging(arguments.log)
    return asyncio.run(run(arguments, log_file))

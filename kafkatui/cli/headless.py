"""The common part of the commands without a screen: a model follows a cluster until enough is known, or until
the command is ended. No command changes a cluster, and none imports Textual.
"""

import argparse
import asyncio
import importlib
import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING

from kafkatui import console
from kafkatui.cli.ending import force_end_soon
from kafkatui.cli.options import Parser, add_connection, config_of, seconds
from kafkatui.domain.lag.judging import Known
from kafkatui.errors import KafkaTuiError
from kafkatui.logfile import set_up_logging

if TYPE_CHECKING:
    from kafkatui.kafka.connection import Cluster
    from kafkatui.watch.model import Model
    from kafkatui.watch.view import ClusterView

FIRST_ANSWER = 15.0
"""Seconds within which a cluster must have told its topics and groups; else the command fails."""


class Followed:
    """A cluster that a model follows."""

    def __init__(self, model: "Model", cluster: "Cluster", task: "asyncio.Task[None]") -> None:
        self.model = model
        self.cluster = cluster
        self.began = monotonic()
        """Monotonic seconds of the start."""
        self._task = task

    @property
    def view(self) -> "ClusterView":
        """The newest view of the cluster."""
        return self.model.view

    async def until(self, done: "Callable[[ClusterView], bool]", seconds: float) -> bool:
        """Wait until `done` is true of the view, at most so many seconds; returns whether it is.

        Raises what ends the following: a bug.
        """
        changed = asyncio.Event()
        stop = self.model.listen(lambda _: changed.set())
        end = monotonic() + seconds
        try:
            while not done(self.view) and (left := end - monotonic()) > 0:
                changed.clear()
                waiting = asyncio.create_task(changed.wait())
                await asyncio.wait((waiting, self._task), timeout=left, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if self._task.done():
                    await self._task
        finally:
            stop()
        return done(self.view)


@asynccontextmanager
async def following(arguments: argparse.Namespace, *, past: bool = False) -> AsyncGenerator[Followed]:
    """Connect and follow the cluster; the connections are closed after the block. `past`: also look up the
    last rebalances before now.

    Raises `KafkaTuiError` where the cluster cannot be reached, or does not tell its topics and groups.
    """
    from kafkatui.kafka.connection import Cluster
    from kafkatui.watch.follow import follow
    from kafkatui.watch.model import Model
    from kafkatui.watch.streams import streams

    config = config_of(arguments)
    console.write_error(*(f"kafkatui: {notice}" for notice in config.notices))
    async with Cluster(config) as cluster:
        await cluster.connect()
        model = Model()
        model.select(getattr(arguments, "topic", None), getattr(arguments, "group", None))
        task = asyncio.create_task(follow(model, streams(cluster), every=arguments.interval, past=past))
        try:
            followed = Followed(model, cluster, task)
            await followed.until(is_answered, FIRST_ANSWER)
            yield followed
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def is_answered(view: "ClusterView") -> bool:
    """Whether topics and groups are known, or why they are not."""
    topics, groups = view.topics_reading, view.groups_reading
    return all(one.value is not None or one.fault is not None for one in (topics, groups))


def is_judged(view: "ClusterView", group: str | None = None) -> bool:
    """Whether all groups have a verdict, or will have none; with `group`: that one, if it exists."""
    if not view.digested or not view.groups.judged or view.judging is None:
        return False
    if group is None:
        return not view.judging.pending
    if group not in view.groups.rows:
        return is_absent(view, group)
    judgement = view.groups.outlook.judgements().get(group)
    return judgement is not None and judgement.known is not Known.PENDING


async def write(text: str) -> bool:
    """Write to standard output, in a thread: a reader that is slow holds up neither the looks nor the end.
    Returns whether it is read; raises `KafkaTuiError`.
    """
    return await asyncio.to_thread(console.show, text)


def is_absent(view: "ClusterView", group: str) -> bool:
    """Whether all groups are listed and this one is not among them."""
    value = view.groups.value
    listed = value is not None and value.listed_at is not None and value.left_out is None
    return listed and view.groups.judged and group not in view.groups.rows


def run_command(name: str, words: Sequence[str]) -> int:
    """Run one of the commands with these arguments. Returns the exit code; raises `KafkaTuiError`."""
    command = importlib.import_module(f"kafkatui.cli.{name}")
    options = Parser(
        prog=f"kafkatui {name}",
        description=command.DESCRIPTION,
        epilog=command.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    command.add_options(options.add_argument_group(name))
    add_connection(options)
    other = options.add_argument_group("other")
    other.add_argument(
        "--interval", type=seconds, default=1.0, metavar="S", help="seconds between two looks; default: 1"
    )
    other.add_argument("--log", metavar="FILE", type=_path, help="write what happens there")
    other.add_argument("-h", "--help", action="help", help="this page")
    failed = getattr(command, "failed", None)
    try:
        arguments = options.parse_or_refuse(words)
        set_up_logging(arguments.log)
        return asyncio.run(_ended_by_signals(command.run(arguments), command.ENDED))
    except KafkaTuiError as error:
        if failed is None:
            raise
        return int(failed(str(error)))
    except Exception:
        if failed is None:
            raise
        console.write_bug()
        return int(failed("this is a bug in kafkatui: see standard error"))


def _path(text: str) -> "object":
    from pathlib import Path

    return Path(text)


async def _ended_by_signals(running: "object", ended: int | None) -> int:
    """Run a command until it ends, or until SIGINT, SIGTERM or SIGHUP ends it. `ended`: the exit code then;
    ``None``: 128 and the number of the signal, as of a program that did not finish.
    """
    task = asyncio.ensure_future(running)  # type: ignore[call-overload]
    got: list[int] = []

    def end(number: int) -> None:
        got.append(number)
        force_end_soon(128 + number if ended is None else ended)
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, number)
    try:
        return int(await task)
    except asyncio.CancelledError:
        if not got:
            raise
        return 128 + got[0] if ended is None else ended

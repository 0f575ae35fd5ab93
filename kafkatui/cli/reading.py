"""The common part of ``search`` and ``tail``: records are read by a process of their own and written as they
come. Progress goes to standard error, where that is a terminal.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from kafkatui import console
from kafkatui.cli import record_output
from kafkatui.cli.headless import write
from kafkatui.cli.options import byte_count, config_of
from kafkatui.domain import figures
from kafkatui.domain.records.records import Record
from kafkatui.errors import FilterError, UsageError
from kafkatui.search.news import Ended, Found, Missed, News, Plan, Progress, Wanted

MUCH = 1_000_000_000
"""Bytes; before more are downloaded, one is asked."""
MOST_MISSED = 10
"""How many ranges of offsets that were not read are written one by one."""
LOOK_EVERY = 0.5
"""Seconds between two looks at whether somebody still reads."""


def add_reading(options: "argparse._ArgumentGroup", start: str) -> None:
    """Add the options that both commands have; `start`: where it begins if nothing is said."""
    options.add_argument(
        "--from",
        dest="start",
        default=start,
        metavar="START",
        help="earliest, latest, an offset, -100 (the last 100 of each partition), or a time: 14:00, "
        f"2026-11-27T14:00Z, yesterday, '2h ago'; default: {start}",
    )
    options.add_argument(
        "--partitions", type=partition_numbers, metavar="N[,N-N]", help="only these; default: all"
    )
    options.add_argument("--limit", type=_count, metavar="N", help="end after so many records")
    options.add_argument(
        "--isolation",
        choices=["read_uncommitted", "read_committed"],
        default="read_uncommitted",
        help="read_committed: without aborted records, and only up to the first open transaction",
    )
    options.add_argument(
        "--max-bytes", type=byte_count, metavar="SIZE", help="download so much at most, e.g. 500M or 2G"
    )
    options.add_argument("--rate", type=byte_count, metavar="SIZE", help="so much a second at most, e.g. 10M")
    options.add_argument("--json", action="store_true", help="NDJSON on a terminal too, as in a pipe")


def partition_numbers(text: str) -> tuple[int, ...]:
    """Numbers of partitions, written as ``0,3-5``."""
    numbers: set[int] = set()
    for part in text.split(","):
        low, dash, high = part.partition("-")
        first, last = _number(low), _number(high if dash else low)
        if first is None or last is None or not 0 <= last - first < 100_000:
            raise argparse.ArgumentTypeError("partitions are written 0, 0,3 or 0-5")
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _count(text: str) -> int:
    number = _number(text)
    if not number:
        raise argparse.ArgumentTypeError("a limit is a number above 0")
    return number


def wanted_of(arguments: argparse.Namespace, text: str | None, *, follow: bool) -> Wanted:
    """What the arguments ask for; `text`: the filter."""
    return Wanted(
        arguments.topic,
        text,
        time.time(),
        arguments.start,
        arguments.partitions,
        arguments.isolation == "read_committed",
        follow,
        arguments.max_bytes,
        arguments.rate,
        None if arguments.json or not console.is_shown() else record_output.MOST_SHOWN * 4,
    )


def refused(text: str, error: FilterError) -> int:
    """Write what is wrong with a filter, and point at it. Returns the exit code."""
    before = console.width(text[: error.position])
    wrong = console.width(text[error.position : error.position + error.length])
    console.write_error(f"kafkatui: {error}", f"  {text}", f"  {' ' * before}{'^' * max(wrong, 1)}")
    return 2


async def read(arguments: argparse.Namespace, wanted: Wanted) -> int:
    """Read and write records until the end. Returns 0: some were written, 1: none, 2: not all could be read.

    Raises `KafkaTuiError`.
    """
    from kafkatui.search.process import searching

    config = config_of(arguments)
    console.write_error(*(f"kafkatui: {notice}" for notice in config.notices))
    output = _Output(arguments)
    try:
        async with searching(config, wanted) as search:
            plan = await search.plan()
            if not await _agreed(plan, wanted):
                return 2
            search.begin()
            await _until_unread(output.take_all(search.news()))
    finally:
        console.progress(None)
    return output.tell_end()


class _Output:
    """Writes records and progress; knows how it ended."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._limit: int | None = arguments.limit
        self._for_program = arguments.json or not console.is_shown()
        self._shows_progress = console.shows_progress()
        self._written = 0
        self._missed: list[Missed] = []
        self._why: str | None = None
        """Why it ended early."""

    async def take_all(self, news: AsyncIterator[News]) -> None:
        """Write what comes, until it ends, the limit is reached, or nobody reads."""
        async for one in news:
            match one:
                case Found() if not await self._write(one.records):
                    return
                case Progress() if self._shows_progress:
                    console.progress(progress_line(one))
                case Missed():
                    self._missed.append(one)
                case Ended():
                    self._why = one.why

    async def _write(self, records: Sequence[Record]) -> bool:
        if self._limit is not None:
            records = records[: self._limit - self._written]
        made = record_output.ndjson(records) if self._for_program else record_output.lines(records)
        if self._shows_progress:
            console.progress(None)
        self._written += len(records)
        return await write("\n".join(made)) and (self._limit is None or self._written < self._limit)

    def tell_end(self) -> int:
        """Write what was not read. Returns the exit code."""
        for one in self._missed[:MOST_MISSED]:
            last = "on" if one.last is None else f"to {one.last}"
            console.write_error(f"kafkatui: partition {one.partition}, offsets {one.first} {last}: {one.why}")
        if (more := len(self._missed) - MOST_MISSED) > 0:
            console.write_error(f"kafkatui: and {more} other ranges of offsets were not read")
        if self._why is not None:
            console.write_error(f"kafkatui: not everything was read: {self._why}")
        if self._missed or self._why is not None:
            return 2
        return 0 if self._written else 1


async def _until_unread(reading: Coroutine[Any, Any, None]) -> None:
    """Run `reading` until it ends, or until nobody reads standard output: it may find nothing for long."""
    task = asyncio.create_task(reading)
    try:
        while not task.done() and console.is_read():
            await asyncio.wait([task], timeout=LOOK_EVERY)
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    if not task.cancelled():
        task.result()


async def _agreed(plan: Plan, wanted: Wanted) -> bool:
    """Whether so much may be read: a person is asked, a program must have said how much. Raises
    `UsageError`."""
    octets = plan.octets
    if octets is None or octets <= MUCH or wanted.most_bytes is not None:
        return True
    what = f"this reads about {figures.size(octets)}, {figures.counted(plan.offsets, 'offset')}"
    if not console.is_terminal():
        raise UsageError(f"{what}: say how much may be read by --max-bytes, e.g. --max-bytes 10G")
    lasts = "" if plan.seconds is None else f", in about {figures.age(plan.seconds)}"
    console.write_error(f"kafkatui: {what}{lasts}. Go on? y or n")
    return (await asyncio.to_thread(console.answer)).strip().lower() in {"y", "yes"}


def progress_line(progress: Progress) -> str:
    """How far it is, in a line."""
    parts = []
    if progress.offsets:
        parts.append(f"{100 * progress.scanned // progress.offsets} %")
        parts.append(f"{progress.scanned:,} of {progress.offsets:,} offsets")
    parts.append(f"{progress.found:,} found")
    if (rate := progress.rate) is not None:
        parts.append(f"{figures.rate(rate)} rec/s")
    parts.append(figures.size(progress.octets))
    if progress.offsets and (left := progress.left) is not None:
        parts.append(f"{figures.age(left)} left")
    if progress.throttled:
        parts.append(f"throttled by the broker {figures.age(progress.throttled)}")
    return " · ".join(parts)


def failed(text: str) -> int:
    """Write an error. Returns the exit code."""
    console.write_error(f"kafkatui: {text}")
    return 2

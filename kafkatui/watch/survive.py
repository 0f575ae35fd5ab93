"""A bug of ours is a fault like those of a cluster: it is said and logged, and the program goes on."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from time import monotonic
from typing import Any

from kafkatui.domain.backoff import Backoff
from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.reading import Reading

log = logging.getLogger(__name__)

BUG_AGAIN = 1.0, 30.0
"""Seconds until a stream that ended because of a bug is followed again: the first time, and at most."""
UNDER_TEST = "PYTEST_CURRENT_TEST"
"""The variable of the environment that exists while a test runs: a bug then ends the program, so that the
test fails.
"""
BUG = Fault(FaultKind.BUG, "bug in kafkatui; with --log FILE it is written there")
"""The fault of a reading when kafkatui itself failed, not the cluster."""


@contextmanager
def surviving(where: str, failed: Callable[[], None] | None = None) -> Iterator[None]:
    """A bug in the block ends the block and not the program: it is logged, and `failed` is called. `where`
    names the part of the program for the log. In a test the bug is raised.
    """
    try:
        yield
    except Exception:  # the one place that catches them all
        if UNDER_TEST in os.environ:
            raise
        log.exception("%s", where)
        if failed is not None:
            failed()


async def take_all(
    stream: Callable[[], AsyncGenerator[Reading[Any]] | None],
    take: Callable[[Reading[Any]], None],
    where: str,
) -> None:
    """Call `take` with every reading of a stream until it ends; ``None`` from `stream`: there is none.

    After a bug `take` gets a reading with the fault `BUG`, and after a pause the stream is begun again.
    """
    backoff = Backoff(*BUG_AGAIN)
    newest: Reading[Any] = Reading()
    while (readings := stream()) is not None:
        with surviving(where):
            async with aclosing(readings):
                async for newest in readings:
                    take(newest)
                    backoff.succeeded()
            return
        pause = backoff.failed()
        take(replace(newest, fault=BUG, retry_at=monotonic() + pause))
        await asyncio.sleep(pause)

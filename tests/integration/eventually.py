"""Waiting for a condition with a deadline, instead of sleeping."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from time import monotonic
from typing import Any

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.errors import ClusterError
from tests.patience import PATIENCE


async def eventually(condition: Callable[[], Any], deadline: float = 10.0, every: float = 0.05) -> Any:
    """Wait until ``condition`` (plain or async) returns a true value, and return that; fails with its last
    value.

    In the condition an ``AssertionError``, and a `ClusterError` that ends by itself (a coordinator that still
    loads, as on a new cluster), count as not yet. ``every`` in seconds; ``deadline`` in seconds of a machine
    at rest.
    """
    end = monotonic() + deadline * PATIENCE
    while True:
        try:
            answer = condition()
            if isawaitable(answer):
                answer = await answer
            if answer:
                return answer
        except (AssertionError, ClusterError) as error:
            if isinstance(error, ClusterError) and error.kind is not FaultKind.PASSING:
                raise
            answer = error
        if monotonic() > end:
            raise AssertionError(f"not within {deadline * PATIENCE} s: {answer!r}")
        await asyncio.sleep(every)

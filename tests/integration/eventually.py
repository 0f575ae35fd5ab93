"""Waiting for a condition with a deadline, instead of sleeping."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from time import monotonic
from typing import Any


async def eventually(condition: Callable[[], Any], deadline: float = 10.0, every: float = 0.05) -> Any:
    """What ``condition`` (plain or async) gives once it is true; fails with its last answer.

    An ``AssertionError`` in the condition counts as not yet. ``deadline`` and ``every`` in seconds.
    """
    end = monotonic() + deadline
    while True:
        try:
            answer = condition()
            if isawaitable(answer):
                answer = await answer
            if answer:
                return answer
        except AssertionError as error:
            answer = error
        if monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {answer!r}")
        await asyncio.sleep(every)

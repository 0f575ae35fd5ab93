"""Counts work in a way that is the same on every machine: by executed lines of Python, not by time.

How long the same work takes is measured by the programs in `bench/`.
"""

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


def lines_run(do: Callable[[], object]) -> int:
    """How many lines of Python run while `do` runs, in all modules."""
    counted = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal counted
        counted += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        do()
    finally:
        sys.settrace(before)
    return counted


def lines_run_by_piece(pieces: Iterator[None]) -> list[int]:
    """How many lines each piece of work takes: what runs until an iterator yields, or ends."""
    counted, over = [], False

    def piece() -> None:
        nonlocal over
        over = next(pieces, pieces) is pieces

    while not over:
        counted.append(lines_run(piece))
    return counted

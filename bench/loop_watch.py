"""Measures the steps of an event loop: how long each run from one await to the next takes, and where."""

import asyncio
import gc
import signal
import threading
import time
from asyncio import events
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any
from unittest.mock import patch

LONG = 0.008
"""Seconds of CPU from which on a step is looked into."""
SAMPLED = 0.004
"""Seconds of CPU between two looks at what the loop is doing."""
SHOWN = 12


@dataclass
class Step:
    """One run of the event loop's thread from one await to the next."""

    seconds: float
    task: str
    collecting: float
    """Of these seconds: Python's garbage collector."""
    seen: list[str]
    """Where it was met, every `SAMPLED` seconds."""


@dataclass
class Watch:
    """Measures every step of the loop."""

    steps: int = 0
    spent: float = 0.0
    lengths: list[float] = field(default_factory=list)
    longest: list[Step] = field(default_factory=list)
    _began: float = 0.0
    _seen: list[str] = field(default_factory=list)
    _collecting: float = 0.0
    _collection_began: float = 0.0

    def sample(self, _: int, frame: FrameType | None) -> None:
        if frame is not None and self._began:
            self._seen.append(_place(frame))

    def collect(self, phase: str, _: dict[str, int]) -> None:
        now = time.thread_time()
        if phase == "start":
            self._collection_began = now
        else:
            self._collecting += now - self._collection_began

    @contextmanager
    def measuring(self) -> Iterator["Watch"]:
        run: Callable[[Any], None] = vars(events.Handle)["_run"]
        thread = threading.get_ident()

        def measured(handle: Any) -> None:
            if threading.get_ident() != thread:
                run(handle)
                return
            self._seen.clear()
            self._collecting = 0.0
            self._began = began = time.thread_time()
            run(handle)
            spent = time.thread_time() - began
            self._began = 0.0
            self.steps += 1
            self.spent += spent
            self.lengths.append(spent)
            if spent >= LONG:
                self.longest.append(Step(spent, _name(handle), self._collecting, list(self._seen)))

        before = signal.signal(signal.SIGPROF, self.sample)
        signal.setitimer(signal.ITIMER_PROF, SAMPLED, SAMPLED)
        gc.callbacks.append(self.collect)
        try:
            with patch.object(events.Handle, "_run", measured):
                yield self
        finally:
            gc.callbacks.remove(self.collect)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def forget(self) -> None:
        """Begin anew."""
        self.lengths.clear()
        self.longest.clear()
        self.steps = 0

    def tell(self) -> None:
        lengths = sorted(self.lengths)
        p99 = lengths[len(lengths) * 99 // 100] if lengths else 0.0
        longest = lengths[-1] if lengths else 0.0
        over = sum(1 for length in lengths if length > 0.016)
        print(f"  {self.steps} steps, p99 {p99 * 1e3:.1f} ms, longest {longest * 1e3:.1f}, {over} above 16")
        for step in sorted(self.longest, key=lambda step: -step.seconds)[:SHOWN]:
            collecting = f" (gc {step.collecting * 1e3:.1f})" if step.collecting > 0.001 else ""
            print(f"  {step.seconds * 1e3:6.1f} ms{collecting} {step.task}: {'; '.join(step.seen)}")


def _place(frame: FrameType) -> str:
    """The innermost call, and the innermost of our own."""
    inner = _call(frame.f_code, frame.f_lineno)
    walk: FrameType | None = frame
    ours: list[str] = []
    while walk is not None:
        if "/kafkatui/" in walk.f_code.co_filename:
            ours.append(_call(walk.f_code, walk.f_lineno))
        walk = walk.f_back
    return " < ".join(dict.fromkeys([inner, *ours[:2]]))


def _call(code: CodeType, line: int) -> str:
    return f"{code.co_filename.rpartition('/')[2]}:{line} {code.co_qualname}"


def _name(handle: Any) -> str:
    owner = getattr(handle._callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return getattr(owner.get_coro(), "__qualname__", "?")
    return getattr(handle._callback, "__qualname__", repr(handle._callback))

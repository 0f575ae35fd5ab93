"""The steps of a start as the start screen shows them, and how long each took."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal, Protocol

from kafkatui.errors import LocalClusterError

STEPS = ("resolve", "Java", "format", "start", "topics", "traffic")
"""In the order of the start screen."""

StepState = Literal["waiting", "working", "done", "failed"]

USUAL_SECONDS = {"resolve": 0.1, "Java": 0.1, "format": 0.1, "start": 2.5, "topics": 0.5, "traffic": 0.5}
"""The seconds of each step where none were measured yet: with jars in the cache, on an idle machine with two
cores."""


@dataclass(frozen=True, slots=True)
class StartStep:
    """One line of the start screen."""

    name: str
    """``resolve``, ``Java``, ``format``, ``start``, ``topics`` or ``traffic``."""
    detail: str = ""
    """What the step works on or found; for a failed step, why it failed."""
    state: StepState = "waiting"
    seconds: float | None = None
    """How long the step took; ``None`` before it ended."""
    usual_seconds: float | None = None
    """How long the step usually takes; ``None``: not known, as for a download."""
    log: tuple[str, ...] = ()
    """The last lines of the broker's log; only for a failed step."""
    measured: bool = False
    """Whether `usual_seconds` was measured at an earlier start on this machine; else it is a guess."""
    fetched: int | None = None
    """Bytes downloaded so far; ``None``: nothing is downloaded."""
    of: int | None = None
    """Bytes to download, those in `fetched` included; ``None``: not known."""


class Tell(Protocol):
    """A function that changes the detail of the working step; `fetched` and `of`: bytes, as in
    `StartStep`."""

    def __call__(self, detail: str, *, fetched: int | None = None, of: int | None = None) -> None: ...


class StepFailedError(LocalClusterError):
    """A step failed; `log`: the last lines of a log that may show why."""

    def __init__(self, text: str, log: tuple[str, ...]) -> None:
        super().__init__(text)
        self.log = log


class Steps:
    """The steps of one start: calls a listener with each change, and keeps in a file how long they took."""

    def __init__(
        self, names: tuple[str, ...], listener: Callable[[StartStep], None] | None, memory: Path
    ) -> None:
        self._listener = listener
        self._memory = memory
        known = _read(memory)
        usual = {**USUAL_SECONDS, **known}
        self._steps = {
            name: StartStep(name, usual_seconds=usual.get(name), measured=name in known) for name in names
        }
        for step in self:
            self._notify(step)

    def __iter__(self) -> Iterator[StartStep]:
        return iter(tuple(self._steps.values()))

    @contextmanager
    def step(self, name: str, detail: str = "") -> Iterator[Tell]:
        """The step's state is ``working`` inside the block; after it ``done``, or ``failed`` by an exception.

        Gives a function that changes the step's detail.
        """
        began = monotonic()
        self._change(name, detail=detail, state="working", seconds=None)
        try:
            yield partial(self._change_detail, name)
        except asyncio.CancelledError:
            self._change(name, state="failed", detail="cancelled", seconds=monotonic() - began)
            raise
        except LocalClusterError as error:
            log = error.log if isinstance(error, StepFailedError) else ()
            self._change(name, state="failed", detail=str(error), seconds=monotonic() - began, log=log)
            raise
        self._change(name, state="done", seconds=monotonic() - began)

    def remember(self) -> None:
        """Write the times of the finished steps to the file, for the next start; none of a download."""
        done = [step for step in self if step.state == "done" and step.fetched is None]
        times = {step.name: round(step.seconds or 0.0, 3) for step in done}
        with suppress(OSError):  # the next start then shows guesses
            self._memory.write_text(json.dumps({**_read(self._memory), **times}))

    def _change_detail(
        self, name: str, detail: str, *, fetched: int | None = None, of: int | None = None
    ) -> None:
        changes: dict[str, object] = {"detail": detail}
        if fetched is not None:
            changes |= {"fetched": fetched, "of": of, "usual_seconds": None, "measured": False}
        self._change(name, **changes)

    def _change(self, name: str, **changes: object) -> None:
        self._steps[name] = replace(self._steps[name], **changes)  # type: ignore[arg-type]  # fields of StartStep
        self._notify(self._steps[name])

    def _notify(self, step: StartStep) -> None:
        if self._listener is not None:
            self._listener(step)


def _read(memory: Path) -> dict[str, float]:
    try:
        times = json.loads(memory.read_text())
        return {str(name): float(seconds) for name, seconds in times.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}

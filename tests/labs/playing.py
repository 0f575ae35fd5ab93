"""Plays a lesson on a real cluster, and asserts what must be true of every lab."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from kafkatui.config import load_config
from kafkatui.kafka.connection import Cluster
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Answer, Lesson, Question
from kafkatui.labs.run import Phase, Run, play
from kafkatui.local.cluster import LocalCluster
from tests.lab_observations import Played, save


@asynccontextmanager
async def begun(lesson: Lesson, local: LocalCluster) -> AsyncIterator[Lab]:
    """A lab of a lesson that has begun; it is closed after the block."""
    config = replace(load_config(local.bootstrap_servers, None, [], {}), request_timeout=2.0)
    async with Cluster(config) as cluster:
        await cluster.connect()
        lab = lesson.lab(cluster, local.spawn, local)
        try:
            await lab.begin()
            yield lab
        finally:
            await lab.close()


@asynccontextmanager
async def watched(lesson: Lesson, lab: Lab) -> AsyncIterator[Run]:
    """A run of the lab, with looks going on during the block."""
    run = Run(lesson, lab)
    await run.begin()
    watching = asyncio.create_task(run.watch())
    try:
        yield run
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def plays_well(lesson: Lesson, local: LocalCluster, *, saves: bool = False) -> None:
    """Play a lesson: no step passes before its keys were pressed; then every prediction of its script is
    right, and another answer would be wrong. `saves`: its observations become a file of the unit tests.
    """
    results: list[str] = []
    played: list[Played] = []

    async def look() -> None:
        step = run.step
        if run.phase is Phase.ACT and not run.pressed:
            assert step.check(run.now, run.now) is not None, f"{step.name} passes before it was done"
        if run.phase is Phase.COMPARE:
            played.append(Played(step.name, run.before, run.now))
            for one in run.predicted:
                results.append(f"{step.name}: predicted {one.answer}, came out {one.outcome}")
                assert one.right is True, "\n".join([*results, *map(str, run.now.since(run.before))])
                assert one.outcome is not None
                assert not one.question.is_right(another(one.question, one.outcome), one.outcome)

    async with begun(lesson, local) as lab, watched(lesson, lab) as run:
        await play(run, look)
        assert all(run.passed)
        if saves:
            await asyncio.to_thread(save, lesson, played, lab.names.run)
        living = lab.living()
    assert living, "a lab keeps its programs as a sandbox"
    assert not lab.living(), "a lab that is closed leaves no program behind"


def another(question: Question, outcome: Answer | None) -> Answer:
    """An answer that is wrong."""
    if question.options:
        return next(option for option in question.options if option != outcome)
    if isinstance(outcome, frozenset):
        return outcome ^ {99}
    assert isinstance(outcome, float | int)
    return outcome + question.tolerance + 1

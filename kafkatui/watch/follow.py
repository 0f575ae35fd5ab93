"""Runs a model: digests what it was given, and runs the streams that no pane runs for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from kafkatui.domain.cluster.reading import Reading
from kafkatui.watch.model import Model
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams
from kafkatui.watch.view import ClusterView

T = TypeVar("T")

WATCHED = 0.3
"""Pause between two looks at the selected group, as a part of the interval: a rebalance may be over in a
second.
"""
ALL = frozenset({"topics", "groups", "lag", "log"})
"""Names of the streams from which a model gets its readings."""


async def follow(
    model: Model,
    streams: Streams,
    *,
    every: float = 1.0,
    elsewhere: frozenset[str] = frozenset(),
    past: bool = True,
) -> None:
    """Run a model on a cluster without end, with a look every `every` seconds.

    `elsewhere` names those streams of `ALL` that somebody else runs, e.g. a mounted pane; this function runs
    the others. So the model knows the same whether a pane exists or not. `past`: also look up the last
    rebalances before now.
    """
    if streams.unread is not None:
        model.ask_unread()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(model.run())
        if streams.unread is not None:
            unread = streams.unread(model.doubts, Pace(2 * every))
            tasks.create_task(_feed(unread, model.take_unread))
        if streams.ages is not None:
            ages = streams.ages(model.ages_wanted, Pace(every))
            tasks.create_task(_feed(ages, model.take_ages))
        if past and streams.past is not None:
            tasks.create_task(_feed(streams.past(), model.take_past))
        if "topics" not in elsewhere:
            topics = streams.topics(lambda: _selected(model), Pace(2 * every))
            tasks.create_task(_feed(topics, model.take_topics))
        if "groups" not in elsewhere:
            groups = streams.groups(lambda: model.view.shown.group, Pace(WATCHED * every))
            tasks.create_task(_feed(groups, model.take_groups))
        if "log" not in elsewhere:
            log = streams.group_log(lambda: model.view.shown.group, Pace(WATCHED * every))
            tasks.create_task(_feed(log, model.take_log))
        if "lag" not in elsewhere:
            tasks.create_task(_follow_lag(model, streams, Pace(every)))


def _selected(model: Model) -> frozenset[str]:
    """The selected topic, or no topic: its end offsets are asked for at every look."""
    topic = model.view.shown.topic
    return frozenset() if topic is None else frozenset({topic})


async def _feed(stream: AsyncGenerator[Reading[T]], take: Callable[[Reading[T]], None]) -> None:
    async with aclosing(stream):
        async for reading in stream:
            take(reading)


async def _follow_lag(model: Model, streams: Streams, pace: Pace) -> None:
    """Follow the lag of the selected group on the selected topic; begin anew when the selection changes."""
    changed = asyncio.Event()
    followed: tuple[str | None, str | None] = (None, None)

    def note(view: ClusterView) -> None:
        if (view.shown.group, view.shown.topic) != followed:
            changed.set()

    stop = model.listen(note)
    try:
        note(model.view)
        while True:
            await changed.wait()
            changed.clear()
            shown = model.view.shown
            followed = shown.group, shown.topic
            if shown.group is None or shown.topic is None:
                continue
            feeding = asyncio.create_task(
                _feed(streams.group_lag(shown.group, shown.topic, pace), model.take_lag)
            )
            waiting = asyncio.create_task(changed.wait())
            try:
                await asyncio.wait((feeding, waiting), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (feeding, waiting):
                    task.cancel()
                ended = await asyncio.gather(feeding, waiting, return_exceptions=True)
            if isinstance(ended[0], Exception):
                raise ended[0]
    finally:
        stop()

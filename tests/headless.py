"""The model over a real cluster, without a screen: what the screen knows is known without Textual.

    python -m tests.headless HOST:PORT TOPIC GROUP [SECONDS]

Follows the cluster for SECONDS (5) with this group on this topic selected, and prints each half second what
is known, as a line of JSON: the last line is the result. Fails if Textual was imported.
"""

import asyncio
import json
import sys
from typing import Any

from kafkatui.config import load_config
from kafkatui.kafka.connection import Cluster
from kafkatui.watch.follow import follow
from kafkatui.watch.model import Model
from kafkatui.watch.streams import streams
from kafkatui.watch.view import ClusterView

EVERY = 0.5
"""Seconds between two lines."""


def known(view: ClusterView, topic: str) -> dict[str, Any]:
    """What is known of a topic and of the groups that read it: figures, and no times."""
    standings = [standing for standing in view.groups.standings if standing.topic == topic]
    readers = {standing.group for standing in standings}
    events = view.happened.timeline.recent(500)
    shown = view.shown
    return {
        "lags": {standing.group: standing.lag for standing in standings},
        "verdicts": {standing.group: standing.verdict.word for standing in standings},
        "problems": sorted(
            [problem.topic, problem.group, problem.text]
            for problem in view.problems
            if problem.topic == topic or problem.group in readers
        ),
        "rebalances": sorted(
            [group, event.number, list(event.joined), list(event.gone), sum(event.moved.values())]
            for group, event in events
            if group in readers and event.ended_at is not None
        ),
        "owners": {} if shown.map is None else {str(n): who for n, who in shown.map.owners.items()},
        "partitions": []
        if shown.lag is None
        else [[one.partition.partition, one.lag] for one in shown.lag.partitions],
    }


async def main(servers: str, topic: str, group: str, seconds: float) -> None:
    async with Cluster(load_config(servers, None, [], {})) as cluster:
        await cluster.connect()
        model = Model()
        model.select(topic, group)
        following = asyncio.create_task(follow(model, streams(cluster)))
        try:
            for _ in range(round(seconds / EVERY)):
                await asyncio.wait([following], timeout=EVERY)
                if following.done():
                    await following
                sys.stdout.write(json.dumps(known(model.view, topic)) + "\n")
                sys.stdout.flush()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    if any(name.partition(".")[0] == "textual" for name in sys.modules):
        sys.exit("Textual was imported")


if __name__ == "__main__":
    servers, topic, group, *more = sys.argv[1:]
    asyncio.run(main(servers, topic, group, float(more[0]) if more else 5.0))

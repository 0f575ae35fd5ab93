"""The deck's keys for brokers, where the cluster is our own and has several."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from kafkatui.domain.partitions import Topic
from kafkatui.errors import DeckError
from kafkatui.local.cluster import LocalCluster

STOPS_WITHIN = 20.0


class Brokers:
    """The brokers of a local cluster, and which of them are down."""

    def __init__(self, local: LocalCluster) -> None:
        self._local = local
        self.down: set[int] = set()

    def victim(self, topics: Iterable[Topic]) -> int:
        """The living broker that leads most partitions of `topics`. Raises `DeckError` for the last one."""
        alive = sorted(set(range(1, self._local.brokers + 1)) - self.down)
        if len(alive) < 2:
            raise DeckError(f"broker {alive[0]} is the last one: bring back the others first (u)")
        leads = Counter(partition.leader for topic in topics for partition in topic.partitions)
        return max(alive, key=lambda node: leads[node])

    async def kill(self, node: int) -> None:
        """SIGKILL."""
        self.down.add(node)
        await self._local.kill(node)

    async def stop(self, node: int) -> None:
        """SIGTERM: it hands over what it leads."""
        self.down.add(node)
        try:
            await self._local.terminate(node, STOPS_WITHIN)
        except TimeoutError:
            await self._local.kill(node)

    async def start_all(self) -> None:
        """Bring back all that are down; returns when they serve."""
        await asyncio.gather(*(self._start(node) for node in sorted(self.down)))

    async def _start(self, node: int) -> None:
        await self._local.thaw(node)
        await self._local.restart(node)
        self.down.discard(node)

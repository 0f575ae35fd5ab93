"""The deck's keys for brokers, for a local cluster of several brokers that kafkatui started."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from kafkatui.domain.cluster.partitions import Topic
from kafkatui.errors import DeckError
from kafkatui.local.cluster import LocalCluster

STOPS_WITHIN = 20.0


class Brokers:
    """The brokers of a local cluster."""

    def __init__(self, local: LocalCluster) -> None:
        self._local = local

    @property
    def down(self) -> tuple[int, ...]:
        """The node ids of the brokers that do not run, sorted."""
        return tuple(sorted(set(range(1, self._local.brokers + 1)) - self._local.pids.keys()))

    def victim(self, topics: Iterable[Topic]) -> int:
        """The node id of the running broker that leads the most partitions of `topics`. Raises `DeckError` if
        only one broker runs."""
        alive = [node for node in range(1, self._local.brokers + 1) if node not in self.down]
        if len(alive) < 2:
            raise DeckError("the last broker is left alone: bring back the others first (u)")
        leads = Counter(partition.leader for topic in topics for partition in topic.partitions)
        return max(alive, key=lambda node: leads[node])

    async def kill(self, node: int) -> None:
        """Send SIGKILL to a broker."""
        await self._local.kill(node)

    async def stop(self, node: int) -> None:
        """Send SIGTERM to a broker: it first hands its partitions over to other leaders."""
        try:
            await self._local.terminate(node, STOPS_WITHIN)
        except TimeoutError:
            await self._local.kill(node)

    async def start_all(self) -> None:
        """Thaw all brokers and start those that do not run; returns when they answer."""
        for node in self._local.pids:
            await self._local.thaw(node)
        await asyncio.gather(*(self._local.restart(node) for node in self.down))

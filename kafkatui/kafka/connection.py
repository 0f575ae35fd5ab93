"""The cluster: one starting point for all questions."""

import asyncio

from kafkatui.kafka.asker import Asker
from kafkatui.kafka.brokers import Brokers
from kafkatui.kafka.diagnosis import ConnectError, diagnose
from kafkatui.kafka.finding import find


class Cluster(Brokers):
    """A Kafka cluster as one starting point for questions; opens nothing before `connect()`."""

    def asker(self, name: str) -> Asker:
        """Somebody to ask through, with connections of its own; closed with the cluster, or before."""
        return Asker(self, name)

    async def connect(self) -> None:
        """Find the cluster at the configured addresses, and make sure that its brokers can be reached.

        Raises `ConnectError`, which says what was tried and why it failed.
        """
        faults = await find(self)
        if faults is not None:
            attempts = await asyncio.gather(
                *(diagnose(self.config, address, fault) for address, fault in faults.items())
            )
            raise ConnectError(self.config, tuple(attempt for several in attempts for attempt in several))

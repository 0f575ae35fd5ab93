"""The cluster: the object from which every asker is made."""

import asyncio

from kafkatui.kafka.asker import Asker
from kafkatui.kafka.brokers import Brokers
from kafkatui.kafka.diagnosis import ConnectError, diagnose
from kafkatui.kafka.finding import find


class Cluster(Brokers):
    """A Kafka cluster that can be asked; opens no connection before `connect()`."""

    def asker(self, name: str) -> Asker:
        """A new asker, with connections of its own; it is closed with the cluster, or earlier by `close()`.
        `name` is for logs and names of tasks."""
        return Asker(self, name)

    async def connect(self) -> None:
        """Find the cluster at the configured addresses, and make sure that its brokers can be reached.

        Raises `ConnectError`, which holds each address that was tried and why it failed.
        """
        faults = await find(self)
        if faults is not None:
            attempts = await asyncio.gather(
                *(diagnose(self.config, address, fault) for address, fault in faults.items())
            )
            raise ConnectError(self.config, tuple(attempt for several in attempts for attempt in several))

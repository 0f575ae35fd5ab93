"""The questions of the brokers stream, which only the page of brokers runs."""

from dataclasses import replace

from kafkatui.domain.cluster.brokers import ClusterBrokers
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.cluster_state import read_log_dirs, read_quorum
from kafkatui.watch.pace import Schedule


class BrokersWatch:
    """Asks for the quorum at every look, for the sizes of logs more seldom: a broker walks all its logs for
    that.
    """

    DISKS_EVERY = 60.0

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._value = ClusterBrokers()
        self._disks = Schedule(self.DISKS_EVERY, 2 * self.DISKS_EVERY)

    async def read(self) -> ClusterBrokers:
        """Look once. What is refused is a fault in the value."""
        try:
            quorum, fault = await read_quorum(self._asker), None
        except ClusterError as error:
            quorum, fault = None, error.fault
        self._value = replace(self._value, quorum=quorum, quorum_fault=fault)
        if self._disks.due:
            disks, faults = await read_log_dirs(self._asker)
            self._value = replace(self._value, disks=disks, disk_faults=faults)
            self._disks.asked(sum(len(disk.sizes) for disk in disks.values()))
        return self._value

"""The questions of the brokers stream, which only the page of brokers runs."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from kafkatui.domain.cluster.brokers import ClusterBrokers, Quorum
from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.cluster_state import read_log_dirs, read_quorum
from kafkatui.watch.pace import Schedule


class BrokersWatch:
    """Asks for the quorum at every look, for the sizes of logs more seldom: a broker walks all its logs for
    that.
    """

    DISKS_EVERY = 60.0
    MOVES_EVERY = 5.0
    """The same where a partition is being reassigned, for the topics that have one."""

    def __init__(self, asker: Asker, moving: Callable[[], Mapping[str, int]]) -> None:
        """`moving`: gives the topics with a partition that is being reassigned, and how many partitions each
        has.
        """
        self._asker = asker
        self._value = ClusterBrokers()
        self._disks = Schedule(self.DISKS_EVERY, 2 * self.DISKS_EVERY)
        self._moving = moving
        self._moves = Schedule(self.MOVES_EVERY, 2 * self.MOVES_EVERY)

    async def read(self) -> ClusterBrokers:
        """Look once. What is refused is a fault in the value."""
        try:
            quorum, fault = await read_quorum(self._asker), None
        except ClusterError as error:
            quorum, fault = None, error.fault
            controller = self._asker.cluster.controller
            if error.kind is FaultKind.UNSUPPORTED and controller is not None:  # a cluster with ZooKeeper
                quorum, fault = Quorum(controller), None
        self._value = replace(self._value, quorum=quorum, quorum_fault=fault)
        if self._disks.due:
            disks, faults = await read_log_dirs(self._asker)
            self._value = replace(self._value, disks=disks, disk_faults=faults)
            self._disks.asked(sum(len(disk.sizes) for disk in disks.values()))
        elif (moving := self._moving()) and self._moves.due:
            disks, _ = await read_log_dirs(self._asker, moving)
            known = {
                node: replace(disk, sizes={**disk.sizes, **disks[node].sizes}) if node in disks else disk
                for node, disk in self._value.disks.items()
            }
            self._value = replace(self._value, disks=known)
            self._moves.asked(sum(moving.values()))
        return self._value

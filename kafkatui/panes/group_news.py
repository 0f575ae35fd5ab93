"""What two streams tell of groups, kept for as long as the program runs: looks at all groups, and the log of
the selected one.
"""

from collections.abc import Collection

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.timeline import Timeline


class GroupNews:
    """Feed every reading to `look` or `read_log`."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.vanished: dict[str, float] = {}
        """Groups that were there and are not any more: since which monotonic second."""
        self.log_fault: Fault | None = None
        """Why the group's log is not read; ``None``: it is, or was not asked for yet."""
        self._log_of: str | None = None
        self._known: set[str] = set()

    def look(
        self, reading: Reading[ClusterGroups], watched: Collection[str | None], staying: str | None
    ) -> None:
        """Remember a look at the `watched` groups, and which groups there are; `staying` is one that does not
        vanish when it is gone.
        """
        if reading.value is None or reading.fault is not None or reading.taken_at is None:
            return
        names = set()
        for group in reading.value.groups:
            names.add(group.group_id)
            if group.group_id in watched:
                looked_at = reading.value.looked_at(group)
                at = reading.taken_at if looked_at is None else looked_at
                self.timeline.story(group.group_id).observe(group, at)
        if not reading.value.notes:
            for name in self._known - names - {staying}:
                self.vanished.setdefault(name, reading.taken_at)
            self._known |= names
        for name in names & self.vanished.keys():
            del self.vanished[name]

    def read_log(self, reading: Reading[GroupLogNews]) -> bool:
        """Hand generations and commits to the stories of their groups; whether they tell more. Without the
        log a story goes by looks alone.
        """
        news = reading.value if reading.fault is None else None
        of = None if news is None else news.group_id
        if self._log_of is not None and self._log_of != of:
            self.timeline.story(self._log_of).log_read_up_to(None)
        self._log_of, self.log_fault = of, reading.fault
        if news is None or reading.taken_at is None:
            return False
        return self.timeline.observe_log(news, reading.taken_at)

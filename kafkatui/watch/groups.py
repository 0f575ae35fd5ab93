"""The questions of the groups stream: which are asked at each look, and which more seldom."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from time import monotonic

from kafkatui.domain.cluster.groups import (
    ClusterGroups,
    GroupKind,
    not_listed,
    still_there,
    unchanged,
    unchanged_commits,
)
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.groups import describe_groups, lists_all_groups, read_group_list
from kafkatui.watch.pace import Schedule


class GroupsWatch:
    """Asks for the selected group (`watched`) at every look, for the list of groups, all groups and all
    commits more seldom.
    """

    LIST_EVERY = 2.0
    RIGHTS_EVERY = 60.0
    GROUP = 20
    """How many items of the answer the description of one group counts as, see `Schedule.asked`; a commit
    counts as one.
    """

    def __init__(self, asker: Asker, watched: Callable[[], str | None]) -> None:
        self._asker = asker
        self._watched = watched
        self._value = ClusterGroups()
        self._all = Schedule(self.LIST_EVERY, 10.0)
        self._rights = Schedule(self.RIGHTS_EVERY, 2 * self.RIGHTS_EVERY)
        self._lists_all = False

    async def read(self) -> ClusterGroups:
        """Look once. Raises `ClusterError` where no question was answered."""
        watched, asked_at = self._watched(), monotonic()
        if self._all.due:
            listed, notes = await read_group_list(self._asker)
            asked = (*listed, *not_listed(self._value.groups, listed))
            commits, answers, _ = await asyncio.gather(
                read_commits(
                    self._asker,
                    [one.group_id for one in asked if one.kind is not GroupKind.SHARE],
                    known=self._value.commits,
                ),
                describe_groups(self._asker, asked),
                self._read_rights(),
            )
            there = still_there(answers, listed)
            offsets = sum(len(commit.offsets) for commit in commits.values())
            if there:  # while no group exists, every look asks for all: the first group is seen soon
                self._all.asked(offsets + self.GROUP * len(there))
            known = self._value
            self._value = ClusterGroups(
                unchanged(known.groups, there),
                unchanged_commits(known.commits, commits),
                notes,
                asked_at,
                self._lists_all,
                described_at=asked_at,
                commits_taken_at=asked_at,
            )
            return self._value
        before = next((group for group in self._value.groups if group.group_id == watched), None)
        if before is not None:
            (described,) = await describe_groups(self._asker, [before])
            groups = self._value.groups
            if described != before:
                groups = tuple(described if group is before else group for group in groups)
            self._value = replace(self._value, groups=groups, watched=watched, watched_at=asked_at)
        return self._value

    async def _read_rights(self) -> None:
        """Ask whether this user may list all groups; where there is no answer now, the answer before it
        stays.
        """
        if self._rights.due:
            with suppress(ClusterError):
                self._lists_all = await lists_all_groups(self._asker)
                self._rights.asked(0)

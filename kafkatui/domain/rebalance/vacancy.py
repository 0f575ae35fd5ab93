"""Whether to believe a look that shows a group without members. A group only seems to be empty while its
coordinator moves, or if the list of groups is older than other things known of it. Times are monotonic
seconds.
"""

from kafkatui.domain.cluster.groups import Group

CONFIRMED_AFTER = 2.0
"""Seconds after which it is believed that a group is empty, if a broker that was not its coordinator before
says so, or if no broker lists the group.
"""


class Vacancy:
    """Remembers when one group had members last. Call `written` for every generation in the group's log, and
    ask `believed` about each look.
    """

    def __init__(self) -> None:
        self._peopled_at: float | None = None
        """When the group last had members; ``None``: never, or it is known that all have left since."""
        self._coordinator: int | None = None
        """Node id of the coordinator that last described the group with members."""
        self._empty_since: float | None = None
        """Time of the first look that showed the group empty and was not believed; ``None``: there is none.
        """

    def written(self, at: float, *, members: bool) -> None:
        """Take in that the group, by its log, had `members` at `at`, or had none."""
        if self._peopled_at is None or at >= self._peopled_at:
            self._peopled_at = at if members else None
            self._empty_since = None

    def believed(self, group: Group, at: float) -> bool:
        """Whether a look made at `at` shows the group as it is; a look with members always does."""
        if group.members:
            self._peopled_at = at if self._peopled_at is None else max(at, self._peopled_at)
            self._coordinator, self._empty_since = group.coordinator, None
            return True
        if self._peopled_at is not None and self._doubtful(group, at, self._peopled_at):
            return False
        self._peopled_at = self._empty_since = None
        return True

    def _doubtful(self, group: Group, at: float, peopled_at: float) -> bool:
        unlisted = group.state == "Dead" and group.described_at is None  # in the list asked for at `at`
        if unlisted and at <= peopled_at:
            return True
        if not unlisted and (self._coordinator is None or self._coordinator == group.coordinator):
            return False  # the coordinator that described the members says that they are gone
        if self._empty_since is None:
            self._empty_since = at
        return at - self._empty_since < CONFIRMED_AFTER

"""Whether a look that shows a group without members is believed: while its coordinator moves, or where the
list of groups is older than what else is known, a group only seems to be empty. Times are monotonic seconds.
"""

from kafkatui.domain.cluster.groups import Group

CONFIRMED_AFTER = 2.0
"""Seconds after which a group is empty that another broker told to be, or that no broker lists."""


class Vacancy:
    """Tell it when the group had members, and ask it about each look."""

    def __init__(self) -> None:
        self._peopled_at: float | None = None
        """When it last had members; ``None``: never, or everyone has gone since."""
        self._coordinator: int | None = None
        """The broker that told so."""
        self._empty_since: float | None = None
        """The first look that showed it empty and was not believed."""

    def written(self, at: float, *, members: bool) -> None:
        """The log tells that the group had members at `at`, or none."""
        if self._peopled_at is None or at >= self._peopled_at:
            self._peopled_at = at if members else None
            self._empty_since = None

    def believed(self, group: Group, at: float) -> bool:
        """Whether a look made at `at` is to be taken in."""
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
            return False  # its own coordinator says so
        if self._empty_since is None:
            self._empty_since = at
        return at - self._empty_since < CONFIRMED_AFTER

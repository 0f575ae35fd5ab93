"""Verdicts: one word that says how well a partition, or a topic, is read by a group. It follows from
committed offset, log end and how both moved.

Commits come in steps; how rates are found all the same: see `kafkatui.domain.lag.trends`.
"""

from dataclasses import dataclass
from enum import Enum

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.lag.ages import Seen
from kafkatui.domain.lag.lag import PartitionLag
from kafkatui.domain.lag.trends import NOTHING_KNOWN, Trend


class Verdict(Enum):
    """One word for a row: its mark, a phrase for the group's line, a line of help."""

    OK = (
        "ok",
        Mark.OK,
        "keeping up",
        "It reads as fast as records arrive; lag between two commits is normal.",
    )
    MEASURING = (
        "…",
        Mark.NOTHING,
        "measuring",
        "Too few looks yet: commits come in steps, a rate needs 12 s or more.",
    )
    BEHIND = (
        "behind",
        Mark.WORSE,
        "falling behind",
        "Records arrive faster than they are committed: lag grows.",
    )
    CATCHING = (
        "catching",
        Mark.OK,
        "catching up",
        "Lag falls; EMPTY IN says when nothing is left at this pace.",
    )
    STUCK = (
        "stuck",
        Mark.BROKEN,
        "stuck",
        "There is lag, a member owns it, and nothing was committed for long.",
    )
    WAITING = (
        "waiting",
        Mark.WORSE,
        "probably waits for an open transaction",
        "The commit stands where an open transaction begins: read_committed waits there.",
    )
    SILENT = (
        "silent",
        Mark.WORSE,
        "no commit",
        "It has members and lag, and nothing was committed since kafkatui looks.",
    )
    UNREAD = (
        "unread",
        Mark.BROKEN,
        "nobody reads",
        "No member reads this partition, and there are records in it.",
    )
    STOPPED = ("stopped", Mark.NOTHING, "stopped", "The group has no members, and nothing new arrives.")
    LOST = (
        "lost",
        Mark.BROKEN,
        "records lost",
        "The commit is below the log start: records between were deleted unread.",
    )
    BEYOND = (
        "beyond",
        Mark.WORSE,
        "commit past the end",
        "The commit is past the log end: perhaps the topic was made again.",
    )
    REWOUND = ("rewound", Mark.WORSE, "rewound", "The commit went back: records will be read again.")
    UNSET = (
        "unset",
        Mark.NOTHING,
        "nothing committed",
        "It is assigned, but nothing is committed: auto.offset.reset decides.",
    )
    UNKNOWN = (
        "unknown",
        Mark.UNKNOWN,
        "not known",
        "The cluster did not tell the commit or an end of the log.",
    )

    def __init__(self, word: str, mark: Mark, phrase: str, hint: str) -> None:
        self.word = word
        self.mark = mark
        self.phrase = phrase
        self.hint = hint


class Kept(Enum):
    """Whether a group has a commit on a partition."""

    COMMITTED = "committed"
    """It has a commit."""
    UNSET = "unset"
    """No commit; the partition is assigned, or its owner is not known."""
    NOT_CONSUMED = "not consumed"
    """No commit, and no member owns the partition."""
    UNKNOWN = "unknown"
    """The cluster did not tell the commit."""


@dataclass(frozen=True, slots=True)
class PartitionVerdict:
    """The verdict of one partition, with the figures of its row."""

    lag: PartitionLag
    kept: Kept
    verdict: Verdict
    trend: Trend = NOTHING_KNOWN
    hint: str = ""
    """A line that says what the verdict means here."""
    oldest: Seen | None = None
    """The oldest record that is not committed; ``None``: there is none, or its time is not known."""

    @property
    def shown_lag(self) -> int | None:
        """Lag as it is shown: 0 for a commit past the end (`lag.lag` is negative then); ``None``: not
        known.
        """
        return None if self.lag.lag is None else max(0, self.lag.lag)

    @property
    def empty_in(self) -> float | None:
        """Seconds until the lag is 0 at this pace; ``None``: the lag does not fall, or its pace is not
        known.
        """
        return self.trend.empty_in if self.verdict is Verdict.CATCHING else None


WORST_FIRST = (
    Verdict.LOST,
    Verdict.STUCK,
    Verdict.UNREAD,
    Verdict.BEYOND,
    Verdict.WAITING,
    Verdict.SILENT,
    Verdict.BEHIND,
    Verdict.REWOUND,
    Verdict.UNKNOWN,
)
"""Bad verdicts, worst first: a topic has one of them as soon as one of its partitions has it."""

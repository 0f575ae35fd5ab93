"""Whether anything that a consumer can read lies between a commit and the end of the log.

Markers of transactions and aborted records take offsets too. A consumer that reads committed records only is
never handed them, and its commit may stand before them for ever though it has read all there is. Batch
headers tell, see `kafkatui.kafka.unread`.
"""

from enum import Enum
from typing import NamedTuple


class Rest(Enum):
    """What the offsets between a commit and the end of the log hold."""

    READABLE = "readable"
    """A record that a consumer can read."""
    NOTHING = "nothing"
    """Only markers of transactions and aborted records."""
    OPEN = "open"
    """A transaction that is still open begins at the commit: consumers with ``read_committed`` wait there."""
    DENIED = "denied"
    """This user may not read the topic."""
    UNKNOWN = "unknown"
    """No readable record was found so far, and there is too much to look through to the end."""


class Doubt(NamedTuple):
    """A question: what lies from `committed` on, up to `end`?"""

    topic: str
    partition: int
    committed: int
    end: int


class Answer(NamedTuple):
    """What was found at a `Doubt`."""

    doubt: Doubt
    rest: Rest

"""Every exception kafkatui raises on purpose.

::

    KafkaTuiError                a problem the user can solve; its text is one line and holds no secret
    ├── UsageError               wrong arguments or settings: exit code 2
    │   └── FilterError          a filter that is not understood, and the position of the mistake
    ├── ClusterError             a cluster did not answer, or refused; the next look may succeed
    │   └── ReadOnlyError        a change was asked for, and kafkatui was started with --read-only
    ├── LocalClusterError        the local cluster cannot start, or ended: why, and what the user can do
    ├── DeckError                a key of the deck has no effect now: why, and what the user can do first
    └── LabError                 a key of a lab has no effect now, or a program of the lab does not answer

Anything else that is raised is a bug.
"""

from typing import ClassVar

from kafkatui.domain.cluster.faults import Fault, FaultKind


class KafkaTuiError(Exception):
    """A problem the user can solve; its text is one line and holds no secret."""


class UsageError(KafkaTuiError):
    """Wrong arguments or settings; the program ends with exit code 2."""


class FilterError(UsageError):
    """A filter of a search is not understood; the text says why."""

    def __init__(self, text: str, position: int, length: int = 1) -> None:
        super().__init__(text)
        self.position = position
        """The place of the mistake in the filter: characters before it."""
        self.length = max(length, 1)
        """How many characters are wrong."""


class ClusterError(KafkaTuiError):
    """A cluster did not answer, or refused; the text names the action that failed, and why."""

    KIND: ClassVar[FaultKind] = FaultKind.UNKNOWN
    """The kind of an error that is made without one."""

    def __init__(self, text: str, kind: FaultKind | None = None) -> None:
        super().__init__(text)
        self.kind = self.KIND if kind is None else kind

    @property
    def fault(self) -> Fault:
        """The error as a value of the domain."""
        return Fault(self.kind, str(self))


class ReadOnlyError(ClusterError):
    """A change was asked for, and kafkatui was started with ``--read-only``."""


class LocalClusterError(KafkaTuiError):
    """The local cluster cannot start, or ended; the text says why, and what the user can do."""


class DeckError(KafkaTuiError):
    """A key of the deck has no effect now; the text says why, and what the user can do first."""


class LabError(KafkaTuiError):
    """A key of a lab has no effect now, or a program of the lab does not answer; the text says why."""

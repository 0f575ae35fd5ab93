"""Every exception kafkatui raises on purpose.

::

    KafkaTuiError                something the person at the keyboard can act on; one line, no secret in it
    ├── UsageError               wrong arguments or settings: exit code 2
    ├── ClusterError             a cluster did not answer, or refused; the next poll may cure it
    │   └── ReadOnlyError        a change was asked for, and kafkatui was started with --read-only
    ├── LocalClusterError        the local cluster cannot start or went away: what, and what to do
    └── DeckError                a key of the deck cannot do that now: why, and what to do first

Anything else that is raised is a bug.
"""

from typing import ClassVar

from kafkatui.domain.cluster.faults import Fault, FaultKind


class KafkaTuiError(Exception):
    """Something the person at the keyboard can act on; its text is one line."""


class UsageError(KafkaTuiError):
    """Wrong arguments or settings; the program ends with exit code 2."""


class ClusterError(KafkaTuiError):
    """A cluster did not answer, or refused; the text says while doing what, and the cause."""

    KIND: ClassVar[FaultKind] = FaultKind.UNKNOWN
    """The kind where none is given."""

    def __init__(self, text: str, kind: FaultKind | None = None) -> None:
        super().__init__(text)
        self.kind = self.KIND if kind is None else kind

    @property
    def fault(self) -> Fault:
        """The same as a value."""
        return Fault(self.kind, str(self))


class ReadOnlyError(ClusterError):
    """A change was asked for, and kafkatui was started with ``--read-only``."""


class LocalClusterError(KafkaTuiError):
    """The local cluster cannot start or went away; the text says what happened and what to do."""


class DeckError(KafkaTuiError):
    """A key of the deck cannot do that now; the text says why, and what can be done first."""

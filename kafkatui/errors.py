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


class KafkaTuiError(Exception):
    """Something the person at the keyboard can act on; its text is one line."""


class UsageError(KafkaTuiError):
    """Wrong arguments or settings; the program ends with exit code 2."""


class ClusterError(KafkaTuiError):
    """A cluster did not answer, or refused; the text says while doing what, and the cause."""


class ReadOnlyError(ClusterError):
    """A change was asked for, and kafkatui was started with ``--read-only``."""


class LocalClusterError(KafkaTuiError):
    """The local cluster cannot start or went away; the text says what happened and what to do."""


class DeckError(KafkaTuiError):
    """A key of the deck cannot do that now; the text says why, and what can be done first."""

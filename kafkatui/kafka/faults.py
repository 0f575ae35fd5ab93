"""Faults for people: error codes with Kafka's own names, and exceptions as one line of text."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError, SaslAuthenticationFailed
from kio.schema.errors import ErrorCode

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.errors import ClusterError
from kafkatui.kafka.patches import TokenRefusedError

NETWORK_FAULTS = (OSError, EOFError, KafkaError, TimeoutError)
"""The exceptions that asking a broker may raise; any other exception is a bug."""

CERTIFICATE_TIMES = {9: "its certificate is not valid yet", 10: "its certificate has expired"}
"""By OpenSSL's verify code. It may also be the certificate of the authority that signed this one."""

NONE = 0
OFFSET_OUT_OF_RANGE = 1
UNKNOWN_TOPIC_OR_PARTITION = 3
LEADER_NOT_AVAILABLE = 5
NOT_LEADER_OR_FOLLOWER = 6
REQUEST_TIMED_OUT = 7
COORDINATOR_LOAD_IN_PROGRESS = 14
COORDINATOR_NOT_AVAILABLE = 15
NOT_COORDINATOR = 16
UNKNOWN_MEMBER_ID = 25
TOPIC_AUTHORIZATION_FAILED = 29
GROUP_AUTHORIZATION_FAILED = 30
CLUSTER_AUTHORIZATION_FAILED = 31
UNSUPPORTED_VERSION = 35
NOT_CONTROLLER = 41
TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53
DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65
NON_EMPTY_GROUP = 68
GROUP_ID_NOT_FOUND = 69
FENCED_LEADER_EPOCH = 74
UNKNOWN_TOPIC_ID = 100

MOVED = frozenset(
    {
        UNKNOWN_TOPIC_OR_PARTITION,
        LEADER_NOT_AVAILABLE,
        NOT_LEADER_OR_FOLLOWER,
        FENCED_LEADER_EPOCH,
        UNKNOWN_TOPIC_ID,
    }
)
"""Error codes of a partition whose leader may have changed: Metadata is asked again."""
NO_COORDINATOR = frozenset({COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR})
"""Error codes of a group whose coordinator may have changed: it is looked up again."""

_NAMES = {int(code): code.name.upper() for code in ErrorCode}


KINDS = {
    UNKNOWN_TOPIC_OR_PARTITION: FaultKind.GONE,
    LEADER_NOT_AVAILABLE: FaultKind.PASSING,
    NOT_LEADER_OR_FOLLOWER: FaultKind.PASSING,
    REQUEST_TIMED_OUT: FaultKind.TIMED_OUT,
    COORDINATOR_LOAD_IN_PROGRESS: FaultKind.PASSING,
    COORDINATOR_NOT_AVAILABLE: FaultKind.PASSING,
    NOT_COORDINATOR: FaultKind.PASSING,
    UNKNOWN_MEMBER_ID: FaultKind.GONE,
    TOPIC_AUTHORIZATION_FAILED: FaultKind.DENIED,
    GROUP_AUTHORIZATION_FAILED: FaultKind.DENIED,
    CLUSTER_AUTHORIZATION_FAILED: FaultKind.DENIED,
    UNSUPPORTED_VERSION: FaultKind.UNSUPPORTED,
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED: FaultKind.DENIED,
    DELEGATION_TOKEN_AUTHORIZATION_FAILED: FaultKind.DENIED,
    NON_EMPTY_GROUP: FaultKind.NOT_EMPTY,
    GROUP_ID_NOT_FOUND: FaultKind.GONE,
    FENCED_LEADER_EPOCH: FaultKind.PASSING,
    UNKNOWN_TOPIC_ID: FaultKind.GONE,
}
"""The kind of fault by error code; every other code is `FaultKind.UNKNOWN`."""

MEANINGS = {
    COORDINATOR_LOAD_IN_PROGRESS: "its coordinator is still loading",
    COORDINATOR_NOT_AVAILABLE: "its coordinator is not there yet",
    NOT_COORDINATOR: "its coordinator is moving",
}
"""The text of a group's fault by error code, instead of Kafka's name of the code."""


class UnsupportedError(ClusterError):
    """The broker is too old for the request."""

    KIND = FaultKind.UNSUPPORTED


def error_name(code: int) -> str | None:
    """Kafka's name of an error code, ``error 999`` for a code this program does not know; ``None`` for 0."""
    return None if code == NONE else _NAMES.get(code, f"error {code}")


def fault_of(code: int, message: str | None = None) -> Fault:
    """The fault of an error code other than 0. `message`: the text the broker sent with the code."""
    text = MEANINGS.get(code) or error_name(code) or "no error"
    if message and code not in MEANINGS:
        text = f"{text}: {' '.join(message.split())}"
    return Fault(KINDS.get(code, FaultKind.UNKNOWN), text)


def kind_of(error: BaseException) -> FaultKind:
    """The kind of fault of an exception that asking a broker raised: one of `NETWORK_FAULTS`, or
    `ClusterError`."""
    match error:
        case ClusterError():
            return error.kind
        case TimeoutError() | asyncio.TimeoutError():
            return FaultKind.TIMED_OUT
    return FaultKind.UNREACHABLE


def error_text(error: BaseException) -> str:
    """Why a broker could not be asked, in a few words; `error` as in `kind_of`."""
    match error:
        case ClusterError():
            return str(error)
        case ConnectionRefusedError():
            return "refused: nothing listens there"
        case TimeoutError() | asyncio.TimeoutError():
            return "no answer in time"
        case socket.gaierror():
            return "the name does not resolve"
        case ssl.SSLCertVerificationError() if error.verify_code in CERTIFICATE_TIMES:
            return CERTIFICATE_TIMES[error.verify_code]
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message.rstrip('.')}"
        case ssl.SSLError():
            return f"TLS failed: {(getattr(error, 'reason', None) or 'closed').replace('_', ' ').lower()}"
        case TokenRefusedError():
            return str(error.args[0])
        case SaslAuthenticationFailed():
            return "login refused"
        case KafkaError() if error.__cause__ is not None and not isinstance(error.__cause__, KafkaError):
            return error_text(error.__cause__)
        case EOFError() | ConnectionResetError() | BrokenPipeError():
            return "closed the connection"
        case OSError() if "Multiple exceptions" in str(error):
            return "refused: nothing listens there" if "Errno 111" in str(error) else "cannot be reached"
        case OSError():
            return (error.strerror or str(error) or "cannot be reached").lower()
        case KafkaError():
            named = error.args[0] if error.args and isinstance(error.args[0], str) else None
            return named or type(error).__name__  # aiokafka sometimes passes its connection instead of a text
    return str(error) or type(error).__name__


@contextmanager
def error_prefix(action: str) -> Iterator[None]:
    """Put `action` before the text of every `ClusterError` of the block: ``reading the topics: broker 1
    …``."""
    try:
        yield
    except UnsupportedError as error:
        raise UnsupportedError(f"{action}: {error}") from error
    except ClusterError as error:
        raise ClusterError(f"{action}: {error}", error.kind) from error

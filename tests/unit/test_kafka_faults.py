"""The texts and kinds of faults."""

import socket
import ssl

import pytest
from aiokafka.errors import IllegalSaslStateError, KafkaConnectionError, SaslAuthenticationFailed
from kio.schema.errors import ErrorCode

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.errors import ClusterError
from kafkatui.kafka.bounds import NonsenseError
from kafkatui.kafka.faults import UnsupportedError, error_name, error_prefix, error_text, fault_of, kind_of
from kafkatui.kafka.requests import Api, choose_version


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0, None),
        (3, "UNKNOWN_TOPIC_OR_PARTITION"),
        (30, "GROUP_AUTHORIZATION_FAILED"),
        (-1, "UNKNOWN_SERVER_ERROR"),
        (999, "error 999"),
    ],
)
def test_codes(code: int, name: str | None) -> None:
    assert error_name(code) == name


def test_the_brokers_own_message_becomes_one_line() -> None:
    assert fault_of(69, "no\nsuch  group") == Fault(FaultKind.GONE, "GROUP_ID_NOT_FOUND: no such group")


def test_every_refusal_for_want_of_a_right_is_of_that_kind() -> None:
    refused = {code.value for code in ErrorCode if code.name.upper().endswith("AUTHORIZATION_FAILED")}
    assert {code for code in range(200) if fault_of(code or 1).kind is FaultKind.DENIED} == refused


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        (7, FaultKind.TIMED_OUT, "REQUEST_TIMED_OUT"),
        (14, FaultKind.PASSING, "its coordinator is still loading"),
        (15, FaultKind.PASSING, "its coordinator is not there yet"),
        (16, FaultKind.PASSING, "its coordinator is moving"),
        (5, FaultKind.PASSING, "LEADER_NOT_AVAILABLE"),
        (35, FaultKind.UNSUPPORTED, "UNSUPPORTED_VERSION"),
        (68, FaultKind.NOT_EMPTY, "NON_EMPTY_GROUP"),
        (999, FaultKind.UNKNOWN, "error 999"),
    ],
)
def test_the_kind_of_an_error_code(code: int, kind: FaultKind, text: str) -> None:
    assert fault_of(code) == Fault(kind, text)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), FaultKind.TIMED_OUT),
        (ConnectionRefusedError(111, "x"), FaultKind.UNREACHABLE),
        (KafkaConnectionError("x"), FaultKind.UNREACHABLE),
        (SaslAuthenticationFailed("x"), FaultKind.UNREACHABLE),
        (ClusterError("x", FaultKind.DENIED), FaultKind.DENIED),
        (NonsenseError("x"), FaultKind.NONSENSE),
        (UnsupportedError("x"), FaultKind.UNSUPPORTED),
    ],
)
def test_the_kind_of_an_exception(error: Exception, kind: FaultKind) -> None:
    assert kind_of(error) is kind


def chained(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "x"), "refused: nothing listens there"),
        (TimeoutError(), "no answer in time"),
        (socket.gaierror(-2, "x"), "the name does not resolve"),
        (ConnectionResetError(104, "x"), "closed the connection"),
        (EOFError(), "closed the connection"),
        (OSError(113, "No route to host"), "no route to host"),
        (SaslAuthenticationFailed("no user bob with password hush"), "login refused"),
        (KafkaConnectionError("Connection at a:1 closed"), "Connection at a:1 closed"),
        (chained(KafkaConnectionError("x"), EOFError()), "closed the connection"),
        (chained(KafkaConnectionError("x"), ssl.SSLError(1, "bad")), "TLS failed: closed"),
        (IllegalSaslStateError(), "IllegalSaslStateError"),
        (ClusterError("said before"), "said before"),
    ],
)
def test_exceptions(error: Exception, said: str) -> None:
    assert error_text(error) == said


def test_the_action_comes_before_the_error() -> None:
    with pytest.raises(ClusterError, match=r"^reading x: refused$"), error_prefix("reading x"):
        raise ClusterError("refused")
    with pytest.raises(UnsupportedError, match=r"^reading x: too old$"), error_prefix("reading x"):
        raise UnsupportedError("too old")
    with pytest.raises(ClusterError) as raised, error_prefix("reading x"):
        raise ClusterError("refused", FaultKind.DENIED)
    assert raised.value.fault == Fault(FaultKind.DENIED, "reading x: refused")


def test_the_newest_version_that_both_sides_support() -> None:
    assert choose_version(Api.METADATA, {3: (0, 12)}) == 12
    assert choose_version(Api.METADATA, {3: (0, 999)}) == 13
    assert choose_version(Api.OFFSET_FETCH, {9: (1, 10)}) == 9
    with pytest.raises(UnsupportedError, match="does not speak ConsumerGroupDescribe"):
        choose_version(Api.CONSUMER_GROUP_DESCRIBE, {3: (0, 12)})
    with pytest.raises(UnsupportedError, match="speaks FindCoordinator 0 to 3 only"):
        choose_version(Api.FIND_COORDINATOR, {10: (0, 3)}, lowest=4)

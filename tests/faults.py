"""Faults as tests make them."""

from kio.schema.errors import ErrorCode

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.kafka.faults import fault_of


def fault(text: str, kind: FaultKind = FaultKind.UNKNOWN) -> Fault:
    """A fault with that text."""
    return Fault(kind, text)


def coded(name: str) -> Fault:
    """The fault of an error code, by Kafka's name of it: ``GROUP_AUTHORIZATION_FAILED``."""
    return fault_of(ErrorCode[name.lower()].value)

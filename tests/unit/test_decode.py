"""What members of classic groups send each other; much of it garbage."""

import struct

import pytest

from kafkatui.domain.partitions import TopicPartition
from kafkatui.kafka.decode import decode_assignment, decode_subscription


def string(text: str) -> bytes:
    return struct.pack(">h", len(text.encode())) + text.encode()


SUBSCRIPTION = struct.pack(">hi", 0, 2) + string("orders") + string("clicks") + struct.pack(">i", -1)
ASSIGNMENT = (
    struct.pack(">hi", 0, 2)
    + string("b")
    + struct.pack(">iii", 2, 1, 0)
    + string("a")
    + struct.pack(">ii", 1, 7)
    + struct.pack(">i", -1)
)


@pytest.mark.parametrize("more", [b"", struct.pack(">i", 0), b"\xff" * 9])
def test_what_later_versions_add_is_left(more: bytes) -> None:
    assert decode_subscription(struct.pack(">h", 3) + SUBSCRIPTION[2:] + more) == ("clicks", "orders")
    owned = (TopicPartition("a", 7), TopicPartition("b", 0), TopicPartition("b", 1))
    assert decode_assignment(struct.pack(">h", 1) + ASSIGNMENT[2:] + more) == owned


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"\0\0",
        struct.pack(">hi", 0, 2**31 - 1),
        struct.pack(">hi", 0, -1),
        struct.pack(">hih", 0, 1, -1),
        struct.pack(">hih", 0, 1, 500),
        struct.pack(">hih", 0, 1, 2) + b"\xff\xfe",
        struct.pack(">hi", -1, 0),
        b"{json}",
    ],
)
def test_garbage_is_none(data: bytes) -> None:
    assert decode_subscription(data) is None
    assert decode_assignment(data) is None


def test_nothing_owned_is_not_unknown() -> None:
    assert decode_assignment(struct.pack(">hi", 0, 0)) == ()


@pytest.mark.parametrize("cut", range(len(ASSIGNMENT) - 4))
def test_an_assignment_cut_off_anywhere_is_none(cut: int) -> None:
    assert decode_assignment(ASSIGNMENT[:cut]) is None

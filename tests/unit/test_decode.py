"""Decoding the bytes that members of classic groups exchange, and the records of coordinators; also
garbage."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkatui.domain.cluster.groups import Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.generations import Commit, Generation
from kafkatui.kafka.decode import (
    commit_keys,
    decode_assignment,
    decode_commit,
    decode_generation,
    decode_subscription,
)


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
def test_fields_of_later_versions_are_ignored(more: bytes) -> None:
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


def test_an_empty_assignment_is_not_an_unknown_one() -> None:
    assert decode_assignment(struct.pack(">hi", 0, 0)) == ()


@pytest.mark.parametrize("cut", range(len(ASSIGNMENT) - 4))
def test_an_assignment_cut_off_anywhere_is_none(cut: int) -> None:
    assert decode_assignment(ASSIGNMENT[:cut]) is None


KEY = b"\0\2" + string("billing")

VALUES = [
    (
        "00000008636f6e73756d657200000007000572616e6765000463312d6100000002000463322d620002633200"
        "092f31302e302e302e38000017700000001200000000000100066f7264657273000000000000000a00000000"
        "000000000000000463312d610002633100092f31302e302e302e37000017700000001200000000000100066f"
        "7264657273000000000000001e00000000000100066f726465727300000002000000000000000200000000"
    ),
    (
        "00010008636f6e73756d657200000007000572616e6765000463312d6100000002000463322d620002633200"
        "092f31302e302e302e3800000fa0000017700000001200000000000100066f7264657273000000000000000a"
        "00000000000000000000000463312d610002633100092f31302e302e302e3700000fa0000017700000001200"
        "000000000100066f7264657273000000000000001e00000000000100066f7264657273000000020000000000"
        "00000200000000"
    ),
    (
        "00020008636f6e73756d657200000007000572616e6765000463312d61000001a2067bdb9e00000002000463"
        "322d620002633200092f31302e302e302e3800000fa0000017700000001200000000000100066f7264657273"
        "000000000000000a00000000000000000000000463312d610002633100092f31302e302e302e3700000fa000"
        "0017700000001200000000000100066f7264657273000000000000001e00000000000100066f726465727300"
        "000002000000000000000200000000"
    ),
    (
        "00030008636f6e73756d657200000007000572616e6765000463312d61000001a2067bdb9e00000002000463"
        "322d620006736561742d320002633200092f31302e302e302e3800000fa00000177000000012000000000001"
        "00066f7264657273000000000000000a00000000000000000000000463312d61ffff0002633100092f31302e"
        "302e302e3700000fa0000017700000001200000000000100066f7264657273000000000000001e0000000000"
        "0100066f726465727300000002000000000000000200000000"
    ),
    (
        "000409636f6e73756d6572000000070672616e67650563312d61000001a2067bdb9e030563322d6207736561"
        "742d320363320a2f31302e302e302e3800000fa0000017701300000000000100066f7264657273000000000b"
        "00000000000000000000000563312d61000363310a2f31302e302e302e3700000fa000001770130000000000"
        "0100066f7264657273000000001f00000000000100066f726465727300000002000000000000000200000000"
        "0000"
    ),
]
"""GroupMetadataValue 0 to 4, as Kafka 4.1.1 itself writes them (``MessageUtil.toVersionPrefixedBytes``)."""

EMPTY = [
    "0000000000000008ffffffff00000000",
    "0001000000000008ffffffff00000000",
    "0002000000000008ffffffff000000000000000500000000",
    "0003000000000008ffffffff000000000000000500000000",
    "00040100000008000000000000000000050100",
]
"""The same for a group without members."""


@pytest.mark.parametrize("version", range(5))
def test_a_generation(version: int) -> None:
    found = decode_generation(KEY, bytes.fromhex(VALUES[version]), 12.5)
    assert found == Generation(
        "billing",
        7,
        "range",
        (
            Member(
                "c1-a",
                "c1",
                "10.0.0.7",
                None,
                (TopicPartition("orders", 0), TopicPartition("orders", 2)),
                ("orders",),
            ),
            Member("c2-b", "c2", "10.0.0.8", "seat-2" if version >= 3 else None, (), ("orders",)),
        ),
        12.5,
    )


@pytest.mark.parametrize("version", range(5))
def test_an_empty_group(version: int) -> None:
    assert decode_generation(KEY, bytes.fromhex(EMPTY[version]), 1.0) == Generation(
        "billing", 8, None, (), 1.0
    )


def test_the_record_of_a_deleted_group() -> None:
    assert decode_generation(KEY, None, 1.0) == Generation("billing", 0, None, (), 1.0)


def test_as_a_broker_wrote_it() -> None:
    """Bytes from Kafka 4.1.1: one member with aiokafka, and a static one."""
    value = bytes.fromhex(
        "00030008636f6e73756d657200000002000a726f756e64726f62696e002763312d33396433613837352d303064332d34"
        "6164322d616631612d626166353034373336333439000001a2067bdb9500000002002763312d33396433613837352d30"
        "3064332d346164322d616631612d626166353034373336333439ffff00026331000a2f3132372e302e302e3100002710"
        "000027100000001200000000000100066f7264657273000000000000001e00000000000100066f726465727300000002"
        "000000000000000200000000002b736561742d322d36336634616232662d316661662d346133662d393064392d313730"
        "3962383561633139360006736561742d3200026332000a2f3132372e302e302e31000027100000271000000012000000"
        "00000100066f7264657273000000000000001a00000000000100066f7264657273000000010000000100000000"
    )
    found = decode_generation(bytes.fromhex("0002000762696c6c696e67"), value, 0.0)
    assert found is not None
    assert (found.group_id, found.number, found.assignor) == ("billing", 2, "roundrobin")
    assert [(m.member_id, m.client_id, m.host, m.group_instance_id) for m in found.members] == [
        ("c1-39d3a875-00d3-4ad2-af1a-baf504736349", "c1", "127.0.0.1", None),
        ("seat-2-63f4ab2f-1faf-4a3f-90d9-1709b85ac196", "c2", "127.0.0.1", "seat-2"),
    ]
    assert [[part.partition for part in m.assignment] for m in found.members] == [[0, 2], [1]]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (
            "0001000762696c6c696e6700066f726465727300000000",
            "00040000000000000001ffffffff01000001a2067bdfa600",
        ),
        ("000300046e657874", "0000000000010100089bc5ee6fb452a1ae"),
        ("000500046e6578740016464e6d3070362f4f5431617431575730454a7a677441", None),
        ("", "00"),
        ("00", "00"),
        ("0002", VALUES[3]),
        ("0002000762", VALUES[3]),
        ("00020001ff", VALUES[3]),
        ("000200016d", ""),
        ("000200016d", "0005" + VALUES[4][4:]),
        ("000200016d", "ffff" + VALUES[3][4:]),
    ],
)
def test_records_about_something_else_and_garbage(key: str, value: str | None) -> None:
    assert decode_generation(bytes.fromhex(key), None if value is None else bytes.fromhex(value), 0.0) is None


@pytest.mark.parametrize("version", range(5))
def test_a_generation_cut_off_anywhere_is_none(version: int) -> None:
    whole = bytes.fromhex(VALUES[version])
    if version == 4:
        whole = whole[:-1]  # the tagged fields of the value itself are not looked at
    for cut in range(len(whole)):
        assert decode_generation(KEY, whole[:cut], 0.0) is None


def test_tagged_fields_are_skipped() -> None:
    """A member of version 4 with two tagged fields that this program does not know."""
    whole = bytes.fromhex(VALUES[4])
    extended = whole[:-2] + b"\2" + b"\0\3abc" + b"\x81\1\0" + whole[-1:]
    assert decode_generation(KEY, extended, 0.0) == decode_generation(KEY, whole, 0.0)


@given(key=st.binary(max_size=40), value=st.none() | st.binary(max_size=300))
def test_no_record_raises(key: bytes, value: bytes | None) -> None:
    decode_generation(b"\0\2" + key, value, 0.0)
    decode_generation(KEY, value, 0.0)


@given(st.integers(0, 4), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4))
def test_a_generation_that_was_damaged(version: int, damage: list[tuple[int, int]]) -> None:
    value = bytearray(bytes.fromhex(VALUES[version]))
    for place, byte in damage:
        value[place % len(value)] = byte
    found = decode_generation(KEY, bytes(value), 0.0)
    assert found is None or found.group_id == "billing"


def test_a_commit() -> None:
    """As Kafka 4.1.1 wrote it: the newest key and value."""
    key = bytes.fromhex("0001000762696c6c696e6700066f726465727300000002")
    value = bytes.fromhex("00040000000000000001ffffffff01000001a2067bdfa600")
    assert decode_commit(key, value, 12.5) == Commit(TopicPartition("orders", 2), 1, 12.5)
    assert key.startswith(commit_keys("billing"))
    assert not key.startswith(commit_keys("bill"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("0001000762696c6c696e6700066f726465727300000000", None),
        ("0001000762696c6c696e6700066f7264657273ffffffff", "00040000000000000001"),
        ("0001000762696c6c696e6700066f726465727300000000", "0004ffffffffffffffff"),
        ("0001000762696c6c696e6700066f726465727300000000", "00040000"),
        ("0001000762696c6c696e67", "00040000000000000001"),
        ("00010001ff000166000000000", "00040000000000000001"),
        ("0002000762696c6c696e67", VALUES[3]),
    ],
)
def test_records_that_are_no_commits(key: str, value: str | None) -> None:
    data = bytes.fromhex(key[: len(key) // 2 * 2])
    assert decode_commit(data, None if value is None else bytes.fromhex(value), 0.0) is None

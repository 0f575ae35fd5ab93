"""Decoding the subscriptions and assignments that members of classic groups exchange
(``ConsumerProtocol*.json``), and the records that coordinators write to ``__consumer_offsets``
(``GroupMetadata*.json``).

Subscriptions and assignments are read only as far as all their versions are alike: later versions add fields
at the end. Clients may send any bytes here, so bytes that make no sense give ``None``, never an exception.
"""

import struct
import sys
from itertools import repeat

from kafkatui.domain.cluster.groups import Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.generations import Commit, Generation
from kafkatui.kafka.bounds import MOST_PARTITIONS

GROUP_METADATA = b"\0\2"
"""The version at the beginning of the key of a record about a classic group."""
COMMITS = (b"\0\0", b"\0\1")
"""The versions at the beginning of the key of a commit, in groups of both protocols."""
CONSUMER_GROUP_METADATA = b"\0\3"
"""The version at the beginning of the key of a record about a KIP-848 group; the group id follows, as in keys
of classic groups."""

NEWEST_VALUE = 4
"""The newest version of GroupMetadataValue that is decoded; later ones may be wholly different (KIP-915)."""
FLEXIBLE_VALUE = 4
"""The first version of GroupMetadataValue whose sizes are varints."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self.flexible = False
        """Whether sizes are varints and structs end with tagged fields (KIP-482)."""

    def number(self, form: str) -> int:
        value: int = struct.unpack_from(form, self._data, self._position)[0]
        self._position += struct.calcsize(form)
        return value

    def count(self) -> int:
        """The length of an array. Every item takes at least two bytes, so a length that does not fit is
        refused."""
        value = self._size(">i")
        if not 0 <= 2 * value <= min(len(self._data) - self._position, 2 * MOST_PARTITIONS):
            raise ValueError("no array")
        return value

    def numbers(self) -> tuple[int, ...]:
        """An array of partition numbers, each an int32."""
        count = self.count()
        if 4 * count > len(self._data) - self._position:
            raise ValueError("no array")
        values: tuple[int, ...] = struct.unpack_from(f">{count}i", self._data, self._position)
        if values and not 0 <= min(values) <= max(values) < MOST_PARTITIONS:
            raise ValueError("no partitions")
        self._position += 4 * count
        return values

    def text(self) -> str:
        return self._take(self._size(">h")).decode()

    def text_or_none(self) -> str | None:
        size = self._size(">h")
        return None if size == -1 else self._take(size).decode()

    def blob(self) -> bytes:
        return self._take(self._size(">i"))

    def end_struct(self) -> None:
        """Skip the tagged fields at the end of a struct."""
        if self.flexible:
            for _ in range(self._varint()):
                self._varint()
                self._take(self._varint())

    def _size(self, form: str) -> int:
        return self._varint() - 1 if self.flexible else self.number(form)

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 35, 7):
            byte = self.number("B")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise ValueError("no varint")

    def _take(self, size: int) -> bytes:
        end = self._position + size
        if size < 0 or end > len(self._data):
            raise ValueError("cut off")
        data = self._data[self._position : end]
        self._position = end
        return data


def decode_subscription(data: bytes) -> tuple[str, ...] | None:
    """The topics a member subscribed to, sorted; ``None``: `data` is empty or makes no sense."""
    try:
        reader = _Reader(data)
        if reader.number(">h") < 0:
            return None
        return tuple(sorted({sys.intern(reader.text()) for _ in range(reader.count())}))
    except (struct.error, ValueError):
        return None


def decode_assignment(data: bytes) -> tuple[TopicPartition, ...] | None:
    """The partitions a member owns, sorted; ``None``: `data` is empty or makes no sense."""
    try:
        reader = _Reader(data)
        if reader.number(">h") < 0:
            return None
        owned: dict[TopicPartition, None] = {}  # keeps their order, which mostly is sorted; a set does not
        for _ in range(reader.count()):
            topic = sys.intern(reader.text())
            owned.update(dict.fromkeys(map(TopicPartition, repeat(topic), reader.numbers())))
            if len(owned) > MOST_PARTITIONS:
                return None
        return tuple(sorted(owned))
    except (struct.error, ValueError):
        return None


def commit_keys(group_id: str) -> tuple[bytes, ...]:
    """The bytes with which the keys of a group's commits begin, one for each version. Source: OffsetCommitKey
    0 and 1."""
    name = group_id.encode("utf-8", "surrogatepass")
    return tuple(version + struct.pack(">h", len(name)) + name for version in COMMITS)


def decode_commit(key: bytes, value: bytes | None, at: float) -> Commit | None:
    """The commit in a record of ``__consumer_offsets`` that was written `at` (monotonic seconds).

    ``None``: the record is no commit, deletes one, or makes no sense. Source: OffsetCommitKey,
    OffsetCommitValue: the offset is its first field in every version.
    """
    if value is None or not key.startswith(COMMITS):
        return None
    try:
        reader = _Reader(key[2:])
        reader.text()
        topic, number = reader.text(), reader.number(">i")
        offset = _Reader(value[2:]).number(">q")
    except (struct.error, ValueError):
        return None
    return Commit(TopicPartition(topic, number), offset, at) if number >= 0 <= offset else None


def decode_generation(key: bytes, value: bytes | None, at: float) -> Generation | None:
    """The generation of a classic group in a record of ``__consumer_offsets`` that was written `at`
    (monotonic seconds); a record without a value (the group was deleted) gives generation 0 without members.

    ``None``: the record is about something else, or makes no sense. Source: GroupMetadataKey,
    GroupMetadataValue 0 to 4.
    """
    if not key.startswith(GROUP_METADATA):
        return None
    try:
        group_id = _Reader(key[len(GROUP_METADATA) :]).text()
        if value is None:
            return Generation(group_id, 0, None, (), at)
        reader = _Reader(value)
        version = reader.number(">h")
        if not 0 <= version <= NEWEST_VALUE:
            return None
        reader.flexible = version >= FLEXIBLE_VALUE
        reader.text()  # protocol type, mostly "consumer"
        number = reader.number(">i")
        assignor = reader.text_or_none()
        reader.text_or_none()  # leader
        if version >= 2:
            reader.number(">q")  # the time of the last change of state: the record has the same time
        members = sorted(
            (_member(reader, version) for _ in range(reader.count())), key=lambda member: member.member_id
        )
        return Generation(group_id, number, assignor if members else None, tuple(members), at)
    except (struct.error, ValueError):
        return None


def decode_epoch(key: bytes, value: bytes | None) -> tuple[str, int] | None:
    """The id and the epoch of a KIP-848 group in a record of ``__consumer_offsets``; ``None``: the record is
    about something else, deletes the group, or makes no sense. Source: ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue.
    """
    if value is None or not key.startswith(CONSUMER_GROUP_METADATA):
        return None
    try:
        name = _Reader(key[len(CONSUMER_GROUP_METADATA) :]).text()
        reader = _Reader(value)
        if reader.number(">h") != 0:
            return None
        epoch = reader.number(">i")
        return (name, epoch) if epoch >= 0 else None
    except (struct.error, ValueError):
        return None


def _member(reader: _Reader, version: int) -> Member:
    member_id = reader.text()
    instance_id = reader.text_or_none() if version >= 3 else None
    client_id, host = reader.text(), reader.text()
    if version >= 1:
        reader.number(">i")  # rebalance timeout
    reader.number(">i")  # session timeout
    subscription, assignment = reader.blob(), reader.blob()
    reader.end_struct()
    return Member(
        member_id,
        client_id,
        host.removeprefix("/"),
        instance_id,
        decode_assignment(assignment) or (),
        decode_subscription(subscription),
    )

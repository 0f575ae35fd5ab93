"""Limits for answers: the bytes of every answer are walked over and checked here before they are decoded.

A length in an answer is a claim of the server and may be wrong. kio allocates as many items as the answer
announces, and returns ``None`` for an array that must not be null; aiokafka reads a frame of any size. So the
walk compares every length with the bytes there are, refuses a null that Kafka's schema forbids, and adds up
the memory that the decoded answer will take.
"""

import struct
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from kafkatui.config import Address, host_fault
from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.errors import ClusterError

MOST_BEFORE_LOGIN = 256 * 1024
"""Bytes of one answer while a connection is made and logged in; a Kerberos token may have 64 kB."""
MOST_ANSWERED = 16 * 1024 * 1024
"""Bytes of one answer. Metadata of 100,000 partitions with three replicas has 5 MiB."""
MOST_FETCHED = 32 * 1024 * 1024
"""Bytes of one answer to Fetch: it holds at least one whole batch, even if fewer bytes were asked for."""
SMALL = 64 * 1024
"""Bytes up to which an answer is read without waiting; larger answers wait for room, see `Room`."""
LARGEST_FRAMES = 40 * 1024 * 1024
"""Bytes of all answers larger than `SMALL` that arrive at the same time."""

MOST_DECODED = 80 * 1024 * 1024
"""Bytes of memory one decoded answer may take, by the estimate below."""
VALUE = 64
"""Estimated bytes of a struct, a string or an array, without its content."""
FIELD = 16
"""Estimated bytes of one field of a struct, or of one reference in an array."""
NUMBER = 32
"""Estimated bytes of a number."""

MOST_BROKERS = 1_000
"""Brokers of one cluster; the largest known ones have a few hundred."""
MOST_PARTITIONS = 100_000
"""Partitions of one cluster; also members, and partitions assigned to them, in one answer."""
MOST_GROUPS = 50_000
"""Groups of one cluster."""
LARGEST_OFFSET = 2**63 - 2
MOST_ROUNDS = 250_000
"""How often a broker may make SCRAM hash the password: this takes 0.2 s. Kafka itself allows 16,384."""


class Budget:
    """The memory one answer may still take, and the bytes to cut out of it before kio decodes it."""

    __slots__ = ("cuts", "left")

    def __init__(self) -> None:
        self.left = MOST_DECODED
        """Bytes of memory the rest of the answer may take once it is decoded."""
        self.cuts: list[tuple[int, int, bytes]] = []
        """Pieces of the answer to replace: (start, end, the bytes to put there)."""


Walk = Callable[[bytes, int, Budget], int]
"""Checks one field of an answer: takes the answer, the position of the field and the budget; returns the
position behind the field."""

FIXED = {
    "bool": 1, "int8": 1, "int16": 2, "error_code": 2, "uint16": 2, "int32": 4, "uint32": 4, "float64": 8,
    "timedelta_i32": 4, "int64": 8, "timedelta_i64": 8, "datetime_i64": 8, "uuid": 16,
}  # fmt: skip
"""The size in bytes of those types of kio that have a fixed size."""


class NonsenseError(ClusterError):
    """The server sent an answer that no broker of Kafka sends."""

    KIND = FaultKind.NONSENSE


def address_fault(address: Address) -> str | None:
    """Why no server can be at `address`, be it a setting or an answer; ``None``: connecting may be tried."""
    if not 0 < address.port < 65536:
        return f"port {address.port} is none: ports are 1 to 65535"
    return host_fault(address.host)


def walker(kind: Any) -> Callable[[bytes], tuple[bytes, int]]:
    """Make the function that checks a struct of kio's class `kind` at the beginning of an answer.

    That function returns the answer without the tagged fields kio does not know (newer brokers send some),
    and the position where the struct ends. It raises `NonsenseError` where the struct breaks a limit.
    """
    walk = _struct(kind)

    def checked(data: bytes) -> tuple[bytes, int]:
        budget = Budget()
        try:
            end = walk(data, 0, budget)
        except (IndexError, struct.error):
            raise NonsenseError("it is cut off") from None
        if end > len(data):
            raise NonsenseError("it is cut off")
        return (_without(data, budget.cuts) if budget.cuts else data), end

    return checked


def _without(data: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for start, end, instead in cuts:
        pieces += (data[position:start], instead)
        position = end
    return b"".join((*pieces, data[position:]))


def _struct(kind: Any) -> Walk:
    flexible = bool(kind.__flexible__)
    steps: list[Walk] = []
    tagged: dict[int, Walk] = {}
    fixed = numbers = 0
    for field in fields(kind):
        tag = field.metadata.get("tag")
        size = (
            FIXED.get(field.metadata.get("kafka_type", "")) if get_origin(_bare(field.type)) is None else None
        )
        if size is not None and tag is None:
            fixed, numbers = fixed + size, numbers + 1
            continue
        if tag is None and fixed:
            steps.append(_skip(fixed))
            fixed = 0
        step = _field(field, flexible)
        if tag is None:
            steps.append(step)
        else:
            tagged[tag] = step
    if fixed:
        steps.append(_skip(fixed))
    if flexible:
        steps.append(_tags(tagged))
    cost = VALUE + FIELD * len(fields(kind)) + NUMBER * numbers

    def walk(data: bytes, position: int, budget: Budget) -> int:
        budget.left -= cost
        for step in steps:
            position = step(data, position, budget)
        return position

    return walk


def _bare(kind: Any) -> Any:
    """`kind` without ``| None``."""
    if get_origin(kind) in (UnionType, Union):
        return next(inner for inner in get_args(kind) if inner is not NoneType)
    return kind


def _field(field: "Field[Any]", flexible: bool) -> Walk:
    kind, kafka_type = _bare(field.type), field.metadata.get("kafka_type", "")
    nullable = kind is not field.type
    if get_origin(kind) is tuple:
        inner = _bare(get_args(kind)[0])
        if is_dataclass(inner):
            return _array(field.name, flexible, nullable, _struct(inner), None)
        size = FIXED.get(kafka_type)
        item = None if size is not None else _text("", kafka_type, flexible, nullable=False)
        return _array(field.name, flexible, nullable, item, size)
    if is_dataclass(kind):
        return _optional(_struct(kind)) if nullable else _struct(kind)
    size = FIXED.get(kafka_type)
    return _skip(size) if size is not None else _text(field.name, kafka_type, flexible, nullable=nullable)


def _skip(size: int) -> Walk:
    return lambda data, position, budget: position + size


def _optional(walk: Walk) -> Walk:
    def step(data: bytes, position: int, budget: Budget) -> int:
        return walk(data, position + 1, budget) if data[position] == 1 else position + 1

    return step


def _array(name: str, flexible: bool, nullable: bool, item: Walk | None, size: int | None) -> Walk:
    least = size or 1

    def step(data: bytes, position: int, budget: Budget) -> int:
        if flexible:
            count, position = _varint(data, position)
            count -= 1
        else:
            count, position = int.from_bytes(data[position : position + 4], "big", signed=True), position + 4
        if count < 0:
            if nullable and count == -1:
                return position
            raise NonsenseError(f"its {name} are missing")
        if count * least > len(data) - position:
            raise NonsenseError(f"it announces {count:,} {name}, and is too short for them")
        budget.left -= VALUE + count * (FIELD if item is not None else FIELD + NUMBER)
        if item is not None:
            for _ in range(count):
                position = item(data, position, budget)
                if budget.left < 0:
                    break
        else:
            position += count * least
        if budget.left < 0:
            raise NonsenseError(f"it holds more than the {MOST_DECODED >> 20} MiB kafkatui takes")
        return position

    return step


def _text(name: str, kafka_type: str, flexible: bool, *, nullable: bool) -> Walk:
    width = 2 if kafka_type == "string" else 4

    def step(data: bytes, position: int, budget: Budget) -> int:
        if flexible:
            size, position = _varint(data, position)
            size -= 1
        else:
            size = int.from_bytes(data[position : position + width], "big", signed=True)
            position += width
        if size < 0:
            if nullable and size == -1:
                return position
            raise NonsenseError(f"its {name} is missing")
        position += size
        if position > len(data):
            raise NonsenseError("it is cut off")
        budget.left -= VALUE + size if size else 0
        return position

    return step


def _tags(known: dict[int, Walk]) -> Walk:
    """The check of the tagged fields at the end of a struct (KIP-482); `known`: the check of each by its
    tag."""

    def step(data: bytes, position: int, budget: Budget) -> int:
        start, count = position, data[position]
        if not count:
            return position + 1
        count, position = _varint(data, position)
        if count > len(data) - position:
            raise NonsenseError("it is cut off")
        kept: dict[int, bytes] = {}
        for _ in range(count):
            begin = position
            tag, position = _varint(data, position)
            size, position = _varint(data, position)
            end = position + size
            if end > len(data):
                raise NonsenseError("it is cut off")
            if tag in kept:
                raise NonsenseError(f"its tagged field {tag} is there twice")
            if tag in known:
                cuts = len(budget.cuts)
                if known[tag](data, position, budget) != end or len(budget.cuts) != cuts:
                    raise NonsenseError(f"its tagged field {tag} has another size than it says")
                kept[tag] = data[begin:end]
            position = end
        if len(kept) < count:
            budget.cuts.append((start, position, bytes([len(kept)]) + b"".join(kept.values())))
        return position

    return step


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """The unsigned varint of at most 32 bits at `position`, and the position behind it."""
    byte = data[position]
    if byte < 0x80:
        return byte, position + 1
    value = byte & 0x7F
    for shift in range(7, 35, 7):
        position += 1
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + 1
    raise NonsenseError("one of its numbers is too long")

"""What of aiokafka and kio is reached into or changed; ``tests/unit/test_contract.py`` holds every such
name."""

import functools
import importlib
import logging
import mmap
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import MappingProxyType, ModuleType
from typing import Any, get_args

import aiokafka.client
import cramjam
from aiokafka.conn import AIOKafkaConnection
from aiokafka.record import default_records, legacy_records

MOST_UNPACKED = 32 * 1024 * 1024
"""Bytes a batch may unpack to."""
_TOO_MUCH = f"it unpacks to more than {MOST_UNPACKED >> 20} MiB"
_XERIAL = b"\x82SNAPPY\0"


class Tally:
    """What asking has cost so far; only ever grows."""

    __slots__ = ("bytes", "requests")

    def __init__(self) -> None:
        self.requests = 0
        """Requests sent, those of connecting and of logging in too."""
        self.bytes = 0
        """Bytes of requests and of answers, before TLS."""


class Connection(AIOKafkaConnection):
    """aiokafka's connection to one broker, that counts what goes over it.

    Its `send()` takes anything with ``prepare(versions)``, ``build_request_header(…)``, ``encode()``,
    ``parse_response_header(…)`` and ``RESPONSE_TYPE``; `kafkatui.kafka.requests` makes use of that.
    """

    def __init__(self, host: str, port: int, *, tally: Tally, **settings: Any) -> None:
        AIOKafkaConnection.__init__(self, host, port, **settings)
        self._tally = tally

    @property
    def versions(self) -> dict[int, tuple[int, int]]:
        """Versions the broker speaks, by API key: (oldest, newest)."""
        return dict(self._versions)

    def send(self, request: Any, expect_response: bool = True) -> Any:
        self._tally.requests += 1
        return AIOKafkaConnection.send(self, request, expect_response)

    def connected(self) -> bool:
        return bool(AIOKafkaConnection.connected(self))

    def close(self, reason: Any = None, exc: BaseException | None = None) -> Any:
        return AIOKafkaConnection.close(self, reason, exc)

    async def connect(self) -> Any:
        return await AIOKafkaConnection.connect(self)

    def _handle_frame(self, resp: bytes) -> None:
        self._tally.bytes += len(resp) + 4
        AIOKafkaConnection._handle_frame(self, resp)


def guard_logs() -> None:
    """Keep aiokafka's DEBUG lines, which carry passwords and records, out of every log, whatever its
    level."""
    for name in ("aiokafka", "aiokafka.conn"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


def forgive_unknown_errors(response: type) -> None:
    """Let kio decode the error codes in `response` as plain numbers.

    By itself it raises for one code it does not know, and the whole answer is lost. To be called before
    `kio.serial.entity_reader(response)`, which is where kio looks at the fields.
    """
    for field in fields(response):
        if field.metadata.get("kafka_type") == "error_code":
            field.metadata = MappingProxyType({**field.metadata, "kafka_type": "int16"})
        for inner in (field.type, *get_args(field.type)):
            if isinstance(inner, type) and is_dataclass(inner):
                forgive_unknown_errors(inner)


def forbid_topic_creation() -> None:
    """Let aiokafka's client ask for metadata without creating the topics it asks about; it has no option for
    it."""
    request = vars(aiokafka.client)["MetadataRequest"]
    if not isinstance(request, functools.partial):
        vars(aiokafka.client)["MetadataRequest"] = functools.partial(request, allow_auto_topic_creation=False)


def bound_unpacking() -> None:
    """Let aiokafka give up a batch that unpacks to more than `MOST_UNPACKED`, or cannot be unpacked:
    `ValueError`.

    By itself it makes a gigabyte of zeros out of 32 kB of zstd, twice over, and passes on whatever the codec
    raises.
    """
    codecs: dict[str, Callable[[Any], bytes]] = {
        "gzip_decode": functools.partial(_unpack_into_room, cramjam.gzip),
        "lz4_decode": functools.partial(_unpack_into_room, cramjam.lz4),
        "zstd_decode": functools.partial(_unpack_into_room, cramjam.zstd),
        "snappy_decode": _unpack_snappy,
    }
    for kind in (default_records.DefaultRecordBatch, legacy_records.LegacyRecordBatch):
        names = vars(importlib.import_module(kind.__module__))
        names.update((name, codec) for name, codec in codecs.items() if name in names)


def _unpack_into_room(codec: ModuleType, data: Any) -> bytes:
    """The room takes memory only where something is written."""
    with mmap.mmap(-1, MOST_UNPACKED) as room:
        try:
            size = codec.decompress_into(data, room)
        except cramjam.DecompressionError as error:
            if "whole buffer" in str(error):
                raise ValueError(_TOO_MUCH) from error
            raise ValueError(f"it cannot be unpacked: {error}") from error
        return room[:size]


def _unpack_snappy(data: Any) -> bytes:
    """Raw snappy, or blocks of it behind a header of the xerial library.

    aiokafka refuses that header where the fields of its version are little-endian, as some clients and
    brokers write them; Java and librdkafka do not look at them.
    """
    packed = bytes(data)
    blocks = _xerial_blocks(packed) if packed.startswith(_XERIAL) else [packed]
    try:
        if sum(map(cramjam.snappy.decompress_raw_len, blocks)) > MOST_UNPACKED:
            raise ValueError(_TOO_MUCH)
        return b"".join([bytes(cramjam.snappy.decompress_raw(block)) for block in blocks])
    except cramjam.DecompressionError as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error


def _xerial_blocks(packed: bytes) -> list[bytes]:
    """Each with its length before it."""
    blocks, position = [], len(_XERIAL) + 8  # its version, and the oldest version that can read it
    while position < len(packed):
        end = position + 4 + int.from_bytes(packed[position : position + 4], "big", signed=True)
        if not position + 4 < end <= len(packed):
            raise ValueError("it cannot be unpacked: a block is cut off")
        blocks.append(packed[position + 4 : end])
        position = end
    return blocks

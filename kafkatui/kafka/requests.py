"""The requests that a `kafkatui.kafka.patches.Connection` sends, encoded and decoded by kio or by hand."""

import io
import struct
from collections.abc import Callable
from dataclasses import fields
from enum import IntEnum
from functools import lru_cache
from typing import Any

from kio.index import load_payload_module, load_response_schema
from kio.schema.index import api_key_map, schema_name_map
from kio.serial import entity_reader, entity_writer
from kio.serial.errors import SerialError
from kio.static.constants import EntityType

from kafkatui.kafka.bounds import MOST_ANSWERED, MOST_FETCHED, NonsenseError, walker
from kafkatui.kafka.faults import UnsupportedError
from kafkatui.kafka.patches import forgive_unknown_errors


class Api(IntEnum):
    """The APIs of Kafka that kafkatui uses, and their keys."""

    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    LEAVE_GROUP = 13
    DESCRIBE_GROUPS = 15
    LIST_GROUPS = 16
    API_VERSIONS = 18
    CREATE_TOPICS = 19
    DELETE_TOPICS = 20
    DELETE_RECORDS = 21
    DESCRIBE_CONFIGS = 32
    DESCRIBE_LOG_DIRS = 35
    CREATE_PARTITIONS = 37
    DELETE_GROUPS = 42
    INCREMENTAL_ALTER_CONFIGS = 44
    LIST_PARTITION_REASSIGNMENTS = 46
    ALTER_USER_SCRAM_CREDENTIALS = 51
    DESCRIBE_QUORUM = 55
    DESCRIBE_CLUSTER = 60
    DESCRIBE_PRODUCERS = 61
    LIST_TRANSACTIONS = 66
    CONSUMER_GROUP_HEARTBEAT = 68
    CONSUMER_GROUP_DESCRIBE = 69
    SHARE_GROUP_DESCRIBE = 77
    STREAMS_GROUP_DESCRIBE = 89
    DESCRIBE_SHARE_GROUP_OFFSETS = 90

    @property
    def label(self) -> str:
        """The name as Kafka writes it: ``ListOffsets``."""
        return self.name.title().replace("_", "")


NEWEST = {
    Api.FETCH: 12,  # from 13 on topics are named by id only
    Api.OFFSET_COMMIT: 9,  # from 10 on topics are named by id only
    Api.OFFSET_FETCH: 9,  # from 10 on topics are named by id only
}
"""The newest version to use of these APIs, although kio has newer ones."""

Build = Callable[[Any, int], Any]
"""Builds the payload; its arguments: kio's module of the chosen version, and that version."""


def make(kind: Any, /, **values: Any) -> Any:
    """An object of kio's class `kind` with those of `values` that the class has: older versions lack some."""
    return kind(**{name: value for name, value in values.items() if name in kind.__dataclass_fields__})


Reader = Callable[[bytes], tuple[Any, int]]
"""Decodes a struct at the beginning of the bytes; returns it and the position where it ends. Raises
`NonsenseError`."""


@lru_cache(maxsize=256)
def _tools(api: int, version: int) -> tuple[Any, Reader, Reader]:
    """kio's module of the request, and the readers of the answer's header and body."""
    response: Any = load_response_schema(api, version)
    forgive_unknown_errors(response)
    module = load_payload_module(api, version, EntityType.request)
    return module, _reader(response.__header_schema__), _reader(response)


def _reader(kind: Any) -> Reader:
    """A reader of kio's class `kind` that checks the limits before it decodes."""
    walk, read = walker(kind), entity_reader(kind)

    def checked(data: bytes) -> tuple[Any, int]:
        known, end = walk(data)
        try:
            return read(known, 0)[0], end
        except (SerialError, ValueError, LookupError) as error:
            raise NonsenseError("it makes no sense") from error

    return checked


@lru_cache(maxsize=256)
def _throttled(api: int, version: int) -> bool:
    """Whether the answer begins with ``throttle_time_ms``."""
    return fields(load_response_schema(api, version))[0].name == "throttle_time"


@lru_cache(maxsize=64)
def _known_versions(api: int) -> tuple[int, ...]:
    versions = schema_name_map[api_key_map[api]]
    return tuple(sorted(version for version, kinds in versions.items() if EntityType.request in kinds))


def load_schemas() -> None:
    """Load kio's module for the newest version of every API in `Api`: at its first use each takes 8 to 20
    ms."""
    for api in Api:
        newest = _known_versions(api)[-1]
        _tools(api, min(newest, NEWEST.get(api, newest)))


def choose_version(api: Api, versions: dict[int, tuple[int, int]], lowest: int = 0) -> int:
    """The newest version of `api` that kio and the broker support, at least `lowest`; `versions`: the
    broker's (oldest, newest) by key. Raises `UnsupportedError`."""
    oldest, newest = versions.get(api, (0, -1))
    fitting = [
        v for v in _known_versions(api) if max(oldest, lowest) <= v <= min(newest, NEWEST.get(api, newest))
    ]
    if not fitting:
        raise UnsupportedError(
            f"does not speak {api.label}" if newest < 0 else f"speaks {api.label} {oldest} to {newest} only"
        )
    return fitting[-1]


class _Header:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def encode(self) -> bytes:
        return self._data


class Request:
    """A request built by kio, for `AIOKafkaConnection.send`, which returns the body of the answer as
    bytes."""

    class RESPONSE_TYPE:  # noqa: N801  (aiokafka's name)
        """Gives the body as bytes: decoding it inside aiokafka's reader could raise and close the
        connection."""

        @staticmethod
        def decode(buffer: io.BytesIO) -> bytes:
            return buffer.getvalue()[buffer.tell() :]

    def __init__(self, api: Api, build: Build, lowest: int = 0) -> None:
        self.api = api
        self.most = MOST_FETCHED if api is Api.FETCH else MOST_ANSWERED
        self._build = build
        self._lowest = lowest

    def prepare(self, versions: dict[int, tuple[int, int]]) -> "Request":
        self.version = choose_version(self.api, versions, self._lowest)
        module, self._read_header, self._read_body = _tools(self.api, self.version)
        self.throttled = _throttled(self.api, self.version)
        self._payload = self._build(module, self.version)
        return self

    def build_request_header(self, correlation_id: int, client_id: str) -> _Header:
        client = client_id.encode()
        header = struct.pack(">hhih", self.api, self.version, correlation_id, len(client)) + client
        return _Header(header + b"\0" if self._payload.__flexible__ else header)

    def encode(self) -> bytes:
        buffer = io.BytesIO()
        entity_writer(type(self._payload))(buffer, self._payload)
        self.body = buffer.getvalue()
        return self.body

    def parse_response_header(self, buffer: io.BytesIO) -> Any:
        header, size = self._read_header(buffer.getvalue())
        buffer.seek(size)
        return header

    def decode(self, data: bytes) -> Any:
        """The decoded answer. Raises `ClusterError` where `data` cannot be decoded."""
        try:
            return self._read_body(data)[0]
        except NonsenseError as error:
            raise NonsenseError(f"its answer to {self.api.label} cannot be read: {error}") from error


class RawRequest:
    """A request that is encoded and decoded by its caller, where kio is too slow: `body` and the answer are
    bytes."""

    RESPONSE_TYPE = Request.RESPONSE_TYPE
    most = MOST_ANSWERED

    class _ResponseHeader:
        def __init__(self, correlation_id: int) -> None:
            self.correlation_id = correlation_id

    def __init__(self, api: Api, version: int, body: bytes) -> None:
        self.api, self.version, self.body = api, version, body
        self.throttled = _throttled(api, version)

    def prepare(self, versions: dict[int, tuple[int, int]]) -> "RawRequest":
        oldest, newest = versions.get(self.api, (0, -1))
        if not oldest <= self.version <= newest:
            raise UnsupportedError(f"does not speak {self.api.label} {self.version}")
        return self

    def build_request_header(self, correlation_id: int, client_id: str) -> _Header:
        client = client_id.encode()
        return _Header(struct.pack(">hhih", self.api, self.version, correlation_id, len(client)) + client)

    def encode(self) -> bytes:
        return self.body

    def parse_response_header(self, buffer: io.BytesIO) -> "RawRequest._ResponseHeader":
        return self._ResponseHeader(struct.unpack(">i", buffer.read(4))[0])

    def decode(self, data: bytes) -> bytes:
        return data

"""A cluster too large for one machine, as canned answers over a socket: it shows what watching it costs.

    python -m bench.canned [--partitions 50000] [--groups 15000] [--growing 25]

Prints its address and answers until it is ended. Three brokers; topics of 100 partitions that no group reads,
and `SMALL` topics of two partitions; every group reads one of these by one member and has committed both
partitions; one group of ten is behind. The first `--growing` small topics grow by 10 offsets a second in each
partition, and their groups follow. Watch it from another terminal:

    python -m bench.rest --size 160x48 --after 90 --keys down,down,s,5,escape -- kafkatui -b 127.0.0.1:PORT
"""

import argparse
import asyncio
import io
import struct
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from kio.index import load_payload_module, load_response_schema
from kio.schema.errors import ErrorCode
from kio.serial import entity_reader, entity_writer
from kio.static.constants import EntityType

from kafkatui.kafka.requests import Api

SPOKEN = {
    Api.API_VERSIONS: (0, 3), Api.METADATA: (12, 12), Api.LIST_OFFSETS: (5, 5), Api.LIST_GROUPS: (5, 5),
    Api.FIND_COORDINATOR: (4, 4), Api.DESCRIBE_GROUPS: (5, 5), Api.OFFSET_FETCH: (8, 8),
    Api.DESCRIBE_CONFIGS: (4, 4), Api.DESCRIBE_CLUSTER: (0, 0), Api.FETCH: (12, 12),
}  # fmt: skip
NODES = (1, 2, 3)
BASE = 1_000_000
"""Where every log ends at first."""
BEHIND = 5_000
SMALL, LARGE = 250, 100
"""How many topics of two partitions there are, and how many partitions the others have."""


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def compact(value: str | None) -> bytes:
    """A string as flexible versions have it."""
    return b"\0" if value is None else varint(len(value.encode()) + 1) + value.encode()


def varint(number: int) -> bytes:
    found = b""
    while number >= 0x80:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])


def items(encoded: Iterable[bytes]) -> bytes:
    """An array as flexible versions have it."""
    listed = list(encoded)
    return varint(len(listed) + 1) + b"".join(listed)


class Canned:
    """Answers each request by its API."""

    def __init__(self, partitions: int, groups: int, growing: int) -> None:
        self.small = [f"small-{number:05}" for number in range(SMALL)]
        large = max(0, partitions - 2 * SMALL) // LARGE
        self.sizes = dict.fromkeys(self.small, 2) | dict.fromkeys(
            [f"large-{number:05}" for number in range(large)], LARGE
        )
        """By topic: how many partitions it has."""
        self.growing = set(self.small[:growing])
        self.groups = [f"group-{number:05}" for number in range(groups)]
        self.began = time.monotonic()
        self.ports: dict[int, int] = {}
        """By node id."""
        self.answers: dict[int, Callable[[int, int, bytes], bytes]] = {
            Api.API_VERSIONS: self._versions,
            Api.METADATA: self._metadata,
            Api.LIST_OFFSETS: self._offsets,
            Api.LIST_GROUPS: self._list,
            Api.FIND_COORDINATOR: self._coordinators,
            Api.DESCRIBE_GROUPS: self._describe,
            Api.OFFSET_FETCH: self._commits,
            Api.DESCRIBE_CONFIGS: self._configs,
            Api.DESCRIBE_CLUSTER: self._cluster,
            Api.FETCH: self._fetch,
        }
        self._kept: dict[bytes, bytes] = {}

    async def serve(self, node: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it is closed."""
        try:
            while True:
                frame = await reader.readexactly(struct.unpack(">i", await reader.readexactly(4))[0])
                api, version, correlation, size = struct.unpack_from(">hhih", frame)
                body = frame[10 + max(size, 0) :]
                flexible = load_response_schema(api, version).__flexible__
                answer = self.answers[api](node, version, body[1:] if flexible else body)
                header = struct.pack(">i", correlation) + (
                    b"\0" if flexible and api != Api.API_VERSIONS else b""
                )
                writer.write(struct.pack(">i", len(header) + len(answer)) + header + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def end(self, topic: str) -> int:
        """Where the partitions of a topic end now."""
        return BASE + (int(time.monotonic() - self.began) * 10 if topic in self.growing else 0)

    def coordinator(self, group: str) -> int:
        """Node id of the coordinator of a group."""
        return NODES[int(group[6:]) % 3]

    def topic_of(self, group: str) -> str:
        """The topic that a group reads."""
        return self.small[int(group[6:]) % SMALL]

    def _versions(self, node: int, version: int, body: bytes) -> bytes:
        module: Any = load_payload_module(Api.API_VERSIONS, version, EntityType.response)
        keys = tuple(
            module.ApiVersion(api_key=int(api), min_version=low, max_version=high)
            for api, (low, high) in SPOKEN.items()
        )
        return encoded(Api.API_VERSIONS, version, error_code=ErrorCode.none, api_keys=keys)

    def _metadata(self, node: int, version: int, body: bytes) -> bytes:
        asked = decoded(Api.METADATA, version, body).topics
        names = self.sizes if asked is None else [one.name for one in asked if one.name in self.sizes]
        key = b"metadata" + body
        if key not in self._kept:
            brokers = items(
                struct.pack(">i", n) + compact("127.0.0.1") + struct.pack(">i", self.ports[n]) + b"\0\0"
                for n in NODES
            )
            topics = items(self._topic(name) for name in names)
            self._kept[key] = (
                struct.pack(">i", 0) + brokers + compact("canned") + struct.pack(">i", 1) + topics + b"\0"
            )
        return self._kept[key]

    def _topic(self, name: str) -> bytes:
        number = int(name[6:])
        partitions = items(
            struct.pack(">hiii", 0, one, NODES[(number + one) % 3], 0)
            + b"\3"
            + struct.pack(">ii", NODES[(number + one) % 3], NODES[(number + one + 1) % 3])
            + b"\3"
            + struct.pack(">ii", NODES[(number + one) % 3], NODES[(number + one + 1) % 3])
            + b"\1\0"
            for one in range(self.sizes[name])
        )
        uuid = name.encode().ljust(16, b"-")
        return (
            struct.pack(">h", 0)
            + compact(name)
            + uuid
            + b"\0"
            + partitions
            + struct.pack(">i", -(2**31))
            + b"\0"
        )

    def _offsets(self, node: int, version: int, body: bytes) -> bytes:
        found, position = [], 9
        (count,) = struct.unpack_from(">i", body, 5)
        for _ in range(count):
            (size,) = struct.unpack_from(">h", body, position)
            name = body[position + 2 : position + 2 + size].decode()
            position += 2 + size
            (number,) = struct.unpack_from(">i", body, position)
            position += 4
            end, rows = self.end(name), []
            for _ in range(number):
                index, _, timestamp = struct.unpack_from(">iiq", body, position)
                position += 16
                rows.append(struct.pack(">ihqqi", index, 0, -1, 0 if timestamp == -2 else end, 0))
            found.append(text(name) + struct.pack(">i", number) + b"".join(rows))
        return struct.pack(">ii", 0, count) + b"".join(found)

    def _list(self, node: int, version: int, body: bytes) -> bytes:
        key = b"list %d" % node
        if key not in self._kept:
            listed = items(
                compact(name) + compact("consumer") + compact("Stable") + compact("classic") + b"\0"
                for name in self.groups
                if self.coordinator(name) == node
            )
            self._kept[key] = struct.pack(">ih", 0, 0) + listed + b"\0"
        return self._kept[key]

    def _coordinators(self, node: int, version: int, body: bytes) -> bytes:
        module: Any = load_payload_module(Api.FIND_COORDINATOR, version, EntityType.response)
        found = tuple(
            module.Coordinator(
                key=key,
                node_id=self.coordinator(key),
                host="127.0.0.1",
                port=self.ports[self.coordinator(key)],
                error_code=ErrorCode.none,
                error_message=None,
            )
            for key in decoded(Api.FIND_COORDINATOR, version, body).coordinator_keys
        )
        return encoded(Api.FIND_COORDINATOR, version, coordinators=found)

    def _describe(self, node: int, version: int, body: bytes) -> bytes:
        if body not in self._kept:
            names = decoded(Api.DESCRIBE_GROUPS, version, body).groups
            self._kept[body] = struct.pack(">i", 0) + items(map(self._group, names)) + b"\0"
        return self._kept[body]

    def _group(self, name: str) -> bytes:
        topic, numbers = self.topic_of(name), (0, 1)
        subscription = struct.pack(">hi", 0, 1) + text(topic) + struct.pack(">i", -1)
        assignment = struct.pack(">hi", 0, 1) + text(topic) + struct.pack(">iiii", 2, *numbers, -1)
        member = (
            compact(f"{name}-1")
            + compact(None)
            + compact("client")
            + compact("/127.0.0.1")
            + varint(len(subscription) + 1)
            + subscription
            + varint(len(assignment) + 1)
            + assignment
            + b"\0"
        )
        return (
            struct.pack(">h", 0)
            + compact(name)
            + compact("Stable")
            + compact("consumer")
            + compact("range")
            + items([member])
            + struct.pack(">i", -(2**31))
            + b"\0"
        )

    def _commits(self, node: int, version: int, body: bytes) -> bytes:
        names = [group.group_id for group in decoded(Api.OFFSET_FETCH, version, body).groups]
        return struct.pack(">i", 0) + items(map(self._committed, names)) + b"\0"

    def _committed(self, name: str) -> bytes:
        topic, numbers = self.topic_of(name), (0, 1)
        offset = self.end(topic) - (BEHIND if int(name[6:]) % 10 == 0 else 0)
        rows = items(
            struct.pack(">iqi", n, offset, -1) + b"\1" + struct.pack(">h", 0) + b"\0" for n in numbers
        )
        return compact(name) + items([compact(topic) + rows + b"\0"]) + struct.pack(">h", 0) + b"\0"

    def _configs(self, node: int, version: int, body: bytes) -> bytes:
        module: Any = load_payload_module(Api.DESCRIBE_CONFIGS, version, EntityType.response)
        results = tuple(
            module.DescribeConfigsResult(
                error_code=ErrorCode.none,
                error_message=None,
                resource_type=2,
                resource_name=one.resource_name,
                configs=(),
            )
            for one in decoded(Api.DESCRIBE_CONFIGS, version, body).resources
        )
        return encoded(Api.DESCRIBE_CONFIGS, version, results=results)

    def _cluster(self, node: int, version: int, body: bytes) -> bytes:
        operations = struct.pack(">i", 1 << 8)
        return (
            struct.pack(">ih", 0, 0)
            + compact(None)
            + compact("canned")
            + struct.pack(">i", 1)
            + items([])
            + operations
            + b"\0"
        )

    def _fetch(self, node: int, version: int, body: bytes) -> bytes:
        return encoded(Api.FETCH, version, error_code=ErrorCode.none, session_id=0, responses=())


def decoded(api: Api, version: int, body: bytes) -> Any:
    module: Any = load_payload_module(api, version, EntityType.request)
    kind = getattr(module, f"{api.label}Request")
    return entity_reader(kind)(body, 0)[0]


def encoded(api: Api, version: int, **values: Any) -> bytes:
    kind: Any = load_response_schema(api, version)
    if "throttle_time" in kind.__dataclass_fields__:
        values["throttle_time"] = timedelta(0)
    buffer = io.BytesIO()
    entity_writer(kind)(buffer, kind(**values))
    return buffer.getvalue()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name, number in (("partitions", 50_000), ("groups", 15_000), ("growing", 25)):
        parser.add_argument(f"--{name}", type=int, default=number)
    canned = Canned(**vars(parser.parse_args()))
    for node in NODES:
        server = await asyncio.start_server(partial(canned.serve, node), "127.0.0.1", 0, limit=1 << 24)
        canned.ports[node] = server.sockets[0].getsockname()[1]
    print(f"127.0.0.1:{canned.ports[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

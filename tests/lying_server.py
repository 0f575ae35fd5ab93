"""A server on a loopback socket that speaks Kafka and lies: for tests of what a hostile server can do.

It answers what the screens ask, in old versions that are easily written by hand, as a broker without topics
and groups would; a lie replaces the answer to one API. ``python -m tests.lying_server LIE`` runs one of
`LIES` for a person to watch, and prints its port.
"""

import asyncio
import contextlib
import ssl
import struct
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka.record.default_records import DefaultRecordBatchBuilder

API_VERSIONS, METADATA, FETCH, LIST_OFFSETS, LIST_GROUPS, HANDSHAKE, AUTHENTICATE = 18, 3, 1, 2, 16, 17, 36
COORDINATOR, DESCRIBE, COMMITS = 10, 15, 9
SPOKEN = {
    API_VERSIONS: (0, 2), METADATA: (4, 8), FETCH: (4, 4), LIST_OFFSETS: (5, 5), LIST_GROUPS: (0, 2),
    HANDSHAKE: (1, 1), AUTHENTICATE: (0, 0), COORDINATOR: (2, 2), DESCRIBE: (2, 2), COMMITS: (3, 3),
}  # fmt: skip

ENDLESS = b"endless"
"""Instead of an answer: a frame of 2 GiB that is written as long as somebody reads."""
SILENCE = b"silence"
"""Instead of an answer: nothing."""
NULL = struct.pack(">i", -1)


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def array(items: Iterable[bytes]) -> bytes:
    listed = list(items)
    return struct.pack(">i", len(listed)) + b"".join(listed)


def broker(node_id: int, host: str, port: int) -> bytes:
    return struct.pack(">i", node_id) + text(host) + struct.pack(">ih", port, -1)


def partition(number: int, leader: int = 0) -> bytes:
    return struct.pack(">hiii", 0, number, leader, 0) + array([struct.pack(">i", leader)]) * 2 + array([])


def topic(name: str, partitions: bytes) -> bytes:
    return struct.pack(">h", 0) + text(name) + b"\0" + partitions + struct.pack(">i", -1)


def metadata(brokers: bytes, topics: bytes, cluster_id: str = "liar") -> bytes:
    return (
        struct.pack(">i", 0)
        + brokers
        + text(cluster_id)
        + struct.pack(">i", 0)
        + topics
        + struct.pack(">i", -1)
    )


Answer = Callable[["LyingServer", bytes], bytes]
"""What is answered, from the server and the request's body."""


@dataclass
class LyingServer:
    """`lies` by API key; what is not in it is answered as a broker without topics and groups would."""

    lies: Mapping[int, Answer] = field(default_factory=dict)
    port: int = 0
    asked: Counter[int] = field(default_factory=Counter)
    """Requests that came, by API."""
    connections: int = 0
    most_connections: int = 0
    written: int = 0
    """Bytes of endless frames."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.most_connections = max(self.most_connections, self.connections)
        with contextlib.suppress(OSError, EOFError):
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                request = await reader.readexactly(size)
                api, version, correlation, client = struct.unpack_from(">hhih", request)
                self.asked[api] += 1
                answer = self._answer(api, version, request[10 + client :])
                if answer == SILENCE:
                    continue
                if answer == ENDLESS:
                    writer.write(struct.pack(">ii", 2**31 - 1, correlation))
                    while True:
                        writer.write(bytes(1 << 16))
                        await writer.drain()
                        self.written += 1 << 16
                writer.write(struct.pack(">ii", len(answer) + 4, correlation) + answer)
                await writer.drain()
        self.connections -= 1
        writer.close()

    def _answer(self, api: int, version: int, body: bytes) -> bytes:
        if api in self.lies:
            return self.lies[api](self, body)
        match api:
            case 18:
                spoken = array(struct.pack(">hhh", key, *versions) for key, versions in SPOKEN.items())
                return struct.pack(">h", 0) + spoken + (struct.pack(">i", 0) if version else b"")
            case 3:
                return metadata(array([self.itself()]), array([]))
            case 16:
                return struct.pack(">ihi", 0, 0, 0)
            case 10:
                return struct.pack(">ihhi", 0, 0, -1, 0) + text("127.0.0.1") + struct.pack(">i", self.port)
        return struct.pack(">ii", 0, 0)

    def itself(self, node_id: int = 0) -> bytes:
        """The entry of a broker at this server's own address."""
        return broker(node_id, "127.0.0.1", self.port)


@asynccontextmanager
async def lying(
    lies: Mapping[int, Answer] | None = None, *, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[LyingServer]:
    """A running server; its connections end with the block."""
    liar = LyingServer(lies or {})
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await liar.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024, ssl=tls)
    liar.port = server.sockets[0].getsockname()[1]
    try:
        yield liar
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def with_brokers(*entries: bytes) -> dict[int, Answer]:
    """Metadata of this server itself and more brokers."""
    return {METADATA: lambda liar, _: metadata(array([liar.itself(), *entries]), array([]))}


def with_topics(topics: bytes) -> dict[int, Answer]:
    """Metadata of this server itself and these topics."""
    return {METADATA: lambda liar, _: metadata(array([liar.itself()]), topics)}


def scram(rounds: int) -> dict[int, Answer]:
    """A login by SCRAM that wants so many rounds."""

    def authenticate(_: LyingServer, body: bytes) -> bytes:
        nonce = body[4:].partition(b",r=")[2].decode()
        first = f"r={nonce}x,s=c2FsdA==,i={rounds}".encode()
        return struct.pack(">hhi", 0, -1, len(first)) + first

    return {
        HANDSHAKE: lambda *_: struct.pack(">h", 0) + array([text("SCRAM-SHA-256")]),
        AUTHENTICATE: authenticate,
    }


def crowd(count: int, partitions_of: int = 0) -> dict[int, Answer]:
    """So many brokers, all of them this server."""
    topics = array([topic("t", array(partition(number, number % count) for number in range(partitions_of)))])

    def answer(liar: LyingServer, _: bytes) -> bytes:
        return metadata(array(liar.itself(node_id) for node_id in range(count)), topics)

    return {METADATA: answer}


def dense(size: int) -> bytes:
    """Groups of five bytes or so each, as many as fit."""
    return struct.pack(">ihi", 0, 0, size // 16) + b"".join(
        text(f"g{number:07}") + text("cons") for number in range(size // 16)
    )


def one_group(*, members: bytes = b"", commits: bytes = b"") -> dict[int, Answer]:
    """A topic with one partition and one group, whose members and commits are these arrays."""
    listed = struct.pack(">ih", 0, 0) + array([text("g") + text("consumer")])
    described = text("g") + text("Stable") + text("consumer") + text("range") + (members or array([]))
    return with_topics(array([topic("t", array([partition(0)]))])) | {
        LIST_GROUPS: lambda *_: listed,
        DESCRIBE: lambda *_: struct.pack(">i", 0) + array([struct.pack(">h", 0) + described]),
        COMMITS: lambda *_: struct.pack(">i", 0) + (commits or array([])) + struct.pack(">h", 0),
    }


def member(assignment: bytes) -> bytes:
    """A member of a classic group, with nothing but an assignment."""
    return text("m") + text("") + text("") + struct.pack(">ii", 0, len(assignment)) + assignment


def owning(partitions: int) -> bytes:
    """The assignment of so many partitions of one topic."""
    numbers = struct.pack(f">{partitions}i", *range(partitions))
    return struct.pack(">hi", 0, 1) + text("t") + struct.pack(">i", partitions) + numbers + NULL


def many_members(count: int) -> bytes:
    return struct.pack(">i", count) + member(b"") * count


def many_commits(count: int) -> bytes:
    commit = struct.Struct(">iqhh")
    return array([text("t") + array(commit.pack(number, number, 0, 0) for number in range(count))])


def records(data: bytes) -> dict[int, Answer]:
    """A topic whose one partition is answered with these bytes, whatever was asked for."""

    def ends(_: LyingServer, body: bytes) -> bytes:
        latest = body.endswith(struct.pack(">q", -1))
        told = struct.pack(">ihqqi", 0, 0, -1, 10_000_000 if latest else 0, 0)
        return struct.pack(">i", 0) + array([text("t") + array([told])])

    def fetched(*_: object) -> bytes:
        told = struct.pack(">ihqq", 0, 0, 10_000_000, 10_000_000) + NULL + struct.pack(">i", len(data)) + data
        return struct.pack(">i", 0) + array([text("t") + array([told])])

    return with_topics(array([topic("t", array([partition(0)]))])) | {LIST_OFFSETS: ends, FETCH: fetched}


def batch_of_many(count: int, codec: int) -> bytes:
    """A batch of so many empty records; `codec` 4 is zstd, which makes very little of them."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=0, producer_id=-1, producer_epoch=-1,
        base_sequence=0, batch_size=1 << 30,
    )  # fmt: skip
    for number in range(count):
        builder.append(number, timestamp=1, key=None, value=b"", headers=[])
    return bytes(builder.build())


def many_batches(size: int) -> bytes:
    """As many batches as fit, each of one record."""
    one = batch_of_many(1, 0)
    return b"".join(struct.pack(">q", 9_000_000 + number) + one[8:] for number in range(size // len(one)))


LIES: dict[str, Callable[[], dict[int, Answer]]] = {
    "honest": dict,
    "port": lambda: with_brokers(broker(1, "127.0.0.1", 70_000), broker(2, "127.0.0.1", -1)),
    "hosts": lambda: with_brokers(
        *(broker(n, host, 9092) for n, host in enumerate(("a..b", "x" * 70, "\0"), 1))
    ),
    "partition": lambda: with_topics(array([topic("t", array([partition(0), partition(2**31 - 1)]))])),
    "null-brokers": lambda: {METADATA: lambda *_: metadata(NULL, array([]))},
    "null-topics": lambda: with_topics(NULL),
    "null-partitions": lambda: with_topics(array([topic("t", NULL)])),
    "endless-metadata": lambda: {METADATA: lambda *_: ENDLESS},
    "endless-groups": lambda: {LIST_GROUPS: lambda *_: ENDLESS},
    "brokers-900": lambda: crowd(900, 1_800),
    "names-900": lambda: with_brokers(
        *(broker(number, f"b{number}.invalid", 9092) for number in range(1, 900))
    ),
    "silent-900": lambda: crowd(900) | {LIST_GROUPS: lambda *_: SILENCE},
    "brokers-10000": lambda: crowd(10_000),
    "partitions-100000": lambda: crowd(3, 100_000),
    "topics-100000": lambda: with_topics(
        array(topic(f"t{number}", array([partition(0)])) for number in range(100_000))
    ),
    "groups-dense": lambda: {LIST_GROUPS: (lambda data: lambda *_: data)(dense(15 << 20))},
    "groups-50000": lambda: {LIST_GROUPS: (lambda data: lambda *_: data)(dense(50_000 * 16))},
    "scram": lambda: scram(2**31 - 1),
    "members-dense": lambda: one_group(members=many_members(1_000_000)),
    "members-90000": lambda: one_group(members=many_members(90_000)),
    "assigned-dense": lambda: one_group(members=array([member(owning(4_000_000))])),
    "assigned-90000": lambda: one_group(members=array([member(owning(90_000))])),
    "commits-dense": lambda: one_group(commits=many_commits(900_000)),
    "commits-90000": lambda: one_group(commits=many_commits(90_000)),
    "records-bomb": lambda: records(batch_of_many(3_000_000, 4)),
    "records-plain": lambda: records(batch_of_many(3_000_000, 0)),
    "batches-dense": lambda: records(many_batches(30 << 20)),
}


async def _run(lie: str) -> None:
    async with lying(LIES[lie]()) as liar:
        sys.stdout.write(f"{liar.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))

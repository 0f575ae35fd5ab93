"""Sending requests to brokers: each asker has connections of its own, each request a time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from kafkatui.config import Address
from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.partitions import Broker
from kafkatui.errors import ClusterError
from kafkatui.kafka.bounds import SMALL
from kafkatui.kafka.brokers import Brokers
from kafkatui.kafka.faults import NETWORK_FAULTS, UnsupportedError, error_text, kind_of
from kafkatui.kafka.finding import find_again
from kafkatui.kafka.kept import THROTTLE, Kept, Question, fingerprint
from kafkatui.kafka.patches import Connection
from kafkatui.kafka.requests import Api, Build, RawRequest, Request, choose_version

T = TypeVar("T")

MOST_TRIED = 8
"""How many brokers are tried one after the other for a request that any broker can answer."""


class _Link:
    """The connection to one broker, and the lock under which it is opened: each broker has its own, so that
    one that hangs does not delay the others."""

    __slots__ = ("address", "connection", "lock")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.connection: Connection | None = None
        self.address: Address | None = None

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Asker:
    """Sends requests over connections of its own, so that its answers never wait behind those of another
    asker. Made by `Cluster.asker`."""

    def __init__(self, cluster: Brokers, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self._links: dict[int, _Link] = {}
        self._kept = Kept()
        cluster.askers.add(self)

    def another(self, name: str) -> "Asker":
        """A new asker of the same cluster, with connections of its own."""
        return Asker(self.cluster, name)

    async def ask(
        self, node_id: int | None, api: Api, build: Build, *, lowest: int = 0, patience: float | None = None
    ) -> Any:
        """The answer of broker `node_id` as a value of kio; ``None``: of any broker, tried one after the
        other.

        `lowest`: the oldest version of `api` to use. `patience`: seconds for connecting and answering
        together. Raises `ClusterError`, which names the broker.
        """
        return await self.send(node_id, Request(api, build, lowest), patience=patience)

    async def send(
        self,
        node_id: int | None,
        request: Request | RawRequest,
        *,
        patience: float | None = None,
        read: Callable[[int, bytes], Awaitable[Any]] | None = None,
    ) -> Any:
        """Like `ask()`, for a request that is already built. The caller has to check the error codes in the
        answer.

        `read(node_id, data)` makes the returned value from the bytes of an answer; ``None``: they are
        decoded.
        """
        if node_id is not None:
            return await self._send(node_id, request, patience, read)
        for attempt in range(2):
            fault: ClusterError | None = None
            for broker in self.cluster.brokers_to_ask(self._links)[:MOST_TRIED]:
                try:
                    return await self._send(broker.node_id, request, patience, read)
                except UnsupportedError:
                    raise
                except ClusterError as error:
                    fault = error
            if attempt or not await find_again(self.cluster):
                raise fault or ClusterError("no broker is known", FaultKind.UNREACHABLE)
        raise AssertionError("unreachable")

    async def made(
        self,
        node_id: int | None,
        request: Request | RawRequest,
        make: Callable[[Any], Awaitable[T]],
        *,
        patience: float | None = None,
    ) -> T:
        """The value that `make` makes from the answer. If the answer has the same bytes as the newest one to
        the same question, the same object is returned again: nothing is decoded, and `make` is not called.

        So `make` must use only the answer and the fields of the request, and must not return ``None``.
        """

        async def read(broker: int, data: bytes) -> Any:
            question = Question(broker, request.api, request.version, fingerprint(request.body))
            answer_hash = fingerprint(memoryview(data)[THROTTLE:] if request.throttled else data)
            found = self._kept.get(question, answer_hash)
            if found is None:
                found = await make(await _decoded(request, data))
                self._kept.keep(question, answer_hash, found)
            return found

        found: T = await self.send(node_id, request, patience=patience, read=read)
        return found

    async def version(self, node_id: int, api: Api) -> int:
        """The newest version of `api` that both the broker and this program support. Raises
        `ClusterError`."""
        limit = self.cluster.config.request_timeout
        broker = self.cluster.broker(node_id)
        try:
            async with asyncio.timeout(limit):
                connection, _ = await self._connection(broker)
            return choose_version(api, connection.versions)
        except UnsupportedError as error:
            raise UnsupportedError(f"{_named(broker)} {error}") from error
        except NETWORK_FAULTS as error:
            self.cluster.failed(node_id)
            raise ClusterError(f"{_named(broker)}: {error_text(error)}", kind_of(error)) from error

    def close(self) -> None:
        """Close all connections at once, without waiting."""
        for link in self._links.values():
            link.drop()
        self._links.clear()
        self.cluster.askers.discard(self)

    async def __aenter__(self) -> "Asker":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def _send(
        self,
        node_id: int,
        request: Request | RawRequest,
        patience: float | None,
        read: Callable[[int, bytes], Awaitable[Any]] | None,
    ) -> Any:
        broker = self.cluster.broker(node_id)
        limit = self.cluster.config.request_timeout if patience is None else patience
        while True:
            fresh, connection = True, None
            try:
                async with asyncio.timeout(limit):
                    connection, fresh = await self._connection(broker)
                    data = await connection.send(request)
                answer = await (_decoded(request, data) if read is None else read(node_id, data))
            except UnsupportedError as error:
                raise UnsupportedError(f"{_named(broker)} {error}") from error
            except ClusterError as error:
                raise ClusterError(f"{_named(broker)}: {error}", error.kind) from error
            except NETWORK_FAULTS as error:
                if connection is not None:
                    connection.close()
                if not fresh and not isinstance(error, TimeoutError):
                    continue  # it was closed while idle (or the broker restarted): try a new connection
                self.cluster.failed(node_id)
                raise ClusterError(f"{_named(broker)}: {error_text(error)}", kind_of(error)) from error
            self.cluster.succeeded(node_id)
            return answer

    async def _connection(self, broker: Broker) -> tuple[Connection, bool]:
        """The connection to `broker`, and whether it was opened now."""
        link = self._links.setdefault(broker.node_id, _Link())
        address = Address(broker.host, broker.port)
        async with link.lock:
            if link.connection is not None and link.connection.connected() and link.address == address:
                return link.connection, False
            link.drop()
            link.address = address
            link.connection = self.cluster.take_spare(broker) or await self.cluster.open(address)
            if self._links.get(broker.node_id) is not link:  # the asker was closed meanwhile
                link.drop()
                raise ClusterError("closed")
            return link.connection, True


async def _decoded(request: Request | RawRequest, data: bytes) -> Any:
    """The decoded answer; a large one is decoded in a thread."""
    return request.decode(data) if len(data) < SMALL else await asyncio.to_thread(request.decode, data)


def _named(broker: Broker) -> str:
    return f"broker {broker.node_id} at {Address(broker.host, broker.port)}"

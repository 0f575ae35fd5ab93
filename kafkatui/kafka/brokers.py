"""The brokers of a cluster: their addresses, the connections to them, and the facts all askers share."""

import asyncio
import resource
import weakref
from collections.abc import Callable, Container
from time import monotonic
from typing import Any, Protocol, Self

from kafkatui.config import Address, Config
from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.partitions import Broker, Topic
from kafkatui.errors import ClusterError
from kafkatui.kafka.bounds import MOST_BROKERS, NonsenseError, address_fault
from kafkatui.kafka.codecs import bound_unpacking
from kafkatui.kafka.faults import NETWORK_FAULTS
from kafkatui.kafka.patches import NO_ANSWER, Connection, Room, Tally, guard_logs
from kafkatui.kafka.security import connection_settings

AVOIDED = 10.0
"""Seconds for which a broker that did not answer is asked only after all others."""

MOST_CONNECTIONS = 256
"""Connections to all brokers together; before another is opened, the one idle for the longest is closed."""
MOST_OPENING = 64
"""How many connections may be opened and logged in at the same time."""


class Closable(Protocol):
    """An object that has connections of its own and can close them at once."""

    def close(self) -> None:
        """Close the connections without waiting for anything."""


class Brokers:
    """The owner of every connection to a cluster; it opens a connection when an asker needs it.

    Leaving its block closes every connection at once and waits for no broker, as one may hang.
    """

    def __init__(self, config: Config) -> None:
        """Opens nothing. Raises `UsageError` for certificates and keys that cannot be used."""
        guard_logs()
        bound_unpacking()
        self.config = config
        self.settings = connection_settings(config)
        """Arguments of a connection, and of aiokafka's own clients. They hold the password: never log
        them."""
        self.brokers: dict[int, Broker] = {}
        """By node id: the brokers of the newest Metadata answer."""
        self.cluster_id: str | None = None
        self.controller: int | None = None
        """Node id of the controller by the newest Metadata answer, in a cluster with ZooKeeper; in a cluster
        without ZooKeeper Metadata names any broker. ``None``: there is none."""
        self.on_other_cluster: Callable[[str], None] | None = None
        """Called once, with the new cluster id, when another cluster answers at the same addresses: all that
        is known belongs to the old cluster. ``None``: nobody wants to know."""
        self.version: str | None = None
        """The Kafka release of the cluster's finalized ``metadata.version``, e.g. ``4.1``; ``4.3+`` for one
        this program does not know yet; ``None``: the brokers report no such feature. Source: ApiVersions."""
        self.topics: dict[str, Topic] = {}
        """By name: each topic as the newest Metadata answer has it, for all askers; see
        `kafkatui.kafka.topics`."""
        self.coordinators: dict[str, int] = {}
        """By group: the node id of its coordinator; removed when that broker answers NOT_COORDINATOR."""
        self._tally = Tally()
        self._room = Room()
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._connecting = 0
        self._most_connections = _most_connections()
        self._opening = asyncio.Semaphore(MOST_OPENING)
        self.askers: set[Closable] = set()
        """The askers that are not closed yet."""
        self._spares: dict[int, Connection] = {}
        self._failed: dict[int, float] = {}
        self.searching = asyncio.Lock()
        """Held while the configured addresses are asked again for the brokers."""
        self.searched_at = float("-inf")
        """Monotonic seconds: when such a search ended last."""
        self._open = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @property
    def requests(self) -> int:
        """How many requests were sent so far, those of connecting and logging in included."""
        return self._tally.requests

    @property
    def bytes(self) -> int:
        """Bytes of requests and answers so far, before TLS."""
        return self._tally.bytes

    def close(self) -> None:
        """Close every connection at once."""
        self._open = False
        for asker in list(self.askers):
            asker.close()
        for connection in self._spares.values():
            connection.close()
        self._spares.clear()

    async def open(self, address: Address) -> Connection:
        """A new connection, logged in. Raises any of `NETWORK_FAULTS`, or `ClusterError`."""
        if not self._open:
            raise ClusterError("closed")
        if fault := address_fault(address):
            raise NonsenseError(f"cannot be reached: {fault}")
        connection = Connection(
            address.host,
            address.port,
            tally=self._tally,
            room=self._room,
            request_timeout_ms=120_000,
            **self.settings,
        )
        try:
            async with asyncio.timeout(self.config.request_timeout), self._opening:
                self._leave_room_for_one()
                self._connections.add(connection)
                self._connecting += 1
                try:
                    await connection.connect()
                finally:
                    self._connecting -= 1
        except BaseException as error:
            connection.close()
            # an untrusted certificate is a ValueError, too
            if isinstance(error, NO_ANSWER) and not isinstance(error, NETWORK_FAULTS):
                raise ClusterError("the login failed: the broker's answer makes no sense") from error
            raise
        return connection

    def _leave_room_for_one(self) -> None:
        """Close the connection that is idle for the longest time, if the most connections are open. Raises
        `ClusterError` where every connection waits for an answer."""
        if len(self._connections) < self._most_connections:
            return
        there = [connection for connection in self._connections if connection.connected()]
        if len(there) + self._connecting < self._most_connections:
            return
        idle = min(
            (connection for connection in there if not connection.busy),
            key=lambda connection: connection.used_at,
            default=None,
        )
        if idle is None:
            raise ClusterError(f"{len(there)} connections are in use, which is as many as may be")
        idle.close()

    def keep_spare(self, node_id: int, connection: Connection) -> None:
        """Keep an open connection to that broker for the asker that asks it first."""
        old = self._spares.pop(node_id, None)
        if old is not None:
            old.close()
        self._spares[node_id] = connection

    def spared(self, connection: Connection) -> bool:
        """Whether `keep_spare` keeps that connection."""
        return connection in self._spares.values()

    def take_spare(self, broker: Broker) -> Connection | None:
        """The connection to `broker` that `keep_spare` kept; ``None``: there is none that can be used."""
        connection = self._spares.pop(broker.node_id, None)
        if connection is None or not connection.connected():
            return None
        if (connection.host, connection.port) != (broker.host, broker.port):
            connection.close()
            return None
        return connection

    def broker(self, node_id: int) -> Broker:
        """The broker with that node id, and its address. Raises `ClusterError` where Metadata does not list
        it."""
        try:
            return self.brokers[node_id]
        except KeyError:
            raise ClusterError(f"broker {node_id} is not there", FaultKind.UNREACHABLE) from None

    def brokers_to_ask(self, preferred: Container[int] = ()) -> list[Broker]:
        """All brokers in the order to ask them: those that failed lately come last, those in `preferred`
        (node ids with an open connection) first."""
        late = monotonic() - AVOIDED
        return sorted(
            self.brokers.values(),
            key=lambda broker: (
                self._failed.get(broker.node_id, 0.0) > late, broker.node_id not in preferred, broker.node_id,
            ),
        )  # fmt: skip

    def failed(self, node_id: int) -> None:
        """Note that a broker did not answer: for `AVOIDED` seconds the others are asked first."""
        self._failed[node_id] = monotonic()

    def succeeded(self, node_id: int) -> None:
        """Note that a broker answered."""
        self._failed.pop(node_id, None)

    def learn_brokers(self, answer: Any) -> None:
        """Store the brokers and the cluster id of a Metadata answer; an answer without brokers keeps the old
        ones.

        Raises `NonsenseError` for too many brokers, `OtherClusterError` for the answer of another cluster.
        """
        answered_id = getattr(answer, "cluster_id", None)
        if answered_id and self.cluster_id and answered_id != self.cluster_id:
            if (on_other_cluster := self.on_other_cluster) is not None:
                self.on_other_cluster = None
                on_other_cluster(answered_id)
            raise OtherClusterError(self.cluster_id, answered_id)
        if len(answer.brokers) > MOST_BROKERS:
            raise NonsenseError(
                f"it lists {len(answer.brokers):,} brokers, kafkatui follows {MOST_BROKERS:,} at most"
            )
        brokers = {
            int(broker.node_id): Broker(int(broker.node_id), broker.host, int(broker.port), broker.rack)
            for broker in answer.brokers
        }
        if brokers:
            self.brokers = brokers
        self.cluster_id = answered_id or self.cluster_id
        self.controller = int(answer.controller_id) if getattr(answer, "controller_id", -1) >= 0 else None


class OtherClusterError(ClusterError):
    """The cluster that answers has another id than the one that answered before."""

    def __init__(self, known: str, answered_id: str) -> None:
        super().__init__(f"another cluster answers there: its id is {answered_id}, and was {known}")


def _most_connections() -> int:
    """How many connections may be open: half of the files this process may open (on macOS often 256, on Linux
    1024), at most `MOST_CONNECTIONS`."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(MOST_CONNECTIONS, soft // 2), 8)

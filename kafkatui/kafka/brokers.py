"""The brokers of a cluster: where they are, the connections to them, and what all askers know of it."""

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

SULK = 10.0
"""Seconds for which a broker that did not answer is asked last."""

MOST_CONNECTIONS = 256
"""Connections to all brokers together; for one more, the one idle for the longest time is closed."""
MOST_OPENING = 64
"""Connections that are made, and logged in, at the same time."""


class Closable(Protocol):
    """What holds connections of its own and can close them at once."""

    def close(self) -> None:
        """Close them, waiting for nobody."""


class Brokers:
    """The owner of every connection to a cluster; it opens one where somebody asks for it.

    Leaving its block closes every connection at once; nothing is waited for, so a broker that hangs holds up
    nobody.
    """

    def __init__(self, config: Config) -> None:
        """Raises `UsageError` for certificates and keys that cannot be used."""
        guard_logs()
        bound_unpacking()
        self.config = config
        self.settings = connection_settings(config)
        """What aiokafka's own clients take as well. Holds the password: not to be logged."""
        self.brokers: dict[int, Broker] = {}
        """By node id, as Metadata said last."""
        self.cluster_id: str | None = None
        self.on_other: Callable[[str], None] | None = None
        """Called once, with its id, where another cluster answers: nothing known of the one before is true
        of it."""
        self.version: str | None = None
        """Release whose metadata version is finalized, e.g. ``4.1``, or ``4.3+`` for one newer than this
        program; ``None``: not told."""
        self.topics: dict[str, Topic] = {}
        """What Metadata said last of each topic, for all askers; see `kafkatui.kafka.topics`."""
        self.coordinators: dict[str, int] = {}
        """Group coordinators, by group; dropped where one answers that it is not."""
        self._tally = Tally()
        self._room = Room()
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._connecting = 0
        self._most_connections = _most_connections()
        self._opening = asyncio.Semaphore(MOST_OPENING)
        self.askers: set[Closable] = set()
        """Those that are not closed yet."""
        self._spares: dict[int, Connection] = {}
        self._failed: dict[int, float] = {}
        self.searching = asyncio.Lock()
        """Held while the configured addresses are asked anew."""
        self.searched_at = float("-inf")
        """Monotonic seconds of the end of the last such search."""
        self._open = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @property
    def requests(self) -> int:
        """Requests sent so far, connecting and logging in included."""
        return self._tally.requests

    @property
    def bytes(self) -> int:
        """Bytes asked and answered so far, before TLS."""
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
        """A new connection, ready to be asked. Raises any of `NETWORK_FAULTS`, or `ClusterError`."""
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
        """Close the connection that is idle for the longest time, where there are as many as may be."""
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
        """Whether that connection is kept for an asker."""
        return connection in self._spares.values()

    def take_spare(self, broker: Broker) -> Connection | None:
        """A connection that finding the cluster left open."""
        connection = self._spares.pop(broker.node_id, None)
        if connection is None or not connection.connected():
            return None
        if (connection.host, connection.port) != (broker.host, broker.port):
            connection.close()
            return None
        return connection

    def broker(self, node_id: int) -> Broker:
        """Where that broker is. Raises `ClusterError` where the cluster does not list it."""
        try:
            return self.brokers[node_id]
        except KeyError:
            raise ClusterError(f"broker {node_id} is not there", FaultKind.UNREACHABLE) from None

    def brokers_to_ask(self, preferred: Container[int] = ()) -> list[Broker]:
        """All brokers: those that failed lately last, those of `preferred` (connections there are) first."""
        late = monotonic() - SULK
        return sorted(
            self.brokers.values(),
            key=lambda broker: (
                self._failed.get(broker.node_id, 0.0) > late, broker.node_id not in preferred, broker.node_id,
            ),
        )  # fmt: skip

    def failed(self, node_id: int) -> None:
        """A broker did not answer: others are asked first for a while."""
        self._failed[node_id] = monotonic()

    def succeeded(self, node_id: int) -> None:
        """A broker answered."""
        self._failed.pop(node_id, None)

    def learn_brokers(self, answer: Any) -> None:
        """Take over the brokers of a Metadata answer; an answer that names none changes nothing.

        Raises `NonsenseError` where there are too many, `OtherClusterError` where it is another cluster's.
        """
        told = getattr(answer, "cluster_id", None)
        if told and self.cluster_id and told != self.cluster_id:
            if (on_other := self.on_other) is not None:
                self.on_other = None
                on_other(told)
            raise OtherClusterError(self.cluster_id, told)
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
        self.cluster_id = told or self.cluster_id


class OtherClusterError(ClusterError):
    """Another cluster answers where one was known."""

    def __init__(self, known: str, told: str) -> None:
        super().__init__(f"another cluster answers there: its id is {told}, and was {known}")


def _most_connections() -> int:
    """A part of the files this process may open: on macOS often 256, on Linux 1024."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(MOST_CONNECTIONS, soft // 2), 8)

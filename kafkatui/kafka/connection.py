"""The cluster: where its brokers are, and the owner of every connection to them."""

import asyncio
import resource
import weakref
from collections.abc import Callable, Container, Mapping
from time import monotonic
from typing import Any, Self

from kafkatui.config import Address, Config
from kafkatui.domain.cluster.partitions import Broker, Topic
from kafkatui.domain.cluster.releases import release_of
from kafkatui.errors import ClusterError
from kafkatui.kafka.bounds import MOST_BROKERS, NonsenseError, address_fault
from kafkatui.kafka.codecs import bound_unpacking
from kafkatui.kafka.faults import NETWORK_FAULTS, UnsupportedError, words
from kafkatui.kafka.patches import NO_ANSWER, Connection, Room, Tally, guard_logs
from kafkatui.kafka.requests import Api, Asker, Build, Request, make
from kafkatui.kafka.security import connection_settings

SULK = 10.0
"""Seconds for which a broker that did not answer is asked last."""

MOST_CONNECTIONS = 256
"""Connections to all brokers together; for one more, the one idle for the longest time is closed."""
MOST_OPENING = 64
"""Connections that are made, and logged in, at the same time."""
MOST_NAMED = 3
"""Addresses in one sentence."""

STAGGER = 0.25
"""Seconds between the starts of two tries at bootstrap addresses; the first to answer wins."""


class Cluster:
    """A Kafka cluster as one starting point for questions; opens nothing before `connect()`.

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
        self._askers: set[Asker] = set()
        self._spares: dict[int, Connection] = {}
        self._failed: dict[int, float] = {}
        self._searching = asyncio.Lock()
        self._searched = float("-inf")
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

    def asker(self, name: str) -> Asker:
        """Somebody to ask through, with connections of its own; closed with the cluster, or before."""
        asker = Asker(self, name)
        self._askers.add(asker)
        return asker

    async def connect(self) -> None:
        """Find the cluster at the configured addresses, and make sure that its brokers can be reached.

        Raises `kafkatui.kafka.diagnosis.ConnectError`, which says what was tried and why it failed.
        """
        from kafkatui.kafka.diagnosis import ConnectError, diagnose  # only who fails waits for it

        faults = await self._find()
        if faults is not None:
            attempts = await asyncio.gather(
                *(diagnose(self.config, address, fault) for address, fault in faults.items())
            )
            raise ConnectError(self.config, tuple(attempt for several in attempts for attempt in several))

    async def find_again(self) -> bool:
        """Ask the configured addresses anew, where no known broker answers; not too often. ``False``: in
        vain."""
        async with self._searching:
            if monotonic() - self._searched < SULK / 2:
                return False
            try:
                return await self._find() is None
            finally:
                self._searched = monotonic()

    def close(self) -> None:
        """Close every connection at once."""
        self._open = False
        for asker in list(self._askers):
            asker.close()
        for connection in self._spares.values():
            connection.close()
        self._spares.clear()

    # What askers make use of.

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
            raise ClusterError(f"broker {node_id} is not there") from None

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

    def forget(self, asker: Asker) -> None:
        """An asker has closed."""
        self._askers.discard(asker)

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

    # Finding the cluster.

    async def _find(self) -> dict[Address, BaseException] | None:
        """Ask the bootstrap addresses, each a little after the one before, until one answers; else all
        faults."""
        addresses = self.config.addresses
        tasks = {
            asyncio.create_task(self._ask_address(address, STAGGER * number)): address
            for number, address in enumerate(addresses)
        }
        faults: dict[Address, BaseException] = {}
        try:
            pending = set(tasks)
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    error = task.exception()
                    if error is None:
                        return None
                    if not isinstance(error, (*NETWORK_FAULTS, ClusterError)):
                        raise error
                    faults[tasks[task]] = error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return {address: faults[address] for address in addresses}

    async def _ask_address(self, address: Address, delay: float) -> None:
        await asyncio.sleep(delay)
        connection = await self.open(address)
        kept = False
        try:
            answer = await self._ask(connection, Api.METADATA, brokers_only, lowest=1)
            version = await self._release(connection)
            self.learn_brokers(answer)
            self.version = version or self.version
            same = next((b for b in self.brokers.values() if (b.host, b.port) == address), None)
            if same is not None:
                kept = self._keep(same.node_id, connection)
            else:
                await self._reach_one()
        finally:
            if not kept:
                connection.close()

    async def _ask(self, connection: Connection, api: Api, build: Build, *, lowest: int = 0) -> Any:
        request = Request(api, build, lowest)
        async with asyncio.timeout(self.config.request_timeout):
            return request.decode(await connection.send(request))

    async def _release(self, connection: Connection) -> str | None:
        try:
            answer = await self._ask(connection, Api.API_VERSIONS, _who_asks, lowest=3)
        except UnsupportedError:
            return None
        levels = {feature.name: feature.max_version_level for feature in answer.finalized_features}
        level = levels.get("metadata.version")
        return None if level is None else release_of(level)

    async def _reach_one(self) -> None:
        """Connect to one of the brokers where they say they are; raises `AdvertisedError` where none is."""
        tasks = {
            asyncio.create_task(self.open(Address(broker.host, broker.port))): broker
            for broker in self.brokers.values()
        }
        faults: dict[Address, str] = {}
        reached = False
        try:
            for_all = set(tasks)
            while for_all and not reached:
                done, for_all = await asyncio.wait(for_all, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    broker = tasks[task]
                    error = task.exception()
                    if error is None:
                        reached = self._keep(broker.node_id, task.result())
                    elif isinstance(error, (*NETWORK_FAULTS, ClusterError)):
                        faults[Address(broker.host, broker.port)] = words(error)
                    else:
                        raise error
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Connection) and result not in self._spares.values():
                    result.close()
        if not reached:
            raise AdvertisedError(faults)

    def _keep(self, node_id: int, connection: Connection) -> bool:
        old = self._spares.pop(node_id, None)
        if old is not None:
            old.close()
        self._spares[node_id] = connection
        return True


class OtherClusterError(ClusterError):
    """Another cluster answers where one was known."""

    def __init__(self, known: str, told: str) -> None:
        super().__init__(f"another cluster answers there: its id is {told}, and was {known}")


class AdvertisedError(ClusterError):
    """A broker answered, but none can be reached where the cluster says its brokers are."""

    def __init__(self, faults: Mapping[Address, str]) -> None:
        self.faults = faults
        """By advertised address: why it cannot be reached."""
        named = ", ".join(str(address) for address in list(faults)[:MOST_NAMED]) or "no broker at all"
        if len(faults) > MOST_NAMED:
            named += f" and {len(faults) - MOST_NAMED:,} more"
        why = next(iter(faults.values()), "")
        super().__init__(
            f"answers, but advertises {named}, which cannot be reached from here"
            + (f": {why}" if why else "")
        )


def _most_connections() -> int:
    """A part of the files this process may open: on macOS often 256, on Linux 1024."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(MOST_CONNECTIONS, soft // 2), 8)


def brokers_only(module: Any, version: int) -> Any:
    """Builds a request for Metadata of no topic."""
    return make(
        module.MetadataRequest,
        topics=(),
        allow_auto_topic_creation=False,
        include_cluster_authorized_operations=False,
        include_topic_authorized_operations=False,
    )


def _who_asks(module: Any, version: int) -> Any:
    return module.ApiVersionsRequest(client_software_name="kafkatui", client_software_version="1")

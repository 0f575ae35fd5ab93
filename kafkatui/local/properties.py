"""The text of a node's ``server.properties`` and of the other files it needs before its start; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CONTROLLER = 100
"""Node id of the controller process of a cluster of three brokers."""

LAB_PROPERTIES: Mapping[str, object] = {
    "auto.create.topics.enable": "false",  # a typing error must not make a topic
    "group.initial.rebalance.delay.ms": 0,  # else the first join of each group takes 3 s
    "group.min.session.timeout.ms": 1000,
    "group.consumer.min.heartbeat.interval.ms": 500,
    "group.consumer.heartbeat.interval.ms": 1000,
    "group.consumer.min.session.timeout.ms": 3000,
    "group.consumer.session.timeout.ms": 6000,
    "offsets.topic.num.partitions": 3,
    "transaction.state.log.num.partitions": 3,
    "transaction.state.log.min.isr": 1,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
    "share.coordinator.state.topic.num.partitions": 3,
    "share.coordinator.state.topic.min.isr": 1,
    "log.retention.check.interval.ms": 1000,
    "log.initial.task.delay.ms": 1000,
    "log.segment.delete.delay.ms": 1000,
    "log.cleaner.backoff.ms": 1000,
    "log.cleaner.dedupe.buffer.size": 2097152,  # the default does not suit a heap of 256 MB
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    "replica.lag.time.max.ms": 3000,
    "leader.imbalance.check.interval.seconds": 5,
    "unclean.leader.election.interval.ms": 1000,  # how soon a topic that now allows it gets a stale leader
}
"""Shorter times than Kafka's defaults, so that events which take minutes by default are seen in seconds."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A name, the protocol behind it and the port on the loopback interface."""

    name: str
    protocol: str
    port: int
    advertised: str | None = None
    """The ``host:port`` it advertises to clients; ``None``: the address where it listens."""

    @property
    def address(self) -> str:
        """``host:port`` where it listens."""
        return f"127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Node:
    """One process of the cluster."""

    node_id: int
    roles: tuple[str, ...]
    listeners: tuple[Listener, ...]
    """The listeners of a broker; the first is for the traffic between brokers. Empty for a controller."""
    controller_port: int
    """The port of the cluster's one controller, which may be this node or another."""
    brokers: int = 1
    """How many brokers the cluster has: the replication factor of the internal topics."""
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def heap(self) -> str:
        """``-Xmx`` of the process."""
        return "256m" if "broker" in self.roles else "128m"

    @property
    def name(self) -> str:
        """``broker-1`` or ``controller-100``."""
        return f"{'broker' if 'broker' in self.roles else 'controller'}-{self.node_id}"


def server_properties(node: Node, controller_id: int, log_directory: str) -> str:
    """The file's text; ``node.overrides`` win over everything."""
    controls = "controller" in node.roles
    bound = [f"{listener.name}://{listener.address}" for listener in node.listeners]
    advertised = [
        f"{listener.name}://{listener.advertised or listener.address}" for listener in node.listeners
    ]
    protocols = [f"{listener.name}:{listener.protocol}" for listener in node.listeners]
    controller = f"CONTROLLER://127.0.0.1:{node.controller_port}"
    settings: dict[str, object] = {
        "process.roles": ",".join(node.roles),
        "node.id": node.node_id,
        "controller.quorum.voters": f"{controller_id}@127.0.0.1:{node.controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": ",".join([*bound, controller] if controls else bound),
        "listener.security.protocol.map": ",".join([*protocols, "CONTROLLER:PLAINTEXT"]),
        "log.dirs": log_directory,
        "offsets.topic.replication.factor": node.brokers,
        "transaction.state.log.replication.factor": node.brokers,
        "share.coordinator.state.topic.replication.factor": node.brokers,
        "default.replication.factor": node.brokers,
    }
    if node.listeners:
        settings["advertised.listeners"] = ",".join(advertised)
        settings["inter.broker.listener.name"] = node.listeners[0].name
    settings |= {**LAB_PROPERTIES, **node.overrides}
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def meta_properties(node_id: int, cluster_id: str, directory_id: str) -> str:
    """The file by which a broker knows its own log directory, as ``kafka-storage format`` writes it."""
    return f"version=1\nnode.id={node_id}\ncluster.id={cluster_id}\ndirectory.id={directory_id}\n"


LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""
"""log4j2's configuration, for a Kafka of ``KAFKA_HOME``: warnings go to standard output."""

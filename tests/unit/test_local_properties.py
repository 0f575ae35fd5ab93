"""The text of ``server.properties``."""

from kafkatui.local.properties import CONTROLLER, Listener, Node, meta_properties, server_properties

PLAIN = Listener("PLAINTEXT", "PLAINTEXT", 20001)
SECURE = Listener("SECURE", "SASL_SSL", 20002)


def parsed(node: Node, controller: int = 1) -> dict[str, str]:
    text = server_properties(node, controller, "/data")
    return dict(line.split("=", 1) for line in text.splitlines())


def test_one_node_is_broker_and_controller() -> None:
    found = parsed(Node(1, ("broker", "controller"), (PLAIN,), 20009))
    assert found["process.roles"] == "broker,controller"
    assert found["listeners"] == "PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20009"
    assert found["advertised.listeners"] == "PLAINTEXT://127.0.0.1:20001"
    assert found["controller.quorum.voters"] == "1@127.0.0.1:20009"
    assert found["offsets.topic.replication.factor"] == "1"
    assert found["auto.create.topics.enable"] == "false"
    assert found["group.initial.rebalance.delay.ms"] == "0"
    assert found["log.dirs"] == "/data"


def test_one_of_three_brokers_asks_the_controller_of_its_own() -> None:
    node = Node(2, ("broker",), (PLAIN,), 20009, brokers=3)
    found = parsed(node, CONTROLLER)
    assert found["listeners"] == "PLAINTEXT://127.0.0.1:20001"
    assert found["controller.quorum.voters"] == "100@127.0.0.1:20009"
    assert found["offsets.topic.replication.factor"] == "3"
    assert (node.heap, node.name) == ("256m", "broker-2")


def test_a_controller_of_its_own_advertises_nothing() -> None:
    node = Node(CONTROLLER, ("controller",), (), 20009, brokers=3)
    found = parsed(node, CONTROLLER)
    assert found["listeners"] == "CONTROLLER://127.0.0.1:20009"
    assert "advertised.listeners" not in found
    assert (node.heap, node.name) == ("128m", "controller-100")


def test_more_listeners_and_overrides() -> None:
    overrides = {"auto.create.topics.enable": "true", "sasl.enabled.mechanisms": "SCRAM-SHA-512"}
    found = parsed(Node(1, ("broker", "controller"), (PLAIN, SECURE), 20009, 1, overrides))
    assert found["listeners"].split(",")[1] == "SECURE://127.0.0.1:20002"
    assert found["listener.security.protocol.map"] == (
        "PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT"
    )
    assert found["inter.broker.listener.name"] == "PLAINTEXT"
    assert found["auto.create.topics.enable"] == "true"
    assert found["sasl.enabled.mechanisms"] == "SCRAM-SHA-512"


def test_meta_properties_name_the_node_the_cluster_and_the_directory() -> None:
    assert meta_properties(3, "cluster", "directory").splitlines() == [
        "version=1",
        "node.id=3",
        "cluster.id=cluster",
        "directory.id=directory",
    ]
